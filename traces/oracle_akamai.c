/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleAkamai: akamai with the next request (libCacheSim): 30 bytes, the last eight of which say it. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 30,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4},
    .tenant = {16, 2},
    .next = {22, 8},
};

PLACES_FORMAT(oracle_akamai, places)

const struct format format_oracle_akamai = {
    .name = "oracleAkamai",
    .summary = "akamai with the next request (libCacheSim)",
    .file_names = "oracleAkamai",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_oracle_akamai,
    .open = open_oracle_akamai,
    .read = read_oracle_akamai,
    .close = places_close,
};
