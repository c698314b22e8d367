/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redis: a cell's life. Requests of the batch and events are merged into turns of the event loop:
 *
 *     turn = one command (or none, when the loop only woke up), then serverCron if it is due
 *
 * serverCron is due one period (1000/hz ms) after it last ran, and first 1 ms after the start. A busy server runs it
 * after the command during which it falls due. An idle server wakes up for it at multiples of the period. So it runs at
 * those multiples unless the trace's requests keep it out of step.
 *
 * The server's clock stands still within a turn. */
#include "sim/server/redis.h"

#include "sim/server/application.h"
#include "sim/server/bless.h"
#include "sim/server/client_eviction.h"
#include "sim/server/connections.h"
#include "sim/server/depart.h"
#include "sim/server/tracking.h"
#include "sim/server/turn.h"
#include "sim/server/evict.h"
#include "sim/server/expire.h"
#include "sim/server/follow.h"
#include "sim/server/idle.h"
#include "sim/server/key_share.h"
#include "sim/server/libraries.h"
#include "sim/server/keyspace.h"
#include "sim/server/lingering.h"
#include "sim/server/memory.h"
#include "sim/server/operator.h"
#include "sim/server/profile_words.h"
#include "sim/server/pubsub.h"
#include "sim/server/push.h"
#include "sim/server/replication.h"
#include "sim/server/resident.h"
#include "sim/server/script_turn.h"
#include "sim/server/serve.h"
#include "sim/server/short_turn.h"
#include "sim/server/survey.h"
#include "sim/server/command_logs.h"
#include "sim/server/values/collection.h"
#include "sim/server/values/encoding.h"

#include "sim/alloc.h"
#include "sim/contract.h"
#include "sim/census.h"
#include "sim/draws_ahead.h"
#include "sim/hooks.h"
#include "sim/redis_policy.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t MEMORY_IS_NEGATIVE = UINT64_C(1) << 60; /* a difference that wrapped around is more */

enum { FIRST_CRON_US = 1000 };

/* Makes the sender of the next command the current client. */
static inline void switch_client(struct redis *redis, uint32_t client)
{
    if (__builtin_expect(client != redis->connections.current && client != CLIENT_SCRIPT, 0))
        connections_switch(redis, client);
}

static void set_now(struct redis *redis, int64_t now_us)
{
    redis->now_us = now_us;
    redis->unix_ms = (redis->options->start_unix_us + now_us) / 1000;
    redis->eviction.clock.unix_ms = redis->unix_ms;
}

/* ---- serverCron ---- */

static int64_t cron_period_us(const struct redis *redis)
{
    return INT64_C(1000000) / redis->config.hz;
}

/* As htNeedsResize: fewer than a tenth of the slots are used. */
static void shrink_if_sparse(struct dict *dict)
{
    uint64_t slots = dict_slots(dict);

    if (slots > DICT_INITIAL_SIZE && (uint64_t)dict_count(dict) * 100 / slots < 10)
        dict_shrink(dict);
}

/* As incrementallyRehash: at most one table per run of cron, here completely, since time stands still. */
static void rehash_one(struct redis *redis)
{
    for (int i = 0; i < redis->database_count; i++) {
        struct database *database = &redis->databases[redis->rehash_db];
        struct table *table = table_is_rehashing(&database->keys) ? &database->keys : &database->expires;

        if (table_is_rehashing(table)) {
            table_drain(table);
            return;
        }
        redis->rehash_db = (redis->rehash_db + 1) % redis->database_count;
    }
}

static void resize_by_cron(struct redis *redis)
{
    for (int db = 0; db < redis->database_count; db++) {
        shrink_if_sparse(&redis->databases[db].keys.dict);
        shrink_if_sparse(&redis->databases[db].expires.dict);
    }
    if (redis->config.activerehashing)
        rehash_one(redis);
}

/* As kvstoreTryResizeDicts and kvstoreIncrementallyRehash. There is time for all tables. */
static void resize_every_table(struct redis *redis)
{
    for (int db = 0; db < redis->database_count; db++) {
        table_resize_if_due(&redis->databases[db].keys);
        table_resize_if_due(&redis->databases[db].expires);
        table_resize_if_due(&redis->databases[db].volatile_hashes);
        table_resize_if_due(&redis->databases[db].blessed);
    }
    for (int db = 0; db < redis->database_count && redis->config.activerehashing; db++) {
        table_drain(&redis->databases[db].keys);
        table_drain(&redis->databases[db].expires);
        table_drain(&redis->databases[db].volatile_hashes);
        table_drain(&redis->databases[db].blessed);
    }
}

