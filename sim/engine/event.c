/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/event.h"

#include "sim/alloc.h"
#include "sim/stop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void event_queue_init(struct event_queue *queue)
{
    memset(queue, 0, sizeof *queue);
    queue->now_us = INT64_MIN;
}

void event_queue_release(struct event_queue *queue)
{
    free(queue->heap);
    queue->heap = NULL;
}

/* The total order of events: time, then priority, then order of scheduling. */
static bool before(const struct event *a, const struct event *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return a->sequence < b->sequence;
}

static void place(struct event_queue *queue, struct event *event, size_t position)
{
    queue->heap[position] = event;
    event->position = position;
}

static void sift(struct event_queue *queue, struct event *event, size_t position)
{
    while (position > 1 && before(event, queue->heap[position / 2])) {
        place(queue, queue->heap[position / 2], position);
        position /= 2;
    }
    for (;;) {
        size_t child = position * 2;

        if (child > queue->count)
            break;
        if (child < queue->count && before(queue->heap[child + 1], queue->heap[child]))
            child++;
        if (!before(queue->heap[child], event))
            break;
        place(queue, queue->heap[child], position);
        position = child;
    }
    place(queue, event, position);
}

void event_schedule(struct event_queue *queue, struct event *event, int64_t at_us)
{
    assert(at_us >= queue->now_us);
    if (!event_is_scheduled(event)) {
        if (queue->count + 1 >= queue->capacity) {
            queue->capacity = queue->capacity ? queue->capacity * 2 : 16;
            queue->heap = xrealloc(queue->heap, queue->capacity * sizeof *queue->heap);
        }
        event->position = ++queue->count;
    }
    event->at_us = at_us;
    event->sequence = queue->scheduled++;
    sift(queue, event, event->position);
}

void event_cancel(struct event_queue *queue, struct event *event)
{
    struct event *last = queue->heap[queue->count--];
    size_t position = event->position;

    assert(event_is_scheduled(event));
    event->position = 0;
    if (last != event)
        sift(queue, last, position);
}

void event_queue_run(struct event_queue *queue, int64_t now_us)
{
    /* A signal ends the replay also where centuries lie between two requests: what is left undone nobody looks at. */
    while (queue->count && queue->heap[1]->at_us <= now_us && !stop_signal()) {
        struct event *event = queue->heap[1];

        event_cancel(queue, event);
        queue->now_us = event->at_us;
        event->fire(event->owner, event->at_us);
    }
}
