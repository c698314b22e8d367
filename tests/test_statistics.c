/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_statistics: means and their intervals, compared with a textbook. */
#include "sim/statistics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_near(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-9 * fmax(1, fabs(expected)));
}

/* Half-widths by the textbook: t(0.975, n - 1) * s / sqrt(n), with t as printed in any table. */
static void half_width_is_students_t(void **state)
{
    static const struct {
        double values[5];
        size_t count;
        double mean, half_width;
    } cases[] = {
        {{1, 3}, 2, 2, 12.706204736174698},                        /* s = sqrt(2) */
        {{1, 2, 3}, 3, 2, 4.302652729749464 / 1.7320508075688772}, /* s = 1 */
        {{10, 12, 14, 16, 18}, 5, 14, 2.7764451051977934 * 1.4142135623730951},
        {{0.5, 0.5, 0.5}, 3, 0.5, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct estimate estimate = estimate_mean(cases[i].values, cases[i].count);

        assert_near(estimate.mean, cases[i].mean);
        assert_near(estimate.half_width, cases[i].half_width);
        assert_int_equal(estimate.count, cases[i].count);
    }
}

static void one_value_has_an_unknown_half_width(void **state)
{
    struct estimate estimate = estimate_mean((double[]){42}, 1);

    (void)state;
    assert_near(estimate.mean, 42);
    assert_true(isnan(estimate.half_width));
}

static void no_value_has_no_mean(void **state)
{
    struct estimate estimate = estimate_mean(NULL, 0);

    (void)state;
    assert_true(isnan(estimate.mean));
    assert_true(isnan(estimate.half_width));
    assert_int_equal(estimate.count, 0);
}

static void equal_values_have_no_spread(void **state)
{
    (void)state;
    for (int numerator = 1; numerator < 1000; numerator++) {
        double values[12];

        for (size_t count = 0; count < 12; count++) {
            values[count] = (double)numerator / 1009;
            if (!count)
                continue;
            assert_true(estimate_mean(values, count + 1).mean == values[0]);
            assert_true(estimate_mean(values, count + 1).half_width == 0);
        }
    }
}

static void an_undefined_value_makes_the_mean_undefined(void **state)
{
    (void)state;
    assert_true(isnan(estimate_mean((double[]){1, NAN, 2}, 3).mean));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_width_is_students_t),
        cmocka_unit_test(one_value_has_an_unknown_half_width),
        cmocka_unit_test(no_value_has_no_mean),
        cmocka_unit_test(equal_values_have_no_spread),
        cmocka_unit_test(an_undefined_value_makes_the_mean_undefined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
