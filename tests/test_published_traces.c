/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_published_traces: the traces of the ARC and LIRS papers, and their published hit ratios. LRU's ratios show that
 * the traces are read correctly; the other policies are compared with theirs. */
#include "policies/registry.h"
#include "sim/server/registry.h"
#include "tests/support_replay.h"
#include "tests/support_trace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The columns that are compared. They are per cent with two digits, and we must be within 0.01 points, with ARC, whose
 * target is rounded in different ways, within what the caller says. */
enum { COLUMNS = 3, SIZES = 32 };
static const struct {
    const char *name, *policy;
    bool is_arc;
} columns[COLUMNS] = {{"LRU", "lru", false}, {"ARC", "arc", true}, {"MIN", "belady", false}};

struct figures {
    uint64_t requests, capacity[SIZES];
    double per_cent[SIZES][COLUMNS];
    size_t count;
};

/* "c=1024 LRU 0.71 ARC 0.84 MIN 2.75 ...", or a table whose columns are those three: "c=1000   32.83  38.93  53.61
 * ..." */
static bool parse(const char *line, uint64_t *capacity, double per_cent[COLUMNS])
{
    unsigned long long pages = 0;
    bool parsed =
        sscanf(line, "c=%llu LRU %lf ARC %lf MIN %lf", &pages, &per_cent[0], &per_cent[1], &per_cent[2]) == 4 ||
        sscanf(line, "c=%llu %lf %lf %lf", &pages, &per_cent[0], &per_cent[1], &per_cent[2]) == 4;

    *capacity = pages;
    return parsed;
}

/* The lines that follow "# P6.lis requests=12672123 ...". */
static void read_figures(const char *path, const char *trace, struct figures *figures)
{
    FILE *in = fopen(path, "r");
    unsigned long long requests;
    char line[256], name[32];
    bool here = false;

    assert_non_null(in);
    *figures = (struct figures){.count = 0};
    while (fgets(line, sizeof line, in)) {
        if (sscanf(line, "# %31s requests=%llu", name, &requests) == 2) {
            here = !strcmp(name, trace);
            figures->requests = here ? requests : figures->requests;
        } else if (here && parse(line, &figures->capacity[figures->count], figures->per_cent[figures->count])) {
            assert_true(++figures->count < SIZES);
        }
    }
    fclose(in);
    assert_true(figures->count > 0);
}

static void compare(const char *path, const char *trace, const struct figures *figures, double arc_near)
{
    struct simulation_options options = {
        .fill = true, .unit_sizes = true, .start_unix_us = INT64_C(1700000000000000), .interval_us = INT64_C(1) << 60};
    struct cell_config cells[SIZES * COLUMNS];
    struct result results[SIZES * COLUMNS] = {0};
    size_t made = 0, next = 0;

    redis_config_init(&options.redis);
    for (size_t i = 0; i < figures->count; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            if (policy_find(columns[k].policy))
                cells[made++] = (struct cell_config){.server = server_find("flat"),
                                                     .policy = policy_find(columns[k].policy),
                                                     .maxmemory = figures->capacity[i],
                                                     .options = &options};
    assert_true(replay_trace(path, cells, made, results));
    for (size_t i = 0; i < figures->count; i++)
        for (size_t k = 0; k < COLUMNS; k++) {
            if (!policy_find(columns[k].policy))
                continue;
            double per_cent = 100 * result_hit_ratio(&results[next]), published = figures->per_cent[i][k];

            printf("%-12s %7llu pages, %s: %.4f %%, published %.2f\n", trace, (unsigned long long)figures->capacity[i],
                   columns[k].name, per_cent, published);
            assert_int_equal(results[next++].counters.reads, figures->requests);
            assert_true(fabs(per_cent - published) < (columns[k].is_arc ? arc_near : 0.01));
        }
}

static void compare_shared(const char *figures_path, const char *trace_path, const char *trace, double arc_near)
{
    char *figures_file = shared_path(figures_path), *trace_file = shared_path(trace_path);
    bool is_there = figures_file && trace_file;
    struct figures figures;

    if (is_there) {
        read_figures(figures_file, trace, &figures);
        compare(trace_file, trace, &figures, arc_near);
    }
    free(figures_file);
    free(trace_file);
    if (!is_there)
        skip();
}

static void of_the_arc_paper(void **state)
{
    (void)state;
    compare_shared("published/arc_hit_ratios.txt", "traces/arc/OLTP.lis.zst", "OLTP.lis", 0.02);
    compare_shared("published/arc_hit_ratios.txt", "traces/arc/P6.lis.zst", "P6.lis", 0.02);
}

/* Those of arc are of one that compares t1 with p rounded down, which is another in a few requests of some thousand;
 * the paper's p is real. */
static void of_the_lirs_paper(void **state)
{
    static const char *const names[] = {"2_pools", "cpp", "cs", "gli", "multi1"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char section[32], path[64];

        snprintf(section, sizeof section, "%s.trc", names[i]);
        snprintf(path, sizeof path, "traces/lirs/%s.trace.gz", names[i]);
        compare_shared("published/lirs_lru_arc_min.txt", path, section, 0.05);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_arc_paper),
        cmocka_unit_test(of_the_lirs_paper),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
