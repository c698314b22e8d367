/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/payload.h"

#include "traces/library.h"

#include <inttypes.h>
#include <liblzf/lzf.h>
#include <stdio.h>
#include <string.h>

/* The types of an RDB file that are read (rdb.h). */
enum rdb_type {
    RDB_STRING = 0,
    RDB_LIST = 1,
    RDB_SET = 2,
    RDB_HASH = 4,
    RDB_ZSET_2 = 5,
    RDB_SET_INTSET = 11,
    RDB_HASH_LISTPACK = 16,
    RDB_ZSET_LISTPACK = 17,
    RDB_LIST_QUICKLIST_2 = 18,
    RDB_SET_LISTPACK = 20,
};

enum {
    FOOTER = 10,
    LISTPACK_HEAD = 6,
    LISTPACK_END = 255,
    INTSET_HEAD = 8,
    INTEGER_TEXT = 24, /* of an int64, and more */
};

static const uint64_t STRING_MOST = UINT64_C(512) << 20;

/* ---- checksum ---- */

/* The polynomial of Jones, reflected. */
static uint64_t crc64(const unsigned char *bytes, size_t count)
{
    const uint64_t polynomial = UINT64_C(0x95ac9329ac4bc9b5);
    uint64_t table[256], crc = 0;

    for (unsigned i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = table[i] & 1 ? table[i] >> 1 ^ polynomial : table[i] >> 1;
    }
    for (size_t i = 0; i < count; i++)
        crc = table[(crc ^ bytes[i]) & 255] ^ crc >> 8;
    return crc;
}

static uint64_t little_endian(const unsigned char *bytes, int count)
{
    uint64_t number = 0;

    while (count--)
        number = number << 8 | bytes[count];
    return number;
}

static int64_t signed_of(uint64_t number, int bytes)
{
    return (int64_t)(number << (64 - 8 * bytes)) >> (64 - 8 * bytes);
}

/* ---- reading ---- */

struct reading {
    struct queue *queue;
    struct record *record;
    const unsigned char *at, *end;
    bool is_bad; /* it ends too early, or says what cannot be */
};

/* A text of the payload, or of the queue. */
struct text_read {
    const char *text;
    uint32_t bytes;
};

static const unsigned char *take(struct reading *reading, uint64_t bytes)
{
    const unsigned char *taken = reading->at;

    if (reading->is_bad || bytes > (uint64_t)(reading->end - reading->at)) {
        reading->is_bad = true;
        return NULL;
    }
    reading->at += bytes;
    return taken;
}

static struct text_read text_of_number(struct reading *reading, int64_t number)
{
    char *text = queue_keep(reading->queue, INTEGER_TEXT);

    return (struct text_read){text, (uint32_t)snprintf(text, INTEGER_TEXT, "%" PRId64, number)};
}

/* rdbLoadLen. *is_encoded: it is no length, but says how a string is written. */
static uint64_t take_length(struct reading *reading, bool *is_encoded)
{
    const unsigned char *first = take(reading, 1), *rest;
    int bytes;

    *is_encoded = false;
    if (!first)
        return 0;
    if (*first >> 6 == 0)
        return *first & 63;
    if (*first >> 6 == 3) {
        *is_encoded = true;
        return *first & 63;
    }
    if (*first >> 6 == 2 && *first != 0x80 && *first != 0x81) {
        reading->is_bad = true;
        return 0;
    }
    bytes = *first >> 6 == 1 ? 1 : *first == 0x80 ? 4 : 8;
    rest = take(reading, (uint64_t)bytes);
    if (!rest)
        return 0;
    return bytes == 1 ? (uint64_t)(*first & 63) << 8 | *rest
                      : __builtin_bswap64(little_endian(rest, bytes)) >> (64 - 8 * bytes);
}

static uint64_t take_count(struct reading *reading)
{
    bool is_encoded;
    uint64_t count = take_length(reading, &is_encoded);

    reading->is_bad |= is_encoded;
    return reading->is_bad ? 0 : count;
}

