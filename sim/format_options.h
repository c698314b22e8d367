/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_options: how the user wants a trace to be read. */
#ifndef SIM_FORMAT_OPTIONS_H
#define SIM_FORMAT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* What size 0 of a read means. EMPTY: the value is empty, and an application that misses stores it. UNKNOWN: the traced
 * cache missed, and nobody knows the size. AUTO: as the format says. */
enum size_zero { SIZE_ZERO_AUTO, SIZE_ZERO_UNKNOWN, SIZE_ZERO_EMPTY };

enum { PIPELINE_GAP_US = 10 }; /* --pipeline-gap, unless it is said */

struct format_options {
    const char *columns;      /* --columns, NULL: the format's own; only csv takes it */
    bool lenient;             /* skip and count what would be an error */
    enum size_zero size_zero; /* of reads */
    uint32_t block_bytes;     /* of traces of blocks: bytes of one; 0: as the format says */
    uint32_t row_requests;    /* as many as one row may stand for; 0: as the format says (traces/text/expansion.h) */
    bool keeps_origin;        /* records say what they were in the source: struct record_origin */
    int64_t sort_window_us;   /* rows this much too late are put in order of time; 0: they are bad rows */
    int64_t pipeline_gap_us; /* commands of one client, one behind the other within this, came as a pipeline; 0: none */
};

#endif
