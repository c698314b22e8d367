/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_csv: traces with columns in any order, with any names, units and quotes. */
#include "sim/alloc.h"
#include "sim/input/reader.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct how by_header = {.format = "csv"};

static struct how by_columns(const char *columns)
{
    return (struct how){.format = "csv", .columns = columns};
}

static void columns_by_number(void **state)
{
    (void)state;
    expect_records(by_columns("time=1,key=2,op=3,value-size=4,ttl=5"), "0,a,get,10,0\n1.5,b,SET,20,60\n2,a,del,,\n",
                   "0 get a 10\n1500000 set b 20 ttl=60000\n2000000 del a 0\n");
}

static void columns_by_name(void **state)
{
    (void)state;
    expect_records(by_columns("key=object,time=when"), "size,object,when\n7,a,1\n8,b,2\n",
                   "1000000 get a ?\n2000000 get b ?\n");
}

static void plain_names_in_the_header_need_no_columns(void **state)
{
    (void)state;
    expect_records(by_header, "Time,Key,Op,Value Size,TTL\n1,a,set,5,0\n", "1000000 set a 5\n");
    expect_records(by_header, "key,value_size\na,5\n", "- get a 5\n");
    expect_records(by_columns("delimiter=tab,time-unit=ms"), "key\ttime\na,b\t5\n", "5000 get a,b ?\n");
}

static void meta_key_value_traces_by_their_header(void **state)
{
    (void)state;
    expect_records(by_header,
                   "op_time,key,key_size,op,op_count,size,cache_hits,usecase,sub_usecase,ttl\n"
                   "10,2748536847,56,GET,2,21,2,1,1,0\n"
                   "10,2776285353,68,SET,1,11,0,1,1,7200\n"
                   "10,2776285353,68,GET,1,0,0,1,1,0\n"
                   "11,27,25,GET_LEASE,1,51,1,1,1,0\n11,27,25,SET_LEASE,1,51,1,1,1,0\n"
                   "11,27,25,DELETE,1,0,1,1,1,0\n",
                   "10000000 get 2748536847/56 21\n10000000 get 2748536847/56 21\n"
                   "10000000 set 2776285353/68 11 ttl=7200000\n"
                   "10000000 get 2776285353/68 ?\n"
                   "11000000 get 27/25 51\n11000000 set 27/25 51\n11000000 del 27/25 0\n");
}

static void meta_cdn_traces_by_their_header(void **state)
{
    (void)state;
    expect_records(by_header,
                   "timestamp,cacheKey,OpType,objectSize,responseSize,responseHeaderSize,"
                   "rangeStart,rangeEnd,TTL,SamplingRate\n"
                   "1585119589,cdn:v/a.mp4,1,28816957,54773,496,0,9,1209600,0.001\n"
                   "1585119590,cdn:v/b.jpg,1,-1,0,0,-1,-1,-1,0.001\n",
                   "1585119589000000 get cdn:v/a.mp4 28816957 ttl=1209600000\n"
                   "1585119590000000 get cdn:v/b.jpg ?\n");
}

static void quotes_hold_commas_newlines_and_quotes(void **state)
{
    (void)state;
    expect_records(by_columns("key=1,value-size=2"), "\"a,b\",1\n\"c\nd\",2\n\"e\"\"f\",\"3\"\n g ,4\n",
                   "- get a,b 1\n- get c\\x0ad 2\n- get e\"f 3\n- get \\x20g\\x20 4\n");
}

static void line_ends_and_byte_order_mark(void **state)
{
    (void)state;
    expect_records(by_header, "\xef\xbb\xbfkey,size\r\na,1\r\n\r\nb,2", "- get a 1\n- get b 2\n");
}

static void delimiters(void **state)
{
    (void)state;
    expect_records(by_columns("key=2,delimiter=tab,time=1"), "1\ta b\n", "1000000 get a\\x20b ?\n");
    expect_records(by_columns("delimiter=;,key=2,time=1"), "1;a,b\n", "1000000 get a,b ?\n");
    expect_records(by_columns("delimiter=,,key=2,time=1"), "1,a;b\n", "1000000 get a;b ?\n");
    expect_records(by_columns("key=2,time=1,delimiter=,"), "1,a;b\n", "1000000 get a;b ?\n");
}

