/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_live_fidelity: the model against the installed redis-server, in virtual time: a short `make fidelity`. The
 * traces are the same in every run (EVSIM_TEST_SEED changes them); the server's own randomness is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/server/registry.h"
#include "tests/fidelity/support_live.h"
#include "tests/support_installed.h"
#include "tests/support_trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 4, SEEDS = 12, SEED = 20231114 };

static const char *const tested_policies[] = {"noeviction", "allkeys-lru", "volatile-ttl", NULL};

/* ---- the server ---- */

static void compare(const char *events)
{
    const char *seed = getenv("EVSIM_TEST_SEED");
    struct live_options options = {
        .policies = tested_policies,
        .runs = RUNS,
        .seeds = SEEDS,
        .seed = seed ? (uint32_t)strtoul(seed, NULL, 10) : SEED,
        .quick = true,
        .events = events,
        .level = 0.001,
    };
    struct live_report report;
    struct error error = {0};

    find_installed_server(&options.program);
    options.model = options.program.server;
    if (live_run(&options, &report, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < report.workload_count; i++) {
        for (size_t j = 0; j < report.cell_count; j++) {
            const struct live_cell *cell = &report.workloads[i].cells[j];

            for (int which = 0; which < LIVE_COUNTS; which++)
                if (cell->significant[which])
                    printf("%s %s %s: server %.1f +- %.1f, evsim %.1f +- %.1f, p %.2g (seed %u)\n",
                           report.workloads[i].name, cell->policy, live_count_names[which], cell->server[which].mean,
                           cell->server[which].sd, cell->evsim[which].mean, cell->evsim[which].sd, cell->tests[which].p,
                           options.seed);
            assert_true(cell->reads > 0);
        }
    }
    assert_int_equal(report.significant, 0);
    live_report_release(&report);
}

static void counts_are_the_servers(void **state)
{
    (void)state;
    compare(NULL);
}

/* maxmemory twice, the policy once: the bits of each key change their meaning. */
static void counts_are_the_servers_under_a_scenario(void **state)
{
    static const char events[] = "at 60s CONFIG SET maxmemory 3mb\n"
                                 "at 130s CONFIG SET maxmemory-policy allkeys-lfu\n"
                                 "at 140s SET extra value EX 60\n"
                                 "at 220s CONFIG SET maxmemory 2mb maxmemory-samples 8\n";
    char *path = write_temporary("events", events, sizeof events - 1);

    (void)state;
    compare(path);
    remove_temporary(path);
}

/* ---- its parts ---- */

static struct welch test_of(const double *a, size_t m, const double *b, size_t n, double unit)
{
    struct sample_moments first = sample_moments(a, m), second = sample_moments(b, n);

    return welch_test(&first, &second, unit);
}

/* Variances 14/3 and 9.3: se^2 = 7/6 + 1.86; p by numerical integration of the density. */
static void welch_knows_the_textbook(void **state)
{
    const double a[] = {3, 4, 5, 8}, b[] = {7, 9, 10, 12, 15};
    struct welch welch = test_of(a, 4, b, 5, 0);

    (void)state;
    assert_float_equal(welch.difference, 5.6, 1e-9);
    assert_float_equal(welch.standard_error, 1.73973, 1e-5);
    assert_float_equal(welch.freedom, 6.94728, 1e-5);
    assert_float_equal(welch.p, 0.01483, 1e-5);
}

/* Pooled variance (14 + 37.2) / 7: t = 3.08669 with 7 degrees of freedom; p likewise. */
static void student_takes_the_variances_for_one(void **state)
{
    const double a[] = {3, 4, 5, 8}, b[] = {7, 9, 10, 12, 15}, c[] = {2, 2};
    struct sample_moments first = sample_moments(a, 4), second = sample_moments(b, 5), constant = sample_moments(c, 2);

    (void)state;
    assert_float_equal(student_p(&first, &second), 0.01765, 1e-5);
    assert_float_equal(student_p(&constant, &constant), 1, 0);
}

static void constants_are_equal_or_different(void **state)
{
    const double a[] = {3, 3, 3}, b[] = {3, 3, 3, 3}, c[] = {4, 4, 4}, d[] = {3, 3, 3, 4};

    (void)state;
    assert_float_equal(test_of(a, 3, b, 4, 1).p, 1, 0);
    assert_float_equal(test_of(a, 3, c, 3, 1).p, 0, 0);
    assert_true(test_of(a, 3, d, 4, 1).p > 0.1);
    assert_true(test_of(c, 3, d, 4, 1).p > 0.1);
}

static void holm_corrects_for_the_number_of_tests(void **state)
{
    const double p[] = {0.04, 0.0001, 0.011, 0.012, 0.5};
    bool significant[5];

    (void)state;
    holm(p, 5, 0.05, significant);
    assert_false(significant[0]); /* 0.04 > 0.05 / 2 */
    assert_true(significant[1]);
    assert_true(significant[2]); /* 0.011 <= 0.05 / 4 */
    assert_true(significant[3]); /* 0.012 <= 0.05 / 3 */
    assert_false(significant[4]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(welch_knows_the_textbook),         cmocka_unit_test(student_takes_the_variances_for_one),
        cmocka_unit_test(constants_are_equal_or_different), cmocka_unit_test(holm_corrects_for_the_number_of_tests),
        cmocka_unit_test(counts_are_the_servers),           cmocka_unit_test(counts_are_the_servers_under_a_scenario),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
