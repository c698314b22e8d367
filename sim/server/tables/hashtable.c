/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/tables/hashtable.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENTRIES = HASHTABLE_BUCKET_ENTRIES,
    BUCKET_BYTES = 64,
    BUCKET_FACTOR = 5, /* a new table has 5 buckets for 32 keys, so it is at most 91 % full */
    BUCKET_DIVISOR = 32,
    MAX_FILL_PERCENT = 100, /* MAX_FILL_PERCENT_SOFT */
    MAX_FILL_PERCENT_HARD = 500,
    MIN_FILL_PERCENT = 13, /* MIN_FILL_PERCENT_SOFT */
    MIN_FILL_PERCENT_HARD = 3,
    EMPTY_VISITS = 10, /* empty buckets that one step of a shrinking table may skip */
};

void hashtable_init(struct hashtable *table, uint64_t hash_seed)
{
    memset(table, 0, sizeof *table);
    table->exponent[0] = table->exponent[1] = -1;
    table->rehash_index = -1;
    table->hash_seed = hash_seed;
}

void hashtable_release(struct hashtable *table)
{
    free(table->table[0]);
    free(table->table[1]);
    free(table->pool);
    table->table[0] = table->table[1] = table->pool = NULL;
}

static uint64_t hash_of(const struct hashtable *table, uint32_t id)
{
    return hash_id(table->hashed ? table->hashed[id] : id, table->hash_seed);
}

static struct hashtable_bucket *child_of(const struct hashtable *table, const struct hashtable_bucket *bucket)
{
    return bucket->chained ? &table->pool[bucket->entries[ENTRIES - 1]] : NULL;
}

static int positions(const struct hashtable_bucket *bucket)
{
    return ENTRIES - bucket->chained;
}

static bool is_filled(const struct hashtable_bucket *bucket, int place)
{
    return bucket->presence >> place & 1;
}

static bool is_full(const struct hashtable_bucket *bucket)
{
    return bucket->presence == (1 << positions(bucket)) - 1;
}

static void reserve_child(struct hashtable *table)
{
    if (table->pool_free || table->pool_used < table->pool_capacity)
        return;
    table->pool_capacity = table->pool_capacity ? table->pool_capacity * 2 : 64;
    table->pool = xrealloc(table->pool, table->pool_capacity * sizeof *table->pool);
}

static uint32_t new_child(struct hashtable *table)
{
    uint32_t index = table->pool_free ? table->pool_free - 1 : table->pool_used++;

    if (table->pool_free)
        table->pool_free = table->pool[index].entries[0];
    memset(&table->pool[index], 0, sizeof table->pool[index]);
    *table->memory += BUCKET_BYTES;
    return index;
}

static void free_child(struct hashtable *table, struct hashtable_bucket *child)
{
    child->entries[0] = table->pool_free;
    table->pool_free = (uint32_t)(child - table->pool) + 1;
    *table->memory -= BUCKET_BYTES;
}

static int wanted_exp(uint64_t entries)
{
    uint64_t buckets = (entries * BUCKET_FACTOR - 1) / BUCKET_DIVISOR + 1;

    return buckets == 1 ? 0 : 64 - __builtin_clzll(buckets - 1);
}

static void swap_tables(struct hashtable *table)
{
    struct hashtable_bucket *buckets = table->table[0];
    int exp = table->exponent[0];
    uint32_t used = table->used[0], children = table->children[0];

    table->table[0] = table->table[1];
    table->exponent[0] = table->exponent[1];
    table->used[0] = table->used[1];
    table->children[0] = table->children[1];
    table->table[1] = buckets;
    table->exponent[1] = exp;
    table->used[1] = used;
    table->children[1] = children;
}

static void reset_table(struct hashtable *table, int i)
{
    *table->memory -= BUCKET_BYTES * hashtable_size(table, i);
    free(table->table[i]);
    table->table[i] = NULL;
    table->exponent[i] = -1;
    table->used[i] = table->children[i] = 0;
}

static void rehashing_completed(struct hashtable *table)
{
    swap_tables(table);
    reset_table(table, 1);
    table->rehash_index = -1;
    *table->memory -= table->rehash_bytes;
}

