/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wiki19u: uploads of Wikipedia of 2019, as libCacheSim packs them: time (s, 4 bytes), object (8), size (4), type of the content (2),
 * which is not used. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 18,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4},
};

PLACES_FORMAT(wiki19u, places)

const struct format format_wiki19u = {
    .name = "wiki19u",
    .summary = "uploads of Wikipedia, 2019 (libCacheSim), found by the file's name",
    .file_names = "wiki19u",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_wiki19u,
    .open = open_wiki19u,
    .read = read_wiki19u,
    .close = places_close,
};
