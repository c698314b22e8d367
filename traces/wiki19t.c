/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wiki19t: texts of Wikipedia of 2019, as libCacheSim packs them: time (s, 4 bytes), object (8), size (4). It is libCacheSim's
 * standardBinIQI, too. With the next request behind it, it is oracleGeneral. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 16,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4},
};

PLACES_FORMAT(wiki19t, places)

const struct format format_wiki19t = {
    .name = "wiki19t",
    .summary = "time, object id, size: Wikipedia, 2019 (libCacheSim), found by the file's name",
    .file_names = "wiki19t standardBinIQI standardIQI IQI",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_wiki19t,
    .open = open_wiki19t,
    .read = read_wiki19t,
    .close = places_close,
};
