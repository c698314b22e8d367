/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probation: three queues in which new keys must prove themselves. s3fifo and qdlp are made of them.
 *
 *     new key ---> small, a fifo --- used enough ---> main: a clock
 *       |            `--- else: victim, remembered in ghost (keys only)
 *       `-- remembered in ghost? --------------------> main
 *
 * A policy's entry begins with struct probation_entry, its state with struct probation. Its first two parameters
 * are small's share of the capacity and ghost's. */
#ifndef POLICIES_PROBATION_H
#define POLICIES_PROBATION_H

#include "policies/queue.h"

enum { PROBATION_SMALL_SHARE, PROBATION_GHOST_SHARE }; /* parameters */
enum home { NOWHERE, SMALL, MAIN, GHOST, HOMES };

struct probation_entry {
    uint32_t place;
    uint32_t bytes;
    uint8_t home; /* enum home: which queue */
    uint8_t uses;
    uint8_t remembered; /* it arrives, and was found in ghost */
};

struct probation {
    struct queue queues[HOMES]; /* by enum home */
};

static inline struct probation_entry *probation_entry(const struct policy_context *context, uint32_t id)
{
    return (struct probation_entry *)policy_entry(context, id);
}

static inline struct queue *queue_of(const struct policy_context *context, enum home home)
{
    return &((struct probation *)context->state)->queues[home];
}

int probation_init(struct policy_context *context, struct error *error);
void probation_release(struct policy_context *context);

/* Bytes that the resident keys may take, and what a part of it comes to. UINT64_MAX without a limit. */
uint64_t probation_capacity(const struct policy_context *context);
uint64_t probation_share(const struct policy_context *context, int parameter);

/* Hooks. A key larger than small is not admitted. */
void probation_soon(const struct policy_context *context, uint32_t id);
void probation_arriving(struct policy_context *context, uint32_t id);
bool probation_admits(struct policy_context *context, uint32_t id);
void probation_added(struct policy_context *context, uint32_t id);
void probation_leave(struct policy_context *context, uint32_t id); /* whichever queue it is in */

/* A written key weighs something else. */
void probation_reweigh(const struct policy_context *context, uint32_t id);
/* From small to main, unused. */
void probation_promote(struct policy_context *context, uint32_t id);
/* Into ghost, which forgets the oldest for it. The key is in no queue. */
void probation_remember(struct policy_context *context, uint32_t id);
/* The oldest key that has not been used since main's clock last passed. NO_KEY: main is empty. */
uint32_t probation_victim_of_main(struct policy_context *context);

#endif
