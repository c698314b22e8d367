/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state: everything that one modeled server consists of.
 *
 * The files around it each look after a part:
 *
 *     redis.c      a cell's life: batches in, events, serverCron, INFO, counters out
 *     turn.c       a command's turn, in these steps:           commands/   what each command does
 *     arrival.c, gate.c, execute.c, reply.c
 *     keyspace.c   keys, values and ttls                       object.c    what they weigh
 *     evict.c      the out-of-memory gate and the eviction loop
 *     expire.c     the active expiry cycle
 *     replication.c  the backlog, replicas
 *     idle.c       empty time                                  transaction.c  what is queued behind MULTI
 *     client.c     the connection's buffers                    table.c     the hash tables: dict.c,
 *     profile.h    how servers differ                                      hashtable.c
 *     resident.c   the pages that are in memory, with --rss
 *
 * The model is Redis 7.0.15's, function by function; names of functions in comments are that
 * source's unless they say another. What later servers do differently are the rules of profile.h. used_memory is the sum of the usable sizes of all live blocks:
 *
 *     used = what the server holds anyway + client + tables + keys + histograms     (used)
 *          + the arguments of the command that is running                            (arguments)
 *
 * A command is one turn of the event loop: read, gate, execute, then whatever timer is due. */
#ifndef SIM_SERVER_STATE_H
#define SIM_SERVER_STATE_H

#include "sim/absence.h"
#include "sim/admission.h"
#include "sim/command.h"
#include "sim/engine/curve.h"
#include "sim/engine/event.h"
#include "sim/evictions.h"
#include "sim/group_account.h"
#include "sim/fetches.h"
#include "sim/warmup.h"
#include "sim/model.h"
#include "sim/redis_policy.h"
#include "sim/scenario/scenario.h"
#include "sim/server/blocked.h"
#include "sim/server/client.h"
#include "sim/server/connection_list.h"
#include "sim/server/error_statistics.h"
#include "sim/server/idle_search.h"
#include "sim/server/profile.h"
#include "sim/server/pubsub_state.h"
#include "sim/server/replication.h"
#include "sim/server/script.h"
#include "sim/server/tables/ebuckets.h"
#include "sim/server/tables/table.h"
#include "sim/server/tracking_state.h"
#include "sim/server/transaction.h"

#include <stdbool.h>
#include <stdint.h>

#define NO_EXPIRE INT64_MAX

/* How a value is kept; what it is called, and its type, are in object.h's table. */
enum encoding {
    ENCODING_ABSENT, /* the key does not exist */
    ENCODING_SHARED, /* a shared integer: weighs nothing */
    ENCODING_INT,
    ENCODING_EMBSTR,
    ENCODING_RAW,
    ENCODING_HASH_LISTPACK,    /* from here on: structures */
    ENCODING_HASH_LISTPACK_EX, /* some field has, or had, a ttl */
    ENCODING_HASH_TABLE,
    ENCODING_SET_INTSET,
    ENCODING_SET_LISTPACK,
    ENCODING_SET_TABLE,
    ENCODING_LIST_LISTPACK,
    ENCODING_LIST_QUICKLIST,
    ENCODING_ZSET_LISTPACK,
    ENCODING_ZSET_SKIPLIST,
    ENCODING_STREAM,
    ENCODING_HLL,        /* a string, but for whom its registers matter: raw, */
    ENCODING_HLL_EMBSTR, /* or embstr, as RESTORE and a dump bring a short one */
    ENCODINGS
};

static inline bool encoding_is_structure(unsigned encoding)
{
    return encoding >= ENCODING_HASH_LISTPACK;
}

/* What every structure begins with. */
struct tallied {
    uint64_t bytes; /* what redis->dataset has of it: see keyspace_tally() */
};

/* What the server knows of one key. The policy's bytes follow it, in the same cache line:
 *
 *     | expire_ms 8 | value 8 | next 4 | expires_next 4 | key_len 2 | db 1 | encoding 1 | policy ... |  */
struct __attribute__((packed, aligned(4))) entry {
    int64_t expire_ms; /* Unix ms, NO_EXPIRE */
    union __attribute__((packed, aligned(4))) {
        struct {
            uint32_t length;   /* bytes of the value */
            uint32_t capacity; /* raw: sdsalloc, which says what it weighs */
        };
        int64_t number;         /* int and shared */
        struct absence absence; /* of a key without a value; expire_ms is then the ttl that it was evicted with */
        void *structure;        /* what has elements: of the encoding's own kind, see values/encoding.h */
    };
    uint32_t next; /* links of the two dicts */
    uint32_t expires_next;
    uint16_t key_len; /* KEY_LEN_LONG: see redis->long_key_len */
    uint8_t db;
    uint8_t encoding : 6;
    uint8_t
        has_wide_header : 1; /* raw: the sds has more bytes of header than its capacity needs: 9, not 5; or 3, not 1 */
    uint8_t has_ttl_field : 1; /* the object has room for a ttl: see object.h */
};

enum { KEY_LEN_LONG = UINT16_MAX };

