/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_future: the next request of each key. */
#include "sim/alloc.h"
#include "sim/input/future.h"
#include "sim/input/reader.h"
#include "sim/generate/generate.h"
#include "sim/options.h"
#include "sim/policy.h"
#include "sim/stop.h"
#include "tests/support_convert.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <endian.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* One reading of a trace. */
struct opened {
    struct source *source;
    struct reader *reader;
    struct intake intake;
    struct error error;
};

static void open_trace(struct opened *opened, const char *path)
{
    struct format_options options = {.lenient = false};
    const struct format *format;

    memset(opened, 0, sizeof *opened);
    opened->source = source_open(path, &opened->error);
    assert_non_null(opened->source);
    format = format_detect(opened->source, NULL, &opened->error);
    assert_non_null(format);
    opened->reader = reader_open(opened->source, format, &options, &opened->intake, &opened->error);
    assert_non_null(opened->reader);
}

static void close_trace(struct opened *opened)
{
    reader_close(opened->reader);
    source_close(opened->source);
}

static struct future foresee(const char *path)
{
    static const struct simulation_options options;
    struct opened opened;
    struct future future;

    open_trace(&opened, path);
    assert_int_equal(future_read(&future, opened.reader, &options, &opened.error), 0);
    close_trace(&opened);
    return future;
}

/* The next request of every row as the batches have it, "2 5 - ...". */
static void expect_next(const char *trace, const char *expected)
{
    char *path = write_temporary("monitor.txt", trace, strlen(trace)), text[256] = "";
    struct future future = foresee(path);
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct opened opened;

    open_trace(&opened, path);
    future_tell(&future, opened.reader);
    assert_int_equal(reader_next(opened.reader, batch, &opened.error), 1);
    assert_int_equal(batch->first_row, 0);
    for (uint32_t row = 0; row < batch->count; row++) {
        char next[24] = "-";

        if (batch->next_access[row] != NEXT_NEVER)
            snprintf(next, sizeof next, "%lld", (long long)batch->next_access[row]);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", row ? " " : "", next);
    }
    assert_string_equal(text, expected);
    close_trace(&opened);
    future_release(&future);
    free(batch);
    remove_temporary(path);
}

#define AT(s) "170000000" #s ".000000 [0 127.0.0.1:5] "

static void reads_writes_and_every_key_of_a_command_are_requests(void **state)
{
    (void)state;
    expect_next(
        AT(0) "\"GET\" \"a\"\n" AT(1) "\"SET\" \"b\" \"x\"\n" AT(2) "\"PING\"\n" AT(
            3) "\"MGET\" \"b\" \"c\" \"a\"\n" AT(4) "\"EXPIRE\" \"a\" \"100\"\n" AT(5) "\"APPEND\" \"c\" \"y\"\n",
        "5 3 - - 7 6 - -");
}

static void a_key_that_is_deleted_first_has_no_next_request(void **state)
{
    (void)state;
    expect_next(AT(0) "\"SET\" \"a\" \"x\"\n" AT(1) "\"SET\" \"b\" \"x\"\n" AT(2) "\"DEL\" \"a\"\n" AT(
                    3) "\"GETDEL\" \"b\"\n" AT(4) "\"SET\" \"a\" \"x\"\n" AT(5) "\"GET\" \"a\"\n",
                "- 3 4 - 5 -");
}

static void nothing_is_foreseen_beyond_a_flush(void **state)
{
    (void)state;
    expect_next(AT(0) "\"SET\" \"a\" \"x\"\n" AT(1) "\"SET\" \"b\" \"x\"\n" AT(2) "\"GET\" \"b\"\n" AT(
                    3) "\"FLUSHALL\"\n" AT(4) "\"GET\" \"a\"\n" AT(5) "\"GET\" \"a\"\n",
                "- 2 - - 5 -");
}

/* ---- against the column of oracleGeneral ---- */

enum { RECORD_BYTES = 24 };

static int64_t next_of_record(const char *record)
{
    int64_t next;

    memcpy(&next, record + 16, sizeof next);
    next = (int64_t)le64toh((uint64_t)next);
    return next < 0 ? NEXT_NEVER : next;
}

/* `whole`: the trace's bytes, decompressed. Its column counts requests from `first`: 0, or 1. */
static void expect_column(const char *path, const char *whole, uint64_t records, int64_t first)
{
    struct future future = foresee(path);
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct opened opened;
    uint64_t rows = 0;

    open_trace(&opened, path);
    future_tell(&future, opened.reader);
    while (reader_next(opened.reader, batch, &opened.error) == 1)
        for (uint32_t row = 0; row < batch->count; row++, rows++) {
            int64_t next = next_of_record(whole + rows * RECORD_BYTES);

            assert_true(rows < records);
            assert_int_equal(batch->first_row + row, rows);
            assert_int_equal(batch->next_access[row], next == NEXT_NEVER ? next : next - first);
        }
    assert_int_equal(rows, records);
    close_trace(&opened);
    future_release(&future);
    free(batch);
}

