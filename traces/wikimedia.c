/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wikimedia: requests to Wikimedia's CDN, as published in 2019.
 *
 *     relative_unix  hashed_host_path_query  response_size  time_firstbyte        apart by tabs
 *     3132           -809104164              202648         1.76E-4
 *
 * The header says which column is which; of images there are hashed_path_query and image_type. Times are seconds since the
 * trace began. Every row is a GET, of as many bytes as the response had.
 *
 * Source: wikitech.wikimedia.org, Analytics/Data Lake/Traffic/Caching. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "relativeunix", .role = ROW_TIME},
    {.name = "hashedhostpathquery", .role = ROW_KEY, .other = "hashedpathquery"},
    {.name = "responsesize", .role = ROW_SIZE},
};

static const struct row_layout layout = {
    .delimiter = '\t',
    .needs_header = true,
    .least = 3,
    .clock = ROW_SECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_wikimedia = {
    .name = "wikimedia",
    .summary = "Wikimedia CDN tsv: time, hashed URL and size by the names in its header",
    .self_contained = true,
    ROWS_FORMAT_MEMBERS,
};
