/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dict: Redis's hash table, structure only.
 *
 * Buckets, chains, two tables while rehashing, the rehash cursor: everything that sampling, the
 * expiry scan and the memory count can see. Keys are ids; a key's hash is its id mixed with the
 * cell's seed, which stands for SipHash with the server's random seed. The link of each chain lies in
 * the keyspace's entries, so that a walk over a chain brings in what the walker looks at next.
 *
 *     table[0]  | 7 | - | 3 | - |         7 -> 12 -> end      new keys go to the head of a chain
 *     table[1]  | - | 9 | ...             while rehashing; buckets below rehash_index have moved
 *
 * Source: dict.c of Redis 7.0.15, function by function; what later ones do differently is in struct
 * dict_rules. Costs are O(1) unless said. */
#ifndef SIM_SERVER_TABLES_DICT_H
#define SIM_SERVER_TABLES_DICT_H

#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DICT_INITIAL_SIZE = 4, DICT_SAMPLES_AHEAD = 3, DICT_NODE_BYTES = 16 /* sizeof(dictEntryNoValue) */ };
#define DICT_END UINT32_MAX /* no key: an empty bucket, the end of a chain */

/* A key met on a walk over a table. */
typedef void table_visit(void *owner, uint32_t id);

/* What dict.c does since Redis 7.4 (and Valkey 8.0), and did not before. */
struct dict_rules {
    bool steps_at_key;      /* a step moves the bucket of the key that is looked up, if it has not moved
                               yet and is not empty (_dictBucketRehash) */
    bool replaces_empty;    /* the table of an empty dict is not rehashed but replaced (_dictResize) */
    bool shrinks_at_delete; /* at one key in eight slots (dictShrinkIfNeeded) */
    bool adds_at_link;      /* a new key goes where the lookup for it has ended: no step but behind a resize
                               (dictSetKeyAtLink, Redis 8.2) */
    bool resists_less;      /* while a child saves it is resized at 4 keys per slot and at 1 in 32, and
                               rehashed into a table that differs as much; before: above 5, never, 5 */
};

struct dict {
    uint32_t *table[2];   /* head of each chain */
    uint64_t size[2];     /* buckets; 0 when there is no table, else a power of two */
    uint32_t used[2];     /* keys */
    int64_t rehash_index; /* next bucket of table[0] to move; -1 when not rehashing */
    char *links;          /* the uint32_t link of key 0 */
    size_t stride;        /* bytes from one key's link to the next */
    uint64_t hash_seed;
    const uint32_t *hashed; /* by id, the number that is hashed; NULL: the id itself */
    /* By id, whether the key has a node for its link to the next: a dict without values puts a key that comes into an
     * empty bucket there itself, with no entry around it (dictType.no_value, since 7.2). NULL: every key has an entry,
     * which is its owner's business. */
    uint8_t *has_node;
    uint32_t nodes;      /* how many have, */
    uint64_t node_bytes; /* and what one weighs */
    /* Where the next samples will start, drawn ahead: see dict_sample. */
    uint32_t starts[DICT_SAMPLES_AHEAD];
    unsigned starts_drawn;
    /* Asked before a table of `bytes` is made (dictTypeResizeAllowed): may it? */
    bool (*may_grow)(void *owner, uint64_t bytes, uint64_t used, uint64_t size);
    void *owner;
    bool rests;       /* a child saves: as few pages as possible change (DICT_RESIZE_AVOID) */
    uint64_t *memory; /* simulated bytes: 8 per bucket are added and taken off here */
    struct dict_rules rules;
    int paused;            /* a scan is on: no steps */
    uint64_t rehash_bytes; /* what the server keeps while a table rehashes */
};

/* The other fields are set by the caller. No table yet. */
void dict_init(struct dict *dict, uint64_t hash_seed);
void dict_release(struct dict *dict);

static inline uint32_t dict_count(const struct dict *dict)
{
    return dict->used[0] + dict->used[1];
}

static inline bool dict_is_rehashing(const struct dict *dict)
{
    return dict->rehash_index >= 0;
}

static inline uint64_t dict_slots(const struct dict *dict)
{
    return dict->size[0] + dict->size[1];
}

static inline uint32_t *dict_link(const struct dict *dict, uint32_t id)
{
    return (uint32_t *)(void *)(dict->links + (size_t)id * dict->stride);
}

