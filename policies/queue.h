/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue: keys in an order, kept as a log.
 *
 *     ids    [  .  -  b  a  c  -  d  ]        push: one more record at the end
 *                  |           ^ newest       take, renew: the record before goes stale, nothing is moved
 *               stale: it was a's             oldest: skips what is stale
 *
 * A key's entry names the place of its record, and a stale record names no key. Nothing links neighbours, so a touch
 * writes one entry, the record before, and the end of the log; and the keys next in line are known ahead and can be
 * fetched while others are looked at. A list's oldest end is the coldest memory there is, one fetch after the other;
 * this is what makes evictions cheap. When the log is full, stale records are squeezed out, without a look at their
 * keys; that costs less than one move per push.
 *
 * A policy's entry begins with uint32_t place: 0 while the key is in no queue, so a key is in one queue at a time.
 * Absent keys may be queued too: that is a ghost list. A policy has up to 16 queues, told apart by their number. */
#ifndef POLICIES_QUEUE_H
#define POLICIES_QUEUE_H

#include "sim/policy.h"

#include <stdlib.h>

enum {
    QUEUE_NUMBER_BITS = 4,
    QUEUE_AHEAD = 16, /* records between what is looked at and what is fetched */
};

struct queue {
    uint32_t *ids; /* records begin .. end - 1, NO_KEY if stale; those before are done with */
    uint32_t begin, end, capacity;
    uint32_t hand; /* a record that the policy stands at; kept over squeezes */
    uint32_t keys; /* live records */
    uint32_t number;
    uint64_t bytes; /* the policy's to count, where it does */
};

/* Squeezes stale records out, or makes the log larger. */
void queue_make_room(struct policy_context *context, struct queue *queue);

static inline void queue_init(struct queue *queue, uint32_t number)
{
    *queue = (struct queue){.begin = 1, .end = 1, .hand = 1, .number = number};
}

static inline void queue_release(struct queue *queue)
{
    free(queue->ids);
}

static inline uint32_t *queue_place_of(const struct policy_context *context, uint32_t id)
{
    return (uint32_t *)policy_entry(context, id);
}

/* The number of the queue that the key is in, if it is in one. */
static inline uint32_t queue_number_of(const struct policy_context *context, uint32_t id)
{
    return *queue_place_of(context, id) & ((1U << QUEUE_NUMBER_BITS) - 1);
}

static inline bool queue_has(const struct policy_context *context, const struct queue *queue, uint32_t id)
{
    return *queue_place_of(context, id) && queue_number_of(context, id) == queue->number;
}

static inline void queue_need_room(struct policy_context *context, struct queue *queue)
{
    if (__builtin_expect(queue->end >= queue->capacity, 0))
        queue_make_room(context, queue);
}

/* One more record, for which there is room; `place` is its key's. The fields are read before records are written,
 * which might be them as far as the compiler knows. */
static inline void queue_append(struct queue *queue, uint32_t id, uint32_t *place)
{
    uint32_t end = queue->end++, number = queue->number, *ids = queue->ids;

    ids[end] = id;
    *place = end << QUEUE_NUMBER_BITS | number;
}

/* The key, which is in no queue, becomes the newest. */
static inline void queue_push(struct policy_context *context, struct queue *queue, uint32_t id)
{
    queue_need_room(context, queue);
    queue->keys++;
    queue_append(queue, id, queue_place_of(context, id));
}

/* The key, which is in this queue, leaves it. */
static inline void queue_take(struct policy_context *context, struct queue *queue, uint32_t id)
{
    uint32_t *place = queue_place_of(context, id);

    queue->keys--;
    queue->ids[*place >> QUEUE_NUMBER_BITS] = NO_KEY;
    *place = 0;
}

/* The key, which is in this queue, becomes the newest. */
static inline void queue_renew(struct policy_context *context, struct queue *queue, uint32_t id)
{
    uint32_t *place = queue_place_of(context, id), *ids, before;

    if (*place >> QUEUE_NUMBER_BITS == queue->end - 1)
        return;
    queue_need_room(context, queue);
    ids = queue->ids;
    before = *place >> QUEUE_NUMBER_BITS;
    queue_append(queue, id, place);
    ids[before] = NO_KEY;
}

static inline bool queue_is_live(const struct queue *queue, uint32_t record)
{
    return queue->ids[record] != NO_KEY;
}

/* Fetches what will be looked at soon. Always inlined: GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void queue_fetch_ahead(const struct policy_context *context,
                                                                    const struct queue *queue, uint32_t record)
{
    if (record + QUEUE_AHEAD < queue->end && queue_is_live(queue, record + QUEUE_AHEAD))
        __builtin_prefetch(policy_entry(context, queue->ids[record + QUEUE_AHEAD]), 1);
}

/* The oldest key; NO_KEY when the queue is empty. */
static inline uint32_t queue_oldest(const struct policy_context *context, struct queue *queue)
{
    uint32_t begin = queue->begin;

    while (begin < queue->end && !queue_is_live(queue, begin))
        queue_fetch_ahead(context, queue, begin++);
    queue->begin = begin;
    if (begin == queue->end)
        return NO_KEY;
    queue_fetch_ahead(context, queue, begin);
    return queue->ids[begin];
}

/* The newest key; NO_KEY when the queue is empty. What is stale behind it is dropped. */
static inline uint32_t queue_newest(struct queue *queue)
{
    for (; queue->begin < queue->end; queue->end--)
        if (queue_is_live(queue, queue->end - 1))
            return queue->ids[queue->end - 1];
    return NO_KEY;
}

/* For policy.soon: the record that goes stale when the key is taken or renewed. */
__attribute__((always_inline)) static inline void queue_fetch_record(const struct policy_context *context,
                                                                     const struct queue *queue, uint32_t id)
{
    __builtin_prefetch(&queue->ids[*queue_place_of(context, id) >> QUEUE_NUMBER_BITS], 1);
}

/* ---- policies whose state begins with an array of queues, the number of each its place there ---- */

void queues_init(struct policy_context *context, uint32_t count);
void queues_release(struct policy_context *context, uint32_t count);

/* The queue that the key is in, if it is in one. */
static inline struct queue *queue_home(const struct policy_context *context, uint32_t id)
{
    return (struct queue *)context->state + queue_number_of(context, id);
}

/* ---- hooks of policies whose whole state is one queue ---- */

int one_queue_init(struct policy_context *context, struct error *error);
void one_queue_release(struct policy_context *context);
void one_queue_soon(const struct policy_context *context, uint32_t id);
void one_queue_push(struct policy_context *context, uint32_t id);
void one_queue_renew(struct policy_context *context, uint32_t id);
void one_queue_take(struct policy_context *context, uint32_t id);
uint32_t one_queue_oldest(struct policy_context *context);

#endif
