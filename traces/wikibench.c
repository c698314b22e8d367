/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wikibench: requests to Wikipedia's servers as WikiBench has them, 2007.
 *
 *     929840853 1190146243.326 http://en.wikipedia.org/wiki/Main_Page -        number, Unix time, URL, whether it saves
 *
 * Columns are apart by blanks. A row with "save" changed the page: a SET, else "-", a GET. How large a page is, no column
 * says: --block-size does.
 *
 * Source: van Baaren, WikiBench: a distributed, Wikipedia based web application benchmark, 2009; wikibench.eu. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "counter", .number = ROW_REAL},
    {.name = "timestamp", .role = ROW_TIME},
    {.name = "url", .role = ROW_KEY},
    {.name = "flag", .role = ROW_OP},
};

static const struct row_verb verbs[] = {{"-", OP_GET, false}, {"save", OP_SET, false}, {0}};

static const struct row_layout layout = {
    .delimiter = ' ',
    .least = 4,
    .one_size = true,
    .clock = ROW_SECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_wikibench = {
    .name = "wikibench",
    .summary = "WikiBench: number, Unix time, URL, - or save",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