/* A 64-bit finalizer (MurmurHash3's constants): every bit of the id moves every bit of the hash. */
static inline uint64_t hash_id(uint32_t id, uint64_t seed)
{
    uint64_t hash = id ^ seed;

    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

static inline uint64_t dict_hash(const struct dict *dict, uint32_t id)
{
    return hash_id(dict->hashed ? dict->hashed[id] : id, dict->hash_seed);
}

/* Moves up to `buckets` non-empty buckets, visiting at most ten times as many empty ones. True while
 * there is more to move. */
bool dict_rehash(struct dict *dict, int buckets);

/* _dictRehashStep: the next bucket, unless a scan is on. */
static inline void dict_step(struct dict *dict)
{
    if (dict_is_rehashing(dict) && !dict->paused)
        dict_rehash(dict, 1);
}

/* Fetches the bucket that the key, which is not in the dict, will come into. Always inlined, because GCC drops calls of
 * functions that only prefetch. */
__attribute__((always_inline)) static inline void dict_prefetch_bucket(const struct dict *dict, uint32_t id)
{
    int table = dict_is_rehashing(dict);

    if (dict->size[table]) /* else there is no table yet */
        __builtin_prefetch(&dict->table[table][dict_hash(dict, id) & (dict->size[table] - 1)], 1);
}

/* The step on behalf of a key: its own bucket, if steps go to keys. */
void dict_step_at_key(struct dict *dict, uint32_t id);
/* Likewise, of what is hashed, which need not be in the dict. */
void dict_step_at(struct dict *dict, uint32_t hashed);

/* What a lookup does first: a step, if there is anything to look through and a step to do. */
static inline void dict_find(struct dict *dict, uint32_t id)
{
    if (dict_is_rehashing(dict) && dict_count(dict))
        dict_step_at_key(dict, id);
}

/* The id whose number `hashed` is this; DICT_END: none. No step: the host's own lookup. Needs dict->hashed. O(chain). */
uint32_t dict_lookup(const struct dict *dict, uint32_t hashed);

/* Inserts a key that is not in the dict: a step, growth if due and allowed, the head of its chain. */
void dict_add(struct dict *dict, uint32_t id);
/* What dictAddOrFind does when the key turns out to be there: the step and the growth. */
void dict_visit(struct dict *dict, uint32_t id);
/* Removes a key that is in the dict, and shrinks if that is due at deletions. O(chain). */
void dict_unlink(struct dict *dict, uint32_t id);
/* Likewise, after a step. */
void dict_remove(struct dict *dict, uint32_t id);
/* Frees the tables (dictEmpty). The links of the keys are left as they are. */
void dict_clear(struct dict *dict);

/* dictExpand of an empty dict: its first table, of as many buckets as hold that many keys. */
void dict_presize(struct dict *dict, uint64_t keys);

/* Starts shrinking to the smallest table that holds the keys (dictResize), unless already rehashing. */
void dict_shrink(struct dict *dict);
/* dictShrinkIfNeeded: at one key in eight slots. False when there was no reason to (then growing may be
 * tried), true when it was due, even if refused, or out of the question. */
bool dict_shrink_if_due(struct dict *dict);
/* dictExpandIfNeeded. */
void dict_grow_if_due(struct dict *dict);
/* True when the next insertion asks whether the table may grow, or a removal soon whether it may shrink. */
static inline bool dict_resize_is_near(const struct dict *dict)
{
    return (dict->used[0] >= dict->size[0] && !dict_is_rehashing(dict)) ||
           (dict->rules.shrinks_at_delete && (uint64_t)dict->used[0] * 8 <= dict->size[0] + 64);
}

/* dictScan: the bucket at the cursor of the smaller table, then all its images in the larger. The cursor
 * counts in reversed bits, so that resizing between calls loses no key. Returns the next; 0 at the end. */
uint64_t dict_scan(struct dict *dict, uint64_t cursor, table_visit *visit, void *owner);
/* The cursor that follows, under a mask. */
uint64_t scan_next_cursor(uint64_t cursor, uint64_t mask);

/* dictGetSomeKeys: up to `want` keys near a random bucket; returns how many. May return fewer.
 *
 * A sample is a walk through cold memory: buckets, the first keys of their chains, the second keys. So
 * the random starting points are drawn three samples early, and with each sample the next one's second
 * keys, the first keys of the one after, and the buckets of the third are fetched into the host's cache. */
int dict_sample(struct dict *dict, gsl_rng *rng, int want, uint32_t *ids);
/* dictGetRandomKey: uniform over non-empty buckets, then over the chain. Not empty. What the next calls will read is fetched,
 * if the generator shows its draws ahead (draws_ahead.h). */
uint32_t dict_random_key(struct dict *dict, gsl_rng *rng);
/* The key that this is likely to return next; DICT_END: that cannot be seen. */
uint32_t dict_likely_key(const struct dict *dict, const gsl_rng *rng);

/* Head of a bucket of table 0 or 1; DICT_END when it is empty. */
static inline uint32_t dict_head(const struct dict *dict, int table, uint64_t bucket)
{
    return dict->table[table][bucket];
}

static inline uint32_t dict_next(const struct dict *dict, uint32_t id)
{
    return *dict_link(dict, id);
}

#endif
