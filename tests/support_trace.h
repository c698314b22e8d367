/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_trace: miniature traces as text, and what a format made of them as text again.
 *
 *     struct reading *r = read_trace(TWITTER, "0.024,user:1,6,39,7,get,81\n");
 *     assert_string_equal(r->text, "24000 get user:1 39 ttl=81000\n");
 *
 * One line per record: time in microseconds ("-" if untimed), command, key (bytes outside of ASCII
 * as \xHH; "#7/1" for a number and its length; "/12" if the length in the server is not the
 * text's), value length ("?" if unknown), and then whatever else the record says: db=3 ttl=1000
 * number=5 nx xx more ... */
#ifndef TESTS_SUPPORT_TRACE_H
#define TESTS_SUPPORT_TRACE_H

#include "sim/format.h"

#include <stdbool.h>
#include <stddef.h>

/* How to read; zero is the strict default. */
struct how {
    const char *format; /* NULL: detect */
    const char *columns;
    const char *name; /* of the file; NULL: "x" */
    bool lenient;
    bool foresees; /* converted: with the next request of each row's key */
    enum size_zero size_zero;
    uint32_t block_bytes;
    uint32_t row_requests;
    int room; /* per call of read(); 0: 64 */
};

struct reading {
    int status;           /* of the last read(), or of the open */
    char *text;           /* one line per record */
    int count;            /* records */
    struct error error;   /* its text is without the folder of the temporary file */
    struct intake intake; /* first_skipped likewise */
    char format[32];      /* which it was */
    char digest[33];
};

struct reading *read_bytes(struct how how, const void *bytes, size_t count);
struct reading *read_trace(struct how how, const char *text);
struct reading *read_file(struct how how, const char *path);
void reading_free(struct reading *reading);

/* Fails the test unless the records read, or the error, are these. */
void expect_records(struct how how, const char *trace, const char *records);
void expect_error(struct how how, const char *trace, const char *error_text);

/* A file with these bytes in a folder of its own; remove_temporary() removes both and frees the
 * path. */
char *write_temporary(const char *name, const void *bytes, size_t count);
void remove_temporary(char *path);

/* Packs numbers, little-endian: a letter each, as Python's struct has them: B of 1 byte, H 2, I 4, Q 8; a number in front of
 * one is how many zeros of its kind, without an argument. All arguments are uint64_t. Returns the bytes. */
size_t pack(char *to, const char *letters, ...);

/* The bytes compressed, to be freed. */
void *gzip_bytes(const void *bytes, size_t count, size_t *compressed);
void *zstd_bytes(const void *bytes, size_t count, size_t *compressed);

/* The path of a file of the reference material, to be freed; NULL, and a line that says so,
 * without. */
char *shared_path(const char *relative);

#endif
