/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expire: the active expiry cycle, activeExpireCycle of expire.c.
 *
 * It scans the expires table from a cursor that persists, and goes on while more than a tenth of the keys that it
 * looked at had expired. It decides by windows of some twenty keys. That is why a quarter of the keys may be expired
 * and still be there.
 *
 * Deletions take time only if the user says how much (struct speed). Then the cycle has its time limit. If that stops
 * it, the server goes on in the fast cycle before it next sleeps; the fast cycle runs in no other case. Without a speed
 * the cycle always ends by itself, and there is no fast cycle. */
#include "sim/server/expire.h"

#include "sim/server/expire_fields.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"

enum {
    KEYS_PER_LOOP = 20,      /* ACTIVE_EXPIRE_CYCLE_KEYS_PER_LOOP */
    ACCEPTABLE_STALE = 10,   /* in per cent */
    FAST_DURATION_US = 1000, /* ACTIVE_EXPIRE_CYCLE_FAST_DURATION */
    SLOW_TIME_PERCENT = 25,  /* ACTIVE_EXPIRE_CYCLE_SLOW_TIME_PERC */
    LOOK_EVERY = 16,         /* windows between two checks of the time */
};

/* One call of activeExpireCycle. */
struct cycle {
    double us_per_key; /* 0: deletions take no time */
    double limit_us, elapsed_us;
    unsigned windows;
    uint64_t sampled, expired;
    bool limited;
};

/* A window: some twenty keys. */
struct window {
    struct redis *redis;
    uint32_t keys; /* the number of keys wanted */
    uint32_t sampled, expired;
    double free_us;  /* what the elements of the expired took */
    bool ends_cycle; /* the scan has ended, or the table is too sparse */
};

/* As activeExpireCycleTryExpire. */
static void try_expire(void *owner, uint32_t id)
{
    struct window *window = owner;
    struct redis *redis = window->redis;
    int64_t late_ms = redis->unix_ms - entry_of(redis, id)->expire_ms;

    window->sampled++;
    if (late_ms < (redis->profile->expires_on_time ? 0 : 1))
        return;
    window->free_us += entry_free_us(redis, entry_of(redis, id));
    key_expire(redis, id);
    if (replication_is_on(&redis->replication))
        replication_delete(&redis->replication, entry_of(redis, id)->db, key_length(redis, id));
    key_count_expired(redis, id);
    window->expired++;
}

/* Visits the chain of one bucket. The next link is read before the key is deleted, as in the server. */
static void scan_bucket(struct dict *dict, int table, uint64_t bucket, struct window *window)
{
    uint32_t next;

    for (uint32_t id = dict_head(dict, table, bucket); id != DICT_END; id = next) {
        next = dict_next(dict, id);
        try_expire(window, id);
    }
}

/* The server has no list of keys ordered by their time of expiry: such a list would cost memory for each key, and time
 * for each ttl. It has only a table of the keys with a ttl, and looks at parts of that table. Expired keys that nobody
 * requests are found in no other way. Random samples would find some keys again and again, and others never. So the
 * cycle walks: it continues where it last stopped, and after a round it has seen every bucket.
 *
 * This visits one bucket of each table, by an index that counts up. Returns the number of buckets. */
static uint32_t visit_by_index(struct database *database, struct window *window)
{
    struct dict *dict = &database->expires.dict;
    uint32_t looked_at = 0;

    for (int table = 0; table <= dict_is_rehashing(dict); table++, looked_at++)
        if (dict->size[table])
            scan_bucket(dict, table, database->expires_cursor & (dict->size[table] - 1), window);
    database->expires_cursor++;
    return looked_at;
}

/* One call of dictScan or kvstoreScan. kvstoreScan checks each time whether the table is too sparse. */
static uint32_t visit_by_scan(struct database *database, struct window *window)
{
    bool by_rounds = window->redis->profile->expire_scan == EXPIRE_BY_ROUNDS;

    if (by_rounds && table_is_sparse(&database->expires))
        database->expires_cursor = 0;
    else
        database->expires_cursor = table_scan(&database->expires, database->expires_cursor, try_expire, window);
    window->ends_cycle = by_rounds && !database->expires_cursor;
    return 1;
}