static void server_cron(struct redis *redis)
{
    redis->cached_unix_s = redis->unix_ms / 1000;
    redis->eviction.clock.lru_clock = lru_clock_of(redis->cached_unix_s);
    depart_run(redis);
    serve_end_late_waits(redis);
    if (redis->connections.is_known || redis->config.timeout)
        connections_cron(redis, redis->connections.limit ? client_eviction_note : NULL);
    else
        client_cron(&redis->client, redis->unix_ms, redis->cached_unix_s);
    if (key_share_expires(redis))
        active_expire_cycle(redis);
    if (redis->child) /* no resizing while memory pages are shared with a child */
        operator_reap_child(redis);
    else if (redis->profile->resize == RESIZE_BY_CRON)
        resize_by_cron(redis);
    else
        resize_every_table(redis);
    if (redis->outputs_over)
        operator_close_outputs(redis);
    replication_cron(&redis->replication, redis->cached_unix_s);
    if (redis->resident)
        resident_note_every_table(redis);
    key_share_settle(redis);
}

/* An idle server wakes at the first multiple of the period at which cron is due: where nothing takes time, its turns begin
 * there. A cycle that takes time puts the next one off by as much. */
static void schedule_wake(struct redis *redis)
{
    int64_t period = cron_period_us(redis);

    if (redis->options->speed.expirations | redis->options->speed.elements)
        event_schedule(&redis->events, &redis->cron, redis->cron_due_us);
    else
        event_schedule(&redis->events, &redis->cron, (redis->cron_due_us + period - 1) / period * period);
}

static void run_cron(struct redis *redis)
{
    server_cron(redis);
    redis->cron_due_us = expire_ends_us(redis) + cron_period_us(redis);
    schedule_wake(redis);
}

static void before_sleep(struct redis *redis)
{
    if (redis->expiry.wants_fast)
        active_expire_cycle_fast(redis);
    if (replication_is_on(&redis->replication)) {
        replication_write(&redis->replication);
        operator_tend_replicas(redis);
    }
    tracking_end_turn(redis);
    push_end_turn(redis);
}

static void put_off(struct redis *redis, struct event *event, int64_t by_us)
{
    event_schedule(&redis->events, event, event->at_us + by_us);
}

/* Skips ticks in which an idle server would only repeat what it did before. */
static void skip_empty_time(struct redis *redis)
{
    bool info_too;
    int64_t by_us = idle_skip(redis, cron_period_us(redis), &info_too);

    if (!by_us)
        return;
    set_now(redis, redis->now_us + by_us);
    redis->cached_unix_s = redis->unix_ms / 1000;
    redis->eviction.clock.lru_clock = lru_clock_of(redis->cached_unix_s);
    redis->cron_due_us += by_us;
    put_off(redis, &redis->cron, by_us);
    if (info_too)
        put_off(redis, &redis->info, by_us);
}

static void cron_fire(void *owner, int64_t now_us)
{
    struct redis *redis = owner;

    set_now(redis, now_us);
    client_written(&redis->client);
    if (redis->timer_bytes)
        evict_run_timer(redis);
    run_cron(redis);
    before_sleep(redis);
    if (redis->connections.limit)
        client_eviction_run(redis);
    skip_empty_time(redis);
}

/* Whether a turn has left anything to do before the server sleeps. Most have not, and this is asked behind every command:
 * without a branch for each question. */
static inline bool has_work_left(const struct redis *redis)
{
    return redis->client.closes | redis->expiry.wants_fast | replication_is_on(&redis->replication) |
           (redis->tracking.change_count != 0) | redis->tracking.has_changes | (redis->pushes.count != 0) |
           (redis->connections.limit != 0);
}

__attribute__((noinline)) static void do_work_left(struct redis *redis)
{
    if (redis->client.closes)
        connections_drop_current(redis);
    before_sleep(redis);
    if (redis->connections.limit)
        client_eviction_end_turn(redis);
}

/* After a command cron runs in the same turn, before the reply is written. */
static inline void end_turn(struct redis *redis)
{
    if (redis->timer_bytes)
        evict_run_timer(redis);
    if (redis->now_us >= redis->cron_due_us)
        run_cron(redis);
    if (__builtin_expect(has_work_left(redis), 0))
        do_work_left(redis);
}

/* The same, where it need not be quick. */
static void end_of_turn(struct redis *redis)
{
    end_turn(redis);
}

/* As evictionTimeProc, if evictions take time. evict_to_limit starts the timer again if it has not finished. */
static void eviction_timer_fire(void *owner, int64_t now_us)
{
    struct redis *redis = owner;

    set_now(redis, now_us);
    evict_run_timer(redis);
    idle_forget(redis);
}

