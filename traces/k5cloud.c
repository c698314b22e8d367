/* SPDX-License-Identifier: GPL-3.0-or-later */
/* k5cloud: the block traces of Fujitsu's K5 cloud: a week of 3,088 virtual volumes in 2017.
 *
 *     ID,Timestamp,Type,Offset,Length
 *     1,0.000001,R,4096,8192
 *
 * Times are seconds since the first request of all volumes, offset and length bytes. The volume is the ID. There is a file
 * for each volume and day.
 *
 * Source: the README of SNIA's IOTTA trace set 26930. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "id", .role = ROW_VOLUME, .number = ROW_REAL},
    {.name = "timestamp", .role = ROW_TIME},
    {.name = "type", .role = ROW_OP},
    {.name = "offset", .role = ROW_OFFSET},
    {.name = "length", .role = ROW_BYTES},
};

static const struct row_verb verbs[] = {
    {"R", OP_GET, false}, {"W", OP_SET, false}, {"Read", OP_GET, false}, {"Write", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .least = 5,
    .clock = ROW_SECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
    .offset_unit = 1,
    .length_unit = 1,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_k5cloud = {
    .name = "k5cloud",
    .summary = "Fujitsu K5 cloud block trace: volume,time,R/W,offset,length",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
