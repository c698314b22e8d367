/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_binary_traces: records of binary traces, field by field. */
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define U(number) ((uint64_t)(number))

static const uint64_t magic = 0x123456789abcdef0;

static void expect_bytes(struct how how, const char *bytes, size_t count, const char *records)
{
    struct reading *r = read_bytes(how, bytes, count);

    assert_string_equal(r->error.text, "");
    assert_string_equal(r->text, records);
    reading_free(r);
}

static void expect_refusal(struct how how, const char *bytes, size_t count, const char *text)
{
    struct reading *r = read_bytes(how, bytes, count);

    assert_int_equal(r->status, -1);
    assert_string_equal(r->error.text, text);
    reading_free(r);
}

/* ---- oracleGeneralOpNS ---- */

static void operations_and_namespaces_are_read(void **state)
{
    static const struct {
        uint64_t op;
        const char *name;
    } verbs[] = {{0, "get"},    {1, "get"},    {2, "get"},    {3, "set"},  {4, "set nx"}, {5, "set"},
                 {6, "set xx"}, {7, "append"}, {8, "append"}, {9, "del"},  {10, "incr"},  {11, "decr"},
                 {12, "get"},   {13, "set"},   {14, "set"},   {255, "get"}};
    char bytes[64], expected[128], op[16], flag[16];

    (void)state;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t count = pack(bytes, "IQIBHQ", U(2), U(7), U(300), verbs[i].op, U(65535), U(-1));
        memset(flag, 0, sizeof flag);
        sscanf(verbs[i].name, "%15s %14s", op, flag + 1);
        snprintf(expected, sizeof expected, "2000000 %s #7/1 300%s%s\n", op, flag[1] ? " " : "",
                 flag[1] ? flag + 1 : "");
        expect_bytes((struct how){.format = "oracleGeneralOpNS"}, bytes, count, expected);
    }
    size_t count = pack(bytes, "IQIBHQ", U(2), U(7), U(300), U(15), U(0), U(-1));
    struct reading *r = read_bytes((struct how){.format = "oracleGeneralOpNS"}, bytes, count);
    assert_int_equal(r->intake.unknown_commands, 1);
    assert_string_equal(r->intake.unknown[0].name, "operation 15");
    reading_free(r);
}

/* ---- lcs ---- */

static void every_version_of_lcs_is_read(void **state)
{
    static const char *const zeros[] = {"1I", "2I", "4I", "8I", "16I"};
    static char bytes[16384];

    (void)state;
    for (uint64_t version = 1; version <= 8; version++) {
        size_t count = pack(bytes, "QQ1000Q21QQ", magic, version, magic);
        for (int i = 0; i < 2; i++) {
            if (version == 1)
                count += pack(bytes + count, "IQIQ", U(10 + i), U(77), U(64), U(-1));
            else if (version == 2)
                count += pack(bytes + count, "IQIIQ", U(10 + i), U(77), U(64), U(3 | 0x123456 << 8), U(-1));
            else
                count += pack(bytes + count, "IQQIIQ", U(10 + i), U(77), U(64), U(3 | 0x123456 << 8), U(60), U(-1));
            if (version > 3)
                count += pack(bytes + count, zeros[version - 4]);
        }
        expect_bytes((struct how){0}, bytes, count,
                     version == 1   ? "10000000 get #77/2 64\n11000000 get #77/2 64\n"
                     : version == 2 ? "10000000 set #77/2 64\n11000000 set #77/2 64\n"
                                    : "10000000 set #77/2 64 ttl=60000\n11000000 set #77/2 64 ttl=60000\n");
    }
}

/* The header of 2024: which letters, and where in a record are object, size, time, op, ttl. */
static size_t old_header(char *bytes, const char *letters, const unsigned char fields[5], uint64_t count, uint64_t item)
{
    memset(bytes, 0, 1024);
    pack(bytes, "Q", magic);
    strcpy(bytes + 8, letters);
    memcpy(bytes + 248, fields, 3);
    memcpy(bytes + 253, fields + 3, 2);
    return 1000 + pack(bytes + 1000, "IIQQ", count, item, U(1), magic);
}