/* ---- curves ---- */

static struct sample take_sample(struct redis *redis, uint64_t used_memory, bool is_last)
{
    struct resident_memory resident = resident_look(redis);
    struct sample sample = {
        .time_us = redis->now_us,
        .maxmemory = redis->maxmemory_set,
        .used_memory = used_memory,
        .keys = keyspace_keys(redis),
        .expires = keyspace_expires(redis),
        .blessed_keys = bless_count(redis),
        .hits = redis->counters.hits,
        .misses = redis->counters.misses,
        .evicted_keys = redis->counters.evicted_keys,
        .expired_keys = redis->counters.expired_keys,
        .oom_rejections = redis->counters.oom_rejections,
        .allocator_active = resident.active,
        .used_memory_rss = resident.rss,
    };

    sample_take_misses(&sample, &redis->counters);
    memory_look(redis, &sample);
    lingering_look(redis, &sample, is_last);
    return sample;
}

static void sample_fire(void *owner, int64_t now_us)
{
    struct redis *redis = owner;
    struct sample sample;

    set_now(redis, now_us);
    sample = take_sample(redis, redis->used, false);
    curve_recorder_add(&redis->recorder, &sample);
    group_account_sample(redis->groups, &redis->recorder.curve, sample.time_us);
    event_schedule(&redis->events, &redis->sampler,
                   curve_recorder_next(&redis->recorder, now_us, redis->idle.until_us));
}

static void warmup_fire(void *owner, int64_t now_us)
{
    struct redis *redis = owner;

    set_now(redis, now_us);
    idle_forget(redis);
    warmup_end(&redis->warmup, now_us, redis->used, &redis->counters, &redis->moments, &redis->evictions,
               &redis->fetches, redis->groups);
}

/* A client sends INFO, which is a command like any other. Returns the used_memory that it prints. */
static uint64_t ask_info(struct redis *redis)
{
    uint64_t printed;

    switch_client(redis, 0);
    printed = turn_info(redis);
    end_of_turn(redis);
    return printed;
}

static void info_fire(void *owner, int64_t now_us)
{
    struct redis *redis = owner;
    int64_t every_us = redis->options->info_every_us, cron_due_us = redis->cron_due_us;
    struct sample sample;

    set_now(redis, now_us);
    sample = take_sample(redis, ask_info(redis), false);
    event_schedule(&redis->events, &redis->info, now_us + every_us);
    idle_note_info(redis);
    if (now_us >= redis->info_due_us) {
        curve_recorder_add(&redis->recorder, &sample);
        group_account_sample(redis->groups, &redis->recorder.curve, sample.time_us);
        redis->info_due_us = curve_recorder_next_of(&redis->recorder, every_us, now_us, redis->idle.until_us);
    }
    if (redis->cron_due_us != cron_due_us) /* cron ran after INFO */
        skip_empty_time(redis);
}

/* ---- scenario ---- */

static void schedule_scenario(struct redis *redis)
{
    int64_t next_us = scenario_next_us(&redis->scenario);

    if (next_us != EVENT_NEVER)
        event_schedule(&redis->events, &redis->scenario_event, next_us);
}

/* After an event that does not repeat, samples are as dense as after a request. */
static void sample_closely(struct redis *redis)
{
    int64_t next_us;

    curve_recorder_falls_silent(&redis->recorder);
    next_us = curve_recorder_next(&redis->recorder, redis->now_us - 1, redis->idle.until_us);
    if (event_is_scheduled(&redis->sampler) && next_us < redis->sampler.at_us)
        event_schedule(&redis->events, &redis->sampler, next_us);
    redis->info_due_us = redis->now_us;
}

static void scenario_fire(void *owner, int64_t now_us)
{
    struct redis *redis = owner;
    const struct scenario_event *event = scenario_next(&redis->scenario);
    uint32_t hz = redis->config.hz;

    set_now(redis, now_us);
    idle_forget(redis);
    switch_client(redis, 0);
    operator_execute(redis, event, end_of_turn);
    if (redis->config.hz != hz)
        schedule_wake(redis);
    if (!event->period_us)
        sample_closely(redis);
    schedule_scenario(redis);
}

/* ---- the model's functions ---- */

static void init_event(struct redis *redis, struct event *event, event_fn *fire, enum event_priority priority)
{
    *event = (struct event){.fire = fire, .owner = redis, .priority = priority};
}

