/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conversion: a trace becomes a file of another kind.
 *
 *     trace -> reader -> (record, id, what it comes to) -> writer -> file
 *
 *     conversion_open()     the trace: its format is known, and the writer can be chosen
 *     conversion_write()    all of it
 *     conversion_close()    also after a failure */
#ifndef SIM_INPUT_CONVERSION_H
#define SIM_INPUT_CONVERSION_H

#include "sim/input/anonymizer.h"
#include "sim/input/future.h"
#include "sim/input/selection.h"
#include "sim/input/trace.h"
#include "sim/trace_writer.h"

/* Zeroed to begin with. It must not move. */
struct conversion {
    struct trace trace;
    struct format_options options;
    struct intake intake;
    struct trace_about about;
    struct omissions omissions;
    uint64_t written, left_out; /* requests */
    uint64_t rows_read;         /* struct intake, of what was not wanted, too */
    struct selection selection; /* zeroed: all requests are wanted */
    struct future future;       /* in which row each key comes next; zeroed: nobody asks, or the trace says it itself */
    enum request_rules rules;   /* by which it is so; 0: it is not known */
    struct anonymizer *anonymizer;   /* owned; NULL: names stay */
    uint64_t named;                  /* texts that it leaves as they are */
    int64_t last_us, longest_gap_us; /* between two that were wanted, */
    uint64_t gap_line;               /* and the line of the second */

    const struct trace_writer *writer;
    void *state;
    struct error *error;
    uint8_t database[DB_MAX]; /* the number that a database had before SWAPDB */
};

int conversion_open(struct conversion *conversion, format_choose_fn *choose, const struct trace_request *request,
                    struct error *error);

/* From now on requests are chosen, and names replaced; separator and secret outlive it, secret NULL: names stay. Before anything is
 * written. */
void conversion_change(struct conversion *conversion, const struct selection *selection, const char *secret,
                       const char *separator);

/* From now on rows say when their keys are requested next, among those that are wanted: the trace says so itself, or is read once
 * before; then it must be a file. After conversion_change(). 0, or -1. */
int conversion_foresee(struct conversion *conversion, format_choose_fn *choose, const struct trace_request *request,
                       struct error *error);

/* Writes it to `out`, which messages call `path`, and flushes it. 0, or -1. */
int conversion_write(struct conversion *conversion, const struct trace_writer *writer,
                     const struct writer_options *options, FILE *out, const char *path, struct error *error);

void conversion_close(struct conversion *conversion);

#endif
