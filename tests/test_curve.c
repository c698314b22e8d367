/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_curve: the number of points of a curve, and their times. */
#include "sim/engine/curve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Runs a recorder as a cell does: a point whenever one is due, the last at end_us. hits is the time
 * in milliseconds, so that a point can be told from others. */
static struct curve record(int64_t interval_us, int64_t end_us)
{
    struct curve_recorder recorder;
    struct sample sample = {0};

    curve_recorder_init(&recorder, interval_us);
    while (sample.time_us <= end_us) {
        sample.hits = (uint64_t)sample.time_us / 1000;
        curve_recorder_add(&recorder, &sample);
        sample.time_us = curve_recorder_next(&recorder, sample.time_us, end_us);
    }
    sample.time_us = end_us;
    sample.hits = (uint64_t)end_us / 1000;
    return curve_recorder_finish(&recorder, &sample);
}

static void expect_regular(const struct curve *curve, int64_t end_us)
{
    for (size_t i = 0; i + 1 < curve->count; i++)
        assert_int_equal(curve->samples[i].time_us, (int64_t)i * curve->interval_us);
    for (size_t i = 0; i < curve->count; i++)
        assert_int_equal(curve->samples[i].hits, curve->samples[i].time_us / 1000);
    assert_int_equal(curve->samples[curve->count - 1].time_us, end_us);
}

static void a_given_interval_is_kept_and_the_last_point_is_the_end(void **state)
{
    struct curve curve = record(1000000, 10500000);

    (void)state;
    assert_int_equal(curve.interval_us, 1000000);
    assert_int_equal(curve.count, 12);
    expect_regular(&curve, 10500000);
    free(curve.samples);
}

static void an_end_on_a_point_is_recorded_once(void **state)
{
    struct curve curve = record(1000000, 10000000);

    (void)state;
    assert_int_equal(curve.count, 11);
    expect_regular(&curve, 10000000);
    free(curve.samples);
}

static void a_run_of_no_length_has_one_point(void **state)
{
    struct curve curve = record(0, 0);

    (void)state;
    assert_int_equal(curve.count, 1);
    assert_int_equal(curve.samples[0].time_us, 0);
    free(curve.samples);
}

static void without_an_interval_one_is_found_that_gives_a_few_hundred_points(void **state)
{
    static const struct {
        int64_t end_us, interval_us;
    } cases[] = {
        {500000, 1000},                      /* half a second: milliseconds */
        {60000000, 500000},                  /* a minute */
        {INT64_C(7200000000), 30000000},     /* two hours */
        {INT64_C(86400000000), 300000000},   /* a day */
        {INT64_C(604800000000), 1800000000}, /* a week */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct curve curve = record(0, cases[i].end_us);

        assert_int_equal(curve.interval_us, cases[i].interval_us);
        assert_in_range(curve.count, 100, 601);
        expect_regular(&curve, cases[i].end_us);
        free(curve.samples);
    }
}

static void a_run_of_years_still_has_a_few_hundred_points(void **state)
{
    struct curve curve = record(0, INT64_C(1000) * 365 * 86400 * 1000000);

    (void)state;
    assert_in_range(curve.count, 100, 601);
    free(curve.samples);
}

static void points_are_due_at_multiples_of_the_interval(void **state)
{
    struct curve_recorder recorder;

    (void)state;
    curve_recorder_init(&recorder, 250);
    assert_int_equal(curve_recorder_next(&recorder, 0, 1000), 250);
    assert_int_equal(curve_recorder_next(&recorder, 249, 1000), 250);
    assert_int_equal(curve_recorder_next(&recorder, 250, 1000), 500);
    curve_recorder_release(&recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_given_interval_is_kept_and_the_last_point_is_the_end),
        cmocka_unit_test(an_end_on_a_point_is_recorded_once),
        cmocka_unit_test(a_run_of_no_length_has_one_point),
        cmocka_unit_test(without_an_interval_one_is_found_that_gives_a_few_hundred_points),
        cmocka_unit_test(a_run_of_years_still_has_a_few_hundred_points),
        cmocka_unit_test(points_are_due_at_multiples_of_the_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
