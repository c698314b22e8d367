/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event: things that happen at a time.
 *
 * An event is a function and its owner, due at a time. Events fire in a total order: time, then
 * priority (lower first), then the order of scheduling. The queue is a value that is passed
 * around: two simulations in one process do not see each other.
 *
 * The trace is not in the queue: a cell merges its next request with the earliest event, and at
 * equal times the event comes first. Scheduling before the time of an event that has already fired
 * is a bug, as is cancelling an event that is not scheduled. */
#ifndef SIM_ENGINE_EVENT_H
#define SIM_ENGINE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_NEVER INT64_MAX

/* Order of events of the same instant. */
enum event_priority {
    PRIORITY_CRON,     /* serverCron */
    PRIORITY_EVICTION, /* evictionTimeProc */
    PRIORITY_CLIENT,   /* commands that are not in the trace: INFO */
    PRIORITY_SCENARIO, /* commands of the scenario, over the same connection */
    PRIORITY_SAMPLE,   /* curve points, and the end of the warm-up: they see what the others left */
};

typedef void event_fn(void *owner, int64_t now_us);

/* Kept by its owner, zeroed before first use; the queue holds pointers. */
struct event {
    event_fn *fire;
    void *owner;
    int64_t at_us;
    enum event_priority priority;
    uint64_t sequence;
    size_t position; /* 1-based place in the heap; 0 = not scheduled */
};

struct event_queue {
    struct event **heap; /* binary heap, 1-based */
    size_t count, capacity;
    uint64_t scheduled; /* sequence numbers given out */
    int64_t now_us;     /* time of the last event fired */
};

void event_queue_init(struct event_queue *queue);
void event_queue_release(struct event_queue *queue);

/* (Re)schedules at at_us; a scheduled event moves. O(log n). */
void event_schedule(struct event_queue *queue, struct event *event, int64_t at_us);
void event_cancel(struct event_queue *queue, struct event *event); /* O(log n) */

static inline bool event_is_scheduled(const struct event *event)
{
    return event->position != 0;
}

/* Time of the earliest event, EVENT_NEVER when there is none. */
static inline int64_t event_queue_next(const struct event_queue *queue)
{
    return queue->count ? queue->heap[1]->at_us : EVENT_NEVER;
}

/* Fires every event due at or before now_us, in order, the ones they schedule included. */
void event_queue_run(struct event_queue *queue, int64_t now_us);

#endif