/* A bucket is a cache line, so its seven entries are found with one access to memory; a chain of dict's costs an access
 * for each key. A bucket needs no pointers to a next entry, which saves 8 bytes per key. The price is that a bucket may
 * be full. Then its last place becomes a link to a child bucket of another 64 bytes. After a resize at most 91 % of the
 * places are filled, so few buckets have a child. While there are two tables, new keys go to the newer one; otherwise
 * rehashing would never end. */
static struct hashtable_bucket *find_for_insert(struct hashtable *table, uint64_t hash, int *place, int *which)
{
    int i = hashtable_is_rehashing(table);
    struct hashtable_bucket *bucket;

    reserve_child(table);
    bucket = &table->table[i][hash & (hashtable_size(table, i) - 1)];
    assert(bucket);
    while (is_full(bucket)) {
        if (!bucket->chained) {
            uint32_t child = new_child(table);

            table->pool[child].entries[0] = bucket->entries[ENTRIES - 1];
            table->pool[child].presence = 1;
            bucket->presence &= (uint8_t) ~(1 << (ENTRIES - 1));
            bucket->chained = 1;
            bucket->entries[ENTRIES - 1] = child;
            table->children[i]++;
        }
        bucket = child_of(table, bucket);
        assert(bucket);
    }
    *place = __builtin_ctz(~(unsigned)bucket->presence);
    *which = i;
    return bucket;
}

static void move_in(struct hashtable *table, uint32_t id, uint64_t hash)
{
    int place, which;
    struct hashtable_bucket *bucket = find_for_insert(table, hash, &place, &which);

    bucket->entries[place] = id;
    bucket->presence |= (uint8_t)(1 << place);
    table->used[0]--;
    table->used[1]++;
}

/* Moves the bucket chain at rehash_index to table 1 and frees its children.
 *
 * Moving all keys at once would stop the server for as long as that takes. So both tables stay, and every access moves
 * one chain. This spreads the cost over the requests, but takes the memory of both tables meanwhile. A table that
 * shrinks has at least twice as many buckets as the new one, so a key's new bucket follows from its old one without its
 * hash. */
static void rehash_chain(struct hashtable *table)
{
    uint64_t index = (uint64_t)table->rehash_index;
    struct hashtable_bucket *bucket = &table->table[0][index];
    bool shrinks = table->exponent[1] < table->exponent[0];
    int64_t at = -1; /* place of the bucket in the pool, -1 for the top level; the pool may be moved */

    for (;;) {
        for (int place = 0; place < positions(bucket); place++) {
            if (!is_filled(bucket, place))
                continue;
            move_in(table, bucket->entries[place], shrinks ? index : hash_of(table, bucket->entries[place]));
            bucket = at < 0 ? &table->table[0][index] : &table->pool[at];
        }
        if (!bucket->chained)
            break;
        {
            int64_t next = bucket->entries[ENTRIES - 1];

            if (at >= 0) {
                free_child(table, bucket);
                table->children[0]--;
            }
            at = next;
            bucket = &table->pool[at];
        }
    }
    if (at >= 0) {
        free_child(table, bucket);
        table->children[0]--;
    }
    table->table[0][index].presence = 0;
    table->table[0][index].chained = 0;
    table->rehash_index++;
    if (table->rules.ends_when_empty ? !table->used[0] && !table->children[0]
                                     : (uint64_t)table->rehash_index >= hashtable_size(table, 0))
        rehashing_completed(table);
}

void hashtable_rehash(struct hashtable *table)
{
    for (int empty = EMPTY_VISITS; table->rules.skips_empty && table->exponent[1] < table->exponent[0];) {
        const struct hashtable_bucket *bucket = &table->table[0][table->rehash_index];

        if (bucket->presence || bucket->chained)
            break;
        rehash_chain(table);
        if (!hashtable_is_rehashing(table) || --empty == 0)
            return;
    }
    rehash_chain(table);
}

/* A new table is allocated in one piece, beside the old one. A server near maxmemory would have to evict thousands of
 * keys for it, or refuse writes, only to make lookups a little faster. So the server asks the owner first, who says no
 * if the new table would pass the limit. Then the table becomes fuller than it should be, and buckets get children. At
 * five times the places lookups have become so slow that they cost more than the keys, and the table grows without
 * asking. */