static void units_of_time(void **state)
{
    (void)state;
    expect_records(by_columns("time=1,key=2,time-unit=ms"), "1.5,a\n", "1500 get a ?\n");
    expect_records(by_columns("time=1,key=2,time-unit=us"), "15,a\n", "15 get a ?\n");
    expect_records(by_columns("time=1,key=2,time-unit=ns"), "1999,a\n", "1 get a ?\n");
    expect_records(by_columns("key=1,ttl=2,ttl-unit=ms"), "a,1500\n", "- get a ? ttl=1500\n");
    expect_records(by_columns("key=1,ttl=2"), "a,0.5\nb,-1\nc,\n", "- get a ? ttl=500\n- get b ?\n- get c ?\n");
}

static void operations_by_any_name(void **state)
{
    (void)state;
    expect_records(by_columns("key=1,op=2,value-size=3,ttl=4"),
                   "a,SETEX,5,9\na,PSETEX,5,9\na,add,5,0\na,replace,5,0\na,expire,0,0\n"
                   "a,pexpireat,0,17\na,mget,,\na,touch,,\na,incr,2,0\n,flushall,,\n",
                   "- setex a 5 ttl=9000\n- psetex a 5 ttl=9000 millis\n- set a 5 nx\n"
                   "- set a 5 xx\n- expire a 0 ttl=0\n"
                   "- pexpireat a 0 ttl=17000 absolute millis\n- mget a ?\n- touch a 0\n"
                   "- incr a 2\n- flushall  0\n");
}

static void operations_by_a_map(void **state)
{
    struct reading *r =
        read_trace(by_columns("key=1,op=2,value-size=3,op-map=0:get,op-map=1:set"), "a,0,5\na,1,5\na,2,5\n");
    (void)state;
    assert_string_equal(r->text, "- get a 5\n- set a 5\n");
    assert_int_equal(r->intake.unknown_commands, 1);
    assert_string_equal(r->intake.unknown[0].name, "2");
    reading_free(r);
}

static void a_size_of_zero_is_what_the_user_says(void **state)
{
    static const char trace[] = "a,0\nb,-1\nc,\nd,5\n";
    struct how how = by_columns("key=1,value-size=2");

    (void)state;
    expect_records(how, trace, "- get a ?\n- get b ?\n- get c ?\n- get d 5\n");
    how.size_zero = SIZE_ZERO_EMPTY;
    expect_records(how, trace, "- get a 0\n- get b ?\n- get c ?\n- get d 5\n");
}

static void the_value_itself_says_what_it_is(void **state)
{
    (void)state;
    expect_records(by_columns("key=1,op=2,value=3"), "a,set,hello\na,set,\na,set,-17\na,set,017\na,incrby,5\na,get,\n",
                   "- set a 5\n- set a 0\n- set a 3 number=-17 integer\n- set a 3\n"
                   "- incrby a 0 number=5\n- get a ?\n");
}

/* A row has one key and one thing that is written: half a MOVE would be done, and the key stay where it was. */
static void commands_that_a_row_cannot_hold_are_unknown(void **state)
{
    static const char *const names[] = {"MOVE",   "RENAME",   "RENAMENX", "COPY",   "LCS",   "GETRANGE",
                                        "SUBSTR", "SETRANGE", "SETBIT",   "SWAPDB", "GETBIT"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct reading *r;

        snprintf(text, sizeof text, "%s,a,3\n", names[i]);
        r = read_trace(by_columns("op=1,key=2,value=3"), text);
        assert_int_equal(r->count, 0);
        assert_int_equal(r->intake.unknown_commands, 1);
        reading_free(r);
    }
    expect_records(by_columns("op=1,key=2,value=3"), "INCRBY,a,3\nDECRBY,a,4\n",
                   "- incrby a 0 number=3\n- decrby a 0 number=4\n");
}

static void a_count_repeats_the_row_and_a_db_moves_it(void **state)
{
    (void)state;
    expect_records(by_columns("key=1,count=2,db=3"), "a,3,0\nb,1,15\n",
                   "- get a ?\n- get a ?\n- get a ?\n- get b ? db=15\n");
}

