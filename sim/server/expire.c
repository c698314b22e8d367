/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * expire: the slow active expiry cycle, activeExpireCycle of expire.c.
 *
 * It scans consecutive buckets of the expires dict from a cursor that persists, and goes on while more
 * than a tenth of what it looked at had expired. The test is local to windows of some twenty keys,
 * which is why a quarter of the keyspace may be expired and still there.
 *
 * The cycle's time limit is not modeled: simulated deletions take no time. The fast cycle only ever
 * runs after that limit was hit, so it has no part here either. */
#include "sim/server/expire.h"

#include "sim/server/keyspace.h"

enum {
    KEYS_PER_LOOP = 20,     /* ACTIVE_EXPIRE_CYCLE_KEYS_PER_LOOP */
    ACCEPTABLE_STALE = 10,  /* per cent */
    BUCKETS_PER_KEY = 20,
};

struct window {
    uint32_t sampled, expired;
};

/* Visits the chain of one bucket; deletes what has expired. The next link is read first, as in the server. */
static void scan_bucket(struct redis *redis, struct dict *dict, int table, uint64_t bucket,
                        struct window *window)
{
    uint32_t next;

    for (uint32_t id = dict_head(dict, table, bucket); id != DICT_END; id = next) {
        next = dict_next(dict, id);
        if (redis->unix_ms > entry_of(redis, id)->expire_ms) {
            key_delete(redis, id);
            redis->counters.expired_keys++;
            window->expired++;
        }
        window->sampled++;
    }
}

static struct window scan_window(struct redis *redis, struct database *database, uint32_t keys)
{
    struct dict *dict = &database->expires;
    struct window window = {0, 0};
    uint64_t checked = 0;

    while (window.sampled < keys && checked < (uint64_t)keys * BUCKETS_PER_KEY) {
        for (int table = 0; table <= dict_is_rehashing(dict); table++) {
            checked++;
            if (dict->size[table])
                scan_bucket(redis, dict, table, database->expires_cursor & (dict->size[table] - 1),
                            &window);
        }
        database->expires_cursor++;
    }
    return window;
}

static void expire_database(struct redis *redis, struct database *database)
{
    uint32_t effort = redis->config.active_expire_effort - 1;
    uint32_t keys_per_loop = KEYS_PER_LOOP + KEYS_PER_LOOP / 4 * effort;
    uint32_t acceptable = ACCEPTABLE_STALE - effort;
    struct window window;

    do {
        uint64_t keys = dict_count(&database->expires);
        uint64_t slots = dict_slots(&database->expires);

        if (!keys || (slots > DICT_INITIAL_SIZE && keys * 100 / slots < 1))
            return; /* nothing there, or so sparse that it will be resized first */
        window = scan_window(redis, database,
                             keys < keys_per_loop ? (uint32_t)keys : keys_per_loop);
    } while (!window.sampled || window.expired * 100 / window.sampled > acceptable);
}

void active_expire_cycle(struct redis *redis)
{
    for (int i = 0; i < DB_COUNT; i++) {
        unsigned db = redis->expire_db++ % DB_COUNT;

        if ((int)db < redis->database_count)
            expire_database(redis, &redis->databases[db]);
    }
}
