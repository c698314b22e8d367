/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_source: a source gives the same bytes in every packing, and damage is an error. */
#include "tests/support_trace.h"

#include "sim/alloc.h"
#include "sim/input/source.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include <cmocka.h>

enum { BYTES = 1000003 }; /* several windows, and no multiple of anything */

/* Bytes that compress a little: a source has to work for them. */
static char *some_bytes(void)
{
    char *bytes = xmalloc(BYTES);
    uint32_t random = 1;

    for (int i = 0; i < BYTES; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (char)('a' + (random >> 24) % 20);
    }
    return bytes;
}

/* Reads all of a file, `step` bytes at a time. The content is to be freed; NULL and the error on
 * failure. */
static char *read_all(const char *path, size_t step, size_t *count, char digest[33], struct error *error)
{
    struct source *source = source_open(path, error);
    char *content = xmalloc(4 * BYTES);
    size_t bytes = 0;
    const char *text = NULL;

    *count = 0;
    while (source && (text = source_peek(source, step, &bytes, error)) && bytes) {
        if (bytes > step)
            bytes = step;
        memcpy(content + *count, text, bytes);
        *count += bytes;
        source_consume(source, bytes);
    }
    if (text) {
        source_digest(source, digest);
        assert_int_equal(source_consumed(source), *count);
        assert_int_equal(source_position(source), source_size(source));
    } else {
        free(content);
        content = NULL;
    }
    source_close(source);
    return content;
}

static void hash(const void *bytes, size_t count, char digest[33])
{
    XXH128_hash_t value = XXH3_128bits(bytes, count);

    snprintf(digest, 33, "%016jx%016jx", (uintmax_t)value.high64, (uintmax_t)value.low64);
}

/* The same by one who knows how long its parts are, and asks for the digest twice: before the end, and then. */
static void expect_parts(const void *file, size_t file_bytes, const char *expected, size_t count)
{
    enum { OPENED = 256 << 10, HALF_WAY = 700000, MODULUS = 500009 /* a prime */ };
    char *path = write_temporary("x", file, file_bytes), digest[33], expected_digest[33];
    struct error error = {0};
    struct source *source = source_open(path, &error);
    size_t there;

    assert_non_null(source);
    source_hash_late(source);
    for (size_t at = 0, part = 1; at < count; at += there, part = 3 * part % MODULUS) {
        const char *text = source_peek_part(source, part, &there, &error);

        assert_true(text && there >= (part < count - at ? part : count - at));
        if (file ==
            expected) /* not packed: no more has been read than what source_open() has looked at, or this part */
            assert_true(source_position(source) <= OPENED || source_position(source) <= at + part);
        there = there < part ? there : part;
        assert_memory_equal(text, expected + at, there);
        source_consume(source, there);
        if (at < HALF_WAY && at + there >= HALF_WAY) {
            source_digest(source, digest);
            hash(expected, at + there, expected_digest);
            assert_string_equal(digest, expected_digest);
        }
    }
    assert_int_equal(source_consumed(source), count);
    source_digest(source, digest);
    hash(expected, count, expected_digest);
    assert_string_equal(digest, expected_digest);
    source_close(source);
    remove_temporary(path);
}

/* A file of these bytes reads as `expected`, and has its digest, in steps of any size. */
static void expect_content(const void *bytes, size_t count, const char *expected, size_t expected_count)
{
    static const size_t steps[] = {1, 4096, 300000, 5000000};
    char *path = write_temporary("x", bytes, count);
    char digest[33], expected_digest[33];

    hash(expected, expected_count, expected_digest);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct error error = {0};
        size_t got;
        char *content = read_all(path, steps[i], &got, digest, &error);
        assert_string_equal(error.text, "");
        assert_int_equal(got, expected_count);
        assert_memory_equal(content, expected, got);
        assert_string_equal(digest, expected_digest);
        free(content);
    }
    remove_temporary(path);
}

static void expect_failure(const void *bytes, size_t count, const char *text)
{
    char *path = write_temporary("x.csv", bytes, count);
    struct error error = {0};
    char digest[33];
    size_t got;

    assert_null(read_all(path, 4096, &got, digest, &error));
    assert_int_equal(error.code, ERROR_INPUT);
    assert_string_equal(strrchr(error.text, '/') + 1, text);
    remove_temporary(path);
}

/* Two pieces of memory, one behind the other; frees the first. */
static char *append(char *first, size_t first_bytes, const void *second, size_t second_bytes)
{
    first = xrealloc(first, first_bytes + second_bytes);
    memcpy(first + first_bytes, second, second_bytes);
    return first;
}

