/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_reader: from records to batches, with a format whose records are an array of the test. */
#include "sim/alloc.h"
#include "sim/input/reader.h"
#include "sim/policy.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a format that reads an array ---- */

struct script {
    struct record *records;
    int count, next;
    int at_once; /* records per read; 0: as many as there is room for */
};

static struct script script; /* a format's state cannot be handed in from outside */

static int script_open(void *state, struct source *source, const struct format_options *options, struct intake *intake,
                       struct error *error)
{
    (void)state;
    (void)source;
    (void)options;
    (void)intake;
    (void)error;
    return 0;
}

static int script_read(void *state, struct record *records, int room, struct error *error)
{
    int count = script.count - script.next;

    (void)state;
    (void)error;
    count = count < room ? count : room;
    count = script.at_once && count > script.at_once ? script.at_once : count;
    if (count)
        memcpy(records, script.records + script.next, (size_t)count * sizeof *records);
    script.next += count;
    return count;
}

static const struct format scripted = {.name = "script", .open = script_open, .read = script_read};

struct reading_on {
    char *path;
    struct source *source;
    struct reader *reader;
    struct intake intake;
    struct error error;
};

static void start(struct reading_on *r, struct record *records, int count, bool lenient)
{
    struct format_options options = {.lenient = lenient};

    memset(r, 0, sizeof *r);
    for (int i = 0; i < count; i++)
        records[i].line = (uint64_t)i + 1;
    script = (struct script){.records = records, .count = count};
    r->path = write_temporary("x", "", 0);
    r->source = source_open(r->path, &r->error);
    assert_non_null(r->source);
    r->reader = reader_open(r->source, &scripted, &options, &r->intake, &r->error);
    assert_non_null(r->reader);
}

static void stop(struct reading_on *r)
{
    reader_close(r->reader);
    source_close(r->source);
    remove_temporary(r->path);
}

static const char *without_folder(const struct reading_on *r, const char *text)
{
    size_t folder = (size_t)(strrchr(r->path, '/') + 1 - r->path);

    return strncmp(text, r->path, folder) ? text : text + folder;
}

static struct record get(const char *key, int64_t time_us)
{
    return (struct record){.op = OP_GET,
                           .key = key,
                           .key_bytes = (uint32_t)strlen(key),
                           .key_len = (uint32_t)strlen(key),
                           .time_us = time_us,
                           .value_len = VALUE_UNKNOWN};
}

static struct record set(const char *key, int64_t time_us, uint32_t size, int64_t ttl_ms)
{
    struct record record = get(key, time_us);

    record.op = OP_SET;
    record.value_len = size;
    record.ttl_ms = ttl_ms;
    record.flags = ttl_ms ? REQUEST_TTL : 0;
    return record;
}

/* The one batch that all of the records make. */
static struct batch *read_whole(struct record *records, int count)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    start(&r, records, count, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(batch->count, count);
    stop(&r);
    return batch;
}

/* ---- time ---- */

static void the_first_request_is_at_time_zero(void **state)
{
    struct record records[] = {get("a", 5000000), get("b", 5000000), get("c", 7500000)};
    struct batch *batch = read_whole(records, 3);

    (void)state;
    assert_int_equal(batch->time_us[0], 0);
    assert_int_equal(batch->time_us[1], 0);
    assert_int_equal(batch->time_us[2], 2500000);
    free(batch);
}

static void a_time_near_the_end_of_its_type_is_an_error(void **state)
{
    struct record records[] = {get("a", 0), get("b", INT64_MAX / 4), get("c", INT64_MAX / 4 + 1), get("d", INT64_MAX)};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    (void)state;
    start(&r, records, 4, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), -1);
    assert_string_equal(without_folder(&r, r.error.text),
                        "x:3: time too large: '2305843009213.693952' s, at most '2305843009213.693951' can be");
    stop(&r);
    records[0].time_us = INT64_MIN;
    start(&r, records, 4, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), -1);
    assert_string_equal(without_folder(&r, r.error.text),
                        "x:1: time too small: '-9223372036854.775808' s, at least '-2305843009213.693951' can be");
    stop(&r);
    records[0].time_us = 0;
    start(&r, records, 4, true);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(batch->count, 2);
    assert_int_equal(r.intake.skipped, 2);
    stop(&r);
    free(batch);
}

