/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_units: sizes, durations and counts, as people write and read them. */
#include "sim/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void byte_sizes_follow_redis_conf(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0},         {"1", 1},           {"7b", 7},           {"1k", 1000},
        {"1kb", 1024},    {"1K", 1000},       {"1KB", 1024},       {"8m", 8000000},
        {"8mb", 8388608}, {"2g", 2000000000}, {"2Gb", 2147483648}, {"18446744073709551615", UINT64_MAX},
    };
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(scan_bytes(cases[i].text, &bytes));
        assert_int_equal(bytes, cases[i].bytes);
    }
}

static void byte_sizes_are_whole_or_nothing(void **state)
{
    static const char *const bad[] = {
        "", "k", "-1", "1.5g", "1 kb", " 1", "1kbb", "1kib", "0x10", "18446744073709551616", "18446744073709551615k"};
    uint64_t bytes = 42;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(scan_bytes(bad[i], &bytes));
    assert_int_equal(bytes, 42);
}

/* As people write them, and as tables show them. */
static void sizes_may_have_fractions_and_binary_units(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"42", 42},
        {"2.68mb", 2810183},
        {"2744KiB", 2744 << 10},
        {"4Gi", UINT64_C(4) << 30},
        {"4.65 MiB", 4875878},
        {"1.5k", 1500},
        {"0.5kb", 512},
        {"2t", UINT64_C(2000000000000)},
        {"1.999999999b", 1},
        {"1TiB", UINT64_C(1) << 40},
        {"3 b", 3},
    };
    static const char *const bad[] = {
        "", ".5mb", "1.mb", "1.5.5mb", "-1mb", "1 mbb", "1e3", "18446744073709551616", "17592186044416mib"};
    uint64_t bytes = 7;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(scan_size(cases[i].text, &bytes));
        assert_int_equal(bytes, cases[i].bytes);
    }
    bytes = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(scan_size(bad[i], &bytes));
    assert_int_equal(bytes, 7);
}

static void assert_range(const char *text, const uint64_t *sizes, size_t count)
{
    struct size_range range;
    uint64_t size;
    size_t i = 0;

    assert_true(scan_size_range(text, &range));
    size = range.first;
    do {
        assert_true(i < count);
        assert_int_equal(size, sizes[i++]);
    } while (size_range_next(&range, &size));
    assert_int_equal(i, count);
}

static void ranges_grow_by_a_factor_or_a_step(void **state)
{
    static const char *const bad[] = {"1mb",          "1mb..2mb",     "2mb..1mb:x2",  "1mb..2mb:x1", "1mb..2mb:x",
                                      "1mb..2mb:+",   "1mb..2mb:+0b", "0..2mb:x2",    "..2mb:x2",    "1mb..:x2",
                                      "1mb..2mb:x2k", "1mb..2mb:2",   "1mb..2mb:xnan"};
    struct size_range range;

    (void)state;
    assert_range("1mb..8mb:x2", (const uint64_t[]){1 << 20, 2 << 20, 4 << 20, 8 << 20}, 4);
    assert_range("1mb..7mb:x2", (const uint64_t[]){1 << 20, 2 << 20, 4 << 20}, 3);
    assert_range("8..10mb:+1mb", (const uint64_t[]){8 << 20, 9 << 20, 10 << 20}, 3);
    assert_range("8..10mb:+1", (const uint64_t[]){8 << 20, 9 << 20, 10 << 20}, 3);
    assert_range("1.5kb..2kb:+256b", (const uint64_t[]){1536, 1792, 2048}, 3);
    assert_range("100..150:x1.5", (const uint64_t[]){100, 150}, 2);
    assert_range("1mb..1mb:x2", (const uint64_t[]){1 << 20}, 1);
    assert_range("1b..3b:x1.1", (const uint64_t[]){1}, 1); /* it does not grow */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (scan_size_range(bad[i], &range))
            fail_msg("%s", bad[i]);
}

static void durations_are_exact_to_the_microsecond(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"0", 0},         {"1", 1000000},        {"60s", 60000000},    {"250ms", 250000},
        {"5us", 5},       {"5m", 300000000},     {"2h", 7200000000},   {"1d", 86400000000},
        {"0.5s", 500000}, {"0.1", 100000},       {"1.5h", 5400000000}, {"0.000001", 1},
        {"0.0000009", 0}, {"0.3d", 25920000000}, {"2H", 7200000000},   {"0.1234567ms", 123},
    };
    int64_t us;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(scan_duration(cases[i].text, &us));
        assert_int_equal(us, cases[i].us);
    }
}

