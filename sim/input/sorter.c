/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/sorter.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Rows that stay together. */
struct held {
    int64_t time_us;
    uint64_t number; /* in the order in which they came */
    bool is_late;    /* beyond the window: it stays where it came */
    struct record *rows;
    uint32_t count, taken, capacity;
    struct text {
        struct text *next;
        char bytes[];
    } * texts; /* of the rows; owned */
};

struct sorter {
    struct intake *intake;
    int64_t window_us, latest_us, released_us;
    struct held **heap; /* the earliest first; owned, as are the next three */
    uint32_t count, capacity;
    struct held *last;  /* the one that came last: what follows may belong to it; NULL: none, or it is released */
    struct held *going; /* rows of it have been taken */
    struct held **gone; /* all their rows have been: freed at the next call */
    uint32_t gone_count, gone_capacity;
    uint64_t numbers, row_count, last_line;
    bool has_begun, has_ended, was_full;
};

struct sorter *sorter_new(int64_t window_us, struct intake *intake)
{
    struct sorter *sorter = xcalloc(1, sizeof *sorter);

    sorter->window_us = window_us;
    sorter->intake = intake;
    intake->sort_window_us = window_us;
    return sorter;
}

static void held_free(struct held *held)
{
    if (!held)
        return;
    for (struct text *text = held->texts, *next; text; text = next) {
        next = text->next;
        free(text);
    }
    free(held->rows);
    free(held);
}

static void free_gone(struct sorter *sorter)
{
    while (sorter->gone_count)
        held_free(sorter->gone[--sorter->gone_count]);
}

void sorter_free(struct sorter *sorter)
{
    if (!sorter)
        return;
    free_gone(sorter);
    held_free(sorter->going);
    for (uint32_t i = 0; i < sorter->count; i++)
        held_free(sorter->heap[i]);
    free(sorter->heap);
    free(sorter->gone);
    free(sorter);
}

/* ---- copies ---- */

static void *keep_bytes(struct held *held, const void *bytes, size_t count)
{
    struct text *text = xmalloc(sizeof *text + count + 1);

    text->next = held->texts;
    held->texts = text;
    if (count)
        memcpy(text->bytes, bytes, count);
    return text->bytes;
}

static void keep_elements(struct held *held, struct record *row)
{
    struct named_element *list =
        keep_bytes(held, row->named + row->first_element, row->elements * sizeof(struct named_element));

    for (uint32_t i = 0; i < row->elements; i++)
        if (list[i].text)
            list[i].text = keep_bytes(held, list[i].text, list[i].bytes);
    row->named = list;
    row->first_element = 0;
}

/* But for the text of the row: behind others it would not be the trace's. */
static void keep_origin(struct held *held, struct record *row)
{
    struct record_origin *origin = keep_bytes(held, row->origin, sizeof *origin);

    if (origin->caller)
        origin->caller = keep_bytes(held, origin->caller, origin->caller_bytes);
    if (origin->verb)
        origin->verb = keep_bytes(held, origin->verb, origin->verb_bytes);
    origin->text = NULL;
    origin->text_bytes = 0;
    row->origin = origin;
}

static void keep_row(struct held *held, const struct record *record)
{
    struct record *row;

    if (held->count == held->capacity) { /* nearly every command is one row */
        held->capacity = held->capacity ? 2 * held->capacity : 1;
        held->rows = xrealloc(held->rows, held->capacity * sizeof *held->rows);
    }
    row = &held->rows[held->count++];
    *row = *record;
    if (row->key)
        row->key = keep_bytes(held, row->key, row->key_bytes);
    if (row->tenant)
        row->tenant = keep_bytes(held, row->tenant, strlen(row->tenant) + 1);
    if (row->elements)
        keep_elements(held, row);
    if (row->origin)
        keep_origin(held, row);
}

/* ---- the heap ---- */

static bool is_before(const struct held *a, const struct held *b)
{
    return a->time_us != b->time_us ? a->time_us < b->time_us : a->number < b->number;
}

static void push(struct sorter *sorter, struct held *held)
{
    uint32_t place = sorter->count++;

    sorter->heap = xgrow(sorter->heap, &sorter->capacity, sorter->count, sizeof(struct held *));
    for (; place && is_before(held, sorter->heap[(place - 1) / 2]); place = (place - 1) / 2)
        sorter->heap[place] = sorter->heap[(place - 1) / 2];
    sorter->heap[place] = held;
}

