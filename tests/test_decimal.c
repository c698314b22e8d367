/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_decimal: numbers as a server reads and writes them. The lengths are those of a live 7.0.15. */
#include "sim/decimal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_read(const char *text)
{
    int64_t number, second;

    assert_true(decimal_read(text, strlen(text), &number, &second));
    assert_true(decimal_value(number, second) == decimal_scan(text, NULL));
}

static void texts_are_read_to_the_last_bit(void **state)
{
    static const char *const texts[] = {"0",
                                        "1.5",
                                        "-2e3",
                                        "+7.",
                                        "1e300",
                                        "-1e300",
                                        "1e4931",
                                        "-3e-40",
                                        "12345678901234567890.5",
                                        "0.123456789012345678901234567890",
                                        "98765432109876543210",
                                        "0x1.8p3",
                                        "0.00000000000000000000000000000"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_read(texts[i]);
}

static void what_is_no_number_is_not_read(void **state)
{
    static const char *const texts[] = {"", "v", "1x", " 1e300", "1e300 ", "inf", "nan", "1e5000", "-", "1e-5000"};
    int64_t number, second;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(decimal_read(texts[i], strlen(texts[i]), &number, &second));
}

/* What INCRBYFLOAT writes has 17 decimals at most, and is what the next one reads. */
static void what_is_written_is_what_is_read_again(void **state)
{
    long double again;

    (void)state;
    assert_int_equal(decimal_written(3.0L, &again), 1);
    assert_int_equal(decimal_written(-2.25L, &again), 5);
    assert_int_equal(decimal_written(-0.0L, &again), 1);
    assert_int_equal(decimal_written(-3e-40L, &again), 1);
    assert_true(again == 0);
    assert_int_equal(decimal_written(decimal_sum(decimal_scan("0.1", NULL), decimal_scan("0.2", NULL)), &again), 3);
    assert_true(again == decimal_scan("0.3", NULL));
    assert_int_equal(decimal_written(1e300L, &again), 301);
    assert_true(again == 1e300L);
}

static void expect_sum(const char *a, const char *b, const char *mantissa, uint32_t bytes)
{
    long double sum = decimal_sum(decimal_scan(a, NULL), decimal_scan(b, NULL)), again;
    int exponent;
    char bits[32];

    snprintf(bits, sizeof bits, "%016llx", (unsigned long long)ldexpl(frexpl(fabsl(sum), &exponent), 64));
    assert_string_equal(bits, mantissa);
    assert_int_equal(decimal_written(sum, &again), bytes);
}

/* As an x86's long doubles have them, whatever machine this is: sums whose 65th bit and those behind it matter. */
static void sums_have_64_bits(void **state)
{
    (void)state;
    expect_sum("1e15", "0.1", "e35fa931a0000666", 30);
    expect_sum("1e18", "0.1", "de0b6b3a76400002", 23);
    expect_sum("9223372036854775807", "0.5", "ffffffffffffffff", 21);
    expect_sum("18446744073709551614", "0.5", "fffffffffffffffe", 20); /* a tie: to the even one */
    expect_sum("18446744073709551614", "0.5000000000000000001", "ffffffffffffffff", 20);
    expect_sum("18446744073709551615", "0.5", "8000000000000000", 20);
    expect_sum("-18446744073709551615", "-0.75", "8000000000000000", 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_to_the_last_bit),
        cmocka_unit_test(what_is_no_number_is_not_read),
        cmocka_unit_test(what_is_written_is_what_is_read_again),
        cmocka_unit_test(sums_have_64_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
