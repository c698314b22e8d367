/* SPDX-License-Identifier: GPL-3.0-or-later */
/* twrNS: twr with a namespace, which is a tenant: 22 bytes, the last two of which are the namespace. */
#include "traces/binary/twr.h"

static const struct places places = {.record_bytes = 22, TWR_PLACES, .tenant = {20, 2}};

PLACES_FORMAT(twr_ns, places)

const struct format format_twr_ns = {
    .name = "twrNS",
    .summary = "twr with a namespace (libCacheSim)",
    .file_names = "twrNS",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .detect = detect_twr_ns,
    .open = open_twr_ns,
    .read = read_twr_ns,
    .close = places_close,
};
