/* SPDX-License-Identifier: GPL-3.0-or-later */
/* corda: object ids of 8 bytes, big-endian, one after the other: the traces of Corda and of Scarab Research in Caffeine's
 * simulator. Rows are untimed, and each value is of --block-size bytes. A negative id there is a large one here: the same keys. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 8,
    .is_big_endian = true,
    .object = {0, 8},
};

PLACES_FORMAT(corda, places)

const struct format format_corda = {
    .name = "corda",
    .summary = "object ids of 8 bytes: Corda, Scarab (Caffeine), found by the file's name",
    .file_names = "corda scarab",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .lacks_fills = true,
    .zero_is_empty = true,
    .detect = detect_corda,
    .open = open_corda,
    .read = read_corda,
    .close = places_close,
};
