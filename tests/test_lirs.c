/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lirs: the .trc traces of the LIRS paper, from lines to records. */
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct how lirs = {.format = "lirs"};

static void every_number_is_a_get(void **state)
{
    struct reading *r = read_trace(lirs, "2819\n0\n2819\n9999999999999999999\n");

    (void)state;
    assert_string_equal(r->text, "- get #2819/4 4096\n- get #0/1 4096\n- get #2819/4 4096\n"
                                 "- get #9999999999999999999/19 4096\n");
    assert_int_equal(r->intake.rows, 4);
    assert_true(r->intake.key_names_assumed);
    reading_free(r);
}

static void a_mark_is_not_a_row(void **state)
{
    struct reading *r = read_trace(lirs, "*\n1\n*\n * \n2\n*");

    (void)state;
    assert_string_equal(r->text, "- get #1/1 4096\n- get #2/1 4096\n");
    assert_int_equal(r->intake.rows, 2);
    reading_free(r);
}

static void line_ends_and_blanks_of_any_kind(void **state)
{
    (void)state;
    expect_records(lirs, "1\r\n\n \t\n  2 \n3", "- get #1/1 4096\n- get #2/1 4096\n- get #3/1 4096\n");
}

static void errors_name_the_line_and_quote_the_culprit(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"x", "x:2: bad block 'x'"},          {"1 2", "x:2: bad block '1 2'"},
        {"-1", "x:2: bad block '-1'"},        {"1.5", "x:2: bad block '1.5'"},
        {"**", "x:2: bad block '**'"},        {"10000000000000000000", "x:2: bad block '10000000000000000000'"},
        {"\x1b[2J", "x:2: bad block '?[2J'"},
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "1\n%s\n2\n", cases[i].row);
        expect_error(lirs, trace, cases[i].text);
    }
}

static void lenient_skips_what_would_be_an_error(void **state)
{
    struct reading *r = read_trace((struct how){.format = "lirs", .lenient = true}, "1\nx\n-2\n3\n");

    (void)state;
    assert_string_equal(r->text, "- get #1/1 4096\n- get #3/1 4096\n");
    assert_int_equal(r->intake.rows, 4);
    assert_int_equal(r->intake.skipped, 2);
    assert_string_equal(r->intake.first_skipped, "x:2: bad block 'x'");
    reading_free(r);
}

static void published_traces_read_to_their_end(void **state)
{
    static const struct {
        const char *path;
        int count;
        const char *begin;
    } traces[] = {
        {"traces/lirs/2_pools.trace.gz", 100000, "- get #2819/4 4096\n- get #85/2 4096\n"},
        {"traces/lirs/cpp.trace.gz", 9047, "- get #0/1 4096\n- get #1/1 4096\n"},
        {"traces/lirs/cs.trace.gz", 6781, "- get #0/1 4096\n- get #1/1 4096\n"},
        {"traces/lirs/gli.trace.gz", 6015, "- get #0/1 4096\n- get #1/1 4096\n"},
        {"traces/lirs/multi1.trace.gz", 15858, "- get #0/1 4096\n- get #1/1 4096\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        char *path = shared_path(traces[i].path);

        if (!path)
            skip();
        struct reading *r = read_file((struct how){.room = 4096}, path);
        assert_string_equal(r->format, "lirs");
        assert_int_equal(r->status, 0);
        assert_int_equal(r->count, traces[i].count);
        assert_int_equal(strncmp(r->text, traces[i].begin, strlen(traces[i].begin)), 0);
        reading_free(r);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_a_get),
        cmocka_unit_test(a_mark_is_not_a_row),
        cmocka_unit_test(line_ends_and_blanks_of_any_kind),
        cmocka_unit_test(errors_name_the_line_and_quote_the_culprit),
        cmocka_unit_test(lenient_skips_what_would_be_an_error),
        cmocka_unit_test(published_traces_read_to_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