static void init_events(struct redis *redis)
{
    event_queue_init(&redis->events);
    init_event(redis, &redis->cron, cron_fire, PRIORITY_CRON);
    init_event(redis, &redis->eviction_timer, eviction_timer_fire, PRIORITY_EVICTION);
    init_event(redis, &redis->info, info_fire, PRIORITY_CLIENT);
    init_event(redis, &redis->scenario_event, scenario_fire, PRIORITY_SCENARIO);
    init_event(redis, &redis->sampler, sample_fire, PRIORITY_SAMPLE);
    init_event(redis, &redis->warmup_event, warmup_fire, PRIORITY_SAMPLE);
    redis->cron_due_us = FIRST_CRON_US;
    event_schedule(&redis->events, &redis->cron, cron_period_us(redis));
}

/* The used_memory that INFO printed before the first request includes memory of INFO itself, some of it kept for good,
 * and INFO's histogram. Without a baseline INFO has not been sent yet. */
static void init_memory(struct redis *redis)
{
    const struct server_profile *profile = redis->profile;
    uint64_t by_info = profile->info_bytes + profile->info_once_bytes;
    uint64_t baseline = redis->options->baseline_memory;

    if (!baseline)
        baseline = profile->startup_bytes + profile->first_info_bytes +
                   (redis->config.cluster_enabled ? profile->cluster_bytes : 0);
    redis->used = baseline - by_info;
    redis->counters.baseline_memory = baseline;
    error_statistics_init(&redis->errors, redis->allocator, &redis->used);
    redis->peak = (struct memory_peak){&redis->counters.used_memory_peak, profile->peak_by_allocator,
                                       baseline - profile->first_info_bytes - profile->peak_mark_bytes};
    client_init(&redis->client, profile, redis->allocator, &redis->used, &redis->peak, &redis->cached_unix_s,
                &redis->config.client_output_buffer_limit.of[CLASS_NORMAL]);
    replication_init(&redis->replication, profile, redis->allocator, &redis->config, &redis->used, &redis->now_us,
                     &redis->cached_unix_s);
    client_eviction_settle(redis);
    if (redis->options->baseline_memory || redis->options->info_every_us)
        turn_info(redis);
    if (redis->options->rss)
        resident_open(redis);
}

