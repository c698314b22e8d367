/* SPDX-License-Identifier: GPL-3.0-or-later */
/* play: real servers that play scripts (script.h) in virtual time, some at a time.
 *
 *     program_find()      which server
 *     script_write()      what it is sent
 *     play_runs()         what it did: counters and a curve, as of a cell of the model
 *
 * A run is a function of its script and of the server's own randomness. Hours of a trace take seconds. */
#ifndef SIM_LIVE_PLAY_H
#define SIM_LIVE_PLAY_H

#include "sim/error.h"
#include "sim/live/program.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One process from start to end of a script. */
struct play_run {
    /* What to run. */
    const char *script, *policy;
    uint64_t maxmemory;
    const char *const *arguments; /* more of the server's, NULL-terminated: "--hz", "20"; NULL: none */
    /* What happened (record.h); the samples are owned. */
    struct counters counters;
    struct curve curve;
    uint64_t waiting; /* waits for a key that were ended because the client's next turn came */
};

struct play {
    const struct program *program;
    size_t parallel;              /* processes at a time, 1 or more */
    const char *directory;        /* is there, and takes a directory for each run */
    bool (*keep_on)(void *owner); /* asked many times a second; NULL: to the end */
    void *owner;
};

/* Runs them all; the record of run i is `directory`/i/record afterwards, i in four digits: a server keeps its paths in memory, so
 * all have the same length. When keep_on() says no it stops (ERROR_INTERRUPTED). No process outlives the call. 0, or -1; what the
 * runs own is to be released either way. */
int play_runs(const struct play *play, struct play_run *runs, size_t count, struct error *error);
void play_run_release(struct play_run *run);

#endif
