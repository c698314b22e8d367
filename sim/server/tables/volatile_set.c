/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/volatile_set.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPAN_MOST = 1 << 13, /* VOLATILESET_BUCKET_INTERVAL_MAX, in ms */
    SPAN_LEAST = 1 << 4, /* VOLATILESET_BUCKET_INTERVAL_MIN */
    KEY = 8,
};

/* ---- times ---- */

static int64_t end_of_window(int64_t ms, int64_t width)
{
    int64_t begin = ms & ~(width - 1);

    return begin > INT64_MAX - width ? INT64_MAX : begin + width;
}

static int64_t least_end(int64_t ms)
{
    return end_of_window(ms, SPAN_LEAST);
}

static int64_t most_end(int64_t ms)
{
    return end_of_window(ms, SPAN_MOST);
}

static int64_t ms_of(const struct volatile_set *set, uint32_t field)
{
    return span_ms_of(&set->shared, field);
}

/* ---- the tree ---- */

static void encode(int64_t end_ms, unsigned char key[KEY])
{
    for (int i = 0; i < KEY; i++)
        key[i] = (unsigned char)((uint64_t)end_ms >> (56 - 8 * i));
}

/* The spans are in the order of their ends. */
static struct volatile_span *put_span(struct volatile_set *set, struct volatile_span span)
{
    uint32_t place = set->span_count;
    unsigned char key[KEY];

    set->spans = xgrow(set->spans, &set->span_capacity, set->span_count + 1, sizeof *set->spans);
    for (; place && set->spans[place - 1].end_ms > span.end_ms; place--)
        set->spans[place] = set->spans[place - 1];
    set->spans[place] = span;
    set->span_count++;
    encode(span.end_ms, key);
    if (set->has_tree)
        rax_insert(&set->tree, key, KEY, true, 0);
    return &set->spans[place];
}

/* What it has allocated is the caller's. */
static void drop_span(struct volatile_set *set, struct volatile_span *span)
{
    uint32_t place = (uint32_t)(span - set->spans);
    unsigned char key[KEY];

    encode(span->end_ms, key);
    if (set->has_tree)
        rax_remove(&set->tree, key, KEY);
    set->span_count--;
    memmove(span, span + 1, (set->span_count - place) * sizeof *span);
}

/* findBucket: the first span that ends later, unless it is one of a later window. */
static struct volatile_span *find_span(const struct volatile_set *set, int64_t ms)
{
    uint32_t low = 0, high = set->span_count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (ms == INT64_MAX ? set->spans[middle].end_ms == ms : set->spans[middle].end_ms > ms)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == set->span_count || most_end(ms) < set->spans[low].end_ms)
        return NULL;
    return &set->spans[low];
}

/* findSplitPosition: the place nearest the middle of a sorted vector at which a window of 16 ms begins. */
static uint32_t place_to_cut(const struct volatile_set *set, const struct volatile_span *span)
{
    uint32_t middle = span->count / 2;

    for (uint32_t offset = 0; offset <= middle + 1; offset++)
        for (int side = 0; side < 2; side++) {
            uint32_t place = side ? middle + offset : middle - offset;

            if ((!side && offset >= middle) || place >= span->count)
                continue;
            if (least_end(ms_of(set, span->fields[place - 1])) < least_end(ms_of(set, span->fields[place])))
                return place;
        }
    return span->count;
}

/* The fields before the place become a span of their own, which ends sooner. */
static void cut(struct volatile_set *set, struct volatile_span *span, uint32_t place)
{
    int64_t end_ms = least_end(ms_of(set, span->fields[place - 1]));
    struct volatile_span sooner = span_cut(&set->shared, span, place);

    sooner.end_ms = end_ms;
    put_span(set, sooner);
}

/* splitBucketIfPossible, of a full vector. False: all its fields expire within 16 ms. */
static bool split(struct volatile_set *set, struct volatile_span *span)
{
    int64_t first, last;

    span_sort(&set->shared, span);
    first = least_end(ms_of(set, span->fields[0]));
    last = least_end(ms_of(set, span->fields[span->count - 1]));
    if (last < span->end_ms) {
        struct volatile_span moved = *span;

        drop_span(set, span);
        moved.end_ms = last;
        put_span(set, moved);
        return true;
    }
    if (first == last)
        return false;
    cut(set, span, place_to_cut(set, span));
    return true;
}

static void insert_into_tree(struct volatile_set *set, uint32_t field)
{
    int64_t ms = ms_of(set, field);
    struct volatile_span *span = find_span(set, ms);

    while (span && span_is_full(span) && split(set, span))
        span = find_span(set, ms);
    if (span) {
        span_add(&set->shared, span, field, false);
    } else {
        struct volatile_span single = {.end_ms = most_end(ms)};

        span_begin(&single, field);
        put_span(set, single);
    }
}

/* shrinkRaxBucketIfPossible: the last span takes the tree's place, in order. */
static void leave_tree_if_possible(struct volatile_set *set)
{
    struct volatile_span *span = set->spans;

    if (set->span_count != 1 || span->kind == SPAN_TABLE || span_is_full(span))
        return;
    if (span->kind == SPAN_VECTOR)
        span_sort(&set->shared, span);
    rax_clear(&set->tree);
    rax_release(&set->tree);
    set->has_tree = false;
}

static void remove_from_tree(struct volatile_set *set, uint32_t field, int64_t ms)
{
    struct volatile_span *span = find_span(set, ms);

    assert(span);
    span_remove(&set->shared, span, field, false);
    if (!span->count)
        drop_span(set, span);
}

