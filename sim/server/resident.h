/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resident: how much of the server's memory is in use page by page: allocator_active and used_memory_rss of INFO.
 *
 * Only with --rss. For each key it keeps the slabs that its blocks lie in (values/slabs.h). When a key has been changed, its
 * blocks are listed anew, and the list is compared with the old one by size class: first what came is allocated, as a command's
 * arguments are made before it runs; then what went is freed. A hash table's arrays are large blocks, its child
 * buckets are small ones.
 *
 *     allocator_active   pages of slabs and of large blocks
 *                      + allocator_active of the empty server, less its thread's cache
 *                      + what else used_memory has gained: clients, histograms, scripts, cluster mode
 *     used_memory_rss    that + dirty pages + jemalloc's own growth
 *                      + what a server has besides: its program, libraries, stack
 *
 * A key of many blocks is listed anew only when its bytes have changed by one part in 400, which costs some 400 blocks looked at
 * for each command on it. Which of several blocks of one class then goes is drawn.
 *
 * The model is that of jemalloc; active defragmentation is not modeled. What is not followed counts as it is, as if it
 * filled its pages: streams, the nodes of skip lists, the small tables of cluster mode, all that is no key. */
#ifndef SIM_SERVER_RESIDENT_H
#define SIM_SERVER_RESIDENT_H

#include "sim/server/state.h"

struct resident_memory {
    uint64_t active; /* allocator_active */
    uint64_t rss;    /* used_memory_rss */
};

/* From here on the memory is followed. The databases are empty. */
void resident_open(struct redis *redis);
void resident_release(struct redis *redis);

/* The key has changed, or is gone. */
void resident_note_key(struct redis *redis, uint32_t id);
static inline void resident_note(struct redis *redis, uint32_t id)
{
    if (__builtin_expect(redis->resident != NULL, 0))
        resident_note_key(redis, id);
}

/* serverCron may have resized tables. */
void resident_note_every_table(struct redis *redis);

/* Now; all zero if it is not followed. */
struct resident_memory resident_look(const struct redis *redis);

#endif
