/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/commands/queue.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

struct record *queue_key(struct queue *queue, const struct record *row, const struct argument *key)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? 2 * queue->capacity : 16;
        queue->records = xrealloc(queue->records, queue->capacity * sizeof *queue->records);
    }
    struct record *record = &queue->records[queue->count++];
    *record = *row;
    record->key = key->text;
    record->key_bytes = record->key_len = key->bytes;
    return record;
}

struct named_element *queue_element(struct queue *queue, struct record *record)
{
    struct named_element *element;

    if (queue->named_count == queue->named_capacity) {
        queue->named_capacity = queue->named_capacity ? 2 * queue->named_capacity : 16;
        queue->named = xrealloc(queue->named, queue->named_capacity * sizeof *queue->named);
    }
    if (!record->elements++)
        record->first_element = queue->named_count;
    element = &queue->named[queue->named_count++];
    *element = (struct named_element){.element.member = NO_MEMBER};
    return element;
}

int queue_hand_out(struct queue *queue, struct record *records, int room)
{
    size_t left = queue->count - queue->next;
    size_t count = left < (size_t)room ? left : (size_t)room;

    if (count)
        memcpy(records, queue->records + queue->next, count * sizeof *records);
    queue->next += count;
    if (queue->next == queue->count)
        queue->next = queue->count = 0;
    return (int)count;
}

char *queue_keep(struct queue *queue, uint64_t bytes)
{
    void **block = xmalloc(sizeof *block + bytes);

    *block = queue->kept;
    queue->kept = block;
    return (char *)(block + 1);
}

static void drop_kept(struct queue *queue)
{
    while (queue->kept) {
        void *before = *(void **)queue->kept;

        free(queue->kept);
        queue->kept = before;
    }
}

void queue_begin(struct queue *queue)
{
    drop_kept(queue);
    queue->named_count = 0;
}

int queue_end(const struct queue *queue, struct record *records, int count)
{
    for (int i = 0; i < count; i++)
        records[i].named = queue->named;
    return count;
}

void queue_release(struct queue *queue)
{
    free(queue->records);
    free(queue->named);
    drop_kept(queue);
}