static void time_that_runs_backwards_is_an_error_with_its_line(void **state)
{
    struct record records[] = {get("a", 1500000), get("b", 2000000), get("c", 1999999)};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    (void)state;
    start(&r, records, 3, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), -1);
    assert_int_equal(r.error.code, ERROR_INPUT);
    assert_string_equal(without_folder(&r, r.error.text),
                        "x:3: time runs backwards: '1.999999' after '2'; --sort-window 1s puts such rows in order, "
                        "--lenient leaves them out");
    stop(&r);
    free(batch);
}

static void lenient_skips_what_runs_backwards_and_counts_it(void **state)
{
    struct record records[] = {get("a", 10), get("b", 30), get("c", 20), get("d", 25), get("e", 30)};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    (void)state;
    start(&r, records, 5, true);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(batch->count, 3);
    assert_int_equal(batch->time_us[2], 20);
    assert_int_equal(batch->key_count, 3); /* what is skipped gets no id */
    assert_int_equal(r.intake.skipped, 2);
    assert_string_equal(
        without_folder(&r, r.intake.first_skipped),
        "x:3: time runs backwards: '0.00002' after '0.00003'; --sort-window 1s puts such rows in order, "
        "--lenient leaves them out");
    stop(&r);
    free(batch);
}

static void rows_without_a_time_are_a_millisecond_apart(void **state)
{
    struct record records[3];
    struct batch *batch;

    (void)state;
    for (int i = 0; i < 3; i++) {
        records[i] = get("a", 0);
        records[i].flags = REQUEST_UNTIMED;
    }
    batch = read_whole(records, 3);
    assert_int_equal(batch->time_us[0], 0);
    assert_int_equal(batch->time_us[2], 2000);
    free(batch);
}

