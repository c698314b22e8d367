/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_rows: traces that are tables of text, from lines to records: what all of them have in common, by the example of
 * msr. */
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define AT "128166372003061629"
#define US "1172163600306162"

static const struct how msr = {.format = "msr"};

static void a_request_is_the_blocks_that_it_touches(void **state)
{
    (void)state;
    expect_records(msr, AT ",hm,0,Read,8192,4096,1\n", US " get hm:0:2 4096\n");
    expect_records(msr, AT ",hm,0,Read,8191,2,1\n", US " get hm:0:1 4096\n" US " get hm:0:2 4096\n");
    expect_records(msr, AT ",hm,0,Write,0,8193,1\n",
                   US " set hm:0:0 4096\n" US " set hm:0:1 4096\n" US " set hm:0:2 4096\n");
    expect_records((struct how){.format = "msr", .block_bytes = 65536}, AT ",usr,12,Write,65535,2,1\n",
                   US " set usr:12:0 65536\n" US " set usr:12:1 65536\n");
    expect_records((struct how){.format = "msr", .block_bytes = 100}, AT ",usr,12,Read,199,1,1\n",
                   US " get usr:12:1 100\n");
}

static void a_request_of_no_bytes_is_counted(void **state)
{
    struct reading *r = read_trace(msr, AT ",hm,0,Read,8192,0,1\n");

    (void)state;
    assert_int_equal(r->count, 0);
    assert_int_equal(r->intake.rows, 1);
    assert_int_equal(r->intake.empty_requests, 1);
    assert_int_equal(r->intake.block_bytes, 4096);
    reading_free(r);
}

static void a_long_request_is_split_between_calls(void **state)
{
    struct reading *r = read_trace((struct how){.format = "msr", .room = 5},
                                   AT ",hm,0,Read,0,268435456,1\n" AT ",hm,0,Read,4096,1,1\n");
    const char *end = US " get hm:0:65535 4096\n" US " get hm:0:1 4096\n";

    (void)state;
    assert_int_equal(r->count, 65537);
    assert_string_equal(r->text + strlen(r->text) - strlen(end), end);
    reading_free(r);
}

/* More keys than the room for them: names of 260 bytes, 4096 at once. */
static void names_may_be_long(void **state)
{
    char trace[400], host[260];
    struct reading *r;

    (void)state;
    memset(host, 'h', 252);
    host[252] = '\0';
    snprintf(trace, sizeof trace, AT ",%s,0,Read,0,16777216,1\n", host);
    r = read_trace((struct how){.format = "msr", .room = 4096}, trace);
    assert_int_equal(r->count, 4096);
    assert_non_null(strstr(r->text, ":0:4095 4096\n"));
    reading_free(r);
    snprintf(trace, sizeof trace, AT ",%sh,0,Read,0,1,1\n", host);
    r = read_trace(msr, trace);
    assert_int_equal(r->count, 1);
    reading_free(r);
    memset(host, 'h', 254);
    snprintf(trace, sizeof trace, AT ",%.254s,0,Read,0,1,1\n", host);
    r = read_trace(msr, trace);
    assert_int_equal(r->status, -1);
    assert_non_null(strstr(r->error.text, "longer than evsim takes"));
    reading_free(r);
}

static void what_people_have_around_columns(void **state)
{
    (void)state;
    expect_records(
        msr, "\xef\xbb\xbf" AT " , hm , 0 , read , 0 , 1 , 1 \r\n\r\n\"" AT "\",\"hm\",\"0\",\"Read\",\"0\",\"1\",\r\n",
        US " get hm:0:0 4096\n" US " get hm:0:0 4096\n");
    expect_records(msr,
                   "\xef\xbb\xbfTimestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime\r\n" AT ",hm,0,Read,0,1,1",
                   US " get hm:0:0 4096\n");
}

static void a_header_says_which_column_is_which(void **state)
{
    (void)state;
    expect_records(msr, "\"Size\",Offset,what,Type,Disk Number,Hostname,Time_Stamp\n1,4096,else,Write,3,web," AT "\n",
                   US " set web:3:1 4096\n");
    expect_error(
        msr, "Size,Offset,Type,DiskNumber,Timestamp\n",
        "x:1: the header lacks 'hostname': if this is another trace, say which it is with --format, or name its "
        "columns with --columns");
}

static void rows_a_little_late_came_with_those_before(void **state)
{
    struct reading *r = read_trace(msr, "128166372003061629,a,0,Read,0,1,1\n128166372002061629,b,0,Read,0,1,1\n"
                                        "128166371403061629,c,0,Read,0,1,1\n128166371403061619,d,0,Read,0,1,1\n");

    (void)state;
    assert_string_equal(r->text, "1172163600306162 get a:0:0 4096\n1172163600306162 get b:0:0 4096\n"
                                 "1172163600306162 get c:0:0 4096\n1172163540306161 get d:0:0 4096\n");
    assert_int_equal(r->intake.late_rows, 2);
    reading_free(r);
}

