/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress: a line on the terminal while a trace is replayed.
 *
 * It is also where a replay learns that a signal asks it to stop (sim/stop.h), between two rounds. Until the first
 * request is replayed there is nothing to clean up, and a signal ends the program at once. */
#ifndef SIM_CLI_PROGRESS_H
#define SIM_CLI_PROGRESS_H

#include "sim/engine/replay.h"

#include <stdbool.h>
#include <time.h>

struct progress {
    bool is_silent;               /* no line: standard output goes to the terminal meanwhile */
    const char *what;             /* in front of the line: which of several readings; NULL: nothing */
    struct timespec start, shown; /* zeroed: not started */
    bool is_terminal;
};

/* A replay_progress_fn, of a zeroed struct progress. */
bool progress_show(void *owner, const struct replay_progress *done);
/* Wipes the line. */
void progress_end(const struct progress *progress);

#endif