static void unix_times_are_known_by_their_size(void **state)
{
    struct record unix_record[] = {get("a", INT64_C(1600000000123456))}, relative[] = {get("a", 7)};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;
    bool assumed;

    (void)state;
    start(&r, unix_record, 1, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(reader_start_unix_us(r.reader, &assumed), INT64_C(1600000000123456));
    assert_false(assumed);
    stop(&r);
    start(&r, relative, 1, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(reader_start_unix_us(r.reader, &assumed), INT64_C(1700000000000000));
    assert_true(assumed);
    stop(&r);
    free(batch);
}

/* ---- keys ---- */

static void ids_count_in_order_of_appearance(void **state)
{
    struct record records[] = {get("b", 0), get("a", 0), get("b", 0), get("", 0), get("c", 0)};
    static const uint32_t ids[] = {0, 1, 0, 2, 3};
    struct batch *batch = read_whole(records, 5);

    (void)state;
    assert_memory_equal(batch->id, ids, sizeof ids);
    assert_int_equal(batch->key_count, 4);
    free(batch);
}

static void the_same_name_in_two_databases_is_two_keys(void **state)
{
    struct record records[] = {get("a", 0), get("a", 0), get("a", 0)};
    struct batch *batch;

    (void)state;
    records[1].db = 3;
    batch = read_whole(records, 3);
    assert_int_equal(batch->id[0], 0);
    assert_int_equal(batch->id[1], 1);
    assert_int_equal(batch->id[2], 0);
    free(batch);
}

static void a_number_and_its_digits_are_two_keys(void **state)
{
    struct record records[] = {get("7", 0), get("x", 0), get("x", 0)};
    struct batch *batch;

    (void)state;
    records[1].key = records[2].key = NULL;
    records[1].key_number = 7;
    records[2].key_number = 8;
    batch = read_whole(records, 3);
    assert_int_equal(batch->key_count, 3);
    free(batch);
}

static void commands_without_a_key_have_no_id(void **state)
{
    struct record records[] = {get("a", 0), get("", 0), get("a", 0), get("", 0)};
    struct batch *batch;

    (void)state;
    records[1].op = OP_FLUSHALL;
    records[3].op = OP_PING;
    batch = read_whole(records, 4);
    assert_true(batch->id[1] == NO_KEY && batch->id[3] == NO_KEY);
    assert_int_equal(batch->key_count, 1);
    free(batch);
}

/* ---- what is known of a key ---- */

static void a_read_without_a_size_gets_the_last_one_seen(void **state)
{
    struct record records[] = {get("a", 0),        set("a", 0, 100, 0), get("a", 0),
                               set("a", 0, 50, 0), get("a", 0),         get("b", 0)};
    struct batch *batch = read_whole(records, 6);

    (void)state;
    assert_int_equal(batch->value_len[0], VALUE_UNKNOWN);
    assert_int_equal(batch->value_len[2], 100);
    assert_int_equal(batch->value_len[4], 50);
    assert_int_equal(batch->value_len[5], VALUE_UNKNOWN);
    free(batch);
}

static void a_read_that_says_its_size_is_believed_and_remembered(void **state)
{
    struct record records[] = {set("a", 0, 100, 0), get("a", 0), get("a", 0)};
    struct batch *batch;

    (void)state;
    records[1].value_len = 70;
    batch = read_whole(records, 3);
    assert_int_equal(batch->value_len[1], 70);
    assert_int_equal(batch->value_len[2], 70);
    free(batch);
}

static void a_fill_has_the_last_ttl_in_whole_seconds(void **state)
{
    struct record records[] = {set("a", 0, 10, 60000), get("a", 0), set("a", 0, 10, 1500), get("a", 0),
                               set("a", 0, 10, 0),     get("a", 0)};
    struct batch *batch = read_whole(records, 6);

    (void)state;
    assert_true(batch->flags[1] & REQUEST_TTL);
    assert_int_equal(batch->ttl_ms[1], 60000);
    assert_int_equal(batch->ttl_ms[3], 2000);    /* rounded up: EX has no fractions */
    assert_false(batch->flags[5] & REQUEST_TTL); /* a SET without a ttl */
    free(batch);
}

static void getex_is_not_given_a_ttl_that_it_did_not_ask_for(void **state)
{
    struct record records[] = {set("a", 0, 10, 60000), get("a", 0)};
    struct batch *batch;

    (void)state;
    records[1].op = OP_GETEX;
    batch = read_whole(records, 2);
    assert_false(batch->flags[1] & REQUEST_TTL);
    assert_int_equal(batch->value_len[1], 10);
    free(batch);
}

/* ---- batches ---- */

/* n rows: a GET of a key of its own for each row, in commands of `rows` rows. */
static struct record *many(int n, int rows)
{
    struct record *records = xcalloc((size_t)n, sizeof *records);

    for (int i = 0; i < n; i++) {
        records[i] = (struct record){
            .op = OP_MGET, .key_number = (uint64_t)i, .key_len = 5, .value_len = VALUE_UNKNOWN, .time_us = i / rows};
        records[i].flags = i % rows + 1 < rows ? REQUEST_MORE : 0;
    }
    return records;
}

static void expect_rows(const struct batch *batch, uint32_t first)
{
    for (uint32_t row = 0; row < batch->count; row++)
        assert_int_equal(batch->id[row], first + row);
}

static void commands_never_straddle_two_batches(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 7; rows++) {
        int n = rows * (13000 / rows);
        struct record *records = many(n, rows);
        struct batch *batch = xcalloc(1, sizeof *batch);
        struct reading_on r;
        uint32_t seen = 0;

        start(&r, records, n, false);
        script.at_once = 11 * rows % 17 + 1;
        while (reader_next(r.reader, batch, &r.error) > 0) {
            assert_int_equal(batch->count % (uint32_t)rows, 0);
            assert_false(batch->flags[batch->count - 1] & REQUEST_MORE);
            expect_rows(batch, seen);
            seen += batch->count;
            assert_true(batch->key_count >= seen);
        }
        assert_int_equal(seen, n);
        assert_int_equal(reader_commands(r.reader), n / rows);
        assert_int_equal(reader_key_count(r.reader), n);
        assert_int_equal(reader_last_time_us(r.reader), (n - 1) / rows);
        stop(&r);
        free(records);
        free(batch);
    }
}

static void a_command_longer_than_a_batch_is_cut_in_two(void **state)
{
    struct record *records = many(6000, 6000);
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    (void)state;
    start(&r, records, 6000, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(batch->count, BATCH_CAPACITY);
    assert_false(batch->flags[BATCH_CAPACITY - 1] & REQUEST_MORE);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(batch->count, 6000 - BATCH_CAPACITY);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 0);
    assert_int_equal(reader_commands(r.reader), 2);
    stop(&r);
    free(records);
    free(batch);
}

static void a_trace_that_ends_amid_a_command_ends_it(void **state)
{
    struct record *records = many(5, 3);
    struct batch *batch = read_whole(records, 5);

    (void)state;
    assert_false(batch->flags[4] & REQUEST_MORE);
    free(batch);
    free(records);
}

/* All batches of a trace, one after the other. */
static struct batch *read_all(struct record *records, int n, bool look_ahead, int *count, struct reader_mix *mix)
{
    struct batch *batches = xcalloc(64, sizeof *batches);
    struct reading_on r;

    start(&r, records, n, false);
    if (look_ahead)
        assert_int_equal(reader_look_ahead(r.reader, mix, &r.error), 0);
    for (*count = 0; reader_next(r.reader, &batches[*count], &r.error) > 0;)
        assert_true(++*count < 64);
    assert_int_equal(reader_commands(r.reader), n / 3);
    stop(&r);
    return batches;
}

static void looking_ahead_changes_no_batch(void **state)
{
    static const int sizes[] = {3, 4095, 4098, 60000, READER_MIX_ROWS + 9999};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int n = sizes[i] / 3 * 3, plain_count, ahead_count;
        struct record *records = many(n, 3);
        struct reader_mix mix;
        struct batch *plain = read_all(records, n, false, &plain_count, &mix);
        struct batch *ahead = read_all(records, n, true, &ahead_count, &mix);

        assert_int_equal(plain_count, ahead_count);
        for (int b = 0; b < plain_count; b++) {
            assert_int_equal(plain[b].count, ahead[b].count);
            assert_int_equal(plain[b].key_count, ahead[b].key_count);
            assert_memory_equal(plain[b].id, ahead[b].id, plain[b].count * sizeof *plain->id);
            assert_memory_equal(plain[b].flags, ahead[b].flags, plain[b].count * sizeof *plain->flags);
            assert_memory_equal(plain[b].time_us, ahead[b].time_us, plain[b].count * sizeof *plain->time_us);
        }
        assert_int_equal(mix.reads, mix.rows);
        assert_true(mix.rows == (uint64_t)n || mix.rows <= READER_MIX_ROWS);
        free(plain);
        free(ahead);
        free(records);
    }
}

