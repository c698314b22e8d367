/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dict_draws: samples and random keys of a dict, and how what the next ones will read comes into the host's cache first. */
#include "sim/draws_ahead.h"
#include "sim/server/tables/dict.h"

#include <string.h>

/* Redis draws an unsigned long and takes it modulo the bound. Tables have sizes of powers of two, so bits will do. */
static uint64_t random_below(gsl_rng *rng, uint64_t bound)
{
    uint64_t draw = gsl_rng_get(rng) | (uint64_t)gsl_rng_get(rng) << 32;

    return draw % bound;
}

static uint64_t sample_mask(const struct dict *dict)
{
    return (dict->size[1] > dict->size[0] ? dict->size[1] : dict->size[0]) - 1;
}

/* Prefetches what a later sample will read `depth` steps from its start: 0 the buckets, 1 the first keys, 2 the second
 * ones, as far as it needs any to have `want`. Always inlined, because GCC takes a function that only prefetches for one
 * without effect and drops its calls. */
__attribute__((always_inline)) static inline void prefetch_sample(const struct dict *dict, uint32_t start, int want,
                                                                  int depth)
{
    uint64_t bucket = start & sample_mask(dict), end = bucket + 4 * (uint64_t)want;

    if (depth == 0) {
        if (bucket < dict->size[0]) {
            __builtin_prefetch(&dict->table[0][bucket]);
            __builtin_prefetch(&dict->table[0][bucket] + 2 * want);
        }
        return;
    }
    for (end = end < dict->size[0] ? end : dict->size[0]; bucket < end && want > 0; bucket++) {
        uint32_t id = dict->table[0][bucket];

        if (id == DICT_END)
            continue;
        want--;
        if (depth == 2) {
            id = *dict_link(dict, id);
            if (id == DICT_END)
                continue;
            want--;
        }
        __builtin_prefetch(dict_link(dict, id));
    }
}

/* Returns the next start and moves the pipeline on by one. */
static uint32_t next_start(struct dict *dict, gsl_rng *rng, int want)
{
    uint32_t start;

    while (dict->starts_drawn < DICT_SAMPLES_AHEAD)
        dict->starts[dict->starts_drawn++] = (uint32_t)gsl_rng_get(rng);
    start = dict->starts[0];
    memmove(&dict->starts[0], &dict->starts[1], sizeof dict->starts - sizeof dict->starts[0]);
    dict->starts[DICT_SAMPLES_AHEAD - 1] = (uint32_t)gsl_rng_get(rng);
    for (int ahead = 0; ahead < DICT_SAMPLES_AHEAD; ahead++)
        prefetch_sample(dict, dict->starts[ahead], want, DICT_SAMPLES_AHEAD - 1 - ahead);
    return start;
}

int dict_sample(struct dict *dict, gsl_rng *rng, int want, uint32_t *ids)
{
    int stored = 0, empty_run = 0, tables;
    int64_t steps;
    uint64_t mask, bucket;

    if ((uint32_t)want > dict_count(dict))
        want = (int)dict_count(dict);
    steps = (int64_t)want * 10;
    for (int i = 0; i < want && dict_is_rehashing(dict); i++)
        dict_step(dict);
    tables = 1 + dict_is_rehashing(dict);
    mask = sample_mask(dict);
    bucket = next_start(dict, rng, want) & mask;
    while (stored < want && steps--) {
        for (int table = 0; table < tables; table++) {
            uint32_t id;

            /* Table 0 is empty below the rehash index. If table 1 does not reach the bucket either, the walk jumps
             * there. */
            if (tables == 2 && table == 0 && bucket < (uint64_t)dict->rehash_index) {
                if (bucket < dict->size[1])
                    continue;
                bucket = (uint64_t)dict->rehash_index;
            }
            if (bucket >= dict->size[table])
                continue;
            id = dict->table[table][bucket];
            if (id == DICT_END) {
                if (++empty_run >= 5 && empty_run > want) {
                    bucket = gsl_rng_get(rng) & mask;
                    empty_run = 0;
                }
                continue;
            }
            empty_run = 0;
            for (; id != DICT_END; id = *dict_link(dict, id)) {
                if (stored < want) {
                    ids[stored] = id;
                } else { /* reservoir sampling, so that the end of a long chain has a chance */
                    uint64_t place = gsl_rng_get(rng) % (uint64_t)(stored + 1);

                    if (place < (uint64_t)want)
                        ids[place] = id;
                }
                stored++;
            }
            if (stored >= want)
                return want;
        }
        bucket = (bucket + 1) & mask;
    }
    return stored < want ? stored : want;
}

/* Prefetches what the next draws will read, as far as they can be seen: those to come soon the first key of their bucket,
 * later ones the bucket. Some of them will choose a key of a chain, and not a bucket; which ones is not known yet. Always
 * inlined, as prefetch_sample(). */
__attribute__((always_inline)) static inline void prefetch_draws(const struct dict *dict, const gsl_rng *rng)
{
    enum { BUCKETS = 14, FIRST_KEYS = 6, SECOND_KEYS = 3 };
    const struct draws_ahead_state *draws = draws_ahead_of(rng);

    if (!draws)
        return;
    for (uint32_t ahead = FIRST_KEYS; ahead < BUCKETS; ahead++)
        __builtin_prefetch(&dict->table[0][draws_ahead_see(draws, ahead) & (dict->size[0] - 1)]);
    for (uint32_t ahead = 0; ahead < FIRST_KEYS; ahead++) {
        uint32_t id = dict->table[0][draws_ahead_see(draws, ahead) & (dict->size[0] - 1)];

        if (ahead < SECOND_KEYS && id != DICT_END)
            id = *dict_link(dict, id);
        if (id != DICT_END)
            __builtin_prefetch(dict_link(dict, id));
    }
}

uint32_t dict_random_key(struct dict *dict, gsl_rng *rng)
{
    uint32_t id, head, length = 0;

    dict_step(dict);
    if (dict_is_rehashing(dict)) {
        uint64_t moved = (uint64_t)dict->rehash_index;

        do {
            uint64_t bucket = moved + random_below(rng, dict_slots(dict) - moved);

            head = bucket >= dict->size[0] ? dict->table[1][bucket - dict->size[0]] : dict->table[0][bucket];
        } while (head == DICT_END);
    } else {
        do
            head = dict->table[0][gsl_rng_get(rng) & (dict->size[0] - 1)];
        while (head == DICT_END);
    }
    for (id = head; id != DICT_END; id = *dict_link(dict, id))
        length++;
    id = head;
    for (uint64_t skip = length > 1 ? gsl_rng_get(rng) % length : 0; skip; skip--)
        id = *dict_link(dict, id);
    prefetch_draws(dict, rng);
    return id;
}

uint32_t dict_likely_key(const struct dict *dict, const gsl_rng *rng)
{
    const struct draws_ahead_state *draws = draws_ahead_of(rng);

    if (!draws || !dict->size[0])
        return DICT_END;
    return dict->table[0][draws_ahead_see(draws, 0) & (dict->size[0] - 1)];
}
