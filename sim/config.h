/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config: the options of Redis that the model knows, under their own names and by Redis's own rules.
 *
 * The same table serves redis.conf (config_file.h), the command line (--maxmemory-samples 10), CONFIG SET in a scenario
 * and run.json. What a server refuses is refused; what it takes for another value (hz 1000 works as 500) is taken for
 * that value, and the caller is told. What only some servers refuse is asked of each model (model.h, check_config).
 *
 * Source: config.c of Redis 7.0.15 (numericParseString, numericBoundaryCheck, updateHZ), memtoull and string2ll in
 * util.c; test_config_live asks a server. */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include "sim/error.h"
#include "sim/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes: no server has as much, and sums of some such cannot overflow. */
static const uint64_t SERVER_MEMORY_MOST = UINT64_C(1) << 50;

/* X(field, name in redis.conf, kind, default as redis.conf has it, lowest and highest that are not refused,
 *   least and most that it works with, help) */
/* maxmemory-samples: before 7.4 a server takes up to 2^31 - 1, and crashes at its first eviction where its stack
 * does not hold the sample: with the usual 8 MB above a million (redis#13000). */
#define REDIS_OPTION_LIST(X)                                                                                           \
    X(policy.maxmemory_samples, "maxmemory-samples", REDIS_NUMBER, "5", 1, 1000000, 1, 1000000,                        \
      "keys per sample; at most 64 since Redis 7.4 and in Valkey")                                                     \
    X(policy.lfu_log_factor, "lfu-log-factor", REDIS_NUMBER, "10", 0, INT32_MAX, 0, INT32_MAX,                         \
      "how slowly the LFU counter grows")                                                                              \
    X(policy.lfu_decay_time, "lfu-decay-time", REDIS_NUMBER, "1", 0, INT32_MAX, 0, INT32_MAX,                          \
      "minutes until the LFU counter falls by one; 0 = never")                                                         \
    X(maxmemory_eviction_tenacity, "maxmemory-eviction-tenacity", REDIS_NUMBER, "10", 0, 100, 0, 100,                  \
      "how long one eviction call may take; matters only with --speed deletions=N")                                    \
    X(hz, "hz", REDIS_NUMBER, "10", 0, INT32_MAX, 1, 500, "how often serverCron runs per second, 1 to 500")            \
    X(active_expire_effort, "active-expire-effort", REDIS_NUMBER, "1", 1, 10, 1, 10,                                   \
      "effort of the active expiry cycle")                                                                             \
    X(latency_tracking, "latency-tracking", REDIS_FLAG, "yes", 0, 1, 0, 1, "histograms of the commands' latencies")    \
    X(activerehashing, "activerehashing", REDIS_FLAG, "yes", 0, 1, 0, 1, "serverCron rehashes the tables")             \
    X(repl_backlog_size, "repl-backlog-size", REDIS_SIZE, "0", 1, INT64_MAX, 1, INT64_MAX,                             \
      "bytes of the replication stream that are kept for replicas; 0 = the server's default: 1mb, Valkey 10mb")        \
    X(repl_backlog_ttl, "repl-backlog-ttl", REDIS_NUMBER, "3600", 0, INT64_MAX, 0, INT64_MAX,                          \
      "seconds for which the backlog is kept after the last replica has left; 0 = for ever")                           \
    X(hash_max_listpack_entries, "hash-max-listpack-entries", REDIS_SIZE, "512", 0, INT64_MAX, 0, INT64_MAX,           \
      "most fields of a hash that is kept in a listpack")                                                              \
    X(hash_max_listpack_value, "hash-max-listpack-value", REDIS_SIZE, "64", 0, INT64_MAX, 0, INT64_MAX,                \
      "most bytes of a field or a value in a listpack")                                                                \
    X(set_max_intset_entries, "set-max-intset-entries", REDIS_SIZE, "512", 0, INT64_MAX, 0, INT64_MAX,                 \
      "most members of a set of integers that is kept in an intset")                                                   \
    X(set_max_listpack_entries, "set-max-listpack-entries", REDIS_SIZE, "128", 0, INT64_MAX, 0, INT64_MAX,             \
      "most members of a set that is kept in a listpack, since Redis 7.2")                                             \
    X(set_max_listpack_value, "set-max-listpack-value", REDIS_SIZE, "64", 0, INT64_MAX, 0, INT64_MAX,                  \
      "most bytes of a member in a listpack")                                                                          \
    X(list_max_listpack_size, "list-max-listpack-size", REDIS_NUMBER, "-2", INT32_MIN, INT32_MAX, INT32_MIN,           \
      INT32_MAX, "most elements of a list's node; -1 to -5: its bytes, 4 KB to 64 KB")                                 \
    X(list_compress_depth, "list-compress-depth", REDIS_NUMBER, "0", 0, INT32_MAX, 0, INT32_MAX,                       \
      "nodes at each end of a list that are not compressed, 0 = none is; evsim compresses none")                       \
    X(zset_max_listpack_entries, "zset-max-listpack-entries", REDIS_SIZE, "128", 0, INT64_MAX, 0, INT64_MAX,           \
      "most members of a sorted set that is kept in a listpack")                                                       \
    X(zset_max_listpack_value, "zset-max-listpack-value", REDIS_SIZE, "64", 0, INT64_MAX, 0, INT64_MAX,                \
      "most bytes of a member in a listpack")                                                                          \
    X(stream_node_max_bytes, "stream-node-max-bytes", REDIS_SIZE, "4096", 0, INT64_MAX, 0, INT64_MAX,                  \
      "bytes of a listpack of a stream's entries, 0 = 1gb")                                                            \
    X(stream_node_max_entries, "stream-node-max-entries", REDIS_NUMBER, "100", 0, INT64_MAX, 0, INT64_MAX,             \
      "entries of one, 0 = no limit")                                                                                  \
    X(hll_sparse_max_bytes, "hll-sparse-max-bytes", REDIS_SIZE, "3000", 0, INT64_MAX, 0, INT64_MAX,                    \
      "longest string of a HyperLogLog in its sparse form")                                                            \
    X(proto_max_bulk_len, "proto-max-bulk-len", REDIS_SIZE, "512mb", 1 << 20, INT64_MAX, 1 << 20, INT64_MAX,           \
      "longest argument, and longest string; a longer argument closes the connection")                                 \
    X(client_query_buffer_limit, "client-query-buffer-limit", REDIS_SIZE, "1gb", 1 << 20, INT64_MAX, 1 << 20,          \
      INT64_MAX, "most bytes in the query buffer; a longer argument closes the connection, too")                       \
    X(cluster_enabled, "cluster-enabled", REDIS_FLAG, "no", 0, 1, 0, 1,                                                \
      "cluster mode, whose tables weigh more; keys are spread evenly over its slots, hash tags are not looked at")     \
    X(timeout, "timeout", REDIS_NUMBER, "0", 0, INT32_MAX, 0, INT32_MAX,                                               \
      "seconds after which the server closes a silent connection; 0 = never")                                          \
    X(tracking_table_max_keys, "tracking-table-max-keys", REDIS_SIZE, "1000000", 0, INT64_MAX, 0, INT64_MAX,           \
      "most keys that clients with CLIENT TRACKING on are remembered to have read; 0 = no limit")                      \
    X(slowlog_log_slower_than, "slowlog-log-slower-than", REDIS_NUMBER, "10000", -1, INT64_MAX, -1, INT64_MAX,         \
      "microseconds from which a command is kept in the slow log; durations are not modeled: 0 keeps all, others "     \
      "none")                                                                                                          \
    X(slowlog_max_len, "slowlog-max-len", REDIS_NUMBER, "128", 0, INT64_MAX, 0, INT64_MAX, "entries of the slow log")  \
    X(commandlog_request_larger_than, "commandlog-request-larger-than", REDIS_NUMBER, "1048576", -1, INT64_MAX, -1,    \
      INT64_MAX, "bytes of a request from which a log of Valkey 9 keeps it; -1 = none")                                \
    X(commandlog_large_request_max_len, "commandlog-large-request-max-len", REDIS_NUMBER, "128", 0, INT64_MAX, 0,      \
      INT64_MAX, "entries of that log")                                                                                \
    X(commandlog_reply_larger_than, "commandlog-reply-larger-than", REDIS_NUMBER, "1048576", -1, INT64_MAX, -1,        \
      INT64_MAX, "bytes of a reply from which a log of Valkey 9 keeps its command; -1 = none")                         \
    X(commandlog_large_reply_max_len, "commandlog-large-reply-max-len", REDIS_NUMBER, "128", 0, INT64_MAX, 0,          \
      INT64_MAX, "entries of that log")                                                                                \
    X(maxclients, "maxclients", REDIS_NUMBER, "10000", 1, UINT32_MAX, 1, UINT32_MAX,                                   \
      "most connections; of one more the longest silent is taken to have gone before")                                 \
    X(client_output_buffer_limit, "client-output-buffer-limit", REDIS_LIMITS,                                          \
      "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", 0, 0, 0, 0,                               \
      "bytes of unread replies with which a client is closed: at once, and after so many seconds; 0 = never")          \
    X(maxmemory_clients, "maxmemory-clients", REDIS_SHARE, "0", -100, INT64_MAX, -100, INT64_MAX,                      \
      "memory of all clients, or a share of maxmemory (5%), beyond which the largest are closed; 0 = no limit")

