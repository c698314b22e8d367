/* SPDX-License-Identifier: GPL-3.0-or-later */
/* standardBinIQQ: time (s, 4 bytes), object (8), size (8), little-endian (libCacheSim, whose reader takes the low 4 bytes of the size). */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 20,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 8},
};

PLACES_FORMAT(standard_bin_iqq, places)

const struct format format_standard_bin_iqq = {
    .name = "standardBinIQQ",
    .summary = "time, object id, size of 8 bytes (libCacheSim), found by the file's name",
    .file_names = "standardBinIQQ standardIQQ IQQ",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_standard_bin_iqq,
    .open = open_standard_bin_iqq,
    .read = read_standard_bin_iqq,
    .close = places_close,
};