static void a_count_beyond_the_room_goes_on_in_the_next_call(void **state)
{
    struct reading *r =
        read_trace((struct how){.format = "csv", .columns = "key=1,count=2", .room = 64}, "a,1000\nb,1\n");
    (void)state;
    assert_int_equal(r->count, 1001);
    assert_int_equal(r->intake.rows, 2);
    reading_free(r);
}

/* A row that stands for thousands of millions of requests, and is out of order: left out at once, counted once. */
static void a_counted_row_that_is_dropped_is_dropped_once(void **state)
{
    static const char trace[] = "9,a,1\n0,b,4294967295\n9,c,2\n1,d,4294967295\n10,e,1\n";
    char *path = write_temporary("x", trace, sizeof trace - 1);
    struct format_options options = {.columns = "time=1,key=2,count=3", .lenient = true, .row_requests = UINT32_MAX};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct intake intake = {0};
    struct error error = {0};
    struct source *source = source_open(path, &error);
    struct reader *reader = reader_open(source, format_find("csv", &error), &options, &intake, &error);

    (void)state;
    assert_non_null(reader);
    assert_int_equal(reader_next(reader, batch, &error), 1);
    assert_int_equal(batch->count, 4);
    assert_int_equal(reader_next(reader, batch, &error), 0);
    assert_int_equal(intake.skipped, 2);
    assert_int_equal(intake.rows, 5);
    reader_close(reader);
    source_close(source);
    remove_temporary(path);
    free(batch);
}

static void a_header_is_seen_or_told(void **state)
{
    (void)state;
    expect_records(by_columns("time=1,key=2"), "when,what\n1,a\n", "1000000 get a ?\n");
    expect_records(by_columns("key=1"), "what\na\n", "- get what ?\n- get a ?\n");
    expect_records(by_columns("key=1,header=yes"), "what\na\n", "- get a ?\n");
    expect_error(by_columns("time=1,key=2,header=no"), "when,what\n1,a\n", "x:1: bad time 'when'");
}

static void errors_name_the_line_where_the_row_begins(void **state)
{
    static const char all[] = "time=1,key=2,op=3,value-size=4,ttl=5,key-size=6,count=7,db=8";
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"x1,a,get,1,0,0,1,0", "x:4: bad time 'x1'"},
        {",a,get,1,0,0,1,0", "x:4: missing time"},
        {"1,,get,1,0,0,1,0", "x:4: missing key"},
        {"1,a,,1,0,0,1,0", "x:4: missing op"},
        {"1,a,set,,0,0,1,0", "x:4: missing value size"},
        {"1,a,set,-1,0,0,1,0", "x:4: bad value size '-1'"},
        {"1,a,get,12x,0,0,1,0", "x:4: bad value size '12x'"},
        {"1,a,get,5000000000,0,0,1,0", "x:4: bad value size '5000000000'"},
        {"1,a,get,1,never,0,1,0", "x:4: bad ttl 'never'"},
        {"1,a,expire,1,,0,1,0", "x:4: missing ttl"},
        {"1,a,setex,1,0,0,1,0", "x:4: bad ttl '0'"},
        {"1,a,get,1,0,-1,1,0", "x:4: bad key size '-1'"},
        {"1,a,get,1,0,0,0,0", "x:4: bad count '0'"},
        {"1,a,get,1,0,0,1,256", "x:4: bad db '256'"},
        {"1,a,incrby,1,0,0,1,0", "x:4: missing value: no column has it: say which one does with --columns value=NAME"},
        {"1,a", "x:4: missing op"},
        {"1,\"a", "x:4: quoted field without an end"},
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "0,\"a\nb\",get,1,0,0,1,0\r\n\n%s\n", cases[i].row);
        expect_error(by_columns(all), trace, cases[i].text);
    }
}

static void lenient_skips_what_would_be_an_error(void **state)
{
    struct reading *r =
        read_trace((struct how){.format = "csv", .columns = "time=1,key=2", .lenient = true}, "1,a\n2,\n?,b\n4,c\n");
    (void)state;
    assert_string_equal(r->text, "1000000 get a ?\n4000000 get c ?\n");
    assert_int_equal(r->intake.skipped, 2);
    assert_string_equal(r->intake.first_skipped, "x:2: missing key");
    reading_free(r);
}