/* What is known of the text of a value that is no integer. */
struct decimal {
    long double value; /* it is a number: */
    bool known;
    bool computed;   /* INCRBYFLOAT has written it: when it is whole, its text is that of an integer */
    uint64_t digest; /* of the text (argument_digest); of a number, as decimal.h has it; 0: not known */
};

struct database {
    struct table keys, expires;
    uint64_t expires_cursor;       /* where the active expiry cycle goes on */
    bool is_used;                  /* it has been selected, or named */
    struct ebuckets field_expires; /* hashes by when the first of their fields expires, nearly */
    /* Valkey's, in its place: hashes of which some field has a ttl, and where the cycle goes on with them. */
    struct table volatile_hashes;
    uint64_t volatile_cursor;
    struct table blessed;   /* keys that may not be evicted: see bless.h, likewise the next two */
    uint64_t blessed_names; /* bytes of the copies of their names */
    uint32_t blessed_with_ttl;
};

/* The long arguments of a command that took several reads to arrive, in their order: whether each has taken over the query
 * buffer. */
struct adoptions {
    struct adopted *list; /* owned */
    uint32_t count;
    uint32_t capacity;
};

/* What waits for a client of CLIENT-OUTPUT. */
struct held_output {
    uint64_t bytes;
    int64_t soft_since_s; /* Unix time since which it is over the soft limit; 0: it is not */
};

/* A read that found nothing, which the application would now load and SET. */
struct missed_row {
    const struct batch *batch;
    uint32_t row;
};

/* What is kept of commands that were slow, or large: see slow_log.h. */
enum command_log { LOG_SLOW, LOG_LARGE_REQUEST, LOG_LARGE_REPLY, COMMAND_LOGS };

/* A ring. Zeroed to begin with. */
struct command_log_entries {
    uint64_t *bytes; /* owned: of each entry */
    uint32_t first, count, capacity;
};

struct redis {
    /* What it is. */
    const struct cell_config *cell;
    struct error *error; /* of the call of replay or finish that is under way */
    const struct server_profile *profile;
    const struct allocator *allocator;
    const struct simulation_options *options;
    struct redis_config config; /* live: CONFIG SET changes it */
    uint64_t maxmemory;         /* in force: with key_parts, what is left of the one below (key_share.h) */
    uint64_t maxmemory_set;     /* as configured */
    uint32_t cron_runs;         /* modulo key_parts */
    bool shares_integers;       /* values 0..9999 use the shared objects, */
    bool copies_integers;       /* or begin as them, and the key gets another object */
    bool has_objects;           /* key, ttl and value in one: see object.h, likewise the next two */
    uint32_t embstr_limit;      /* longest string of an embstr */
    uint32_t embstr_overhead;   /* its block, less the string */

    /* Keys. */
    char *entries; /* capacity entries of stride bytes */
    size_t stride;
    uint32_t capacity;
    uint32_t key_count;                 /* every id so far is below it */
    uint64_t lingering_looked_at;       /* keys, all looks together (lingering.h) */
    struct decimal *decimals;           /* by id; allocated when the first value is one, or is told from others */
    uint8_t *key_nodes, *expires_nodes; /* by id, for the tables of layouts without entries: see dict.h, has_node */
    uint32_t *long_key_len;             /* by id, allocated when the first such key turns up */
    uint8_t *blessings;                 /* by id, enum blessing; allocated with the first, likewise the next */
    uint32_t *blessed_links;
    const struct members *members;   /* of the batch at hand */
    const struct key_names *names;   /* likewise */
    const struct keys *keys_by_name; /* likewise; who asks for names: names.h */
    struct id_range unnamed_keys, unspelled_members;
    struct database *databases; /* DB_MAX of them, of which the first database_ready have their tables */
    int database_ready;
    uint64_t hash_seed;
    int database_count; /* databases in use: 1 + the highest selected */

    /* Memory. */
    uint64_t used;
    uint64_t arguments;     /* of the running command */
    uint64_t request_bytes; /* of its request, if that is a long one; else 0 */
    struct {
        uint64_t keys;                /* names and entries */
        uint64_t values[VALUE_TYPES]; /* by type */
    } dataset;                        /* part of `used` */
    uint64_t held, held_by_lua;       /* by a scenario: output buffers, scripts; likewise */
    uint64_t entry_bytes;             /* a dictEntry */
    uint64_t key_entry_bytes;         /* of a key: in cluster mode it may have more */
    struct client client;             /* that speaks */
    struct connections connections;
    struct adoptions adoptions;
    bool was_called[OP_COUNT]; /* the command has its latency histogram */
    unsigned kinds_called;     /* how many have */
    struct transactions transactions;
    struct watches watches;
    struct tracking tracking;
    struct pubsub pubsub;
    struct pushes {
        uint32_t *receivers; /* owned: clients to which something waits to be written */
        uint32_t count, capacity;
    } pushes;                  /* see push.h */
    struct resident *resident; /* what is in memory, page by page: resident.h; NULL: nobody asks */
    struct script_cache scripts;
    struct libraries libraries;
    struct running_script script;
    struct script_arguments script_arguments;
    int64_t *renewed_ms; /* by id: when it expires by a ttl rule on use (ttl_rules.h); owned */
    uint32_t renewed_capacity;
    uint64_t trimmed; /* elements that a bound has taken away (trim_rules.h) */
    uint64_t unlike_hashes,
        unlike_zsets; /* keys that were made of kinds that the server keeps otherwise than this model */
    bool found_full;  /* the last command found no room that could be made */
    struct error_statistics errors;
    struct command_log_entries logs[COMMAND_LOGS];
    bool info_seen;
    bool has_compressed; /* DUMP has made the buffer for texts that are compressed */