static void durations_are_whole_or_nothing(void **state)
{
    static const char *const bad[] = {
        "", "s", "-1s", ".5s", "1.s", "1.5.5s", "1 s", "1w", "1e3", "9223372036855", "99999999999999999999d"};
    int64_t us = 42;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(scan_duration(bad[i], &us));
    assert_int_equal(us, 42);
}

static void integers_reach_their_limits_and_no_further(void **state)
{
    int64_t number;
    uint64_t natural;

    (void)state;
    assert_true(scan_int64("-9223372036854775808", &number));
    assert_true(number == INT64_MIN);
    assert_true(scan_int64("9223372036854775807", &number));
    assert_true(number == INT64_MAX);
    assert_false(scan_int64("9223372036854775808", &number));
    assert_false(scan_int64("-9223372036854775809", &number));
    assert_false(scan_int64("-", &number));
    assert_false(scan_int64("--1", &number));
    assert_false(scan_int64("12x", &number));
    assert_true(scan_uint64("18446744073709551615", &natural));
    assert_true(natural == UINT64_MAX);
    assert_false(scan_uint64("18446744073709551616", &natural));
    assert_false(scan_uint64("-1", &natural));
    assert_false(scan_uint64("", &natural));
}

static void sizes_print_with_three_digits(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.00 KiB"},
        {8 << 20, "8.00 MiB"},
        {12900000, "12.3 MiB"},
        {123 << 20, "123 MiB"},
        {(1 << 20) - 1, "1.00 MiB"},
        {10230, "9.99 KiB"},
        {10236, "10.0 KiB"},
        {UINT64_MAX, "16.0 EiB"},
    };
    char text[UNITS_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(print_bytes(text, cases[i].bytes), cases[i].text);
}

static void maxmemory_prints_exactly_and_reads_back(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1500000, "1500000"},
        {8 << 20, "8mb"},
        {3ull << 30, "3gb"},
        {1536, "1536"},
        {2048, "2kb"},
        {UINT64_MAX, "18446744073709551615"},
    };
    char text[UNITS_TEXT];
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(print_maxmemory(text, cases[i].bytes), cases[i].text);
        assert_true(scan_bytes(text, &bytes));
        assert_true(bytes == cases[i].bytes);
    }
}

static void counts_print_in_groups_of_three(void **state)
{
    char text[UNITS_TEXT];

    (void)state;
    assert_string_equal(print_count(text, 0), "0");
    assert_string_equal(print_count(text, 999), "999");
    assert_string_equal(print_count(text, 1000), "1,000");
    assert_string_equal(print_count(text, 1234567), "1,234,567");
    assert_string_equal(print_count(text, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void durations_print_in_two_units(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {250, "250us"},
        {250000, "250ms"},
        {999499, "999ms"},
        {999500, "1.0s"},
        {45000000, "45.0s"},
        {59940000, "59.9s"},
        {59950000, "1m 00s"},
        {60000000, "1m 00s"},
        {330499999, "5m 30s"},
        {3599499999, "59m 59s"},
        {3599500000, "1h 00m"},
        {7199976000, "2h 00m"},
        {7200000000, "2h 00m"},
        {86369999999, "23h 59m"},
        {86370000000, "1d 00h"},
        {273600000000, "3d 04h"},
        {275400000000, "3d 05h"},
        {-45000000, "-45.0s"},
        {INT64_MIN, "-106751991d 04h"},
    };
    char text[UNITS_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(print_duration(text, cases[i].us), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(byte_sizes_follow_redis_conf),
        cmocka_unit_test(sizes_may_have_fractions_and_binary_units),
        cmocka_unit_test(ranges_grow_by_a_factor_or_a_step),
        cmocka_unit_test(byte_sizes_are_whole_or_nothing),
        cmocka_unit_test(durations_are_exact_to_the_microsecond),
        cmocka_unit_test(durations_are_whole_or_nothing),
        cmocka_unit_test(integers_reach_their_limits_and_no_further),
        cmocka_unit_test(sizes_print_with_three_digits),
        cmocka_unit_test(maxmemory_prints_exactly_and_reads_back),
        cmocka_unit_test(counts_print_in_groups_of_three),
        cmocka_unit_test(durations_print_in_two_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