/* Buckets between what pass_by_index() looks at and what it fetches: the first key, and when that has come the second.
 * What is fetched behind a window's end is what the next one begins with, some hundreds of requests later. */
enum { FETCH_FIRST = 24, FETCH_SECOND = 12 };

/* Always inlined, because GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void
fetch_ahead(const struct redis *redis, const struct database *database, uint64_t cursor, uint64_t mask)
{
    const struct dict *dict = &database->expires.dict;
    uint32_t first = dict_head(dict, 0, (cursor + FETCH_FIRST) & mask);
    uint32_t nearer = dict_head(dict, 0, (cursor + FETCH_SECOND) & mask);

    if (first != DICT_END)
        __builtin_prefetch(entry_of(redis, first));
    if (nearer == DICT_END)
        return;
    if (dict_next(dict, nearer) != DICT_END)
        __builtin_prefetch(entry_of(redis, dict_next(dict, nearer)));
    if (entry_of(redis, nearer)->expire_ms <= redis->unix_ms)
        table_prefetch(&database->keys, nearer);
}

/* The same, as long as nothing has expired, which is nearly always: the buckets before the next one with such a key.
 * Returns their number. With a low rate of requests, most of a cell's time is spent here. */
static uint64_t pass_by_index(struct database *database, struct window *window, uint64_t limit)
{
    const struct redis *redis = window->redis;
    const struct dict *dict = &database->expires.dict;
    uint64_t mask = dict->size[0] - 1, start = database->expires_cursor, cursor = start;
    int64_t ended_ms = redis->unix_ms - (redis->profile->expires_on_time ? 0 : 1);
    uint32_t sampled = window->sampled;

    if (!dict->size[0] || dict_is_rehashing(dict))
        return 0;
    for (; sampled < window->keys && cursor - start < limit; cursor++) {
        uint32_t id = dict_head(dict, 0, cursor & mask), before = sampled;

        fetch_ahead(redis, database, cursor, mask);
        for (; id != DICT_END && entry_of(redis, id)->expire_ms > ended_ms; id = dict_next(dict, id))
            sampled++;
        if (id != DICT_END) {
            sampled = before;
            break;
        }
    }
    database->expires_cursor = cursor;
    window->sampled = sampled;
    return cursor - start;
}

/* In a table with many empty buckets the server would look at hundreds of them to find twenty keys. So the number of
 * buckets is limited as well. */
static void scan_window(struct redis *redis, struct database *database, struct window *window)
{
    uint64_t checked = 0, limit = (uint64_t)window->keys * redis->profile->scan_calls_per_key;
    bool counts = redis->profile->expire_scan == EXPIRE_BY_COUNTING;

    while (!window->ends_cycle && window->sampled < window->keys && checked < limit) {
        uint64_t passed = counts ? pass_by_index(database, window, limit - checked) : 0;

        checked += passed ? passed : (counts ? visit_by_index : visit_by_scan)(database, window);
    }
}

/* Deleting expired keys takes time from the clients, and keeping them takes memory. The server decides by the last
 * window: if more than a tenth of its keys had expired, another window is worth the time. It does not know the number
 * of expired keys in all. The cycle stops at the first window that happens to have few. With default settings a quarter
 * of the keys may be expired and still be there (24 to 28 % of 200,000 keys, of which 10,000 expire each second).
 * Memory and evictions depend on where those windows lie, so the model walks the same buckets.
 *
 * A table that is nearly empty is skipped: it will be made smaller, and then a window costs less. */
