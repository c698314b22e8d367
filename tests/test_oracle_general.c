/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_oracle_general: records of oracleGeneral, byte by byte. */
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct how oracle_general = {.format = "oracleGeneral"};

/*   time s       object                  size         next */
static const char two_records[] = "\1\0\0\0"
                                  "\7\0\0\0\0\0\0\0"
                                  "\0\2\0\0"
                                  "\1\0\0\0\0\0\0\0"
                                  "\2\1\0\0"
                                  "\7\0\0\0\0\0\0\0"
                                  "\1\0\0\0"
                                  "\377\377\377\377\377\377\377\377";

static void every_record_is_a_get_of_a_number(void **state)
{
    struct reading *r = read_bytes(oracle_general, two_records, 48);

    (void)state;
    assert_string_equal(r->text, "1000000 get #7/1 512\n258000000 get #7/1 1\n");
    assert_true(r->intake.key_names_assumed);
    assert_int_equal(r->intake.rows, 2);
    reading_free(r);
}

static void a_key_is_as_long_as_its_decimal_digits(void **state)
{
    char expected[64], digits[32];

    (void)state;
    for (uint64_t power = 1, length = 1; length <= 20; power *= 10, length++)
        for (uint64_t object = power - 1; object <= power; object++) {
            unsigned char record[24] = {0};

            memcpy(record + 4, &object, sizeof object); /* of a little-endian host */
            struct reading *r = read_bytes(oracle_general, record, sizeof record);
            snprintf(digits, sizeof digits, "%ju", (uintmax_t)object);
            snprintf(expected, sizeof expected, "0 get #%s/%zu 0\n", digits, strlen(digits));
            assert_string_equal(r->text, expected);
            reading_free(r);
        }
}

/* 4294967295 stands for a size that nobody knows, within evsim: no trace says that. */
static void the_largest_size_is_a_size(void **state)
{
    struct reading *r = read_bytes(oracle_general,
                                   "\1\0\0\0"
                                   "\7\0\0\0\0\0\0\0"
                                   "\377\377\377\377"
                                   "\377\377\377\377\377\377\377\377",
                                   24);

    (void)state;
    assert_string_equal(r->text, "1000000 get #7/1 4294967294\n");
    assert_int_equal(r->intake.cut_sizes, 1);
    reading_free(r);
}

static void a_piece_of_a_record_is_an_error(void **state)
{
    struct reading *r = read_bytes(oracle_general, two_records, 35);

    (void)state;
    assert_int_equal(r->status, -1);
    assert_string_equal(r->error.text, "x:2: truncated record, 11 of 24 bytes");
    reading_free(r);

    r = read_bytes((struct how){.format = "oracleGeneral", .lenient = true}, two_records, 35);
    assert_string_equal(r->text, "1000000 get #7/1 512\n");
    assert_int_equal(r->intake.skipped, 1);
    reading_free(r);
}

static void a_published_trace_reads_to_its_end(void **state)
{
    char *path = shared_path("traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst");

    (void)state;
    if (!path)
        skip();
    struct reading *r = read_file((struct how){.room = 4096}, path);
    assert_string_equal(r->format, "oracleGeneral");
    assert_int_equal(r->status, 0);
    assert_int_equal(r->count, 113872);
    assert_int_equal(strncmp(r->text, "5633898000000 get #42932745/8 512\n", 34), 0);
    reading_free(r);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_a_get_of_a_number),  cmocka_unit_test(a_key_is_as_long_as_its_decimal_digits),
        cmocka_unit_test(the_largest_size_is_a_size),         cmocka_unit_test(a_piece_of_a_record_is_an_error),
        cmocka_unit_test(a_published_trace_reads_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
