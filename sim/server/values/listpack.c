/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/listpack.h"

#include "sim/server/values/collection.h"
#include "sim/server/values/field_ttls.h"

enum { LISTPACKEX_BYTES = 32 }; /* struct listpackEx */

/* lpInsert makes the block larger before it writes, if needed, and smaller afterwards. So the block always has the size
 * class of its bytes. */
static void resize(struct redis *redis, struct collection *collection, uint64_t bytes)
{
    redis->used += allocator_class(redis->allocator, bytes) - allocator_class(redis->allocator, collection->bytes);
    collection->bytes = bytes;
}

/* The ttl's entry, a 0 where there is none. */
static uint64_t ttl_bytes(const struct field_ttls *ttls, uint32_t slot)
{
    int64_t ms = ttls->item[slot].ms;

    return listpack_entry_bytes(text_of_integer(ms == EB_NEVER ? 0 : ms));
}

static uint64_t element_bytes(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    uint64_t bytes = listpack_entry_bytes(collection_text(redis, collection, slot)) +
                     (collection->value ? listpack_entry_bytes(collection->value[slot]) : 0);

    return bytes + (collection->ttls ? ttl_bytes(collection->ttls, slot) : 0);
}

static void begin(struct redis *redis, struct collection *collection, uint64_t expected)
{
    (void)expected;
    collection->bytes = LISTPACK_FRAME;
    redis->used += allocator_class(redis->allocator, LISTPACK_FRAME);
}

static void add(struct redis *redis, struct collection *collection, uint32_t slot)
{
    resize(redis, collection, collection->bytes + element_bytes(redis, collection, slot));
}

static void change(struct redis *redis, struct collection *collection, uint32_t slot, struct text before)
{
    resize(redis, collection,
           collection->bytes + listpack_entry_bytes(collection->value[slot]) - listpack_entry_bytes(before));
}

static void remove_element(struct redis *redis, struct collection *collection, uint32_t slot)
{
    resize(redis, collection, collection->bytes - element_bytes(redis, collection, slot));
}

static void find(struct redis *redis, struct collection *collection, uint32_t member)
{
    (void)redis;
    (void)collection;
    (void)member;
}

static void end(struct redis *redis, struct collection *collection)
{
    redis->used -= allocator_class(redis->allocator, collection->bytes);
    collection->bytes = 0;
}

const struct collection_encoding listpack_encoding = {begin, add, change, remove_element, find, end};

static void begin_ex(struct redis *redis, struct collection *collection, uint64_t expected)
{
    begin(redis, collection, expected);
    redis->used += allocator_class(redis->allocator, LISTPACKEX_BYTES);
}

static void end_ex(struct redis *redis, struct collection *collection)
{
    end(redis, collection);
    redis->used -= allocator_class(redis->allocator, LISTPACKEX_BYTES);
}

const struct collection_encoding listpackex_encoding = {begin_ex, add, change, remove_element, find, end_ex};

uint64_t listpackex_bytes(const struct redis *redis, const void *structure)
{
    return listpack_bytes(redis, structure) + allocator_class(redis->allocator, LISTPACKEX_BYTES);
}

void *listpackex_copy(struct redis *redis, const void *structure)
{
    return listpack_copy(redis, structure);
}

uint64_t listpack_bytes(const struct redis *redis, const void *structure)
{
    const struct collection *collection = structure;

    return allocator_class(redis->allocator, collection->bytes);
}

void *listpack_copy(struct redis *redis, const void *structure)
{
    struct collection *copy = collection_copy(structure);

    (void)redis;
    copy->bytes = ((const struct collection *)structure)->bytes;
    return copy;
}
