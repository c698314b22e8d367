/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleWiki16u: wiki16u with the next request (libCacheSim): 22 bytes. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 22,
    .object = {0, 8},
    .size = {8, 4},
    .next = {14, 8},
};

PLACES_FORMAT(oracle_wiki16u, places)

const struct format format_oracle_wiki16u = {
    .name = "oracleWiki16u",
    .summary = "wiki16u with the next request (libCacheSim)",
    .file_names = "oracleWiki16u",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_oracle_wiki16u,
    .open = open_oracle_wiki16u,
    .read = read_oracle_wiki16u,
    .close = places_close,
};
