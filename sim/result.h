/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result: what a run found, as plain data. The engine fills it, the reports read it.
 *
 * One table of counters gives the struct, the CSV header, the JSON keys and the README section, so a
 * counter has one name everywhere. The names are a stable interface: others script against them. */
#ifndef SIM_RESULT_H
#define SIM_RESULT_H

#include "sim/fields.h"
#include "sim/input/intake.h"
#include "sim/moments.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a read misses: the counters misses_cold and so on, in their order. */
enum miss_cause {
    MISS_COLD,
    MISS_EXPIRED_LAZILY,
    MISS_EXPIRED_BY_CYCLE,
    MISS_EVICTED,
    MISS_DELETED,
    MISS_FLUSHED,
    MISS_REFUSED,
    MISS_NOT_ADMITTED,
    MISS_CAUSES
};

/* X(name, unit, description). Order is the order of columns. */
#define COUNTER_LIST(X)                                                                                                \
    X(requests, "commands", "commands of the trace that were replayed")                                                \
    X(reads, "lookups", "keys looked up by reading commands: hits + misses")                                           \
    X(hits, "lookups", "keyspace_hits")                                                                                \
    X(misses, "lookups", "keyspace_misses")                                                                            \
    X(misses_cold, "lookups", "misses by cause: the key was never written before")                                     \
    X(misses_expired_lazily, "lookups", "... its ttl had passed, and a command found that out")                        \
    X(misses_expired_by_cycle, "lookups", "... its ttl had passed, and the active expiry cycle had deleted it")        \
    X(misses_evicted, "lookups", "... it had been evicted")                                                            \
    X(misses_deleted, "lookups", "... it had been deleted, renamed, or emptied of its elements")                       \
    X(misses_flushed, "lookups", "... FLUSHALL or FLUSHDB had deleted it")                                             \
    X(misses_refused, "lookups", "... the last write of it was refused for OOM")                                       \
    X(misses_not_admitted, "lookups", "... --admission, or the policy, had not let it in")                             \
    X(misses_evicted_expired, "lookups", "of misses_evicted: the ttl that the key had would have passed by then")      \
    X(read_bytes, "bytes", "sizes of the values asked for, where known")                                               \
    X(hit_bytes, "bytes", "sizes of the values found")                                                                 \
    X(writes, "commands", "commands that may need memory (denyoom), or are refused; fills, too")                       \
    X(fills, "commands", "SETs issued by the application after a miss (--on-miss fill)")                               \
    X(unfilled_misses, "lookups", "misses without a fill because no size is known")                                    \
    X(oom_rejections, "commands", "writes refused: OOM command not allowed when used memory > 'maxmemory'")            \
    X(not_admitted, "commands", "fills and writes of absent keys that --admission, or the policy, did not let in")     \
    X(evicted_keys, "keys", "keys evicted to get below maxmemory")                                                     \
    X(expired_keys, "keys", "keys deleted because their ttl passed")                                                   \
    X(expired_subkeys, "fields", "fields of hashes deleted because their ttl passed")                                  \
    X(deleted_keys, "keys", "keys deleted by DEL, UNLINK, GETDEL, FLUSHALL, a ttl in the past")                        \
    X(command_errors, "commands", "error replies other than OOM (INCR of a text, ...)")                                \
    X(closed_connections, "commands",                                                                                  \
      "commands that the server did not take, for an argument was too long (proto-max-bulk-len)")                      \
    X(client_output_buffer_limit_disconnections, "connections",                                                        \
      "clients and replicas that the server closed, for more replies waited than client-output-buffer-limit allows")   \
    X(unread_commands, "commands", "commands of a pipeline whose connection the server had closed before")             \
    X(evicted_clients, "connections", "clients closed because all together took more than maxmemory-clients")          \
    X(comparisons_left_out, "commands",                                                                                \
      "SET IFEQ (IFNE ...), DELIFEQ, DELEX not executed: whether the value is equal does not follow from the trace")   \
    X(keys, "keys", "keys at the end")                                                                                 \
    X(expires, "keys", "keys with a ttl at the end")                                                                   \
    X(blessed_keys, "keys", "keys that may not be evicted at the end (BLESS)")                                         \
    X(used_memory, "bytes", "used_memory at the end")                                                                  \
    X(used_memory_peak, "bytes", "highest used_memory seen after a command")                                           \
    X(baseline_memory, "bytes", "used_memory as INFO says it before the first request")

