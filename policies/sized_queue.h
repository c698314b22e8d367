/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sized_queue: queues (queue.h) that know how many bytes their keys take.
 *
 * A policy's entry begins with struct sized_entry. Its bytes are the policy's own copy: they hold while the key is
 * queued, as a ghost too, whatever becomes of the key. Of a key in no queue they say instead whether it arrives
 * and was found among the ghosts: several keys may arrive at once. */
#ifndef POLICIES_SIZED_QUEUE_H
#define POLICIES_SIZED_QUEUE_H

#include "policies/queue.h"

struct sized_entry {
    uint32_t place;
    uint32_t bytes;
};

/* Of a resident key in no queue: what it weighs. */
static inline void sized_weigh(const struct policy_context *context, uint32_t id)
{
    ((struct sized_entry *)policy_entry(context, id))->bytes = (uint32_t)policy_size(context, id);
}

/* The key, which is in no queue, becomes the newest. */
static inline void sized_push(struct policy_context *context, struct queue *queue, uint32_t id)
{
    queue->bytes += ((struct sized_entry *)policy_entry(context, id))->bytes;
    queue_push(context, queue, id);
}

/* The key, which is in this queue, leaves it. */
static inline void sized_take(struct policy_context *context, struct queue *queue, uint32_t id)
{
    queue->bytes -= ((struct sized_entry *)policy_entry(context, id))->bytes;
    queue_take(context, queue, id);
}

/* The key, which is in `from`, becomes the newest of another. */
static inline void sized_move(struct policy_context *context, struct queue *from, struct queue *to, uint32_t id)
{
    sized_take(context, from, id);
    sized_push(context, to, id);
}

/* The key, which is in this queue and stays in its place, was written. */
static inline void sized_reweigh(const struct policy_context *context, struct queue *queue, uint32_t id)
{
    struct sized_entry *entry = policy_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    queue->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
}

/* The key, which is in this queue, leaves it for good. */
static inline void sized_forget(struct policy_context *context, struct queue *queue, uint32_t id)
{
    sized_take(context, queue, id);
    ((struct sized_entry *)policy_entry(context, id))->bytes = 0;
}

/* The hook `removed` of policies whose state begins with an array of queues (queue_home). */
static inline void sized_removed(struct policy_context *context, uint32_t id)
{
    sized_forget(context, queue_home(context, id), id);
}

/* The oldest key, if there is one, leaves the queue for good. */
static inline void sized_forget_oldest(struct policy_context *context, struct queue *queue)
{
    uint32_t id = queue_oldest(context, queue);

    if (id != NO_KEY)
        sized_forget(context, queue, id);
}

/* The key, which is in this queue of ghosts, arrives. */
static inline void sized_return(struct policy_context *context, struct queue *queue, uint32_t id)
{
    sized_take(context, queue, id);
    ((struct sized_entry *)policy_entry(context, id))->bytes = 1;
}

/* Of a key that was added, before it is weighed. */
static inline bool sized_returns(const struct policy_context *context, uint32_t id)
{
    return ((struct sized_entry *)policy_entry(context, id))->bytes != 0;
}

/* A part of the capacity that keys of `held` bytes share. */
static inline uint64_t sized_share(const struct policy_context *context, uint64_t held, double part)
{
    uint64_t capacity = policy_capacity(context, held);

    return capacity == UINT64_MAX ? capacity : (uint64_t)((double)capacity * part);
}

#endif
