/* SPDX-License-Identifier: GPL-3.0-or-later */
/* departures: which clients of a capture leave, and when.
 *
 * Packets show when a connection is closed (closings.h). A log of commands, as MONITOR's, shows who speaks, and not who closes
 * a connection. An application that keeps its connections uses them again and again, and seldom opens others. One that
 * connects for each job or request never comes back to any, and opens new ones as long as it runs. A connection weighs up to
 * 33 kB, so that those which are long gone would soon be most of a server's memory.
 *
 * So where closings do not show, a client is taken to have left behind its last command, if from then on it is silent for
 * longer than a second and than ten times its longest silence before, and if ten others connect when it has been silent for
 * that long.
 *
 * Of those which connect at the trace's end nobody can say that. Where of the others, a hundred at least, nine of ten have
 * left, these are taken to be like them: a client has left if it is silent for longer than ever before, and than 95 of 100 of
 * those that left had been before they spoke again. */
#ifndef SIM_INPUT_DEPARTURES_H
#define SIM_INPUT_DEPARTURES_H

#include "sim/error.h"

#include <stdbool.h>
#include <stdint.h>

struct reader;

struct departure {
    int64_t time_us; /* since the trace's first request: the client is gone before whatever is later */
    uint32_t client;
};

struct departures {
    struct departure *list; /* owned, in order of time */
    uint32_t count;
    uint32_t clients; /* of the trace, those that stay included */
    bool
        are_shown; /* by the trace; else they are concluded, and a client that waits to be told something has not left */
};

/* Reads the trace to its end; *departures is zeroed. 0, or -1 with the trace's error; it is to be released either way. */
int departures_read(struct departures *departures, struct reader *reader, struct error *error);
void departures_release(struct departures *departures);

#endif