static uint64_t mix(uint64_t seed)
{
    seed = (seed ^ seed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    seed = (seed ^ seed >> 27) * UINT64_C(0x94d049bb133111eb);
    return seed ^ seed >> 31;
}

static int redis_init(void *state, const struct cell_config *config, struct error *error)
{
    struct redis *redis = state;
    const struct server_profile *profile = config->server->profile;
    const struct simulation_options *options = config->options;
    uint64_t least = profile->info_bytes + profile->info_once_bytes + profile->client_bytes;

    if (options->baseline_memory && options->baseline_memory < least)
        return error_set(error, ERROR_USAGE, "--baseline-memory is below the %llu bytes of one connected client",
                         (unsigned long long)least);
    if (options->baseline_memory > SERVER_MEMORY_MOST)
        return error_set(error, ERROR_USAGE, "--baseline-memory is above 1024 TiB, which no server has");
    redis->cell = config;
    redis->error = error;
    redis->profile = profile;
    redis->allocator = allocator_find(options->allocator ? options->allocator : profile->allocator);
    redis->options = options;
    redis->config = options->redis;
    redis->maxmemory = redis->maxmemory_set = config->maxmemory;
    operator_set_policy(redis, config->policy);
    redis->rng = gsl_rng_alloc(&draws_ahead);
    gsl_rng_set(redis->rng, (unsigned long)mix(config->seed) | 1);
    redis->eviction = (struct policy_context){
        .options = &redis->config.policy,
        .rng = redis->rng,
        .keyspace = redis,
        .view = &redis_keyspace_view,
        .database_count = 1,
        .policy = &redis->in_force,
    };
    keyspace_init(redis, mix(config->seed + UINT64_C(0x9e3779b97f4a7c15)));
    if (policy_open(&redis->eviction, policy_wrapped(options, &redis->in_force), config->parameters, error) ||
        application_open(redis, config, error))
        return -1;
    set_now(redis, 0);
    redis->cached_unix_s = redis->unix_ms / 1000;
    redis->eviction.clock.lru_clock = lru_clock_of(redis->cached_unix_s);
    init_events(redis);
    redis->moments = moments_none;
    evictions_init(&redis->evictions, options->minutes);
    redis->groups = group_account_new(options->groups);
    fetches_init(&redis->fetches, redis->options->miss_cost_us, redis->options->fill);
    fetches_by_group(&redis->fetches, redis->groups, options->miss_costs);
    curve_recorder_init(&redis->recorder, options->interval_us     ? options->interval_us
                                          : options->info_every_us ? options->info_every_us
                                                                   : 0);
    init_memory(redis);
    key_share_settle(redis);
    if (options->info_every_us)
        event_schedule(&redis->events, &redis->info, 0);
    if (options->scenario) {
        scenario_cursor_init(&redis->scenario, options->scenario);
        schedule_scenario(redis);
    }
    if (!options->info_every_us || options->interval_us)
        event_schedule(&redis->events, &redis->sampler, 0);
    if (options->warmup_us)
        event_schedule(&redis->events, &redis->warmup_event, options->warmup_us);
    return error_is_set(error) ? -1 : 0; /* INFO's gate may ask for victims if even the server itself has no room */
}

static void redis_release(void *state)
{
    struct redis *redis = state;

    if (!redis->rng)
        return;
    policy_close(&redis->eviction);
    application_close(redis);
    operator_release(redis);
    replication_release(&redis->replication);
    error_statistics_release(&redis->errors);
    keyspace_release(redis);
    resident_release(redis);
    transactions_release(&redis->transactions);
    blocked_release(&redis->blocked);
    connections_release(&redis->connections);
    script_cache_release(&redis->scripts);
    pubsub_release(&redis->pubsub);
    tracking_release(&redis->tracking);
    command_logs_release(redis);
    free(redis->pushes.receivers);
    free(redis->renewed_ms);
    libraries_release(&redis->libraries);
    free(redis->watches.keys);
    free(redis->missed);
    free(redis->adoptions.list);
    event_queue_release(&redis->events);
    idle_release(&redis->idle);
    curve_recorder_release(&redis->recorder);
    evictions_release(&redis->evictions);
    group_account_free(redis->groups);
    fetches_release(&redis->fetches);
    gsl_rng_free(redis->rng);
}

/* How many rows ahead the entries of coming requests are prefetched. */
enum { PREFETCH_ROWS = 12, PREFETCH_HEADS = 8, PREFETCH_PLACES = 6, PREFETCH_COLUMNS = 4 };

/* Always inlined, because GCC drops calls of functions that only prefetch. So is prefetch_collections(). */
__attribute__((always_inline)) static inline void prefetch_key(const struct redis *redis, const struct batch *batch,
                                                               uint32_t row)
{
    if (row >= batch->count || batch->id[row] == NO_KEY)
        return;
    __builtin_prefetch(entry_of(redis, batch->id[row]), 1);
    if (__builtin_expect(redis->groups != NULL, 0))
        group_prefetch(redis->groups, batch->id[row]);
}

/* Of a nearer row, whose entry has come: where its key will be put, if it is absent. */
__attribute__((always_inline)) static inline void prefetch_places(const struct redis *redis, const struct batch *batch,
                                                                  uint32_t row)
{
    const struct database *database;
    const struct entry *entry;
    bool is_absent;

    if (row >= batch->count || batch->id[row] == NO_KEY)
        return;
    entry = entry_of(redis, batch->id[row]);
    is_absent = entry->encoding == ENCODING_ABSENT;
    if (!is_absent && entry->expire_ms >= redis->unix_ms)
        return;
    database = &redis->databases[batch->db[row]];
    table_prefetch(&database->keys, batch->id[row]);
    if (batch->flags[row] & REQUEST_TTL || !is_absent)
        table_prefetch(&database->expires, batch->id[row]);
}

/* The entry of a later row that has elements, if its key has a structure; otherwise NULL. */
static inline const struct entry *structure_of_row(const struct redis *redis, const struct batch *batch, uint32_t row)
{
    const struct entry *entry;

    if (row >= batch->count || !batch->elements[row] || batch->id[row] == NO_KEY)
        return NULL;
    entry = entry_of(redis, batch->id[row]);
    return encoding_is_structure(entry->encoding) ? entry : NULL;
}

/* Prefetches what the elements of later rows will be looked up in. For one row that is the collection, whose place is
 * in its entry; for a nearer row the columns, whose place is in the collection. */
__attribute__((always_inline)) static inline void prefetch_collections(const struct redis *redis,
                                                                       const struct batch *batch, uint32_t row)
{
    const struct entry *entry = structure_of_row(redis, batch, row + PREFETCH_HEADS);

    if (entry) {
        __builtin_prefetch(entry->structure, 1);
        __builtin_prefetch((const char *)entry->structure + 64, 1);
    }
    entry = structure_of_row(redis, batch, row + PREFETCH_COLUMNS);
    if (entry && encodings[entry->encoding].collection) {
        const struct collection *collection = entry->structure;

        __builtin_prefetch(collection->member);
        __builtin_prefetch((const void *)((uintptr_t)collection->member + 64)); /* which may be NULL, of a small one */
        __builtin_prefetch(collection->value);
        __builtin_prefetch((const void *)((uintptr_t)collection->value + 64));
    }
}

static uint32_t rows_of_command(const struct batch *batch, uint32_t first)
{
    uint32_t rows = 1;

    while (batch->flags[first + rows - 1] & REQUEST_MORE)
        rows++;
    return rows;
}

/* The application stores the values that it missed, if the trace has their sizes. */
static void fill_misses(struct redis *redis)
{
    uint32_t count = redis->missed_count;
    const struct batch *batch;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = redis->missed[i].row;

        batch = redis->missed[i].batch;
        if (batch->value_len[row] == VALUE_UNKNOWN) {
            redis->counters.unfilled_misses++;
            continue;
        }
        if (!application_stores(redis, batch, row))
            continue;
        turn_fill(redis, batch, row);
        if (follow_has_rules(redis) && !redis->found_full)
            follow_rules(redis, batch, row, 1, true);
        if (redis->options->census)
            survey_fill(redis, batch, row);
        redis->named = NO_KEY;
        end_of_turn(redis);
    }
}

