/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_server: one simulated server (or flat cache), driven by a miniature trace.
 *
 *     struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-lru"});
 *     cell_run(cell, "set a 100; get a; set b 100 ex 10; wait 11; get b");
 *     assert_int_equal(cell->redis->counters.expired_keys, 1);
 *     cell_close(cell);
 *
 * Statements are separated by semicolons. Keys are words, their length is the word's; sizes of
 * values are numbers of bytes, "=42" is the integer 42. What is understood:
 *
 *     set K SIZE [ex S] [px MS] [exat S] [pxat MS] [nx] [xx] [keepttl] [get]
 *     getset|setnx|append K SIZE    setrange K OFFSET SIZE    incrby|decrby K BY
 *     setex K S SIZE   psetex K MS SIZE   expire K S [nx|xx|gt|lt]   pexpire ...  expireat ...
 *     getex K [ex S ...] [persist]     mget|del|unlink|exists|touch K...     mset K SIZE K SIZE ...
 *     get|getdel|strlen|incr|decr|ttl|pttl|type|persist K       flushall flushdb ping info
 *     select DB        later keys are of that database; no command is sent
 *     wait S           time passes, and what falls due happens */
#ifndef TESTS_SUPPORT_SERVER_H
#define TESTS_SUPPORT_SERVER_H

#include "sim/input/members.h"
#include "sim/input/names.h"
#include "sim/server/keyspace.h"
#include "sim/server/redis.h"
#include "sim/server/state.h"

/* The name of the first server of each model that is registered, in turn; NULL behind the last. */
const char *model_server(size_t i);

struct cell_setup {
    const char *server;                 /* NULL: redis-7.0.15 */
    const char *policy;                 /* NULL: noeviction */
    const struct policy *wrapped;       /* instead of `policy`, when not NULL */
    const struct admission *admission;  /* NULL: none */
    const double *admission_parameters; /* NULL: the initial ones */
    uint64_t maxmemory;
    uint64_t seed;
    uint32_t samples; /* 0: the default; likewise below */
    uint32_t effort;
    bool is_cluster;
    struct simulation_options options; /* its redis part is set to the defaults */
};

enum { CELL_NAMES = 64 };

struct cell {
    struct simulation_options options;
    struct cell_config config;
    void *state;
    struct redis *redis; /* the state; NULL for flat */
    struct batch *batch; /* rows that wait for cell_flush */
    struct member_index members;
    struct key_names *key_names;
    struct error error; /* stays empty: what goes wrong fails the test */
    int64_t now_us;
    int64_t rows; /* replayed */
    uint8_t db;
    uint32_t client;    /* that sends what cell_say says */
    uint32_t key_count; /* ids below this may be used */
    struct {
        char name[32];
        uint8_t db;
    } names[CELL_NAMES]; /* by id */
    uint32_t name_count;
};

/* One row. Without REQUEST_MORE the command ends with it. */
struct row {
    enum op op;
    uint32_t id, key_len, value_len;
    uint16_t flags;
    uint8_t db;
    int64_t ttl_ms, number, second;
    uint32_t elements; /* which are copied from: */
    const struct element *list;
    uint32_t client;
    uint8_t behind;      /* in a pipeline */
    int64_t next_access; /* for offline policies; 0: unknown */
};

struct cell *cell_open(struct cell_setup setup);
void cell_close(struct cell *cell);
void cell_run(struct cell *cell, const char *text);
uint32_t cell_id(struct cell *cell, const char *name); /* of a key of the selected database */

uint32_t cell_member(struct cell *cell, const char *text); /* of a hash, a set */

/* One command, in the words of a client, at once: "zadd key 1 member". Its keys are names (cell_id). */
void cell_say(struct cell *cell, const char *words);
struct argument; /* traces/commands/queue.h */
/* Likewise, of words that may hold any byte. */
void cell_send(struct cell *cell, const struct argument *words, size_t count);

/* Adds a row at the cell's time; flush replays what was added. */
void cell_add(struct cell *cell, struct row row);
void cell_flush(struct cell *cell);
/* One row, at once. */
void cell_do(struct cell *cell, struct row row);
/* Time passes; events that fall due fire. Only for a Redis server. */
void cell_wait_us(struct cell *cell, int64_t us);

/* Ends the run. The curve is freed unless `curve` is given. Afterwards only cell_close. */
struct counters cell_finish(struct cell *cell, struct curve *curve);
/* Likewise, for the whole result; result_release() frees what is in it. */
struct result cell_finish_result(struct cell *cell);

/* used_memory counted again from everything that is there, by a second reading of the rules. */
uint64_t recount_used_memory(const struct redis *redis);
/* A size class, by the rule instead of a table. */
uint64_t plain_class(const char *allocator, uint64_t bytes);

#endif