static void the_mix_counts_reads_and_writes(void **state)
{
    struct record records[] = {get("a", 0), set("a", 0, 5, 0), get("a", 0), get("b", 0)};
    struct reader_mix mix;
    struct reading_on r;

    (void)state;
    records[3].op = OP_DEL;
    start(&r, records, 4, false);
    assert_int_equal(reader_look_ahead(r.reader, &mix, &r.error), 0);
    assert_int_equal(mix.rows, 4);
    assert_int_equal(mix.reads, 2);
    assert_int_equal(mix.writes, 1);
    stop(&r); /* batches decoded ahead and never asked for are freed */
}

static void an_empty_trace_has_no_batch(void **state)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    (void)state;
    start(&r, NULL, 0, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 0);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 0);
    assert_int_equal(reader_commands(r.reader), 0);
    stop(&r);
    free(batch);
}

/* What a fill is given is kept in 32 bits of seconds. */
static void a_ttl_of_more_than_136_years_is_remembered_as_136(void **state)
{
    static const int64_t ttls_ms[] = {4294967295000, 4294967296000, 4294967297000, 4294967295001, INT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof ttls_ms / sizeof *ttls_ms; i++) {
        struct record records[] = {set("a", 0, 10, ttls_ms[i]), get("a", 1)};
        struct batch *batch = read_whole(records, 2);

        assert_true(batch->flags[1] & REQUEST_TTL);
        assert_int_equal(batch->ttl_ms[1], INT64_C(4294967295000));
        free(batch);
    }
}