static bool resize(struct hashtable *table, uint64_t entries)
{
    int exp, old_exp = table->exponent[hashtable_is_rehashing(table)];
    uint64_t bytes;

    if (!entries)
        entries = 1;
    exp = wanted_exp(entries);
    bytes = (uint64_t)BUCKET_BYTES << exp;
    if (exp == old_exp)
        return false;
    if (old_exp >= 0 && (!table->rules.guards_growth_only || exp > old_exp) &&
        (double)entries / (double)((UINT64_C(7) << old_exp)) * 100 < MAX_FILL_PERCENT_HARD && table->may_resize &&
        !table->may_resize(table->owner, bytes))
        return false;
    if (hashtable_is_rehashing(table)) {
        if (table->paused)
            return false;
        while (hashtable_is_rehashing(table))
            hashtable_rehash(table);
    }
    table->table[1] = xcalloc((size_t)1 << exp, sizeof *table->table[1]);
    *table->memory += bytes + table->rehash_bytes;
    table->exponent[1] = exp;
    table->used[1] = 0;
    table->children[1] = 0;
    table->rehash_index = 0;
    if (!table->table[0] || (!table->used[0] && (!table->rules.ends_when_empty || !table->children[0])))
        rehashing_completed(table);
    return true;
}

void hashtable_presize(struct hashtable *table, uint64_t keys)
{
    if (keys >= hashtable_count(table))
        resize(table, keys);
}

/* The table that is shrinking would not hold the keys, so the moved keys go back (abortShrinkIfNeeded). */
static bool abort_shrink_if_needed(struct hashtable *table)
{
    uint64_t entries = (uint64_t)hashtable_count(table) + 1;

    if (entries * 100 <= hashtable_size(table, 1) * ENTRIES * MAX_FILL_PERCENT_HARD)
        return false;
    swap_tables(table);
    table->rehash_index = 0;
    return true;
}

bool hashtable_grow_if_due(struct hashtable *table)
{
    uint64_t entries = (uint64_t)hashtable_count(table) + 1;
    uint64_t capacity = hashtable_size(table, hashtable_is_rehashing(table)) * ENTRIES;

    if (table->rules.rehashes_undisturbed && hashtable_is_rehashing(table))
        return table->exponent[1] < table->exponent[0] && abort_shrink_if_needed(table);
    if (entries * 100 <= capacity * (table->rests ? MAX_FILL_PERCENT_HARD : MAX_FILL_PERCENT))
        return false;
    return resize(table, entries);
}

bool hashtable_shrink_if_due(struct hashtable *table)
{
    if (hashtable_is_rehashing(table) || (table->rules.scans_then_shrinks && table->paused))
        return false;
    if ((uint64_t)table->used[0] * 100 >
        hashtable_size(table, 0) * ENTRIES * (table->rests ? MIN_FILL_PERCENT_HARD : MIN_FILL_PERCENT))
        return false;
    return resize(table, table->used[0]);
}

bool hashtable_resize_is_near(const struct hashtable *table)
{
    uint64_t keys = hashtable_count(table), newer = hashtable_size(table, hashtable_is_rehashing(table));

    return keys + 1 > newer * ENTRIES || keys * 100 <= hashtable_buckets(table) * ENTRIES * MIN_FILL_PERCENT + 1000;
}

uint32_t hashtable_lookup(const struct hashtable *table, uint32_t hashed)
{
    uint64_t hash = hash_id(hashed, table->hash_seed);

    for (int i = 0; i < 2 && hashtable_size(table, i); i++) {
        const struct hashtable_bucket *bucket = &table->table[i][hash & (hashtable_size(table, i) - 1)];

        for (; bucket; bucket = child_of(table, bucket))
            for (int place = 0; place < positions(bucket); place++)
                if (is_filled(bucket, place) && table->hashed[bucket->entries[place]] == hashed)
                    return bucket->entries[place];
    }
    return DICT_END;
}

