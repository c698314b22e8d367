/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/values/hash.h"

#include "sim/server/values/encoding.h"
#include "sim/server/values/listpack.h"

struct value hash_new(struct redis *redis)
{
    struct collection *hash = collection_new(true);
    uint64_t used = redis->used;
    struct value value;

    listpack_encoding.begin(redis, hash, 0);
    redis->used = used;
    value = value_of_structure(redis, ENCODING_HASH_LISTPACK, hash);
    redis->arguments += value.bytes;
    return value;
}

static void convert(struct redis *redis, struct entry *entry, uint64_t expected)
{
    collection_convert(redis, entry, ENCODING_HASH_TABLE, expected);
}

static bool is_long(const struct redis *redis, struct text text)
{
    return text.length > redis->config.hash_max_listpack_value;
}

void hash_expect(struct redis *redis, struct entry *entry, const struct element *elements, uint32_t count)
{
    struct collection *hash = hash_of(entry);
    uint64_t bytes = 0;

    if (entry->encoding != ENCODING_HASH_LISTPACK)
        return;
    if (redis->profile->hash_presizes && count > redis->config.hash_max_listpack_entries) {
        convert(redis, entry, hash->count > count ? hash->count : count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct text field = text_of_member(member_of(redis->members, elements[i].member));
        struct text value = text_of_element(&elements[i]);

        if (is_long(redis, field) || is_long(redis, value)) {
            convert(redis, entry, hash->count);
            return;
        }
        bytes += (uint64_t)field.length + value.length;
    }
    if (hash->bytes + bytes > LISTPACK_MOST)
        convert(redis, entry, hash->count);
}

uint32_t hash_find(struct redis *redis, struct entry *entry, uint32_t field)
{
    collection_encoding_of(entry)->find(redis, hash_of(entry), field);
    return collection_find(hash_of(entry), field);
}

uint32_t hash_random(struct redis *redis, struct entry *entry)
{
    struct collection *hash = hash_of(entry);

    return entry->encoding == ENCODING_HASH_TABLE ? member_table_random(redis, hash)
                                                  : (uint32_t)gsl_rng_uniform_int(redis->rng, hash->count);
}

/* Finds a field in order to set it. Some servers look it up, and look again to add a new one; others look up or add in
 * one step. */
static uint32_t find_to_set(struct redis *redis, struct entry *entry, uint32_t field)
{
    uint32_t slot;

    if (entry->encoding != ENCODING_HASH_TABLE || !redis->profile->hash_adds_or_finds)
        return hash_find(redis, entry, field);
    slot = collection_find(hash_of(entry), field);
    if (slot != NO_SLOT)
        member_table_visit(redis, hash_of(entry), slot);
    return slot;
}

bool hash_set(struct redis *redis, struct entry *entry, uint32_t field, struct text value, int64_t number)
{
    struct collection *hash = hash_of(entry);
    struct text before;
    bool is_new;
    uint32_t slot;

    /* HINCRBY does not call hash_expect. */
    if (entry->encoding == ENCODING_HASH_LISTPACK &&
        (is_long(redis, text_of_member(member_of(redis->members, field))) || is_long(redis, value)))
        convert(redis, entry, hash->count);
    slot = find_to_set(redis, entry, field);
    is_new = slot == NO_SLOT;
    if (is_new)
        slot = collection_add(hash, field);
    before = hash->value[slot];
    hash->value[slot] = value;
    if (value.kind != TEXT_STRING)
        collection_set_number(hash, slot, number);
    if (is_new)
        collection_encoding_of(entry)->add(redis, hash, slot);
    else
        collection_encoding_of(entry)->change(redis, hash, slot, before);
    if (entry->encoding == ENCODING_HASH_LISTPACK && hash->count > redis->config.hash_max_listpack_entries)
        convert(redis, entry, hash->count);
    return is_new;
}

bool hash_delete(struct redis *redis, struct entry *entry, uint32_t field)
{
    struct collection *hash = hash_of(entry);
    uint32_t slot = collection_find(hash, field);

    if (slot == NO_SLOT) {
        collection_encoding_of(entry)->find(redis, hash, field);
        return false;
    }
    collection_encoding_of(entry)->remove(redis, hash, slot);
    collection_remove(hash, slot);
    return true;
}