struct counters {
#define X(name, unit, description) uint64_t name;
    COUNTER_LIST(X)
#undef X
};

struct counter_field {
    const char *name, *unit, *description;
    size_t offset; /* of a uint64_t in struct counters */
};
enum {
#define X(name, unit, description) COUNTER_##name,
    COUNTER_LIST(X)
#undef X
        COUNTER_COUNT
};
extern const struct counter_field counter_fields[COUNTER_COUNT];

static inline uint64_t counter_get(const struct counters *counters, int field)
{
    return *(const uint64_t *)((const char *)counters + counter_fields[field].offset);
}

extern const struct layout counters_layout;

/* What follows are lists of fields (fields.h): whatever is in one of them is in the file of results
 * (result_file.h), and read back from it. */

/* Misses by cause, in the order of enum miss_cause. */
#define MISS_FIELDS(X)                                                                                                 \
    X(VALUE, uint64_t, misses_cold)                                                                                    \
    X(VALUE, uint64_t, misses_expired_lazily)                                                                          \
    X(VALUE, uint64_t, misses_expired_by_cycle)                                                                        \
    X(VALUE, uint64_t, misses_evicted)                                                                                 \
    X(VALUE, uint64_t, misses_deleted)                                                                                 \
    X(VALUE, uint64_t, misses_flushed)                                                                                 \
    X(VALUE, uint64_t, misses_refused)                                                                                 \
    X(VALUE, uint64_t, misses_not_admitted)

/* Of used_memory, what grows with the number of keys. */
#define KEY_MEMORY_FIELDS(X)                                                                                           \
    X(VALUE, uint64_t, memory_strings) /* values by type; of HyperLogLogs, too */                                      \
    X(VALUE, uint64_t, memory_hashes)                                                                                  \
    X(VALUE, uint64_t, memory_lists)                                                                                   \
    X(VALUE, uint64_t, memory_sets)                                                                                    \
    X(VALUE, uint64_t, memory_zsets)                                                                                   \
    X(VALUE, uint64_t, memory_streams)                                                                                 \
    X(VALUE, uint64_t, memory_keys)      /* names, and the entry or object of each key */                              \
    X(VALUE, uint64_t, memory_tables)    /* hash tables of the keys: their buckets */                                  \
    X(VALUE, uint64_t, memory_rehashing) /* tables that are being emptied into larger or smaller ones */               \
    X(VALUE, uint64_t, memory_expires)   /* ttls: tables, and an entry of each */                                      \
    X(VALUE, uint64_t, memory_blessed)   /* the index of keys that may not be evicted */

/* What used_memory is made of: the parts add up to it (server/memory.h). */
#define MEMORY_FIELDS(X)                                                                                               \
    KEY_MEMORY_FIELDS(X)                                                                                               \
    X(VALUE, uint64_t, memory_query_buffers)  /* of clients */                                                         \
    X(VALUE, uint64_t, memory_output_buffers) /* of clients: reply buffers and lists */                                \
    X(VALUE, uint64_t, memory_clients)        /* besides those: structs, names, what they watch and wait for */        \
    X(VALUE, uint64_t, memory_pubsub)         /* subscriptions, and the keys that clients track */                     \
    X(VALUE, uint64_t, memory_arguments)      /* of commands: under way, queued behind MULTI, kept by scripts */       \
    X(VALUE, uint64_t, memory_backlog)        /* replication backlog, up to its size */                                \
    X(VALUE, uint64_t, memory_replicas)       /* their connections, and what waits for them beyond the backlog */      \
    X(VALUE, uint64_t, memory_scripts)        /* cached scripts, and Lua */                                            \
    X(VALUE, uint64_t, memory_logs)           /* slow log, and Valkey's logs of large requests and replies */          \
    X(VALUE, uint64_t, memory_histograms)     /* latency histograms of commands, error statistics */                   \
    X(VALUE, uint64_t, memory_other)          /* a buffer that Valkey compresses in */                                 \
    X(VALUE, uint64_t, memory_startup)        /* the empty server */

