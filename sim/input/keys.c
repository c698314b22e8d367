/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/keys.h"

#include "sim/alloc.h"
#include "sim/input/groups.h"
#include "sim/input/names.h"
#include "sim/input/patterns.h"
#include "sim/slots.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    INITIAL_SLOTS = 1 << 12,
    GROUP = 32, /* keys between two looks at the room */
    AHEAD = 32, /* how many records ahead the places of keys are prefetched: a power of two */
};

/* A key that is looked for, beginning at its place: the low bits of home. */
struct sought {
    struct key_slot key;
    uint64_t home;
};

static const uint32_t TEXT = UINT32_C(1) << 31;                     /* bit of the tag: a text */
static const uint64_t DATABASE_STEP = UINT64_C(0xd1342543de82ef95); /* odd: multiples differ for all databases */

void keys_init(struct keys *keys)
{
    keys->slots = xrealloc_zero_aligned(NULL, 0, INITIAL_SLOTS * sizeof *keys->slots);
    keys->mask = INITIAL_SLOTS - 1;
    keys->count = 0;
    keys->patterns = NULL;
    keys->names = NULL;
    keys->names_most = 0;
    keys->unnamed = (struct id_range){0};
    keys->names_are_late = false;
    keys->groups = NULL;
    keys->rules = NULL;
    keys->lock = xmalloc(sizeof *keys->lock);
    pthread_rwlock_init(keys->lock, NULL);
    keys->cluster = NULL;
}

void keys_release(struct keys *keys)
{
    free(keys->slots);
    keys->slots = NULL;
    key_patterns_free(keys->patterns);
    keys->patterns = NULL;
    key_names_free(keys->names);
    keys->names = NULL;
    key_groups_free(keys->groups);
    keys->groups = NULL;
    key_patterns_free(keys->rules);
    keys->rules = NULL;
    if (keys->lock)
        pthread_rwlock_destroy(keys->lock);
    free(keys->lock);
    keys->lock = NULL;
    key_slots_free(keys->cluster);
    keys->cluster = NULL;
}

void keys_keep_some_names(struct keys *keys, uint64_t most)
{
    assert(!keys->count);
    if (!keys->names)
        keys->names = key_names_new();
    if (most > keys->names_most)
        keys->names_most = most;
}

void keys_keep_names(struct keys *keys)
{
    keys_keep_some_names(keys, UINT64_MAX);
}

/* They took too much host memory. */
static bool names_have_stopped(const struct keys *keys)
{
    return keys->unnamed.end == UINT32_MAX;
}

void keys_keep_later_names(struct keys *keys)
{
    if (keys->names_most == UINT64_MAX)
        return;
    keys->names_are_late = !keys->names || names_have_stopped(keys);
    if (!keys->names)
        keys->names = key_names_new();
    if (keys->names_are_late)
        keys->unnamed.end = keys->count;
    keys->names_most = UINT64_MAX;
}

const char *keys_name(const struct keys *keys, uint32_t id, size_t *length, uint32_t *db)
{
    assert(keys->names && id < keys->count);
    return key_names_of(keys->names, id, length, db);
}

