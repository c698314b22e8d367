/* The model against recorded runs of real servers, within the bounds of recorded_verdict(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support_recorded.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 8 };

static struct recorded_cell *cells;
static size_t count;
static bool missing;
static bool few; /* seeds, for a sanitizer: enough to run, too few for bounds on means */

static int setup(void **state)
{
    const char *shared = getenv("EVSIM_SHARED");
    const char *seeds = getenv("EVSIM_FIDELITY_SEEDS");
    struct error error = {0};
    int status = recorded_compare(shared ? shared : "../shared",
                                  seeds ? (size_t)atol(seeds) : SEEDS, &cells, &count, &error);

    (void)state;
    missing = status > 0;
    few = seeds && atol(seeds) < SEEDS;
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

static void every_cell_is_within_its_bounds(void **state)
{
    int failures = 0;

    (void)state;
    if (missing || few)
        skip();
    assert_true(count >= 128);
    for (size_t i = 0; i < count; i++) {
        const char *verdict = recorded_verdict(&cells[i]);

        if (verdict)
            printf("%s %s %s: %s\n", cells[i].server, cells[i].trace, cells[i].policy, verdict);
        failures += verdict != NULL;
    }
    assert_int_equal(failures, 0);
}

static void counters_that_do_not_vary_are_equal(void **state)
{
    (void)state;
    if (missing)
        skip();
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < RECORDED_COUNTERS; c++) {
            if (isinf(recorded_z(&cells[i], (enum recorded_counter)c)))
                fail_msg("%s %s %s: %s is %.0f, not %.0f", cells[i].server, cells[i].trace,
                         cells[i].policy, recorded_names[c], cells[i].simulated[c].mean,
                         cells[i].real[c].mean);
        }
    }
}

static void differences_are_noise(void **state)
{
    double sum = 0, worst = 0;
    size_t varying = 0;

    (void)state;
    if (missing || few)
        skip();
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < RECORDED_COUNTERS; c++) {
            double z = fabs(recorded_z(&cells[i], (enum recorded_counter)c));

            if (isfinite(z)) {
                sum += z;
                varying++;
                worst = fmax(worst, z);
            }
        }
    }
    printf("fidelity: mean |z| %.2f over %zu counters, largest %.1f\n", sum / (double)varying,
           varying, worst);
    assert_true(sum / (double)varying <= 1.0);
    assert_true(worst <= 4.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_within_its_bounds),
        cmocka_unit_test(counters_that_do_not_vary_are_equal),
        cmocka_unit_test(differences_are_noise),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
