/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_times: the texts of a time column, one by one: units and dates. */
#include "traces/text/times.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *scan(struct times *times, const char *text, int64_t *time_us)
{
    return times_scan(times, text, text + strlen(text), time_us);
}

/* The first time of a trace: -1 when it is refused. */
static int64_t first(const char *text)
{
    struct times times = {.places = 6};
    int64_t time_us;

    return scan(&times, text, &time_us) ? -1 : time_us;
}

static void units_end_where_a_unix_time_can_be(void **state)
{
    (void)state;
    assert_int_equal(first("0"), 0);
    assert_int_equal(first("999999999"), INT64_C(999999999000000));
    assert_int_equal(first("4294967295"), INT64_C(4294967295000000));
    assert_int_equal(first("4294967296"), -1);
    assert_int_equal(first("999999999999"), -1);
    assert_int_equal(first("1000000000000"), INT64_C(1000000000000000));
    assert_int_equal(first("4294967295999"), INT64_C(4294967295999000));
    assert_int_equal(first("4294967296000"), -1);
    assert_int_equal(first("1000000000000000"), INT64_C(1000000000000000));
    assert_int_equal(first("4294967296000000"), -1);
    assert_int_equal(first("1000000000000000000"), INT64_C(1000000000000000));
    assert_int_equal(first("4294967295999999999"), INT64_C(4294967295999999));
    assert_int_equal(first("4294967296000000000"), -1);
    assert_int_equal(first("9999999999999999999"), -1);
    assert_int_equal(first("99999999999999999999"), -1);
}

static void dates_as_iso_8601_has_them(void **state)
{
    static const struct {
        const char *text;
        int64_t time_us;
    } cases[] = {
        {"2024-05-01T12:00:00Z", 1714564800000000},
        {"2024-05-01T12:00:00", 1714564800000000},
        {"2024-05-01 12:00:00", 1714564800000000},
        {"2024-05-01T12:00", 1714564800000000},
        {"2024-05-01", 1714521600000000},
        {"2024-05-01T12:00:00.5Z", 1714564800500000},
        {"2024-05-01T12:00:00.1234567", 1714564800123456},
        {"2024-05-01T12:00:00+02:00", 1714557600000000},
        {"2024-05-01T12:00:00.250-0530", 1714584600250000},
        {"2024-05-01T12:00:00+02", 1714557600000000},
        {"2024-02-29T00:00:00z", 1709164800000000},
        {"1970-01-01T00:00:00Z", 0},
        {"2024-05-01T12", -1},
        {"2024-05-01T12:00:00.", -1},
        {"2024-05-01T12:00:00Q", -1},
        {"2024-05-01T12:00:00Z1", -1},
        {"2024-05-01T12:00:00+25:00", -1},
        {"2024-05-01T12:00:00+2", -1},
        {"2024-05-01T1:00:00", -1},
        {"2024-5-01", -1},
        {"2024-02-30", -1},
        {"2024-13-01", -1},
        {"2024-05-01x", -1},
        {"1969-12-31T23:59:59Z", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(first(cases[i].text), cases[i].time_us);
}

static void a_unit_that_was_given_takes_any_number(void **state)
{
    struct times times = {.places = -3, .given = true};
    int64_t time_us;

    (void)state;
    assert_null(scan(&times, "1999", &time_us));
    assert_int_equal(time_us, 1);
    assert_null(scan(&times, "9000000000000000000", &time_us));
    assert_int_equal(time_us, INT64_C(9000000000000000));
    assert_string_equal(times_unit(&times), "ns");
}

static void the_first_time_that_can_be_read_settles_the_unit(void **state)
{
    struct times times = {.places = 6};
    int64_t time_us;

    (void)state;
    assert_string_equal(scan(&times, "soon", &time_us), "");
    assert_non_null(scan(&times, "99999999999", &time_us));
    assert_null(scan(&times, "1714564800123", &time_us));
    assert_int_equal(time_us, INT64_C(1714564800123000));
    assert_string_equal(times_unit(&times), "ms");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_end_where_a_unix_time_can_be),
        cmocka_unit_test(dates_as_iso_8601_has_them),
        cmocka_unit_test(a_unit_that_was_given_takes_any_number),
        cmocka_unit_test(the_first_time_that_can_be_read_settles_the_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
