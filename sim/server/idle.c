/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/idle.h"

#include "sim/server/connections.h"
#include "sim/server/depart.h"
#include "sim/server/state.h"
#include "sim/server/values/hash.h"

#include <assert.h>
#include <string.h>

/* A gap of fewer ticks is simulated tick by tick: finding the first round takes about as long. */
enum { WORTH_LOOKING = 64 };

static void forget(struct idle_search *search)
{
    search->has_kept = search->has_round = false;
}

void idle_forget(struct redis *redis)
{
    forget(&redis->idle.alone);
    forget(&redis->idle.with_info);
}

void idle_release(struct idle *idle)
{
    state_list_release(&idle->alone.kept);
    state_list_release(&idle->with_info.kept);
    state_list_release(&idle->current);
}

void idle_note_info(struct redis *redis)
{
    forget(&redis->idle.alone);
    redis->idle.info_came = true;
}

/* ---- describing the state ---- */

static uint64_t bits(int64_t number)
{
    return (uint64_t)number;
}

/* A cursor that counts up is used modulo the size of either table. */
static uint64_t cursor_of(const struct redis *redis, const struct database *database)
{
    const struct dict *dict = &database->expires.dict;
    uint64_t slots = dict->size[0] > dict->size[1] ? dict->size[0] : dict->size[1];

    if (redis->profile->expire_scan != EXPIRE_BY_COUNTING)
        return database->expires_cursor;
    return slots ? database->expires_cursor & (slots - 1) : 0;
}

static void describe_databases(const struct redis *redis, struct state_list *state)
{
    for (int db = 0; db < redis->database_count; db++) {
        const struct database *database = &redis->databases[db];

        table_describe(&database->keys, state);
        table_describe(&database->expires, state);
        table_describe(&database->volatile_hashes, state);
        state_list_add(state, cursor_of(redis, database));
        state_list_add(state, database->volatile_cursor);
    }
    state_list_add(state, (uint64_t)redis->rehash_db);
    state_list_add(state, redis->expire_db % (uint64_t)redis->database_ready);
    state_list_add(state, redis->fields_expire_first);
}

static void describe_counters(const struct counters *counters, struct state_list *state)
{
    for (int i = 0; i < COUNTER_COUNT; i++)
        state_list_add(state, counter_get(counters, i));
}

/* An eviction at an INFO may draw random numbers even if it finds no victim. */
static void describe_random(const gsl_rng *rng, struct state_list *state)
{
    uint64_t words[16] = {0};

    assert(gsl_rng_size(rng) <= sizeof words);
    memcpy(words, gsl_rng_state(rng), gsl_rng_size(rng));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        state_list_add(state, words[i]);
}

static void describe(const struct redis *redis, struct state_list *state)
{
    state->count = 0;
    state_list_add(state, bits((redis->options->start_unix_us + redis->now_us) % 1000000));
    state_list_add(state, bits(redis->cron.at_us - redis->now_us));
    state_list_add(state, bits(redis->cron_due_us - redis->now_us));
    state_list_add(state, redis->used - replication_stream_bytes(&redis->replication));
    state_list_add(state, redis->child);
    state_list_add(state, redis->cron_runs);
    state_list_add(state, redis->info_seen);
    connections_describe(redis, state);
    replication_describe(&redis->replication, state);
    describe_databases(redis, state);
    describe_counters(&redis->counters, state);
    describe_random(redis->rng, state);
}

static struct idle_counts counts_of(const struct redis *redis)
{
    struct idle_counts counts = {
        .time_us = redis->now_us,
        .cron_calls = redis->replication.cron_calls,
        .seconds = redis->replication.seconds,
        .expire_db = redis->expire_db,
    };

    for (int db = 0; db < redis->database_count; db++)
        counts.cursors[db] = redis->databases[db].expires_cursor;
    return counts;
}

/* ---- the end of a skip ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The earliest event in the queue, or the next request. */
static int64_t next_from_outside(const struct redis *redis)
{
    int64_t until_us = redis->idle.until_us;

    if (event_is_scheduled(&redis->sampler))
        until_us = earlier(until_us, redis->sampler.at_us);
    if (event_is_scheduled(&redis->warmup_event))
        until_us = earlier(until_us, redis->warmup_event.at_us);
    if (event_is_scheduled(&redis->scenario_event))
        until_us = earlier(until_us, redis->scenario_event.at_us);
    return until_us;
}

/* The trace's last microsecond before this Unix time. */
static int64_t just_before(const struct redis *redis, int64_t unix_time, int64_t unit_us)
{
    return unix_time > INT64_MAX / unit_us ? INT64_MAX : unix_time * unit_us - redis->options->start_unix_us - 1;
}

struct earliest {
    const struct redis *redis;
    int64_t expire_ms;
};

/* Ttls that ended earlier were seen and left by the cycle for a whole round, so they are part of the state. */
static void find_earliest(void *owner, uint32_t id)
{
    struct earliest *earliest = owner;
    int64_t expire_ms = entry_of(earliest->redis, id)->expire_ms;

    if (expire_ms >= earliest->redis->unix_ms && expire_ms < earliest->expire_ms)
        earliest->expire_ms = expire_ms;
}

static void find_earliest_field(void *owner, uint32_t id)
{
    struct earliest *earliest = owner;
    int64_t expire_ms = hash_first_ms(entry_of(earliest->redis, id));

    if (expire_ms >= earliest->redis->unix_ms && expire_ms < earliest->expire_ms)
        earliest->expire_ms = expire_ms;
}

