/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/nest.h"

#include "sim/alloc.h"
#include "sim/contract.h"
#include "sim/flat/cache.h"
#include "sim/flat/execute.h"

#include <stdlib.h>
#include <string.h>

enum {
    PLACE,          /* of an entry's numbers: see nest.h */
    SIZE,           /* or the absence from the largest cache */
    SOON_ROWS = 12, /* between the fetch of a record that goes stale, for which the entry must have come, and its row */
    AHEAD = 16,     /* records between the key that is evicted and one whose entry is fetched */
    LOG_LEAST = 1024,
    RECORDS_PER_KEY = 3,
};

static inline uint32_t *entry_of(const struct nest *nest, uint32_t id)
{
    return nest->entries + (size_t)id * (nest->count + 1);
}

/* Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void fetch(const struct nest *nest, uint32_t id)
{
    const uint32_t *entry = entry_of(nest, id);

    __builtin_prefetch(entry, 1);
    __builtin_prefetch(entry + nest->count, 1);
}

/* Why the key is absent from a cache that does not hold it. */
static inline struct absence *absence_of(uint32_t *entry, uint32_t cache)
{
    return (struct absence *)(void *)&entry[SIZE + cache];
}

/* ---- which caches ---- */

static bool can_be_nested(const struct flat *flat)
{
    const struct simulation_options *options = flat->config->options;
    const struct policy *policy = flat->config->policy;

    return policy->is_lru && !policy->inner && !policy->owner && !options->wrap && !options->scenario &&
           !options->ttl_rules.count && !options->slot_census && !options->key_parts && !flat->admission.admission &&
           !flat->groups && !fetches_are_counted(&flat->fetches) && flat->fill && !flat->libcachesim;
}

struct nest *nest_new(struct flat *flat)
{
    struct nest *nest;

    if (!can_be_nested(flat))
        return NULL;
    nest = xcalloc(1, sizeof *nest);
    nest->caches[0] = flat;
    nest->begin[0] = nest->end = 1;
    nest->most[0] = flat->maxmemory ? flat->maxmemory : UINT64_MAX;
    nest->count = 1;
    return nest;
}

void nest_free(struct nest *nest)
{
    if (!nest)
        return;
    free(nest->entries);
    free(nest->log);
    free(nest);
}

bool nest_join(struct nest *nest, struct flat *flat)
{
    const struct nest *own = flat->nest;
    const struct simulation_options *ours = nest->caches[0]->config->options, *its = flat->config->options;
    uint32_t place = nest->count;

    if (nest->count == NEST_MOST || own == nest || flat->config->policy != nest->caches[0]->config->policy)
        return false;
    if (its->unit_sizes != ours->unit_sizes || its->weighs_keys != ours->weighs_keys ||
        its->warmup_us != ours->warmup_us) /* the first two weigh a row, with the last a batch is plain or not */
        return false;
    for (; place && nest->most[place - 1] < own->most[0]; place--) {
        nest->caches[place] = nest->caches[place - 1];
        nest->most[place] = nest->most[place - 1];
    }
    nest->caches[place] = flat;
    nest->most[place] = own->most[0];
    nest->begin[nest->count++] = 1;
    return true;
}

/* ---- the log ---- */

void nest_reserve(struct nest *nest, uint32_t key_count)
{
    uint32_t old = nest->capacity, capacity = grown_capacity(old, key_count);
    size_t bytes = (nest->count + 1) * sizeof *nest->entries;

    if (key_count <= old)
        return;
    nest->entries = xrealloc_zero_aligned(nest->entries, old * bytes, capacity * bytes);
    nest->capacity = capacity;
}

/* Squeezes records out that are stale, or of keys that the largest cache does not hold any more; then the log has room for
 * several times as many as are left, so that this costs less than a move for each use. */
static void make_room(struct nest *nest)
{
    uint32_t begin[NEST_MOST], end = 1;
    uint64_t capacity;

    for (uint32_t record = nest->begin[0], i = 0; record <= nest->end; record++) {
        while (i < nest->count && nest->begin[i] == record)
            begin[i++] = end;
        if (record == nest->end)
            break;
        nest->log[end] = nest->log[record];
        end += nest->log[record] != NO_KEY;
    }
    for (uint32_t record = 1; record < end; record++) {
        if (record + AHEAD < end)
            __builtin_prefetch(entry_of(nest, nest->log[record + AHEAD]), 1);
        entry_of(nest, nest->log[record])[PLACE] = record;
    }
    memcpy(nest->begin, begin, nest->count * sizeof *begin);
    nest->end = end;
    capacity = (uint64_t)end * RECORDS_PER_KEY + LOG_LEAST;
    if (nest->log_capacity < capacity) {
        nest->log_capacity = capacity < UINT32_MAX ? (uint32_t)capacity : UINT32_MAX;
        nest->log = xrealloc(nest->log, nest->log_capacity * sizeof *nest->log);
    }
}

/* ---- a row ---- */

/* How many of the caches hold a key of this place: they are the largest ones. */
static inline uint32_t holders(const struct nest *nest, uint32_t place)
{
    uint32_t count = nest->count;

    while (count && nest->begin[count - 1] > place)
        count--;
    return count;
}

