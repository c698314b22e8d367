/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listpack: small entries, one behind the other in one block.
 *
 *     | bytes 4 | count 2 | entry | entry | ... | end 1 |        entry: | encoding and data | length, backwards |
 *
 * Source: listpack.c of Redis 7.0: lpEncodeGetType, lpEncodeBacklen. */
#ifndef SIM_SERVER_VALUES_LISTPACK_H
#define SIM_SERVER_VALUES_LISTPACK_H

#include "sim/server/values/text.h"

enum { LISTPACK_FRAME = 7 };
#define LISTPACK_MOST (UINT64_C(1) << 30) /* bytes that a listpack may have (LISTPACK_MAX_SAFETY_LIMIT) */

/* Bytes of an entry. */
static inline uint64_t listpack_entry_bytes(struct text text)
{
    static const uint8_t integer_bytes[] = {[TEXT_INT_7] = 1,  [TEXT_INT_13] = 2, [TEXT_INT_16] = 3,
                                            [TEXT_INT_24] = 4, [TEXT_INT_32] = 5, [TEXT_INT_64] = 9};
    uint64_t length = text.length, bytes;

    if (text_is_integer(text))
        return integer_bytes[text.kind] + UINT64_C(1);
    bytes = length + (length < 64 ? 1 : length < 4096 ? 2 : 5);
    return bytes + (bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5);
}

#endif
