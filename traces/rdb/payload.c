/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/rdb/payload.h"

#include "traces/commands/library.h"
#include "traces/commands/options.h"
#include "traces/rdb/crc64.h"
#include "traces/rdb/payload_read.h"
#include "traces/rdb/payload_stream.h"
#include "traces/rdb/ziplist.h"

#include <math.h>
#include <string.h>

/* The types of an RDB file that are read (rdb.h). */
enum rdb_type {
    RDB_STRING = 0,
    RDB_LIST = 1,
    RDB_SET = 2,
    RDB_ZSET = 3,
    RDB_HASH = 4,
    RDB_ZSET_2 = 5,
    RDB_LIST_ZIPLIST = 10, /* of before Redis 7.0, as are the other ziplists */
    RDB_SET_INTSET = 11,
    RDB_ZSET_ZIPLIST = 12,
    RDB_HASH_ZIPLIST = 13,
    RDB_LIST_QUICKLIST = 14,
    RDB_STREAM = 15, /* its listpacks, groups and consumers; */
    RDB_HASH_LISTPACK = 16,
    RDB_ZSET_LISTPACK = 17,
    RDB_LIST_QUICKLIST_2 = 18,
    RDB_STREAM_2 = 19, /* ids that were deleted, too; */
    RDB_SET_LISTPACK = 20,
    RDB_STREAM_3 = 21, /* when consumers were active, too */
    RDB_HASH_2 = 22,   /* fields may have a ttl: of Valkey 9; of Redis since 7.4: */
    RDB_HASH_METADATA = 24,
    RDB_HASH_LISTPACK_EX = 25,
};

enum {
    FOOTER = 10,
    INTSET_HEAD = 8,
};

/* A field, and its value. */
static void queue_field(struct reading *reading, struct text_read field, struct text_read value)
{
    element_set_value(payload_queue_content(reading, field), &(struct argument){value.text, value.bytes});
}

static void queue_scored(struct reading *reading, struct text_read member, double score)
{
    struct element *element = payload_queue_content(reading, member);

    element_set_double(element, score);
    element->flags |= ELEMENT_SCORED;
}

/* ---- values ---- */

/* A string, or one that is a HyperLogLog. */
static enum payload_kind read_string(struct reading *reading)
{
    struct text_read text = payload_take_string(reading);
    struct named_element *named;

    if (!reading->is_bad && payload_read_hyperloglog(reading, text))
        return PAYLOAD_HLL;
    named = queue_element(reading->queue, reading->record);
    named->element.flags = ELEMENT_CONTENT;
    element_set_value(&named->element, &(struct argument){text.text, text.bytes});
    return PAYLOAD_STRING;
}

static void read_list(struct reading *reading)
{
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--)
        payload_queue_content(reading, payload_take_string(reading));
}

static void read_hash(struct reading *reading)
{
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--) {
        struct text_read field = payload_take_string(reading);

        queue_field(reading, field, payload_take_string(reading));
    }
}

/* When the field before expires. */
static void queue_ttl(struct reading *reading, int64_t unix_ms)
{
    struct named_element *named = queue_element(reading->queue, reading->record);

    named->element.flags = ELEMENT_CONTENT;
    named->element.member = NO_MEMBER;
    named->element.number = unix_ms;
}

static int64_t take_ms(struct reading *reading)
{
    const unsigned char *bytes = payload_take(reading, sizeof(uint64_t));

    return bytes ? (int64_t)payload_little_endian(bytes, sizeof(uint64_t)) : 0;
}

/* Valkey: behind each field and its value its time, or -1. */
static void read_hash_2(struct reading *reading)
{
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--) {
        struct text_read field = payload_take_string(reading);
        int64_t unix_ms;

        queue_field(reading, field, payload_take_string(reading));
        unix_ms = take_ms(reading);
        if (unix_ms >= 0)
            queue_ttl(reading, unix_ms);
    }
}

/* Redis: before each field how long after the first of all it expires, and one more; 0: it does not. */
static void read_hash_metadata(struct reading *reading)
{
    int64_t first_ms = take_ms(reading), unix_ms;

    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--) {
        uint64_t later = payload_take_count(reading);
        struct text_read field = payload_take_string(reading);

        queue_field(reading, field, payload_take_string(reading));
        if (later && (later > INT64_MAX || __builtin_add_overflow(first_ms, (int64_t)later - 1, &unix_ms)))
            reading->is_bad = true; /* no server writes a time that does not fit */
        else if (later)
            queue_ttl(reading, unix_ms);
    }
}

static void read_hash_listpack_ex(struct reading *reading)
{
    struct reading listpack;

    take_ms(reading); /* when the first expires */
    listpack = payload_open_listpack(reading, payload_take_string(reading));
    while (payload_has_entries(&listpack)) {
        struct text_read field = payload_take_entry(&listpack), value = payload_take_entry(&listpack),
                         time = payload_take_entry(&listpack);
        int64_t unix_ms;

        queue_field(&listpack, field, value);
        listpack.is_bad |= !argument_integer(&(struct argument){time.text, time.bytes}, &unix_ms);
        if (!listpack.is_bad && unix_ms)
            queue_ttl(&listpack, unix_ms);
    }
    payload_close_listpack(reading, &listpack);
}

