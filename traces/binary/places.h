/* SPDX-License-Identifier: GPL-3.0-or-later */
/* places: a format of binary records as a table: where in a record each field is.
 *
 *     static const struct places places = {
 *         .record_bytes = 22,
 *         .time = {0, 4}, .object = {4, 8}, .size = {12, 4}, .tenant = {16, 2},
 *     };
 *     PLACES_FORMAT(akamai, places)       its read(), of which the compiler makes a loop with these numbers in it
 *
 * What a record has no place for: without a time rows are untimed; without a size an object has one of --block-size bytes; without an
 * operation each record is a GET. */
#ifndef TRACES_BINARY_PLACES_H
#define TRACES_BINARY_PLACES_H

#include "traces/binary/records.h"
#include "traces/binary/verbs.h"

/* A number of 1 to 8 bytes, of which `bits` from bit `shift` on; bits 0: all. bytes 0: there is none. */
struct place {
    uint8_t at, bytes, shift, bits;
};

struct places {
    uint8_t record_bytes;
    bool is_big_endian;
    struct place time;   /* s */
    struct place object; /* required */
    struct place size;   /* bytes of the value; of 8 bytes: beyond 4 GB it is cut, which is counted */
    struct place key_size;
    struct place op;  /* verbs.h */
    struct place ttl; /* s, 0: none; of 4 bytes: or negative */
    struct place tenant;
    struct place next; /* index of the object's next request, for recognition only */
};

/* What a read() needs besides the records. */
struct placed {
    struct records records; /* first */
    uint32_t block_bytes;   /* of an object, where the record does not say it */
};

static inline __attribute__((always_inline)) uint64_t place_read(const char *at, struct place place, bool is_big_endian)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < place.bytes; i++)
        value |= (uint64_t)(unsigned char)at[place.at + i] << 8 * (is_big_endian ? place.bytes - 1 - i : i);
    value >>= place.shift;
    return place.bits ? value & ((UINT64_C(1) << place.bits) - 1) : value;
}

static inline __attribute__((always_inline)) int places_decode(const struct places *places, bool zero_is_empty,
                                                               struct records *records, const char *at, uint64_t number,
                                                               struct record *record)
{
    const struct placed *placed = (const struct placed *)(const void *)records;
    bool big = places->is_big_endian;
    uint64_t bytes = place_read(at, places->size, big), ttl_s = place_read(at, places->ttl, big);

    record_begin(record, (int64_t)place_read(at, places->time, big) * 1000000, place_read(at, places->object, big),
                 number);
    if (!places->time.bytes)
        record->flags |= REQUEST_UNTIMED;
    if (places->key_size.bytes) {
        uint32_t key_bytes = (uint32_t)place_read(at, places->key_size, big);

        if (key_bytes)
            record->key_len = key_bytes;
    }
    if (places->op.bytes &&
        record_set_verb(records, record, (unsigned)place_read(at, places->op, big)) == RECORD_LEFT_OUT)
        return RECORD_LEFT_OUT;
    if (places->size.bytes == 8 && bytes >> 32 == UINT32_MAX) /* a negative number of 4 bytes was meant */
        bytes &= UINT32_MAX;
    if (places->size.bytes)
        record_size(records, record, bytes, zero_is_empty);
    else
        record->value_len = placed->block_bytes;
    if (ttl_s && !(places->ttl.bytes == 4 && !places->ttl.bits && ttl_s >> 31)) {
        record->flags |= REQUEST_TTL;
        record->ttl_ms = (int64_t)ttl_s * 1000;
    }
    if (places->tenant.bytes)
        record_set_tenant(records, record, (uint32_t)place_read(at, places->tenant, big));
    return RECORD_DONE;
}

/* 0, or -1. */
int places_open(struct placed *placed, const struct places *places, struct source *source,
                const struct format_options *options, struct intake *intake, struct error *error);
void places_close(void *state);

/* How sure the table is of the first bytes. Of two records or more: time never goes back, and operations are those that there are. CERTAIN,
 * if there are operations or next requests, four of them; else BY_NAME: nothing in such records tells one layout from another. */
enum format_sureness places_detect(const struct places *places, const char *head, size_t bytes);

/* The functions of a format with this table. */
#define PLACES_FORMAT(name, places)                                                                                    \
    extern const struct format format_##name;                                                                          \
    static int open_##name(void *state, struct source *source, const struct format_options *options,                   \
                           struct intake *intake, struct error *error)                                                 \
    {                                                                                                                  \
        return places_open(state, &places, source, options, intake, error);                                            \
    }                                                                                                                  \
    static int decode_##name(struct records *records, const char *at, uint64_t number, struct record *record,          \
                             struct error *error)                                                                      \
    {                                                                                                                  \
        (void)error;                                                                                                   \
        return places_decode(&places, format_##name.zero_is_empty, records, at, number, record);                       \
    }                                                                                                                  \
    static int read_##name(void *state, struct record *records, int room, struct error *error)                         \
    {                                                                                                                  \
        return records_read(state, places.record_bytes, decode_##name, records, room, error);                          \
    }                                                                                                                  \
    static enum format_sureness detect_##name(const char *head, size_t bytes)                                          \
    {                                                                                                                  \
        return places_detect(&places, head, bytes);                                                                    \
    }

#endif
