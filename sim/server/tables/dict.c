/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/dict.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKET_BYTES = 8 }; /* a pointer of the server */

void dict_init(struct dict *dict, uint64_t hash_seed)
{
    memset(dict, 0, sizeof *dict);
    dict->rehash_index = -1;
    dict->hash_seed = hash_seed;
}

void dict_release(struct dict *dict)
{
    free(dict->table[0]);
    free(dict->table[1]);
    dict->table[0] = dict->table[1] = NULL;
}

static uint64_t bucket_of(const struct dict *dict, int table, uint32_t id)
{
    return dict_hash(dict, id) & (dict->size[table] - 1);
}

static void allocate_table(struct dict *dict, int table, uint64_t size)
{
    dict->table[table] = xmalloc(size * sizeof *dict->table[table]);
    memset(dict->table[table], 0xff, size * sizeof *dict->table[table]);
    dict->size[table] = size;
    dict->used[table] = 0;
    *dict->memory += BUCKET_BYTES * size;
}

static void free_table(struct dict *dict, int table)
{
    free(dict->table[table]);
    *dict->memory -= BUCKET_BYTES * dict->size[table];
    dict->table[table] = NULL;
    dict->size[table] = 0;
    dict->used[table] = 0;
}

/* As _dictExpand: allocates a second table of at least `keys` buckets. Rehashing then moves the keys there. */
static void resize(struct dict *dict, uint64_t keys)
{
    uint64_t size = DICT_INITIAL_SIZE;

    while (size < keys)
        size *= 2;
    if (dict_is_rehashing(dict) || dict->used[0] > size || size == dict->size[0])
        return;
    if (!dict->size[0]) {
        allocate_table(dict, 0, size);
        return;
    }
    if (!dict->used[0] && dict->rules.replaces_empty) {
        free_table(dict, 0);
        allocate_table(dict, 0, size);
        return;
    }
    allocate_table(dict, 1, size);
    dict->rehash_index = 0;
    *dict->memory += dict->rehash_bytes;
}

/* Whether the table must grow. While a child saves, only a table with far too many keys does. */
static bool is_full(const struct dict *dict)
{
    if (!dict->rests)
        return dict->used[0] >= dict->size[0];
    return dict->rules.resists_less ? dict->used[0] >= 4 * dict->size[0] : dict->used[0] / dict->size[0] > 5;
}

void dict_grow_if_due(struct dict *dict)
{
    uint64_t wanted;

    if (dict_is_rehashing(dict))
        return;
    if (!dict->size[0]) {
        resize(dict, DICT_INITIAL_SIZE);
        return;
    }
    if (!is_full(dict))
        return;
    for (wanted = dict->size[0]; wanted < (uint64_t)dict->used[0] + 1;)
        wanted *= 2;
    if (dict->may_grow(dict->owner, BUCKET_BYTES * wanted, dict->used[0], dict->size[0]))
        resize(dict, (uint64_t)dict->used[0] + 1);
}

bool dict_shrink_if_due(struct dict *dict)
{
    uint64_t size = DICT_INITIAL_SIZE;

    if (dict_is_rehashing(dict) || dict->size[0] <= DICT_INITIAL_SIZE)
        return true;
    if ((uint64_t)dict->used[0] * (dict->rests ? 32 : 8) > dict->size[0])
        return false;
    while (size < dict->used[0])
        size *= 2;
    if (dict->may_grow(dict->owner, BUCKET_BYTES * size, dict->used[0], dict->size[0]))
        resize(dict, size);
    return true;
}

/* The key becomes the head of a bucket whose head was `head`. A key that is alone in its bucket needs no node. */
static void settle_node(struct dict *dict, uint32_t id, uint32_t head, bool had_node)
{
    bool has_node = head != DICT_END;

    dict->has_node[id] = has_node;
    dict->nodes += (uint32_t)has_node - (uint32_t)had_node;
    *dict->memory += dict->node_bytes * has_node - dict->node_bytes * had_node;
}

