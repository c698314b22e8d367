/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recorded_servers: prints how close the model is to recorded runs of real servers: every cell, a line per server, the
 * cells that miss, the differences between builds, and the number of expired keys that linger. It exits non-zero if the
 * two differ by more than chance (support_recorded_bounds.h says what that means, and why a single cell that misses is
 * not enough).
 *
 * usage: recorded_servers SHARED SEEDS [MODEL]    MODEL is what a server is taken for that evsim does not have */
#include "sim/server/registry.h"
#include "tests/support_linger.h"
#include "tests/support_recorded.h"
#include "tests/support_recorded_bounds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_cell(const struct recorded_cell *cell)
{
    static const enum recorded_counter shown[] = {RECORDED_EVICTED, RECORDED_EXPIRED, RECORDED_OOM};
    struct welch gap = recorded_gap(cell);

    printf("%-20s %-3.2s %-16s %6.2f %6.2f %+6.3f %.3f ", cell->server, cell->trace, cell->policy,
           cell->real_hit_ratio.mean, cell->simulated_hit_ratio.mean, gap.difference, gap.standard_error);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        printf(" %7.0f %7.0f", cell->real[shown[i]].mean, cell->simulated[shown[i]].mean);
    printf("  %.3f%s\n", cell->curve_error, recorded_misses(cell) ? " misses" : "");
}

static void print_cells(const struct recorded_cell *cells, size_t count)
{
    printf("%-20s %-3s %-16s %6s %6s %6s %-5s  %7s %7s %7s %7s %7s %7s  %s\n", "server", "on", "policy", "hit %",
           "evsim", "gap", "s.e.", "evicted", "evsim", "expired", "evsim", "OOM", "evsim", "curve %");
    for (size_t i = 0; i < count; i++)
        print_cell(&cells[i]);
}

static void print_server(const char *name, const struct recorded_summary *summary)
{
    printf("%-20s %5zu %6.3f %6zu %6.1f %7.3f %8zu %8.2f %4zu %4zu %5.2f %5.2f %8zu %9zu %9.3f %6.2f  ", name,
           summary->cells, summary->largest_gap, summary->misses, summary->misses_by_chance, summary->largest_curve,
           summary->counters, summary->mean_z, summary->above_2, summary->above_3, summary->largest_z,
           summary->largest_t, summary->equal, summary->unequal, summary->largest_peak, summary->largest_peak_t);
    if (summary->largest_z_cell)
        printf("%s, %.2s, %s", summary->largest_z_counter, summary->largest_z_cell->trace,
               summary->largest_z_cell->policy);
    printf("\n");
}

/* A line per server: how far hit ratios and the counters that vary are off, and how many of those that do not
 * vary differ. */
static void print_summaries(const struct recorded_cell *cells, size_t count)
{
    struct recorded_summary summary;

    printf("\n%-20s %5s %6s %6s %6s %7s %8s %8s %4s %4s %5s %5s %8s %9s %9s %6s  %s\n", "server", "cells",
           "gap <=", "misses", "chance", "curve %", "counters", "mean |z|", "> 2", "> 3", "z <=", "t <=", "constant",
           "different", "peak % <=", "t <=", "largest |z|");
    for (size_t s = 0; s < server_count; s++) {
        summary = recorded_summarize(cells, count, servers[s].name);
        if (summary.cells)
            print_server(servers[s].name, &summary);
    }
    summary = recorded_summarize(cells, count, NULL);
    print_server("all", &summary);
}

static void print_gap(const struct recorded_cell *cell)
{
    struct welch gap = recorded_gap(cell);

    printf("%-20s %-3.2s %-16s %+.3f points, %.3f s.e. of %zu runs and %zu seeds: t %+.2f, %.1f d.f., p %.4f\n",
           cell->server, cell->trace, cell->policy, gap.difference, gap.standard_error, cell->runs, cell->seeds,
           gap.difference / gap.standard_error, gap.freedom, gap.p);
}

static void print_misses(const struct recorded_cell *cells, size_t count)
{
    struct recorded_summary all = recorded_summarize(cells, count, NULL);

    printf("\nhit ratios that miss 0.05 points and two standard errors: %zu of %zu; by chance %.1f, and so many or "
           "more with p %.2f; significant after Holm's correction at 1 %%: %zu\n",
           all.misses, all.cells, all.misses_by_chance, all.misses_tail, all.significant);
    for (size_t i = 0; i < count; i++)
        if (recorded_misses(&cells[i]))
            print_gap(&cells[i]);
    if (all.worst_cell) {
        printf("worst cell:\n");
        print_gap(all.worst_cell);
    }
}

/* ---- the builds' differences ---- */

/* By age; Debian's first 7.0.15 is what the others are compared with. */
static const char *const builds[] = {"redis-7.0.15-debian", "redis-7.0.15",       "redis-7.2.6",
                                     "redis-7.4.1",         "redis-8.0.2-debian", "valkey-8.0.1",
                                     "valkey-8.1.1-debian", "valkey-9.1.2-debian"};

