/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alibaba_block: the block traces of Alibaba Cloud: a month of 1,000 volumes in 2020.
 *
 *     device_id,opcode,offset,length,timestamp
 *     419,W,8792731648,16384,1577808144360767
 *
 * There is no header. Times are Unix microseconds, offset and length bytes. The volume is the device.
 *
 * Source: Li et al., An in-depth analysis of cloud block storage workloads in large-scale production, IISWC 2020; the
 * README of github.com/alibaba/block-traces. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "deviceid", .role = ROW_VOLUME, .number = ROW_REAL},
    {.name = "opcode", .role = ROW_OP},
    {.name = "offset", .role = ROW_OFFSET},
    {.name = "length", .role = ROW_BYTES},
    {.name = "timestamp", .role = ROW_TIME},
};

static const struct row_verb verbs[] = {{"R", OP_GET, false}, {"W", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .least = 5,
    .clock = ROW_MICROSECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
    .offset_unit = 1,
    .length_unit = 1,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_alibaba_block = {
    .name = "alibaba_block",
    .summary = "Alibaba block trace: device,R/W,offset,length,time in us",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
