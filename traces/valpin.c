/* SPDX-License-Identifier: GPL-3.0-or-later */
/* valpin: object ids of 8 bytes, little-endian, one after the other (libCacheSim). Rows are untimed, and each value is of
 * --block-size bytes. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 8,
    .object = {0, 8},
};

PLACES_FORMAT(valpin, places)

const struct format format_valpin = {
    .name = "valpin",
    .summary = "object ids of 8 bytes (libCacheSim), found by the file's name",
    .file_names = "valpin valpinTrace",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .lacks_fills = true,
    .zero_is_empty = true,
    .detect = detect_valpin,
    .open = open_valpin,
    .read = read_valpin,
    .close = places_close,
};
