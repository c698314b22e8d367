/* SPDX-License-Identifier: GPL-3.0-or-later */
/* standardBinIQIBH: oracleGeneralOpNS without the next request (libCacheSim).
 *
 *     0        4                12       16   17   19   little-endian, packed
 *     | time s |    object id    |  size  | op | ns |
 *
 * Operations are those of verbs.h: libCacheSim's converters write 1 for a read and 3 for a write. A namespace is a tenant. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 19,
    .time = {0, 4},
    .object = {4, 8},
    .size = {12, 4},
    .op = {16, 1},
    .tenant = {17, 2},
};

PLACES_FORMAT(standard_bin_iqibh, places)

const struct format format_standard_bin_iqibh = {
    .name = "standardBinIQIBH",
    .summary = "time, object id, size, operation, namespace (libCacheSim)",
    .file_names = "standardBinIQIBH standardIQIBH IQIBH",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .zero_is_empty = true,
    .detect = detect_standard_bin_iqibh,
    .open = open_standard_bin_iqibh,
    .read = read_standard_bin_iqibh,
    .close = places_close,
};
