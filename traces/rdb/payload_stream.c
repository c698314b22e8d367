/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/rdb/payload_stream.h"

#include "sim/digits.h"

#include <string.h>

/* ---- streams ---- */

struct id {
    uint64_t ms, seq;
};

static uint64_t big_endian(const unsigned char *bytes)
{
    return __builtin_bswap64(payload_little_endian(bytes, 8));
}

/* An element without a text. */
static struct element *queue_number(struct reading *reading, int64_t number, uint32_t value_len)
{
    struct named_element *named = queue_element(reading->queue, reading->record);

    named->element.flags = ELEMENT_CONTENT;
    named->element.number = number;
    named->element.value_len = value_len;
    return &named->element;
}

static void queue_id(struct reading *reading, struct id id, uint32_t flags)
{
    struct element *element = queue_number(reading, (int64_t)id.ms, (uint32_t)id.seq);

    element->member = (uint32_t)(id.seq >> 32);
    element->flags |= ELEMENT_ID | flags;
}

static struct id take_raw_id(struct reading *reading)
{
    const unsigned char *bytes = payload_take(reading, 16);

    return bytes ? (struct id){big_endian(bytes), big_endian(bytes + 8)} : (struct id){0, 0};
}

static struct id take_id(struct reading *reading)
{
    uint64_t ms = payload_take_count(reading);

    return (struct id){ms, payload_take_count(reading)};
}

static int64_t take_integer(struct reading *listpack)
{
    struct text_read text = payload_take_entry(listpack);
    int64_t number = 0;

    listpack->is_bad |= !digits_canonical(text.text, text.text + text.bytes, &number);
    return number;
}

/* How many bytes a reply has for a text. */
static uint32_t bulk_bytes(uint32_t length)
{
    return 1 + digits_count(length) + 2 + length + 2;
}

/* An entry of a listpack whose master entry has fields of these bytes in a reply. */
static void read_entry(struct reading *listpack, struct id first, uint64_t fields, uint32_t field_bytes)
{
    enum { DELETED = 1, SAME_FIELDS = 2 };
    int64_t flags = take_integer(listpack);
    uint64_t ms = (uint64_t)take_integer(listpack), seq = (uint64_t)take_integer(listpack);
    uint32_t bytes = field_bytes;

    if (!(flags & SAME_FIELDS)) {
        fields = (uint64_t)take_integer(listpack);
        bytes = 0;
    }
    bytes += 1 + digits_count(2 * fields) + 2;
    for (uint64_t left = flags & SAME_FIELDS ? fields : 2 * fields; left && !listpack->is_bad; left--)
        bytes += bulk_bytes(payload_take_entry(listpack).bytes);
    take_integer(listpack); /* how many entries of the listpack it took */
    queue_id(listpack, (struct id){first.ms + ms, first.seq + seq}, 0);
    queue_number(listpack, flags & DELETED, bytes);
}

static void read_node(struct reading *reading)
{
    struct text_read key = payload_take_string(reading), text = payload_take_string(reading);
    const unsigned char *bytes = (const unsigned char *)key.text;
    struct reading listpack = payload_open_listpack(reading, text);
    struct id first = {0, 0};
    uint64_t fields;
    uint32_t field_bytes = 0;

    listpack.is_bad |= key.bytes != 16;
    if (!listpack.is_bad)
        first = (struct id){big_endian(bytes), big_endian(bytes + 8)};
    take_integer(&listpack); /* entries that are there, */
    take_integer(&listpack); /* and deleted ones */
    fields = (uint64_t)take_integer(&listpack);
    listpack.is_bad |= fields > text.bytes;
    queue_id(&listpack, first, ELEMENT_NODE);
    queue_number(&listpack, text.bytes, (uint32_t)fields);
    for (uint64_t left = fields; left && !listpack.is_bad; left--) {
        struct text_read field = payload_take_entry(&listpack);

        payload_queue_content(&listpack, field);
        field_bytes += bulk_bytes(field.bytes);
    }
    take_integer(&listpack); /* the master entry ends with a 0 */
    listpack.is_bad |= !payload_has_entries(&listpack);
    while (payload_has_entries(&listpack))
        read_entry(&listpack, first, fields, field_bytes);
    payload_close_listpack(reading, &listpack);
}

static void read_consumer(struct reading *reading, int version)
{
    payload_queue_content(reading, payload_take_string(reading));
    payload_take(reading, version >= 3 ? 16 : 8); /* when it was seen, and active */
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--)
        queue_id(reading, take_raw_id(reading), 0);
}