#define X(field, name, kind, initial, lowest, highest, least, most, help) +1
enum { REDIS_OPTIONS = REDIS_OPTION_LIST(X), REDIS_OPTION_TEXT = 256 /* a buffer for any value */ };
#undef X
/* The first of them matter to policies only, and with the next to nothing but eviction. */
enum { REDIS_POLICY_OPTIONS = 3, REDIS_EVICTION_OPTIONS = 4 };

/* The classes of clients that have an output-buffer limit each. */
enum client_class { CLASS_NORMAL, CLASS_REPLICA, CLASS_PUBSUB, CLIENT_CLASSES };

struct output_limit {
    uint64_t hard, soft; /* bytes; 0: none */
    uint64_t seconds;    /* for which the soft limit may be exceeded */
};

struct output_limits {
    struct output_limit of[CLIENT_CLASSES];
};

struct redis_config {
    struct policy_options policy;
    uint32_t hz;
    uint32_t active_expire_effort;
    uint32_t maxmemory_eviction_tenacity;
    uint32_t activerehashing;
    uint32_t latency_tracking;
    uint64_t repl_backlog_size; /* 0: the server's default */
    uint64_t repl_backlog_ttl;
    uint64_t hash_max_listpack_entries;
    uint64_t hash_max_listpack_value;
    uint64_t set_max_intset_entries;
    uint64_t set_max_listpack_entries;
    uint64_t set_max_listpack_value;
    int64_t list_max_listpack_size;
    uint32_t list_compress_depth;
    uint64_t zset_max_listpack_entries;
    uint64_t zset_max_listpack_value;
    uint64_t stream_node_max_bytes;
    uint64_t stream_node_max_entries;
    uint64_t hll_sparse_max_bytes;
    uint64_t proto_max_bulk_len;
    uint64_t client_query_buffer_limit;
    uint32_t cluster_enabled;
    uint32_t timeout;
    uint32_t maxclients;
    uint64_t tracking_table_max_keys;
    int64_t slowlog_log_slower_than;
    uint64_t slowlog_max_len;
    int64_t commandlog_request_larger_than;
    uint64_t commandlog_large_request_max_len;
    int64_t commandlog_reply_larger_than;
    uint64_t commandlog_large_reply_max_len;
    struct output_limits client_output_buffer_limit;
    int64_t maxmemory_clients; /* bytes; negative: per cent of maxmemory */
};

