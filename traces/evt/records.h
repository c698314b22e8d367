/* SPDX-License-Identifier: GPL-3.0-or-later */
/* records: rows of an .evt file as the records that its source's format made. */
#ifndef TRACES_EVT_RECORDS_H
#define TRACES_EVT_RECORDS_H

#include "sim/format.h"
#include "traces/evt/file.h"

enum { EVT_RECORDS_AT_ONCE = 1024 };

/* An .evt file that is being read. */
struct evt {
    struct evt_file file;
    const struct format_options *options;
    struct intake *intake;
    struct intake before; /* as it was when this file began: what the trace's earlier files say */
    struct format kind;   /* what the trace is */
    uint32_t row;         /* next of the block */
    bool began, by_rows;
    int64_t last_us;      /* of the rows that were handed out */
    bool foresees;        /* somebody asks when keys are requested next; */
    int64_t *next_access; /* of records, to there */

    int64_t *values; /* of the rows that are made: an array for each column */
    uint32_t element, element_capacity;
    struct named_element *elements;
    uint64_t text; /* place in the block's EVT_TEXT */
    struct record_origin *origins;
    char (*stand_ins)[EVT_STAND_IN_BYTES]; /* names of the records' keys that nobody wants */
};

/* Makes records of the block's next rows, at most EVT_RECORDS_AT_ONCE. 0, or -1. */
int evt_make_records(struct evt *evt, struct record *records, uint32_t count, struct error *error);

#endif
