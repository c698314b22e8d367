/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_trace.h"

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

static void the_value_itself_says_what_it_is(void **state)
{
    (void)state;
    expect_records(by_columns("key=1,op=2,value=3"), "a,set,hello\na,set,\na,set,-17\na,set,017\na,incrby,5\na,get,\n",
                   "- set a 5\n- set a 0\n- set a 3 number=-17 integer\n- set a 3\n"
                   "- incrby a 0 number=5\n- get a ?\n");
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
        {"1,a,get,1,0,0,1,16", "x:4: bad db '16'"},
        {"1,a,incrby,1,0,0,1,0", "x:4: missing value"},
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
        {"time=1", "--columns: no column for key, as in key=2"},
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
    expect_error(by_columns("key=what"), "when,who\n", "x:1: no column 'what' in the header");
    expect_error(by_header, "1,a\n",
                 "x:1: no known column names in the header, name the columns with "
                 "--columns time=1,key=2,op=3,value-size=4");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(the_value_itself_says_what_it_is),
        cmocka_unit_test(a_count_repeats_the_row_and_a_db_moves_it),
        cmocka_unit_test(a_count_beyond_the_room_goes_on_in_the_next_call),
        cmocka_unit_test(a_header_is_seen_or_told),
        cmocka_unit_test(errors_name_the_line_where_the_row_begins),
        cmocka_unit_test(lenient_skips_what_would_be_an_error),
        cmocka_unit_test(a_wrong_columns_option_is_explained),
        cmocka_unit_test(published_traces_read_to_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
