/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/script.h"

#include "sim/alloc.h"
#include "sim/server/values/allocator.h"
#include "sim/server/values/sds.h"

#include <stdlib.h>

enum {
    LISTED_MOST = 500, /* LRU_LIST_LENGTH */
    SHA1_TEXT = 40,
    LIST_NODE = 24,
    LOOKS_OF_EVAL = 5,
    LOOKS_OF_LOAD = 2,
};

struct cached_script script_known(const struct script_cache *cache, uint32_t member)
{
    if (member >= cache->capacity || !cache->scripts[member].is_cached)
        return (struct cached_script){0};
    return cache->scripts[member];
}

/* ---- the list of scripts, from the oldest to the newest ---- */

static struct cached_script *at(struct script_cache *cache, int64_t member)
{
    return &cache->scripts[member];
}

static void unlist(struct script_cache *cache, int64_t member)
{
    struct cached_script *script = at(cache, member);

    if (script->before == SCRIPT_NONE)
        cache->oldest = script->after;
    else
        at(cache, script->before)->after = script->after;
    if (script->after == SCRIPT_NONE)
        cache->newest = script->before;
    else
        at(cache, script->after)->before = script->before;
    script->is_listed = false;
    cache->listed--;
}

static void list_newest(struct script_cache *cache, int64_t member)
{
    struct cached_script *script = at(cache, member);

    script->after = SCRIPT_NONE;
    script->before = cache->listed ? cache->newest : SCRIPT_NONE;
    if (cache->listed)
        at(cache, cache->newest)->after = member;
    else
        cache->oldest = member;
    cache->newest = member;
    script->is_listed = true;
    cache->listed++;
}

/* ---- the cache ---- */

static uint64_t node_bytes(const struct server_profile *profile, const struct allocator *allocator)
{
    return allocator_class(allocator, LIST_NODE) +
           (profile->script_node_has_name ? allocator_class(allocator, sds_header(SHA1_TEXT) + SHA1_TEXT + 1) : 0);
}

/* The table's entry with the SHA1 and the script's data, the text, and the function that Lua compiles from it. */
static uint64_t script_bytes(const struct server_profile *profile, const struct allocator *allocator,
                             uint64_t text_bytes, uint64_t lua_bytes)
{
    return allocator_class(allocator, profile->script_entry_bytes ? profile->script_entry_bytes : 24) +
           sds_bytes(allocator, SHA1_TEXT) +
           allocator_class(allocator, profile->script_bytes ? profile->script_bytes : 16) + text_bytes +
           (profile->counts_lua && lua_bytes ? lua_bytes : profile->script_lua_bytes);
}

static int64_t drop_oldest(struct script_cache *cache)
{
    struct cached_script *script = at(cache, cache->oldest);
    int64_t bytes = (int64_t)script->bytes;

    unlist(cache, cache->oldest);
    *script = (struct cached_script){0};
    cache->count--;
    return bytes;
}

/* A script of EVAL that is used again becomes the newest. One that is also loaded by SCRIPT LOAD leaves the list, and
 * stays for good. */
static int64_t use_again(struct script_cache *cache, const struct server_profile *profile,
                         const struct allocator *allocator, uint32_t member, bool is_listed)
{
    int64_t node = (int64_t)node_bytes(profile, allocator);

    if (!at(cache, member)->is_listed)
        return 0;
    unlist(cache, member);
    if (is_listed) {
        list_newest(cache, member);
        return 0;
    }
    at(cache, member)->bytes -= (uint64_t)node;
    return -node;
}

int64_t script_cache_add(struct script_cache *cache, const struct server_profile *profile,
                         const struct allocator *allocator, const struct element *script, uint64_t text_bytes,
                         bool is_listed)
{
    int64_t more = 0;

    more -= (int64_t)slots_looked(&cache->table, is_listed ? LOOKS_OF_EVAL : LOOKS_OF_LOAD);
    is_listed &= profile->scripts_are_listed;
    if (script->member >= cache->capacity)
        cache->scripts = xgrow(cache->scripts, &cache->capacity, script->member + 1, sizeof *cache->scripts);
    if (at(cache, script->member)->is_cached)
        return more + use_again(cache, profile, allocator, script->member, is_listed);
    while (is_listed && cache->listed >= LISTED_MOST)
        more -= drop_oldest(cache);
    *at(cache, script->member) = (struct cached_script){
        .is_cached = true,
        .flags = (uint8_t)script->number,
        .bytes = script_bytes(profile, allocator, text_bytes, (uint64_t)script->number / SCRIPT_BYTES) +
                 (is_listed ? node_bytes(profile, allocator) : 0),
    };
    cache->count++;
    if (is_listed)
        list_newest(cache, script->member);
    return more + (int64_t)(at(cache, script->member)->bytes + slots_added(&cache->table, cache->count));
}

uint64_t script_cache_bytes(const struct script_cache *cache)
{
    uint64_t bytes = slots_bytes(&cache->table);

    for (uint32_t member = 0; member < cache->capacity; member++)
        bytes += cache->scripts[member].bytes;
    return bytes;
}

uint64_t script_cache_flush(struct script_cache *cache)
{
    uint64_t bytes = script_cache_bytes(cache);

    script_cache_release(cache);
    *cache = (struct script_cache){0};
    return bytes;
}

void script_cache_release(struct script_cache *cache)
{
    free(cache->scripts);
}