/* The rows of one command are one row of the trace. */
static void a_command_of_several_keys_is_dropped_once(void **state)
{
    struct record records[] = {get("a", 9), get("b", 5), get("c", 5), get("d", 5), get("e", 4), get("f", 9)};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    (void)state;
    start(&r, records, 6, true);
    records[1].flags = records[2].flags = REQUEST_MORE;
    records[1].line = records[2].line = records[3].line = 2;
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(batch->count, 2);
    assert_int_equal(r.intake.skipped, 2);
    stop(&r);
    free(batch);
}

static void the_longest_gap_is_noted(void **state)
{
    struct record records[] = {get("a", 5), get("b", 7), get("c", 5000), get("d", 9000)};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct reading_on r;

    (void)state;
    start(&r, records, 4, false);
    assert_int_equal(reader_next(r.reader, batch, &r.error), 1);
    assert_int_equal(r.intake.longest_gap_us, 4993);
    assert_int_equal(r.intake.gap_line, 3);
    stop(&r);
    free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_of_several_keys_is_dropped_once),
        cmocka_unit_test(the_longest_gap_is_noted),
        cmocka_unit_test(the_first_request_is_at_time_zero),
        cmocka_unit_test(a_time_near_the_end_of_its_type_is_an_error),
        cmocka_unit_test(time_that_runs_backwards_is_an_error_with_its_line),
        cmocka_unit_test(a_ttl_of_more_than_136_years_is_remembered_as_136),
        cmocka_unit_test(lenient_skips_what_runs_backwards_and_counts_it),
        cmocka_unit_test(rows_without_a_time_are_a_millisecond_apart),
        cmocka_unit_test(unix_times_are_known_by_their_size),
        cmocka_unit_test(ids_count_in_order_of_appearance),
        cmocka_unit_test(the_same_name_in_two_databases_is_two_keys),
        cmocka_unit_test(a_number_and_its_digits_are_two_keys),
        cmocka_unit_test(commands_without_a_key_have_no_id),
        cmocka_unit_test(a_read_without_a_size_gets_the_last_one_seen),
        cmocka_unit_test(a_read_that_says_its_size_is_believed_and_remembered),
        cmocka_unit_test(a_fill_has_the_last_ttl_in_whole_seconds),
        cmocka_unit_test(getex_is_not_given_a_ttl_that_it_did_not_ask_for),
        cmocka_unit_test(commands_never_straddle_two_batches),
        cmocka_unit_test(a_command_longer_than_a_batch_is_cut_in_two),
        cmocka_unit_test(a_trace_that_ends_amid_a_command_ends_it),
        cmocka_unit_test(looking_ahead_changes_no_batch),
        cmocka_unit_test(the_mix_counts_reads_and_writes),
        cmocka_unit_test(an_empty_trace_has_no_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
