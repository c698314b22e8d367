/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/queue.h"

#include "sim/alloc.h"

#include <stdio.h>

enum {
    LEAST = 1024,
    RECORDS_PER_KEY = 4,
    SQUEEZE_AHEAD = 32, /* records between what is written and what is fetched */
};

static const uint32_t MOST = UINT32_C(1) << (32 - QUEUE_NUMBER_BITS);

/* There is room for several records per key, so the cost of removing stale records is spread over as many pushes. */
static uint32_t capacity_for(uint32_t keys)
{
    uint64_t capacity = (uint64_t)keys * RECORDS_PER_KEY + LEAST;

    if (capacity > MOST)
        capacity = MOST;
    if (keys + 2 > capacity) {
        fprintf(stderr, "evsim: more than %u keys in one queue of a policy\n", MOST - 2);
        abort();
    }
    return (uint32_t)capacity;
}

void queue_make_room(struct policy_context *context, struct queue *queue)
{
    uint32_t end = 1, hand = 1;

    for (uint32_t record = queue->begin; record < queue->end; record++) {
        if (record == queue->hand)
            hand = end;
        queue->ids[end] = queue->ids[record];
        end += queue_is_live(queue, record);
    }
    for (uint32_t record = 1; record < end; record++) {
        if (record + SQUEEZE_AHEAD < end)
            __builtin_prefetch(policy_entry(context, queue->ids[record + SQUEEZE_AHEAD]), 1);
        *queue_place_of(context, queue->ids[record]) = record << QUEUE_NUMBER_BITS | queue->number;
    }
    queue->hand = queue->hand >= queue->end ? end : hand;
    queue->begin = 1;
    queue->end = end;
    if (queue->capacity < capacity_for(queue->keys)) {
        queue->capacity = capacity_for(queue->keys);
        queue->ids = xrealloc(queue->ids, queue->capacity * sizeof *queue->ids);
    }
}

void queues_init(struct policy_context *context, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        queue_init((struct queue *)context->state + i, i);
}

void queues_release(struct policy_context *context, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        queue_release((struct queue *)context->state + i);
}

int one_queue_init(struct policy_context *context, struct error *error)
{
    (void)error;
    queue_init(context->state, 0);
    return 0;
}

void one_queue_release(struct policy_context *context)
{
    queue_release(context->state);
}

void one_queue_soon(const struct policy_context *context, uint32_t id)
{
    queue_fetch_record(context, context->state, id);
}

void one_queue_push(struct policy_context *context, uint32_t id)
{
    queue_push(context, context->state, id);
}

void one_queue_renew(struct policy_context *context, uint32_t id)
{
    queue_renew(context, context->state, id);
}

void one_queue_take(struct policy_context *context, uint32_t id)
{
    queue_take(context, context->state, id);
}

uint32_t one_queue_oldest(struct policy_context *context)
{
    return queue_oldest(context, context->state);
}
