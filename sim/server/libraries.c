/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/libraries.h"

#include "sim/alloc.h"
#include "sim/server/values/sds.h"
#include "sim/server/values/object.h"

#include <stdlib.h>
#include <string.h>

enum {
    DICT = 56,
    DICT_ENTRY = 24,
    LIBRARY = 32,     /* functionLibInfo */
    FUNCTION = 40,    /* functionInfo */
    LUA_FUNCTION = 4, /* luaFunctionCtx */
    LOOKS_OF_NEW = 2, /* in a dict that gets a new entry: whether it is there, and to add it */
};

static uint64_t class_of(const struct redis *redis, uint64_t bytes)
{
    return allocator_class(redis->allocator, bytes);
}

static void add_bytes(struct redis *redis, uint64_t bytes)
{
    redis->libraries.bytes += bytes;
    redis->used += bytes;
}

struct library_function libraries_function(const struct libraries *libraries, uint32_t member)
{
    return member < libraries->function_capacity ? libraries->functions[member] : (struct library_function){0};
}

bool libraries_has(const struct libraries *libraries, uint32_t member)
{
    return member < libraries->capacity && libraries->list[member].is_loaded;
}

/* ---- what it weighs ---- */

static uint64_t name_bytes(const struct redis *redis, const struct element *element)
{
    return sds_bytes(redis->allocator, member_of(redis->members, element->member)->length);
}

/* Its name is the key of two dicts, and its own; the name and the description are texts, or objects. */
static uint64_t function_bytes(const struct redis *redis, const struct element *function)
{
    const struct server_profile *profile = redis->profile;
    uint64_t bytes = 2 * (name_bytes(redis, function) + class_of(redis, DICT_ENTRY));
    bool has_description = function->flags & ELEMENT_SCORED;

    if (!profile->function_bytes) {
        bytes += class_of(redis, FUNCTION) + class_of(redis, LUA_FUNCTION) + name_bytes(redis, function);
        if (has_description)
            bytes += sds_bytes(redis->allocator, function->value_len);
    } else {
        bytes += profile->function_bytes + argument_bytes(redis, member_of(redis->members, function->member)->length);
        if (has_description)
            bytes += argument_bytes(redis, function->value_len);
    }
    return bytes + profile->script_lua_bytes;
}

/* The library with its functions; its dict grows as they are added. */
static uint64_t library_bytes(const struct redis *redis, const struct element *elements, uint32_t count)
{
    struct slots table = {0};
    uint64_t bytes = class_of(redis, LIBRARY) + class_of(redis, DICT) + class_of(redis, DICT_ENTRY) +
                     2 * name_bytes(redis, &elements[0]) + sds_bytes(redis->allocator, elements[0].value_len) +
                     redis->profile->script_lua_bytes;

    for (uint32_t i = 1; i < count; i++) {
        slots_looked(&table, LOOKS_OF_NEW);
        slots_added(&table, i);
        bytes += function_bytes(redis, &elements[i]);
    }
    return bytes + slots_bytes(&table);
}

/* What the first library that is compiled, or FUNCTION FLUSH, leaves for good. */
static void note_use(struct redis *redis)
{
    if (!redis->libraries.was_used)
        add_bytes(redis, redis->profile->first_library_bytes);
    redis->libraries.was_used = true;
}

/* ---- loading ---- */

static void shrink(struct redis *redis, struct slots *table, uint64_t entries)
{
    if (redis->profile->dict.shrinks_at_delete)
        add_bytes(redis, (uint64_t)slots_removed(table, entries));
}

static void look(struct redis *redis, struct slots *table, uint64_t looks)
{
    add_bytes(redis, 0 - slots_looked(table, looks));
}

void libraries_looked(struct redis *redis)
{
    look(redis, &redis->libraries.function_table, 1);
}

