/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/resident.h"

#include "sim/alloc.h"
#include "sim/server/values/block_tally.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/object.h"
#include "sim/server/values/thread_cache.h"

#include <stdlib.h>
#include <string.h>

enum {
    ARRAYS = 2,
    TABLES = 2,
    BUCKET_BYTES = 64,
    MANY_BLOCKS = 256,  /* a key with more is listed anew only if its bytes */
    CHANGE_PARTS = 400, /* have changed by one part of so many */
};

/* The blocks of a key. */
struct blocks {
    uint32_t *slabs; /* owned: where each small one lies */
    uint32_t count, capacity;
    uint64_t large_pages;  /* of the large ones */
    uint64_t bytes;        /* usable, of all */
    uint64_t listed_bytes; /* what the key weighed when they were listed */
};

/* What a table has in memory. */
struct table_memory {
    uint64_t array_bytes[ARRAYS]; /* of arrays that are large blocks */
    struct blocks children;       /* of a hashtable */
};

struct resident {
    struct slabs slabs;
    struct thread_cache cache;
    struct blocks *keys; /* owned; by id */
    uint32_t key_capacity;
    uint64_t draws; /* state of the numbers that choose what is freed of several */
    uint32_t *gone; /* owned: slabs of the blocks that are to be freed */
    uint32_t gone_capacity;
    struct table_memory tables[DB_MAX][TABLES];
    uint64_t slack_pages; /* of each large block (cache_oblivious) */
    uint64_t followed;    /* usable bytes of all blocks above */
};

void resident_open(struct redis *redis)
{
    struct resident *resident = xcalloc(1, sizeof *resident);

    slabs_init(&resident->slabs);
    thread_cache_init(&resident->cache, &resident->slabs);
    resident->slack_pages = redis->allocator->has_slack_page;
    redis->resident = resident;
}

void resident_release(struct redis *redis)
{
    struct resident *resident = redis->resident;

    if (!resident)
        return;
    for (uint32_t id = 0; id < resident->key_capacity; id++)
        free(resident->keys[id].slabs);
    for (int db = 0; db < DB_MAX; db++)
        for (int i = 0; i < TABLES; i++)
            free(resident->tables[db][i].children.slabs);
    free(resident->keys);
    free(resident->gone);
    slabs_release(&resident->slabs);
    free(resident);
}

/* ---- keys ---- */

static void tally_key(const struct redis *redis, uint32_t id, struct block_tally *tally)
{
    const struct entry *entry = entry_of(redis, id);
    uint64_t key_bytes = entry_key_bytes(redis, id), value_bytes, robj_bytes;

    if (redis->profile->layout == LAYOUT_APART) {
        tally_add(tally, redis->key_entry_bytes);
        key_bytes -= redis->key_entry_bytes;
    }
    tally_add(tally, key_bytes);
    if (entry->expire_ms != NO_EXPIRE)
        tally_add(tally, entry_ttl_bytes(redis));
    value_bytes = entry_value_bytes(redis, entry);
    robj_bytes = has_objects(redis) ? 0 : allocator_class(redis->allocator, ROBJ_BYTES);
    if (encoding_is_structure(entry->encoding)) {
        tally_add(tally, robj_bytes);
        if (encodings[entry->encoding].tally)
            encodings[entry->encoding].tally(redis, entry->structure, tally);
    } else if (entry->encoding == ENCODING_RAW) {
        tally_add(tally, robj_bytes);
        tally_add(tally, value_bytes - robj_bytes);
    } else {
        tally_add(tally, value_bytes);
    }
}

static void allocate(struct resident *resident, struct blocks *blocks, unsigned size_class)
{
    if (blocks->count == blocks->capacity) {
        blocks->capacity += blocks->capacity / 2 + 4; /* most keys have no more than 5 */
        blocks->slabs = xrealloc(blocks->slabs, blocks->capacity * sizeof *blocks->slabs);
    }
    blocks->slabs[blocks->count++] = thread_cache_allocate(&resident->cache, size_class);
}

/* A number below `bound`. Its own generator: the cell's is the server's alone. */
static uint32_t draw(struct resident *resident, uint32_t bound)
{
    resident->draws = resident->draws * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((resident->draws >> 32) * bound >> 32);
}

/* Moves blocks of which the tally has fewer to resident->gone, and takes those that stay off the tally. Which of
 * several of one class go is drawn: elements that are deleted may be any. Returns how many went. */
static uint32_t separate(struct resident *resident, struct blocks *blocks, struct block_tally *tally)
{
    uint32_t present[SLAB_CLASSES] = {0}, kept = 0, gone = 0;

    for (uint32_t i = 0; i < blocks->count; i++)
        present[slabs_class_of(&resident->slabs, blocks->slabs[i])]++;
    resident->gone = xgrow(resident->gone, &resident->gone_capacity, blocks->count, sizeof *resident->gone);
    for (uint32_t i = 0; i < blocks->count; i++) {
        uint32_t slab = blocks->slabs[i];
        unsigned size_class = slabs_class_of(&resident->slabs, slab);
        uint32_t *left = &tally->count[size_class], of = present[size_class]--;

        if (*left && (*left >= of || draw(resident, of) < *left)) {
            (*left)--;
            blocks->slabs[kept++] = slab;
        } else {
            resident->gone[gone++] = slab;
        }
    }
    blocks->count = kept;
    return gone;
}