/* Of that: keys whose ttl has passed, and that are still there. COUNT_UNKNOWN: nobody looked (server/lingering.h). */
#define LINGERING_FIELDS(X)                                                                                            \
    X(VALUE, uint64_t, lingering_keys)                                                                                 \
    X(VALUE, uint64_t, lingering_bytes) /* MEMORY USAGE of them */

#define COUNT_UNKNOWN UINT64_MAX

/* One point of the curves: counts since the start, as they stood just before time_us. */
#define SAMPLE_FIELDS(X)                                                                                               \
    X(VALUE, int64_t, time_us)                                                                                         \
    X(VALUE, uint64_t, maxmemory) /* in force: a scenario may change it */                                             \
    X(VALUE, uint64_t, used_memory)                                                                                    \
    MEMORY_FIELDS(X)                                                                                                   \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, expires)                                                                                        \
    X(VALUE, uint64_t, blessed_keys)                                                                                   \
    X(VALUE, uint64_t, hits)                                                                                           \
    X(VALUE, uint64_t, misses)                                                                                         \
    MISS_FIELDS(X)                                                                                                     \
    X(VALUE, uint64_t, evicted_keys)                                                                                   \
    X(VALUE, uint64_t, expired_keys)                                                                                   \
    X(VALUE, uint64_t, oom_rejections)                                                                                 \
    LINGERING_FIELDS(X)                                                                                                \
    X(VALUE, uint64_t, allocator_active) /* 0, likewise the next: nobody asked */                                      \
    X(VALUE, uint64_t, used_memory_rss)

struct sample {
    SAMPLE_FIELDS(FIELD_DECLARE)
};

#define CURVE_FIELDS(X)                                                                                                \
    X(VALUE, int64_t, interval_us) /* between samples; the last sample is the end of the run */                        \
    X(ARRAY, sample, samples, count)

struct curve {
    CURVE_FIELDS(FIELD_DECLARE)
};

/* How many lay between this and the next bucket's from_us. The next is twice as far. */
#define BUCKET_FIELDS(X)                                                                                               \
    X(VALUE, int64_t, from_us)                                                                                         \
    X(VALUE, uint64_t, count)

struct bucket {
    BUCKET_FIELDS(FIELD_DECLARE)
};

/* How good evictions were, and how fast (evictions.h). */
#define EVICTION_QUALITY_FIELDS(X)                                                                                     \
    X(VALUE, double, evicted_keys_per_s_p99_minute) /* 99 % of the minutes had at most so many a second */             \
    X(VALUE, double, misses_per_s_p99_minute)                                                                          \
    X(ARRAY, bucket, asked_again,                                                                                      \
      asked_again_count) /* victims since the warm-up that a read missed, by the time since they went */               \
    X(ARRAY, bucket, ttl_left, ttl_left_count) /* victims that had a ttl, by what was left of it */

struct eviction_quality {
    EVICTION_QUALITY_FIELDS(FIELD_DECLARE)
};

/* What concerns one group of keys (--by, group_account.h). The sums over all groups are the counters. */
#define GROUP_FIELDS(X)                                                                                                \
    X(TEXT, name)                                                                                                      \
    X(VALUE, uint64_t, requests) /* commands whose first key is the group's */                                         \
    X(VALUE, uint64_t, reads)                                                                                          \
    X(VALUE, uint64_t, hits)                                                                                           \
    X(VALUE, uint64_t, misses)                                                                                         \
    MISS_FIELDS(X)                                                                                                     \
    X(VALUE, uint64_t, misses_evicted_expired)                                                                         \
    X(VALUE, uint64_t, oom_rejections) /* of those commands */                                                         \
    X(VALUE, uint64_t, evicted_keys)                                                                                   \
    X(VALUE, uint64_t, expired_keys)                                                                                   \
    X(VALUE, uint64_t, fetches) /* with --miss-cost, likewise the next two: as of struct miss_load */                  \
    X(VALUE, uint64_t, repeated_fetches)                                                                               \
    X(VALUE, uint64_t, miss_cost_us)                                                                                   \
    X(VALUE, uint64_t, keys)    /* at the end, likewise the next two */                                                \
    X(VALUE, uint64_t, expires) /* those with a ttl */                                                                 \
    X(VALUE, uint64_t, bytes)   /* names, entries, values and ttls' entries; of a flat cache: sizes */

struct group {
    GROUP_FIELDS(FIELD_DECLARE)
};

