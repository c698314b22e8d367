/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scenario: events that happen to the server besides the trace, at times of the trace.
 *
 *     # grow before the sale, shrink after it
 *     at 45m   CONFIG SET maxmemory 16mb
 *     2700     CONFIG SET maxmemory 16mb          a bare number of seconds stands for "at"
 *     at 1h    CONFIG SET maxmemory-policy allkeys-lfu maxmemory-samples 10
 *     at 2h    EXPIRE session:* 3600
 *     every 5m BGSAVE 30s                         first after 5 minutes
 *     at 4h    FLUSHALL
 *     at 10m   CLIENTS 500                        connections in all, idle but for their first command
 *     at 11m   CLIENT-OUTPUT 64mb for 20s         replies that wait for another client to read them
 *     at 12m   LUA 20mb for 1m                    the heap of a script
 *     at 15m   REPLICA attach 30s                 a replica, and how long its snapshot takes
 *     at 1h    REPLICA reads 2mb/s                it reads no more than that in a second; all: as ever
 *     at 2h    REPLICA detach
 *
 * Commands are Redis's own, with quotes as in redis-cli. They go to database 0, over the connection that sends the
 * trace; the last five are what other connections do. Two are shorthand for what an operator would do: a pattern in
 * place of a key stands for a loop over all keys that exist at that moment, one command for each; and BGSAVE takes the
 * time that the child lives.
 *
 * A scenario is read once, its keys are given ids before the trace starts (reader.h), and then all cells
 * share it, read-only. */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include "sim/error.h"
#include "sim/policy.h"
#include "sim/request.h"
#include "sim/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scenario_kind {
    SCENARIO_COMMAND, /* a command of the trace's list on literal keys, or without a key */
    SCENARIO_PATTERN, /* one on every key that matches */
    SCENARIO_CONFIG,  /* CONFIG SET */
    SCENARIO_BGSAVE,
    SCENARIO_MEMORY,  /* others' output buffers, the Lua heap: bytes that come, or go */
    SCENARIO_REPLICA, /* one comes, or goes */
    SCENARIO_CLIENTS, /* other connections: how many there are now */
    SCENARIO_IDLE,    /* those that came with CLIENTS give back what an idle one does not need */
};

enum {
    SCENARIO_SETTINGS = 16, /* of one CONFIG SET */
    SCENARIO_PATTERNS = 32,
    SCENARIO_WORDS = 2 + 2 * SCENARIO_SETTINGS,
};

struct scenario_setting {
    const struct redis_option *option; /* NULL: maxmemory, or the policy if there is one */
    const struct policy *policy;
    uint64_t maxmemory;
    const char *value; /* as written */
    bool is_clamped;   /* the server works with another value */
};

struct scenario_event {
    int64_t at_us;
    int64_t period_us; /* of "every"; 0: once */
    enum scenario_kind kind;
    int line;         /* of the file */
    const char *text; /* the command as written, and its words */
    const char *words[SCENARIO_WORDS];
    size_t word_count;
    /* COMMAND, PATTERN: rows of the scenario's batch. */
    uint32_t first, rows;
    unsigned pattern;         /* PATTERN: its number */
    int64_t child_us;         /* BGSAVE, REPLICA attach: how long the child lives */
    bool attaches, sets_rate; /* REPLICA; neither: it detaches */
    uint64_t rate;            /* bytes that it reads in a second, UINT64_MAX: all there are */
    int64_t bytes;            /* MEMORY; negative when they go */
    bool is_lua;              /* which not every server counts */
    uint32_t clients;         /* CLIENTS: connections besides the one that sends the trace */
    int idle_step;            /* IDLE: 1 the reply buffer, 2 the query buffer */
    bool follows;             /* from an earlier event of the same line */
    struct scenario_setting settings[SCENARIO_SETTINGS]; /* CONFIG */
    size_t setting_count;
};

struct scenario {
    char *path;
    struct scenario_event *events; /* in the order of the file */
    size_t count;
    struct batch rows;      /* of the commands; ids are filled in by the reader */
    struct record *records; /* the same rows, with the names of their keys */
    const char *patterns[SCENARIO_PATTERNS];
    unsigned pattern_count;
    const struct key_patterns *matches; /* which keys match which, kept by the reader; NULL without patterns */
    bool sets_policy;                   /* some line changes maxmemory-policy */
    size_t entry_size;                  /* the most that a policy named here keeps of a key */
    const struct policy *recency;       /* the policy that keeps the server's LRU clock of a key */
    char **texts;                       /* owned: what the words point into */
    size_t text_count;
};

/* The records of one command, made of its words: up to `room`; how many, or -1 with an error. Their keys
 * point into the words. */
typedef int scenario_command_fn(const char *const *words, size_t count, struct record *records, int room,
                                struct error *error);

/* What the words of a scenario may mean, beyond sim/. */
struct scenario_language {
    const struct policy *const *policies;
    size_t policy_count;
    scenario_command_fn *command;
    uint64_t memory_limit; /* as of host_memory_ask(), for the file */
};

/* NULL, with an error that names file and line. */
struct scenario *scenario_read(const char *path, const struct scenario_language *language, struct error *error);
void scenario_free(struct scenario *scenario); /* NULL is fine */

/* Where a cell is in the scenario. */
struct scenario_cursor {
    const struct scenario *scenario;
    int64_t *next_us; /* of each event, EVENT_NEVER when it is over */
};

void scenario_cursor_init(struct scenario_cursor *cursor, const struct scenario *scenario);
void scenario_cursor_release(struct scenario_cursor *cursor);
int64_t scenario_next_us(const struct scenario_cursor *cursor);
/* The event that is due next, the first of the file among equals; the cursor moves on. */
const struct scenario_event *scenario_next(struct scenario_cursor *cursor);

/* All lines as one, for reports: "at 2700s CONFIG SET maxmemory 16mb; every 5m BGSAVE 30s". To be freed. */
char *scenario_print(const struct scenario *scenario);

#endif
