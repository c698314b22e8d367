/* SPDX-License-Identifier: GPL-3.0-or-later */
/* systor17: the block traces of virtual desktops that were published with SYSTOR 2017.
 *
 *     Timestamp,Response,IOType,LUN,Offset,Size
 *     1455592202.034412,0.000193,R,0,409600,4096
 *
 * Times are Unix seconds, offset and size bytes. A response that was not measured is an empty column. The volume is the
 * LUN.
 *
 * Source: Lee et al., Understanding storage traffic characteristics on enterprise virtual desktop infrastructure, SYSTOR
 * 2017; SNIA's IOTTA trace set 4964. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "timestamp", .role = ROW_TIME}, {.name = "response", .number = ROW_REAL, .optional = true},
    {.name = "iotype", .role = ROW_OP},      {.name = "lun", .role = ROW_VOLUME},
    {.name = "offset", .role = ROW_OFFSET},  {.name = "size", .role = ROW_BYTES},
};

static const struct row_verb verbs[] = {
    {"R", OP_GET, false}, {"W", OP_SET, false}, {"Read", OP_GET, false}, {"Write", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .least = 6,
    .clock = ROW_SECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
    .offset_unit = 1,
    .length_unit = 1,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_systor17 = {
    .name = "systor17",
    .summary = "SYSTOR 2017 block trace: time,latency,R/W,LUN,offset,size",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