/* A group at a sample of the curve: counts since the start. */
#define GROUP_POINT_FIELDS(X)                                                                                          \
    X(VALUE, uint64_t, bytes)                                                                                          \
    X(VALUE, uint64_t, keys)                                                                                           \
    X(VALUE, uint64_t, requests)                                                                                       \
    X(VALUE, uint64_t, hits)                                                                                           \
    X(VALUE, uint64_t, misses)                                                                                         \
    X(VALUE, uint64_t, evicted_keys)                                                                                   \
    X(VALUE, uint64_t, oom_rejections)

struct group_point {
    GROUP_POINT_FIELDS(FIELD_DECLARE)
};

/* One group over time (group_curves.h). */
#define GROUP_CURVE_FIELDS(X)                                                                                          \
    X(TEXT, name)                                                                                                      \
    X(ARRAY, group_point, points, count) /* one for each sample of the result's curve */

struct group_curve {
    GROUP_CURVE_FIELDS(FIELD_DECLARE)
};

/* The name of the curve of all groups that have none of their own. */
#define GROUP_CURVES_REST "(smaller groups)"

/* So many keys of one group were evicted while a command of the other ran; of "(no key)": while none did. */
#define GROUP_EVICTION_FIELDS(X)                                                                                       \
    X(VALUE, uint32_t, by) /* places in the result's groups */                                                         \
    X(VALUE, uint32_t, of)                                                                                             \
    X(VALUE, uint64_t, evicted_keys)

struct group_eviction {
    GROUP_EVICTION_FIELDS(FIELD_DECLARE)
};

/* What misses cost, and whom they meet: with --miss-cost (fetches.h). All 0: nobody asked. */
#define MISS_LOAD_FIELDS(X)                                                                                            \
    X(VALUE, uint64_t, fetches)          /* misses, and hits whose value would not have come yet */                    \
    X(VALUE, uint64_t, repeated_fetches) /* of a key that was being fetched */                                         \
    X(VALUE, uint64_t, fetches_at_once)  /* of one key, at most */                                                     \
    X(VALUE, uint64_t, cost_us)          /* of all fetches together */                                                 \
    X(VALUE, int64_t, clock_us)          /* of which every time of the trace's reads is a multiple: 1000000, 1000, 1 */

struct miss_load {
    MISS_LOAD_FIELDS(FIELD_DECLARE)
};

/* How a cluster's client sends the trace to several shards (engine/dealing.h). All 0: to one server. */
#define CLUSTER_TRAFFIC_FIELDS(X)                                                                                      \
    X(VALUE, uint64_t, commands)            /* of the trace; all shards' requests are these + added - refused */       \
    X(VALUE, uint64_t, commands_split)      /* one for each of its slots: MGET, MSET, DEL, ... of several */           \
    X(VALUE, uint64_t, commands_everywhere) /* without a key: to every shard */                                        \
    X(VALUE, uint64_t, transactions_split)  /* one for each of its shards */                                           \
    X(VALUE, uint64_t, commands_added)      /* that follow from those three */                                         \
    X(VALUE, uint64_t, crossslot)       /* left out: a cluster refuses them, for their keys are in several slots */    \
    X(VALUE, uint64_t, calls_elsewhere) /* likewise: calls of scripts whose key another shard has */

struct cluster_traffic {
    CLUSTER_TRAFFIC_FIELDS(FIELD_DECLARE)
};

/* What concerns one shard. The sums over all shards are the counters. */
#define SHARD_FIELDS(X)                                                                                                \
    X(TEXT, name)                                                                                                      \
    X(TEXT, slots) /* "0-5460" */                                                                                      \
    X(VALUE, uint64_t, slot_count)                                                                                     \
    X(VALUE, uint64_t, maxmemory) /* its own, bytes; 0: no limit */                                                    \
    X(VALUE, uint64_t, requests)                                                                                       \
    X(VALUE, uint64_t, reads)                                                                                          \
    X(VALUE, uint64_t, hits)                                                                                           \
    X(VALUE, uint64_t, misses)                                                                                         \
    X(VALUE, uint64_t, read_bytes)                                                                                     \
    X(VALUE, uint64_t, hit_bytes)                                                                                      \
    X(VALUE, uint64_t, writes)                                                                                         \
    X(VALUE, uint64_t, oom_rejections)                                                                                 \
    X(VALUE, uint64_t, evicted_keys)                                                                                   \
    X(VALUE, uint64_t, expired_keys)                                                                                   \
    X(VALUE, uint64_t, keys)        /* at the end, likewise the next */                                                \
    X(VALUE, uint64_t, used_memory) /* bytes */                                                                        \
    X(VALUE, uint64_t, used_memory_peak)                                                                               \
    X(VALUE, int64_t, first_refusal_us) /* first_oom_us of its moments: -1: nothing was refused */                     \
    X(VALUE, uint32_t,                                                                                                 \
      least_full) /* place of the shard that was least full then; itself: there is none, or no refusal */              \
    X(VALUE, double,                                                                                                   \
      least_full_share) /* the part taken of the room that maxmemory leaves beside the empty server, 0..1 */

