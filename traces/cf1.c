/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CF1: requests of a content delivery network, Cloudflare's, as libCacheSim has them.
 *
 *     0        4                12       20      24    28     32        41   little-endian, packed
 *     | time s |    object id    |  size  | ttl s | age | host | what else |
 *       u32      u64               u64      i32     u32   u32
 *
 * Every record is a read. The host is a tenant. Not used: age, content type, extension, levels, parameters, method, place. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 41,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 8},
    .ttl = {20, 4},
    .tenant = {28, 4},
};

PLACES_FORMAT(cf1, places)

const struct format format_cf1 = {
    .name = "CF1",
    .summary = "requests of Cloudflare's network (libCacheSim), found by the file's name",
    .file_names = "cf1 cloudflare",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_cf1,
    .open = open_cf1,
    .read = read_cf1,
    .close = places_close,
};
