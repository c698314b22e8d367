/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * arc on the traces of the ARC paper: its hit ratios, to 0.02 points; 2q beside it, whose parameters that paper tuned to
 * each size. Those on the LIRS paper's traces are of an arc that compares t1 with p rounded down, which is one request in
 * a few thousand another: to 0.05 points. */
#include "tests/support_published.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SIZES = 16 };

static const double ARC_POINTS = 0.02, ROUNDED_POINTS = 0.05, TWO_Q_POINTS = 0.15;

/* What a file of published figures says of one trace. */
struct figures {
    unsigned long requests;
    struct published_cell arc[SIZES], two_q[SIZES];
    double arc_per_cent[SIZES], two_q_per_cent[SIZES]; /* 2q: 0 where it is not given */
    size_t count;
};

/* "c=1024 LRU 0.71 ARC 0.84 ...", or a table of LRU, ARC, MIN, 2Q: "c=1000   32.83  38.93  53.61  40.48 ...". */
static void take_line(const char *line, struct figures *figures)
{
    unsigned long capacity;
    double arc, two_q = 0;

    if (sscanf(line, "c=%lu LRU %*f ARC %lf", &capacity, &arc) != 2 &&
        sscanf(line, "c=%lu %*f %lf %*f %lf", &capacity, &arc, &two_q) != 3)
        return;
    assert_true(figures->count < SIZES);
    figures->arc[figures->count] = (struct published_cell){.policy = "arc", .capacity = capacity};
    figures->two_q[figures->count] = (struct published_cell){.policy = "2q", .capacity = capacity};
    figures->arc_per_cent[figures->count] = arc;
    figures->two_q_per_cent[figures->count++] = two_q;
}

/* The lines that follow "# P6.lis requests=12672123 ...". */
static bool read_figures(const char *file_name, const char *trace, struct figures *figures)
{
    FILE *file = published_figures(file_name);
    char line[256], name[64];
    unsigned long requests;
    bool here = false;

    *figures = (struct figures){.count = 0};
    if (!file)
        return false;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "# %63s requests=%lu", name, &requests) == 2) {
            here = !strcmp(name, trace);
            figures->requests = here ? requests : figures->requests;
        } else if (here) {
            take_line(line, figures);
        }
    }
    fclose(file);
    assert_true(figures->count > 0);
    return true;
}

static void expect_near(const char *trace, const struct published_cell *cell, double published, double points)
{
    double per_cent = 100 * (double)cell->counters.hits / (double)cell->counters.reads;

    printf("%s, %6lu pages: %-4s %.4f %%, published %.2f\n", trace, cell->capacity, cell->policy, per_cent, published);
    assert_true(fabs(per_cent - published) <= points);
}

static void compare(const char *file_name, const char *section, const char *path, double points)
{
    struct figures figures;

    if (!read_figures(file_name, section, &figures) || !published_replay(path, true, figures.arc, figures.count))
        skip();
    for (size_t i = 0; i < figures.count; i++) {
        assert_int_equal(figures.arc[i].counters.reads, figures.requests);
        expect_near(section, &figures.arc[i], figures.arc_per_cent[i], points);
    }
    if (figures.two_q_per_cent[0] == 0)
        return;
    assert_true(published_replay(path, true, figures.two_q, figures.count));
    for (size_t i = 0; i < figures.count; i++)
        expect_near(section, &figures.two_q[i], figures.two_q_per_cent[i], TWO_Q_POINTS);
}

static void oltp(void **state)
{
    (void)state;
    compare("arc_hit_ratios.txt", "OLTP.lis", "traces/arc/OLTP.lis.zst", ARC_POINTS);
}

static void p6(void **state)
{
    (void)state;
    compare("arc_hit_ratios.txt", "P6.lis", "traces/arc/P6.lis.zst", ARC_POINTS);
}

static void the_traces_of_the_lirs_paper(void **state)
{
    static const char *const names[] = {"2_pools", "cpp", "cs", "gli", "multi1"};
    char section[32], path[64];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(section, sizeof section, "%s.trc", names[i]);
        snprintf(path, sizeof path, "traces/lirs/%s.trace.gz", names[i]);
        compare("lirs_lru_arc_min.txt", section, path, ROUNDED_POINTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oltp),
        cmocka_unit_test(p6),
        cmocka_unit_test(the_traces_of_the_lirs_paper),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
