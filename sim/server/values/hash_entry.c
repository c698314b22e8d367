/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/hash_entry.h"

#include "sim/server/values/sds.h"

enum { EMBEDS_MOST = 128, POINTER = 8, VALUE_HEADER = 3, APART_HEADER = 3 };

/* A field with a separate value has a header of at least 3 bytes, which has room for a mark of this. */
static uint64_t field_bytes(uint64_t field, bool is_apart)
{
    uint64_t header = field ? sds_header(field) : 1;

    return (is_apart && header < APART_HEADER ? APART_HEADER : header) + field + 1;
}

static uint64_t value_bytes(uint64_t value)
{
    return VALUE_HEADER + value + 1;
}

uint64_t hash_entry_bytes(const struct redis *redis, uint64_t field, uint64_t value, uint8_t block)
{
    if (block != HASH_ENTRY_APART)
        return (uint64_t)HASH_ENTRY_UNIT * block;
    return allocator_class(redis->allocator, POINTER + field_bytes(field, true)) + sds_bytes(redis->allocator, value);
}

uint64_t hash_entry_new(const struct redis *redis, uint64_t field, uint64_t value, uint8_t *block)
{
    uint64_t bytes = field_bytes(field, false) + value_bytes(value);

    *block = HASH_ENTRY_APART;
    if (bytes <= EMBEDS_MOST)
        *block = (uint8_t)(allocator_class(redis->allocator, bytes) / HASH_ENTRY_UNIT);
    return hash_entry_bytes(redis, field, value, *block);
}

uint64_t hash_entry_replace(const struct redis *redis, uint64_t field, uint64_t value, uint8_t *block)
{
    uint64_t has = (uint64_t)HASH_ENTRY_UNIT * *block, bytes = field_bytes(field, false) + value_bytes(value);

    if (*block != HASH_ENTRY_APART && bytes <= EMBEDS_MOST && bytes <= has && bytes >= has * 3 / 4)
        return has;
    if (*block == HASH_ENTRY_APART && !redis->profile->entries_shorten_header &&
        field_bytes(field, true) + value_bytes(value) > EMBEDS_MOST)
        return hash_entry_bytes(redis, field, value, *block);
    return hash_entry_new(redis, field, value, block);
}
