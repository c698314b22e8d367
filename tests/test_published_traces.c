/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LRU on the traces of the ARC and LIRS papers: whoever reads them right gets the published hit ratios. */
#include "tests/support_published.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CELLS_MAX = 64 };

/* Hit ratios are published in per cent with two digits. */
static const double HUNDREDTH = 0.01;

struct figures {
    char trace[64];         /* "P6.lis" */
    unsigned long requests;
    struct published_cell cells[CELLS_MAX];
    double per_cent[CELLS_MAX];
    size_t count;
};

/* "c=1024 LRU 0.71 ARC 0.84 ..." or, in a table whose second column is LRU's, "c=1000   32.83  38.93 ..." */
static bool parse_lru(const char *line, unsigned long *capacity, double *per_cent)
{
    return sscanf(line, "c=%lu LRU %lf", capacity, per_cent) == 2 ||
           sscanf(line, "c=%lu %lf", capacity, per_cent) == 2;
}

/* What a file says of the trace: its lines follow "# P6.lis requests=12672123 ...". */
static bool read_figures(const char *file_name, const char *trace, struct figures *figures)
{
    FILE *file = published_figures(file_name);
    char line[256], name[64];
    unsigned long capacity, requests;
    double per_cent;
    bool here = false;

    *figures = (struct figures){.count = 0};
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "# %63s requests=%lu", name, &requests) == 2) {
            here = !strcmp(name, trace);
            figures->requests = here ? requests : figures->requests;
        } else if (here && parse_lru(line, &capacity, &per_cent)) {
            assert_true(figures->count < CELLS_MAX);
            figures->cells[figures->count] = (struct published_cell){.policy = "lru", .capacity = capacity};
            figures->per_cent[figures->count++] = per_cent;
        }
    }
    fclose(file);
    assert_true(figures->count > 0);
    return true;
}

static void expect_figures(const char *path, struct figures *figures)
{
    if (!published_replay(path, true, figures->cells, figures->count))
        skip();
    for (size_t i = 0; i < figures->count; i++) {
        const struct counters *counters = &figures->cells[i].counters;
        double per_cent = 100 * (double)counters->hits / (double)counters->reads;

        printf("%s, %lu blocks: %.4f %%, published %.2f\n", path, figures->cells[i].capacity, per_cent,
               figures->per_cent[i]);
        assert_int_equal(counters->reads, figures->requests);
        assert_true(fabs(per_cent - figures->per_cent[i]) <= HUNDREDTH);
    }
}

static void oltp_of_the_arc_paper(void **state)
{
    struct figures figures;

    (void)state;
    if (!read_figures("arc_hit_ratios.txt", "OLTP.lis", &figures))
        skip();
    expect_figures("traces/arc/OLTP.lis.zst", &figures);
}

static void p6_of_the_arc_paper(void **state)
{
    struct figures figures;

    (void)state;
    if (!read_figures("arc_hit_ratios.txt", "P6.lis", &figures))
        skip();
    expect_figures("traces/arc/P6.lis.zst", &figures);
}

static void the_traces_of_the_lirs_paper(void **state)
{
    static const char *const names[] = {"2_pools", "cpp", "cs", "gli", "multi1"};
    struct figures figures;
    char section[32], path[64];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(section, sizeof section, "%s.trc", names[i]);
        snprintf(path, sizeof path, "traces/lirs/%s.trace.gz", names[i]);
        if (!read_figures("lirs_lru_arc_min.txt", section, &figures))
            skip();
        expect_figures(path, &figures);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oltp_of_the_arc_paper),
        cmocka_unit_test(p6_of_the_arc_paper),
        cmocka_unit_test(the_traces_of_the_lirs_paper),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