struct shard {
    SHARD_FIELDS(FIELD_DECLARE)
};

/* One of the slots that are asked most, or hold most. */
#define HOT_SLOT_FIELDS(X)                                                                                             \
    X(VALUE, uint32_t, slot)                                                                                           \
    X(VALUE, uint32_t, shard)    /* its place */                                                                       \
    X(VALUE, uint64_t, requests) /* rows of commands that name one of its keys */                                      \
    X(VALUE, uint64_t, keys)     /* at the end, likewise the next */                                                   \
    X(VALUE, uint64_t, bytes)    /* MEMORY USAGE of its keys; of a flat cache: sizes */                                \
    X(TEXT_OR_NULL, hash_tag)    /* of the key that is asked most */                                                   \
    X(TEXT_OR_NULL, hottest_key) /* NULL: none is asked; likewise the next but one */                                  \
    X(VALUE, uint64_t, hottest_key_requests)                                                                           \
    X(TEXT_OR_NULL, largest_key)                                                                                       \
    X(VALUE, uint64_t, largest_key_bytes)

struct hot_slot {
    HOT_SLOT_FIELDS(FIELD_DECLARE)
};

enum { HOT_SLOTS = 10 };

/* One cell: a server, a policy, a maxmemory, a seed. Nothing in it depends on the host that made it. */
#define RESULT_FIELDS(X)                                                                                               \
    X(TEXT, server)                                                                                                    \
    X(VALUE, bool, server_is_read) /* its model was read, not measured: see struct server */                           \
    X(TEXT_OR_NULL, cluster)       /* "3 shards": all of a cluster, maxmemory is each shard's unless shards say */     \
    X(TEXT, policy)                /* as the user wrote it */                                                          \
    X(VALUE, bool, policy_is_elsewhere) /* one of Redis's, which this server does not have: a what-if */               \
    X(VALUE, uint64_t, unlike_hashes)   /* keys that were made of a kind that the server keeps otherwise than */       \
    X(VALUE, uint64_t, unlike_zsets)    /* its model: hashes with shared templates, sorted sets as trees */            \
    X(VALUE, uint64_t, silent_clients) /* connections that have sent nothing for some seconds at the end, and wait  */ \
    X(VALUE, uint64_t,                                                                                                 \
      silent_client_bytes)        /* for nothing: they may have been closed; used_memory less, if they were */         \
    X(VALUE, uint64_t, maxmemory) /* bytes; 0: no limit */                                                             \
    X(VALUE, bool, unit_sizes)    /* every object weighs 1: what else is said in bytes, are objects */                 \
    X(VALUE, bool, sizes_alone)   /* the model has no server's rules, and no elements of values */                     \
    X(VALUE, uint64_t, seed)                                                                                           \
    X(VALUE, bool, memory_is_least) /* used_memory and evictions are lower bounds (warnings.h), */                     \
    X(VALUE, bool, oom_is_least)    /* and so are OOM rejections */                                                    \
    X(STRUCT, counters, counters)                                                                                      \
    X(STRUCT, counters, warmup) /* what was counted in the warm-up (warmup.h): `counters` do not have it */            \
    X(STRUCT, moments, moments)                                                                                        \
    X(STRUCT, eviction_quality, quality)                                                                               \
    X(ARRAY, group, groups, group_count) /* NULL: nobody asked, likewise the next two */                               \
    X(ARRAY, group_eviction, evicted_for, evicted_for_count)                                                           \
    X(ARRAY, group_curve, group_curves, group_curve_count)                                                             \
    X(STRUCT, miss_load, load)                                                                                         \
    X(STRUCT, cluster_traffic, traffic)                                                                                \
    X(ARRAY, shard, shards, shard_count) /* NULL: one server; else all that is said above is of all together */        \
    X(ARRAY, hot_slot, slots_by_requests, slots_by_requests_count) /* HOT_SLOTS at most, the hottest first */          \
    X(ARRAY, hot_slot, slots_by_bytes, slots_by_bytes_count)                                                           \
    X(STRUCT, curve, curve)