static void what_is_no_read_or_write_is_counted_by_name(void **state)
{
    struct reading *r = read_trace(msr, AT ",hm,0,Flush,0,1,1\n" AT ",hm,0,Read,0,1,1\n");

    (void)state;
    assert_int_equal(r->count, 1);
    assert_int_equal(r->intake.unknown_commands, 1);
    assert_string_equal(r->intake.unknown[0].name, "flush");
    reading_free(r);
}

static void errors_name_the_line_the_cause_and_the_remedy(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {AT ",hm,0,Read,0,1", "x:2: expected 7 columns, found 6"},
        {AT ",hm,0,Read,0,1,1,1", "x:2: expected 7 columns, found 8"},
        {"x", "x:2: expected 7 columns, found 1"},
        {"x,hm,0,Read,0,1,1", "x:2: bad time 'x'"},
        {"1192163600,hm,0,Read,0,1,1", "x:2: bad time '1192163600': no Windows filetime (100 ns since 1601) of today"},
        {AT ",hm,0,,0,1,1", "x:2: missing operation"},
        {AT ",,0,Read,0,1,1", "x:2: missing volume"},
        {AT ",hm,0,Read,-1,1,1", "x:2: bad offset '-1'"},
        {AT ",hm,0,Read,1o,1,1", "x:2: bad offset '1o'"},
        {AT ",hm,0,Read,,1,1", "x:2: missing offset"},
        {AT ",hm,0,Read,0,\x1b[2J,1", "x:2: bad length '?[2J'"},
        {AT ",hm,0,Read,0,268435457,1",
         "x:2: bad length '268435457': one request of more than 256 MB: --row-requests allows more"},
    };
    char trace[256], text[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, AT ",hm,0,Read,0,1,1\n%s\n" AT ",hm,0,Read,0,1,1\n", cases[i].row);
        snprintf(text, sizeof text, "%s; --lenient leaves out such rows", cases[i].text);
        expect_error(msr, trace, text);
    }
}

static void lenient_leaves_out_and_counts(void **state)
{
    struct reading *r = read_trace((struct how){.format = "msr", .lenient = true},
                                   AT ",hm,0,Read,0,1,1\nx\n" AT ",hm,0,Read,x,1,1\n" AT ",hm,0,Read,4096,1,1\n");

    (void)state;
    assert_string_equal(r->text, US " get hm:0:0 4096\n" US " get hm:0:1 4096\n");
    assert_int_equal(r->intake.skipped, 2);
    assert_int_equal(r->intake.rows, 4);
    reading_free(r);
}

static void a_block_is_not_too_large(void **state)
{
    (void)state;
    expect_error((struct how){.format = "msr", .block_bytes = (256 << 20) + 1}, "", "--block-size: at most 256mb");
    expect_error((struct how){.format = "arc", .block_bytes = UINT32_MAX}, "1 1 0 0\n", "--block-size: at most 256mb");
    expect_records((struct how){.format = "arc", .block_bytes = 4096}, "7 1 0 0\n", "- get #7/1 4096\n");
    expect_records((struct how){.format = "lirs", .block_bytes = 512}, "7\n8\n", "- get #7/1 512\n- get #8/1 512\n");
}

/* A column that the header does not have stands nowhere, also in a row of more columns than anybody looks at. */
static void a_row_of_hundreds_of_columns_is_one_of_too_many(void **state)
{
    static const char header[] = "op_time,block_id,io_offset,io_size,op_name\n1000,7,0,4096,get";
    char trace[sizeof header + 2 * 400 + 1];
    size_t bytes = sizeof header - 1;

    (void)state;
    memcpy(trace, header, bytes);
    for (int i = 0; i < 400; i++)
        bytes += (size_t)snprintf(trace + bytes, sizeof trace - bytes, ",1");
    expect_error((struct how){.format = "meta_block"}, trace,
                 "x:2: expected 5 columns, found 405; --lenient leaves out such rows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_the_blocks_that_it_touches),
        cmocka_unit_test(a_request_of_no_bytes_is_counted),
        cmocka_unit_test(a_long_request_is_split_between_calls),
        cmocka_unit_test(names_may_be_long),
        cmocka_unit_test(what_people_have_around_columns),
        cmocka_unit_test(a_row_of_hundreds_of_columns_is_one_of_too_many),
        cmocka_unit_test(a_header_says_which_column_is_which),
        cmocka_unit_test(rows_a_little_late_came_with_those_before),
        cmocka_unit_test(what_is_no_read_or_write_is_counted_by_name),
        cmocka_unit_test(errors_name_the_line_the_cause_and_the_remedy),
        cmocka_unit_test(lenient_leaves_out_and_counts),
        cmocka_unit_test(a_block_is_not_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