static void a_wrong_columns_option_is_explained(void **state)
{
    static const struct {
        const char *columns, *text;
    } cases[] = {
        {"key=none", "--columns: there must be a key, found 'key=none'"},
        {"header=no", "--columns: no column for key, as in key=2"},
        {"key", "--columns: expected NAME=COLUMN, found 'key'"},
        {"key=", "--columns: expected NAME=COLUMN, found 'key='"},
        {"key=0", "--columns: columns count from 1, found 'key=0'"},
        {"kee=1", "--columns: no such role or option 'kee'"},
        {"key=1,time-unit=h", "--columns: bad value in 'time-unit=h'"},
        {"key=1,op-map=1:frobnicate", "--columns: bad value in 'op-map=1:frobnicate'"},
        {"key=what,header=no", "--columns: header=no, but there is a column named 'what'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_error(by_columns(cases[i].columns), "1,a\n", cases[i].text);
}

static void a_message_lists_the_names_that_are_there(void **state)
{
    (void)state;
    expect_error(by_columns("key=what"), "when, who ,\"how much\"\n",
                 "x:1: no column 'what' in the header, which has 'when', 'who', 'how much'");
    expect_error(by_header, "1,a\n",
                 "x:1: no known name of a key in the header, which has '1', 'a': name the columns with "
                 "--columns time=NAME,key=NAME,op=NAME,value-size=NAME, or by numbers from 1");
    expect_error(by_columns("time=1"), "1,a\n",
                 "x:1: no known name of a key in the header, which has '1', 'a': name the columns with "
                 "--columns time=NAME,key=NAME,op=NAME,value-size=NAME, or by numbers from 1");
    expect_error((struct how){0}, "when,who,bytes\n1,a,2\n",
                 "x: not recognized as a trace of any format (evsim run --help lists them): name it with --format, "
                 "or the columns of a CSV file with --columns: its first line has 'when', 'who', 'bytes'");
}

/* ---- names in the header ---- */

static void names_count_without_what_is_around_them(void **state)
{
    static const char *const headers[] = {
        "time,key,value_size",           "# time,key,value-size",
        "#time, key, value size",        "\xef\xbb\xbf Time ,\tKEY\t,ValueSize",
        "\"time\",'key',\"value_size\"", "\"# time\", \"key\" , \"value.size\"\r",
        "timestamp,cacheKey,objectSize", "clock_time,obj_id,obj_size",
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        snprintf(trace, sizeof trace, "%s\n5,a,7\n6,b,8\n", headers[i]);
        expect_records((struct how){0}, trace, "5000000 get a 7\n6000000 get b 8\n");
        if (i < 6)
            expect_records(by_columns("time=time,key=key,value-size=value-size"), trace,
                           "5000000 get a 7\n6000000 get b 8\n");
        expect_records(by_columns("time=1,key=2,value-size=3"), trace, "5000000 get a 7\n6000000 get b 8\n");
    }
}

/* A number that --columns says, beyond the names in the header: no row has such a column. */
static void a_column_beyond_the_header_is_missing(void **state)
{
    static const char *const roles[] = {"op=35", "time=35", "count=35", "db=35"};
    static const char *const missing[] = {"op", "time", "count", "db"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        snprintf(text, sizeof text, "x:2: missing %s", missing[i]);
        expect_error(by_columns(roles[i]), "time,key,op\n1,a,get\n", text);
    }
    expect_records(by_columns("ttl=35"), "time,key\n1,a\n", "1000000 get a ?\n");
    expect_records(by_columns("value-size=35"), "time,key\n1,a\n", "1000000 get a ?\n");
    expect_records(by_columns("tenant=35"), "time,key\n1,a\n", "1000000 get a ?\n");
}

static void blanks_behind_delimiters_in_the_header_are_none_of_the_rows_either(void **state)
{
    struct reading *r = read_trace(by_header, "time, key, size\n1, a b , 2\n2, \"a, b\", 3\n3,a,4\n");

    (void)state;
    assert_string_equal(r->text, "1000000 get a\\x20b 2\n2000000 get a,\\x20b 3\n3000000 get a 4\n");
    assert_true(r->intake.blanks_trimmed);
    reading_free(r);
    expect_records(by_header, "time,key,size\n1, a,2\n", "1000000 get \\x20a 2\n");
}

static void no_column_is_dropped_without_a_word(void **state)
{
    struct reading *r = read_trace(by_header, "time,key,size,region,timestamp,\n1,a,2,eu,7,\n");

    (void)state;
    assert_int_equal(r->intake.ignored_columns, 3);
    assert_string_equal(r->intake.ignored[0].name, "region");
    assert_string_equal(r->intake.ignored[1].name, "timestamp");
    assert_string_equal(r->intake.ignored[2].name, "6");
    reading_free(r);
    r = read_trace(by_columns("time=2,key=4"), "x,1,y,a\nx,2,y,b\n");
    assert_int_equal(r->intake.ignored_columns, 2);
    assert_string_equal(r->intake.ignored[0].name, "1");
    assert_string_equal(r->intake.ignored[1].name, "3");
    reading_free(r);
    expect_error(by_header, "time,key,size\n1,a,b,2\n", "x:2: expected 3 columns, found 4");
    expect_records(by_header, "time,key,size\n1,a,2,\n", "1000000 get a 2\n");
}

static void a_time_of_unknown_name_stops_unless_there_is_none(void **state)
{
    static const char remedy[] =
        "x:1: no known name of a time in the header, which has 'when', 'key', 'size': say which it "
        "is with --columns time=NAME, or time=none if there is none";
    static const char trace[] = "when,key,size\n1,a,2\n";

    (void)state;
    expect_error((struct how){0}, trace, remedy);
    expect_records(by_columns("time=when"), trace, "1000000 get a 2\n");
    expect_records(by_columns("time=1"), trace, "1000000 get a 2\n");
    expect_records(by_columns("time=none"), trace, "- get a 2\n");
    expect_records(by_header, "key,op,size,op_count,key_size\na,GET,2,1,5\n", "- get a/5 2\n"); /* Meta, 202206 */
    expect_records(by_columns("ttl=none,op=none"), "time,key,op,ttl\n1,a,frob,x\n", "1000000 get a ?\n");
}

static void a_roles_own_name_comes_before_others(void **state)
{
    (void)state;
    expect_records(by_header, "timestamp,object,time,key,size,value_size\n1,a,2,b,3,4\n", "2000000 get b 4\n");
    expect_records(by_columns("time=timestamp"), "time,timestamp,key\n1,2,a\n", "2000000 get a ?\n");
}

static void a_delimiter_is_seen(void **state)
{
    static const struct {
        const char *trace, *delimiter;
    } cases[] = {
        {"time;key;size\n1;a,b;2\n", "semicolon"},     {"time\tkey\tsize\r\n1\ta,b\t2\r\n", "tab"},
        {"time|key|size\n1|a,b|2\n", "pipe"},          {"time key size\n1 a,b 2\n", "space"},
        {"\n\ntime;key;size\n1;a,b;2\n", "semicolon"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading *r = read_trace((struct how){0}, cases[i].trace);

        assert_string_equal(r->error.text, "");
        assert_string_equal(r->text, "1000000 get a,b 2\n");
        assert_string_equal(r->intake.delimiter, cases[i].delimiter);
        reading_free(r);
    }
    expect_records(by_columns("time=1,key=2"), "1;a\n2;b\n", "1000000 get a ?\n2000000 get b ?\n");
    expect_records(by_columns("key=1"), "a;b\n", "- get a;b ?\n");
    expect_records(by_columns("time=1,key=2,delimiter=comma"), "1,a;b;c\n", "1000000 get a;b;c ?\n");
}

/* ---- units ---- */

static void the_unit_of_times_follows_from_the_first(void **state)
{
    static const struct {
        const char *first, *second, *records, *unit;
    } cases[] = {
        {"0", "999999999", "0 get a ?\n999999999000000 get a ?\n", "s"},
        {"1000000000", "1714564800.25", "1000000000000000 get a ?\n1714564800250000 get a ?\n", "s"},
        {"1714564800123", "1714564810123.5", "1714564800123000 get a ?\n1714564810123500 get a ?\n", "ms"},
        {"1714564800123456", "1714564810123456", "1714564800123456 get a ?\n1714564810123456 get a ?\n", "us"},
        {"1714564800123456789", "1714564810123456789", "1714564800123456 get a ?\n1714564810123456 get a ?\n", "ns"},
        {"2024-05-01T12:00:00", "2024-05-01T12:00:10.5Z", "1714564800000000 get a ?\n1714564810500000 get a ?\n",
         "dates"},
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "time,key\n%s,a\n%s,a\n", cases[i].first, cases[i].second);
        struct reading *r = read_trace(by_header, trace);
        assert_string_equal(r->error.text, "");
        assert_string_equal(r->text, cases[i].records);
        assert_string_equal(r->intake.time_unit, cases[i].unit);
        reading_free(r);
        if (i < 2) /* by number, and said: nothing is assumed */
            continue;
        r = read_trace(by_columns("time=1,key=2,time-unit=us"), trace);
        assert_string_equal(r->intake.time_unit, "");
        reading_free(r);
    }
}

static void times_that_make_no_sense_stop_with_a_remedy(void **state)
{
    static const char say[] = ": say the unit of times, --columns time-unit=s (ms, us, ns)";
    static const struct {
        const char *first, *second, *text;
    } cases[] = {
        {"20240501120000", "20240501120001", "x:2: bad time '20240501120000': no Unix time in s, ms, us or ns"},
        {"171456480012", "171456480112", "x:2: bad time '171456480012': no Unix time in s, ms, us or ns"},
        {"0", "1714564800", "x:3: bad time '1714564800': more than 31 years after a trace's beginning"},
        {"1714564800", "1714564800123", "x:3: bad time '1714564800123': beyond the year 2106"},
        {"1714564800123", "1714564800123456", "x:3: bad time '1714564800123456': beyond the year 2106"},
    };
    char trace[256], text[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "time,key\n%s,a\n%s,a\n", cases[i].first, cases[i].second);
        snprintf(text, sizeof text, "%s%s", cases[i].text, say);
        expect_error(by_header, trace, text);
        struct reading *r = read_trace(by_columns("time-unit=us"), trace); /* what is said is taken */
        assert_string_equal(r->error.text, "");
        assert_int_equal(r->count, 2);
        reading_free(r);
    }
    expect_error(by_header, "time,key\n2024-05-01T12:00:00,a\n7,a\n", "x:3: bad time '7'");
}

static void a_name_may_say_the_unit(void **state)
{
    static const struct {
        const char *header, *records;
    } cases[] = {
        {"time_ms,key,ttl_ms", "5000 get a ? ttl=7000\n"},
        {"time (ms),key,px", "5000 get a ? ttl=7000\n"},
        {"timestamp_us,key,ttl(s)", "5 get a ? ttl=7000000\n"},
        {"time[s],key,pttl", "5000000 get a ? ttl=7000\n"},
        {"timeNs,key,ex", "5 get a ? ttl=7000000\n"},
        {"Op Time Millis,key,TTL_sec", "5000 get a ? ttl=7000000\n"},
    };
    char trace[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "%s\n%s,a,7000\n", cases[i].header, strstr(cases[i].header, "Ns") ? "5000" : "5");
        expect_records((struct how){.format = "csv"}, trace, cases[i].records);
        snprintf(trace, sizeof trace, "%s\n%s,a,7000\n", cases[i].header, strstr(cases[i].header, "Ns") ? "5000" : "5");
        expect_records(by_columns("time=1,key=2,ttl=3,header=yes"), trace, cases[i].records);
    }
    expect_records(by_columns("time-unit=s,ttl-unit=s"), "time_ms,key,ttl_ms\n5,a,7\n", "5000000 get a ? ttl=7000\n");
    expect_error(by_header, "times,key,size\n5,a,7\n",
                 "x:1: no known name of a time in the header, which has 'times', 'key', 'size': say which it is with "
                 "--columns time=NAME, or time=none if there is none");
}

