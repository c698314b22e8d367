/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_text_traces: the published formats that are tables of text: what each makes of its columns, units and operations, and
 * which text it is taken for. What they have in common: test_rows. */
#include "tests/support_trace.h"
#include "traces/text/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct example {
    const char *format, *trace, *records;
};

static const struct example examples[] = {
    {"msr", "128166372003061629,hm,0,Read,383496192,32,58000\n", "1172163600306162 get hm:0:93627 4096\n"},
    {"systor17",
     "Timestamp,Response,IOType,LUN,Offset,Size\n1455592202.034412,0.000193,R,0,409600,4096\n"
     "1455592202.1,,W,6,4095,2\n",
     "1455592202034412 get 0:100 4096\n1455592202100000 set 6:0 4096\n1455592202100000 set 6:1 4096\n"},
    {"alibaba_block", "419,W,8792731648,4096,1577808144360767\n", "1577808144360767 set 419:2146663 4096\n"},
    {"alibaba_block", "device_id,opcode,offset,length,timestamp\n419,R,0,1,1577808144360767\n",
     "1577808144360767 get 419:0 4096\n"},
    {"tencent_block", "1538323200,15,2,0,1063\n1538323201,16,8,1,1063\n",
     "1538323200000000 get 1063:1 4096\n1538323200000000 get 1063:2 4096\n1538323201000000 set 1063:2 4096\n"},
    {"spc", "3,17,8192,W,0.551706\n", "551706 set 3:2 4096\n551706 set 3:3 4096\n551706 set 3:4 4096\n"},
    {"k5cloud", "1,0.000001,R,4096,1\n1,2.5,W,0,1\n", "1 get 1:1 4096\n2500000 set 1:0 4096\n"},
    {"snia_enterprise",
     "BeginHeader\n   DiskRead, TimeStamp, Process Name ( PID), ThreadID, IrpPtr, ByteOffset, IOSize, ElapsedTime, "
     "DiskNum\n"
     "EndHeader\nOS Version: 6.0\n"
     "    DiskRead,      4700,  System (   4),   88, 0xfffffa8012345678, 0x0000002c00, 0x00000400, 214, 1, 0x060043, "
     "1\n"
     "    FileIoName, 1, 2\n"
     "   DiskWrite,      4800,  System (   4),   88, 0xfffffa8012345678, 0x0000003000, 0x00001000, 214, 0, 0x060043, "
     "1\n",
     "4700 get 1:2 4096\n4800 set 0:3 4096\n"},
    {"thesios",
     "filename,file_offset,application,c_time,io_zone,redundancy_type,op_type,service_class,from_flash_cache,cache_hit,"
     "request_io_size_bytes,disk_io_size_bytes,response_io_size_bytes,start_time,disk_time,simulated_disk_start_time,"
     "simulated_latency\na8f3,8000,bigtable,1,WARM,REPLICATED,READ,OTHER,0,0,4000,0,4000,1705283200.25,0,0,0\n"
     "b,0,x,1,COLD,REPLICATED,WRITE,OTHER,0,-1,1,0,0,1.7052833e9,0,0,0\n",
     "1705283200250000 get a8f3:1 4096\n1705283200250000 get a8f3:2 4096\n1705283300000000 set b:0 4096\n"},
    {"meta_block",
     "op_time,block_id,block_id_size,io_size,io_offset,user_name,user_namespace,op_name,op_count,host_name,rs_shard_"
     "id\n"
     "1000.5,77,40,4096,4096,u,n,getChunkData.Permanent,2,h,3\n1001,77,40,1,0,u,n,putChunk.Permanent,,h,4\n",
     "1000500000 get 77:3:1 4096\n1000500000 get 77:3:1 4096\n1001000000 set 77:4:0 4096\n"},
    {"meta_block",
     "# block_id io_offset io_size op_time op_name user_namespace user_name rs_shard_id op_count host_name\n"
     "77 4096 4096 1000.5 1 1 1 3 1 9\n77 0 1 1001 4 1 1 4 1 9\n",
     "1000500000 get 77:3:1 4096\n1001000000 set 77:4:0 4096\n"},
    {"ibm_object",
     "1219008 REST.PUT.OBJECT 8d4fcda3d675bac9 1056\n1221974 REST.HEAD.OBJECT 39d177fb735ac5df 528\n"
     "1221974 REST.GET.OBJECT 8d4fcda3d675bac9 1056 0 528\n1221975 REST.GET.OBJECT ffff\n"
     "1221976 REST.DELETE.OBJECT 8d4fcda3d675bac9\n1221977 REST.PUT.OBJECT ee 5000000000\n",
     "1219008000 set 8d4fcda3d675bac9 1056\n1221974000 get 8d4fcda3d675bac9 1056\n1221975000 get ffff ?\n"
     "1221976000 del 8d4fcda3d675bac9 0\n1221977000 set ee 4294967294\n"},
    {"tencent_photo", "20160201164559 8a2bfbcc1ce5 5 m 4064 1 0 27\n20160229000000 8a2bfbcc1ce5 0 l 64 1 0 27\n",
     "1454345159000000 get 5:m:8a2bfbcc1ce5 4064\n1456704000000000 get 0:l:8a2bfbcc1ce5 64\n"},
    {"webcachesim", "5 1 120\n6\t2  64\n", "5000000 get 1 120\n6000000 get 2 64\n"},
    {"wikibench", "929840853 1190146243.326 http://en.wikipedia.org/wiki/A -\n3 1190146243.4 http://b save\n",
     "1190146243326000 get http://en.wikipedia.org/wiki/A 4096\n1190146243400000 set http://b 4096\n"},
    {"prefix_cache",
     "{\"timestamp\": 27482, \"input_length\": 6955, \"hash_ids\": [46, 2353]}\n{\"timestamp\":0,\"hash_ids\":[]}\n",
     "27482000 get #46/2 4096\n27482000 get #2353/4 4096\n"},
    {"prefix_cache",
     "\xef\xbb\xbf{\"chat_id\": 159, \"parent_chat_id\": -1, \"timestamp\": 61.114, \"type\": \"text\", \"hash_ids\": "
     "[1089, \"af\"]}\r\n",
     "61114000 get #1089/4 4096\n61114000 get af 4096\n"},
    {"txt", "user:17\n4711\n", "- get user:17 4096\n- get 4711 4096\n"},
    {"wikimedia",
     "relative_unix\thashed_host_path_query\tresponse_size\ttime_firstbyte\n3132\t-809104164\t202648\t1.76E-4\n",
     "3132000000 get -809104164 202648\n"},
    {"wikimedia",
     "relative_unix\thashed_path_query\timage_type\tresponse_size\ttime_firstbyte\n0\t8091\tjpeg\t0\t0.1\n",
     "0 get 8091 0\n"},
};