/* Evicts the key of that cache that was used longest ago. Smaller ones do not hold it any more. */
static inline void evict_oldest(struct nest *nest, uint32_t cache, int64_t now_us)
{
    struct flat *flat = nest->caches[cache];
    uint32_t record = nest->begin[cache], *entry;

    do
        if (record + AHEAD < nest->end && nest->log[record + AHEAD] != NO_KEY)
            fetch(nest, nest->log[record + AHEAD]);
    while (nest->log[record++] == NO_KEY);
    CONTRACT_DEBUG(record <= nest->end, "a cache evicts keys that it holds");
    nest->begin[cache] = record;
    entry = entry_of(nest, nest->log[record - 1]);
    flat->used -= entry[SIZE];
    flat->keys--;
    if (!cache)
        entry[PLACE] = 0;
    *absence_of(entry, cache) = absence_from(MISS_EVICTED, now_us);
    flat->counters.evicted_keys++;
    moment_note(&flat->moments.first_eviction_us, now_us);
}

/* A cache does not find the key, and inserts it: all but its record. */
static inline void miss(struct nest *nest, uint32_t cache, uint32_t *entry, uint32_t size, int64_t now_us)
{
    struct flat *flat = nest->caches[cache];
    struct absence *absence = absence_of(entry, cache);

    absence_count(*absence, &flat->counters, offsetof(struct counters, misses_cold));
    if (absence->cause == MISS_EVICTED)
        evictions_note_missed(&flat->evictions, absence, now_us);
    for (; flat->used + size > nest->most[cache]; evict_oldest(nest, cache, now_us))
        moment_note(&flat->moments.full_after_us, now_us);
    flat->used += size;
    flat->keys++;
    if (flat->used > flat->counters.used_memory_peak)
        flat->counters.used_memory_peak = flat->used;
}

/* The same of all caches but the `held` largest, which hold it. False: they have to part before it. */
static bool miss_in_all(struct nest *nest, uint32_t held, uint32_t *entry, uint32_t size, int64_t now_us)
{
    if (size > nest->most[nest->count - 1] || (held && size != entry[SIZE]))
        return false;
    for (uint32_t cache = nest->count; cache-- > held;)
        miss(nest, cache, entry, size, now_us);
    entry[SIZE] = size;
    return true;
}

/* Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void fetch_ahead(const struct nest *nest, const struct batch *batch,
                                                              uint32_t row, uint32_t end)
{
    if (row + FLAT_PREFETCH_ROWS < batch->count)
        fetch(nest, batch->id[row + FLAT_PREFETCH_ROWS]);
    if (row + SOON_ROWS < end)
        __builtin_prefetch(&nest->log[entry_of(nest, batch->id[row + SOON_ROWS])[PLACE]], 1);
}

uint32_t nest_replay(struct nest *nest, const struct batch *batch, uint32_t first, uint32_t end)
{
    const struct flat *any = nest->caches[0];
    const uint32_t all = nest->count;

    for (uint32_t row = first; row < end; row++) {
        const uint32_t id = batch->id[row];
        uint32_t *entry, place, held = all;

        if (nest->end >= nest->log_capacity)
            make_room(nest);
        fetch_ahead(nest, batch, row, end);
        entry = entry_of(nest, id);
        place = entry[PLACE];
        if (place < nest->begin[all - 1]) {
            held = holders(nest, place);
            if (!miss_in_all(nest, held, entry, row_size(any, batch, row), batch->time_us[row]))
                return row;
        }
        nest->rows[held]++;
        nest->bytes[held] += entry[SIZE];
        nest->log[place] = NO_KEY; /* record 0 is nobody's */
        nest->log[nest->end] = id;
        entry[PLACE] = nest->end++;
    }
    return end;
}

void nest_count(struct nest *nest)
{
    uint64_t rows = 0, bytes = 0, hits = 0, hit_bytes = 0;

    for (uint32_t held = 0; held <= nest->count; held++) {
        rows += nest->rows[held];
        bytes += nest->bytes[held];
    }
    for (uint32_t cache = nest->count; cache-- > 0;) {
        struct counters *counters = &nest->caches[cache]->counters;

        hits += nest->rows[cache + 1];
        hit_bytes += nest->bytes[cache + 1];
        counters->requests += rows;
        counters->reads += rows;
        counters->read_bytes += bytes;
        counters->hits += hits;
        counters->hit_bytes += hit_bytes;
        counters->misses += rows - hits;
        counters->fills += rows - hits;
        counters->writes += rows - hits;
    }
    memset(nest->rows, 0, sizeof nest->rows);
    memset(nest->bytes, 0, sizeof nest->bytes);
}

/* ---- apart ---- */

void nest_part(struct nest *nest, uint32_t key_count)
{
    for (uint32_t cache = 0; cache < nest->count; cache++) {
        struct flat *flat = nest->caches[cache];

        cache_reserve(flat, key_count);
        for (uint32_t id = 0; id < nest->capacity && id < key_count; id++)
            object_of(flat, id)->absence = *absence_of(entry_of(nest, id), cache);
        for (uint32_t record = nest->begin[cache]; record < nest->end; record++) {
            uint32_t id = nest->log[record];

            if (id == NO_KEY)
                continue;
            *object_of(flat, id) = (struct object){.size = entry_of(nest, id)[SIZE], .position = 1};
            policy_added(&flat->eviction, id);
        }
    }
    free(nest->entries);
    free(nest->log);
    nest->entries = nest->log = NULL;
    nest->has_parted = true;
}
