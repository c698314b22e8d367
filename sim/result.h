/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result: what a run found, as plain data. The engine fills it, the reports read it.
 *
 * One table of counters gives the struct, the CSV header, the JSON keys and the README section, so a
 * counter has one name everywhere. The names are a stable interface: others script against them. */
#ifndef SIM_RESULT_H
#define SIM_RESULT_H

#include "sim/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(name, unit, description). Order is the order of columns. */
#define COUNTER_LIST(X)                                                                                                \
    X(requests, "commands", "commands of the trace that were replayed")                                                \
    X(reads, "lookups", "keys looked up by reading commands: hits + misses")                                           \
    X(hits, "lookups", "keyspace_hits")                                                                                \
    X(misses, "lookups", "keyspace_misses")                                                                            \
    X(read_bytes, "bytes", "sizes of the values asked for, where known")                                               \
    X(hit_bytes, "bytes", "sizes of the values found")                                                                 \
    X(writes, "commands", "commands that may need memory (denyoom), fills included")                                   \
    X(fills, "commands", "SETs issued by the application after a miss (--on-miss fill)")                               \
    X(unfilled_misses, "lookups", "misses without a fill because no size is known")                                    \
    X(oom_rejections, "commands", "writes refused: OOM command not allowed when used memory > 'maxmemory'")            \
    X(not_admitted, "commands", "fills and writes of absent keys that --admission, or the policy, did not let in")     \
    X(evicted_keys, "keys", "keys evicted to get below maxmemory")                                                     \
    X(expired_keys, "keys", "keys deleted because their ttl passed")                                                   \
    X(deleted_keys, "keys", "keys deleted by DEL, UNLINK, GETDEL, FLUSHALL, a ttl in the past")                        \
    X(command_errors, "commands", "error replies other than OOM (INCR of a text, ...)")                                \
    X(keys, "keys", "keys at the end")                                                                                 \
    X(expires, "keys", "keys with a ttl at the end")                                                                   \
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

/* One point of the curves: counts since the start, as they stood just before time_us. */
struct sample {
    int64_t time_us;
    uint64_t used_memory, keys, expires;
    uint64_t hits, misses, evicted_keys, expired_keys, oom_rejections;
};

struct curve {
    int64_t interval_us; /* between samples; the last sample is the end of the run */
    size_t count;
    struct sample *samples;
};

/* One cell: a server, a policy, a maxmemory, a seed. */
struct result {
    const char *server, *policy; /* names, owned by the registries or the run */
    uint64_t maxmemory;          /* bytes */
    bool unit_sizes;             /* every object weighs 1: what else is said in bytes, are objects */
    uint64_t seed;
    struct counters counters;
    struct curve curve;    /* owned */
    double replay_seconds; /* CPU time of this host; no report may show it */
};

/* What no policy can exceed at a maxmemory (flat/bounds.h). */
struct bound {
    uint64_t maxmemory;   /* 0: no limit */
    uint64_t reads, hits; /* hits: at most */
    uint64_t read_bytes, hit_bytes;
};

double result_hit_ratio(const struct result *result);      /* 0..1; NaN without reads */
double result_byte_hit_ratio(const struct result *result); /* 0..1; NaN when no size is known */
double result_oom_share(const struct result *result);      /* of writes, 0..1; NaN without writes */

struct setting {
    char *name, *value;
};

/* One more at the end of `count` of them; both are copied. */
void settings_add(struct setting **settings, size_t *count, const char *name, const char *value);
void settings_free(struct setting *settings, size_t count);

/* A whole run: the grid of results and everything that led to it. */
struct run {
    const char *version;      /* of evsim */
    char *command;            /* the command line, quoted for a shell */
    struct setting *settings; /* every option with the value in force, defaults included */
    size_t setting_count;
    char *trace; /* path as given */
    const char *format;
    char trace_digest[33]; /* XXH3-128 of the decompressed bytes */
    uint64_t trace_bytes;  /* decompressed */
    int64_t start_unix_us; /* Unix time of the trace's first request, as simulated */
    bool start_assumed;    /* the trace had relative times only */
    int64_t duration_us;   /* first to last request */
    uint64_t commands;     /* of the trace */
    uint64_t key_count;    /* distinct keys */
    const char *on_miss;   /* "fill" or "none", as it was applied */
    char *on_miss_reason;  /* "asked for", or why auto chose it */
    const char *admission; /* the rule in front of every policy, as the user named it; NULL: none */
    char *scenario;        /* its lines as one; NULL without a scenario */
    struct intake intake;
    struct result *results; /* server-major, then maxmemory, policy, seed: the order asked for */
    size_t result_count;
    size_t seed_count;    /* results of one cell are adjacent, seed_count of them */
    struct bound *bounds; /* one per maxmemory, then without a limit; NULL: not asked for */
    size_t bound_count;
};

void run_release(struct run *run);

/* Of the maxmemory; 0: without a limit. NULL when bounds were not asked for. */
const struct bound *run_bound(const struct run *run, uint64_t maxmemory);
double bound_hit_ratio(const struct bound *bound); /* likewise 0..1, or NaN */
double bound_byte_hit_ratio(const struct bound *bound);

#endif