static void what_was_assumed_is_noted(void **state)
{
    struct reading *r = read_trace(by_columns("time=1,key=2,ttl=3"), "when,what,how long\n1,a,2\n");

    (void)state;
    assert_true(r->intake.header_assumed);
    assert_string_equal(r->intake.ttl_unit, "s");
    reading_free(r);
    r = read_trace(by_columns("time=1,key=2,ttl=3,ttl-unit=ms,time-unit=s,header=yes"), "when,what,how long\n1,a,2\n");
    assert_false(r->intake.header_assumed);
    assert_string_equal(r->intake.ttl_unit, "");
    assert_string_equal(r->intake.time_unit, "");
    reading_free(r);
    expect_error(by_columns("time=1,key=2"), "2024x,a\n1,a\n",
                 "x:1: bad time '2024x': if this row has the names of the columns: --columns header=yes");
}

static void published_traces_read_to_their_end(void **state)
{
    static const struct {
        const char *path, *columns;
        int rows, records;
    } cases[] = {
        {"traces/cachelib/kv_traces_1.csv", NULL, 99, 691},
        {"traces/cachelib/kv_traces_2.csv", NULL, 99, 433},
        {"traces/cachelib/short_bigcache_traces.csv", NULL, 9999, 9999},
        {"traces/sized/cloudPhysicsIO.csv.zst", "time=time,key=lbn,value-size=size", 113872, 113872},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = shared_path(cases[i].path);
        if (!path)
            skip();
        struct reading *r = read_file((struct how){.columns = cases[i].columns}, path);
        assert_string_equal(r->error.text, "");
        assert_int_equal(r->intake.rows, cases[i].rows);
        assert_int_equal(r->intake.unknown_commands, 0);
        assert_int_equal(r->count, cases[i].records);
        reading_free(r);
        free(path);
    }
}