static void the_older_header_says_which_fields_there_are(void **state)
{
    static char bytes[2048];
    size_t count = old_header(bytes, "<IQIBiQ", (const unsigned char[5]){2, 3, 1, 4, 5}, 6, 29);

    (void)state;
    assert_int_equal(count, 1024);
    count += pack(bytes + count, "IQIBIQ", U(10), U(77), U(64), U(3), U(60), U(0));
    count += pack(bytes + count, "IQIBIQ", U(11), U(78), U(0), U(1), U(-1), U(0));
    expect_bytes((struct how){0}, bytes, count, "10000000 set #77/2 64 ttl=60000\n11000000 get #78/2 0\n");

    old_header(bytes, "<IQIBxQ", (const unsigned char[5]){2, 3, 1, 4, 5}, 6, 29);
    expect_refusal((struct how){0}, bytes, count, "x:1: lcs header: unknown letter 'x' in its format");
    old_header(bytes, "<IQIBiQ", (const unsigned char[5]){2, 3, 1, 4, 5}, 6, 28);
    expect_refusal((struct how){0}, bytes, count, "x:1: lcs header: 6 fields of 28 bytes, its format has 6 of 29");
    old_header(bytes, "<IQIBfQ", (const unsigned char[5]){2, 3, 1, 4, 5}, 6, 29);
    expect_refusal((struct how){0}, bytes, count, "x:1: lcs header: field 5 is no integer");
    old_header(bytes, "<IQIBiQ", (const unsigned char[5]){0, 3, 1, 4, 5}, 6, 29);
    expect_refusal((struct how){0}, bytes, count, "x:1: lcs header: no field is the object");
}

static void what_is_wrong_with_lcs_is_said(void **state)
{
    static char bytes[16384];
    size_t count = pack(bytes, "QQ1000Q21QQ", magic, U(9), magic);

    (void)state;
    expect_refusal((struct how){0}, bytes, count, "x:1: lcs version 9 is not known: it is 1 to 8");
    expect_refusal((struct how){.format = "lcs"}, bytes, 4096, "x:1: damaged or truncated lcs header, 4096 bytes");
    count = pack(bytes, "QQ1000Q21QQ", magic, U(3), magic);
    count += pack(bytes + count, "IQQIIQ", U(10), U(77), U(1) << 32, U(0), U(0), U(-1));
    expect_refusal((struct how){0}, bytes, count, "x:1: bad size 4294967296");
    expect_refusal((struct how){0}, bytes, count - 5, "x:1: truncated record, 31 of 36 bytes");
}

/* ---- tables of places ---- */

#define EXPECT_RECORD(format_name, expected, ...)                                                                      \
    expect_bytes((struct how){.format = (format_name)}, bytes, pack(bytes, __VA_ARGS__), expected)

static void every_field_stands_where_its_format_has_it(void **state)
{
    char bytes[64];

    (void)state;
    EXPECT_RECORD("twr", "2000000 set #7/17 300 ttl=60000\n", "IQII", U(2), U(7), U(300 | 17 << 22), U(3 << 24 | 60));
    EXPECT_RECORD("twrNS", "2000000 del #7/17 0\n", "IQIIH", U(2), U(7), U(17 << 22), U(9 << 24), U(5));
    EXPECT_RECORD("oracleSysTwrNS", "2000000 set #7/17 300 ttl=60000\n", "IQHIHHIQ", U(2), U(7), U(17), U(300), U(3),
                  U(5), U(60), U(-1));
    EXPECT_RECORD("oracleSimTwrNS", "2000000 get #7/1 300 ttl=60000\n", "IQIIHQ", U(2), U(7), U(300), U(60), U(5),
                  U(-1));
    EXPECT_RECORD("oracleSimTwrNS", "2000000 get #7/1 300\n", "IQIIHQ", U(2), U(7), U(300), U(UINT32_MAX), U(5), U(-1));
    EXPECT_RECORD("standardBinIQIBH", "2000000 set #7/1 300\n", "IQIBH", U(2), U(7), U(300), U(3), U(5));
    EXPECT_RECORD("standardBinIII", "2000000 get #7/1 300\n", "III", U(2), U(7), U(300));
    EXPECT_RECORD("standardBinIQQ", "2000000 get #7/1 300\n", "IQQ", U(2), U(7), U(300));
    EXPECT_RECORD("CF1", "2000000 get #7/1 300 ttl=60000\n", "IQQIIIHHHBBB", U(2), U(7), U(300), U(60), U(9), U(5),
                  U(1), U(1), U(1), U(1), U(1), U(1));
    EXPECT_RECORD("akamai", "2000000 get #7/1 300\n", "IQIHHH", U(2), U(7), U(300), U(5), U(9), U(9));
    EXPECT_RECORD("oracleAkamai", "2000000 get #7/1 300\n", "IQIHHHQ", U(2), U(7), U(300), U(5), U(9), U(9), U(-1));
    EXPECT_RECORD("wiki19u", "2000000 get #7/1 300\n", "IQIH", U(2), U(7), U(300), U(9));
    EXPECT_RECORD("wiki19t", "2000000 get #7/1 300\n", "IQI", U(2), U(7), U(300));
}

