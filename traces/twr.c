/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twr: Twitter's traces as libCacheSim packs them: the columns of twitter's CSV.
 *
 *     0        4                12                          16              20   little-endian, packed
 *     | time s |    object id    | value size 22, key size 10 | ttl s 24, op 8 |      bits, the lowest first
 *
 * Operations are those of verbs.h. A read of size 0 is one that the traced cache missed. Keys are numbers; their lengths are known. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 20,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4, 0, 22},
    .key_size = {12, 4, 22, 10},
    .op = {16, 4, 24, 8},
    .ttl = {16, 4, 0, 24},
};

PLACES_FORMAT(twr, places)

const struct format format_twr = {
    .name = "twr",
    .summary = "Twitter's traces in 20 bytes a request (libCacheSim)",
    .file_names = "twr",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .detect = detect_twr,
    .open = open_twr,
    .read = read_twr,
    .close = places_close,
};
