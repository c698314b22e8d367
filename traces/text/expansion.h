/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expansion: how many requests one row of a trace may stand for.
 *
 *     a count          csv, jsonl, meta_block: the row is repeated so often
 *     a number of blocks, or bytes of a disk      arc, and what rows.h reads: a request for each block
 *
 * A few bytes then stand for as many requests as a number can say. A damaged row, or a column that is no count but was taken for
 * one, says thousands of millions, and evsim would replay one key for hours before anybody sees why. So there is a bound, and
 * what is beyond it is a bad row. --row-requests says another one, for all formats.
 *
 * Its own bound for counts is EXPANSION_MOST. Rows of Meta's published samples stand for 50 requests at most; a row is what
 * one key got in a second, and no server answers more than some million requests in one; so it is ten times that. */
#ifndef TRACES_TEXT_EXPANSION_H
#define TRACES_TEXT_EXPANSION_H

#include "sim/format_options.h"

enum {
    EXPANSION_MOST = 10000000,  /* requests of one row, whatever makes it so many */
    EXPANSION_BLOCKS = 65536,   /* of one line of arc: 32 MB */
    EXPANSION_BYTES = 256 << 20 /* of one request to a disk */
};

/* What the user said, or else `own`. */
static inline uint64_t expansion_most(const struct format_options *options, uint64_t own)
{
    return options->row_requests ? options->row_requests : own;
}

/* Why a row of more requests than that is bad, and what to do. */
enum { EXPANSION_WHY = 128 };
const char *expansion_why(char why[EXPANSION_WHY], const struct format_options *options, uint64_t own);

#endif