/* From here on the key has the blocks that the tally says. What came is allocated before what went is freed. */
static void replace(struct resident *resident, struct blocks *blocks, struct block_tally *tally)
{
    struct slabs *slabs = &resident->slabs;
    uint32_t gone = separate(resident, blocks, tally);

    for (unsigned i = 1; i < SLAB_CLASSES; i++)
        for (; tally->count[i]; tally->count[i]--)
            allocate(resident, blocks, i);
    slabs_take_pages(slabs, tally->large_pages);
    for (uint32_t i = 0; i < gone; i++)
        thread_cache_free(&resident->cache, resident->gone[i]);
    slabs_give_pages(slabs, blocks->large_pages);
    resident->followed += tally->bytes - blocks->bytes;
    blocks->large_pages = tally->large_pages;
    blocks->bytes = tally->bytes;
}

/* ---- tables ---- */

/* Arrays that are no large blocks are not followed. */
static uint64_t followed_bytes(uint64_t bytes)
{
    return bytes > SLAB_LARGEST ? bytes : 0;
}

static uint64_t large_pages(const struct resident *resident, uint64_t bytes)
{
    return bytes ? (bytes + SLAB_PAGE - 1) / SLAB_PAGE + resident->slack_pages : 0;
}

static void note_array(struct resident *resident, uint64_t *known, uint64_t bytes)
{
    if (*known == bytes)
        return;
    slabs_take_pages(&resident->slabs, large_pages(resident, bytes));
    slabs_give_pages(&resident->slabs, large_pages(resident, *known));
    resident->followed += bytes - *known;
    *known = bytes;
}

static void note_children(struct resident *resident, struct blocks *children, uint32_t count)
{
    while (children->count < count) {
        allocate(resident, children, slab_class(BUCKET_BYTES));
        resident->followed += BUCKET_BYTES;
    }
    while (children->count > count) {
        thread_cache_free(&resident->cache, children->slabs[--children->count]);
        resident->followed -= BUCKET_BYTES;
    }
}

static void note_table(struct resident *resident, struct table_memory *known, const struct table *table)
{
    if (table->slots) /* many small tables: they are not followed */
        return;
    if (table_has_buckets(table)) {
        const struct hashtable *hashtable = &table->hashtable;

        for (int i = 0; i < ARRAYS; i++)
            note_array(resident, &known->array_bytes[i],
                       followed_bytes(hashtable->exponent[i] < 0 ? 0 : UINT64_C(64) << hashtable->exponent[i]));
        note_children(resident, &known->children, hashtable->children[0] + hashtable->children[1]);
        return;
    }
    for (int i = 0; i < ARRAYS; i++)
        note_array(resident, &known->array_bytes[i], followed_bytes(8 * table->dict.size[i]));
}

static void note_tables(struct redis *redis, int db)
{
    struct resident *resident = redis->resident;

    note_table(resident, &resident->tables[db][0], &redis->databases[db].keys);
    note_table(resident, &resident->tables[db][1], &redis->databases[db].expires);
}

/* ---- what the server calls ---- */

/* What a key and its value weigh; 0: it is gone. */
static uint64_t present_bytes(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);

    if (entry->encoding == ENCODING_ABSENT)
        return 0;
    return entry_key_bytes(redis, id) + entry_value_bytes(redis, entry) +
           (entry->expire_ms != NO_EXPIRE ? entry_ttl_bytes(redis) : 0);
}

/* Whether a key of many blocks is nearly what it was when they were listed. */
static bool is_nearly_listed(const struct redis *redis, uint32_t id, const struct blocks *blocks)
{
    uint64_t bytes, change;

    if (blocks->count <= MANY_BLOCKS)
        return false;
    bytes = present_bytes(redis, id);
    change = bytes > blocks->listed_bytes ? bytes - blocks->listed_bytes : blocks->listed_bytes - bytes;
    return change * CHANGE_PARTS < bytes;
}

void resident_note_key(struct redis *redis, uint32_t id)
{
    struct resident *resident = redis->resident;
    struct block_tally tally = {.slack_pages = resident->slack_pages};

    slabs_pass(&resident->slabs, redis->now_us);
    if (id >= resident->key_capacity)
        resident->keys = xgrow(resident->keys, &resident->key_capacity, id + 1, sizeof *resident->keys);
    note_tables(redis, entry_of(redis, id)->db);
    if (is_nearly_listed(redis, id, &resident->keys[id]))
        return;
    if (entry_of(redis, id)->encoding != ENCODING_ABSENT)
        tally_key(redis, id, &tally);
    replace(resident, &resident->keys[id], &tally);
    resident->keys[id].listed_bytes = present_bytes(redis, id);
}

void resident_note_every_table(struct redis *redis)
{
    slabs_pass(&redis->resident->slabs, redis->now_us);
    for (int db = 0; db < redis->database_ready; db++)
        note_tables(redis, db);
}

struct resident_memory resident_look(const struct redis *redis)
{
    struct resident *resident = redis->resident;
    const struct server_profile *profile = redis->profile;
    struct resident_memory memory = {0};

    if (!resident)
        return memory;
    slabs_pass(&resident->slabs, redis->now_us);
    memory.active = profile->empty_active_bytes + resident->slabs.active * SLAB_PAGE + redis->used -
                    resident->followed - (profile->startup_bytes + profile->first_info_bytes);
    memory.rss = memory.active + resident->slabs.dirty * SLAB_PAGE + slabs_metadata(&resident->slabs) +
                 profile->beyond_active_bytes;
    return memory;
}
