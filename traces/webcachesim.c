/* SPDX-License-Identifier: GPL-3.0-or-later */
/* webcachesim: the .tr traces of webcachesim, and of LRB and AdaptSize after it.
 *
 *     0 1 120                 time, object, size, and perhaps more columns
 *
 * Columns are apart by blanks and are whole numbers. Every row is a GET. Times are as their size tells.
 *
 * Three numbers may be anything, so the format is recognized by its times, too: none is earlier than the one before. With
 * more columns it has to be named: --format webcachesim.
 *
 * Source: the READMEs of github.com/dasebe/webcachesim and github.com/sunnyszy/lrb. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "time", .role = ROW_TIME},
    {.name = "id", .role = ROW_KEY, .number = ROW_REAL},
    {.name = "size", .role = ROW_SIZE},
};

static const struct row_layout layout = {
    .delimiter = ' ',
    .least = 3,
    .more = true,
    .in_order = true,
    .clock = ROW_AUTO,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_webcachesim = {
    .name = "webcachesim",
    .summary = "webcachesim .tr: time, object, size; GETs",
    .file_names = "tr",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