/* The vector is full: a tree takes its place, with all its fields in one span if they are of one window. */
static void vector_becomes_tree(struct volatile_set *set)
{
    struct volatile_span vector = *set->spans;
    int64_t end = most_end(ms_of(set, vector.fields[vector.count - 1]));

    set->span_count = 0;
    set->has_tree = true;
    rax_init(&set->tree, set->shared.allocator, &set->shared.bytes);
    if (most_end(ms_of(set, vector.fields[0])) == end) {
        vector.end_ms = end;
        put_span(set, vector);
        return;
    }
    for (uint32_t i = 0; i < vector.count; i++)
        insert_into_tree(set, vector.fields[i]);
    span_clear(&set->shared, &vector);
}

/* ---- the set ---- */

static void add(struct volatile_set *set, uint32_t field)
{
    struct volatile_span single = {0};

    if (!set->has_tree && !set->span_count) {
        span_begin(&single, field);
        put_span(set, single);
        return;
    }
    if (!set->has_tree && span_is_full(set->spans))
        vector_becomes_tree(set);
    if (set->has_tree)
        insert_into_tree(set, field);
    else
        span_add(&set->shared, set->spans, field, true);
}

void volatile_set_add(struct volatile_set *set, uint32_t field)
{
    uint64_t before = set->shared.bytes;

    add(set, field);
    *set->memory += set->shared.bytes - before;
}

void volatile_set_remove(struct volatile_set *set, uint32_t field, int64_t ms)
{
    uint64_t before = set->shared.bytes;

    if (set->has_tree) {
        remove_from_tree(set, field, ms);
        leave_tree_if_possible(set);
    } else {
        span_remove(&set->shared, set->spans, field, true);
        set->span_count = set->spans->count != 0;
    }
    *set->memory += set->shared.bytes - before;
}

/* vsetUpdateEntry. In a tree a field stays where it is if its window of 16 ms is the same, and the tree stays. */
void volatile_set_retime(struct volatile_set *set, uint32_t field, int64_t before_ms)
{
    uint64_t before = set->shared.bytes;
    int64_t ms = ms_of(set, field);

    if (ms == before_ms)
        return;
    if (set->has_tree && least_end(ms) != least_end(before_ms)) {
        remove_from_tree(set, field, before_ms);
        insert_into_tree(set, field);
    } else if (!set->has_tree && set->spans->kind == SPAN_VECTOR) {
        span_remove(&set->shared, set->spans, field, true);
        set->span_count = set->spans->count != 0;
        add(set, field);
    }
    *set->memory += set->shared.bytes - before;
}

/* ---- what has expired ---- */

static uint64_t expire_tree(struct volatile_set *set, int64_t now_ms, uint64_t most, const struct span_listener *gone)
{
    uint64_t expired = 0;

    while (expired < most && set->span_count && set->spans->end_ms <= now_ms) {
        expired += span_expire(&set->shared, set->spans, INT64_MAX, most - expired, gone);
        if (set->spans->count)
            break;
        drop_span(set, set->spans);
    }
    if (set->span_count) {
        leave_tree_if_possible(set);
        return expired;
    }
    rax_clear(&set->tree);
    rax_release(&set->tree);
    set->has_tree = false;
    return expired;
}

uint64_t volatile_set_expire(struct volatile_set *set, int64_t now_ms, uint64_t most, volatile_gone_fn *tell,
                             void *owner)
{
    const struct span_listener gone = {tell, owner};
    uint64_t before = set->shared.bytes, expired = 0;

    if (set->has_tree) {
        expired = expire_tree(set, now_ms, most, &gone);
    } else if (set->span_count) {
        expired = span_expire(&set->shared, set->spans, now_ms, most, &gone);
        set->span_count = set->spans->count != 0;
    }
    *set->memory += set->shared.bytes - before;
    return expired;
}

int64_t volatile_set_first_ms(const struct volatile_set *set)
{
    if (!set->span_count)
        return INT64_MAX;
    if (set->has_tree)
        return set->spans->end_ms;
    return ms_of(set, set->spans->kind == SPAN_SINGLE ? set->spans->single : set->spans->fields[0]);
}

/* ---- counted anew ---- */

uint64_t volatile_set_usage(const struct volatile_set *set)
{
    uint64_t bytes = set->has_tree ? set->tree.bytes : 0;

    for (uint32_t i = 0; i < set->span_count; i++)
        bytes += span_usage(&set->shared, &set->spans[i]);
    return bytes;
}

uint64_t volatile_set_count(const struct volatile_set *set)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < set->span_count; i++)
        count += set->spans[i].count;
    return count;
}

uint64_t volatile_set_recount(const struct volatile_set *set)
{
    uint64_t bytes = set->has_tree ? set->tree.bytes : 0;

    for (uint32_t i = 0; i < set->span_count; i++)
        bytes += span_recount(&set->shared, &set->spans[i]);
    return bytes;
}

void volatile_set_clear(struct volatile_set *set)
{
    uint64_t before = set->shared.bytes;

    for (uint32_t i = 0; i < set->span_count; i++)
        span_clear(&set->shared, &set->spans[i]);
    if (set->has_tree)
        rax_clear(&set->tree);
    *set->memory += set->shared.bytes - before;
    set->span_count = 0;
    volatile_set_release(set);
}

void volatile_set_release(struct volatile_set *set)
{
    for (uint32_t i = 0; i < set->span_count; i++)
        span_release(&set->spans[i]);
    if (set->has_tree)
        rax_release(&set->tree);
    free(set->spans);
    set->spans = NULL;
    set->span_count = set->span_capacity = 0;
    set->has_tree = false;
}
