/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache2k: object ids of 4 bytes, big-endian, one after the other: cache2k's traces in Caffeine's simulator. Rows are untimed, and each
 * value is of --block-size bytes. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 4,
    .is_big_endian = true,
    .object = {0, 4},
};

PLACES_FORMAT(cache2k, places)

const struct format format_cache2k = {
    .name = "cache2k",
    .summary = "object ids of 4 bytes: cache2k (Caffeine), found by the file's name",
    .file_names = "cache2k",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .lacks_fills = true,
    .zero_is_empty = true,
    .detect = detect_cache2k,
    .open = open_cache2k,
    .read = read_cache2k,
    .close = places_close,
};
