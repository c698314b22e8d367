/* SPDX-License-Identifier: GPL-3.0-or-later */
/* msr: the block traces of Microsoft Research Cambridge: a week of 36 volumes of 13 servers in 2007.
 *
 *     Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime
 *     128166372003061629,hm,0,Read,383496192,32768,58000
 *
 * Times are Windows filetimes, 100 ns since 1601; offset and size are bytes. The volume is host and disk: "hm:0:93627".
 *
 * Source: Narayanan, Donnelly, Rowstron, Write off-loading: practical power management for enterprise storage, FAST 2008;
 * the README of SNIA's IOTTA trace set 388. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "timestamp", .role = ROW_TIME},      {.name = "hostname", .role = ROW_VOLUME},
    {.name = "disknumber", .role = ROW_VOLUME},   {.name = "type", .role = ROW_OP},
    {.name = "offset", .role = ROW_OFFSET},       {.name = "size", .role = ROW_BYTES},
    {.name = "responsetime", .number = ROW_REAL},
};

static const struct row_verb verbs[] = {{"Read", OP_GET, false}, {"Write", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .column_count = sizeof columns / sizeof *columns,
    .least = 7,
    .columns = columns,
    .verbs = verbs,
    .clock = ROW_FILETIME,
    .offset_unit = 1,
    .length_unit = 1,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_msr = {
    .name = "msr",
    .summary = "MSR Cambridge block trace: filetime,host,disk,Read/Write,offset,size,latency",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