static const struct recorded_cell *find(const struct recorded_cell *cells, size_t count, const char *server,
                                        const char *trace, const char *policy)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(cells[i].server, server) && !strncmp(cells[i].trace, trace, strlen(trace)) &&
            !strcmp(cells[i].policy, policy))
            return &cells[i];
    return NULL;
}

static void print_build(const char *server, const struct recorded_moments *real,
                        const struct recorded_moments *simulated, const struct recorded_moments *first, int digits)
{
    printf("%-20s %10.*f %10.*f %+8.*f %10.*f %10.*f\n", server, digits, real->mean, digits, simulated->mean, digits,
           simulated->mean - real->mean, digits, real->mean - first[0].mean, digits, simulated->mean - first[1].mean);
}

static void print_builds(const struct recorded_cell *cells, size_t count, const char *trace, const char *policy,
                         const char *what, bool ratio)
{
    struct recorded_moments first[2];
    bool found = false;

    printf("\n%.2s, %s: %s, and what it is more than the first row's\n%-20s %10s %10s %8s %10s %10s\n", trace, policy,
           what, "server", "real", "evsim", "gap", "real +", "evsim +");
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        const struct recorded_cell *cell = find(cells, count, builds[i], trace, policy);
        const struct recorded_moments *real, *simulated;

        if (!cell)
            continue;
        real = ratio ? &cell->real_hit_ratio : &cell->real[RECORDED_OOM];
        simulated = ratio ? &cell->simulated_hit_ratio : &cell->simulated[RECORDED_OOM];
        if (!found) {
            first[0] = *real;
            first[1] = *simulated;
        }
        found = true;
        print_build(builds[i], real, simulated, first, ratio ? 2 : 0);
    }
}

/* ---- expired keys that linger ---- */

enum { LINGER_SEEDS = 3, LINGER_ROOM = 32 };

static void print_share(const char *name, uint32_t effort, double real, double simulated, const char *note)
{
    printf("%-20s %6u %6.2f %6.2f %+6.2f%s\n", name, effort, 100 * real, 100 * simulated, 100 * (simulated - real),
           note);
}

/* In real time, where the time limit of the cycle may strike: with the speed that the recording itself shows. */
static void print_lingering_file(const char *shared, const char *name, uint32_t effort)
{
    struct linger_recording recording;
    char path[4096], note[64];

    snprintf(path, sizeof path, "%s/golden/memory/%s.csv", shared, name);
    if (!linger_read(path, &recording))
        return;
    snprintf(note, sizeof note, "  in real time: limited %d times, %ju keys/s", recording.limited,
             (uintmax_t)recording.expirations_per_s);
    print_share(name, effort, recording.share,
                linger_mean(&(struct linger_setup){"redis-7.0.15-debian", effort, recording.expirations_per_s}, 1,
                            LINGER_SEEDS),
                note);
}

static void print_lingering(const char *shared)
{
    struct linger_row rows[LINGER_ROOM];
    int count = linger_read_rows(rows, LINGER_ROOM);

    printf("\nexpired keys among those present, per cent, while 10000 of 200000 expire each second\n"
           "%-20s %6s %6s %6s %6s\n",
           "server", "effort", "real", "evsim", "gap");
    for (int i = 0; i < count; i++)
        print_share(rows[i].server, rows[i].effort, rows[i].share,
                    linger_mean(&(struct linger_setup){rows[i].server, rows[i].effort, 0}, 1, LINGER_SEEDS), "");
    print_lingering_file(shared, "expire_redis7", 1);
    print_lingering_file(shared, "expire_redis7_b", 1);
    print_lingering_file(shared, "expire_redis7_effort10", 10);
}

int main(int argc, char **argv)
{
    struct recorded_cell *cells = NULL;
    struct recorded_summary all;
    struct error error = {0};
    size_t count = 0;
    const char *complaint;
    int status;

    if (argc < 3 || argc > 4 || (argc == 4 && !server_find(argv[3]))) {
        fprintf(stderr, "usage: recorded_servers SHARED SEEDS [MODEL]; MODEL is one of evsim servers\n");
        return ERROR_USAGE;
    }
    recorded_take_for(argc == 4 ? argv[3] : NULL);
    status = recorded_compare(argv[1], (size_t)atol(argv[2]), &cells, &count, &error);
    if (status) {
        fprintf(stderr, "%s\n",
                status > 0 ? "skipped: recordings of real servers not found (EVSIM_SHARED)" : error.text);
        free(cells);
        return status > 0 ? 0 : (int)error.code;
    }
    print_cells(cells, count);
    print_summaries(cells, count);
    print_misses(cells, count);
    if (find(cells, count, builds[0], "d1.csv", "allkeys-lru"))
        print_builds(cells, count, "d1.csv", "allkeys-lru", "hit ratio in per cent", true);
    if (find(cells, count, builds[0], "d2.csv", "noeviction"))
        print_builds(cells, count, "d2.csv", "noeviction", "writes refused", false);
    print_lingering(argv[1]);
    all = recorded_summarize(cells, count, NULL);
    complaint = recorded_complaint(&all);
    printf("\n%s\n", complaint ? complaint : "no difference beyond chance");
    free(cells);
    return complaint ? 1 : 0;
}
