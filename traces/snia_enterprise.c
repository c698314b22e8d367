/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snia_enterprise: block traces of Microsoft's servers in the text of Event Tracing for Windows.
 *
 *     BeginHeader
 *     DiskRead, TimeStamp, Process Name ( PID), ThreadID, IrpPtr, ByteOffset, IOSize, ElapsedTime, DiskNum, ...
 *     EndHeader
 *     DiskRead, 47, System ( 4), 88, 0xfffffa8012, 0x0000a2c00, 0x00001000, 214, 1, ...
 *
 * The event comes first; DiskRead and DiskWrite are requests, all other events are counted by name. Times are microseconds
 * since the trace began, offset and size hexadecimal bytes. The volume is the disk's number.
 *
 * Source: SNIA's IOTTA trace sets 130 and others (Exchange, MSN, Live Maps ...), and how Caffeine's simulator reads them. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "event", .role = ROW_OP},
    {.name = "timestamp", .role = ROW_TIME},
    {.name = "processname"},
    {.name = "threadid"},
    {.name = "irpptr"},
    {.name = "byteoffset", .role = ROW_OFFSET, .number = ROW_HEX},
    {.name = "iosize", .role = ROW_BYTES, .number = ROW_HEX},
    {.name = "elapsedtime"},
    {.name = "disknum", .role = ROW_VOLUME, .number = ROW_REAL},
};

static const struct row_verb verbs[] = {{"DiskRead", OP_GET, false}, {"DiskWrite", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .least = 9,
    .more = true,
    .preamble = "BeginHeader",
    .preamble_end = "EndHeader",
    .clock = ROW_MICROSECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
    .offset_unit = 1,
    .length_unit = 1,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_snia_enterprise = {
    .name = "snia_enterprise",
    .summary = "Windows event trace (SNIA enterprise): DiskRead and DiskWrite events",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
