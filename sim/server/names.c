/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/names.h"

#include "sim/glob.h"
#include "sim/input/keys.h"
#include "sim/input/names.h"
#include "sim/policy.h"

const char *names_spell(const struct redis *redis, uint32_t member, char room[MEMBER_SPELLED])
{
    if (member == NO_MEMBER || (id_range_has(redis->unspelled_members, member) &&
                                member_of(redis->members, member)->length > sizeof((struct member){0}).begins))
        return NULL;
    return member_spell(redis->members, member, room);
}

/* The pattern that matches all is compared with nothing. */
static bool matches(const struct redis *redis, uint32_t pattern, const char *text, size_t bytes)
{
    const char *pattern_text = member_text(redis->members, pattern);
    size_t pattern_bytes = member_of(redis->members, pattern)->length;

    return !pattern_text || (pattern_bytes == 1 && *pattern_text == '*') ||
           glob_matches(pattern_text, pattern_bytes, text, bytes);
}

bool names_member_matches(const struct redis *redis, uint32_t member, uint32_t pattern)
{
    char room[MEMBER_SPELLED];
    const char *text = names_spell(redis, member, room);

    return !text || matches(redis, pattern, text, member_of(redis->members, member)->length);
}

const char *names_of_key(const struct redis *redis, uint32_t id, size_t *bytes, uint32_t *db)
{
    *db = 0;
    if (!redis->names || id_range_has(redis->unnamed_keys, id) || !key_names_has(redis->names, id))
        return NULL;
    return key_names_of(redis->names, id, bytes, db);
}

bool names_key_matches(const struct redis *redis, uint32_t id, uint32_t pattern)
{
    size_t bytes;
    uint32_t db;
    const char *name = names_of_key(redis, id, &bytes, &db);

    return !name || matches(redis, pattern, name, bytes);
}

uint32_t names_find_key(const struct redis *redis, uint8_t db, const char *name, size_t bytes)
{
    uint32_t id = redis->keys_by_name ? keys_find(redis->keys_by_name, name, (uint32_t)bytes, db) : NO_KEY;

    return id != NO_KEY && id < redis->key_count ? id : NO_KEY;
}
