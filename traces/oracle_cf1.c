/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oracleCF1: CF1 with the next request, behind the host (libCacheSim): 49 bytes. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 49,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 8},
    .ttl = {20, 4},
    .tenant = {28, 4},
    .next = {32, 8},
};

PLACES_FORMAT(oracle_cf1, places)

const struct format format_oracle_cf1 = {
    .name = "oracleCF1",
    .summary = "CF1 with the next request (libCacheSim)",
    .file_names = "oracleCF1",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .zero_is_empty = true,
    .detect = detect_oracle_cf1,
    .open = open_oracle_cf1,
    .read = read_oracle_cf1,
    .close = places_close,
};
