/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twr: what twr and twrNS have in common, the columns of Twitter's CSV as libCacheSim packs them.
 *
 *     0        4                12                          16              20   little-endian, packed
 *     | time s |    object id    | value size 22, key size 10 | ttl s 24, op 8 |      bits, the lowest first
 *
 * Operations are those of verbs.h. A read of size 0 is one that the traced cache missed. Keys are numbers; their lengths are known. */
#ifndef TRACES_BINARY_TWR_H
#define TRACES_BINARY_TWR_H

#include "traces/binary/places.h"

/* Of a struct places. */
#define TWR_PLACES                                                                                                     \
    .time = {0, 4}, .object = {4, 8}, .size = {12, 4, 0, 22}, .key_size = {12, 4, 22, 10}, .op = {16, 4, 24, 8},       \
    .ttl = {16, 4, 0, 24}

#endif
