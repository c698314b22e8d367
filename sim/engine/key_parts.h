/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key_parts: what all keys of a trace would come to, from samples of them.
 *
 *     keys, by a hash of their names   | part 0 | part 1 | part 2 | ... | part 7 |
 *     seed 1                           replays 0, with 1/8 of the room that keys have
 *     seed 2                                    replays 1 ...
 *
 * Each seed of a grid reads the trace and takes a part of its own, so the spread over the seeds is that of the sample, too. All
 * that is counted comes back as it would be of all keys. What is rare costs nothing to keep: ids and per-key memory are those
 * of one part.
 *
 *     misses, evictions, refusals, keys ...  so many times what the part has
 *     reads, requests                        of the whole trace, exactly
 *     hits                                   the reads that do not miss: a part with a very popular key, or without one, has
 *                                            too many reads, but hardly too many misses (SHARDS-adj)
 *     used_memory                            what does not grow with the keys as it is, all else so many times
 *                                            (server/key_share.h)
 *
 * What the spread does not show: a server's hash table doubles at a number of keys. Where all keys stay just below it, some
 * parts are beyond, and their mean is not what the whole does. And the peak of used_memory is too high by some
 * `parts` times a value, for the last command before a refusal or an eviction is all keys' in a part, too.
 *
 * Source: Waldspurger, Park, Garthwaite, Ahmad, Efficient MRC construction with SHARDS, FAST 2015; miniature simulation:
 * Waldspurger, Saemundsson, Ahmad, Park, Cache modeling and optimization using miniature simulations, ATC 2017. */
#ifndef SIM_ENGINE_KEY_PARTS_H
#define SIM_ENGINE_KEY_PARTS_H

#include "sim/engine/replay.h"

enum { KEY_PARTS_MOST = 1 << 20 };

/* Whether so many parts can be made: a power of two, so that hash tables grow when those of the whole would. */
bool key_parts_is_count(double parts);

/* What is known of all keys. */
struct key_whole {
    uint64_t requests, reads, read_bytes;
    uint64_t other_memory; /* bytes of used_memory that do not grow with the keys */
};

/* Makes of the counters of one in `parts` of the keys those of all. Connections count as they are: all are in each part. */
void key_parts_scale(struct counters *counters, uint32_t parts, const struct key_whole *whole);

/* As replay_run(). Cells of one seed take the same part, in the order in which seeds come; they are at most `parts`. The plan
 * has no shards, bounds, scenario, groups, --explain, and its cells have no options of their own. */
int key_parts_run(const struct replay_plan *plan, uint32_t parts, struct run *run, struct error *error);

#endif
