/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleSysTwrNS: twrNS with the next request, its numbers unpacked (libCacheSim).
 *
 *     0        4                12         14           18   20   22      26              34   little-endian, packed
 *     | time s |    object id    | key size | value size | op | ns | ttl s | next request | */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 34,
    .time = {0, 4},
    .object = {4, 8},
    .size = {14, 4},
    .key_size = {12, 2},
    .op = {18, 2},
    .ttl = {22, 4},
    .tenant = {20, 2},
    .next = {26, 8},
};

PLACES_FORMAT(oracle_sys_twr_ns, places)

const struct format format_oracle_sys_twr_ns = {
    .name = "oracleSysTwrNS",
    .summary = "twrNS with the next request, unpacked (libCacheSim)",
    .file_names = "oracleSysTwrNS",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .detect = detect_oracle_sys_twr_ns,
    .open = open_oracle_sys_twr_ns,
    .read = read_oracle_sys_twr_ns,
    .close = places_close,
};
