/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_convert: what evsim convert writes, by example; and that published traces come back from the compiled form to the byte. */
#include "tests/support_convert.h"
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "sim/input/source.h"

#include <endian.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static const char commands[] = "1700000000.1 [0 127.0.0.1:5] \"SET\" \"a,b\" \"12\" \"PX\" \"1500\" \"NX\"\n"
                               "1700000000.2 [0 127.0.0.1:5] \"MSET\" \"x\" \"hello\" \"y\" \"7\"\n"
                               "1700000000.3 [2 127.0.0.1:6] \"ZADD\" \"z\" \"GT\" \"1.5\" \"m\"\n"
                               "1700000000.4 [2 127.0.0.1:6] \"HSET\" \"h\" \"f\" \"ab\" \"g\" \"10\"\n"
                               "1700000000.5 [2 127.0.0.1:6] \"RENAME\" \"h\" \"k\"\n"
                               "1700000000.6 [0 127.0.0.1:6] \"GET\" \"x\"\n";

static void expect_written(struct how how, const char *trace, const char *kind, const char *text)
{
    struct converted *converted = convert_bytes(how, trace, strlen(trace), kind, false);

    assert_string_equal(converted->error.text, "");
    assert_string_equal(converted->bytes, text);
    converted_free(converted);
}

static void commands_are_written_as_a_client_sends_them(void **state)
{
    (void)state;
    expect_written((struct how){0}, commands, "resp",
                   "*6\r\n$3\r\nset\r\n$3\r\na,b\r\n$2\r\n12\r\n$2\r\nPX\r\n$4\r\n1500\r\n$2\r\nNX\r\n"
                   "*5\r\n$4\r\nmset\r\n$1\r\nx\r\n$5\r\nxxxxx\r\n$1\r\ny\r\n$1\r\n7\r\n"
                   "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n"
                   "*5\r\n$4\r\nzadd\r\n$1\r\nz\r\n$2\r\nGT\r\n$3\r\n1.5\r\n$1\r\nm\r\n"
                   "*6\r\n$4\r\nhset\r\n$1\r\nh\r\n$1\r\nf\r\n$2\r\nxx\r\n$1\r\ng\r\n$2\r\n10\r\n"
                   "*3\r\n$6\r\nrename\r\n$1\r\nh\r\n$1\r\nk\r\n"
                   "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*2\r\n$3\r\nget\r\n$1\r\nx\r\n");
}

static void a_table_has_a_row_for_each_key(void **state)
{
    (void)state;
    expect_written((struct how){0}, commands, "csv",
                   "time_s,key,key_size,op,value_size,ttl_ms,db,tenant\n"
                   "1700000000.1,\"a,b\",3,add,2,1500,0,\n1700000000.2,x,1,mset,5,,0,\n1700000000.2,y,1,mset,1,,0,\n"
                   "1700000000.6,x,1,get,,,0,\n");
    expect_written((struct how){0}, commands, "txt", "a,b\nx\ny\nz\nh\nh\nk\nx\n");
}

static void the_next_request_is_found(void **state)
{
    char expected[72];
    size_t bytes = 0;
    const char *trace = "5,a,1,10,0,get,0\n6,b,1,20,0,get,0\n7,a,1,10,0,get,0\n";
    struct converted *converted = convert_bytes((struct how){0}, trace, strlen(trace), "oracleGeneral", false);

    (void)state;
#define U(number) ((uint64_t)(number))
    bytes += pack(expected + bytes, "IQIQ", U(5), U(1), U(10), U(2));
    bytes += pack(expected + bytes, "IQIQ", U(6), U(2), U(20), U(-1));
    bytes += pack(expected + bytes, "IQIQ", U(7), U(1), U(10), U(-1));
    assert_int_equal(converted->count, bytes);
    assert_memory_equal(converted->bytes, expected, bytes);
    converted_free(converted);
}