static void plain_gzip_and_zstd_give_the_same_bytes(void **state)
{
    char *bytes = some_bytes();
    size_t gzip_count, zstd_count;
    void *gzip = gzip_bytes(bytes, BYTES, &gzip_count);
    void *zstd = zstd_bytes(bytes, BYTES, &zstd_count);

    (void)state;
    expect_content(bytes, BYTES, bytes, BYTES);
    expect_content(gzip, gzip_count, bytes, BYTES);
    expect_content(zstd, zstd_count, bytes, BYTES);
    expect_parts(bytes, BYTES, bytes, BYTES);
    expect_parts(gzip, gzip_count, bytes, BYTES);
    expect_parts(zstd, zstd_count, bytes, BYTES);
    free(bytes);
    free(gzip);
    free(zstd);
}

static void members_and_frames_may_follow_one_another(void **state)
{
    static const char skippable[] = "\x50\x2a\x4d\x18\x03\x00\x00\x00xyz";
    char *bytes = some_bytes(), *twice = append(xmalloc(BYTES), 0, bytes, BYTES);
    size_t count;

    (void)state;
    twice = append(twice, BYTES, bytes, BYTES);
    char *gzip = gzip_bytes(bytes, BYTES, &count);
    char *copy = append(xmalloc(count), 0, gzip, count);
    gzip = append(gzip, count, copy, count);
    expect_content(gzip, 2 * count, twice, 2 * BYTES);
    free(copy);
    free(gzip);

    char *zstd = zstd_bytes(bytes, BYTES, &count);
    char *frames = append(xmalloc(1), 0, skippable, sizeof skippable - 1);
    size_t total = sizeof skippable - 1;
    for (int i = 0; i < 2; i++, total += count)
        frames = append(frames, total, zstd, count);
    expect_content(frames, total, twice, 2 * BYTES);
    free(frames);
    free(zstd);
    free(twice);
    free(bytes);
}

static void short_and_empty_files(void **state)
{
    size_t count;
    void *gzip = gzip_bytes("", 0, &count);

    (void)state;
    expect_content("", 0, "", 0);
    expect_content("a", 1, "a", 1);
    expect_content("\x1f", 1, "\x1f", 1);
    expect_content(gzip, count, "", 0);
    free(gzip);
}

static void truncated_data_is_an_error(void **state)
{
    char *bytes = some_bytes(), text[128];
    size_t gzip_count, zstd_count;
    void *gzip = gzip_bytes(bytes, BYTES, &gzip_count);
    void *zstd = zstd_bytes(bytes, BYTES, &zstd_count);

    (void)state;
    for (size_t cut = 5; cut < gzip_count; cut = cut * 3 + 1) {
        snprintf(text, sizeof text, "x.csv: truncated gzip data at byte %zu", cut);
        expect_failure(gzip, cut, text);
    }
    for (size_t cut = 5; cut < zstd_count; cut = cut * 3 + 1) {
        snprintf(text, sizeof text, "x.csv: truncated zstd data at byte %zu", cut);
        expect_failure(zstd, cut, text);
    }
    snprintf(text, sizeof text, "x.csv: truncated gzip data at byte %zu", gzip_count - 1);
    expect_failure(gzip, gzip_count - 1, text);
    free(bytes);
    free(gzip);
    free(zstd);
}

static void damaged_data_is_an_error(void **state)
{
    char text[128];
    size_t count;
    char *gzip = gzip_bytes("hello, hello, hello", 19, &count);

    (void)state;
    gzip[count - 8] ^= 1; /* the checksum */
    snprintf(text, sizeof text, "x.csv: damaged gzip data before byte %zu: incorrect data check", count);
    expect_failure(gzip, count, text);
    free(gzip);

    gzip = gzip_bytes("hello", 5, &count);
    gzip = append(gzip, count, "garbage", 7);
    snprintf(text, sizeof text, "x.csv: damaged gzip data before byte %zu: incorrect header check", count + 7);
    expect_failure(gzip, count + 7, text);
    free(gzip);

    char *zstd = zstd_bytes("hello, hello, hello", 19, &count);
    zstd = append(zstd, count, "garbage", 7);
    snprintf(text, sizeof text, "x.csv: damaged zstd data before byte %zu: Unknown frame descriptor", count + 7);
    expect_failure(zstd, count + 7, text);
    free(zstd);
}

static void a_failure_is_repeated(void **state)
{
    size_t count, bytes;
    char *data = some_bytes();
    void *zstd = zstd_bytes(data, BYTES, &count);
    char *path = write_temporary("x", zstd, count / 2);
    struct error first = {0}, second = {0};
    struct source *source = source_open(path, &first);

    (void)state;
    assert_null(source_peek(source, BYTES, &bytes, &first));
    assert_null(source_peek(source, BYTES, &bytes, &second));
    assert_string_equal(first.text, second.text);
    source_close(source);
    remove_temporary(path);
    free(zstd);
    free(data);
}

