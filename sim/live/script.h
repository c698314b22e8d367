/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script: a trace as a script for a real server (script_file.h).
 *
 * Between the rows of the trace the script has what else happens to the server: the wake-ups of its idle
 * event loop at multiples of the cron period, an INFO at the start, at regular intervals and at the end, and
 * the commands of a scenario. At the same time they come in this order, and before the row. */
#ifndef SIM_LIVE_SCRIPT_H
#define SIM_LIVE_SCRIPT_H

#include "sim/error.h"
#include "sim/input/trace.h"
#include "sim/live/script_file.h"
#include "sim/live/wire.h"
#include "sim/scenario/scenario.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct script_options {
    bool fill; /* a read that misses is followed by a SET of the row's size and ttl */
    int64_t info_every_us;
    uint32_t hz;                     /* as the server begins with; CONFIG SET hz in the scenario changes it */
    const struct scenario *scenario; /* NULL: none */
};

/* The trace is in database 0, says its times and the size of every value that is written; and so does a read when
 * misses are filled, which is of one key then. The scenario has only commands and CONFIG SET, which a server can be
 * sent as they are. 0; or -1, with the row or the line that cannot be had. */
int script_write(const char *path, format_choose_fn *choose, const struct trace_request *trace,
                 const struct script_options *options, struct error *error);

/* The same for a trace that is not of records: turns are handed over one after the other, and what else happens comes between
 * them. NULL, or -1, when the file cannot be written. */
struct script_writer;
/* A turn: what is sent at that time of the trace, and after a miss. The wires are the writer's then. */
struct script_step {
    enum turn_kind kind;
    uint32_t client; /* who sends it; what else happens is client 0's */
    int64_t at_us;   /* since the first row */
    bool flushes;
    struct wire command, fill;
};
/* first_us is the first row's time as the trace has it. */
struct script_writer *script_open(const char *path, const struct script_options *options, int64_t first_us,
                                  struct error *error);
void script_add(struct script_writer *writer, struct script_step step);
/* Ends the script with an INFO at the last step's time. */
int script_close(struct script_writer *writer, struct error *error);

/* Writes one turn of a script: its time, kind and rest are given, the requests are complete (zeroed: there is none), and
 * stay the caller's. */
void script_put(FILE *out, struct turn turn, const struct wire *command, const struct wire *fill);

#endif
