/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twr: Twitter's traces as libCacheSim packs them: 20 bytes a request, of which twr.h says where each column is. */
#include "traces/binary/twr.h"

static const struct places places = {.record_bytes = 20, TWR_PLACES};

PLACES_FORMAT(twr, places)

const struct format format_twr = {
    .name = "twr",
    .summary = "Twitter's traces in 20 bytes a request (libCacheSim)",
    .file_names = "twr",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .detect = detect_twr,
    .open = open_twr,
    .read = read_twr,
    .close = places_close,
};
