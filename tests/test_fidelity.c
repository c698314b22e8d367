/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_fidelity: the model against recorded runs of real servers, within the bounds of support_recorded_bounds.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support_recorded.h"
#include "tests/support_recorded_bounds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 4 }; /* `make fidelity` takes more */

static struct recorded_cell *cells;
static size_t count;
static bool missing;

static int setup(void **state)
{
    const char *shared = getenv("EVSIM_SHARED");
    const char *seeds = getenv("EVSIM_FIDELITY_SEEDS");
    struct error error = {0};
    int status =
        recorded_compare(shared ? shared : "../shared", seeds ? (size_t)atol(seeds) : SEEDS, &cells, &count, &error);

    (void)state;
    missing = status > 0;
    if (missing)
        printf("skipped: recordings of real servers not found (EVSIM_SHARED)\n");
    if (status < 0)
        printf("%s\n", error.text);
    return status < 0;
}

static int teardown(void **state)
{
    (void)state;
    free(cells);
    return 0;
}

static void hit_ratios_differ_by_chance_only(void **state)
{
    struct recorded_summary all;

    (void)state;
    if (missing)
        skip();
    assert_true(count >= 128);
    all = recorded_summarize(cells, count, NULL);
    printf("fidelity: %zu of %zu hit ratios miss, %.1f by chance\n", all.misses, all.cells, all.misses_by_chance);
    assert_null(recorded_complaint(&all));
}

static void counters_that_do_not_vary_are_equal(void **state)
{
    (void)state;
    if (missing)
        skip();
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < RECORDED_COUNTERS; c++) {
            if (isinf(recorded_z(&cells[i], (enum recorded_counter)c)))
                fail_msg("%s %s %s: %s is %.0f, not %.0f", cells[i].server, cells[i].trace, cells[i].policy,
                         recorded_names[c], cells[i].simulated[c].mean, cells[i].real[c].mean);
        }
    }
}

static void differences_are_noise(void **state)
{
    struct recorded_summary all = recorded_summarize(cells, count, NULL);

    (void)state;
    if (missing)
        skip();
    printf("fidelity: mean |z| %.2f over %zu counters, largest %.1f\n", all.mean_z, all.counters, all.largest_z);
    assert_true(all.mean_z <= 1.0);
    assert_true(all.largest_z <= 4.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hit_ratios_differ_by_chance_only),
        cmocka_unit_test(counters_that_do_not_vary_are_equal),
        cmocka_unit_test(differences_are_noise),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