static void columns_may_be_called_as_in_libcachesim(void **state)
{
    struct how how = {.format = "csv"};

    (void)state;
    how.columns = "time-col=2,obj-id-col=5,obj-size-col=4,has-header=true,obj-id-is-num=1,delimiter=,";
    expect_records(how, "version,time,op,size,lbn\n1,5633898,2a,512,42932745\n", "5633898000000 get 42932745 512\n");
    how.columns = "time-col=1,obj-id-col=2,obj-size-col=3,has-header=0,delimiter=;";
    expect_records(how, "1;a;7\n", "1000000 get a 7\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_may_be_called_as_in_libcachesim),
        cmocka_unit_test(columns_by_number),
        cmocka_unit_test(columns_by_name),
        cmocka_unit_test(plain_names_in_the_header_need_no_columns),
        cmocka_unit_test(meta_key_value_traces_by_their_header),
        cmocka_unit_test(meta_cdn_traces_by_their_header),
        cmocka_unit_test(quotes_hold_commas_newlines_and_quotes),
        cmocka_unit_test(line_ends_and_byte_order_mark),
        cmocka_unit_test(delimiters),
        cmocka_unit_test(units_of_time),
        cmocka_unit_test(operations_by_any_name),
        cmocka_unit_test(operations_by_a_map),
        cmocka_unit_test(a_size_of_zero_is_what_the_user_says),
        cmocka_unit_test(the_value_itself_says_what_it_is),
        cmocka_unit_test(commands_that_a_row_cannot_hold_are_unknown),
        cmocka_unit_test(a_count_repeats_the_row_and_a_db_moves_it),
        cmocka_unit_test(a_count_beyond_the_room_goes_on_in_the_next_call),
        cmocka_unit_test(a_counted_row_that_is_dropped_is_dropped_once),
        cmocka_unit_test(a_header_is_seen_or_told),
        cmocka_unit_test(errors_name_the_line_where_the_row_begins),
        cmocka_unit_test(lenient_skips_what_would_be_an_error),
        cmocka_unit_test(a_wrong_columns_option_is_explained),
        cmocka_unit_test(a_message_lists_the_names_that_are_there),
        cmocka_unit_test(names_count_without_what_is_around_them),
        cmocka_unit_test(blanks_behind_delimiters_in_the_header_are_none_of_the_rows_either),
        cmocka_unit_test(a_column_beyond_the_header_is_missing),
        cmocka_unit_test(no_column_is_dropped_without_a_word),
        cmocka_unit_test(a_time_of_unknown_name_stops_unless_there_is_none),
        cmocka_unit_test(a_roles_own_name_comes_before_others),
        cmocka_unit_test(a_delimiter_is_seen),
        cmocka_unit_test(the_unit_of_times_follows_from_the_first),
        cmocka_unit_test(times_that_make_no_sense_stop_with_a_remedy),
        cmocka_unit_test(a_name_may_say_the_unit),
        cmocka_unit_test(what_was_assumed_is_noted),
        cmocka_unit_test(published_traces_read_to_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