struct result {
    RESULT_FIELDS(FIELD_DECLARE)
};

/* What no policy can exceed at a maxmemory (flat/bounds.h). */
#define BOUND_FIELDS(X)                                                                                                \
    X(VALUE, uint64_t, maxmemory) /* 0: no limit */                                                                    \
    X(VALUE, uint64_t, reads)                                                                                          \
    X(VALUE, uint64_t, hits) /* at most */                                                                             \
    X(VALUE, uint64_t, read_bytes)                                                                                     \
    X(VALUE, uint64_t, hit_bytes)

struct bound {
    BOUND_FIELDS(FIELD_DECLARE)
};

/* What shares of it, as a maxmemory, are of (engine/size_shares.h). */
#define WHOLE_SIZE_FIELDS(X)                                                                                           \
    X(TEXT, server)                                                                                                    \
    X(VALUE, bool, unit_sizes)      /* in objects, not in bytes */                                                     \
    X(VALUE, uint64_t, used_memory) /* the most without a limit: 100 % */                                              \
    X(VALUE, uint64_t, empty)       /* of that, the empty server: 0 % */

struct whole_size {
    WHOLE_SIZE_FIELDS(FIELD_DECLARE)
};

/* An option with the value in force. */
#define SETTING_FIELDS(X)                                                                                              \
    X(TEXT, name)                                                                                                      \
    X(TEXT, value)

struct setting {
    SETTING_FIELDS(FIELD_DECLARE)
};

/* What must be known before the numbers are believed (warnings.h). */
#define WARNING_FIELDS(X)                                                                                              \
    X(TEXT, code) /* stable */                                                                                         \
    X(TEXT, text)

struct warning {
    WARNING_FIELDS(FIELD_DECLARE)
};

/* A whole run: the grid of results and everything that led to it. It owns all of it. */
#define RUN_FIELDS(X)                                                                                                  \
    X(TEXT, version)                           /* of evsim */                                                          \
    X(TEXT, command)                           /* the command line, quoted for a shell */                              \
    X(ARRAY, setting, settings, setting_count) /* every option, defaults included */                                   \
    X(TEXT, trace)                             /* path as given */                                                     \
    X(TEXT, format)                                                                                                    \
    X(CHARS, 33, trace_digest)        /* XXH3-128 of the decompressed bytes */                                         \
    X(VALUE, uint64_t, trace_bytes)   /* decompressed */                                                               \
    X(VALUE, int64_t, start_unix_us)  /* Unix time of the trace's first request, as simulated */                       \
    X(VALUE, bool, start_assumed)     /* the trace had relative times only */                                          \
    X(VALUE, int64_t, duration_us)    /* first to last request */                                                      \
    X(VALUE, int64_t, warmup_us)      /* at its beginning, that totals leave out (warmup.h); curves do not */          \
    X(VALUE, bool, warmup_missed)     /* it was looked for, and there is no end of it: nothing is left out */          \
    X(VALUE, uint64_t, commands)      /* of the trace */                                                               \
    X(VALUE, uint64_t, key_count)     /* distinct keys */                                                              \
    X(VALUE, uint32_t, key_parts)     /* each seed had one in so many of them, and results are estimates; 0: all */    \
    X(TEXT, on_miss)                  /* "fill" or "none", as it was applied */                                        \
    X(TEXT, on_miss_reason)           /* "asked for", or why auto chose it */                                          \
    X(VALUE, bool, weighs_keys)       /* objects of a flat cache weigh their keys, too */                              \
    X(VALUE, bool, has_rss)           /* samples say what is in memory, page by page */                                \
    X(VALUE, int64_t, miss_cost_us)   /* results say what misses cost; 0: they do not */                               \
    X(VALUE, bool, miss_costs_differ) /* by group of keys; then miss_cost_us is the smallest */                        \
    X(TEXT_OR_NULL, admission)        /* the rule in front of every policy, as the user named it */                    \
    X(TEXT_OR_NULL, scenario)         /* its lines as one */                                                           \
    X(STRUCT, intake, intake)                                                                                          \
    X(ARRAY, warning, warnings, warning_count)                                                                         \
    X(ARRAY, whole_size, whole_sizes, whole_size_count) /* one per server; NULL: no size is a share */                 \
    X(VALUE, size_t, seed_count)            /* of each cell; results that differ in the seed only are adjacent */      \
    X(ARRAY, bound, bounds, bound_count)    /* one per maxmemory, then without a limit; NULL: not asked for */         \
    X(ARRAY, result, results, result_count) /* server-major, then maxmemory, policy, seed: the order asked for */

