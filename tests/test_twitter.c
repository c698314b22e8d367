/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_twitter: Twitter's cache traces of 2020, from lines to records. */
#include "tests/support_random.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct how twitter = {.format = "twitter"};

static void a_get_carries_the_size_and_ttl_of_its_fill(void **state)
{
    (void)state;
    expect_records(twitter,
                   "0,q:q:1:8WTfjZU14ee,17,213,4,get,0\n"
                   "1,k7213,5,68,2,get,81\n",
                   "0 get q:q:1:8WTfjZU14ee 213\n"
                   "1000000 get k7213 68 ttl=81000\n");
}

static void every_verb_has_its_command(void **state)
{
    (void)state;
    expect_records(twitter,
                   "1,k,1,9,0,get,0\n1,k,1,9,0,gets,0\n"
                   "1,k,1,9,0,set,0\n1,k,1,9,0,cas,0\n1,k,1,9,0,add,7\n1,k,1,9,0,replace,0\n"
                   "1,k,1,9,0,append,0\n1,k,1,9,0,prepend,0\n"
                   "1,k,1,0,0,delete,0\n1,k,1,2,0,incr,0\n1,k,1,2,0,decr,0\n"
                   "1,k,1,0,0,expire,60\n1,k,1,0,0,expire,0\n",
                   "1000000 get k 9\n1000000 get k 9\n"
                   "1000000 set k 9\n1000000 set k 9\n1000000 set k 9 ttl=7000 nx\n"
                   "1000000 set k 9 xx\n"
                   "1000000 append k 9\n1000000 append k 9\n"
                   "1000000 del k 0\n1000000 incr k 2\n1000000 decr k 2\n"
                   "1000000 expire k 0 ttl=60000\n1000000 expire k 0 ttl=0\n");
}

static void verbs_without_a_twin_are_counted(void **state)
{
    struct reading *r = read_trace(twitter, "1,k,1,9,0,cas,0\n1,k,1,9,0,prepend,0\n"
                                            "1,k,1,9,0,nop,0\n1,k,1,9,0,set,0\n2,k,1,9,0,nop,0\n");
    (void)state;
    assert_int_equal(r->count, 3);
    assert_int_equal(r->intake.rows, 5);
    assert_int_equal(r->intake.renamed_commands, 2);
    assert_int_equal(r->intake.unknown_commands, 2);
    assert_string_equal(r->intake.unknown[0].name, "nop");
    assert_int_equal(r->intake.unknown[0].count, 2);
    reading_free(r);
}

static void keys_may_hold_commas_and_quotes(void **state)
{
    (void)state;
    expect_records(twitter,
                   "1,a,b,,\"c,5,9,0,get,0\n"
                   "1,1,2,3,4,get,6,7,8,9,set,0\n",
                   "1000000 get a,b,,\"c/5 9\n"
                   "1000000 set 1,2,3,4,get,6/7 8\n");
}

/* The reader looks at eight bytes at a time: a comma may stand at any place among them. */
static void columns_of_every_width(void **state)
{
    static const char name[] = "a,bb,,ccc,1234567,,,,,,,,get,dddddddddddddddd,12,3,,e";
    struct random random = random_start();
    char trace[256], expected[256];

    (void)state;
    for (int row = 0; row < 20000; row++) {
        int length = 1 + (int)random_below(&random, sizeof name - 2);
        uint32_t size = (uint32_t)(random_next(&random) >> (40 + random_below(&random, 24))) + 1;
        uint32_t ttl = (uint32_t)(random_next(&random) >> (40 + random_below(&random, 24))) + 1;
        uint32_t seconds = (uint32_t)(random_next(&random) >> (40 + random_below(&random, 24)));
        uint32_t client = (uint32_t)(random_next(&random) >> (32 + random_below(&random, 32)));

        snprintf(trace, sizeof trace, "%u.5,%.*s,%d,%u,%u,set,%u\n", seconds, length, name, length, size, client, ttl);
        snprintf(expected, sizeof expected, "%u500000 set %.*s %u ttl=%u000\n", seconds, length, name, size, ttl);
        if (!seconds)
            memmove(expected, expected + 1, strlen(expected));
        expect_records(twitter, trace, expected);
    }
}

