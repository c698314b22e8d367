/* SPDX-License-Identifier: GPL-3.0-or-later */
/* speed: how fast a real server deletes keys, measured on this machine.
 *
 * Two of a server's loops have a time limit: eviction (maxmemory-eviction-tenacity) and the active expiry cycle. How
 * far they come depends on the machine, and on what the keys are: a hash of 100,000 fields takes a 7.0.15 30 ms, as long as
 * 100,000 small keys. Both are measured with keys of one size, and then hashes of a thousand fields are deleted, on a server that is started for it, by the processor time of its main thread, so that other work on the machine matters little. */
#ifndef SIM_LIVE_SPEED_H
#define SIM_LIVE_SPEED_H

#include "sim/error.h"
#include "sim/live/program.h"
#include "sim/options.h"

struct speed_trial {
    const struct program *program; /* program_locate() is enough */
    uint64_t keys;                 /* how many there are to begin with; half of them are evicted, all expire */
    uint64_t value_bytes;          /* of each */
};

struct speed_result {
    struct speed speed;
    char server[PROGRAM_NAME]; /* as the server calls itself: "redis 7.0.15, jemalloc-5.2.1" */
};

/* Starts the server, fills it twice, measures once, and stops it. It listens on a unix socket only. 0, or -1. */
int speed_measure(const struct speed_trial *trial, struct speed_result *result, struct error *error);

#endif