static void a_database_has_the_requests(void **state)
{
    struct converted *converted = convert_bytes((struct how){0}, commands, strlen(commands), "sqlite", false);
    char *path = write_temporary("x.sqlite", converted->bytes, converted->count);
    sqlite3 *database;
    sqlite3_stmt *select;

    (void)state;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database,
                                        "SELECT count(*), sum(more), sum(value_bytes), min(ttl_ms), max(db), "
                                        "group_concat(key, ' ') FROM requests",
                                        -1, &select, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(select), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(select, 0), 8);
    assert_int_equal(sqlite3_column_int(select, 1), 2);
    assert_int_equal(sqlite3_column_int(select, 2), 2 + 5 + 1);
    assert_int_equal(sqlite3_column_int(select, 3), 1500);
    assert_int_equal(sqlite3_column_int(select, 4), 2);
    assert_string_equal((const char *)sqlite3_column_text(select, 5), "a,b x y z h h k x");
    sqlite3_finalize(select);
    sqlite3_close(database);
    remove_temporary(path);
    converted_free(converted);
}

/* ---- published traces ---- */

/* The bytes behind any compression; to be freed. */
static char *unpacked(const char *path, size_t *count)
{
    struct error error = {0};
    struct source *source = source_open(path, &error);
    char *bytes = NULL;
    const char *piece;
    size_t more;

    *count = 0;
    assert_non_null(source);
    while ((piece = source_peek(source, 1, &more, &error)) && more) {
        bytes = xrealloc(bytes, *count + more);
        memcpy(bytes + *count, piece, more);
        *count += more;
        source_consume(source, more);
    }
    source_close(source);
    return bytes;
}

static void published_traces_come_back_to_the_byte(void **state)
{
    static const struct {
        const char *path, *kind, *columns;
    } traces[] = {
        {"traces/cachelib/kv_traces_1.csv", "csv", NULL},
        {"traces/cachelib/kv_traces_2.csv", "csv", NULL},
        {"traces/cachelib/short_bigcache_traces.csv", "csv", NULL},
        {"traces/sized/cloudPhysicsIO.csv.zst", "csv", "time=2,key=5,value-size=4,time-unit=us,header=yes"},
        {"traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst", "oracleGeneral", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        char *path = shared_path(traces[i].path), *bytes;
        size_t count;

        if (!path)
            continue;
        bytes = unpacked(path, &count);
        struct converted *compiled = convert_file((struct how){.columns = traces[i].columns}, path, "evt", true);
        assert_string_equal(compiled->error.text, "");
        struct converted *again =
            convert_bytes((struct how){0}, compiled->bytes, compiled->count, traces[i].kind, false);
        assert_string_equal(again->error.text, "");
        assert_int_equal(again->count, count);
        assert_memory_equal(again->bytes, bytes, count);
        converted_free(compiled);
        converted_free(again);
        free(bytes);
        free(path);
    }
}

/* ---- versions of the compiled form ---- */

/* The head's version, with the checksum that belongs to it. */
static void set_version(char *evt, uint32_t version)
{
    uint32_t stored = htole32(version);
    uint64_t sum;

    memcpy(evt + 8, &stored, sizeof stored);
    sum = htole64(XXH64(evt, 56, 0));
    memcpy(evt + 56, &sum, sizeof sum);
}

static void a_compiled_trace_is_of_a_version_that_is_known(void **state)
{
    static const char trace[] = "1,k,1,5,0,get,0\n2,k,1,5,0,get,0\n";

    (void)state;
    for (int foresees = 0; foresees < 2; foresees++) {
        struct how how = {.format = "twitter", .foresees = foresees};
        struct converted *evt = convert_bytes(how, trace, strlen(trace), "evt", true);

        assert_int_equal(evt->bytes[8], 3);
        for (uint32_t version = 0; version < 5; version++) {
            struct reading *reading;

            set_version(evt->bytes, version);
            reading = read_bytes((struct how){0}, evt->bytes, evt->count);
            if (version == 0 || version > 3)
                assert_non_null(strstr(reading->error.text, "this evsim reads versions 1 to 3: make it anew"));
            else if (foresees && version == 1)
                assert_non_null(strstr(reading->error.text, "it has a section that this version does not know"));
            else
                assert_string_equal(reading->error.text, "");
            reading_free(reading);
        }
        converted_free(evt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_written_as_a_client_sends_them),
        cmocka_unit_test(a_table_has_a_row_for_each_key),
        cmocka_unit_test(the_next_request_is_found),
        cmocka_unit_test(a_database_has_the_requests),
        cmocka_unit_test(a_compiled_trace_is_of_a_version_that_is_known),
        cmocka_unit_test(published_traces_come_back_to_the_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
