/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud_physics: object ids of 4 bytes, little-endian, one after the other: CloudPhysics's traces as LIRS2 and Caffeine's simulator have
 * them. Rows are untimed, and each value is of --block-size bytes. */
#include "traces/binary/places.h"

static const struct places places = {
    .record_bytes = 4,
    .object = {0, 4},
};

PLACES_FORMAT(cloud_physics, places)

const struct format format_cloud_physics = {
    .name = "cloud_physics",
    .summary = "block numbers of 4 bytes: CloudPhysics (Caffeine), found by the file's name",
    .file_names = "cloud_physics",
    .state_size = sizeof(struct placed),
    .numeric_keys = true,
    .self_contained = true,
    .lacks_fills = true,
    .zero_is_empty = true,
    .detect = detect_cloud_physics,
    .open = open_cloud_physics,
    .read = read_cloud_physics,
    .close = places_close,
};