/* Numbers are often consecutive, so their places are mixed with the database. Texts have been hashed. */
static inline uint64_t home_of(const struct key_slot *key)
{
    uint64_t hash = key->hash;

    if (!(key->tag & TEXT)) {
        hash = (hash + key->tag * DATABASE_STEP) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

static struct key_slot identify_text(const struct record *record)
{
    XXH128_hash_t hash = XXH3_128bits(record->key, record->key_bytes);

    return (struct key_slot){.hash = hash.low64 + record->db * DATABASE_STEP, .tag = (uint32_t)hash.high64 | TEXT};
}

static inline struct sought seek(const struct record *record)
{
    struct sought sought = {{.hash = record->key_number, .tag = record->db}, 0};

    if (record->key)
        sought.key = identify_text(record);
    sought.home = home_of(&sought.key);
    return sought;
}

/* The slot that has the key, or the free one that it would take. A free one may be equal, too: to number 0. */
static inline struct key_slot *find(const struct keys *keys, const struct sought *sought)
{
    const struct key_slot *key = &sought->key;

    for (uint64_t place = sought->home & keys->mask;; place = (place + 1) & keys->mask) {
        struct key_slot *slot = &keys->slots[place];

        if (((slot->hash ^ key->hash) | (slot->tag ^ key->tag)) == 0 || !slot->id)
            return slot;
    }
}

static void grow(struct keys *keys)
{
    struct keys old = *keys;

    keys->mask = keys->mask * 2 + 1;
    keys->slots = xrealloc_zero_aligned(NULL, 0, (keys->mask + 1) * sizeof *keys->slots);
    for (uint64_t place = 0; place <= old.mask; place++) {
        struct sought sought = {.key = old.slots[place], .home = home_of(&old.slots[place])};

        if (sought.key.id)
            *find(keys, &sought) = sought.key;
    }
    free(old.slots);
}

static inline uint32_t intern(struct keys *keys, const struct sought *sought)
{
    struct key_slot *slot = find(keys, sought);

    if (__builtin_expect(!slot->id, 0)) {
        *slot = sought->key;
        slot->id = ++keys->count;
    }
    return slot->id - 1;
}

uint32_t keys_intern_text(struct keys *keys, const char *text, uint32_t bytes)
{
    struct record record = {.key = text, .key_bytes = bytes};
    struct sought sought = seek(&record);

    if ((uint64_t)keys->count + 1 > keys->mask / 2)
        grow(keys);
    return intern(keys, &sought);
}

static void note_new(struct keys *keys, const struct record *records, const uint32_t *ids, int count, uint32_t known)
{
    bool keeps_names;

    if (keys->count == known && !keys->names_are_late)
        return;
    if (keys->names && keys->names->bytes > keys->names_most && !names_have_stopped(keys))
        keys->unnamed = (struct id_range){known, UINT32_MAX};
    keeps_names = keys->names && !names_have_stopped(keys);
    for (int i = 0; i < count; i++) {
        if (ids[i] >= known && keys->patterns)
            key_patterns_note(keys->patterns, ids[i], &records[i]);
        if (keeps_names && (ids[i] >= known || keys->names_are_late))
            key_names_note(keys->names, ids[i], &records[i]);
        if (ids[i] >= known && keys->groups)
            key_groups_note(keys->groups, ids[i], &records[i]);
        if (ids[i] >= known && keys->rules)
            key_patterns_note(keys->rules, ids[i], &records[i]);
        if (ids[i] >= known && keys->cluster)
            key_slots_note(keys->cluster, ids[i], &records[i]);
    }
}

/* The same, with its place on the way to the processor's cache. */
static inline struct sought seek_ahead(const struct keys *keys, const struct record *record)
{
    struct sought sought = seek(record);

    __builtin_prefetch(&keys->slots[sought.home & keys->mask]);
    return sought;
}

void keys_intern(struct keys *keys, const struct record *records, int count, uint32_t *ids)
{
    struct sought ahead[AHEAD]; /* of records[i] to records[i + AHEAD - 1], each at its number modulo AHEAD */

    pthread_rwlock_wrlock(keys->lock);
    for (int i = 0; i < count && i < AHEAD; i++)
        ahead[i] = seek_ahead(keys, &records[i]);
    for (int first = 0; first < count; first += GROUP) {
        int size = count - first < GROUP ? count - first : GROUP;
        uint32_t known = keys->count;

        while ((uint64_t)keys->count + GROUP > keys->mask / 2)
            grow(keys);
        for (int i = first; i < first + size; i++) {
            struct sought *place = &ahead[(unsigned)i % AHEAD];

            ids[i] = intern(keys, place);
            if (i + AHEAD < count)
                *place = seek_ahead(keys, &records[i + AHEAD]);
        }
        if (keys->patterns || keys->names || keys->groups || keys->rules || keys->cluster)
            note_new(keys, &records[first], &ids[first], size, known);
    }
    pthread_rwlock_unlock(keys->lock);
}

uint32_t keys_find(const struct keys *keys, const char *text, uint32_t bytes, uint8_t db)
{
    struct record record = {.key = text, .key_bytes = bytes, .db = db};
    struct sought sought = seek(&record);
    uint32_t id;

    pthread_rwlock_rdlock(keys->lock);
    id = find(keys, &sought)->id;
    pthread_rwlock_unlock(keys->lock);
    return id ? id - 1 : NO_KEY;
}