void hashtable_add(struct hashtable *table, uint32_t id)
{
    int place, which;
    struct hashtable_bucket *bucket;

    hashtable_step(table);
    hashtable_grow_if_due(table);
    if (table->rests && hashtable_is_rehashing(table) && !table->paused)
        hashtable_rehash(table); /* rehashStepOnWriteIfNeeded: rehashing must end before the next growth */
    bucket = find_for_insert(table, hash_of(table, id), &place, &which);
    bucket->entries[place] = id;
    bucket->presence |= (uint8_t)(1 << place);
    table->used[which]++;
}

static void prune_last(struct hashtable *table, struct hashtable_bucket *before, struct hashtable_bucket *last, int i)
{
    before->chained = 0;
    if (last->presence) {
        before->entries[ENTRIES - 1] = last->entries[__builtin_ctz(last->presence)];
        before->presence |= 1 << (ENTRIES - 1);
    }
    free_child(table, last);
    table->children[i]--;
}

/* The length of a chain is the number of its children, full or not. If a removal only left a hole, a chain would stay
 * as long as it ever was. So a key of the last child fills the hole. A child with one key left gives that to the bucket
 * before it and is freed. During a scan no key is moved, because the scan must meet each key exactly once. */
static void fill_hole(struct hashtable *table, struct hashtable_bucket *bucket, int place, int i)
{
    struct hashtable_bucket *before = bucket, *last = child_of(table, bucket);

    assert(last);
    while (last->chained) {
        before = last;
        last = child_of(table, last);
        assert(last);
    }
    if (last->presence) {
        int from = __builtin_ctz(last->presence);

        bucket->entries[place] = last->entries[from];
        bucket->presence |= (uint8_t)(1 << place);
        last->presence &= (uint8_t) ~(1 << from);
    }
    if (!(last->presence & (last->presence - 1)))
        prune_last(table, before, last, i);
}

static void compact_chain(struct hashtable *table, uint64_t index, int i)
{
    struct hashtable_bucket *bucket = &table->table[i][index];

    while (bucket->chained) {
        struct hashtable_bucket *next = child_of(table, bucket);

        assert(next);
        if (next->chained && !next->presence) {
            bucket->entries[ENTRIES - 1] = next->entries[ENTRIES - 1];
            free_child(table, next);
            table->children[i]--;
            continue;
        }
        if (!next->chained && !(next->presence & (next->presence - 1))) {
            prune_last(table, bucket, next, i);
            return;
        }
        for (int place = 0; place < ENTRIES - 1; place++) {
            if (!is_filled(bucket, place)) {
                fill_hole(table, bucket, place, i);
                if (!bucket->chained)
                    return;
            }
        }
        bucket = next;
    }
}

void hashtable_remove(struct hashtable *table, uint32_t id)
{
    uint64_t hash = hash_of(table, id);

    hashtable_step(table);
    for (int i = 0; i <= hashtable_is_rehashing(table); i++) {
        struct hashtable_bucket *bucket;

        if (!table->used[i])
            continue;
        bucket = &table->table[i][hash & (hashtable_size(table, i) - 1)];
        for (; bucket; bucket = child_of(table, bucket)) {
            for (int place = 0; place < positions(bucket); place++) {
                if (!is_filled(bucket, place) || bucket->entries[place] != id)
                    continue;
                bucket->presence &= (uint8_t) ~(1 << place);
                table->used[i]--;
                if (bucket->chained && !table->paused)
                    fill_hole(table, bucket, place, i);
                hashtable_shrink_if_due(table);
                return;
            }
        }
    }
    assert(!"hashtable_remove: no such key");
}

void hashtable_clear(struct hashtable *table)
{
    if (hashtable_is_rehashing(table))
        *table->memory -= table->rehash_bytes;
    table->rehash_index = -1;
    *table->memory -= BUCKET_BYTES * ((uint64_t)table->children[0] + table->children[1]);
    table->pool_used = table->pool_free = 0;
    for (int i = 0; i < 2; i++)
        reset_table(table, i);
}

