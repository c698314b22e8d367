/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_server: real servers as processes that play a script (script.h) in virtual time. */
#ifndef TESTS_FIDELITY_SUPPORT_SERVER_H
#define TESTS_FIDELITY_SUPPORT_SERVER_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A server program and what it says of itself. */
struct server_program {
    char path[4096];
    char name[64];      /* "redis-server", "valkey-server": its argv[0] as well */
    char model[64];     /* the name evsim would have for it: "redis-7.0.15-debian" */
    char library[4096]; /* virtual_time.so of this build */
};

/* Looks for `binary`, or for a redis-server on PATH when it is NULL or empty, and asks for its version. Debian's
 * redis-tools has the same program as redis-check-rdb: that will do. 0; 1 when there is no redis-server on
 * PATH; -1 on error. */
int server_program_find(struct server_program *program, const char *binary, struct error *error);

/* One process from start to end of a script. */
struct server_run {
    /* What to run. */
    const char *script, *policy;
    uint64_t maxmemory;
    /* What happened. */
    uint64_t hits, misses, fills, oom, errors;
    uint64_t baseline_memory; /* used_memory that the first INFO says, before the first request */
    uint64_t evicted, expired, keys, expires, used_memory; /* as the last INFO says */
    double curve_mean;                                     /* of used_memory over all INFOs but the first */
};

/* Runs them all, `parallel` processes at a time, each in a directory of its own below `directory`. Stops on
 * SIGINT, SIGTERM and SIGHUP (ERROR_INTERRUPTED). No process outlives the call. 0, or -1. */
int server_runs_play(const struct server_program *program, struct server_run *runs, size_t count, size_t parallel,
                     const char *directory, struct error *error);

/* From here on the three signals end what this file does instead of the program, and server_interrupted()
 * becomes true; server_signals_restore() takes that back. */
void server_signals_catch(void);
void server_signals_restore(void);
bool server_interrupted(void);

#endif
