/* redis: the modeled server, its state and the calls between its files.
 *
 *     redis.c      a cell's life: batches in, events, serverCron, INFO, counters out
 *     command.c    what each command does, and what its arguments weigh at the gate
 *     keyspace.c   keys, values and ttls; the one place where they are weighed
 *     evict.c      the out-of-memory gate and the eviction loop
 *     expire.c     the active expiry cycle
 *     client.c     the connection's buffers       dict.c   the hash tables
 *
 * The model is Redis 7.0.15's, function by function; names of functions in comments are that
 * source's. used_memory is the sum of the usable sizes of all live blocks:
 *
 *     used = what the server holds anyway + client + tables + keys + histograms     (used)
 *          + the arguments of the command that is running                            (arguments)
 *
 * A command is one turn of the event loop: read, gate, execute, then whatever timer is due. */
#ifndef SIM_SERVER_REDIS_H
#define SIM_SERVER_REDIS_H

#include "sim/engine/curve.h"
#include "sim/engine/event.h"
#include "sim/model.h"
#include "sim/server/client.h"
#include "sim/server/dict.h"
#include "sim/server/profile.h"

#include <stdbool.h>
#include <stdint.h>

#define NO_EXPIRE INT64_MAX

enum encoding {
    ENCODING_ABSENT, /* the key does not exist */
    ENCODING_SHARED, /* a shared integer: weighs nothing */
    ENCODING_INT,
    ENCODING_EMBSTR,
    ENCODING_RAW,
};

/* What the server knows of one key. The policy's bytes follow it, in the same cache line:
 *
 *     | expire_ms 8 | value 8 | next 4 | expires_next 4 | key_len 2 | db 1 | encoding 1 | policy ... |  */
struct __attribute__((packed, aligned(4))) entry {
    int64_t expire_ms;       /* Unix ms, NO_EXPIRE */
    union __attribute__((packed, aligned(4))) {
        struct {
            uint32_t length; /* bytes of the value */
            uint32_t capacity; /* raw: sdsalloc, which says what it weighs */
        };
        int64_t number;      /* int and shared */
    };
    uint32_t next;           /* links of the two dicts */
    uint32_t expires_next;
    uint16_t key_len;        /* KEY_LEN_LONG: see redis->long_key_len */
    uint8_t db;
    uint8_t encoding;
};

enum { KEY_LEN_LONG = UINT16_MAX };

struct database {
    struct dict keys, expires;
    uint64_t expires_cursor; /* next bucket of the active expiry cycle */
};

struct redis {
    /* What it is. */
    const struct server_profile *profile;
    const struct allocator *allocator;
    const struct simulation_options *options;
    struct redis_config config;      /* live: CONFIG SET changes it */
    uint64_t maxmemory;
    bool shares_integers;            /* values 0..9999 use the shared objects */

    /* Keys. */
    char *entries;                   /* capacity entries of stride bytes */
    size_t stride;
    uint32_t capacity;
    uint32_t *long_key_len;          /* by id, allocated when the first such key turns up */
    struct database databases[DB_COUNT];
    int database_count;              /* databases in use: 1 + the highest selected */

    /* Memory. */
    uint64_t used;
    uint64_t arguments;              /* of the running command */
    uint64_t entry_bytes;            /* a dictEntry */
    struct client client;
    uint64_t commands_called;        /* bit per op: its latency histogram exists */
    bool oom_seen, error_seen;       /* the first error of a kind allocates its counter */
    bool info_seen;

    /* Time. */
    int64_t now_us;                  /* since the trace's first request */
    int64_t unix_ms;
    int64_t cached_unix_s;           /* server.unixtime, as last updated */
    struct event_queue events;
    struct event cron, eviction_timer, info, sampler;
    int64_t cron_due_us;
    int rehash_db;                   /* where cron's rehashing goes on */
    unsigned expire_db;              /* where the active expiry cycle goes on */

    /* Policy. */
    struct policy_context eviction;
    gsl_rng *rng;

