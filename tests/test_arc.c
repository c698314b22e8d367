/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_arc: the .lis traces of the ARC paper, from lines to records. */
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct how arc = {.format = "arc"};

static void every_block_of_a_line_is_a_get(void **state)
{
    struct reading *r = read_trace(arc, "110765 3 0 0\n9 2 252 1\n");

    (void)state;
    assert_string_equal(r->text, "- get #110765/6 512\n- get #110766/6 512\n- get #110767/6 512\n"
                                 "- get #9/1 512\n- get #10/2 512\n");
    assert_int_equal(r->intake.rows, 2);
    assert_true(r->intake.key_names_assumed);
    reading_free(r);
}

static void blocks_may_be_as_large_as_numbers_are(void **state)
{
    (void)state;
    expect_records(arc, "9999999999999999999 2 0 0\n",
                   "- get #9999999999999999999/19 512\n- get #10000000000000000000/20 512\n");
}

static void line_ends_and_blanks_of_any_kind(void **state)
{
    (void)state;
    expect_records(arc, "1 1 0 0\r\n\n \t\n  2\t1  0 1 \n3 1 0 2", "- get #1/1 512\n- get #2/1 512\n- get #3/1 512\n");
}

static void a_long_line_is_split_between_calls(void **state)
{
    struct reading *r = read_trace((struct how){.format = "arc", .room = 5}, "100 12 0 0\n7 1 0 1\n");
    const char *end = "- get #111/3 512\n- get #7/1 512\n";

    (void)state;
    assert_int_equal(r->count, 13);
    assert_string_equal(r->text + strlen(r->text) - strlen(end), end);
    reading_free(r);
}

static void errors_name_the_line_and_quote_the_culprit(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"1 1 0", "x:2: expected 4 columns, found 3"},
        {"1", "x:2: expected 4 columns, found 1"},
        {"1 1 0 0 0", "x:2: expected 4 columns, found 5"},
        {"1,1,0,0", "x:2: expected 4 columns, found 1"},
        {"a 1 0 0", "x:2: bad block 'a'"},
        {"-1 1 0 0", "x:2: bad block '-1'"},
        {"10000000000000000000 1 0 0", "x:2: bad block '10000000000000000000'"},
        {"1 0 0 0", "x:2: bad number of blocks '0'"},
        {"1 x 0 0", "x:2: bad number of blocks 'x'"},
        {"1 65537 0 0",
         "x:2: bad number of blocks '65537': one row stands for 65536 requests at most: --row-requests allows more, "
         "--lenient leaves out such rows"},
        {"\x1b[2J 1 0 0", "x:2: bad block '?[2J'"},
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "1 1 0 0\n%s\n2 1 0 2\n", cases[i].row);
        expect_error(arc, trace, cases[i].text);
    }
}

static void lenient_skips_what_would_be_an_error(void **state)
{
    struct reading *r =
        read_trace((struct how){.format = "arc", .lenient = true}, "1 2 0 0\n5 0 0 1\nx 1 0 2\n7 1 0 3\n");

    (void)state;
    assert_string_equal(r->text, "- get #1/1 512\n- get #2/1 512\n- get #7/1 512\n");
    assert_int_equal(r->intake.rows, 4);
    assert_int_equal(r->intake.skipped, 2);
    assert_string_equal(r->intake.first_skipped, "x:2: bad number of blocks '0'");
    reading_free(r);
}

/* Four numbers are not enough: the last must count requests, as a column of times or sizes does not. */
static void other_lists_of_four_numbers_are_not_taken_for_it(void **state)
{
    struct reading *r = read_trace((struct how){0}, "1 1 0 0\n2 1 0 0\n3 8 0 1\n");

    (void)state;
    assert_string_equal(r->format, "arc");
    reading_free(r);
    expect_error((struct how){0}, "10 7 512 0\n11 9 4096 5\n",
                 "x: not recognized as a trace of any format (evsim run --help lists them): name it with --format, "
                 "or the columns of a CSV file with --columns");
}

static void a_published_trace_reads_to_its_end(void **state)
{
    char *path = shared_path("traces/arc/OLTP.lis.zst");
    const char *begin = "- get #1/1 512\n- get #2/1 512\n";

    (void)state;
    if (!path)
        skip();
    struct reading *r = read_file((struct how){.room = 4096}, path);
    assert_string_equal(r->format, "arc");
    assert_int_equal(r->status, 0);
    assert_int_equal(r->count, 914145);
    assert_int_equal(strncmp(r->text, begin, strlen(begin)), 0);
    reading_free(r);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_of_a_line_is_a_get),
        cmocka_unit_test(blocks_may_be_as_large_as_numbers_are),
        cmocka_unit_test(line_ends_and_blanks_of_any_kind),
        cmocka_unit_test(a_long_line_is_split_between_calls),
        cmocka_unit_test(errors_name_the_line_and_quote_the_culprit),
        cmocka_unit_test(lenient_skips_what_would_be_an_error),
        cmocka_unit_test(other_lists_of_four_numbers_are_not_taken_for_it),
        cmocka_unit_test(a_published_trace_reads_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
