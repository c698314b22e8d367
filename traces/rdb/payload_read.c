/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/rdb/payload_read.h"

#include <inttypes.h>
#include <liblzf/lzf.h>
#include <stdio.h>

enum {
    LISTPACK_HEAD = 6,
    LISTPACK_END = 255,
    INTEGER_TEXT = 24, /* of an int64, and more */
};

static const uint64_t STRING_MOST = UINT64_C(512) << 20;

uint64_t payload_little_endian(const unsigned char *bytes, int count)
{
    uint64_t number = 0;

    while (count--)
        number = number << 8 | bytes[count];
    return number;
}

int64_t payload_signed_of(uint64_t number, int bytes)
{
    return (int64_t)(number << (64 - 8 * bytes)) >> (64 - 8 * bytes);
}

/* ---- reading ---- */

const unsigned char *payload_take(struct reading *reading, uint64_t bytes)
{
    const unsigned char *taken = reading->at;

    if (reading->is_bad || bytes > (uint64_t)(reading->end - reading->at)) {
        reading->is_short |= !reading->is_bad;
        reading->is_bad = true;
        return NULL;
    }
    reading->at += bytes;
    return taken;
}

struct text_read payload_text_of_number(struct reading *reading, int64_t number)
{
    char *text = queue_keep(reading->queue, INTEGER_TEXT);

    return (struct text_read){text, (uint32_t)snprintf(text, INTEGER_TEXT, "%" PRId64, number)};
}

uint64_t payload_take_length(struct reading *reading, bool *is_encoded)
{
    const unsigned char *first = payload_take(reading, 1), *rest;
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
    rest = payload_take(reading, (uint64_t)bytes);
    if (!rest)
        return 0;
    return bytes == 1 ? (uint64_t)(*first & 63) << 8 | *rest
                      : __builtin_bswap64(payload_little_endian(rest, bytes)) >> (64 - 8 * bytes);
}

uint64_t payload_take_count(struct reading *reading)
{
    bool is_encoded;
    uint64_t count = payload_take_length(reading, &is_encoded);

    reading->is_bad |= is_encoded;
    return reading->is_bad ? 0 : count;
}

static struct text_read take_compressed(struct reading *reading)
{
    uint64_t compressed = payload_take_count(reading), bytes = payload_take_count(reading);
    const unsigned char *taken = payload_take(reading, compressed);
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
struct text_read payload_take_string(struct reading *reading)
{
    enum { ENCODED_LZF = 3 };
    bool is_encoded;
    uint64_t length = payload_take_length(reading, &is_encoded);
    const unsigned char *bytes;

    if (is_encoded && length == ENCODED_LZF)
        return take_compressed(reading);
    reading->is_bad |= is_encoded ? length > ENCODED_LZF : length > STRING_MOST;
    if (is_encoded)
        length = UINT64_C(1) << length;
    bytes = payload_take(reading, length);
    if (!bytes)
        return (struct text_read){"", 0};
    if (is_encoded)
        return payload_text_of_number(reading,
                                      payload_signed_of(payload_little_endian(bytes, (int)length), (int)length));
    return (struct text_read){(const char *)bytes, (uint32_t)length};
}

/* ---- elements ---- */

struct element *payload_queue_content(struct reading *reading, struct text_read text)
{
    struct named_element *named = queue_element(reading->queue, reading->record);

    named->element.flags = ELEMENT_CONTENT;
    named->text = text.text;
    named->bytes = text.bytes;
    return &named->element;
}

/* ---- listpacks ---- */

/* How many bytes the length of an entry takes, which stands behind it (lpEncodeBacklen). */
static uint64_t back_length(uint64_t bytes)
{
    return bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5;
}

static struct text_read integer_entry(struct reading *listpack, int64_t number, uint64_t bytes)
{
    payload_take(listpack, back_length(bytes));
    return payload_text_of_number(listpack, number);
}

static struct text_read string_entry(struct reading *listpack, uint64_t head, uint64_t length)
{
    const unsigned char *bytes = payload_take(listpack, length);

    payload_take(listpack, back_length(head + length));
    return bytes ? (struct text_read){(const char *)bytes, (uint32_t)length} : (struct text_read){"", 0};
}

/* lpGet of the next entry. */
struct text_read payload_take_entry(struct reading *listpack)
{
    static const uint8_t integer_bytes[] = {2, 3, 4, 8}; /* 0xf1 to 0xf4 */
    const unsigned char *first = payload_take(listpack, 1), *rest;

    if (first && *first < 0x80)
        return integer_entry(listpack, *first, 1);
    if (first && *first < 0xc0)
        return string_entry(listpack, 1, *first & 63);
    if (first && *first < 0xe0 && (rest = payload_take(listpack, 1)))
        return integer_entry(listpack, payload_signed_of((uint64_t)((*first & 31) << 8 | *rest) << 3, 2) >> 3, 2);
    if (first && *first >= 0xe0 && *first < 0xf0 && (rest = payload_take(listpack, 1)))
        return string_entry(listpack, 2, (uint64_t)(*first & 15) << 8 | *rest);
    if (first && *first == 0xf0 && (rest = payload_take(listpack, 4)))
        return string_entry(listpack, 5, payload_little_endian(rest, 4));
    if (first && *first >= 0xf1 && *first <= 0xf4) {
        int bytes = integer_bytes[*first - 0xf1];

        rest = payload_take(listpack, (uint64_t)bytes);
        if (rest)
            return integer_entry(listpack, payload_signed_of(payload_little_endian(rest, bytes), bytes),
                                 1 + (uint64_t)bytes);
    }
    listpack->is_bad = true;
    return (struct text_read){"", 0};
}

/* The entries of one that the text is. */
struct reading payload_open_listpack(struct reading *reading, struct text_read text)
{
    struct reading listpack = *reading;

    listpack.at = (const unsigned char *)text.text;
    listpack.end = listpack.at + text.bytes;
    if (!payload_take(&listpack, LISTPACK_HEAD) || payload_little_endian(listpack.end - text.bytes, 4) != text.bytes ||
        listpack.end[-1] != LISTPACK_END)
        listpack.is_bad = true;
    else
        listpack.end--;
    return listpack;
}

bool payload_has_entries(const struct reading *listpack)
{
    return !listpack->is_bad && listpack->at < listpack->end;
}

/* What a listpack cannot be the reading is not, either. */
void payload_close_listpack(struct reading *reading, const struct reading *listpack)
{
    reading->is_bad |= listpack->is_bad;
}