enum redis_option_kind {
    REDIS_NUMBER,
    REDIS_FLAG,   /* written yes and no */
    REDIS_SIZE,   /* may have a unit: 16mb */
    REDIS_SHARE,  /* a size, or per cent: 5% */
    REDIS_LIMITS, /* struct output_limits: for some classes of clients a hard limit, a soft one and seconds */
};

struct redis_option {
    const char *name, *help;
    size_t offset, bytes; /* of a uint32_t, a uint64_t or a struct output_limits in struct redis_config */
    enum redis_option_kind kind;
    const char *initial;
    int64_t lowest, highest; /* what is beyond is refused */
    int64_t least, most;     /* what is beyond counts as these */
};
extern const struct redis_option redis_options[REDIS_OPTIONS];

void redis_config_init(struct redis_config *config);

/* In any case, by the name of today or the one before 7.0; NULL when the model has no such option. */
const struct redis_option *redis_option_find(const char *name);
/* Sets one option from its text. 0; 1 when the server works with another value than that, which is then set; -1 with
 * "'0' is not between 1 and 10", to be prefixed with where it was said. */
int redis_option_set(struct redis_config *config, const struct redis_option *option, const char *text,
                     struct error *error);
/* To its default, likewise from another configuration. */
void redis_option_reset(struct redis_config *config, const struct redis_option *option);
void redis_option_copy(struct redis_config *to, const struct redis_config *from, const struct redis_option *option);
/* The option's value as redis.conf would have it. Returns text. */
char *redis_option_print(const struct redis_config *config, const struct redis_option *option,
                         char text[REDIS_OPTION_TEXT]);

/* A size as the server reads it: digits and b, k, kb, m, mb, g or gb in any case, modulo 2^64; no digits are 0.
 * False for anything else. */
bool redis_memory_scan(const char *text, uint64_t *bytes);

#endif
