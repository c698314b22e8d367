/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleWiki19u: wiki19u with the next request (libCacheSim): 26 bytes. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 26,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4},
    .next = {18, 8},
};

PLACES_FORMAT(oracle_wiki19u, places)

const struct format format_oracle_wiki19u = {
    .name = "oracleWiki19u",
    .summary = "wiki19u with the next request (libCacheSim)",
    .file_names = "oracleWiki19u",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_oracle_wiki19u,
    .open = open_oracle_wiki19u,
    .read = read_oracle_wiki19u,
    .close = places_close,
};