static struct held *pop(struct sorter *sorter)
{
    struct held *first = sorter->heap[0], *moved = sorter->heap[--sorter->count];
    uint32_t place = 0, child;

    for (; (child = 2 * place + 1) < sorter->count; place = child) {
        if (child + 1 < sorter->count && is_before(sorter->heap[child + 1], sorter->heap[child]))
            child++;
        if (!is_before(sorter->heap[child], moved))
            break;
        sorter->heap[place] = sorter->heap[child];
    }
    sorter->heap[place] = moved;
    return first;
}

/* ---- rows come and go ---- */

/* Whether the row belongs to the one that came before it. */
static bool follows(const struct sorter *sorter, const struct record *record)
{
    return sorter->last && (sorter->last->rows[sorter->last->count - 1].flags & REQUEST_MORE ||
                            record->client == CLIENT_SCRIPT || record->behind);
}

static void note_late(struct sorter *sorter, struct held *held)
{
    int64_t late_us = sorter->latest_us - held->time_us;

    held->is_late = late_us > sorter->window_us || (sorter->was_full && held->time_us < sorter->released_us);
    if (held->is_late)
        held->time_us = sorter->latest_us;
    if (late_us <= 0 || held->is_late)
        return;
    sorter->intake->sorted_rows++;
    if (late_us > sorter->intake->sorted_most_us)
        sorter->intake->sorted_most_us = late_us;
}

static void add(struct sorter *sorter, const struct record *record)
{
    /* A row without a time of its own stays where it is. */
    int64_t time_us = record->flags & REQUEST_UNTIMED ? sorter->latest_us : record->time_us;
    struct held *held = xcalloc(1, sizeof *held);

    held->time_us = time_us;
    held->number = sorter->numbers++;
    keep_row(held, record);
    if (!sorter->has_begun)
        sorter->latest_us = sorter->released_us = time_us;
    sorter->has_begun = true;
    note_late(sorter, held);
    if (time_us > sorter->latest_us)
        sorter->latest_us = time_us;
    push(sorter, held);
    sorter->last = held;
}

void sorter_give(struct sorter *sorter, const struct record *records, int count)
{
    for (int i = 0; i < count; i++) {
        if (follows(sorter, &records[i]))
            keep_row(sorter->last, &records[i]);
        else
            add(sorter, &records[i]);
        sorter->row_count++;
        sorter->last_line = records[i].line;
    }
}

void sorter_end(struct sorter *sorter)
{
    sorter->has_ended = true;
}

/* What is in front of the heap, if it may go. */
static struct held *next_held(struct sorter *sorter)
{
    struct held *first = sorter->count ? sorter->heap[0] : NULL;

    if (!first)
        return NULL;
    /* What came last may go on; with a full window it is the latest, and others go before it. */
    if (!sorter->has_ended && first == sorter->last)
        return NULL;
    if (!sorter->has_ended && first->time_us > sorter->latest_us - sorter->window_us) {
        if (sorter->row_count <= SORTER_ROWS)
            return NULL;
        sorter->was_full = true;
    }
    if (first == sorter->last)
        sorter->last = NULL;
    return pop(sorter);
}

/* Rows that stay together may last: who comes in between comes with the last of them. */
static struct record take_row(struct sorter *sorter, struct held *held)
{
    struct record record = held->rows[held->taken++];

    if (record.time_us > sorter->released_us)
        sorter->released_us = record.time_us;
    else if (!held->is_late && !(record.flags & REQUEST_UNTIMED))
        record.time_us = sorter->released_us;
    return record;
}

int sorter_take(struct sorter *sorter, struct record *records, int room)
{
    int count = 0;

    free_gone(sorter);
    while (count < room && (sorter->going || (sorter->going = next_held(sorter)))) {
        struct held *held = sorter->going;

        while (count < room && held->taken < held->count)
            records[count++] = take_row(sorter, held);
        if (held->taken < held->count)
            break;
        sorter->row_count -= held->count;
        sorter->gone = xgrow(sorter->gone, &sorter->gone_capacity, sorter->gone_count + 1, sizeof(struct held *));
        sorter->gone[sorter->gone_count++] = held;
        sorter->going = NULL;
    }
    return count;
}

bool sorter_is_last(const struct sorter *sorter, uint64_t line)
{
    return line == sorter->last_line;
}

bool sorter_was_full(const struct sorter *sorter)
{
    return sorter->was_full;
}
