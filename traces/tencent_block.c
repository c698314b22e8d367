/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tencent_block: the block traces of Tencent's cloud disks: ten days of 5,584 volumes in October 2018.
 *
 *     Timestamp,Offset,Size,IOType,VolumeID
 *     1538323200,12910952,128,0,1063
 *
 * There is no header. Times are Unix seconds, offset and size sectors of 512 bytes; 0 is a read, 1 a write.
 *
 * Five numbers may be anything, so the format is recognized by its times, too: those of the ten days.
 *
 * Source: Zhang et al., OSCA: an online-model based cache allocation scheme in cloud block storage systems, ATC 2020; the
 * README of SNIA's IOTTA trace set 27917. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "timestamp", .role = ROW_TIME},
    {.name = "offset", .role = ROW_OFFSET},
    {.name = "size", .role = ROW_BYTES},
    {.name = "iotype", .role = ROW_OP},
    {.name = "volumeid", .role = ROW_VOLUME, .number = ROW_REAL},
};

static const struct row_verb verbs[] = {{"0", OP_GET, false}, {"1", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .least = 5,
    .clock = ROW_SECONDS,
    .first_s = 1538236800,
    .last_s = 1539360000,
    .offset_unit = 512,
    .length_unit = 512,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_tencent_block = {
    .name = "tencent_block",
    .summary = "Tencent block trace: time,sector,sectors,0/1,volume",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
