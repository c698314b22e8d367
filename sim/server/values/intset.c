/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intset: integers in one sorted block. Each takes as many bytes as the widest number that was ever in it needs.
 *
 *     | width 4 | count 4 | n | n | n | ...        n has 2, 4 or 8 bytes: it becomes wider, never narrower
 *
 * The order makes no difference to the bytes, so the model does not sort.
 *
 * Source: intset.c of Redis 7.0: intsetUpgradeAndAdd, intsetResize. */
#include "sim/server/values/collection.h"

enum { INTSET_HEADER = 8 };

static uint32_t width_of(int64_t number)
{
    if (number < INT32_MIN || number > INT32_MAX)
        return 8;
    return number < INT16_MIN || number > INT16_MAX ? 4 : 2;
}

static void resize(struct redis *redis, struct collection *set, uint64_t bytes)
{
    redis->used += allocator_class(redis->allocator, bytes) - allocator_class(redis->allocator, set->bytes);
    set->bytes = bytes;
}

static void begin(struct redis *redis, struct collection *set, uint64_t expected)
{
    (void)expected;
    set->width = 2;
    set->bytes = INTSET_HEADER;
    redis->used += allocator_class(redis->allocator, INTSET_HEADER);
}

static void add(struct redis *redis, struct collection *set, uint32_t slot)
{
    uint32_t width = width_of(member_of(redis->members, set->member[slot])->number);
    uint64_t numbers = (set->bytes - INTSET_HEADER) / set->width + 1;

    if (width > set->width)
        set->width = width;
    resize(redis, set, INTSET_HEADER + numbers * set->width);
}

/* Members of sets have no values to change. */
static void change(struct redis *redis, struct collection *set, uint32_t slot, struct text before)
{
    (void)redis;
    (void)set;
    (void)slot;
    (void)before;
}

static void remove_element(struct redis *redis, struct collection *set, uint32_t slot)
{
    (void)slot;
    resize(redis, set, set->bytes - set->width);
}

static void find(struct redis *redis, struct collection *set, uint32_t member)
{
    (void)redis;
    (void)set;
    (void)member;
}

static void end(struct redis *redis, struct collection *set)
{
    redis->used -= allocator_class(redis->allocator, set->bytes);
    set->bytes = 0;
}

const struct collection_encoding intset_encoding = {begin, add, change, remove_element, find, end};

uint64_t intset_bytes(const struct redis *redis, const void *structure)
{
    const struct collection *set = structure;

    return allocator_class(redis->allocator, set->bytes);
}

void *intset_copy(struct redis *redis, const void *structure)
{
    struct collection *copy = collection_copy(structure);

    (void)redis;
    copy->bytes = ((const struct collection *)structure)->bytes;
    copy->width = ((const struct collection *)structure)->width;
    return copy;
}
