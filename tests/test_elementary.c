/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_elementary: exp, log and their kin to the last bit, as 113 bits give it; draws and quantiles beside GSL's. */
#include "sim/draws.h"
#include "sim/draws_ahead.h"
#include "sim/elementary.h"
#include "sim/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_same(double value, double expected)
{
    if (!(value == expected || (isnan(value) && isnan(expected))))
        fail_msg("%a is not %a", value, expected);
}

static void assert_near(double value, double expected, double relative)
{
    if (!(fabs(value - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void they_are_right_to_the_last_bit(void **state)
{
    static const struct {
        double (*function)(double x);
        double x, value;
    } rows[] = {
        {elementary_exp, 0x1p+0, 0x1.5bf0a8b145769p+1},
        {elementary_exp, -0x1p+0, 0x1.78b56362cef38p-2},
        {elementary_exp, 0x1.999999999999ap-4, 0x1.1aec7b35a00d4p+0},
        {elementary_exp, 0x1.12e0be826d695p-30, 0x1.000000044b83p+0},
        {elementary_exp, 0x1.59ad916872b02p+8, 0x1.a22ad25ccb60ep+498},
        {elementary_exp, -0x1.5e4p+9, 0x1.4ff475c68ca02p-1011},
        {elementary_exp, -0x1.7473333333333p+9, 0x0.0000000000001p-1022},
        {elementary_exp2, 0x1p-3, 0x1.172b83c7d517bp+0},
        {elementary_exp2, 0x1.999999999999ap-4, 0x1.125fbee250664p+0},
        {elementary_exp2, -0x1.d99999999999ap+1, 0x1.3b2c47bff8328p-4},
        {elementary_exp2, 0x1.f426666666666p+9, 0x1.3b2c47bff827ap+1000},
        {elementary_exp2, -0x1.0bap+10, 0x0.000000000000bp-1022},
        {elementary_expm1, 0x1.19799812dea11p-40, 0x1.19799812df3bdp-40},
        {elementary_expm1, -0x1.4f8b588e368f1p-17, -0x1.4f8aea9acf2c9p-17},
        {elementary_expm1, 0x1.3333333333333p-2, 0x1.6641632306a56p-2},
        {elementary_expm1, -0x1.999999999999ap-2, -0x1.51979f31b1e25p-2},
        {elementary_expm1, 0x1.4p+1, 0x1.65d6fd931e0bbp+3},
        {elementary_expm1, -0x1.ep+4, -0x1.ffffffffffcb5p-1},
        {elementary_log, 0x1p+1, 0x1.62e42fefa39efp-1},
        {elementary_log, 0x1.4p+3, 0x1.26bb1bbb55516p+1},
        {elementary_log, 0x1.999999999999ap-4, -0x1.26bb1bbb55515p+1},
        {elementary_log, 0x1.000001ad7f29bp+0, 0x1.ad7f2847b6492p-24},
        {elementary_log, 0x1.ffffffaa19c47p-1, -0x1.5798ee5cd2b2ap-27},
        {elementary_log, 0x1.7e43c8800759cp+996, 0x1.5963447f87fb5p+9},
        {elementary_log, 0x0.0000000000001p-1022, -0x1.74385446d71c3p+9},
        {elementary_log, 0x1.6a09e667f3bcdp-1, -0x1.62e42fefa39eep-2},
        {elementary_log2, 0x1.8p+1, 0x1.95c01a39fbd68p+0},
        {elementary_log2, 0x1.999999999999ap-3, -0x1.2934f0979a371p+1},
        {elementary_log2, 0x1.000001ad7f29bp+0, 0x1.35d0fea5fccb7p-23},
        {elementary_log2, 0x1.56e1fc2f8f359p-997, -0x1.f24a09f1a8b89p+9},
        {elementary_log10, 0x1p+1, 0x1.34413509f79ffp-2},
        {elementary_log10, 0x1.0c6f7a0b5ed8dp-21, -0x1.934413509f7ap+2},
        {elementary_log10, 0x1.000001ad7f29bp+0, 0x1.750e5ca0b1098p-25},
        {elementary_log10, 0x1.6345785d8ap+56, 0x1.1p+4},
        {elementary_log1p, 0x1.19799812dea11p-40, 0x1.19799812de065p-40},
        {elementary_log1p, -0x1.4f8b588e368f1p-17, -0x1.4f8bc681e6006p-17},
        {elementary_log1p, 0x1.3333333333333p-2, 0x1.0ca937be1b9dcp-2},
        {elementary_log1p, -0x1.ff7ced916872bp-1, -0x1.ba18a998fff9fp+2},
        {elementary_log1p, 0x1.2a05f2p+33, 0x1.7069e2aa3184ep+4},
        {elementary_sin, 0x1p+0, 0x1.aed548f090ceep-1},
        {elementary_cos, 0x1p+0, 0x1.14a280fb5068cp-1},
        {elementary_sin, 0x1.921f9f01b866ep+1, 0x1.6428a6aa44cdp-19},
        {elementary_cos, 0x1.921f9f01b866ep+1, -0x1.fffffffff842p-1},
        {elementary_sin, -0x1.0624dd2f1a9fcp-10, -0x1.0624da5218a62p-10},
        {elementary_cos, -0x1.0624dd2f1a9fcp-10, 0x1.ffffef390876cp-1},
        {elementary_sin, 0x1.6p+4, -0x1.220a29f6eb9f4p-7},
        {elementary_cos, 0x1.6p+4, -0x1.fffadd8d4acdap-1},
        {elementary_sin, 0x1.86ap+16, 0x1.24daa9c527e96p-5},
        {elementary_cos, 0x1.86ap+16, -0x1.ffac3841b3da7p-1},
        {elementary_sin, 0x1.63p+8, -0x1.f9bd0307d1de3p-16},
        {elementary_cos, 0x1.63p+8, -0x1.fffffffc18e4cp-1},
        {elementary_asin, 0x1p-1, 0x1.0c152382d7366p-1},
        {elementary_asin, -0x1.3333333333333p-2, -0x1.380159e14f6ffp-2},
        {elementary_asin, 0x1.ffffde7210be9p-1, 0x1.91c306b2c13adp+0},
        {elementary_asin, 0x1p+0, 0x1.921fb54442d18p+0},
        {elementary_asin, 0x1.4f8b588e368f1p-17, 0x1.4f8b588e4e94p-17},
        {elementary_asin, -0x1.8p-1, -0x1.b235315c680dcp-1},
    };
    static const struct {
        double x, y, value;
    } powers[] = {
        {0x1.4p+3, -0x1.8p+1, 0x1.0624dd2f1a9fcp-10},
        {0x1.2666666666666p+0, 0x1.4p+5, 0x1.0bdd115db4a1ap+8},
        {0x1p+1, 0x1p-1, 0x1.6a09e667f3bcdp+0},
        {-0x1.8p+1, 0x1.8p+1, -0x1.bp+4},
        {0x1.f4p+9, -0x1.d374bc6a7ef9ep-1, 0x1.de1f919234579p-10},
        {0x1.fffeb074a771dp-1, 0x1.e848p+19, 0x1.7cd2bb6ad2e83p-15},
        {0x1.4f8b588e368f1p-17, 0x1.e4p+5, 0x1.15940f7d1a47p-1005},
        {0x1.cp+2, 0x1.5555555555555p-2, 0x1.e9b5dba58189dp+0},
        {0x1.4p+3, 0x1.6p+4, 0x1.0f0cf064dd592p+73},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].function == elementary_expm1)
            assert_near(rows[i].function(rows[i].x), rows[i].value, 0x1p-51);
        else
            assert_same(rows[i].function(rows[i].x), rows[i].value);
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        assert_same(elementary_pow(powers[i].x, powers[i].y), powers[i].value);
}

static void powers_of_two_and_ten_are_exact(void **state)
{
    (void)state;
    for (int i = -1074; i < 1024; i++) {
        assert_same(elementary_exp2(i), ldexp(1, i));
        assert_same(elementary_pow(2, i), ldexp(1, i));
        assert_same(elementary_log2(ldexp(1, i)), i);
    }
    for (int i = 0; i <= 22; i++) {
        double ten = 1;

        for (int j = 0; j < i; j++)
            ten *= 10;
        assert_same(elementary_pow(10, i), ten);
        assert_same(elementary_log10(ten), i);
    }
}

/* The same as the C library's, which C defines; far from these the two are within two units of the last place. */
static void the_ends_are_those_of_c(void **state)
{
    static const double ends[] = {0,    -0.0, 1,    -1,   0.5,  -0.5,   2,        -2,        3,   -3,    2.5,
                                  -2.5, 710,  -746, 1100, 1e19, -1e300, INFINITY, -INFINITY, NAN, 1e308, 5e-324};
    enum { ENDS = sizeof ends / sizeof *ends };

    (void)state;
    for (size_t i = 0; i < ENDS; i++) {
        double x = ends[i];

        if (!isfinite(exp(x)) || exp(x) == 0)
            assert_same(elementary_exp(x), exp(x));
        assert_same(elementary_exp2(x), exp2(x));
        if (!isfinite(expm1(x)))
            assert_same(elementary_expm1(x), expm1(x));
        if (!isfinite(log(x)) || x == 1) {
            assert_same(elementary_log(x), log(x));
            assert_same(elementary_log2(x), log2(x));
            assert_same(elementary_log10(x), log10(x));
        }
        if (!isfinite(log1p(x)))
            assert_same(elementary_log1p(x), log1p(x));
        if (!(fabs(x) <= 1))
            assert_same(elementary_asin(x), NAN);
        for (size_t j = 0; j < ENDS; j++) {
            double power = pow(x, ends[j]), ours = elementary_pow(x, ends[j]);

            if (isfinite(power) && power != 0)
                assert_near(ours, power, 0x1p-51);
            else
                assert_same(ours, power);
        }
    }
}

static void gamma_is_as_gsl_has_it(void **state)
{
    (void)state;
    for (double x = 1e-3; x < 1e9; x *= 1.01)
        if (fabs(elementary_log_gamma(x) - gsl_sf_lngamma(x)) > 1e-13 + 1e-14 * fabs(gsl_sf_lngamma(x)))
            fail_msg("ln Gamma(%.17g): %.17g is not %.17g", x, elementary_log_gamma(x), gsl_sf_lngamma(x));
    assert_same(elementary_log_gamma(0), NAN);
    assert_same(elementary_log_gamma(INFINITY), INFINITY);
}

static void draws_are_those_of_gsl(void **state)
{
    gsl_rng *ours = gsl_rng_alloc(gsl_rng_mt19937), *theirs = gsl_rng_alloc(gsl_rng_mt19937);

    (void)state;
    gsl_rng_set(ours, 7);
    gsl_rng_set(theirs, 7);
    for (int i = 0; i < 2000; i++) {
        assert_near(draw_exponential(ours, 3.5), gsl_ran_exponential(theirs, 3.5), 1e-14);
        assert_near(draw_lognormal(ours, 2, 1.5), gsl_ran_lognormal(theirs, 2, 1.5), 1e-14);
        assert_near(draw_pareto(ours, 1.2, 40), gsl_ran_pareto(theirs, 1.2, 40), 1e-14);
    }
    gsl_rng_free(ours);
    gsl_rng_free(theirs);
}

/* Numbers, real numbers and bounded ones, in turn; and whatever is seen comes. */
static void draws_that_are_seen_ahead_are_those_of_taus2(void **state)
{
    gsl_rng *ours = gsl_rng_alloc(&draws_ahead), *theirs = gsl_rng_alloc(gsl_rng_taus2);
    const struct draws_ahead_state *ahead = draws_ahead_of(ours);

    (void)state;
    assert_null(draws_ahead_of(theirs));
    for (unsigned long seed = 0; seed < 3; seed++) {
        gsl_rng_set(ours, seed);
        gsl_rng_set(theirs, seed);
        for (uint32_t i = 0; i < 1000; i++) {
            uint32_t place = i % DRAWS_AHEAD, seen = draws_ahead_see(ahead, place);

            for (; place > 0; place--)
                assert_int_equal(gsl_rng_get(ours), gsl_rng_get(theirs));
            assert_int_equal(gsl_rng_get(ours), seen);
            assert_int_equal(gsl_rng_get(theirs), seen);
            assert_same(gsl_rng_uniform(ours), gsl_rng_uniform(theirs));
            assert_int_equal(gsl_rng_uniform_int(ours, i + 1), gsl_rng_uniform_int(theirs, i + 1));
        }
    }
    gsl_rng_free(ours);
    gsl_rng_free(theirs);
}

static void students_t_is_as_gsl_has_it(void **state)
{
    static const double chances[] = {0.6, 0.9, 0.975, 0.995, 0.9999};

    (void)state;
    for (size_t i = 0; i < sizeof chances / sizeof *chances; i++)
        for (uint64_t freedom = 1; freedom < 3000; freedom += freedom / 7 + 1)
            assert_near(students_t(chances[i], freedom), gsl_cdf_tdist_Pinv(chances[i], (double)freedom), 1e-11);
}

/* Values far from 0 whose spread is small, where a plain sum of squares has lost it. */
static void the_deviation_does_not_lose_its_digits(void **state)
{
    static const double values[] = {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4};

    (void)state;
    assert_same(statistics_mean(values, 4), 1e9 + 2.5);
    assert_near(statistics_deviation(values, 4), 1.2909944487358056, 1e-15);
    assert_same(statistics_median(values, 4), 1e9 + 2.5);
    assert_same(statistics_median(values, 3), 1e9 + 2);
    assert_same(statistics_mean((double[]){1, INFINITY}, 2), INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_right_to_the_last_bit),
        cmocka_unit_test(powers_of_two_and_ten_are_exact),
        cmocka_unit_test(the_ends_are_those_of_c),
        cmocka_unit_test(gamma_is_as_gsl_has_it),
        cmocka_unit_test(draws_are_those_of_gsl),
        cmocka_unit_test(draws_that_are_seen_ahead_are_those_of_taus2),
        cmocka_unit_test(students_t_is_as_gsl_has_it),
        cmocka_unit_test(the_deviation_does_not_lose_its_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
