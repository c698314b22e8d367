/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wiki16u: uploads of Wikipedia of 2016, as libCacheSim packs them: object (8 bytes), size (4), type of the content (2), which is not
 * used. Without times: rows are untimed. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 14,
    .object = {0, 8},
    .size = {8, 4},
};

PLACES_FORMAT(wiki16u, places)

const struct format format_wiki16u = {
    .name = "wiki16u",
    .summary = "uploads of Wikipedia, 2016 (libCacheSim), found by the file's name",
    .file_names = "wiki16u",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_wiki16u,
    .open = open_wiki16u,
    .read = read_wiki16u,
    .close = places_close,
};