static struct text_read take_compressed(struct reading *reading)
{
    uint64_t compressed = take_count(reading), bytes = take_count(reading);
    const unsigned char *taken = take(reading, compressed);
    char *text;

    if (!taken || !bytes || bytes > STRING_MOST) {
        reading->is_bad = true;
        return (struct text_read){"", 0};
    }
    text = queue_keep(reading->queue, bytes);
    reading->is_bad |= lzf_decompress(taken, (unsigned)compressed, text, (unsigned)bytes) != bytes;
    return (struct text_read){text, (uint32_t)bytes};
}

/* rdbGenericLoadStringObject */
static struct text_read take_string(struct reading *reading)
{
    enum { ENCODED_LZF = 3 };
    bool is_encoded;
    uint64_t length = take_length(reading, &is_encoded);
    const unsigned char *bytes;

    if (is_encoded && length == ENCODED_LZF)
        return take_compressed(reading);
    reading->is_bad |= is_encoded ? length > ENCODED_LZF : length > STRING_MOST;
    if (is_encoded)
        length = UINT64_C(1) << length;
    bytes = take(reading, length);
    if (!bytes)
        return (struct text_read){"", 0};
    if (is_encoded)
        return text_of_number(reading, signed_of(little_endian(bytes, (int)length), (int)length));
    return (struct text_read){(const char *)bytes, (uint32_t)length};
}

/* ---- elements ---- */

static struct element *queue_content(struct reading *reading, struct text_read text)
{
    struct named_element *named = queue_element(reading->queue, reading->record);

    named->element.flags = ELEMENT_CONTENT;
    named->text = text.text;
    named->bytes = text.bytes;
    return &named->element;
}

/* A field, and its value. */
static void queue_field(struct reading *reading, struct text_read field, struct text_read value)
{
    element_set_value(queue_content(reading, field), &(struct argument){value.text, value.bytes});
}

static void queue_scored(struct reading *reading, struct text_read member, double score)
{
    struct element *element = queue_content(reading, member);

    element_set_double(element, score);
    element->flags |= ELEMENT_SCORED;
}

/* ---- listpacks ---- */

/* How many bytes the length of an entry takes, which stands behind it (lpEncodeBacklen). */
static uint64_t back_length(uint64_t bytes)
{
    return bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5;
}

static struct text_read integer_entry(struct reading *listpack, int64_t number, uint64_t bytes)
{
    take(listpack, back_length(bytes));
    return text_of_number(listpack, number);
}

static struct text_read string_entry(struct reading *listpack, uint64_t head, uint64_t length)
{
    const unsigned char *bytes = take(listpack, length);

    take(listpack, back_length(head + length));
    return bytes ? (struct text_read){(const char *)bytes, (uint32_t)length} : (struct text_read){"", 0};
}

/* lpGet of the next entry. */
static struct text_read take_entry(struct reading *listpack)
{
    static const uint8_t integer_bytes[] = {2, 3, 4, 8}; /* 0xf1 to 0xf4 */
    const unsigned char *first = take(listpack, 1), *rest;

    if (first && *first < 0x80)
        return integer_entry(listpack, *first, 1);
    if (first && *first < 0xc0)
        return string_entry(listpack, 1, *first & 63);
    if (first && *first < 0xe0 && (rest = take(listpack, 1)))
        return integer_entry(listpack, signed_of((uint64_t)((*first & 31) << 8 | *rest) << 3, 2) >> 3, 2);
    if (first && *first >= 0xe0 && *first < 0xf0 && (rest = take(listpack, 1)))
        return string_entry(listpack, 2, (uint64_t)(*first & 15) << 8 | *rest);
    if (first && *first == 0xf0 && (rest = take(listpack, 4)))
        return string_entry(listpack, 5, little_endian(rest, 4));
    if (first && *first >= 0xf1 && *first <= 0xf4) {
        int bytes = integer_bytes[*first - 0xf1];

        rest = take(listpack, (uint64_t)bytes);
        if (rest)
            return integer_entry(listpack, signed_of(little_endian(rest, bytes), bytes), 1 + (uint64_t)bytes);
    }
    listpack->is_bad = true;
    return (struct text_read){"", 0};
}

