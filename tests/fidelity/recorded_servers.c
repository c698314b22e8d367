/* Prints how close the model is to recorded runs of real servers, cell by cell, and exits non-zero when a
 * cell is out of its bounds. usage: recorded_servers SHARED SEEDS */
#include "sim/model.h"
#include "tests/support_recorded.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double gap_of(const struct recorded_cell *cell)
{
    return cell->simulated_hit_ratio.mean - cell->real_hit_ratio.mean;
}

static void print_cell(const struct recorded_cell *cell)
{
    static const enum recorded_counter shown[] = {RECORDED_EVICTED, RECORDED_EXPIRED, RECORDED_OOM};
    const char *verdict = recorded_verdict(cell);

    printf("%-20s %-3.2s %-16s %6.2f %6.2f %+6.3f %.3f ", cell->server, cell->trace, cell->policy,
           cell->real_hit_ratio.mean, cell->simulated_hit_ratio.mean, gap_of(cell),
           recorded_gap_error(cell));
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        printf(" %7.0f %7.0f", cell->real[shown[i]].mean, cell->simulated[shown[i]].mean);
    printf("  %.3f %s\n", cell->curve_error, verdict ? verdict : "");
}

struct summary {
    size_t cells, varying, equal, unequal, above_2, above_3;
    double sum, worst, gap, curve;
    const struct recorded_cell *worst_cell;
    const char *worst_counter;
};

static void add_counter(struct summary *summary, const struct recorded_cell *cell, int counter)
{
    double z = fabs(recorded_z(cell, (enum recorded_counter)counter));

    summary->unequal += isinf(z) != 0;
    summary->equal += isnan(z) != 0;
    if (!isfinite(z))
        return;
    summary->varying++;
    summary->sum += z;
    summary->above_2 += z > 2;
    summary->above_3 += z > 3;
    if (z <= summary->worst)
        return;
    summary->worst = z;
    summary->worst_cell = cell;
    summary->worst_counter = recorded_names[counter];
}

static void add_cell(struct summary *summary, const struct recorded_cell *cell)
{
    summary->cells++;
    summary->gap = fmax(summary->gap, fabs(gap_of(cell)));
    summary->curve = fmax(summary->curve, cell->curve_error);
    for (int c = 0; c < RECORDED_COUNTERS; c++)
        add_counter(summary, cell, c);
}

static void print_server(const char *name, const struct summary *summary)
{
    printf("%-20s %5zu %8.3f %8.3f %8zu %8.2f %4zu %4zu %8zu %9zu  %4.2f ", name, summary->cells,
           summary->gap, summary->curve, summary->varying, summary->sum / (double)summary->varying,
           summary->above_2, summary->above_3, summary->equal, summary->unequal, summary->worst);
    if (summary->worst_cell)
        printf("%s, %.2s, %s", summary->worst_counter, summary->worst_cell->trace,
               summary->worst_cell->policy);
    printf("\n");
}

/* A line per server: how far the counters that vary are off, and how many of those that do not differ. */
static void print_summary(const struct recorded_cell *cells, size_t count)
{
    struct summary all = {0};

    printf("\n%-20s %5s %8s %8s %8s %8s %4s %4s %8s %9s  %s\n", "server", "cells", "gap <=", "curve <=",
           "counters", "mean |z|", "> 2", "> 3", "constant", "different", "largest |z|");
    for (size_t s = 0; s < server_count; s++) {
        struct summary summary = {0};

        for (size_t i = 0; i < count; i++)
            if (!strcmp(cells[i].server, servers[s].name))
                add_cell(&summary, &cells[i]);
        if (summary.cells)
            print_server(servers[s].name, &summary);
    }
    for (size_t i = 0; i < count; i++)
        add_cell(&all, &cells[i]);
    print_server("all", &all);
}

int main(int argc, char **argv)
{
    struct recorded_cell *cells = NULL;
    struct error error = {0};
    size_t count = 0;
    int failed = 0, status;

    if (argc != 3)
        return ERROR_USAGE;
    status = recorded_compare(argv[1], (size_t)atol(argv[2]), &cells, &count, &error);
    if (status) {
        fprintf(stderr, "%s\n", status > 0 ? "skipped: recordings of real servers not found (EVSIM_SHARED)"
                                           : error.text);
        free(cells);
        return status > 0 ? 0 : (int)error.code;
    }
    printf("%-20s %-3s %-16s %6s %6s %6s %-5s  %7s %7s %7s %7s %7s %7s  %s\n", "server", "on", "policy",
           "hit %", "evsim", "gap", "s.e.", "evicted", "evsim", "expired", "evsim", "OOM", "evsim", "curve %");
    for (size_t i = 0; i < count; i++) {
        print_cell(&cells[i]);
        failed += recorded_verdict(&cells[i]) != NULL;
    }
    print_summary(cells, count);
    free(cells);
    return failed ? 1 : 0;
}
