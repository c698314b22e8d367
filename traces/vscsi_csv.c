/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vscsi_csv: vscsi as text, as libCacheSim's examples have CloudPhysics's trace.
 *
 *     version,time,op,size,lbn
 *     1,5633898,2a,512,42932745
 *
 * Times are whole seconds; op is the SCSI operation code. As in vscsi, a request is one object, the one that begins at that block, of as
 * many bytes as the request has. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "version", .number = ROW_REAL}, {.name = "time", .role = ROW_TIME}, {.name = "op", .role = ROW_OP},
    {.name = "size", .role = ROW_SIZE},      {.name = "lbn", .role = ROW_KEY},
};

static const struct row_verb verbs[] = {
    {"8", OP_GET, false},  {"08", OP_GET, false}, {"28", OP_GET, false}, {"a8", OP_GET, false},  {"88", OP_GET, false},
    {"a", OP_SET, false},  {"0a", OP_SET, false}, {"2a", OP_SET, false}, {"aa", OP_SET, false},  {"8a", OP_SET, false},
    {"2e", OP_SET, false}, {"ae", OP_SET, false}, {"8e", OP_SET, false}, {"35", OP_COUNT, true}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .needs_header = true,
    .least = 5,
    .clock = ROW_SECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_vscsi_csv = {
    .name = "vscsi_csv",
    .summary = "vscsi as text: version,time,op,size,lbn (libCacheSim's CloudPhysics)",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
