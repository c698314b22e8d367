/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spc: the traces of the Storage Performance Council's form, as the repository of the University of Massachusetts has them
 * (Financial, WebSearch).
 *
 *     0,20941264,8192,W,0.551706          ASU, LBA, size, opcode, time, and perhaps more columns
 *
 * The LBA counts blocks of 512 bytes, the size bytes; times are seconds since the trace began. The volume is the ASU
 * (application storage unit).
 *
 * Source: SPC trace file format specification, revision 1.0.1, 2002; traces.cs.umass.edu. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "asu", .role = ROW_VOLUME, .number = ROW_REAL},
    {.name = "lba", .role = ROW_OFFSET},
    {.name = "size", .role = ROW_BYTES},
    {.name = "opcode", .role = ROW_OP},
    {.name = "timestamp", .role = ROW_TIME},
};

static const struct row_verb verbs[] = {{"R", OP_GET, false}, {"W", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .least = 5,
    .more = true,
    .clock = ROW_SECONDS,
    .offset_unit = 512,
    .length_unit = 1,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_spc = {
    .name = "spc",
    .summary = "SPC (UMass) block trace: ASU,LBA,size,R/W,time",
    .file_names = "spc",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