/* Passes the keys' new futures on to the policy, even if the command did not touch them. */
static void pass_on_futures(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    for (uint32_t row = first; row < first + rows; row++) {
        redis->eviction.next_access = batch->next_access[row];
        if (batch->id[row] != NO_KEY && entry_of(redis, batch->id[row])->encoding != ENCODING_ABSENT)
            key_tell_read(redis, batch->id[row]);
    }
    redis->eviction.next_access = NEXT_UNKNOWN;
}

/* Whether the row is called by the running script. */
static bool is_called(const struct batch *batch, uint32_t row)
{
    return batch->has_client && batch->client[row] == CLIENT_SCRIPT;
}

/* Whether the next command, in this row or behind the calls of a script, came in a pipeline with the one before. Of the
 * first command of a batch this is not known in time, so there a pipeline is cut. */
static bool is_followed(const struct batch *batch, uint32_t row)
{
    while (row < batch->count && is_called(batch, row))
        row++;
    return row < batch->count && batch->behind[row];
}

/* Behind the last command of a pipeline its replies are written. */
static inline void end_of_read(struct redis *redis)
{
    if (__builtin_expect(redis->client.unwritten != 0, 0) && !redis->client.is_followed)
        client_write(&redis->client);
}

/* Ends the turn of the running script, if there is one. */
static void end_script(struct redis *redis)
{
    if (!redis->script.is_open)
        return;
    script_turn_end(redis);
    if (redis->options->census)
        survey_note_excess(redis, BY_SCRIPT);
    end_of_turn(redis);
    end_of_read(redis);
}

void redis_pass_until(struct redis *redis, int64_t until_us)
{
    end_script(redis);
    redis->idle.until_us = until_us;
    idle_forget(redis);
    curve_recorder_falls_silent(&redis->recorder);
    redis->is_between = true;
    if (redis->groups)
        group_no_command(redis->groups);
    event_queue_run(&redis->events, until_us);
    redis->is_between = false;
    evictions_pass(&redis->evictions, until_us, &redis->counters);
}

/* A script is running. Returns true if it calls the command; otherwise the script ends here. */
__attribute__((noinline)) static bool go_on_with_script(struct redis *redis, const struct batch *batch, uint32_t row,
                                                        uint32_t rows)
{
    if (!is_called(batch, row)) {
        end_script(redis);
        return false;
    }
    redis->counters.requests++;
    if (redis->groups)
        group_command(redis->groups, batch->id[row]);
    redis->eviction.row = batch->first_row + row;
    script_turn_call(redis, batch, row, rows);
    if (follow_has_rules(redis))
        follow_rules(redis, batch, row, rows, false);
    if (redis->options->census)
        survey_rows(redis, batch, row, rows);
    if (redis->policy->offline)
        pass_on_futures(redis, batch, row, rows);
    return true;
}

/* Whether the batch has commands of several clients or pipelines, or follows one that had. Else client 0 sends each of its
 * commands after the reply to the one before. */
static bool has_clients(const struct redis *redis, const struct batch *batch)
{
    return batch->has_client || batch->has_behind || redis->connections.current || redis->connections.limit ||
           !redis->client.uncounted_most;
}

/* Makes the row's client the current one, and tells it where in a pipeline the command is. */
__attribute__((noinline)) static void meet_client(struct redis *redis, const struct batch *batch, uint32_t row,
                                                  uint32_t rows)
{
    depart_run(redis);
    switch_client(redis, batch->client[row]);
    if (batch->has_behind || !redis->client.uncounted_most)
        client_pipeline(&redis->client, batch->behind[row], is_followed(batch, row + rows));
}