static void move_bucket(struct dict *dict, uint64_t from)
{
    uint32_t id, next;

    for (id = dict->table[0][from]; id != DICT_END; id = next) {
        uint64_t bucket = bucket_of(dict, 1, id);

        next = *dict_link(dict, id);
        if (dict->has_node)
            settle_node(dict, id, dict->table[1][bucket], dict->has_node[id]);
        *dict_link(dict, id) = dict->table[1][bucket];
        dict->table[1][bucket] = id;
        dict->used[0]--;
        dict->used[1]++;
    }
    dict->table[0][from] = DICT_END;
}

/* Replaces the first table by the second, once it is empty. Returns whether it was. */
static bool complete(struct dict *dict)
{
    if (dict->used[0])
        return false;
    free_table(dict, 0);
    dict->table[0] = dict->table[1];
    dict->size[0] = dict->size[1];
    dict->used[0] = dict->used[1];
    dict->table[1] = NULL;
    dict->size[1] = 0;
    dict->used[1] = 0;
    dict->rehash_index = -1;
    *dict->memory -= dict->rehash_bytes;
    return true;
}

/* While a child saves, only a table that is far too small or far too large is rehashed. */
static bool dict_must_rest(const struct dict *dict)
{
    bool grows = dict->size[1] > dict->size[0];
    uint64_t ratio = grows ? dict->size[1] / dict->size[0] : dict->size[0] / dict->size[1];

    return dict->rests && ratio < (!dict->rules.resists_less ? 5 : grows ? 4 : 32);
}

bool dict_rehash(struct dict *dict, int buckets)
{
    int empty_visits = buckets * 10;

    if (!dict_is_rehashing(dict) || dict_must_rest(dict))
        return false;
    while (buckets-- && dict->used[0]) {
        while (dict->table[0][dict->rehash_index] == DICT_END) {
            dict->rehash_index++;
            if (--empty_visits == 0)
                return true;
        }
        move_bucket(dict, (uint64_t)dict->rehash_index++);
    }
    return !complete(dict);
}

void dict_step_at(struct dict *dict, uint32_t hashed)
{
    uint64_t bucket;

    if (!dict_is_rehashing(dict) || dict->paused || dict_must_rest(dict))
        return;
    bucket = hash_id(hashed, dict->hash_seed) & (dict->size[0] - 1);
    if (dict->rules.steps_at_key && bucket >= (uint64_t)dict->rehash_index && dict->table[0][bucket] != DICT_END) {
        move_bucket(dict, bucket);
        complete(dict);
    } else {
        dict_rehash(dict, 1);
    }
}

void dict_step_at_key(struct dict *dict, uint32_t id)
{
    dict_step_at(dict, dict->hashed ? dict->hashed[id] : id);
}

void dict_visit(struct dict *dict, uint32_t id)
{
    if (dict_is_rehashing(dict))
        dict_step_at_key(dict, id);
    if (dict->used[0] >= dict->size[0])
        dict_grow_if_due(dict);
}

/* The table grows if that is due; the bucket is then looked for again. */
static void make_room(struct dict *dict, uint32_t id)
{
    uint64_t slots = dict_slots(dict);

    if (dict->used[0] >= dict->size[0])
        dict_grow_if_due(dict);
    if (dict_slots(dict) != slots && dict_is_rehashing(dict))
        dict_step_at_key(dict, id);
}

void dict_add(struct dict *dict, uint32_t id)
{
    int table;
    uint64_t bucket;

    if (dict->rules.adds_at_link)
        make_room(dict, id);
    else
        dict_visit(dict, id);
    table = dict_is_rehashing(dict);
    bucket = bucket_of(dict, table, id);
    if (dict->has_node)
        settle_node(dict, id, dict->table[table][bucket], false);
    *dict_link(dict, id) = dict->table[table][bucket];
    dict->table[table][bucket] = id;
    dict->used[table]++;
}

