/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * belady on the traces of the ARC and LIRS papers: the published hit ratios of MIN, to 0.01 points. */
#include "policies/registry.h"
#include "tests/support_replay.h"
#include "tests/support_trace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZES = 32 };

struct figures {
    uint64_t requests, capacity[SIZES];
    double min[SIZES]; /* per cent */
    size_t count;
};

/* "c=1024 LRU 0.71 ARC 0.84 MIN 2.75 ...", or a table whose columns are those three: "c=1000   32.83  38.93  53.61 ..." */
static bool parse(const char *line, uint64_t *capacity, double *min)
{
    unsigned long long pages;
    bool parsed = sscanf(line, "c=%llu LRU %*f ARC %*f MIN %lf", &pages, min) == 2 ||
                  sscanf(line, "c=%llu %*f %*f %lf", &pages, min) == 2;

    *capacity = parsed ? pages : 0;
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
        } else if (here && parse(line, &figures->capacity[figures->count], &figures->min[figures->count])) {
            assert_true(++figures->count < SIZES);
        }
    }
    fclose(in);
    assert_true(figures->count > 0);
}

/* False when there is no reader for it. */
static bool compare(const char *path, const char *trace, const struct figures *figures)
{
    struct simulation_options options = {.fill = true,
                                         .unit_sizes = true,
                                         .start_unix_us = INT64_C(1700000000000000),
                                         .interval_us = INT64_C(1) << 60};
    struct cell_config cells[SIZES];
    struct result results[SIZES] = {0};

    redis_config_init(&options.redis);
    for (size_t i = 0; i < figures->count; i++)
        cells[i] = (struct cell_config){.server = server_find("flat"),
                                        .policy = policy_find("belady"),
                                        .maxmemory = figures->capacity[i],
                                        .options = &options};
    if (!replay_trace(path, cells, figures->count, results))
        return false;
    for (size_t i = 0; i < figures->count; i++) {
        double per_cent = 100 * result_hit_ratio(&results[i]);

        printf("%-12s %7llu pages: %.4f %%, published %.2f\n", trace, (unsigned long long)figures->capacity[i], per_cent,
               figures->min[i]);
        assert_int_equal(results[i].counters.reads, figures->requests);
        assert_true(fabs(per_cent - figures->min[i]) < 0.01);
    }
    return true;
}

static void compare_shared(const char *figures_path, const char *trace_path, const char *trace)
{
    char *figures_file = shared_path(figures_path), *trace_file = shared_path(trace_path);
    struct figures figures;
    bool compared = false;

    if (figures_file && trace_file) {
        read_figures(figures_file, trace, &figures);
        compared = compare(trace_file, trace, &figures);
        if (!compared)
            printf("skipped: no format for %s\n", trace_path);
    }
    free(figures_file);
    free(trace_file);
    if (!compared)
        skip();
}

static void of_the_arc_paper(void **state)
{
    (void)state;
    compare_shared("published/arc_hit_ratios.txt", "traces/arc/OLTP.lis.zst", "OLTP.lis");
    compare_shared("published/arc_hit_ratios.txt", "traces/arc/P6.lis.zst", "P6.lis");
}

static void of_the_lirs_paper(void **state)
{
    static const char *const names[] = {"2_pools", "cpp", "cs", "gli", "multi1"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char section[32], path[64];

        snprintf(section, sizeof section, "%s.trc", names[i]);
        snprintf(path, sizeof path, "traces/lirs/%s.trace.gz", names[i]);
        compare_shared("published/lirs_lru_arc_min.txt", path, section);
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
