/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_recorder: what a real server's keys, tables and values weigh, written as files in the layout of golden/memory.
 *
 *     NAME.memory_table.csv   SET of 378 keys: 9 lengths of names, 21 values, with and without a ttl
 *     NAME.growth.csv         used_memory for every 10,000 keys to a million
 *     NAME.composite.csv      values with elements: MEMORY USAGE SAMPLES 0, used_memory
 *     NAME.expire.csv         200,000 keys that expire evenly over 20 s, in real time: how many linger
 *
 * A weight is what DEL gives back: used_memory in INFO before it less that after it. Both are asked over the same connection
 * in the same state of its buffers, between two runs of cron (hz 1), and several times, each with a new name: what most of them
 * say is taken. */
#ifndef TESTS_FIDELITY_SUPPORT_RECORDER_H
#define TESTS_FIDELITY_SUPPORT_RECORDER_H

#include "sim/live/at_hand.h"

/* Each starts a server of its own. `directory` is there; NAME is of a file. 0, or -1. */
typedef int recorder_fn(const struct program *program, const char *directory, const char *name, struct error *error);

/* What it does with traces in virtual time: servers.jsonl and curves/ of `directory`, whose d1.csv.zst (a cache: what is missed is
 * filled) and d2.csv.zst (a store) are played at so much memory under each policy, so many times. Lines that the file has for
 * NAME already are replaced. */
struct recorder_plan {
    const char *directory, *name, *const *policies; /* NULL-terminated */
    size_t runs, parallel;
    uint64_t maxmemory[2]; /* of d1 and d2 */
    int64_t info_every_us;
};
int recorder_runs(const struct program *program, const struct recorder_plan *plan, struct error *error);

recorder_fn recorder_memory_table, recorder_growth, recorder_composite, recorder_expire;

#endif
