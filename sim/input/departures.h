/* SPDX-License-Identifier: GPL-3.0-or-later */
/* departures: which clients of a capture have left, and after which of their commands.
 *
 * A capture of commands shows who speaks, and not who closes a connection. An application that keeps its connections uses
 * them again and again, and seldom opens others. One that connects for each job or request never comes back to any, and
 * opens new ones as long as it runs. A connection weighs up to 33 kB, so that those which are long gone would soon be most
 * of a server's memory.
 *
 * So a client is taken to have left behind its last command, if from then on it is silent for longer than a second and
 * than ten times its longest silence before, and if ten others connect when it has been silent for that long. */
#ifndef SIM_INPUT_DEPARTURES_H
#define SIM_INPUT_DEPARTURES_H

#include "sim/error.h"

#include <stdbool.h>
#include <stdint.h>

struct reader;

struct departures {
    uint64_t
        *last_row; /* by client, of those that leave: the row of its last command, counted from 0; others: UINT64_MAX */
    uint32_t count; /* clients */
    uint32_t gone;  /* how many of them leave */
};

/* Reads the trace to its end; *departures is zeroed. 0, or -1 with the trace's error; it is to be released either way. */
int departures_read(struct departures *departures, struct reader *reader, struct error *error);
void departures_release(struct departures *departures);

/* Whether the client has left before that row. */
static inline bool departures_has_left(const struct departures *departures, uint32_t client, uint64_t row)
{
    return client < departures->count && departures->last_row[client] < row;
}

#endif