static void it_is_what_a_generated_trace_says(void **state)
{
    struct generate_params params;
    struct error error = {0};
    char *bytes, *path;
    size_t count;
    FILE *out = open_memstream(&bytes, &count);

    (void)state;
    generate_defaults(&params);
    params.requests = 100000;
    params.keys = 5000;
    params.write_share = params.delete_share = params.population.ttl_share = 0;
    assert_int_equal(generate_trace(&params, &generate_target_oracle_general, out, NULL, &error), 0);
    fclose(out);
    path = write_temporary("oracle.bin", bytes, count);
    expect_column(path, bytes, params.requests, 0);
    remove_temporary(path);
    free(bytes);
}

static char *read_whole(const char *path, uint64_t *records)
{
    struct error error = {0};
    struct source *source = source_open(path, &error);
    char *whole = NULL;
    size_t bytes, count = 0;

    assert_non_null(source);
    for (const char *at; (at = source_peek(source, 1, &bytes, &error)) && bytes; count += bytes) {
        whole = xrealloc(whole, count + bytes);
        memcpy(whole + count, at, bytes);
        source_consume(source, bytes);
    }
    source_close(source);
    *records = count / RECORD_BYTES;
    return whole;
}

static void it_is_what_a_recorded_trace_says(void **state)
{
    char *path = shared_path("traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst"), *whole;
    uint64_t records;

    (void)state;
    if (!path)
        skip();
    whole = read_whole(path, &records);
    assert_int_equal(records, 113872);
    expect_column(path, whole, records, 1);
    free(whole);
    free(path);
}

/* ---- what a compiled trace has of it ---- */

/* What is noted of all rows of a trace, by what it says itself or by reading it twice. */
struct foreseen {
    int64_t *next; /* owned */
    uint64_t rows;
    bool by_itself;
};

static struct foreseen foresee_as(const char *path, const struct simulation_options *options, bool keeps_names)
{
    struct foreseen seen = {0};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct future future = {0};
    struct opened opened;

    open_trace(&opened, path);
    if (keeps_names) /* then it has to make records */
        reader_keep_names(opened.reader);
    seen.by_itself = (reader_foresees(opened.reader) & future_rules(options)) != 0;
    if (seen.by_itself) {
        reader_foresee(opened.reader);
    } else {
        struct opened before;

        open_trace(&before, path);
        assert_int_equal(future_read(&future, before.reader, options, &before.error), 0);
        close_trace(&before);
        future_tell(&future, opened.reader);
    }
    while (reader_next(opened.reader, batch, &opened.error) == 1) {
        assert_int_equal(batch->first_row, seen.rows);
        seen.next = xrealloc(seen.next, (seen.rows + batch->count) * sizeof *seen.next);
        memcpy(seen.next + seen.rows, batch->next_access, batch->count * sizeof *seen.next);
        seen.rows += batch->count;
    }
    assert_string_equal(opened.error.text, "");
    close_trace(&opened);
    future_release(&future);
    batch_release(batch);
    free(batch);
    return seen;
}

/* The trace, compiled with its next requests, says what two readings of it find; by these rules itself. */
static void expect_compiled_alike(const char *format, const void *bytes, size_t count, enum request_rules rules)
{
    static const struct simulation_options options[] = {
        {.unit_sizes = false}, {.libcachesim = true}, {.libcachesim = true, .unit_sizes = true}};
    char *path = write_temporary("trace", bytes, count);

    for (int packs = 0; packs < 2; packs++) {
        struct how how = {.format = format, .foresees = true};
        struct converted *compiled = convert_file(how, path, "evt", packs);
        char *evt = write_temporary("trace.evt", compiled->bytes, compiled->count);

        assert_string_equal(compiled->error.text, "");
        for (int rule = 0; rule < 3; rule++) {
            struct foreseen twice = foresee_as(path, &options[rule], false);
            struct foreseen rows = foresee_as(evt, &options[rule], false);
            struct foreseen records = foresee_as(evt, &options[rule], true);

            assert_int_equal(rows.by_itself, (rules & future_rules(&options[rule])) != 0);
            assert_int_equal(rows.rows, twice.rows);
            assert_memory_equal(rows.next, twice.next, twice.rows * sizeof *twice.next);
            assert_int_equal(records.rows, twice.rows);
            assert_memory_equal(records.next, twice.next, twice.rows * sizeof *twice.next);
            free(twice.next);
            free(rows.next);
            free(records.next);
        }
        remove_temporary(evt);
        converted_free(compiled);
    }
    remove_temporary(path);
}