    /* Time. */
    int64_t now_us; /* since the trace's first request */
    int64_t unix_ms;
    int64_t cached_unix_s; /* server.unixtime, as last updated */
    struct event_queue events;
    bool is_between; /* events are happening, before the next request */
    struct event cron, eviction_timer, info, scenario_event, sampler, warmup_event;
    int64_t cron_due_us;
    int64_t info_due_us; /* when INFO is a point of the curve again */
    struct idle idle;
    int rehash_db;      /* where cron's rehashing goes on */
    uint64_t expire_db; /* where the active expiry cycle goes on */
    /* Where expiring takes time (struct speed). */
    struct {
        bool limited;          /* timelimit_exit: the last cycle's time was up before it was done */
        bool wants_fast;       /* for that, or because too many keys are thought to have expired, */
        double stale;          /* this share of those with a ttl (expired_stale_perc / 100) */
        int64_t busy_until_us; /* the last cycle's end */
        int64_t fast_from_us;  /* when a fast cycle may run again */
    } expiry;

    /* evictionTimeProc: runs at the end of each turn until there is nothing left to do. */
    bool eviction_timer_runs;
    uint64_t timer_bytes; /* what it and its predecessors weigh, until a turn later */

    struct replication replication;

    struct blocked blocked; /* clients that wait */

    /* A child that saves (BGSAVE, or a replica's snapshot). */
    bool child;
    int64_t child_until_us; /* it is reaped by the first cron from then on */
    bool untouched;         /* uses of keys are not noted: a child saves, or the client has said CLIENT NO-TOUCH */

    /* Scenario. */
    struct scenario_cursor scenario;
    uint32_t other_clients;
    uint32_t awake_clients[2];   /* of those, with their reply buffer, their query buffer still large */
    struct batch *scenario_row;  /* of the key at hand, in a loop over a pattern */
    struct held_output *outputs; /* by event, owned; NULL: there has been none */
    uint32_t outputs_over;       /* of those, over the soft limit */

    /* Policy. */
    struct policy_context eviction;
    const struct policy *policy;        /* maxmemory-policy */
    struct policy in_force;             /* the same, perhaps with hooks that keep the LRU clock */
    void *kept_state[SERVER_STATES];    /* of policies that are not in force now */
    uint32_t named;                     /* the victim that an admission rule was told of; NO_KEY */
    struct admission_context admission; /* of the application: see application.h */
    gsl_rng *rng;

    struct missed_row *missed; /* of the last command */
    uint32_t missed_count, missed_capacity;

    struct warmup warmup;
    struct fetches fetches;
    struct counters counters;
    struct moments moments;
    struct memory_peak peak;
    struct evictions evictions;
    struct group_account *groups; /* NULL: nobody asks */
    struct curve_recorder recorder;

    /* Fields of hashes that expire. */
    uint32_t field_expire_db;       /* where the active expiry cycle goes on with them */
    uint64_t field_expire_sequence; /* so many have expired in that database, and more are due */
    bool fields_expire_first;       /* in the next cycle of a Valkey: then keys do */
};

static inline struct entry *entry_of(const struct redis *redis, uint32_t id)
{
    return (struct entry *)(void *)(redis->entries + (size_t)id * redis->stride);
}

static inline uint32_t entry_id(const struct redis *redis, const struct entry *entry)
{
    return (uint32_t)((size_t)((const char *)entry - redis->entries) / redis->stride);
}

/* The ttls of a hash's fields are Valkey's: FIELD_TTLS_IN_SPANS. */
static inline bool has_spans(const struct redis *redis)
{
    return redis->profile->field_ttls == FIELD_TTLS_IN_SPANS;
}

/* LRU_CLOCK: seconds, in the 24 bits that an object has for them. */
static inline uint32_t lru_clock_of(int64_t unix_s)
{
    return (uint32_t)unix_s & 0xffffff;
}

/* What counts against maxmemory. */
static inline uint64_t counted_memory(const struct redis *redis)
{
    uint64_t used = redis->used + redis->arguments;

    return replication_is_on(&redis->replication) ? used - replication_not_counted(&redis->replication) : used;
}

static inline struct database *database_of(struct redis *redis, const struct entry *entry)
{
    return &redis->databases[entry->db];
}

/* After a child, the client, or what it wants has changed. */
static inline void redis_settle_untouched(struct redis *redis)
{
    redis->untouched = redis->child || redis->client.leaves_untouched;
}

#endif