/* Its functions are not there, but what they are is kept. */
static void unlink_library(struct redis *redis, const struct library *library)
{
    struct libraries *libraries = &redis->libraries;

    for (uint32_t i = 0; i < library->count; i++) {
        libraries->functions[library->functions[i]].is_loaded = false;
        look(redis, &libraries->function_table, 1);
        shrink(redis, &libraries->function_table, --libraries->function_count);
    }
    look(redis, &libraries->table, 1);
    shrink(redis, &libraries->table, --libraries->count);
}

static void link_library(struct redis *redis, const struct library *library)
{
    struct libraries *libraries = &redis->libraries;

    for (uint32_t i = 0; i < library->count; i++) {
        libraries->functions[library->functions[i]].is_loaded = true;
        look(redis, &libraries->function_table, 1);
        add_bytes(redis, slots_added(&libraries->function_table, ++libraries->function_count));
    }
    look(redis, &libraries->table, 1);
    add_bytes(redis, slots_added(&libraries->table, ++libraries->count));
}

static void free_library(struct redis *redis, struct library *library)
{
    add_bytes(redis, 0 - library->bytes);
    free(library->functions);
    *library = (struct library){0};
}

static void add_function(struct redis *redis, struct library *library, const struct element *function)
{
    struct libraries *libraries = &redis->libraries;

    if (function->member >= libraries->function_capacity)
        libraries->functions = xgrow(libraries->functions, &libraries->function_capacity, function->member + 1,
                                     sizeof *libraries->functions);
    libraries->functions[function->member].flags = (uint8_t)function->number;
    library->functions[library->count++] = function->member;
}

static bool has_one_twice(const struct element *functions, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (functions[j].member == functions[i].member)
                return true;
    return false;
}

/* Whether a library has one of the functions. All are looked for: in the server up to the first, in the order of the library's
 * dict. */
static bool has_conflict(struct redis *redis, const struct element *functions, uint32_t count)
{
    bool found = false;

    for (uint32_t i = 0; i < count; i++)
        found |= libraries_function(&redis->libraries, functions[i].member).is_loaded;
    look(redis, &redis->libraries.function_table, count);
    return found;
}

/* The library that is replaced is out of the way before the new one is looked at, and comes back if that is no good. */
bool libraries_load(struct redis *redis, const struct element *elements, uint32_t count, bool replaces)
{
    struct libraries *libraries = &redis->libraries;
    uint32_t member = elements[0].member;
    struct library *library, replaced = {0};

    look(redis, &libraries->table, 1);
    if (libraries_has(libraries, member) && !replaces)
        return false;
    note_use(redis);
    if (libraries_has(libraries, member)) {
        replaced = libraries->list[member];
        unlink_library(redis, &replaced);
    }
    if (has_one_twice(elements + 1, count - 1) || has_conflict(redis, elements + 1, count - 1)) {
        if (replaced.is_loaded)
            link_library(redis, &replaced);
        return false;
    }
    if (member >= libraries->capacity)
        libraries->list = xgrow(libraries->list, &libraries->capacity, member + 1, sizeof *libraries->list);
    library = &libraries->list[member];
    *library = (struct library){.is_loaded = true,
                                .functions = xcalloc(count, sizeof *library->functions),
                                .bytes = library_bytes(redis, elements, count)};
    add_bytes(redis, library->bytes);
    for (uint32_t i = 1; i < count; i++)
        add_function(redis, library, &elements[i]);
    link_library(redis, library);
    if (replaced.is_loaded)
        free_library(redis, &replaced);
    return true;
}

bool libraries_delete(struct redis *redis, uint32_t member)
{
    look(redis, &redis->libraries.table, 1);
    if (!libraries_has(&redis->libraries, member))
        return false;
    unlink_library(redis, &redis->libraries.list[member]);
    free_library(redis, &redis->libraries.list[member]);
    return true;
}

void libraries_flush(struct redis *redis)
{
    redis->used -= redis->libraries.bytes;
    libraries_release(&redis->libraries);
    redis->libraries = (struct libraries){0};
    note_use(redis);
}

void libraries_release(struct libraries *libraries)
{
    for (uint32_t member = 0; member < libraries->capacity; member++)
        free(libraries->list[member].functions);
    free(libraries->list);
    free(libraries->functions);
}
