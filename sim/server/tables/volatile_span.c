/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/volatile_span.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    VECTOR_HEADER = 8, /* struct pVector */
    VECTOR_FIRST = 2,  /* fields that a new vector has room for */
    POINTER = 8,
    TABLE_BUCKET_BYTES = 64,
};

/* ---- memory ---- */

static uint64_t class_of(const struct volatile_shared *shared, uint64_t bytes)
{
    return bytes ? allocator_class(shared->allocator, bytes) : 0;
}

static void count_block(struct volatile_shared *shared, uint64_t before, uint64_t after)
{
    shared->bytes += class_of(shared, after) - class_of(shared, before);
}

static uint64_t vector_bytes(uint32_t count)
{
    return VECTOR_HEADER + POINTER * (uint64_t)count;
}

static void resize_vector(struct volatile_shared *shared, struct volatile_span *span, uint32_t count)
{
    count_block(shared, span->block, vector_bytes(count));
    span->block = vector_bytes(count);
    span->known = class_of(shared, span->block);
}

/* pvMakeRoomFor. A new vector does not ask how much it was given. */
static void make_room(struct volatile_shared *shared, struct volatile_span *span, uint32_t count)
{
    if (span->block && span->known >= vector_bytes(count))
        return;
    if (span->block) {
        resize_vector(shared, span, count);
        return;
    }
    count_block(shared, 0, vector_bytes(count));
    span->block = span->known = vector_bytes(count);
}

/* pvShrinkToFit */
static void shrink_to_fit(struct volatile_shared *shared, struct volatile_span *span)
{
    if (span->known > vector_bytes(span->count))
        resize_vector(shared, span, span->count);
}

/* What the span has allocated is given back. */
void span_clear(struct volatile_shared *shared, struct volatile_span *span)
{
    count_block(shared, span->block, 0);
    if (span->table) {
        hashtable_clear(span->table);
        hashtable_release(span->table);
        count_block(shared, shared->table_bytes, 0);
    }
    free(span->fields);
    free(span->table);
    span->fields = NULL;
    span->table = NULL;
    span->block = span->known = span->count = 0;
}

/* ---- the fields of a span ---- */

void span_begin(struct volatile_span *span, uint32_t field)
{
    span->kind = SPAN_SINGLE;
    span->single = field;
    span->count = 1;
}

static void begin_vector(struct volatile_span *span)
{
    span->kind = SPAN_VECTOR;
    span->count = 0;
    span->fields = xmalloc(SPAN_VECTOR_MOST * sizeof *span->fields);
}

static void insert_at(struct volatile_shared *shared, struct volatile_span *span, uint32_t place, uint32_t field)
{
    make_room(shared, span, span->count + 1);
    memmove(&span->fields[place + 1], &span->fields[place], (span->count - place) * sizeof *span->fields);
    span->fields[place] = field;
    span->count++;
}

/* A second field: the two are in order. */
static void single_becomes_vector(struct volatile_shared *shared, struct volatile_span *span, uint32_t field)
{
    uint32_t first = span->single;

    begin_vector(span);
    make_room(shared, span, VECTOR_FIRST);
    insert_at(shared, span, 0, first);
    insert_at(shared, span, span_ms_of(shared, first) < span_ms_of(shared, field), field);
}

static void vector_becomes_table(struct volatile_shared *shared, struct volatile_span *span, uint32_t field)
{
    struct hashtable *table = xcalloc(1, sizeof *table);
    uint32_t *fields = span->fields, count = span->count;

    hashtable_init(table, shared->hash_seed);
    table->rules = shared->rules;
    table->memory = &shared->bytes;
    count_block(shared, 0, shared->table_bytes);
    for (uint32_t i = 0; i < count; i++)
        hashtable_add(table, fields[i]);
    count_block(shared, span->block, 0);
    free(fields);
    hashtable_add(table, field);
    *span = (struct volatile_span){.kind = SPAN_TABLE, .end_ms = span->end_ms, .count = count + 1, .table = table};
}

static void take_last(void *owner, uint32_t field)
{
    *(uint32_t *)owner = field;
}

static void table_becomes_single(struct volatile_shared *shared, struct volatile_span *span)
{
    uint32_t left = 0;

    hashtable_each(span->table, take_last, &left);
    span_clear(shared, span);
    span_begin(span, left);
}

static uint32_t place_of(const struct volatile_span *span, uint32_t field)
{
    uint32_t place = 0;

    while (place < span->count && span->fields[place] != field)
        place++;
    assert(place < span->count);
    return place;
}

/* removeFromBucket_VECTOR: the last field of a tree's vector comes into the place, so that it is in no order. */
static void remove_from_vector(struct volatile_shared *shared, struct volatile_span *span, uint32_t field,
                               bool in_order)
{
    uint32_t place = place_of(span, field), left = span->fields[place ? 0 : span->count - 1];

    if (span->count <= 2) {
        bool was_two = span->count == 2;

        span_clear(shared, span);
        if (was_two)
            span_begin(span, left);
        return;
    }
    span->count--;
    if (in_order)
        memmove(&span->fields[place], &span->fields[place + 1], (span->count - place) * sizeof *span->fields);
    else
        span->fields[place] = span->fields[span->count];
    shrink_to_fit(shared, span);
}

static void remove_from_table(struct volatile_shared *shared, struct volatile_span *span, uint32_t field)
{
    hashtable_remove(span->table, field);
    if (--span->count == 1)
        table_becomes_single(shared, span);
}

