/* Prints how close the model is to recorded runs of real servers, cell by cell, and exits non-zero when a
 * cell is out of its bounds. usage: recorded_servers SHARED SEEDS */
#include "tests/support_recorded.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Mean and largest |z| over the counters that vary, and how many that do not vary differ. */
static void print_summary(const struct recorded_cell *cells, size_t count)
{
    double sum = 0, worst = 0, gap = 0, curve = 0;
    size_t varying = 0, unequal = 0, equal = 0, worst_cell = 0;
    int worst_counter = 0;

    for (size_t i = 0; i < count; i++) {
        gap = fmax(gap, fabs(gap_of(&cells[i])));
        curve = fmax(curve, cells[i].curve_error);
        for (int c = 0; c < RECORDED_COUNTERS; c++) {
            double z = recorded_z(&cells[i], (enum recorded_counter)c);

            unequal += isinf(z) != 0;
            equal += isnan(z) != 0;
            if (!isfinite(z))
                continue;
            sum += fabs(z);
            varying++;
            if (fabs(z) > worst) {
                worst = fabs(z);
                worst_cell = i;
                worst_counter = c;
            }
        }
    }
    printf("\n%zu cells: largest hit-ratio gap %.3f points, largest curve error %.3f %%\n"
           "%zu counters vary: mean |z| %.2f, largest %.2f (%s of %s, %s, %s)\n"
           "%zu counters do not vary between the server's runs: %zu equal, %zu different\n",
           count, gap, curve, varying, sum / (double)varying, worst, recorded_names[worst_counter],
           cells[worst_cell].server, cells[worst_cell].trace, cells[worst_cell].policy,
           equal + unequal, equal, unequal);
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