/* The entries of one that the text is. */
static struct reading open_listpack(struct reading *reading, struct text_read text)
{
    struct reading listpack = *reading;

    listpack.at = (const unsigned char *)text.text;
    listpack.end = listpack.at + text.bytes;
    if (!take(&listpack, LISTPACK_HEAD) || little_endian(listpack.end - text.bytes, 4) != text.bytes ||
        listpack.end[-1] != LISTPACK_END)
        listpack.is_bad = true;
    else
        listpack.end--;
    return listpack;
}

static bool has_entries(const struct reading *listpack)
{
    return !listpack->is_bad && listpack->at < listpack->end;
}

/* What a listpack cannot be the reading is not, either. */
static void close_listpack(struct reading *reading, const struct reading *listpack)
{
    reading->is_bad |= listpack->is_bad;
}

/* ---- values ---- */

static void read_string(struct reading *reading)
{
    struct text_read text = take_string(reading);
    struct named_element *named = queue_element(reading->queue, reading->record);

    named->element.flags = ELEMENT_CONTENT;
    element_set_value(&named->element, &(struct argument){text.text, text.bytes});
}

static void read_list(struct reading *reading)
{
    for (uint64_t left = take_count(reading); left && !reading->is_bad; left--)
        queue_content(reading, take_string(reading));
}

static void read_hash(struct reading *reading)
{
    for (uint64_t left = take_count(reading); left && !reading->is_bad; left--) {
        struct text_read field = take_string(reading);

        queue_field(reading, field, take_string(reading));
    }
}

static void read_zset(struct reading *reading)
{
    for (uint64_t left = take_count(reading); left && !reading->is_bad; left--) {
        struct text_read member = take_string(reading);
        const unsigned char *bytes = take(reading, sizeof(double));
        uint64_t bits = bytes ? little_endian(bytes, sizeof(double)) : 0;
        double score;

        memcpy(&score, &bits, sizeof score);
        reading->is_bad |= score != score;
        queue_scored(reading, member, score);
    }
}

static void read_intset(struct reading *reading)
{
    struct text_read text = take_string(reading);
    const unsigned char *bytes = (const unsigned char *)text.text;
    uint64_t width = text.bytes >= INTSET_HEAD ? little_endian(bytes, 4) : 0;
    uint64_t count = text.bytes >= INTSET_HEAD ? little_endian(bytes + 4, 4) : 0;

    if ((width != 2 && width != 4 && width != 8) || text.bytes != INTSET_HEAD + width * count) {
        reading->is_bad = true;
        return;
    }
    for (uint64_t i = 0; i < count; i++)
        queue_content(
            reading,
            text_of_number(reading, signed_of(little_endian(bytes + INTSET_HEAD + i * width, (int)width), (int)width)));
}

static void read_set_listpack(struct reading *reading)
{
    struct reading listpack = open_listpack(reading, take_string(reading));

    while (has_entries(&listpack))
        queue_content(&listpack, take_entry(&listpack));
    close_listpack(reading, &listpack);
}

static void read_hash_listpack(struct reading *reading)
{
    struct reading listpack = open_listpack(reading, take_string(reading));

    while (has_entries(&listpack)) {
        struct text_read field = take_entry(&listpack);

        queue_field(&listpack, field, take_entry(&listpack));
    }
    close_listpack(reading, &listpack);
}

static void read_zset_listpack(struct reading *reading)
{
    struct reading listpack = open_listpack(reading, take_string(reading));

    while (has_entries(&listpack)) {
        struct text_read member = take_entry(&listpack), score = take_entry(&listpack);
        double number;

        listpack.is_bad |= !argument_double(&(struct argument){score.text, score.bytes}, &number);
        queue_scored(&listpack, member, number);
    }
    close_listpack(reading, &listpack);
}