static void each_makes_its_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        expect_records((struct how){.format = examples[i].format}, examples[i].trace, examples[i].records);
}

static void columns_more_than_are_needed(void **state)
{
    (void)state;
    expect_records((struct how){.format = "webcachesim"}, "5 1 120 7 8\n6 2 64 1\n",
                   "5000000 get 1 120\n6000000 get 2 64\n");
    expect_records((struct how){.format = "spc"}, "0,8,4096,R,0.5,x,y\n", "500000 get 0:1 4096\n");
}

static void each_is_recognized(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct reading *r = read_trace((struct how){0}, examples[i].trace);

        assert_string_equal(r->error.text, "");
        assert_string_equal(r->format, examples[i].format);
        reading_free(r);
    }
}

/* A trace with a damaged row is recognized, so that the message names the row. */
static void a_damaged_row_does_not_hide_the_format(void **state)
{
    static const char *const traces[] = {
        "419,W,8792731648,4096,1577808144360767\n419,W,87x,4096,1577808144360767\n",
        "3,17,8192,W,0.551706\n3,17,8192,W,0.551706\n3,17,8192,,0.551706\n",
        "929840853 1190146243.326 http://en.wikipedia.org/wiki/A -\n3 x http://b save\n",
    };
    static const char *const errors[] = {
        "x:2: bad offset '87x'; --lenient leaves out such rows",
        "x:3: missing operation; --lenient leaves out such rows",
        "x:2: bad time 'x'; --lenient leaves out such rows",
    };

    (void)state;
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++)
        expect_error((struct how){0}, traces[i], errors[i]);
}

