/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tencent_photo: the trace of Tencent's photo cache (QQPhoto): nine days of 2016.
 *
 *     20160201164559 8a2bfbcc1ce5cc0a1a0c56fcf0b5c7ab5c6a5f4c 5 m 4064 1 0 27
 *     time, photo, format, size's name, bytes, whether the cache hit, kind of terminal, response time
 *
 * Columns are apart by blanks; a time is year, month, day, hour, minute and second. A photo is stored once for each format
 * and size, so the key is all three: "5:m:8a2b...". Every row is a GET.
 *
 * Source: Zhou et al., Demystifying cache policies for photo stores at scale: a Tencent case study, ICS 2018; SNIA's IOTTA
 * trace set 27476. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "timestamp", .role = ROW_TIME},
    {.name = "photo", .role = ROW_KEY, .number = ROW_DIGEST},
    {.name = "format", .role = ROW_VOLUME, .number = ROW_REAL},
    {.name = "sizename", .role = ROW_VOLUME},
    {.name = "bytes", .role = ROW_SIZE},
    {.name = "hit", .number = ROW_FLAG},
    {.name = "terminal", .number = ROW_REAL},
    {.name = "response", .number = ROW_REAL},
};

static const struct row_layout layout = {
    .delimiter = ' ',
    .least = 5,
    .clock = ROW_STAMP,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_tencent_photo = {
    .name = "tencent_photo",
    .summary = "Tencent photo cache: time as digits, photo, format, size, bytes; GETs",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
