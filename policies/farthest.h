/* SPDX-License-Identifier: GPL-3.0-or-later */
/* farthest: keys by the row of their next request, the farthest first.
 *
 *     records   { 97 c }                8 to a node, one cache line
 *              /   |    \
 *        { 60 a } ...  { 12 a }         a was requested at row 12: that record is stale
 *
 * A request moves a key from the near end to somewhere else: instead of finding the old record, the new one is pushed
 * and the old stays. A record is live while the key's entry has its row; rows are unique, so nothing else needs to be
 * compared, and moving records writes nothing but the heap. Stale ones are thrown away at the top, or when the array
 * is full of them.
 *
 * Keys that are never requested again are the farthest of all, and equal: they wait in a queue.
 *
 * A policy's entry begins with struct farthest_entry. */
#ifndef POLICIES_FARTHEST_H
#define POLICIES_FARTHEST_H

#include "policies/queue.h"

#define FARTHEST_NEVER UINT32_MAX

struct farthest_entry {
    uint32_t place; /* in the queue of those never requested again */
    uint32_t next;  /* row; FARTHEST_NEVER; 0: absent */
};

struct farthest {
    uint64_t *records; /* row << 32 | id; a heap from index FARTHEST_ROOT */
    uint32_t end, capacity;
};

void farthest_release(struct farthest *heap);

/* The key's entry has its next row. Amortized O(log n), mostly O(1). */
void farthest_push(struct policy_context *context, struct farthest *heap, uint32_t id);
/* The farthest key, which stays; NO_KEY when there is none. Amortized O(log n). */
uint32_t farthest_first(struct policy_context *context, struct farthest *heap);

#endif