static int64_t next_expire_ms(const struct redis *redis)
{
    struct earliest earliest = {redis, INT64_MAX};

    for (int db = 0; db < redis->database_count; db++) {
        int64_t field_ms = ebuckets_first_ms(&redis->databases[db].field_expires);

        table_each(&redis->databases[db].expires, find_earliest, &earliest);
        table_each(&redis->databases[db].volatile_hashes, find_earliest_field, &earliest);
        if (field_ms < earliest.expire_ms)
            earliest.expire_ms = field_ms;
    }
    return earliest.expire_ms;
}

static int64_t next_from_inside(const struct redis *redis)
{
    int64_t until_us = just_before(redis, next_expire_ms(redis), 1000);

    if (redis->child)
        until_us = earlier(until_us, redis->child_until_us - 1);
    until_us = earlier(until_us, depart_due_us(redis));
    if (redis->blocked.count)
        until_us = earlier(until_us, blocked_first_end_us(&redis->blocked) - 1);
    until_us = earlier(until_us, just_before(redis, connections_timeout_s(redis), 1000000));
    return earlier(until_us, just_before(redis, replication_backlog_ends_s(&redis->replication), 1000000));
}

/* ---- the round ---- */

/* Brent's algorithm: replaces the kept tick by the current one if that is due. */
static void keep_if_due(struct redis *redis, struct idle_search *search)
{
    if (search->has_kept && ++search->ticks < search->power)
        return;
    search->power = search->has_kept ? 2 * search->power : 1;
    search->ticks = 0;
    search->has_kept = true;
    state_list_swap(&search->kept, &redis->idle.current);
    search->kept_counts = counts_of(redis);
}

static void measure_round(const struct redis *redis, struct idle_search *search)
{
    const struct idle_counts *kept = &search->kept_counts;

    search->round = counts_of(redis);
    search->round.time_us -= kept->time_us;
    search->round.cron_calls -= kept->cron_calls;
    search->round.seconds -= kept->seconds;
    search->round.expire_db -= kept->expire_db;
    for (int db = 0; db < redis->database_count; db++)
        search->round.cursors[db] -= kept->cursors[db];
    search->round_ends_us = next_from_inside(redis);
    search->has_round = true;
}

/* Whether the states repeat from this tick on. */
static bool find_round(struct redis *redis, struct idle_search *search)
{
    if (search->has_round && redis->now_us > search->round_ends_us)
        forget(search);
    if (search->has_round)
        return true;
    describe(redis, &redis->idle.current);
    if (search == &redis->idle.with_info)
        state_list_add(&redis->idle.current, bits(redis->info.at_us - redis->now_us));
    if (search->has_kept && state_list_equal(&search->kept, &redis->idle.current))
        measure_round(redis, search);
    else
        keep_if_due(redis, search);
    return search->has_round;
}

/* ---- skipping ---- */

/* The number of keys that the policy in force may evict. */
static uint64_t candidates(const struct redis *redis)
{
    uint64_t count = 0;

    if (redis->eviction.scope == SCOPE_NONE)
        return 0;
    for (int db = 0; db < redis->database_count; db++)
        count += redis->eviction.view->candidates(redis, db, redis->eviction.scope);
    return count;
}

/* Whether the ticks must be simulated one by one: because the timer evicts; because the expiry cycle ran out of time;
 * because a replica reads slowly, or is about to come back; because INFO's gate and the peak see memory that replicas change; or because INFO's gate asks a policy that finds no
 * victim, whose state may change. */
static bool must_be_walked(const struct redis *redis)
{
    return redis->timer_bytes || redis->expiry.wants_fast || redis->outputs_over ||
           replication_is_slow(&redis->replication) ||
           (event_is_scheduled(&redis->info) &&
            (redis->replication.replica_count ||
             (redis->maxmemory && redis->used > redis->maxmemory && candidates(redis))));
}

static void move_on(struct redis *redis, const struct idle_counts *round, uint64_t rounds)
{
    for (int db = 0; db < redis->database_count; db++)
        redis->databases[db].expires_cursor += rounds * round->cursors[db];
    redis->expire_db += rounds * round->expire_db;
    connections_move_on(redis, (int64_t)rounds * round->time_us);
    replication_move_on(&redis->replication, rounds * round->cron_calls, rounds * round->seconds);
}

/* Skips all rounds that end by until_us. Returns the time skipped, in us. */
static int64_t skip_rounds(struct redis *redis, struct idle_search *search, int64_t until_us)
{
    int64_t rounds;

    if (!find_round(redis, search))
        return 0;
    rounds = (earlier(until_us, search->round_ends_us) - redis->now_us) / search->round.time_us;
    if (rounds <= 0)
        return 0;
    move_on(redis, &search->round, (uint64_t)rounds);
    return rounds * search->round.time_us;
}

static bool is_worth_looking(const struct redis *redis, int64_t until_us, int64_t period_us)
{
    return (until_us - redis->now_us) / period_us >= WORTH_LOOKING;
}

int64_t idle_skip(struct redis *redis, int64_t period_us, bool *info_too)
{
    struct idle *idle = &redis->idle;
    bool has_info = event_is_scheduled(&redis->info), info_came = idle->info_came;
    int64_t until_us = next_from_outside(redis), by_us = 0;

    idle->info_came = false;
    *info_too = false;
    if (idle->walks || !is_worth_looking(redis, until_us, period_us) || must_be_walked(redis))
        return 0;
    if (has_info && info_came)
        by_us = skip_rounds(redis, &idle->with_info, earlier(until_us, redis->info_due_us));
    *info_too = by_us > 0;
    if (has_info)
        until_us = earlier(until_us, redis->info.at_us);
    if (!by_us && is_worth_looking(redis, until_us, period_us))
        by_us = skip_rounds(redis, &idle->alone, until_us);
    return by_us;
}
