/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_steady_state: where MSER-5 cuts series whose cold start is known. */
#include "sim/steady_state.h"
#include "tests/support_random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { VALUES = 400 };

/* By the formula of the paper, over all truncation points. */
static size_t plain_cut(const double *values, size_t count)
{
    size_t batches = count / 5, best = 0;
    double least = INFINITY, mean[VALUES / 5];

    for (size_t i = 0; i < batches; i++) {
        mean[i] = 0;
        for (size_t j = 0; j < 5; j++)
            mean[i] += values[5 * i + j] / 5;
    }
    for (size_t d = 0; d <= batches / 2; d++) {
        double sum = 0, squares = 0, kept = (double)(batches - d), value;

        for (size_t i = d; i < batches; i++) {
            sum += mean[i];
            squares += mean[i] * mean[i];
        }
        value = (squares - sum * sum / kept) / (kept * kept);
        if (value < least) {
            least = value;
            best = d;
        }
    }
    return best;
}

static void it_is_the_formula(void **state)
{
    struct random random = random_stream(random_seed());
    double values[VALUES];
    int cuts = 0;

    (void)state;
    printf("seed %lu\n", random_seed());
    for (int turn = 0; turn < 2000; turn++) {
        size_t count = 50 + random_below(&random, VALUES - 49), begin = 1, expected;
        double cold = random_unit(&random), lasts = 1 + 60 * random_unit(&random), noise = 0.1 * random_unit(&random);

        for (size_t i = 0; i < count; i++)
            values[i] = 0.3 + cold * exp(-(double)i / lasts) + noise * (random_unit(&random) - 0.5);
        expected = plain_cut(values, count);
        assert_int_equal(steady_state_begin(values, count, &begin), expected != count / 5 / 2);
        assert_int_equal(begin, expected != count / 5 / 2 ? 5 * expected : 0);
        cuts += begin > 0;
    }
    assert_in_range(cuts, 1000, 2000);
}

static void a_step_is_cut_off_where_it_is(void **state)
{
    double values[200];
    size_t begin;

    (void)state;
    for (size_t step = 0; step < 100; step += 5) {
        for (size_t i = 0; i < 200; i++)
            values[i] = i < step ? 1 : 0.2 + 0.01 * (double)(i / 5 % 2);
        assert_true(steady_state_begin(values, 200, &begin));
        assert_int_equal(begin, step);
    }
}

static void what_is_constant_has_no_cold_start(void **state)
{
    double values[200];
    size_t begin = 9;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        values[i] = 0.1;
    assert_true(steady_state_begin(values, 200, &begin));
    assert_int_equal(begin, 0);
}

static void what_rises_all_the_time_does_not_settle(void **state)
{
    double values[200];
    size_t begin = 9;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        values[i] = (double)i;
    assert_false(steady_state_begin(values, 200, &begin));
    assert_int_equal(begin, 0);
}

static void few_values_say_nothing(void **state)
{
    double values[50] = {0};
    size_t begin;

    (void)state;
    assert_false(steady_state_begin(values, 0, &begin));
    assert_false(steady_state_begin(values, 49, &begin));
    assert_true(steady_state_begin(values, 50, &begin));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_formula),
        cmocka_unit_test(a_step_is_cut_off_where_it_is),
        cmocka_unit_test(what_is_constant_has_no_cold_start),
        cmocka_unit_test(what_rises_all_the_time_does_not_settle),
        cmocka_unit_test(few_values_say_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