    uint32_t missed_rows[BATCH_CAPACITY]; /* of the last command */
    uint32_t missed_count;

    struct counters counters;
    struct curve_recorder recorder;
};

static inline struct entry *entry_of(const struct redis *redis, uint32_t id)
{
    return (struct entry *)(void *)(redis->entries + (size_t)id * redis->stride);
}

static inline struct database *database_of(struct redis *redis, const struct entry *entry)
{
    return &redis->databases[entry->db];
}

extern const struct model redis_model;
extern const struct keyspace_view redis_keyspace_view; /* keyspace.c */

/* ---- keyspace.c ---- */

/* A value on its way into the keyspace. */
struct value {
    enum encoding encoding;
    uint32_t length, capacity;
    int64_t number;
    uint64_t bytes;                  /* what it weighs, header and object included */
};

void keyspace_init(struct redis *redis, uint64_t hash_seed);
void keyspace_release(struct redis *redis);
void keyspace_reserve(struct redis *redis, uint32_t key_count); /* room for ids below key_count */

/* tryObjectEncoding of a string argument: integer (shared or not), embstr or raw. `adopted_capacity`
 * is that of the query buffer which the argument took over, or 0. */
struct value value_of_argument(const struct redis *redis, uint32_t length, bool is_integer,
                               int64_t number, uint64_t adopted_capacity);
struct value value_of_integer(const struct redis *redis, int64_t number);
/* A raw string of `length` bytes, made at exactly that length. */
struct value value_of_raw(const struct redis *redis, uint32_t length);
uint64_t entry_value_bytes(const struct redis *redis, const struct entry *entry);
uint32_t entry_value_length(const struct entry *entry);

enum lookup {
    LOOKUP_READ = 0,                 /* counts a hit or a miss, touches */
    LOOKUP_WRITE = 1,                /* touches, counts nothing */
    LOOKUP_NOTOUCH = 2,
};
/* lookupKey: expires what has expired; NULL when the key does not exist (any more). A hit of LOOKUP_WRITE
 * leaves the touch to the caller, who knows whether the value will be written (key_touched). */
struct entry *key_lookup(struct redis *redis, uint32_t id, enum lookup lookup);
/* expireIfNeeded, without a lookup: what DEL does first. */
void key_expire_if_due(struct redis *redis, uint32_t id);
/* dbAdd: the key does not exist. The value's bytes move from the arguments to the keyspace. */
void key_add(struct redis *redis, uint32_t id, uint8_t db, uint32_t key_len,
             const struct value *value);
/* dbOverwrite; likewise. */
void key_overwrite(struct redis *redis, uint32_t id, const struct value *value);
void key_set_expire(struct redis *redis, uint32_t id, int64_t expire_ms);
bool key_remove_expire(struct redis *redis, uint32_t id); /* false: it had no ttl */
void key_delete(struct redis *redis, uint32_t id);        /* dbSyncDelete */
uint64_t database_flush(struct redis *redis, int db);     /* keys deleted */
uint64_t keyspace_keys(const struct redis *redis);
uint64_t keyspace_expires(const struct redis *redis);

/* ---- evict.c ---- */

enum evict_result { EVICT_OK, EVICT_RUNNING, EVICT_FAIL };
/* performEvictions, at the start of every command: deletes keys until used_memory, the running command's
 * arguments included, is within maxmemory. EVICT_FAIL: it is not, and nothing may be evicted. */
enum evict_result evict_to_limit(struct redis *redis);

/* ---- expire.c ---- */

void active_expire_cycle(struct redis *redis);

/* ---- command.c ---- */

/* One command of the batch: rows first to first + rows - 1. Leaves in missed_rows those that an
 * application would now load and SET. */
void command_execute(struct redis *redis, const struct batch *batch, uint32_t first,
                     uint32_t rows);
/* The SET that an application issues after a missed read, with the row's size and ttl. */
void command_fill(struct redis *redis, const struct batch *batch, uint32_t row);
/* INFO, from a client that is not in the trace. Returns used_memory as it prints it. */
uint64_t command_info(struct redis *redis);

#endif