static void expire_database(struct redis *redis, struct database *database, struct cycle *cycle)
{
    uint32_t effort = redis->config.active_expire_effort - 1;
    uint32_t keys_per_loop = KEYS_PER_LOOP + KEYS_PER_LOOP / 4 * effort;
    uint32_t acceptable = ACCEPTABLE_STALE - effort;
    struct window window;

    do {
        uint32_t keys = table_count(&database->expires);

        if (!keys || (redis->profile->expire_scan != EXPIRE_BY_ROUNDS && table_is_sparse(&database->expires)))
            return; /* empty, or so sparse that it will be resized first */
        window = (struct window){.redis = redis, .keys = keys < keys_per_loop ? keys : keys_per_loop};
        scan_window(redis, database, &window);
        cycle->sampled += window.sampled;
        cycle->expired += window.expired;
        cycle->elapsed_us += window.expired * cycle->us_per_key + window.free_us;
        if (++cycle->windows % LOOK_EVERY == 0 && cycle->elapsed_us > cycle->limit_us) {
            cycle->limited = true;
            return;
        }
    } while (!window.ends_cycle && (!window.sampled || window.expired * 100 / window.sampled > acceptable));
}

/* The number of databases for one call: at most 16, unless the last call ran out of time before it had seen all of its
 * own. */
static int databases_per_call(const struct redis *redis)
{
    return redis->expiry.limited ? redis->database_ready : DB_COUNT;
}

/* A running average, which decides whether fast cycles run. */
static void estimate_stale(struct redis *redis, const struct cycle *cycle)
{
    static const double WEIGHT = 0.05;
    double now = cycle->sampled ? (double)cycle->expired / (double)cycle->sampled : 0;
    double acceptable = ACCEPTABLE_STALE - (redis->config.active_expire_effort - 1);

    redis->expiry.wants_fast = cycle->limited;
    if (!redis->profile->fast_when_stale)
        return;
    redis->expiry.stale = WEIGHT * now + (1 - WEIGHT) * redis->expiry.stale;
    redis->expiry.wants_fast |= 100 * redis->expiry.stale >= acceptable;
}

/* Returns the time that the cycle takes, in us. */
static int64_t run_cycle(struct redis *redis, double limit_us)
{
    uint64_t speed = redis->options->speed.expirations;
    struct cycle cycle = {.us_per_key = speed ? 1e6 / (double)speed : 0, .limit_us = limit_us};
    int databases = databases_per_call(redis);

    for (int i = 0; i < databases && !cycle.limited; i++) {
        int db = (int)(redis->expire_db++ % (uint64_t)redis->database_ready);

        if (redis->profile->field_ttls == FIELD_TTLS_IN_TREES)
            expire_fields_of_a_database(redis);
        if (db < redis->database_count)
            expire_database(redis, &redis->databases[db], &cycle);
    }
    redis->expiry.limited = cycle.limited;
    estimate_stale(redis, &cycle);
    return (int64_t)cycle.elapsed_us;
}

/* Valkey since 9.0: keys, then fields, and the next time the other way round. Fields take no time. */
static int64_t run_keys_and_fields(struct redis *redis, double limit_us)
{
    bool fields_first = redis->fields_expire_first;
    int64_t elapsed_us;

    if (!has_spans(redis))
        return run_cycle(redis, limit_us);
    redis->fields_expire_first = !fields_first;
    if (fields_first)
        expire_fields_of_hashes(redis);
    elapsed_us = run_cycle(redis, limit_us);
    if (!fields_first)
        expire_fields_of_hashes(redis);
    return elapsed_us;
}

int64_t expire_ends_us(const struct redis *redis)
{
    return redis->now_us > redis->expiry.busy_until_us ? redis->now_us : redis->expiry.busy_until_us;
}

void active_expire_cycle(struct redis *redis)
{
    uint32_t effort = redis->config.active_expire_effort - 1;
    double share = (SLOW_TIME_PERCENT + 2 * effort) / 100.0;

    redis->expiry.busy_until_us = expire_ends_us(redis) + run_keys_and_fields(redis, share * 1e6 / redis->config.hz);
}

void active_expire_cycle_fast(struct redis *redis)
{
    uint32_t effort = redis->config.active_expire_effort - 1;
    int64_t limit_us = FAST_DURATION_US + FAST_DURATION_US / 4 * (int64_t)effort, now_us = expire_ends_us(redis);

    if (now_us < redis->expiry.fast_from_us)
        return;
    redis->expiry.fast_from_us = now_us + 2 * limit_us;
    redis->expiry.busy_until_us = now_us + run_cycle(redis, (double)limit_us);
}
