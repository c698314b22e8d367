/* SPDX-License-Identifier: GPL-3.0-or-later */
/* records: a trace of binary records, one after the other, all of the same number of bytes.
 *
 *     source ─▶ │ record │ record │ record │ pie      the last one may be cut off: a bad row
 *                  └─ decode ─▶ struct record
 *
 * A format has a struct records in its state and a function that decodes one record. records_read() is its read(): the
 * compiler makes a loop of its own for each format, with the decoder in it.
 *
 * Numbers are little-endian unless a format says otherwise. Such formats have no magic number, so a format knows its own by
 * what must hold of every record: time that never goes back, a next request that lies ahead, codes of operations that there
 * are. Text is none of them: binary_is_text(). */
#ifndef TRACES_BINARY_RECORDS_H
#define TRACES_BINARY_RECORDS_H

#include "sim/digits.h"
#include "sim/format.h"

#include <endian.h>
#include <string.h>

struct records {
    struct source *source;
    const struct format_options *options;
    struct intake *intake;
    uint64_t number;               /* of the record last taken, from 1 */
    struct record *first;          /* of those that this read() fills */
    char *tenants;                 /* texts of their tenants, TENANT_TEXT bytes each: owned */
    size_t tenants_room;           /* how many there can be */
    const char *last_text;         /* of the tenant named last by this read(), or NULL, */
    uint32_t last_tenant;          /* and which it was */
    struct record_origin *origins; /* owned, if they are kept */
    size_t origins_room;
};

enum { TENANT_TEXT = 12, RECORD_LARGEST = 256 };

/* What a decoder says. Of a record that cannot be used: what intake_bad_row() says. */
enum { RECORD_LEFT_OUT = 0, RECORD_DONE = 1 };

/* Decodes the record of this number, at `at`, of which all bytes are there, into *record, which holds anything before.
 * RECORD_DONE, RECORD_LEFT_OUT, or -1 on error. */
typedef int record_decode_fn(struct records *records, const char *at, uint64_t number, struct record *record,
                             struct error *error);

static inline uint16_t binary_u16(const char *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof value);
    return le16toh(value);
}

static inline uint32_t binary_u32(const char *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static inline uint64_t binary_u64(const char *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

/* Objects are numbers, so a key's name is assumed to be its decimal digits; the intake says so. */
void records_init(struct records *records, struct source *source, const struct format_options *options,
                  struct intake *intake);
void records_release(struct records *records);

/* Whether no byte shows that this is not text: a binary record has a zero somewhere. */
bool binary_is_text(const char *head, size_t bytes);

/* Whether times of 4 bytes, at `offset` of every record of the head, never go back; and there is a record. */
bool binary_times_ascend(const char *head, size_t bytes, size_t record_bytes, size_t offset);

/* Of formats whose records have the index of the object's next request, at `offset`, 8 bytes: FORMAT_NO if it cannot be
 * one, FORMAT_CERTAIN if all lie ahead, else FORMAT_LIKELY. */
enum format_sureness binary_next_requests(const char *head, size_t bytes, size_t record_bytes, size_t offset);

/* A read of an object at a time: what most formats begin with. */
static inline void record_begin(struct record *record, int64_t time_us, uint64_t object, uint64_t number)
{
    record_clear(record);
    record->time_us = time_us;
    record->key_number = object;
    record->key_len = digits_count(object);
    record->op = OP_GET;
    record->line = number;
}

/* The size of the object; 0 on a read is an empty value or unknown, as the user and the format say. A larger one than there can be is cut, and
 * counted. */
static inline void record_size(struct records *records, struct record *record, uint64_t bytes, bool zero_is_empty)
{
    if (bytes >= VALUE_UNKNOWN) {
        records->intake->cut_sizes++;
        bytes = VALUE_UNKNOWN - 1;
    }
    record->value_len = (uint32_t)bytes;
    if (!bytes && record->op == OP_GET &&
        !intake_zero_size(records->intake, records->options->size_zero, zero_is_empty))
        record->value_len = VALUE_UNKNOWN;
}

/* Whose request it is, by number. */
void record_set_tenant(struct records *records, struct record *record, uint32_t tenant);

/* The object's next request, for who keeps it. */
void record_keep_next(struct records *records, struct record *record, int64_t next);

static inline void record_next(struct records *records, struct record *record, uint64_t next)
{
    if (__builtin_expect(records->options->keeps_origin, 0))
        record_keep_next(records, record, (int64_t)next);
}

/* A bad row: as intake_bad_row, of the record of this number. */
#define record_bad(records, number, error, ...)                                                                        \
    intake_bad_row((records)->intake, (records)->options, (records)->source, number, error, __VA_ARGS__)

/* The read() of a format: record_bytes and decode are constants. */
static inline __attribute__((always_inline)) int records_read(struct records *records, size_t record_bytes,
                                                              record_decode_fn *decode, struct record *to, int room,
                                                              struct error *error)
{
    int count = 0;

    records->first = to;
    records->last_text = NULL;
    while (count == 0) {
        uint64_t number = records->number;
        size_t bytes, at = 0;
        int status = 0;
        const char *head = source_peek(records->source, record_bytes, &bytes, error);

        if (!head)
            return -1;
        if (!bytes)
            return 0;
        if (bytes < record_bytes) {
            source_consume(records->source, bytes);
            records->intake->rows++;
            return record_bad(records, ++records->number, error, "truncated record, %zu of %zu bytes", bytes,
                              record_bytes);
        }
        for (; bytes - at >= record_bytes && count < room && status >= 0; at += record_bytes) {
            status = decode(records, head + at, ++number, &to[count], error);
            count += status > 0;
        }
        records->intake->rows += number - records->number;
        records->number = number;
        source_consume(records->source, at);
        if (status < 0)
            return count ? count : -1;
    }
    return count;
}

#endif
