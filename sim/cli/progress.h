/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress: a line on the terminal while a trace is replayed, and what Ctrl-C does.
 *
 * The first SIGINT or SIGTERM asks the replay to stop between two rounds, so that nothing half-written stays; the
 * second ends the program at once, even where it waits for a trace that does not come. Until the first request is
 * replayed there is nothing to clean up, and one is enough. */
#ifndef SIM_CLI_PROGRESS_H
#define SIM_CLI_PROGRESS_H

#include "sim/engine/replay.h"

#include <stdbool.h>
#include <time.h>

struct progress {
    bool is_silent;               /* no line: standard output goes to the terminal meanwhile */
    struct timespec start, shown; /* zeroed: not started */
    bool is_terminal;
};

/* A replay_progress_fn, of a zeroed struct progress. */
bool progress_show(void *owner, const struct replay_progress *done);
/* Wipes the line. */
void progress_end(const struct progress *progress);
/* Whether a signal asked to stop. */
bool progress_is_stopped(void);

#endif
