/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config: the options of redis.conf that the model knows, under their own names.
 *
 * The same table serves redis.conf, the command line (--maxmemory-samples 10) and run.json. */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include "sim/error.h"
#include "sim/policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(field, name in redis.conf, kind, default as redis.conf has it, lowest, highest, help) */
#define REDIS_OPTION_LIST(X)                                                                                           \
    X(policy.maxmemory_samples, "maxmemory-samples", REDIS_NUMBER, "5", 1, 64, "keys per sample")                      \
    X(policy.lfu_log_factor, "lfu-log-factor", REDIS_NUMBER, "10", 0, INT32_MAX, "how slowly the LFU counter grows")   \
    X(policy.lfu_decay_time, "lfu-decay-time", REDIS_NUMBER, "1", 0, INT32_MAX,                                        \
      "minutes per LFU decrement, 0 = never")                                                                          \
    X(hz, "hz", REDIS_NUMBER, "10", 1, 500, "runs of serverCron per second")                                           \
    X(active_expire_effort, "active-expire-effort", REDIS_NUMBER, "1", 1, 10, "effort of the active expiry cycle")     \
    X(maxmemory_eviction_tenacity, "maxmemory-eviction-tenacity", REDIS_NUMBER, "10", 0, 100,                          \
      "time limit of one eviction call; bites only with --eviction-speed")                                             \
    X(activerehashing, "activerehashing", REDIS_FLAG, "yes", 0, 1, "cron rehashes")                                    \
    X(repl_backlog_size, "repl-backlog-size", REDIS_SIZE, "0", 0, UINT32_MAX,                                          \
      "bytes of the stream kept for replicas, 0 = the server's default: 1mb, Valkey 10mb")                             \
    X(repl_backlog_ttl, "repl-backlog-ttl", REDIS_NUMBER, "3600", 0, INT32_MAX,                                        \
      "seconds that the backlog outlives the last replica, 0 = for ever")

#define X(field, name, kind, initial, lowest, highest, help) +1
enum { REDIS_OPTIONS = REDIS_OPTION_LIST(X), REDIS_OPTION_TEXT = 24 /* a buffer for any value */ };
#undef X

struct redis_config {
    struct policy_options policy;
    uint32_t hz;
    uint32_t active_expire_effort;
    uint32_t maxmemory_eviction_tenacity;
    uint32_t activerehashing;
    uint32_t repl_backlog_size;
    uint32_t repl_backlog_ttl;
};

enum redis_option_kind {
    REDIS_NUMBER,
    REDIS_FLAG, /* written yes and no */
    REDIS_SIZE, /* may have a unit: 16mb */
};

struct redis_option {
    const char *name, *help;
    size_t offset; /* of a uint32_t in struct redis_config */
    enum redis_option_kind kind;
    const char *initial;
    int64_t lowest, highest;
};
extern const struct redis_option redis_options[REDIS_OPTIONS];

void redis_config_init(struct redis_config *config);

/* NULL when the model has no such option. */
const struct redis_option *redis_option_find(const char *name);
/* Sets one option from its text; -1 with "'0' is not between 1 and 500", to be prefixed with where it was said. */
int redis_option_set(struct redis_config *config, const struct redis_option *option, const char *text,
                     struct error *error);
/* Likewise from another configuration. */
void redis_option_copy(struct redis_config *to, const struct redis_config *from, const struct redis_option *option);
/* The option's value as redis.conf would have it. Returns text. */
char *redis_option_print(const struct redis_config *config, const struct redis_option *option,
                         char text[REDIS_OPTION_TEXT]);

/* What a redis.conf also says, besides the table. */
struct redis_conf_file {
    char *maxmemory; /* NULL when absent; freed by the caller, like the others */
    char *maxmemory_policy;
    char *not_modeled; /* "save, appendonly, ...": directives that change nothing here */
};

/* Reads a redis.conf into `config` and `file`. Directives that it does not model are listed, once
 * each. -1 with "redis.conf:12: ..." on an unreadable file or a bad value; `include` is refused. */
int redis_conf_read(const char *path, struct redis_config *config, struct redis_conf_file *file, struct error *error);
void redis_conf_file_release(struct redis_conf_file *file);

#endif
