/* SPDX-License-Identifier: GPL-3.0-or-later */
/* standardBinIII: time (s), object, size: 4 bytes each, little-endian (libCacheSim).
 *
 * libCacheSim describes it so, but its reader takes the object's 4 bytes and the size's for one number of 8: there an object of two sizes is
 * two objects. Here it is one. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 12,
    .time = {0, 4},
    .object = {4, 4},
    .size = {8, 4},
};

PLACES_FORMAT(standard_bin_iii, places)

const struct format format_standard_bin_iii = {
    .name = "standardBinIII",
    .summary = "time, object id, size in 4 bytes each (libCacheSim), found by the file's name",
    .file_names = "standardBinIII standardIII III",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_standard_bin_iii,
    .open = open_standard_bin_iii,
    .read = read_standard_bin_iii,
    .close = places_close,
};