static void what_cannot_be_opened_is_named(void **state)
{
    struct error error = {0};

    (void)state;
    assert_null(source_open("no/such/file", &error));
    assert_string_equal(error.text, "no/such/file: cannot open: No such file or directory");
    error = (struct error){0};
    assert_null(source_open("/", &error));
    assert_string_equal(error.text, "/: cannot read: Is a directory");
}

static void consuming_does_not_move_bytes(void **state)
{
    char *path = write_temporary("x", "abcdef", 6);
    struct error error = {0};
    struct source *source = source_open(path, &error);
    size_t bytes;
    const char *text = source_peek(source, 1, &bytes, &error);

    (void)state;
    assert_int_equal(bytes, 6);
    source_consume(source, 6);
    assert_memory_equal(text, "abcdef", 6);
    assert_non_null(source_peek(source, 1, &bytes, &error));
    assert_int_equal(bytes, 0);
    source_close(source);
    remove_temporary(path);
}

static void standard_input_is_a_dash(void **state)
{
    struct error error = {0};
    int ends[2], saved = dup(STDIN_FILENO);
    size_t bytes;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct source *source = source_open("-", &error);
    assert_string_equal(source_name(source), "standard input");
    assert_memory_equal(source_peek(source, 1, &bytes, &error), "abc", 3);
    assert_int_equal(source_size(source), 0);
    source_close(source);
    dup2(saved, STDIN_FILENO);
    close(saved);
}

/* What libarchive writes: with this filter (ARCHIVE_FILTER_NONE: none) of these members, or, if there is one without a name, of its
 * bytes alone. */
struct packed {
    const char *name, *bytes;
    size_t count;
};

static char *archived(int filter, const struct packed *members, size_t member_count, size_t *count)
{
    char *bytes = xmalloc(8 * BYTES);
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();

    assert_int_equal(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    if (members->name)
        archive_write_set_format_ustar(archive);
    else
        archive_write_set_format_raw(archive);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, bytes, 8 * BYTES, count), ARCHIVE_OK);
    for (size_t i = 0; i < member_count; i++) {
        archive_entry_clear(entry);
        archive_entry_set_pathname(entry, members[i].name ? members[i].name : "x");
        archive_entry_set_filetype(entry, members[i].bytes ? AE_IFREG : AE_IFDIR);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (int64_t)members[i].count);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        if (members[i].count)
            assert_int_equal(archive_write_data(archive, members[i].bytes, members[i].count), (int)members[i].count);
    }
    archive_entry_free(entry);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return bytes;
}

static void xz_bzip2_and_lz4_give_the_same_bytes(void **state)
{
    static const int filters[] = {ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_LZ4};
    char *bytes = some_bytes();

    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        const struct packed whole = {NULL, bytes, BYTES};
        size_t count;
        char *packed = archived(filters[i], &whole, 1, &count);
        expect_content(packed, count, bytes, BYTES);
        struct error error = {0};
        char digest[33];
        char *path = write_temporary("x", packed, count / 2);
        size_t got;
        assert_null(read_all(path, 4096, &got, digest, &error));
        assert_non_null(strstr(error.text, i ? "/x: damaged or truncated " : "/x: truncated xz data at byte "));
        remove_temporary(path);
        free(packed);
    }
    free(bytes);
}

static void zeros_may_follow_gzip_data(void **state)
{
    static const char zeros[100000];
    size_t count;
    char *gzip = gzip_bytes("hello", 5, &count), text[128];

    (void)state;
    gzip = append(gzip, count, zeros, sizeof zeros);
    expect_content(gzip, count + sizeof zeros, "hello", 5);
    gzip[count + 70000] = 'x';
    snprintf(text, sizeof text, "x.csv: damaged gzip data before byte %zu: incorrect header check",
             count + sizeof zeros);
    expect_failure(gzip, count + sizeof zeros, text);
    free(gzip);
}

/* Each file's name and bytes, as "name=bytes;". */
static void expect_files(const char *const *paths, size_t count, const char *expected)
{
    struct error error = {0};
    struct source *source = source_open_files(paths, count, 0, &error);
    char content[512] = "";
    int more = source ? 1 : -1;

    while (more > 0) {
        size_t bytes;
        const char *text;
        strcat(strcat(content, strrchr(source_name(source), '/') + 1), "=");
        while ((text = source_peek(source, 1, &bytes, &error)) && bytes) {
            strncat(content, text, bytes);
            source_consume(source, bytes);
        }
        strcat(content, ";");
        more = source_next_file(source, &error);
    }
    if (more < 0)
        strcat(content, strrchr(error.text, '/') + 1);
    assert_string_equal(content, expected);
    source_close(source);
}