static void the_key_size_column_rules_unless_it_is_zero(void **state)
{
    (void)state;
    expect_records(twitter, "1,k,40,9,0,set,0\n1,abc,0,9,0,set,0\n", "1000000 set k/40 9\n1000000 set abc 9\n");
}

static void a_read_of_nothing_has_no_size(void **state)
{
    (void)state;
    expect_records(twitter, "1,k,1,0,0,get,0\n1,k,1,0,0,gets,0\n1,k,1,0,0,set,0\n",
                   "1000000 get k ?\n1000000 get k ?\n1000000 set k 0\n");
}

static void a_read_of_nothing_is_one_of_an_empty_value_if_the_user_says_so(void **state)
{
    static const char trace[] = "1,k,1,0,0,get,0\n1,k,1,0,0,gets,0\n1,k,1,0,0,set,0\n1,k,1,5,0,get,0\n";
    struct reading *r = read_trace((struct how){.format = "twitter", .size_zero = SIZE_ZERO_EMPTY}, trace);

    (void)state;
    assert_string_equal(r->text, "1000000 get k 0\n1000000 get k 0\n1000000 set k 0\n1000000 get k 5\n");
    assert_int_equal(r->intake.zero_sizes, 2);
    assert_true(r->intake.zero_is_empty);
    reading_free(r);
    r = read_trace(twitter, trace);
    assert_int_equal(r->intake.zero_sizes, 2);
    assert_false(r->intake.zero_is_empty);
    reading_free(r);
}

static void times_are_exact_to_the_microsecond(void **state)
{
    (void)state;
    expect_records(twitter,
                   "0.024,k,1,9,0,get,0\n0.1,k,1,9,0,get,0\n1.000001,k,1,9,0,get,0\n"
                   "1700000000.999999,k,1,9,0,get,0\n1700000001.1234569,k,1,9,0,get,0\n",
                   "24000 get k 9\n100000 get k 9\n1000001 get k 9\n"
                   "1700000000999999 get k 9\n1700000001123456 get k 9\n");
}

/* Seconds, unless the first time can only be a Unix time in another unit. */
static void times_in_another_unit_are_seen(void **state)
{
    struct reading *r = read_trace(twitter, "1714564800123,k,1,9,0,get,0\n1714564801123,k,1,9,0,get,5\n");

    (void)state;
    assert_string_equal(r->text, "1714564800123000 get k 9\n1714564801123000 get k 9 ttl=5000\n");
    assert_string_equal(r->intake.time_unit, "ms");
    reading_free(r);
    expect_records((struct how){0}, "1714564800123456789,k,1,9,0,get,0\n", "1714564800123456 get k 9\n");
    expect_records((struct how){0}, "2024-05-01T12:00:00Z,k,1,9,0,get,0\n", "1714564800000000 get k 9\n");
    expect_records(twitter, "0,k,1,9,0,get,0\n16725225600,k,1,9,0,get,0\n", "0 get k 9\n16725225600000000 get k 9\n");
    expect_error((struct how){0}, "171456480012,k,1,9,0,get,0\n",
                 "x:1: bad time '171456480012': no Unix time in s, ms, us or ns: say its unit by reading it as csv, "
                 "--columns time=1,key=2,key-size=3,value-size=4,op=6,ttl=7,time-unit=s");
}

static void line_ends_of_any_kind(void **state)
{
    (void)state;
    expect_records(twitter, "1,k,1,9,0,get,0\r\n\n2,k,1,9,0,get,0\r\n\r\n3,k,1,9,0,get,5",
                   "1000000 get k 9\n2000000 get k 9\n3000000 get k 9 ttl=5000\n");
}

