/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text: what is known of a text that an element consists of: how long it is, and whether it is a number. */
#ifndef SIM_SERVER_VALUES_TEXT_H
#define SIM_SERVER_VALUES_TEXT_H

#include "sim/member.h"
#include "sim/request.h"
#include "sim/server/values/sds.h"

/* A listpack keeps the canonical decimal of an int64 in as many bits as it needs (lpEncodeGetType). */
enum text_kind {
    TEXT_STRING,
    TEXT_INT_7, /* 0 to 127 */
    TEXT_INT_13,
    TEXT_INT_16,
    TEXT_INT_24,
    TEXT_INT_32,
    TEXT_INT_64,
    TEXT_DECIMAL, /* no integer, yet a number: what HINCRBYFLOAT left */
};

struct text {
    uint32_t length : 29; /* bytes, of a number its digits; an argument has 512 MB at most by default */
    uint32_t kind : 3;    /* enum text_kind */
};

static inline enum text_kind text_kind_of(int64_t number)
{
    if (number >= 0 && number <= 127)
        return TEXT_INT_7;
    if (number >= -4096 && number <= 4095)
        return TEXT_INT_13;
    if (number >= INT16_MIN && number <= INT16_MAX)
        return TEXT_INT_16;
    if (number >= -(1 << 23) && number < 1 << 23)
        return TEXT_INT_24;
    return number >= INT32_MIN && number <= INT32_MAX ? TEXT_INT_32 : TEXT_INT_64;
}

static inline struct text text_of_integer(int64_t number)
{
    return (struct text){.length = decimal_length(number) & 31, .kind = text_kind_of(number)};
}

static inline struct text text_of_string(uint64_t length)
{
    const uint32_t most = (1 << 29) - 1;

    return (struct text){.length = (length < most ? (uint32_t)length : most) & most};
}

static inline struct text text_of_member(const struct member *member)
{
    return member->is_integer ? text_of_integer(member->number) : text_of_string(member->length);
}

static inline bool text_is_integer(struct text text)
{
    return text.kind >= TEXT_INT_7 && text.kind <= TEXT_INT_64;
}

/* The value that a command gives to a member. */
static inline struct text text_of_element(const struct element *element)
{
    struct text text = text_of_string(element->value_len);

    if (element->flags & ELEMENT_INTEGER)
        return text_of_integer(element->number);
    if (element->flags & ELEMENT_DECIMAL)
        text.kind = TEXT_DECIMAL;
    return text;
}

#endif
