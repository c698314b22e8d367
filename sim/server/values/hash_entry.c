/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/hash_entry.h"

#include "sim/server/values/sds.h"

enum {
    EMBEDS_MOST = 128,
    POINTER = 8,
    TTL_BYTES = 8,
    REDIS_TTL_BYTES = 16, /* struct ExpireMeta */
    VALUE_HEADER = 3,
    MARKED_HEADER = 3
};

/* Redis notes the room of the value in its header, Valkey the size of the block. */
static bool is_redis(const struct redis *redis)
{
    return redis->profile->fields_have_entries;
}

/* sdsReqType of Redis 8.6: a header's room is that of the block, with the header and the NUL. */
static uint64_t field_header(const struct redis *redis, uint64_t length)
{
    uint64_t header = length ? sds_header(length) : 1;

    if (is_redis(redis) && header > 1 && length + header + 1 > sds_type_max((uint32_t)header) + 1)
        return header == 3 ? 5 : 9;
    return header;
}

/* The header of a field with a separate value, or a ttl, has at least 3 bytes, which has room for marks of this. */
static uint64_t field_bytes(const struct redis *redis, struct hash_entry entry, bool is_apart)
{
    uint64_t header = field_header(redis, entry.field), ttl = 0;

    if (entry.has_ttl)
        ttl = is_redis(redis) ? REDIS_TTL_BYTES : TTL_BYTES;

    return ttl + ((is_apart || entry.has_ttl) && header < MARKED_HEADER ? MARKED_HEADER : header) + entry.field + 1;
}

static uint64_t value_bytes(uint64_t value)
{
    return VALUE_HEADER + value + 1;
}

uint64_t hash_entry_asked_for(const struct redis *redis, struct hash_entry entry, uint8_t block)
{
    if (block != HASH_ENTRY_APART)
        return field_bytes(redis, entry, false) + block;
    return POINTER + field_bytes(redis, entry, true) + sds_asked_for(redis->allocator, entry.value);
}

uint64_t hash_entry_bytes(const struct redis *redis, struct hash_entry entry, uint8_t block)
{
    if (block != HASH_ENTRY_APART && is_redis(redis))
        return allocator_class(redis->allocator, field_bytes(redis, entry, false) + block);
    if (block != HASH_ENTRY_APART)
        return (uint64_t)HASH_ENTRY_UNIT * block;
    return allocator_class(redis->allocator, POINTER + field_bytes(redis, entry, true)) +
           sds_bytes(redis->allocator, entry.value);
}

uint64_t hash_entry_new(const struct redis *redis, struct hash_entry entry, uint8_t *block)
{
    uint64_t bytes = field_bytes(redis, entry, false) + value_bytes(entry.value);

    *block = HASH_ENTRY_APART;
    if (bytes <= EMBEDS_MOST)
        *block = (uint8_t)(is_redis(redis) ? value_bytes(entry.value)
                                           : allocator_class(redis->allocator, bytes) / HASH_ENTRY_UNIT);
    return hash_entry_bytes(redis, entry, *block);
}

uint64_t hash_entry_replace(const struct redis *redis, struct hash_entry entry, uint8_t *block)
{
    uint64_t has = (uint64_t)HASH_ENTRY_UNIT * *block,
             bytes = field_bytes(redis, entry, false) + value_bytes(entry.value);
    uint64_t wants = bytes;

    if (is_redis(redis)) {
        has = *block;
        wants = value_bytes(entry.value);
    }
    if (*block != HASH_ENTRY_APART && bytes <= EMBEDS_MOST && wants <= has && wants >= has * 3 / 4)
        return hash_entry_bytes(redis, entry, *block);
    if (*block == HASH_ENTRY_APART && !redis->profile->entries_shorten_header &&
        field_bytes(redis, entry, true) + value_bytes(entry.value) > EMBEDS_MOST)
        return hash_entry_bytes(redis, entry, *block);
    return hash_entry_new(redis, entry, block);
}