static void read_group(struct reading *reading, int version)
{
    payload_queue_content(reading, payload_take_string(reading))->flags |= ELEMENT_PLAIN;
    queue_id(reading, take_id(reading), 0);
    if (version >= 2)
        payload_take_count(reading); /* entries read */
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--) {
        struct id id = take_raw_id(reading);
        const unsigned char *delivered = payload_take(reading, 8);

        queue_id(reading, id, ELEMENT_EXCLUDES);
        queue_number(reading, delivered ? (int64_t)payload_little_endian(delivered, 8) : 0, 0);
        payload_take_count(reading); /* how often */
    }
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--)
        read_consumer(reading, version);
}

void payload_read_stream(struct reading *reading, int version)
{
    struct id last, deleted = {0, 0};

    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--)
        read_node(reading);
    payload_take_count(reading); /* its length */
    last = take_id(reading);
    if (version >= 2) {
        take_id(reading); /* the first */
        deleted = take_id(reading);
        payload_take_count(reading); /* entries added */
    }
    queue_id(reading, last, ELEMENT_MOST);
    queue_id(reading, deleted, 0);
    for (uint64_t left = payload_take_count(reading); left && !reading->is_bad; left--)
        read_group(reading, version);
}

/* ---- HyperLogLogs ---- */

enum { HLL_HEADER = 16, REGISTERS = 1 << 14, REGISTER_BITS = 6, DENSE = 0, SPARSE = 1 };

static unsigned rank_of_dense(const unsigned char *registers, uint32_t i)
{
    uint32_t bit = i * REGISTER_BITS;
    unsigned two = registers[bit / 8];

    if (bit % 8 > 8 - REGISTER_BITS)
        two |= (unsigned)registers[bit / 8 + 1] << 8;
    return two >> bit % 8 & ((1 << REGISTER_BITS) - 1);
}

static void queue_dense(struct reading *reading, const unsigned char *registers)
{
    uint32_t run = 0;

    for (uint32_t i = 0; i < REGISTERS; i++) {
        unsigned rank = rank_of_dense(registers, i);

        run++;
        if (i + 1 < REGISTERS && rank_of_dense(registers, i + 1) == rank)
            continue;
        queue_number(reading, rank, run);
        run = 0;
    }
}

/* A run takes a byte, or two for many zeros: 00nnnnnn, 01nnnnnn nnnnnnnn, 1rrrrrnn. How many registers, of which rank. */
static uint32_t take_run(const unsigned char **at, unsigned *rank)
{
    unsigned byte = *(*at)++;

    *rank = byte >> 7 ? (byte >> 2 & 31) + 1u : 0;
    if (byte >> 7)
        return (byte & 3) + 1;
    return (byte >> 6 ? (byte & 63) << 8 | *(*at)++ : byte) + 1;
}

static void queue_sparse(struct reading *reading, const unsigned char *at, const unsigned char *end)
{
    while (at < end) {
        unsigned rank;
        uint32_t registers = take_run(&at, &rank);

        queue_number(reading, rank, registers);
    }
}

static bool is_sparse(const unsigned char *at, const unsigned char *end)
{
    uint32_t all = 0;
    unsigned rank;

    while (at < end && !(end - at == 1 && *at >> 6 == 1))
        all += take_run(&at, &rank);
    return at == end && all == REGISTERS;
}

bool payload_read_hyperloglog(struct reading *reading, struct text_read text)
{
    enum { ENCODING = 4, COUNT_END = 15, COUNT_IS_OLD = 128 };
    const unsigned char *bytes = (const unsigned char *)text.text;
    uint32_t dense_bytes = HLL_HEADER + REGISTERS * REGISTER_BITS / 8;

    if (text.bytes <= HLL_HEADER || memcmp(text.text, "HYLL", 4) != 0 || bytes[ENCODING] > SPARSE ||
        (bytes[ENCODING] == DENSE && text.bytes != dense_bytes) ||
        (bytes[ENCODING] == SPARSE && !is_sparse(bytes + HLL_HEADER, bytes + text.bytes)))
        return false;
    queue_number(reading, bytes[ENCODING] == DENSE, text.bytes);
    if (bytes[ENCODING] == DENSE)
        queue_dense(reading, bytes + HLL_HEADER);
    else
        queue_sparse(reading, bytes + HLL_HEADER, bytes + text.bytes);
    queue_number(reading, !(bytes[COUNT_END] & COUNT_IS_OLD), 0);
    return true;
}