static void read_zset(struct reading *reading)
{
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--) {
        struct text_read member = payload_take_string(reading);
        const unsigned char *bytes = payload_take(reading, sizeof(double));
        uint64_t bits = bytes ? payload_little_endian(bytes, sizeof(double)) : 0;
        double score;

        memcpy(&score, &bits, sizeof score);
        reading->is_bad |= score != score;
        queue_scored(reading, member, score);
    }
}

/* As Redis wrote scores before 4.0: a byte says how many of a decimal number follow, or that it is no finite one. */
static double take_score(struct reading *reading)
{
    enum { IS_NAN = 253, IS_INFINITE = 254, IS_MINUS_INFINITE = 255 };
    const unsigned char *length = payload_take(reading, 1), *text = NULL;
    double score = 0;

    if (length && *length >= IS_NAN) {
        reading->is_bad |= *length == IS_NAN;
        return *length == IS_INFINITE ? INFINITY : -INFINITY;
    }
    if (length)
        text = payload_take(reading, *length);
    if (text && !argument_double(&(struct argument){(const char *)text, *length}, &score))
        reading->is_bad = true;
    return score;
}

static void read_old_zset(struct reading *reading)
{
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--) {
        struct text_read member = payload_take_string(reading);

        queue_scored(reading, member, take_score(reading));
    }
}

static void read_intset(struct reading *reading)
{
    struct text_read text = payload_take_string(reading);
    const unsigned char *bytes = (const unsigned char *)text.text;
    uint64_t width = text.bytes >= INTSET_HEAD ? payload_little_endian(bytes, 4) : 0;
    uint64_t count = text.bytes >= INTSET_HEAD ? payload_little_endian(bytes + 4, 4) : 0;

    if ((width != 2 && width != 4 && width != 8) || text.bytes != INTSET_HEAD + width * count) {
        reading->is_bad = true;
        return;
    }
    for (uint64_t i = 0; i < count; i++)
        payload_queue_content(
            reading, payload_text_of_number(
                         reading, payload_signed_of(payload_little_endian(bytes + INTSET_HEAD + i * width, (int)width),
                                                    (int)width)));
}

/* A block of entries: a listpack, or a ziplist, as servers before 7.0 wrote. */
struct packed {
    struct reading (*open)(struct reading *reading, struct text_read text);
    struct text_read (*take)(struct reading *packed);
};

static const struct packed listpacks = {payload_open_listpack, payload_take_entry},
                           ziplists = {ziplist_open, ziplist_take};

static void read_packed_set(struct reading *reading)
{
    struct reading listpack = payload_open_listpack(reading, payload_take_string(reading));

    while (payload_has_entries(&listpack))
        payload_queue_content(&listpack, payload_take_entry(&listpack));
    payload_close_listpack(reading, &listpack);
}

static void read_packed_hash(struct reading *reading, const struct packed *packed)
{
    struct reading entries = packed->open(reading, payload_take_string(reading));

    while (payload_has_entries(&entries)) {
        struct text_read field = packed->take(&entries);

        queue_field(&entries, field, packed->take(&entries));
    }
    payload_close_listpack(reading, &entries);
}

static void read_packed_zset(struct reading *reading, const struct packed *packed)
{
    struct reading entries = packed->open(reading, payload_take_string(reading));

    while (payload_has_entries(&entries)) {
        struct text_read member = packed->take(&entries), score = packed->take(&entries);
        double number;

        entries.is_bad |= !argument_double(&(struct argument){score.text, score.bytes}, &number);
        queue_scored(&entries, member, number);
    }
    payload_close_listpack(reading, &entries);
}

static void read_node(struct reading *reading, const struct packed *packed, struct text_read text)
{
    struct reading entries = packed->open(reading, text);
    uint32_t begins = ELEMENT_NODE;

    for (; payload_has_entries(&entries); begins = 0)
        payload_queue_content(&entries, packed->take(&entries))->flags |= begins;
    payload_close_listpack(reading, &entries);
}

/* Node by node. */
static void read_quicklist(struct reading *reading)
{
    enum { PLAIN = 1, PACKED = 2 };

    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--) {
        uint64_t container = payload_take_count(reading);
        struct text_read text = payload_take_string(reading);

        reading->is_bad |= container != PLAIN && container != PACKED;
        if (container == PLAIN)
            payload_queue_content(reading, text)->flags |= ELEMENT_NODE | ELEMENT_PLAIN;
        else
            read_node(reading, &listpacks, text);
    }
}

static void read_old_quicklist(struct reading *reading)
{
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--)
        read_node(reading, &ziplists, payload_take_string(reading));
}

/* ---- the whole ---- */

