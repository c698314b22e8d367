/* SPDX-License-Identifier: GPL-3.0-or-later */
/* akamai: requests of a content delivery network, Akamai's, as libCacheSim has them.
 *
 *     0        4                12     16       18       20      22   little-endian, packed
 *     | time s |    object id    | size | tenant | bucket | type |
 *
 * Every record is a read. Not used: bucket and type of the content. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 22,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4},
    .tenant = {16, 2},
};

PLACES_FORMAT(akamai, places)

const struct format format_akamai = {
    .name = "akamai",
    .summary = "requests of Akamai's network (libCacheSim), found by the file's name",
    .file_names = "akamai",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_akamai,
    .open = open_akamai,
    .read = read_akamai,
    .close = places_close,
};