struct run {
    RUN_FIELDS(FIELD_DECLARE)
};

extern const struct layout whole_size_layout, cluster_traffic_layout, shard_layout, hot_slot_layout, group_layout,
    group_point_layout, group_curve_layout, group_eviction_layout, bucket_layout, eviction_quality_layout,
    miss_load_layout, sample_layout, curve_layout, result_layout, bound_layout, setting_layout, warning_layout,
    run_layout;

void result_release(struct result *result);
/* Whether both are of one kind of cluster, or both of one server. */
bool result_same_cluster(const struct result *a, const struct result *b);
/* maxmemory of all shards together; 0: no limit. */
uint64_t result_maxmemory_in_all(const struct result *result);
/* Whether some results are of clusters. */
bool run_has_shards(const struct run *run);
/* Of a cluster of one shard: it is a server. */
void result_forget_shards(struct result *result);
void run_release(struct run *run);

/* Whether a run that was read from a file makes sense: times that do not run backwards, bounds for every size. -1
 * (ERROR_INPUT) with what does not. */
int run_check(const struct run *run, struct error *error);

/* The time that totals are about: the trace's without the warm-up. */
int64_t run_counted_us(const struct run *run);

double result_hit_ratio(const struct result *result);      /* 0..1; NaN without reads */
double result_byte_hit_ratio(const struct result *result); /* 0..1; NaN when no size is known */
double result_oom_share(const struct result *result);      /* of writes, 0..1; NaN without writes */
/* Of a run that has a miss cost, with its duration: fetches that are under way at a time, on average; misses per second. NaN
 * for a duration of 0. */
double result_fetches_in_flight(const struct result *result, int64_t duration_us);
double result_misses_per_s(const struct result *result, int64_t duration_us);
/* Whether the trace's clock is so coarse that reads within the miss cost cannot be told from others: then what is said of
 * fetches are upper bounds. */
bool result_fetches_are_most(const struct result *result, int64_t miss_cost_us);
/* mem_fragmentation_ratio: used_memory_rss / used_memory, of a run that has it. */
double sample_fragmentation_ratio(const struct sample *sample);
/* Copies the misses by cause. */
void sample_take_misses(struct sample *sample, const struct counters *counters);
/* Of used_memory, what grows with the number of keys: values, names, tables, ttls. */
uint64_t sample_bytes_of_keys(const struct sample *sample);
/* The sample at the end of the run. */
const struct sample *result_last_sample(const struct result *result);

/* The first with the highest used_memory of those at from_us and later. There is one at least, and from_us is before its end. */
const struct sample *result_highest_sample(const struct result *result, int64_t from_us);

/* One more at the end of `count` of them; both are copied. */
void settings_add(struct setting **settings, size_t *count, const char *name, const char *value);

/* The setting of that name; NULL: it has none. */
const char *run_setting(const struct run *run, const char *name);
/* Whether the setting chooses the cells: such settings may differ between runs that are merged, or compared. */
bool setting_chooses_cells(const char *name);

/* How a trace's path is shown: "standard input" of "-". */
const char *trace_shown(const char *path);

/* Of the maxmemory; 0: without a limit. NULL when bounds were not asked for. */
const struct bound *run_bound(const struct run *run, uint64_t maxmemory);
double bound_hit_ratio(const struct bound *bound); /* likewise 0..1, or NaN */
double bound_byte_hit_ratio(const struct bound *bound);

#endif