static void errors_name_the_line_and_quote_the_culprit(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"1o,k,1,9,0,get,0", "x:2: bad time '1o'"},
        {"-1,k,1,9,0,get,0", "x:2: bad time '-1'"},
        {"1.5.1,k,1,9,0,get,0", "x:2: bad time '1.5.1'"},
        {"99999999999999999,k,1,9,0,get,0", "x:2: bad time '99999999999999999'"},
        {",k,1,9,0,get,0", "x:2: missing time"},
        {"1,,1,9,0,get,0", "x:2: missing key"},
        {"1,k,one,9,0,get,0", "x:2: bad key size 'one'"},
        {"1,k,1,12x,0,get,0", "x:2: bad value size '12x'"},
        {"1,k,1,-9,0,get,0", "x:2: bad value size '-9'"},
        {"1,k,1,4294967295,0,set,0", "x:2: bad value size '4294967295'"},
        {"1,k,1,,0,set,0", "x:2: missing value size"},
        {"1,k,1,9,0,get,", "x:2: missing ttl"},
        {"1,k,1,9,0,get,soon", "x:2: bad ttl 'soon'"},
        {"1,k,1,9,0,get", "x:2: expected 7 columns, found 6"},
        {"garbage", "x:2: expected 7 columns, found 1"},
        {"\x1b[2J,k,1,9,0,get,0", "x:2: bad time '?[2J'"},
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "0,k,1,9,0,get,0\n%s\n2,k,1,9,0,get,0\n", cases[i].row);
        expect_error(twitter, trace, cases[i].text);
    }
}

static void lenient_skips_what_would_be_an_error(void **state)
{
    struct reading *r = read_trace((struct how){.format = "twitter", .lenient = true},
                                   "0,k,1,9,0,get,0\n1,k,1,,0,set,0\n2,k,x,9,0,get,0\n"
                                   "3,k,1,9,0,get,0\n");
    (void)state;
    assert_string_equal(r->text, "0 get k 9\n3000000 get k 9\n");
    assert_int_equal(r->intake.rows, 4);
    assert_int_equal(r->intake.skipped, 2);
    assert_string_equal(r->intake.first_skipped, "x:2: missing value size");
    reading_free(r);
}

static void a_recorded_trace_reads_to_its_end(void **state)
{
    char *path = shared_path("golden/d1.csv.zst");

    (void)state;
    if (!path)
        skip();
    struct reading *r = read_file((struct how){.room = 4096}, path);
    assert_string_equal(r->format, "twitter");
    assert_int_equal(r->status, 0);
    assert_int_equal(r->count, 300000);
    const char *begin = "0 get k7213 68 ttl=81000\n24000 get user:17246 39\n";
    assert_int_equal(strncmp(r->text, begin, strlen(begin)), 0);
    reading_free(r);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_get_carries_the_size_and_ttl_of_its_fill),
        cmocka_unit_test(every_verb_has_its_command),
        cmocka_unit_test(verbs_without_a_twin_are_counted),
        cmocka_unit_test(keys_may_hold_commas_and_quotes),
        cmocka_unit_test(columns_of_every_width),
        cmocka_unit_test(the_key_size_column_rules_unless_it_is_zero),
        cmocka_unit_test(a_read_of_nothing_has_no_size),
        cmocka_unit_test(a_read_of_nothing_is_one_of_an_empty_value_if_the_user_says_so),
        cmocka_unit_test(times_are_exact_to_the_microsecond),
        cmocka_unit_test(times_in_another_unit_are_seen),
        cmocka_unit_test(line_ends_of_any_kind),
        cmocka_unit_test(errors_name_the_line_and_quote_the_culprit),
        cmocka_unit_test(lenient_skips_what_would_be_an_error),
        cmocka_unit_test(a_recorded_trace_reads_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
