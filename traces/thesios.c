/* SPDX-License-Identifier: GPL-3.0-or-later */
/* thesios: the traces of Google's storage servers that Thesios synthesized, two months of 2024.
 *
 *     filename,file_offset,application,c_time,io_zone,redundancy_type,op_type,service_class,from_flash_cache,cache_hit,
 *     request_io_size_bytes,disk_io_size_bytes,response_io_size_bytes,start_time,disk_time,...
 *
 * The header says which column is which. Times are Unix seconds with a fraction. The volume is the file.
 *
 * Source: Phothilimthana et al., Thesios: synthesizing accurate counterfactual I/O traces from I/O samples, ASPLOS 2024;
 * the README of github.com/google-research-datasets/thesios. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "filename", .role = ROW_VOLUME}, {.name = "fileoffset", .role = ROW_OFFSET},
    {.name = "optype", .role = ROW_OP},       {.name = "requestiosizebytes", .role = ROW_BYTES},
    {.name = "starttime", .role = ROW_TIME},
};

static const struct row_verb verbs[] = {{"READ", OP_GET, false}, {"WRITE", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ',',
    .needs_header = true,
    .least = 5,
    .clock = ROW_SECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
    .offset_unit = 1,
    .length_unit = 1,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_thesios = {
    .name = "thesios",
    .summary = "Google Thesios CSV: files, offsets and sizes by the names in its header",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