/* What could be anything is nobody's. */
static void other_tables_of_numbers_are_not_taken_for_them(void **state)
{
    static const char *const traces[] = {
        "1700000000,100,60,0,7\n1700000001,101,60,1,7\n", /* not in the days of tencent_block */
        "5 1 120\n4 2 64\n",                              /* times run backwards: no webcachesim */
        "1 a 120\n2 b 64\n",
        "1,R\n2,W\n",
        "419,W,8792731648,4096\n",
        "20160230000000 8a2bfbcc1ce5 5 m 4064 1 0 27\n", /* a 30th of February */
    };

    (void)state;
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        struct reading *r = read_trace((struct how){0}, traces[i]);

        assert_int_equal(r->status, -1);
        assert_non_null(strstr(r->error.text, "not recognized"));
        reading_free(r);
    }
}

static void damage_of_json_lines_has_a_place(void **state)
{
    static const struct {
        const char *row, *text;
    } cases[] = {
        {"{\"timestamp\":1,\"hash_ids\":[1]", "x:2: not one JSON object"},
        {"{\"timestamp\":1,\"hash_ids\":[1]} x", "x:2: not one JSON object"},
        {"{\"timestamp\":1,\"hash_ids\":[1,]}", "x:2: bad hash_ids: not whole numbers or texts"},
        {"{\"timestamp\":1,,\"hash_ids\":[1]}", "x:2: not one JSON object"},
        {"{\"timestamp\":1,\"hash_ids\":[1}]", "x:2: not one JSON object"},
        {"{\"timestamp\":1,\"hash_ids\":[-1]}", "x:2: bad hash_ids: not whole numbers or texts"},
        {"{\"timestamp\":\"1\",\"hash_ids\":[1]}", "x:2: missing timestamp"},
        {"{\"timestamp\":-1,\"hash_ids\":[1]}", "x:2: bad timestamp"},
        {"{\"timestamp\":1,\"hash_ids\":7}", "x:2: missing hash_ids"},
        {"{\"timestamp\":yes,\"hash_ids\":[1]}", "x:2: not one JSON object"},
        {"[1]", "x:2: not one JSON object"},
    };
    char trace[256], text[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(trace, sizeof trace, "{\"timestamp\":1,\"hash_ids\":[1]}\n%s\n", cases[i].row);
        snprintf(text, sizeof text, "%s; --lenient leaves out such rows", cases[i].text);
        expect_error((struct how){0}, trace, text);
    }
}

static void what_is_assumed_is_counted(void **state)
{
    const struct example *example = examples;

    while (strcmp(example->format, "ibm_object") != 0)
        example++;
    struct reading *r = read_trace((struct how){0}, example->trace);

    (void)state;
    assert_string_equal(r->format, "ibm_object");
    assert_int_equal(r->intake.cut_sizes, 1);
    assert_int_equal(r->intake.unknown_commands, 1);
    assert_int_equal(r->intake.block_bytes, 0);
    reading_free(r);
    r = read_trace((struct how){.block_bytes = 10000}, "1 1190146243.326 http://en -\n");
    assert_string_equal(r->text, "1190146243326000 get http://en 10000\n");
    assert_int_equal(r->intake.block_bytes, 10000);
    reading_free(r);
}

/* Of any case, whole, or as the beginning where the name says so; what has other bytes behind a byte of value 0 is another. */
static void verbs_are_whole(void **state)
{
    static const struct row_verb verbs[] = {{.name = "w"}, {.name = "get*"}, {.name = NULL}};
    static const struct row_layout layout = {.verbs = verbs};
    static const struct {
        const char *text;
        size_t bytes;
        const struct row_verb *verb;
    } cases[] = {
        {"W", 1, &verbs[0]},   {"w\0\0\0\6h", 6, NULL}, {"ww", 2, NULL}, {"", 0, NULL},
        {"GET", 3, &verbs[1]}, {"getX", 4, &verbs[1]},  {"ge", 2, NULL}, {"get*", 4, &verbs[1]},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_ptr_equal(layout_verb(&layout, (struct piece){cases[i].text, cases[i].text + cases[i].bytes}),
                         cases[i].verb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_makes_its_records),
        cmocka_unit_test(columns_more_than_are_needed),
        cmocka_unit_test(each_is_recognized),
        cmocka_unit_test(a_damaged_row_does_not_hide_the_format),
        cmocka_unit_test(other_tables_of_numbers_are_not_taken_for_them),
        cmocka_unit_test(damage_of_json_lines_has_a_place),
        cmocka_unit_test(what_is_assumed_is_counted),
        cmocka_unit_test(verbs_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