/* Whether the command came in a pipeline, or is called by a script of one, that the server has closed the connection of. */
__attribute__((noinline)) static bool is_lost(struct redis *redis, const struct batch *batch, uint32_t row)
{
    if (!redis->client.is_lost)
        return false;
    redis->client.is_lost = is_called(batch, row) || batch->behind[row];
    redis->counters.unread_commands += redis->client.is_lost && !is_called(batch, row);
    return redis->client.is_lost;
}

/* Whether somebody is told of every command before its turn: an admission rule, a limit of what all clients take. */
static inline bool is_attended(const struct redis *redis)
{
    return (redis->admission.admission != NULL) | (redis->connections.limit != 0);
}

/* What is done before the turn of a command of several clients, or that somebody is told of. False: the server does not
 * read it, because it has closed the connection. */
__attribute__((noinline)) static bool is_received(struct redis *redis, const struct batch *batch, uint32_t row,
                                                  uint32_t rows, bool several_clients)
{
    if (redis->admission.admission)
        application_sends(redis, batch, row, rows);
    if (several_clients) {
        if (is_lost(redis, batch, row))
            return false;
        meet_client(redis, batch, row, rows);
    }
    if (client_eviction_spares(redis))
        return true;
    redis->counters.unread_commands++;
    return false;
}

/* memory_look() keeps to it. */
static bool parts_add_up(const struct redis *redis)
{
    struct sample sample = {.used_memory = redis->used};

    memory_look(redis, &sample);
    return sample.memory_startup <= redis->used;
}

static int redis_replay(void *state, const struct batch *batch, struct error *error)
{
    struct redis *redis = state;
    bool fill = redis->options->fill, several_clients = has_clients(redis, batch);
    bool follows = follow_has_rules(redis);
    struct short_turns short_turns;
    uint32_t rows;

    redis->error = error;
    redis->key_count = batch->key_count;
    redis->members = batch->members;
    redis->names = batch->names;
    redis->keys_by_name = batch->keys;
    redis->unnamed_keys = batch->unnamed_keys;
    redis->unspelled_members = batch->unspelled_members;
    keyspace_reserve(redis, batch->key_count);
    if (redis->options->census)
        survey_batch(redis, batch);
    short_turns_settle(&short_turns, redis, batch);
    for (uint32_t row = 0; row < batch->count; row += rows) {
        prefetch_key(redis, batch, row + PREFETCH_ROWS);
        prefetch_places(redis, batch, row + PREFETCH_PLACES);
        if (batch->has_elements)
            prefetch_collections(redis, batch, row);
        rows = rows_of_command(batch, row);
        if (redis->script.is_open && go_on_with_script(redis, batch, row, rows))
            continue;
        if (batch->time_us[row] >= event_queue_next(&redis->events)) {
            redis_pass_until(redis, batch->time_us[row]);
            short_turns_settle(&short_turns, redis, batch);
        }
        set_now(redis, batch->time_us[row]);
        if (short_turn_take(&short_turns, redis, batch, row)) {
            end_turn(redis);
            continue;
        }
        redis->counters.requests++;
        redis->eviction.row = batch->first_row + row;
        if (__builtin_expect(redis->groups != NULL, 0))
            group_command(redis->groups, batch->id[row]);
        if (__builtin_expect(several_clients | is_attended(redis), 0) &&
            !is_received(redis, batch, row, rows, several_clients))
            continue;
        turn_execute(redis, batch, row, rows);
        short_turns.are_possible = false;
        if (redis->script.is_open)
            continue;
        if (follows && !redis->found_full)
            follow_rules(redis, batch, row, rows, false);
        if (redis->options->census) {
            survey_rows(redis, batch, row, rows);
            survey_note_excess(redis, batch->op[row] == OP_EXEC ? BY_EXEC : BY_COMMAND);
        }
        end_turn(redis);
        if (several_clients)
            end_of_read(redis);
        if (redis->missed_count && fill)
            fill_misses(redis);
        if (redis->policy->offline)
            pass_on_futures(redis, batch, row, rows);
        short_turns_settle(&short_turns, redis, batch);
    }
    CONTRACT(redis->used < MEMORY_IS_NEGATIVE, "memory is not negative");
    CONTRACT_DEAR(keyspace_adds_up(redis), "used_memory has what the keys that are there weigh");
    CONTRACT_DEAR(parts_add_up(redis), "the parts of memory add up");
    return error_is_set(error) ? -1 : 0;
}

