/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/recency.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_SLOTS = 64 };

/* ---- a class's list ---- */

static void live_add(struct recency_class *class, uint32_t place, int32_t by)
{
    for (uint32_t i = place + 1; i <= class->capacity; i += i & -i)
        class->live[i] += (uint32_t)by;
}

/* Live ones among the first `places`. */
static uint32_t live_before(const struct recency_class *class, uint32_t places)
{
    uint32_t sum = 0;

    for (uint32_t i = places; i; i &= i - 1)
        sum += class->live[i];
    return sum;
}

/* The place of the live one before which there are so many others. */
static uint32_t live_place(const struct recency_class *class, uint32_t before)
{
    uint32_t at = 0;

    for (uint32_t step = class->capacity; step; step /= 2) /* a power of two */
        if (at + step <= class->capacity && class->live[at + step] <= before) {
            at += step;
            before -= class->live[at];
        }
    return at;
}

static void class_compact(struct recency *recency, struct recency_class *class)
{
    uint32_t capacity = LEAST_SLOTS, count = 0;

    while (capacity < 2 * class->keys + 2)
        capacity *= 2;
    for (uint32_t i = 0; i < class->count; i++) {
        uint32_t slot = class->slots[i], key = recency->key_of[slot];
        if (!recency->bytes[slot] || recency->place_of[key] != i || recency->slot_of[key] != slot)
            continue;
        class->slots[count] = slot;
        recency->place_of[key] = count++;
    }
    class->slots = xrealloc(class->slots, capacity * sizeof *class->slots);
    class->live = xrealloc(class->live, (capacity + 1) * sizeof *class->live);
    memset(class->live, 0, (capacity + 1) * sizeof *class->live);
    class->capacity = capacity;
    class->count = count;
    for (uint32_t i = 0; i < count; i++)
        live_add(class, i, 1);
}

/* ---- all ---- */

static void tree_add(struct recency *recency, uint32_t slot, uint64_t bytes)
{
    for (uint32_t i = slot; i <= recency->capacity; i += i & -i)
        recency->tree[i] += bytes; /* wraps around for what is taken off */
}

static uint64_t bytes_before(const struct recency *recency, uint32_t slot)
{
    uint64_t sum = 0;

    for (uint32_t i = slot - 1; i; i &= i - 1)
        sum += recency->tree[i];
    return sum;
}

void recency_init(struct recency *recency, uint32_t keys, uint32_t classes)
{
    *recency = (struct recency){.key_capacity = keys, .class_count = classes, .capacity = LEAST_SLOTS};
    while (recency->capacity < 2 * (uint64_t)keys + 2 && recency->capacity < UINT32_C(1) << 31)
        recency->capacity *= 2;
    recency->tree = xcalloc(recency->capacity + 1ull, sizeof *recency->tree);
    recency->bytes = xcalloc(recency->capacity + 1ull, sizeof *recency->bytes);
    recency->key_of = xcalloc(recency->capacity + 1ull, sizeof *recency->key_of);
    recency->slot_of = xcalloc(keys + 1ull, sizeof *recency->slot_of);
    recency->place_of = xcalloc(keys + 1ull, sizeof *recency->place_of);
    recency->class_of = xcalloc(keys + 1ull, sizeof *recency->class_of);
    recency->classes = xcalloc(classes, sizeof *recency->classes);
}

void recency_release(struct recency *recency)
{
    for (uint32_t i = 0; i < recency->class_count; i++) {
        free(recency->classes[i].slots);
        free(recency->classes[i].live);
    }
    free(recency->classes);
    free(recency->tree);
    free(recency->bytes);
    free(recency->key_of);
    free(recency->slot_of);
    free(recency->place_of);
    free(recency->class_of);
    *recency = (struct recency){0};
}

uint64_t recency_depth(const struct recency *recency, uint32_t key)
{
    uint32_t slot = recency->slot_of[key];

    return slot ? recency->total - bytes_before(recency, slot) : 0;
}

/* Slots are numbered from 1 again, in the same order; lists of classes follow. */
static void renumber(struct recency *recency)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < recency->class_count; i++)
        class_compact(recency, &recency->classes[i]);
    for (uint32_t slot = 1; slot <= recency->last; slot++) {
        uint32_t key = recency->key_of[slot];
        if (!recency->bytes[slot])
            continue;
        count++;
        recency->bytes[count] = recency->bytes[slot];
        recency->key_of[count] = key;
        recency->slot_of[key] = count;
        recency->classes[recency->class_of[key]].slots[recency->place_of[key]] = count;
    }
    memset(recency->bytes + count + 1, 0, (recency->capacity - count) * sizeof *recency->bytes);
    memset(recency->tree, 0, (recency->capacity + 1ull) * sizeof *recency->tree);
    for (uint32_t slot = 1; slot <= count; slot++)
        tree_add(recency, slot, recency->bytes[slot]);
    recency->last = count;
}

void recency_touch(struct recency *recency, uint32_t key, uint32_t class, uint64_t bytes)
{
    uint32_t slot;

    if (recency->last == recency->capacity)
        renumber(recency);
    slot = recency->slot_of[key];
    if (slot) {
        class = recency->class_of[key];
        bytes = recency->bytes[slot];
        tree_add(recency, slot, -bytes);
        live_add(&recency->classes[class], recency->place_of[key], -1);
        recency->bytes[slot] = 0;
    } else {
        recency->class_of[key] = class;
        recency->total += bytes;
        recency->classes[class].keys++;
    }
    struct recency_class *list = &recency->classes[class];
    if (list->count == list->capacity)
        class_compact(recency, list);
    slot = ++recency->last;
    recency->slot_of[key] = slot;
    recency->key_of[slot] = key;
    recency->bytes[slot] = bytes;
    tree_add(recency, slot, bytes);
    recency->place_of[key] = list->count;
    list->slots[list->count] = slot;
    live_add(list, list->count++, 1);
}

/* The slot at the depth, whether or not it has a key; the lowest one of all, for what is deeper. */
static uint32_t slot_at(const struct recency *recency, uint64_t depth)
{
    uint64_t below = depth < recency->total ? recency->total - depth : 0;
    uint32_t at = 0;

    for (uint32_t step = recency->capacity; step; step /= 2) /* a power of two */
        if (at + step <= recency->capacity && recency->tree[at + step] <= below) {
            at += step;
            below -= recency->tree[at];
        }
    return at < recency->last ? at + 1 : recency->last;
}

uint32_t recency_at(const struct recency *recency, uint64_t depth)
{
    uint32_t slot = slot_at(recency, depth);

    while (slot && !recency->bytes[slot])
        slot--;
    return slot ? recency->key_of[slot] : UINT32_MAX;
}

struct recency_pair recency_near(const struct recency *recency, uint32_t class, uint64_t depth)
{
    const struct recency_class *list = &recency->classes[class];
    uint32_t slot = slot_at(recency, depth), low = 0, high = list->count;
    struct recency_pair pair = {UINT32_MAX, UINT32_MAX};

    if (!list->keys)
        return pair;
    while (low < high) { /* the first place whose slot is above */
        uint32_t middle = low + (high - low) / 2;
        if (list->slots[middle] <= slot)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t before = live_before(list, low);
    if (before)
        pair.deeper = recency->key_of[list->slots[live_place(list, before - 1)]];
    if (before < list->keys)
        pair.higher = recency->key_of[list->slots[live_place(list, before)]];
    return pair;
}