/* Node by node. */
static void read_quicklist(struct reading *reading)
{
    enum { PLAIN = 1, PACKED = 2 };

    for (uint64_t left = take_count(reading); left && !reading->is_bad; left--) {
        uint64_t container = take_count(reading);
        struct text_read text = take_string(reading);
        uint32_t begins = ELEMENT_NODE;

        reading->is_bad |= container != PLAIN && container != PACKED;
        if (container == PLAIN) {
            queue_content(reading, text)->flags |= ELEMENT_NODE | ELEMENT_PLAIN;
            continue;
        }
        for (struct reading listpack = open_listpack(reading, text); has_entries(&listpack); begins = 0) {
            queue_content(&listpack, take_entry(&listpack))->flags |= begins;
            close_listpack(reading, &listpack);
        }
    }
}

/* ---- the whole ---- */

static enum payload_kind read_value(struct reading *reading, unsigned type)
{
    switch ((enum rdb_type)type) {
    case RDB_STRING:
        read_string(reading);
        return PAYLOAD_STRING;
    case RDB_LIST:
        read_list(reading);
        return PAYLOAD_LIST;
    case RDB_SET:
        read_list(reading);
        return PAYLOAD_SET;
    case RDB_HASH:
        read_hash(reading);
        return PAYLOAD_HASH;
    case RDB_ZSET_2:
        read_zset(reading);
        return PAYLOAD_ZSET;
    case RDB_SET_INTSET:
        read_intset(reading);
        return PAYLOAD_SET_INTSET;
    case RDB_HASH_LISTPACK:
        read_hash_listpack(reading);
        return PAYLOAD_HASH_LISTPACK;
    case RDB_ZSET_LISTPACK:
        read_zset_listpack(reading);
        return PAYLOAD_ZSET_LISTPACK;
    case RDB_LIST_QUICKLIST_2:
        read_quicklist(reading);
        return PAYLOAD_LIST_NODES;
    case RDB_SET_LISTPACK:
        read_set_listpack(reading);
        return PAYLOAD_SET_LISTPACK;
    }
    return PAYLOAD_UNKNOWN;
}

static bool is_hyperloglog(const struct argument *payload)
{
    return payload->bytes > 6 && memmem(payload->text, payload->bytes < 16 ? payload->bytes : 16, "HYLL", 4);
}

/* Whether the checksum is right. */
static bool is_whole(const struct argument *payload)
{
    const unsigned char *bytes = (const unsigned char *)payload->text;

    return payload->bytes >= FOOTER &&
           crc64(bytes, payload->bytes - 8) == little_endian(bytes + payload->bytes - 8, sizeof(uint64_t));
}

enum payload_kind payload_queue(struct queue *queue, struct record *record, const struct argument *payload,
                                unsigned *version)
{
    const unsigned char *bytes = (const unsigned char *)payload->text;
    struct reading reading = {.queue = queue, .record = record};
    uint32_t elements = record->elements;
    enum payload_kind kind;

    *version = 0;
    if (!is_whole(payload))
        return PAYLOAD_WRONG;
    *version = (unsigned)little_endian(bytes + payload->bytes - FOOTER, 2);
    reading.at = bytes + 1;
    reading.end = bytes + payload->bytes - FOOTER;
    if (reading.at > reading.end)
        return PAYLOAD_WRONG;
    if (*bytes == RDB_STRING && is_hyperloglog(payload))
        return PAYLOAD_UNKNOWN;
    kind = read_value(&reading, *bytes);
    if (kind != PAYLOAD_UNKNOWN && (reading.is_bad || record->elements == elements)) {
        queue->named_count -= record->elements - elements;
        record->elements = elements;
        return PAYLOAD_WRONG;
    }
    return kind;
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
        const unsigned char *type = take(&reading, 1);
        struct text_read text = take_string(&reading);

        if (*type != FUNCTION_2 || reading.is_bad)
            return SYNTAX;
        if (library_queue(queue, record, text.text, text.bytes) != DONE)
            outcome = outcome == DONE ? PARTLY : outcome;
    }
    return outcome;
}