uint32_t dict_lookup(const struct dict *dict, uint32_t hashed)
{
    uint64_t hash = hash_id(hashed, dict->hash_seed);

    for (int table = 0; table < 2 && dict->size[table]; table++) {
        uint32_t id = dict->table[table][hash & (dict->size[table] - 1)];

        while (id != DICT_END && dict->hashed[id] != hashed)
            id = *dict_link(dict, id);
        if (id != DICT_END)
            return id;
    }
    return DICT_END;
}

void dict_unlink(struct dict *dict, uint32_t id)
{
    for (int table = 0; table <= dict_is_rehashing(dict); table++) {
        uint32_t *link = &dict->table[table][bucket_of(dict, table, id)];

        for (; *link != DICT_END; link = dict_link(dict, *link)) {
            if (*link == id) {
                *link = *dict_link(dict, id);
                dict->used[table]--;
                if (dict->has_node && dict->has_node[id]) {
                    dict->nodes--;
                    *dict->memory -= dict->node_bytes;
                }
                if (dict->rules.shrinks_at_delete)
                    dict_shrink_if_due(dict);
                return;
            }
        }
    }
    assert(!"dict_unlink: the key is in no chain");
}

void dict_remove(struct dict *dict, uint32_t id)
{
    dict_find(dict, id);
    dict_unlink(dict, id);
}

void dict_clear(struct dict *dict)
{
    if (dict->has_node)
        *dict->memory -= dict->node_bytes * dict->nodes;
    dict->nodes = 0;
    if (dict_is_rehashing(dict))
        *dict->memory -= dict->rehash_bytes;
    for (int table = 0; table < 2; table++)
        if (dict->size[table])
            free_table(dict, table);
    dict->rehash_index = -1;
}

void dict_presize(struct dict *dict, uint64_t keys)
{
    resize(dict, keys);
}

void dict_shrink(struct dict *dict)
{
    if (!dict_is_rehashing(dict))
        resize(dict, dict->used[0]);
}

/* ---- scanning ---- */

static uint64_t reversed(uint64_t bits)
{
    bits = (bits >> 1 & UINT64_C(0x5555555555555555)) | (bits & UINT64_C(0x5555555555555555)) << 1;
    bits = (bits >> 2 & UINT64_C(0x3333333333333333)) | (bits & UINT64_C(0x3333333333333333)) << 2;
    bits = (bits >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f)) | (bits & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4;
    return __builtin_bswap64(bits);
}

uint64_t scan_next_cursor(uint64_t cursor, uint64_t mask)
{
    return reversed(reversed(cursor | ~mask) + 1);
}

/* `visit` may remove the key, so the next link is read before. */
static void scan_chain(struct dict *dict, int table, uint64_t bucket, table_visit *visit, void *owner)
{
    uint32_t next;

    for (uint32_t id = dict->table[table][bucket]; id != DICT_END; id = next) {
        next = *dict_link(dict, id);
        visit(owner, id);
    }
}

uint64_t dict_scan(struct dict *dict, uint64_t cursor, table_visit *visit, void *owner)
{
    if (!dict_count(dict))
        return 0;
    dict->paused++;
    if (!dict_is_rehashing(dict)) {
        uint64_t mask = dict->size[0] - 1;

        scan_chain(dict, 0, cursor & mask, visit, owner);
        cursor = scan_next_cursor(cursor, mask);
    } else {
        int small = dict->size[0] > dict->size[1], large = !small;
        uint64_t mask_small = dict->size[small] - 1, mask_large = dict->size[large] - 1;

        scan_chain(dict, small, cursor & mask_small, visit, owner);
        do {
            scan_chain(dict, large, cursor & mask_large, visit, owner);
            cursor = scan_next_cursor(cursor, mask_large);
        } while (cursor & (mask_small ^ mask_large));
    }
    dict->paused--;
    return cursor;
}