/* Afterwards span->count may be 0. */
void span_remove(struct volatile_shared *shared, struct volatile_span *span, uint32_t field, bool in_order)
{
    if (span->kind == SPAN_SINGLE)
        span->count = 0;
    else if (span->kind == SPAN_VECTOR)
        remove_from_vector(shared, span, field, in_order);
    else
        remove_from_table(shared, span, field);
}

/* The server sorts with qsort, which keeps those of one time as they are. */
void span_sort(const struct volatile_shared *shared, struct volatile_span *span)
{
    for (uint32_t i = 1; i < span->count; i++) {
        uint32_t field = span->fields[i], place = i;

        for (; place && span_ms_of(shared, span->fields[place - 1]) > span_ms_of(shared, field); place--)
            span->fields[place] = span->fields[place - 1];
        span->fields[place] = field;
    }
}

/* Where a field belongs in a vector that is in order: before those that expire at the same time. */
static uint32_t place_by_time(const struct volatile_shared *shared, const struct volatile_span *span, int64_t ms)
{
    uint32_t low = 0, high = span->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (ms <= span_ms_of(shared, span->fields[middle]))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void span_add(struct volatile_shared *shared, struct volatile_span *span, uint32_t field, bool in_order)
{
    if (span->kind == SPAN_SINGLE) {
        single_becomes_vector(shared, span, field);
    } else if (span->kind == SPAN_TABLE) {
        hashtable_add(span->table, field);
        span->count++;
    } else if (span_is_full(span)) {
        vector_becomes_table(shared, span, field);
    } else {
        insert_at(shared, span, in_order ? place_by_time(shared, span, span_ms_of(shared, field)) : span->count, field);
    }
}

struct volatile_span span_cut(struct volatile_shared *shared, struct volatile_span *span, uint32_t place)
{
    struct volatile_span later = {.end_ms = span->end_ms}, sooner = *span;

    begin_vector(&later);
    later.count = span->count - place;
    memcpy(later.fields, &span->fields[place], later.count * sizeof *later.fields);
    resize_vector(shared, &later, later.count);
    sooner.count = place;
    shrink_to_fit(shared, &sooner);
    *span = later;
    return sooner;
}

/* ---- what has expired ---- */

struct listing {
    uint32_t *fields;
    uint32_t count, most;
};

static void list(void *owner, uint32_t field)
{
    struct listing *listing = owner;

    if (listing->count < listing->most)
        listing->fields[listing->count++] = field;
}

static void expire_table(struct volatile_shared *shared, struct volatile_span *span, uint32_t most,
                         const struct span_listener *gone)
{
    struct listing listing = {.fields = xcalloc(most + 1, sizeof *listing.fields), .most = most};

    hashtable_each(span->table, list, &listing);
    span->table->paused++;
    for (uint32_t i = 0; i < listing.count; i++) {
        hashtable_remove(span->table, listing.fields[i]);
        gone->tell(gone->owner, listing.fields[i]);
    }
    span->table->paused--;
    span->count -= listing.count;
    free(listing.fields);
    if (!span->count)
        span_clear(shared, span);
    else if (span->count == 1)
        table_becomes_single(shared, span);
}

/* The first fields of the vector, so many: those that stay get a vector of their own, however few they are. */
static void expire_vector(struct volatile_shared *shared, struct volatile_span *span, uint32_t count,
                          const struct span_listener *gone)
{
    for (uint32_t i = 0; i < count; i++)
        gone->tell(gone->owner, span->fields[i]);
    if (!count)
        return;
    if (count == span->count) {
        span_clear(shared, span);
        return;
    }
    span->count -= count;
    memmove(span->fields, &span->fields[count], span->count * sizeof *span->fields);
    resize_vector(shared, span, span->count);
}

uint32_t span_expire(struct volatile_shared *shared, struct volatile_span *span, int64_t until_ms, uint64_t most,
                     const struct span_listener *gone)
{
    uint32_t count = span->count < most ? span->count : (uint32_t)most, expired = 0;

    if (span->kind == SPAN_TABLE) {
        expire_table(shared, span, count, gone);
        return count;
    }
    while (expired < count &&
           (span_ms_of(shared, span->kind == SPAN_SINGLE ? span->single : span->fields[expired]) <= until_ms))
        expired++;
    if (span->kind == SPAN_VECTOR) {
        expire_vector(shared, span, expired, gone);
    } else if (expired) {
        span->count = 0;
        gone->tell(gone->owner, span->single);
    }
    return expired;
}

/* ---- what it weighs ---- */

static uint64_t table_buckets(const struct volatile_span *span)
{
    return span->table ? hashtable_buckets(span->table) + span->table->children[0] + span->table->children[1] : 0;
}

uint64_t span_usage(const struct volatile_shared *shared, const struct volatile_span *span)
{
    return span->known + (span->table ? shared->table_bytes : 0) + TABLE_BUCKET_BYTES * table_buckets(span);
}

uint64_t span_recount(const struct volatile_shared *shared, const struct volatile_span *span)
{
    return class_of(shared, span->block) + (span->table ? class_of(shared, shared->table_bytes) : 0) +
           TABLE_BUCKET_BYTES * table_buckets(span);
}

void span_release(struct volatile_span *span)
{
    free(span->fields);
    if (span->table)
        hashtable_release(span->table);
    free(span->table);
}