/* Visits a chain. `visit` may remove the key that it is given. Children stay where they are. */
static void scan_chain(struct hashtable *table, int i, uint64_t index, bool compacts, table_visit *visit, void *owner)
{
    struct hashtable_bucket *top = table->table[i];
    uint32_t used = table->used[i];
    int64_t at = -1;

    for (;;) {
        struct hashtable_bucket *bucket = at < 0 ? &top[index] : &table->pool[at];

        for (int place = 0; place < ENTRIES; place++) {
            if (!is_filled(bucket, place))
                continue;
            visit(owner, bucket->entries[place]);
            if (table->table[i] != top)
                return; /* the last key was removed, and the table with it */
        }
        if (!bucket->chained)
            break;
        at = bucket->entries[ENTRIES - 1];
    }
    if (compacts && table->used[i] < used)
        compact_chain(table, index, i);
}

uint64_t hashtable_scan(struct hashtable *table, uint64_t cursor, table_visit *visit, void *owner)
{
    if (!hashtable_count(table))
        return 0;
    table->paused++;
    if (!hashtable_is_rehashing(table)) {
        uint64_t mask = hashtable_size(table, 0) - 1;

        scan_chain(table, 0, cursor & mask, table->rules.compacts_after_scan, visit, owner);
        cursor = scan_next_cursor(cursor, mask);
    } else {
        int small = table->exponent[0] > table->exponent[1], large = !small;
        uint64_t mask_small = hashtable_size(table, small) - 1;
        uint64_t mask_large = hashtable_size(table, large) - 1;
        uint64_t index = cursor & mask_small;

        if (small == 1 || index >= (uint64_t)table->rehash_index)
            scan_chain(table, small, index, true, visit, owner);
        do {
            index = cursor & mask_large;
            if (large == 1 || index >= (uint64_t)table->rehash_index)
                scan_chain(table, large, index, true, visit, owner);
            cursor = scan_next_cursor(cursor, mask_large);
        } while (cursor & (mask_small ^ mask_large));
    }
    if (!--table->paused && table->rules.scans_then_shrinks)
        hashtable_shrink_if_due(table);
    return cursor;
}

void hashtable_each(const struct hashtable *table, table_visit *visit, void *owner)
{
    for (int i = 0; i < 2; i++) {
        for (uint64_t index = 0; index < hashtable_size(table, i); index++) {
            const struct hashtable_bucket *bucket = &table->table[i][index];

            for (; bucket; bucket = child_of(table, bucket))
                for (int place = 0; place < positions(bucket); place++)
                    if (is_filled(bucket, place))
                        visit(owner, bucket->entries[place]);
        }
    }
}

struct samples {
    gsl_rng *rng;
    uint32_t size, seen;
    uint32_t *ids;
};

static void take(void *owner, uint32_t id)
{
    struct samples *samples = owner;

    if (samples->seen < samples->size) {
        samples->ids[samples->seen++] = id;
    } else {
        uint32_t place = (uint32_t)(gsl_rng_get(samples->rng) % ++samples->seen);

        if (place < samples->size)
            samples->ids[place] = id;
    }
}

static uint64_t random_cursor(gsl_rng *rng)
{
    return gsl_rng_get(rng) | (uint64_t)gsl_rng_get(rng) << 32;
}

/* An eviction needs a few random keys quickly. Drawing each of them independently would cost a miss of the processor's
 * cache per key. So the server walks from one random place and takes the keys that it meets, several from each bucket.
 * Therefore keys that lie together are drawn together. For a single random key, Valkey 9 takes its candidates from
 * buckets that lie far apart. */
static int sample(struct hashtable *table, gsl_rng *rng, int want, uint32_t *ids, bool jumps)
{
    uint32_t count = (uint32_t)want < hashtable_count(table) ? (uint32_t)want : hashtable_count(table);
    struct samples samples = {rng, count, 0, ids};
    uint64_t cursor = random_cursor(rng);

    while (samples.seen < count) {
        cursor = hashtable_scan(table, cursor, take, &samples);
        if (jumps)
            cursor = random_cursor(rng);
    }
    hashtable_step(table);
    return (int)count;
}

int hashtable_sample(struct hashtable *table, gsl_rng *rng, int want, uint32_t *ids)
{
    return sample(table, rng, want, ids, false);
}

uint32_t hashtable_random_key(struct hashtable *table, gsl_rng *rng)
{
    uint32_t ids[ENTRIES];
    int count = sample(table, rng, ENTRIES, ids, table->rules.jumps);

    assert(count > 0); /* the table is not empty */
    return ids[gsl_rng_get(rng) % (unsigned long)count];
}