static void members_of_a_tar_are_files(void **state)
{
    static const struct packed members[] = {{"a.csv", "1,2\n", 4},
                                            {"folder", NULL, 0},
                                            {"empty", "", 0},
                                            {"folder/b.csv",
                                             "\xef\xbb\xbf"
                                             "3",
                                             4}};
    static const int filters[] = {ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_ZSTD, ARCHIVE_FILTER_XZ};

    (void)state;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        size_t count;
        char *tar = archived(filters[i], members, 4, &count), *path = write_temporary("x.tar", tar, count);
        expect_files((const char *const *)&path, 1, "x.tar:a.csv=1,2\n;b.csv=3;");
        remove_temporary(path);
        free(tar);
    }
    size_t count, packed_count;
    char *packed = gzip_bytes("hello", 5, &packed_count);
    const struct packed nested = {"a.gz", packed, packed_count};
    char *tar = archived(ARCHIVE_FILTER_NONE, &nested, 1, &count), *path = write_temporary("x.tar", tar, count);
    expect_files((const char *const *)&path, 1, "x.tar:a.gz: gzip inside of an archive: unpack the archive first");
    remove_temporary(path);
    free(packed);
    free(tar);
}

static void several_files_and_patterns_are_one_trace(void **state)
{
    size_t count;
    char *gzip = gzip_bytes("two", 3, &count);
    char *one = write_temporary("one", "1", 1), *two = write_temporary("two.gz", gzip, count);
    char pattern[512];

    (void)state;
    expect_files((const char *const[]){one, two, one}, 3, "one=1;two.gz=two;one=1;");
    snprintf(pattern, sizeof pattern, "%.*s/t*.g?", (int)(strrchr(two, '/') - two), two);
    expect_files((const char *const[]){pattern, one}, 2, "two.gz=two;one=1;");
    strcat(pattern, "z");
    expect_files((const char *const[]){one, pattern}, 2, "t*.g?z: no file matches");
    expect_files((const char *const[]){one, "no/such"}, 2,
                 "such: cannot open, as number 2 of the trace's 2 files: No such file or directory");
    expect_files((const char *const[]){one, "/dev/null"}, 2, "null: no regular file: it cannot be one of several");
    struct error error = {0};
    assert_null(source_open("https://example.com/x.zst", &error));
    assert_string_equal(error.text,
                        "https://example.com/x.zst: evsim reads files, never the network: fetch it first, or "
                        "pipe it into 'evsim run -'");
    remove_temporary(one);
    remove_temporary(two);
    free(gzip);
}

static bool goes_on(void *owner)
{
    int *more = owner;

    return (*more)-- > 0;
}

static void reading_stops_when_it_is_asked_to(void **state)
{
    char *zeros = xcalloc(1, 4 * BYTES), *path = write_temporary("x", zeros, 4 * BYTES);
    struct error error = {0};
    struct source *source = source_open(path, &error);
    const char *text;
    size_t bytes;
    int more = 1;

    (void)state;
    assert_non_null(source);
    source_ask(source, goes_on, &more);
    while ((text = source_peek(source, 64 << 20, &bytes, &error)) && bytes)
        source_consume(source, bytes);
    assert_null(text);
    assert_int_equal(error.code, ERROR_INTERRUPTED);
    assert_string_equal(error.text, "interrupted");
    source_close(source);
    remove_temporary(path);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_stops_when_it_is_asked_to),
        cmocka_unit_test(xz_bzip2_and_lz4_give_the_same_bytes),
        cmocka_unit_test(zeros_may_follow_gzip_data),
        cmocka_unit_test(members_of_a_tar_are_files),
        cmocka_unit_test(several_files_and_patterns_are_one_trace),
        cmocka_unit_test(plain_gzip_and_zstd_give_the_same_bytes),
        cmocka_unit_test(members_and_frames_may_follow_one_another),
        cmocka_unit_test(short_and_empty_files),
        cmocka_unit_test(truncated_data_is_an_error),
        cmocka_unit_test(damaged_data_is_an_error),
        cmocka_unit_test(a_failure_is_repeated),
        cmocka_unit_test(what_cannot_be_opened_is_named),
        cmocka_unit_test(consuming_does_not_move_bytes),
        cmocka_unit_test(standard_input_is_a_dash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
