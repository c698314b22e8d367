/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_expansion: a row that says it stands for thousands of millions of requests is a bad row, in every reader that makes
 * several requests of one. */
#include "tests/support_trace.h"

#include "sim/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define AT10M   ": one row stands for 10000000 requests at most: --row-requests allows more"
#define LENIENT "; --lenient leaves out such rows"
#define LENGTH  ": one request of more than 256 MB: --row-requests allows more" LENIENT

#define META_BLOCK "op_time,block_id,rs_shard_id,io_offset,io_size,op_name,op_count\n"
#define THESIOS    "filename,file_offset,op_type,request_io_size_bytes,start_time\n"
#define META_KV    "op_time,key,key_size,op,op_count,size,cache_hits,ttl\n"

/* Rows before it, one that is too much, rows behind it, and how many requests the others make. */
static const struct {
    struct how how;
    const char *before, *row, *after;
    int others;
    const char *error; /* behind "x:N: " */
} cases[] = {
    {{.format = "csv"},
     META_KV "1,a,1,GET,2,5,2,0\n",
     "1,a,1,GET,2748536847,5,2,0\n",
     "2,b,1,GET,1,5,1,0\n",
     3,
     "bad count '2748536847'" AT10M ", --columns count=none ignores the column, --lenient leaves out such rows"},
    {{.format = "csv", .columns = "key=1,count=2"},
     "a,2\n",
     "a,10000001\n",
     "b,1\n",
     3,
     "bad count '10000001'" AT10M ", --columns count=none ignores the column, --lenient leaves out such rows"},
    {{.format = "csv", .columns = "key=1,count=2", .row_requests = 2},
     "a,2\n",
     "a,3\n",
     "b,1\n",
     3,
     "bad count '3': one row stands for 2 requests at most: --row-requests allows more, --columns count=none ignores "
     "the "
     "column, --lenient leaves out such rows"},
    {{.format = "jsonl"},
     "{\"time\":1,\"key\":\"a\",\"op_count\":2}\n",
     "{\"time\":1,\"key\":\"a\",\"op_count\":2748536847}\n",
     "{\"time\":1,\"key\":\"b\"}\n",
     3,
     "bad count '2748536847'" AT10M ", --columns count=none ignores the member" LENIENT},
    {{.format = "arc"},
     "1 2 0 0\n",
     "1 3000000000 0 1\n",
     "7 1 0 2\n",
     3,
     "bad number of blocks '3000000000': one row stands for 65536 requests at most: --row-requests allows more, "
     "--lenient leaves out such rows"},
    {{.format = "msr"},
     "128166372003061629,hm,0,Read,0,8192,1\n",
     "128166372003061629,hm,0,Read,0,3000000000,1\n",
     "128166372003061629,hm,0,Read,0,1,1\n",
     3,
     "bad length '3000000000'" LENGTH},
    {{.format = "msr", .block_bytes = 1},
     "128166372003061629,hm,0,Read,0,2,1\n",
     "128166372003061629,hm,0,Read,0,268435456,1\n",
     "128166372003061629,hm,0,Read,0,1,1\n",
     3,
     "blocks of one request: 268435456" AT10M LENIENT},
    {{.format = "systor17"},
     "1455592202.03,0.1,R,0,0,8192\n",
     "1455592202.03,0.1,R,0,0,9223372036854775807\n",
     "1455592202.03,0.1,R,0,0,1\n",
     3,
     "bad length '9223372036854775807'" LENGTH},
    {{.format = "alibaba_block"},
     "419,W,0,8192,1577808144360767\n",
     "419,W,0,3000000000,1577808144360767\n",
     "725,R,0,1,1577808144360767\n",
     3,
     "bad length '3000000000'" LENGTH},
    {{.format = "tencent_block"}, /* sectors */
     "1538323200,0,16,0,1063\n",
     "1538323200,0,9223372036854775807,0,1063\n",
     "1538323200,0,1,0,1063\n",
     3,
     "bad length '9223372036854775807'" LENGTH},
    {{.format = "spc"},
     "0,0,8192,W,0.5\n",
     "0,0,3000000000,W,0.5\n",
     "0,0,1,r,0.5\n",
     3,
     "bad length '3000000000'" LENGTH},
    {{.format = "k5cloud"},
     "1,0.1,R,0,8192\n",
     "1,0.1,R,0,3000000000\n",
     "1,0.1,R,0,1\n",
     3,
     "bad length '3000000000'" LENGTH},
    {{.format = "snia_enterprise"},
     "DiskRead, 47, System ( 4), 88, 0xff, 0x0, 0x2000, 214, 1\n",
     "DiskRead, 47, System ( 4), 88, 0xff, 0x0, 0xb2d05e00, 214, 1\n",
     "DiskRead, 47, System ( 4), 88, 0xff, 0x0, 0x1, 214, 1\n",
     3,
     "bad length '0xb2d05e00'" LENGTH},
    {{.format = "thesios"},
     THESIOS "a8f3,0,READ,8192,1705283200.25\n",
     "a8f3,0,READ,3000000000,1705283200.25\n",
     "a8f3,0,READ,1,1705283200.25\n",
     3,
     "bad length '3000000000'" LENGTH},
    {{.format = "meta_block"},
     META_BLOCK "1000,7,3,0,4096,getChunkData,2\n",
     "1000,7,3,0,3000000000,getChunkData,1\n",
     "1000,7,3,0,1,getChunkData,1\n",
     3,
     "bad length '3000000000'" LENGTH},
    {{.format = "meta_block"},
     META_BLOCK "1000,7,3,0,4096,getChunkData,2\n",
     "1000,7,3,0,4096,getChunkData,3000000000\n",
     "1000,7,3,0,1,getChunkData,1\n",
     3,
     "blocks of one request: 1, 3000000000 times" AT10M LENIENT},
    {{.format = "meta_block"}, /* both are plausible, together they are not */
     META_BLOCK "1000,7,3,0,4096,getChunkData,2\n",
     "1000,7,3,0,268435456,getChunkData,1000000\n",
     "1000,7,3,0,1,getChunkData,1\n",
     3,
     "blocks of one request: 65536, 1000000 times" AT10M LENIENT},
    {{.format = "meta_block"}, /* beyond 64 bits */
     META_BLOCK "1000,7,3,0,4096,getChunkData,2\n",
     "1000,7,3,0,16384,getChunkData,4611686018427387905\n",
     "1000,7,3,0,1,getChunkData,1\n",
     3,
     "blocks of one request: 4, 4611686018427387905 times" AT10M LENIENT},
};

