/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "sim/input/raw_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

/* ---- files ---- */

char *write_temporary(const char *name, const void *bytes, size_t count)
{
    const char *base = getenv("TMPDIR");
    char folder[256], *path = NULL;

    snprintf(folder, sizeof folder, "%s/evsim-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
    return path;
}

void remove_temporary(char *path)
{
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    free(path);
}

void *gzip_bytes(const void *bytes, size_t count, size_t *compressed)
{
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, count);
    unsigned char *to = xmalloc(room);
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)count;
    z.next_out = to;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    *compressed = room - z.avail_out;
    deflateEnd(&z);
    return to;
}

void *zstd_bytes(const void *bytes, size_t count, size_t *compressed)
{
    size_t room = ZSTD_compressBound(count);
    void *to = xmalloc(room);

    *compressed = ZSTD_compress(to, room, bytes, count, 3);
    assert_false(ZSTD_isError(*compressed));
    return to;
}

char *shared_path(const char *relative)
{
    const char *shared = getenv("EVSIM_SHARED");
    char *path = NULL;

    assert_true(asprintf(&path, "%s/%s", shared ? shared : "../shared", relative) > 0);
    if (access(path, R_OK) == 0)
        return path;
    printf("skipped: %s not found\n", path);
    free(path);
    return NULL;
}

/* ---- records as text ---- */

static void print_key(FILE *out, const struct record *record)
{
    if (!record->key)
        fprintf(out, "#%ju", (uintmax_t)record->key_number);
    for (uint32_t i = 0; record->key && i < record->key_bytes; i++) {
        unsigned char byte = (unsigned char)record->key[i];
        fprintf(out, byte > ' ' && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
    if (!record->key || record->key_len != record->key_bytes)
        fprintf(out, "/%u", record->key_len);
}

static void print_record(FILE *out, const struct record *record)
{
    static const struct {
        unsigned flag;
        const char *word;
    } words[] = {
        {REQUEST_NX, "nx"},           {REQUEST_XX, "xx"},
        {REQUEST_GT, "gt"},           {REQUEST_LT, "lt"},
        {REQUEST_KEEPTTL, "keepttl"}, {REQUEST_GET, "get"},
        {REQUEST_PERSIST, "persist"}, {REQUEST_ABSOLUTE, "absolute"},
        {REQUEST_MILLIS, "millis"},   {REQUEST_INTEGER, "integer"},
        {REQUEST_MORE, "more"},       {REQUEST_DECIMAL, "decimal"},
        {REQUEST_REPLACE, "replace"}, {REQUEST_LEN, "len"},
    };

    if (record->flags & REQUEST_UNTIMED)
        fputs("- ", out);
    else
        fprintf(out, "%jd ", (intmax_t)record->time_us);
    fprintf(out, "%s ", op_name(record->op));
    print_key(out, record);
    if (record->value_len == VALUE_UNKNOWN)
        fputs(" ?", out);
    else
        fprintf(out, " %u", record->value_len);
    if (record->db)
        fprintf(out, " db=%d", record->db);
    if (record->flags & REQUEST_TTL)
        fprintf(out, " ttl=%jd", (intmax_t)record->ttl_ms);
    if (record->number)
        fprintf(out, " number=%jd", (intmax_t)record->number);
    if (record->second)
        fprintf(out, " second=%jd", (intmax_t)record->second);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (record->flags & words[i].flag)
            fprintf(out, " %s", words[i].word);
    fputc('\n', out);
}

/* ---- reading ---- */

/* "/tmp/evsim-test-1a2b3c/x:3: bad time" without the folder. */
static void cut_folder(char *text, const char *path)
{
    size_t folder = (size_t)(strrchr(path, '/') + 1 - path);

    if (!strncmp(text, path, folder))
        memmove(text, text + folder, strlen(text + folder) + 1);
}

struct reading *read_file(struct how how, const char *path)
{
    struct reading *reading = xcalloc(1, sizeof *reading);
    struct format_options options = {.columns = how.columns,
                                     .lenient = how.lenient,
                                     .size_zero = how.size_zero,
                                     .block_bytes = how.block_bytes,
                                     .row_requests = how.row_requests};
    int room = how.room ? how.room : 64;
    struct record *records = xmalloc((size_t)room * sizeof *records);
    struct raw_trace trace;
    size_t bytes;
    FILE *out = open_memstream(&reading->text, &bytes);

    assert_non_null(out);
    reading->status = raw_trace_open(&trace, path, format_choose, how.format, &options, &reading->error);
    if (reading->status == 0)
        while ((reading->status = raw_trace_read(&trace, records, room, &reading->error)) > 0) {
            assert_true(reading->status <= room);
            for (int i = 0; i < reading->status; i++)
                print_record(out, &records[i]);
            reading->count += reading->status;
            if (error_is_set(&reading->error)) { /* a bad row behind good ones */
                reading->status = -1;
                break;
            }
        }
    fclose(out);
    if (trace.source)
        source_digest(trace.source, reading->digest);
    if (trace.format)
        snprintf(reading->format, sizeof reading->format, "%s", trace.format->name);
    reading->intake = trace.intake;
    cut_folder(reading->error.text, path);
    cut_folder(reading->intake.first_skipped, path);
    raw_trace_close(&trace);
    free(records);
    return reading;
}

struct reading *read_bytes(struct how how, const void *bytes, size_t count)
{
    char *path = write_temporary(how.name ? how.name : "x", bytes, count);
    struct reading *reading = read_file(how, path);

    remove_temporary(path);
    return reading;
}

struct reading *read_trace(struct how how, const char *text)
{
    return read_bytes(how, text, strlen(text));
}

void reading_free(struct reading *reading)
{
    free(reading->text);
    free(reading);
}

void expect_records(struct how how, const char *trace, const char *records)
{
    struct reading *reading = read_trace(how, trace);

    assert_string_equal(reading->error.text, "");
    assert_string_equal(reading->text, records);
    assert_int_equal(reading->status, 0);
    reading_free(reading);
}

void expect_error(struct how how, const char *trace, const char *error_text)
{
    struct reading *reading = read_trace(how, trace);

    assert_string_equal(reading->error.text, error_text);
    assert_int_equal(reading->status, -1);
    reading_free(reading);
}

size_t pack(char *to, const char *letters, ...)
{
    static const char kinds[] = "BHIQ";
    size_t count = 0;
    va_list numbers;

    va_start(numbers, letters);
    for (; *letters; letters++) {
        char *after;
        size_t zeros = strtoul(letters, &after, 10);
        bool given = after == letters;
        const char *kind = strchr(kinds, *after);
        assert_non_null(kind);
        size_t bytes = (size_t)1 << (kind - kinds);
        uint64_t number = given ? va_arg(numbers, uint64_t) : 0;
        letters = after;
        for (size_t i = 0; i < (given ? bytes : zeros * bytes); i++)
            to[count++] = given ? (char)(number >> 8 * i) : '\0';
    }
    va_end(numbers);
    return count;
}