static void a_compiled_trace_says_it_itself(void **state)
{
    struct generate_params params;
    struct error error = {0};
    char *bytes;
    size_t count;

    (void)state;
    generate_defaults(&params);
    params.requests = 150000; /* of several blocks */
    params.keys = 30000;
    for (int deletes = 0; deletes < 2; deletes++) {
        FILE *out = open_memstream(&bytes, &count);

        params.delete_share = deletes;
        assert_int_equal(generate_trace(&params, &generate_target_twitter, out, NULL, &error), 0);
        fclose(out);
        expect_compiled_alike("twitter", bytes, count, deletes ? RULES_OF_SERVERS : RULES_ALL);
        free(bytes);
    }
}

/* Commands of several keys lie across the ends of batches and blocks. */
static void so_it_does_of_commands_of_several_keys(void **state)
{
    char *bytes;
    size_t count;
    FILE *out = open_memstream(&bytes, &count);

    (void)state;
    for (unsigned i = 0; i < 30000; i++) {
        unsigned key = i * 7919u % 1009u;

        fprintf(out, "%u.%06u [%u 127.0.0.1:5] ", 1700000000 + i / 100, i % 100 * 10000, i / 15000);
        if (i % 5000 == 4999)
            fprintf(out, "\"SWAPDB\" \"0\" \"1\"\n");
        else if (i % 7000 == 6999)
            fprintf(out, "\"FLUSHDB\"\n");
        else if (i % 11 == 0)
            fprintf(out, "\"DEL\" \"k%u\" \"k%u\"\n", key, key + 1);
        else if (i % 7 == 0)
            fprintf(out, "\"RENAME\" \"k%u\" \"k%u\"\n", key, key + 3);
        else if (i % 5 == 0)
            fprintf(out, "\"SADD\" \"s%u\" \"a\" \"b%u\"\n", key, i);
        else
            fprintf(out, "\"%s\" \"k%u\" \"k%u\" \"k%u\"\n", i % 2 ? "MGET" : "EXISTS", key, key + 1, key + 2);
    }
    fclose(out);
    expect_compiled_alike("monitor", bytes, count, RULES_OF_SERVERS);
    free(bytes);
}

static void a_trace_that_has_grown_since_is_an_error(void **state)
{
    static const char text[] = "1,a,0,5,1,get,0\n2,b,0,5,1,set,0\n";
    char *path = write_temporary("trace.csv", text, strlen(text));
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct future future = foresee(path);
    struct opened opened;
    FILE *more = fopen(path, "a");

    (void)state;
    assert_non_null(more);
    fputs("3,a,0,5,1,get,0\n", more);
    fclose(more);
    open_trace(&opened, path);
    future_tell(&future, opened.reader);
    assert_int_equal(reader_next(opened.reader, batch, &opened.error), -1);
    assert_int_equal(opened.error.code, ERROR_INPUT);
    assert_non_null(strstr(opened.error.text, "trace.csv: the trace has become longer while it was read"));
    close_trace(&opened);
    future_release(&future);
    free(batch);
    remove_temporary(path);
}

/* In a process of its own, for the signal stays noted. */
static void a_signal_stops_the_reading(void **state)
{
    static const char trace[] = "1,a,1,10,0,get,0\n2,b,1,10,0,get,0\n";
    char *path = write_temporary("trace.csv", trace, sizeof trace - 1);
    int status;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (!child) {
        static const struct simulation_options options;
        struct opened opened;
        struct future future;

        stop_on_signals();
        open_trace(&opened, path);
        raise(SIGTERM);
        _exit(future_read(&future, opened.reader, &options, &opened.error) == -1 &&
                      opened.error.code == ERROR_TERMINATED
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
    remove_temporary(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_writes_and_every_key_of_a_command_are_requests),
        cmocka_unit_test(a_key_that_is_deleted_first_has_no_next_request),
        cmocka_unit_test(nothing_is_foreseen_beyond_a_flush),
        cmocka_unit_test(it_is_what_a_generated_trace_says),
        cmocka_unit_test(it_is_what_a_recorded_trace_says),
        cmocka_unit_test(a_compiled_trace_says_it_itself),
        cmocka_unit_test(so_it_does_of_commands_of_several_keys),
        cmocka_unit_test(a_trace_that_has_grown_since_is_an_error),
        cmocka_unit_test(a_signal_stops_the_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
