/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/rdb/ziplist.h"

enum {
    HEAD = 10,
    END = 255,
    LONG_BEFORE = 254, /* the length of the entry before takes four bytes more */
};

struct reading ziplist_open(struct reading *reading, struct text_read text)
{
    struct reading ziplist = *reading;

    ziplist.at = (const unsigned char *)text.text;
    ziplist.end = ziplist.at + text.bytes;
    if (!payload_take(&ziplist, HEAD) || payload_little_endian(ziplist.end - text.bytes, 4) != text.bytes ||
        text.bytes == HEAD || ziplist.end[-1] != END)
        ziplist.is_bad = true;
    else
        ziplist.end--;
    return ziplist;
}

static struct text_read integer_of(struct reading *ziplist, int bytes)
{
    const unsigned char *taken = payload_take(ziplist, (uint64_t)bytes);

    return taken ? payload_text_of_number(ziplist, payload_signed_of(payload_little_endian(taken, bytes), bytes))
                 : (struct text_read){"", 0};
}

static struct text_read string_of(struct reading *ziplist, uint64_t length)
{
    const unsigned char *taken = payload_take(ziplist, length);

    return taken ? (struct text_read){(const char *)taken, (uint32_t)length} : (struct text_read){"", 0};
}

/* Lengths of strings are big-endian, numbers little-endian. */
struct text_read ziplist_take(struct reading *ziplist)
{
    const unsigned char *before = payload_take(ziplist, 1), *encoding, *rest;

    if (before && *before == LONG_BEFORE)
        payload_take(ziplist, 4);
    encoding = payload_take(ziplist, 1);
    if (encoding && *encoding >> 6 == 0)
        return string_of(ziplist, *encoding);
    if (encoding && *encoding >> 6 == 1 && (rest = payload_take(ziplist, 1)))
        return string_of(ziplist, (uint64_t)(*encoding & 63) << 8 | *rest);
    if (encoding && *encoding == 0x80 && (rest = payload_take(ziplist, 4)))
        return string_of(ziplist, __builtin_bswap32((uint32_t)payload_little_endian(rest, 4)));
    switch (encoding ? *encoding : 0) {
    case 0xc0:
        return integer_of(ziplist, 2);
    case 0xd0:
        return integer_of(ziplist, 4);
    case 0xe0:
        return integer_of(ziplist, 8);
    case 0xf0:
        return integer_of(ziplist, 3);
    case 0xfe:
        return integer_of(ziplist, 1);
    }
    if (encoding && *encoding >= 0xf1 && *encoding <= 0xfd)
        return payload_text_of_number(ziplist, *encoding - 0xf1);
    ziplist->is_bad = true;
    return (struct text_read){"", 0};
}