static char *trace_of(size_t i)
{
    char *trace = xmalloc(strlen(cases[i].before) + strlen(cases[i].row) + strlen(cases[i].after) + 1);

    strcpy(stpcpy(stpcpy(trace, cases[i].before), cases[i].row), cases[i].after);
    return trace;
}

static int line_of_row(size_t i)
{
    int line = 1;

    for (const char *at = cases[i].before; *at; at++)
        line += *at == '\n';
    return line;
}

static void a_row_of_too_many_requests_is_an_error_with_its_place_and_remedy(void **state)
{
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *trace = trace_of(i);

        snprintf(text, sizeof text, "x:%d: %s", line_of_row(i), cases[i].error);
        expect_error(cases[i].how, trace, text);
        free(trace);
    }
}

static void lenient_leaves_it_out_and_counts_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct how how = cases[i].how;
        char *trace = trace_of(i);

        how.lenient = true;
        struct reading *r = read_trace(how, trace);
        assert_int_equal(r->status, 0);
        if (r->count != cases[i].others)
            fail_msg("%s: %d requests", how.format, r->count);
        assert_int_equal(r->intake.rows, 3);
        assert_int_equal(r->intake.skipped, 1);
        assert_non_null(strstr(r->intake.first_skipped, "--row-requests"));
        reading_free(r);
        free(trace);
    }
}

/* --row-requests is then the only bound, and what is just within it is read. */
static void the_user_may_raise_the_bound_to_the_request(void **state)
{
    static const struct {
        struct how how;
        const char *trace;
        int count; /* 0: an error */
    } raised[] = {
        {{.format = "arc", .row_requests = 65537}, "1 65537 0 0\n", 65537},
        {{.format = "arc", .row_requests = 65537}, "1 65538 0 0\n", 0},
        {{.format = "msr", .block_bytes = 256 << 20, .row_requests = 20},
         "128166372003061629,hm,0,Read,0,5368709120,1\n",
         20},
        {{.format = "msr", .block_bytes = 256 << 20, .row_requests = 20},
         "128166372003061629,hm,0,Read,0,5368709121,1\n",
         0},
        {{.format = "msr", .block_bytes = 256 << 20, .row_requests = 20},
         "128166372003061629,hm,0,Read,9223372036854775807,9223372036854775807,1\n",
         0},
        {{.format = "meta_block", .row_requests = 6}, META_BLOCK "1000,7,3,0,8192,getChunkData,3\n", 6},
        {{.format = "meta_block", .row_requests = 5}, META_BLOCK "1000,7,3,0,8192,getChunkData,3\n", 0},
        {{.format = "jsonl", .row_requests = 3}, "{\"time\":1,\"key\":\"a\",\"op_count\":3}\n", 3},
        {{.format = "jsonl", .row_requests = 2}, "{\"time\":1,\"key\":\"a\",\"op_count\":3}\n", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof raised / sizeof *raised; i++) {
        struct reading *r = read_trace(raised[i].how, raised[i].trace);

        if (r->count != raised[i].count || (r->status < 0) != !raised[i].count)
            fail_msg("%s %s: %d requests: %s", raised[i].how.format, raised[i].trace, r->count, r->error.text);
        reading_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_too_many_requests_is_an_error_with_its_place_and_remedy),
        cmocka_unit_test(lenient_leaves_it_out_and_counts_it),
        cmocka_unit_test(the_user_may_raise_the_bound_to_the_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