/* Reads a value; says what it is. */
static enum payload_kind read_value(struct reading *reading, unsigned type)
{
    switch ((enum rdb_type)type) {
    case RDB_STRING:
        return read_string(reading);
    case RDB_LIST:
        read_list(reading);
        return PAYLOAD_LIST;
    case RDB_SET:
        read_list(reading);
        return PAYLOAD_SET;
    case RDB_HASH:
        read_hash(reading);
        return PAYLOAD_HASH;
    case RDB_HASH_2:
        read_hash_2(reading);
        return PAYLOAD_HASH;
    case RDB_HASH_METADATA:
        read_hash_metadata(reading);
        return PAYLOAD_HASH;
    case RDB_HASH_LISTPACK_EX:
        read_hash_listpack_ex(reading);
        return PAYLOAD_HASH_LISTPACK;
    case RDB_ZSET:
        read_old_zset(reading);
        return PAYLOAD_ZSET;
    case RDB_ZSET_2:
        read_zset(reading);
        return PAYLOAD_ZSET;
    case RDB_SET_INTSET:
        read_intset(reading);
        return PAYLOAD_SET_INTSET;
    case RDB_HASH_ZIPLIST:
        read_packed_hash(reading, &ziplists);
        return PAYLOAD_HASH_LISTPACK;
    case RDB_HASH_LISTPACK:
        read_packed_hash(reading, &listpacks);
        return PAYLOAD_HASH_LISTPACK;
    case RDB_ZSET_ZIPLIST:
        read_packed_zset(reading, &ziplists);
        return PAYLOAD_ZSET_LISTPACK;
    case RDB_ZSET_LISTPACK:
        read_packed_zset(reading, &listpacks);
        return PAYLOAD_ZSET_LISTPACK;
    case RDB_LIST_ZIPLIST:
        read_node(reading, &ziplists, payload_take_string(reading));
        return PAYLOAD_LIST_NODES;
    case RDB_LIST_QUICKLIST:
        read_old_quicklist(reading);
        return PAYLOAD_LIST_NODES;
    case RDB_LIST_QUICKLIST_2:
        read_quicklist(reading);
        return PAYLOAD_LIST_NODES;
    case RDB_STREAM:
        payload_read_stream(reading, 1);
        return PAYLOAD_STREAM;
    case RDB_STREAM_2:
        payload_read_stream(reading, 2);
        return PAYLOAD_STREAM;
    case RDB_STREAM_3:
        payload_read_stream(reading, 3);
        return PAYLOAD_STREAM;
    case RDB_SET_LISTPACK:
        read_packed_set(reading);
        return PAYLOAD_SET_LISTPACK;
    }
    return PAYLOAD_UNKNOWN;
}

enum payload_kind payload_read_value(struct reading *reading, unsigned type)
{
    struct record *record = reading->record;
    uint32_t elements = record->elements;
    enum payload_kind kind = read_value(reading, type);

    if (kind != PAYLOAD_UNKNOWN && (reading->is_bad || record->elements == elements)) {
        reading->queue->named_count -= record->elements - elements;
        record->elements = elements;
        return PAYLOAD_WRONG;
    }
    return kind;
}

/* Whether the checksum is right. */
static bool is_whole(const struct argument *payload)
{
    const unsigned char *bytes = (const unsigned char *)payload->text;
    struct crc64 crc64;

    if (payload->bytes < FOOTER)
        return false;
    crc64_begin(&crc64);
    crc64_add(&crc64, bytes, payload->bytes - sizeof crc64.sum);
    return crc64.sum == payload_little_endian(bytes + payload->bytes - sizeof crc64.sum, sizeof crc64.sum);
}

enum payload_kind payload_queue(struct queue *queue, struct record *record, const struct argument *payload,
                                unsigned *version)
{
    const unsigned char *bytes = (const unsigned char *)payload->text;
    struct reading reading = {.queue = queue, .record = record};

    *version = 0;
    if (!is_whole(payload))
        return PAYLOAD_WRONG;
    *version = (unsigned)payload_little_endian(bytes + payload->bytes - FOOTER, 2);
    reading.at = bytes + 1;
    reading.end = bytes + payload->bytes - FOOTER;
    if (reading.at > reading.end)
        return PAYLOAD_WRONG;
    return payload_read_value(&reading, *bytes);
}

enum outcome payload_queue_libraries(struct queue *queue, struct record *record, const struct argument *payload)
{
    enum { FUNCTION_2 = 245 }; /* RDB_OPCODE_FUNCTION2 */
    struct reading reading = {.queue = queue, .record = record, .at = (const unsigned char *)payload->text};
    enum outcome outcome = DONE;

    if (!is_whole(payload))
        return SYNTAX;
    reading.end = reading.at + payload->bytes - FOOTER;
    while (reading.at < reading.end && outcome != SYNTAX) {
        const unsigned char *type = payload_take(&reading, 1);
        struct text_read text = payload_take_string(&reading);

        if (*type != FUNCTION_2 || reading.is_bad)
            return SYNTAX;
        if (library_queue(queue, record, text.text, text.bytes) != DONE)
            outcome = outcome == DONE ? PARTLY : outcome;
    }
    return outcome;
}