/* Records of the one are records of the other, so that only the file's name can tell. */
static void a_name_tells_what_looks_alike(void **state)
{
    char bytes[256];
    size_t count = 0;

    (void)state;
    for (uint64_t i = 0; i < 6; i++)
        count += pack(bytes + count, "IQIIHQ", U(2), U(7 + i), U(300), U(60), U(5), U(-1));
    struct reading *plain = read_bytes((struct how){0}, bytes, count);
    struct reading *named = read_bytes((struct how){.name = "x.oracleSimTwrNS.bin"}, bytes, count);
    assert_string_equal(plain->format, "oracleAkamai");
    assert_string_equal(named->format, "oracleSimTwrNS");
    assert_true(named->intake.name_decided);
    reading_free(plain);
    reading_free(named);
}

/* ---- vscsi ---- */

static void both_versions_of_vscsi_are_read(void **state)
{
    char bytes[256];
    size_t count = pack(bytes, "HHIIIQQQ", U(0x28), U(0x200), U(1), U(4096), U(1), U(99), U(5000001), U(7));

    (void)state;
    count += pack(bytes + count, "HHIIIQQQ", U(0x8a), U(0x200), U(2), U(512), U(1), U(100), U(5000002), U(7));
    expect_bytes((struct how){0}, bytes, count, "5000001 get #99/2 4096\n5000002 set #100/3 512\n");

    count = pack(bytes, "IIIHHQQ", U(1), U(4096), U(1), U(0x0a), U(0x100), U(99), U(5000001));
    count += pack(bytes + count, "IIIHHQQ", U(2), U(512), U(1), U(0xa8), U(0x100), U(100), U(5000002));
    expect_bytes((struct how){0}, bytes, count, "5000001 set #99/2 4096\n5000002 get #100/3 512\n");
    count += pack(bytes + count, "IIIHHQQ", U(2), U(512), U(1), U(0x28), U(0x200), U(100), U(5000002));
    expect_refusal((struct how){.format = "vscsi"}, bytes, count, "x:3: bad version 2, the first record has 1");
    expect_refusal((struct how){.format = "vscsi"}, bytes, 31,
                   "x:1: no record of vscsi, neither of version 1 nor of version 2");
}

/* CloudPhysics's trace is there as vscsi and as oracleGeneral, where each object has the size of its first request, and times
 * are in seconds. */
static void a_published_trace_is_the_same_in_all_its_formats(void **state)
{
    char *paths[] = {shared_path("traces/sized/cloudPhysicsIO.vscsi.zst"),
                     shared_path("traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst")};

    (void)state;
    if (!paths[0] || !paths[1])
        skip();
    struct reading *vscsi = read_file((struct how){.room = 4096}, paths[0]);
    struct reading *general = read_file((struct how){.room = 4096}, paths[1]);
    assert_string_equal(vscsi->format, "vscsi");
    assert_int_equal(vscsi->count, 113872);
    assert_int_equal(general->count, 113872);
    const char *a = vscsi->text, *b = general->text;
    for (int i = 0; i < 113872; i++) {
        char what[2][64];
        long us[2];
        int length[2];
        assert_int_equal(sscanf(a, "%ld %*s %63s %*d%n", &us[0], what[0], &length[0]), 2);
        assert_int_equal(sscanf(b, "%ld %*s %63s %*d%n", &us[1], what[1], &length[1]), 2);
        assert_string_equal(what[0], what[1]);
        assert_int_equal(us[0] / 1000000, us[1] / 1000000);
        a += length[0] + 1;
        b += length[1] + 1;
    }
    reading_free(vscsi);
    reading_free(general);
    free(paths[0]);
    free(paths[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_and_namespaces_are_read),
        cmocka_unit_test(every_version_of_lcs_is_read),
        cmocka_unit_test(the_older_header_says_which_fields_there_are),
        cmocka_unit_test(what_is_wrong_with_lcs_is_said),
        cmocka_unit_test(every_field_stands_where_its_format_has_it),
        cmocka_unit_test(a_name_tells_what_looks_alike),
        cmocka_unit_test(both_versions_of_vscsi_are_read),
        cmocka_unit_test(a_published_trace_is_the_same_in_all_its_formats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