static void count_losses(const struct redis *redis, struct losses *losses)
{
    losses->trimmed = redis->trimmed;
    for (uint32_t id = 0; id < redis->key_count; id++) {
        const struct entry *entry = entry_of(redis, id);

        if (entry->encoding != ENCODING_ABSENT)
            continue;
        losses->evicted += entry->absence.cause == MISS_EVICTED;
        losses->expired += entry->absence.cause == MISS_EXPIRED_LAZILY || entry->absence.cause == MISS_EXPIRED_BY_CYCLE;
    }
}

/* After so many seconds without a word a connection may have been closed, as far as a trace of that length tells. */
static int64_t silence_s(int64_t end_us)
{
    enum { LEAST_S = 1, MOST_S = 10, PARTS = 10 };
    int64_t part_s = end_us / PARTS / 1000000;

    return part_s < LEAST_S ? LEAST_S : part_s > MOST_S ? MOST_S : part_s;
}

static int redis_finish(void *state, int64_t end_us, struct result *result, struct error *error)
{
    struct redis *redis = state;
    struct sample last;

    redis->error = error;
    redis_pass_until(redis, end_us);
    set_now(redis, end_us);
    last = take_sample(redis, redis->options->info_every_us ? ask_info(redis) : redis->used, true);
    if (error_is_set(error))
        return -1;
    result->curve = curve_recorder_finish(&redis->recorder, &last);
    group_account_finish(redis->groups, result);
    result->quality = evictions_finish(&redis->evictions, end_us, &redis->counters);
    result->load = redis->fetches.load;
    result->unlike_hashes = redis->unlike_hashes;
    result->unlike_zsets = redis->unlike_zsets;
    connections_silent(redis, silence_s(end_us), &result->silent_clients, &result->silent_client_bytes);
    if (redis->options->census)
        survey_end(redis, end_us);
    if (redis->options->losses)
        count_losses(redis, redis->options->losses);
    if (redis->options->slot_census)
        survey_slots(redis);
    if (redis->options->visitor)
        survey_visit(redis);
    redis->counters.keys = last.keys;
    redis->counters.expires = last.expires;
    redis->counters.blessed_keys = last.blessed_keys;
    redis->counters.used_memory = last.used_memory;
    result->counters = redis->counters;
    result->moments = redis->moments;
    warmup_leave_out(&redis->warmup, result);
    return 0;
}

static int redis_check_config(const struct server *server, const struct redis_config *config, struct error *error)
{
    return operator_check_config(server->profile, config, error);
}

static bool redis_has_policy(const struct server *server, const struct policy *policy)
{
    const struct server_profile *profile = server->profile;

    return policy->redis && (!policy->redis->notes_every_write || profile->has_lrm);
}

static struct model_look redis_look(const void *state)
{
    const struct redis *redis = state;

    return (struct model_look){
        .is_between = redis->is_between,
        .now_us = redis->now_us,
        .used = counted_memory(redis),
        .maxmemory = redis->maxmemory,
        .counters = &redis->counters,
        .eviction = &redis->eviction,
    };
}

static bool differences(const void *a, const void *b, size_t group, model_tell_fn *tell, void *owner)
{
    return profile_differences(a, b, group, tell, owner);
}

static bool group_differs(const void *a, const void *b, size_t group)
{
    return profile_differences(a, b, group, NULL, NULL);
}

static void exchange_group(void *profile, const void *from, size_t group)
{
    profile_exchange(profile, from, group);
}

static bool rule_differs(const void *a, const void *b, size_t rule)
{
    return profile_rule_differs(a, b, rule);
}

static void exchange_rule(void *profile, const void *from, size_t rule)
{
    profile_exchange_rule(profile, from, rule);
}

static const struct model_rules rules = {
    .profile_size = sizeof(struct server_profile),
    .group_name = profile_group_name,
    .differences = differences,
    .groups = {profile_group_word, group_differs, exchange_group},
    .single = {profile_rule_word, rule_differs, exchange_rule},
};

/* With its places in both tables, which are half empty or being enlarged. */
static size_t redis_key_bytes(const struct cell_config *config)
{
    enum { PLACES = 2 * 3 * sizeof(uint32_t) };

    return keyspace_key_bytes(config->policy) + PLACES;
}

const struct model redis_model = {
    .rules = &rules,
    .check_config = redis_check_config,
    .has_policy = redis_has_policy,
    .state_size = sizeof(struct redis),
    .key_bytes = redis_key_bytes,
    .init = redis_init,
    .replay = redis_replay,
    .finish = redis_finish,
    .release = redis_release,
    .look = redis_look,
};
