/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ibm_object: the traces of IBM's cloud object store: a week of 98 buckets in 2019.
 *
 *     1219008 REST.PUT.OBJECT 8d4fcda3d675bac9 1056        ms, request, object, and perhaps: size, first and last byte
 *
 * Columns are apart by blanks; times are milliseconds since the trace began. The size is that of the object, also where a
 * part of it was asked for: the object is what a cache holds. It is missing where a request found nothing, and a later row's
 * is not known yet: then the last known size of the object is taken. GET, PUT and DELETE are executed; HEAD and COPY are
 * counted by name.
 *
 * Source: Eytan et al., It's time to revisit LRU vs. FIFO, HotStorage 2020; the README of SNIA's IOTTA trace set 36305. */
#include "traces/text/rows.h"

static const struct row_column columns[] = {
    {.name = "timestamp", .role = ROW_TIME},
    {.name = "op", .role = ROW_OP},
    {.name = "object", .role = ROW_KEY, .number = ROW_DIGEST},
    {.name = "size", .role = ROW_SIZE, .optional = true},
    {.name = "begin", .number = ROW_REAL, .optional = true},
    {.name = "end", .number = ROW_REAL, .optional = true},
};

static const struct row_verb verbs[] = {{"REST.GET.OBJECT", OP_GET, false},    {"REST.PUT.OBJECT", OP_SET, false},
                                        {"REST.DELETE.OBJECT", OP_DEL, false}, {"REST.HEAD.OBJECT", OP_GET, true},
                                        {"REST.COPY.OBJECT", OP_SET, true},    {0}};

static const struct row_layout layout = {
    .delimiter = ' ',
    .least = 3,
    .clock = ROW_MILLISECONDS,
    .column_count = sizeof columns / sizeof *columns,
    .columns = columns,
    .verbs = verbs,
};

ROWS_FORMAT_FUNCTIONS

const struct format format_ibm_object = {
    .name = "ibm_object",
    .summary = "IBM object store trace: time in ms, REST.GET.OBJECT ..., object, size",
    ROWS_FORMAT_MEMBERS,
};
