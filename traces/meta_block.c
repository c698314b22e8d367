/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meta_block: the traces of Meta's block storage (Tectonic) that come with CacheLib, or with Baleen.
 *
 *     op_time,block_id,block_id_size,io_size,io_offset,user_name,user_namespace,op_name,op_count,host_name,rs_shard_id
 *
 * The header says which column is which, apart by commas, or by blanks and with a # in front. Times are as their size tells;
 * offset and size are bytes. A volume is a block of Tectonic and its Reed-Solomon shard. An op_count repeats the row. The
 * name of a read begins with get, that of a write with put; Baleen has numbers for them.
 *
 * Source: CacheLib's guide to its traces; Wong et al., Baleen: ML admission and prefetching for flash caches, FAST 2024; the
 * READMEs of both. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "optime", .role = ROW_TIME},
    {.name = "blockid", .role = ROW_VOLUME},
    {.name = "rsshardid", .role = ROW_VOLUME, .optional = true},
    {.name = "iooffset", .role = ROW_OFFSET},
    {.name = "iosize", .role = ROW_BYTES},
    {.name = "opname", .role = ROW_OP, .other = "op"},
    {.name = "opcount", .role = ROW_REPEATS, .optional = true},
};

static const struct row_verb verbs[] = {{"get*", OP_GET, false},
                                        {"put*", OP_SET, false},
                                        {"read*", OP_GET, false},
                                        {"write*", OP_SET, false},
                                        {"1", OP_GET, false},
                                        {"2", OP_GET, false},
                                        {"3", OP_SET, false},
                                        {"4", OP_SET, false},
                                        {"5", OP_GET, false},
                                        {"6", OP_SET, false},
                                        {0}};

static const struct row_layout layout = {
    .needs_header = true,
    .least = 5,
    .clock = ROW_AUTO,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
    .offset_unit = 1,
    .length_unit = 1,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_meta_block = {
    .name = "meta_block",
    .summary = "Meta's block storage: blocks, offsets and sizes by the names in its header",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
