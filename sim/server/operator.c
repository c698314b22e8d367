/* SPDX-License-Identifier: GPL-3.0-or-later */
/* operator: executes a scenario's events on the server.
 *
 *     CONFIG SET maxmemory          a timer of 0 ms evicts in the same turn of the event loop
 *     CONFIG SET maxmemory-policy   the 24 bits of each key stay, with another meaning; the pool stays
 *     CLIENTS, CLIENT-OUTPUT, LUA   memory of other clients, which leads to evictions at the next command
 *     REPLICA                       the backlog grows, a child saves a snapshot: replication.c
 *     BGSAVE                        while the child lives, keys are not touched and tables rest
 *
 * Source: configSetCommand, updateMaxmemory (config.c), bgsaveCommand (rdb.c), updateDictResizePolicy,
 * checkChildrenDone (server.c) of Redis 7.0.15. */
#include "sim/server/operator.h"

#include "sim/alloc.h"
#include "sim/hooks.h"
#include "sim/input/patterns.h"
#include "sim/server/bless.h"
#include "sim/server/client_eviction.h"
#include "sim/server/connections.h"
#include "sim/server/histograms.h"
#include "sim/server/turn.h"
#include "sim/server/evict.h"
#include "sim/server/keyspace.h"
#include "sim/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPLY_OK = 5,
    REPLY_SAVING = 28, /* +Background saving started */
    REPLY_BUSY = 42,   /* -ERR Background save already in progress */
};

/* ---- the policy ---- */

/* Small integers are shared as long as neither the policy nor the layout needs an object for each key. Redis takes the shared object then, too, and
 * makes the key's from it. */
static void settle_shared_integers(struct redis *redis)
{
    bool may_share = !redis->maxmemory || !redis_policy_of(redis->policy).private_integers;

    redis->shares_integers = !layout_has_objects(redis->profile->layout) && may_share;
    redis->copies_integers = has_kvobjs(redis) && may_share;
}

void operator_set_policy(struct redis *redis, const struct policy *policy)
{
    const struct scenario *scenario = redis->options->scenario;
    struct policy *in_force = &redis->in_force;

    redis->policy = policy;
    bless_settle(redis);
    settle_shared_integers(redis);
    *in_force = *policy;
    if (!scenario || !scenario->sets_policy)
        return;
    if (in_force->entry_size < scenario->entry_size)
        in_force->entry_size = scenario->entry_size;
    if (policy->redis && policy->redis->lru_field == LRU_FIELD_UNREAD && scenario->recency) {
        in_force->added = scenario->recency->added;
        in_force->read = scenario->recency->read;
        in_force->written = scenario->recency->written;
    }
}

/* Keeps the old policy's state if it is the server's own; otherwise frees it. */
static void leave_policy(struct redis *redis)
{
    enum server_state state = redis_policy_of(redis->policy).state;

    if (state == SERVER_STATE_NONE) {
        policy_close(&redis->eviction);
        return;
    }
    redis->kept_state[state] = redis->eviction.state;
    redis->eviction.state = NULL;
}

static void enter_policy(struct redis *redis, const struct policy *policy)
{
    enum server_state state = redis_policy_of(policy).state;
    void **kept = &redis->kept_state[state];

    const struct policy *in_front;

    operator_set_policy(redis, policy);
    in_front = policy_wrapped(redis->options, &redis->in_force);
    if (state == SERVER_STATE_NONE || !*kept) {
        if (policy_open(&redis->eviction, in_front, NULL, redis->error))
            policy_dismiss(&redis->eviction);
        return;
    }
    redis->eviction.policy = in_front;
    redis->eviction.scope = policy->scope;
    policy_set_parameters(&redis->eviction, NULL);
    redis->eviction.state = *kept;
    *kept = NULL;
}

/* A policy that is not Redis's knows nothing about the keys, and leaves nothing that Redis can use. So all keys are
 * like new. */
static void introduce_keys(struct redis *redis)
{
    for (uint32_t id = 0; id < redis->capacity; id++) {
        memset(policy_entry(&redis->eviction, id), 0, redis->in_force.entry_size);
        if (entry_of(redis, id)->encoding != ENCODING_ABSENT && !key_is_hidden(redis, id))
            policy_added(&redis->eviction, id);
    }
}

static void change_policy(struct redis *redis, const struct policy *policy)
{
    const struct policy *before = redis->policy;

    if (policy == before)
        return;
    leave_policy(redis);
    enter_policy(redis, policy);
    if (!policy->redis || !before->redis)
        introduce_keys(redis);
}

/* ---- CONFIG SET ---- */

static void set_maxmemory(struct redis *redis, uint64_t maxmemory)
{
    redis->maxmemory = redis->maxmemory_set = maxmemory;
    settle_shared_integers(redis);
    if (maxmemory)
        evict_start_timer(redis);
}

int operator_check_config(const struct server_profile *profile, const struct redis_config *config, struct error *error)
{
    if (!profile->samples_most || config->policy.maxmemory_samples <= profile->samples_most)
        return 0;
    return error_set(error, ERROR_USAGE, "maxmemory-samples: '%u' is not between 1 and %u",
                     config->policy.maxmemory_samples, profile->samples_most);
}

/* The options in force, changed by those of the command. */
static struct redis_config config_after(const struct redis *redis, const struct scenario_event *event)
{
    struct redis_config config = redis->config;
    struct error error = {0};

    for (size_t i = 0; i < event->setting_count; i++)
        if (event->settings[i].option)
            redis_option_set(&config, event->settings[i].option, event->settings[i].value, &error);
    return config;
}

/* The length of the error reply to maxmemory-samples, the only option whose bounds differ between servers. */
static uint64_t refusal_bytes(const struct redis *redis)
{
    int bytes = snprintf(NULL, 0,
                         "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - argument must be "
                         "between 1 and %u inclusive\r\n",
                         redis->profile->samples_most);

    return (uint64_t)bytes;
}

/* Sets all of the command's options, or none. */
static void config_set(struct redis *redis, const struct scenario_event *event)
{
    struct redis_config config = config_after(redis, event);
    struct error error = {0};

    turn_begin(redis, event->words, event->word_count);
    if (operator_check_config(redis->profile, &config, &error)) {
        turn_end(redis, OP_CONFIG_SET, event->words, event->word_count, refusal_bytes(redis), true);
        return;
    }
    redis->config = config;
    for (size_t i = 0; i < event->setting_count; i++) {
        const struct scenario_setting *setting = &event->settings[i];

        if (setting->option)
            continue;
        if (setting->policy)
            change_policy(redis, setting->policy);
        else
            set_maxmemory(redis, setting->maxmemory);
    }
    client_eviction_settle(redis);
    turn_end(redis, OP_CONFIG_SET, event->words, event->word_count, REPLY_OK, false);
}

/* ---- BGSAVE ---- */

static void let_tables_rest(struct redis *redis, bool rests)
{
    for (int db = 0; db < redis->database_ready; db++) {
        table_rest(&redis->databases[db].keys, rests);
        table_rest(&redis->databases[db].expires, rests);
        table_rest(&redis->databases[db].volatile_hashes, rests);
    }
}

static void start_child(struct redis *redis, int64_t child_us)
{
    redis->child = true;
    redis_settle_untouched(redis);
    redis->child_until_us = redis->now_us + child_us;
    let_tables_rest(redis, true);
}

static void bgsave(struct redis *redis, const struct scenario_event *event)
{
    bool busy = redis->child;

    turn_begin(redis, event->words, event->word_count);
    if (!busy)
        start_child(redis, event->child_us);
    turn_end(redis, OP_BGSAVE, event->words, event->word_count, busy ? REPLY_BUSY : REPLY_SAVING, busy);
}

void operator_reap_child(struct redis *redis)
{
    int64_t next_us;

    if (redis->now_us < redis->child_until_us)
        return;
    redis->child = false;
    redis_settle_untouched(redis);
    let_tables_rest(redis, false);
    next_us = replication_child_ended(&redis->replication);
    if (next_us)
        start_child(redis, next_us);
}

/* ---- memory, replicas and connections ---- */

/* A command of another connection has changed memory. used_memory_peak shows it, and the gate of its next command
 * evicts; the trace may have no command meanwhile. */
static void check_memory(struct redis *redis)
{
    memory_peak_note(&redis->peak, redis->used);
    evict_to_limit(redis);
}

static void hold_output(struct redis *redis, struct held_output *output, uint64_t bytes)
{
    output->bytes += bytes;
    redis->held += bytes;
    redis->used += bytes;
}

/* It has read what waited, or is closed. */
static void release_output(struct redis *redis, struct held_output *output, uint64_t bytes)
{
    if (bytes > output->bytes) /* the server has closed it before */
        bytes = output->bytes;
    output->bytes -= bytes;
    redis->held -= bytes;
    redis->used -= bytes;
    redis->outputs_over -= output->soft_since_s && !output->bytes;
    if (!output->bytes)
        output->soft_since_s = 0;
}

static void close_output(struct redis *redis, struct held_output *output)
{
    redis->counters.client_output_buffer_limit_disconnections++;
    release_output(redis, output, output->bytes);
}

/* maxmemory-clients: the client whose replies wait is one of those that take too much together, and the largest. */
static bool is_evicted(const struct redis *redis)
{
    const struct connections *all = &redis->connections;

    return all->limit && all->clients_bytes + redis->held > all->limit;
}

/* CLIENT-OUTPUT: replies for one client. They come in one after the other, so that it is closed at the hard limit. */
static void change_output(struct redis *redis, const struct scenario_event *event)
{
    const struct output_limit *limit = &redis->config.client_output_buffer_limit.of[CLASS_NORMAL];
    const struct scenario *scenario = redis->options->scenario;
    size_t index = (size_t)(event - scenario->events);
    struct held_output *output;
    uint64_t bytes = (uint64_t)event->bytes;

    if (!redis->outputs)
        redis->outputs = xcalloc(scenario->count, sizeof *redis->outputs);
    output = &redis->outputs[event->bytes > 0 ? index : index - 1]; /* the event that takes them back follows */
    if (event->bytes < 0) {
        release_output(redis, output, (uint64_t)-event->bytes);
        return;
    }
    if (limit->hard && bytes > limit->hard)
        bytes = limit->hard;
    hold_output(redis, output, bytes);
    check_memory(redis);
    if (limit->hard && output->bytes >= limit->hard) {
        close_output(redis, output);
    } else if (is_evicted(redis)) {
        release_output(redis, output, output->bytes);
        redis->counters.evicted_clients++;
    } else if (limit->soft && output->bytes >= limit->soft && !output->soft_since_s) {
        output->soft_since_s = redis->cached_unix_s;
        redis->outputs_over++;
    }
}

void operator_close_outputs(struct redis *redis)
{
    const struct output_limit *limit = &redis->config.client_output_buffer_limit.of[CLASS_NORMAL];

    for (size_t i = 0; i < redis->options->scenario->count; i++) {
        struct held_output *output = &redis->outputs[i];

        if (output->soft_since_s && redis->cached_unix_s - output->soft_since_s > (int64_t)limit->seconds)
            close_output(redis, output);
    }
}

static void hold_memory(struct redis *redis, const struct scenario_event *event)
{
    if (!event->is_lua) {
        change_output(redis, event);
        return;
    }
    if (!redis->profile->counts_lua)
        return;
    redis->used += (uint64_t)event->bytes; /* negative when the memory is freed; modulo 2^64 */
    redis->held_by_lua += (uint64_t)event->bytes;
    if (event->bytes > 0)
        check_memory(redis);
}

/* The memory that each connection frees at the first or second step towards idleness. */
static uint64_t idle_saves(const struct redis *redis, int step)
{
    return step == 1 ? client_reply_shrinks() : client_query_shrinks(redis->profile, redis->allocator);
}

static void make_idle(struct redis *redis, int step)
{
    redis->used -= idle_saves(redis, step) * redis->awake_clients[step - 1];
    redis->awake_clients[step - 1] = 0;
}

/* Clients that leave are idle ones. Clients that leave earlier count as idle at once. */
static void set_clients(struct redis *redis, uint32_t count)
{
    uint32_t before = redis->other_clients;

    if (count < before) {
        redis->other_clients = count;
        make_idle(redis, 1);
        make_idle(redis, 2);
        redis->used -= (uint64_t)(before - count) * redis->profile->idle_client_bytes;
        return;
    }
    for (uint32_t client = before; client < count; client++) { /* each one connects and sends its first command */
        redis->other_clients = client + 1;
        connections_make_events(redis);
        redis->used += redis->profile->idle_client_bytes + idle_saves(redis, 1) + idle_saves(redis, 2);
        check_memory(redis);
    }
    redis->awake_clients[0] += count - before;
    redis->awake_clients[1] += count - before;
}

static void start_child_for_replicas(struct redis *redis)
{
    int64_t child_us = redis->child ? 0 : replication_child_wanted(&redis->replication);

    if (child_us)
        start_child(redis, child_us);
}

void operator_tend_replicas(struct redis *redis)
{
    replication_close(&redis->replication);
    redis->counters.client_output_buffer_limit_disconnections += redis->replication.disconnections;
    redis->replication.disconnections = 0;
    start_child_for_replicas(redis);
}

/* The handshake of a replica has three commands, and each gets a histogram. */
static void attach_replica(struct redis *redis, const struct scenario_event *event)
{
    if (!replication_attach(&redis->replication, event->child_us, event->rate))
        return;
    histograms_note(redis, OP_PING);
    histograms_note(redis, OP_REPLCONF);
    histograms_note(redis, OP_PSYNC);
    redis->used += idle_saves(redis, 1);
    redis->awake_clients[0]++;
    start_child_for_replicas(redis);
}

static void detach_replica(struct redis *redis)
{
    make_idle(redis, 1);
    replication_detach(&redis->replication, redis->cached_unix_s);
}

/* ---- commands on keys ---- */

static void execute(struct redis *redis, const struct batch *rows, uint32_t first, uint32_t count)
{
    if (rows->members) /* no batch of the trace may have come yet */
        redis->members = rows->members;
    turn_execute(redis, rows, first, count);
}

/* The command of the scenario's row, as a row of its own for this key. */
static void run_on_key(struct redis *redis, const struct batch *rows, uint32_t row, uint32_t id)
{
    struct batch *one = redis->scenario_row;

    batch_clear(one);
    batch_append(one, rows, row, 1);
    one->id[0] = id;
    one->key_len[0] = key_length(redis, id);
    execute(redis, one, 0, 1);
}

static void run_on_matches(struct redis *redis, const struct scenario_event *event, operator_turn_fn *end_of_turn)
{
    const struct scenario *scenario = redis->options->scenario;

    if (!redis->scenario_row)
        redis->scenario_row = xcalloc(1, sizeof *redis->scenario_row);
    /* When a signal has ended the replay nobody looks at what it comes to; a loop over all keys, thousands of times between two
     * requests, would go on for minutes. */
    for (uint32_t id = 0; id < redis->capacity && !stop_signal(); id++) {
        const struct entry *entry = entry_of(redis, id);

        if (entry->encoding == ENCODING_ABSENT || entry->db ||
            !key_patterns_match(scenario->matches, id, event->pattern))
            continue;
        run_on_key(redis, &scenario->rows, event->first, id);
        end_of_turn(redis);
    }
}

void operator_execute(struct redis *redis, const struct scenario_event *event, operator_turn_fn *end_of_turn)
{
    switch (event->kind) {
    case SCENARIO_COMMAND:
        execute(redis, &redis->options->scenario->rows, event->first, event->rows);
        break;
    case SCENARIO_PATTERN:
        run_on_matches(redis, event, end_of_turn);
        return;
    case SCENARIO_CONFIG:
        config_set(redis, event);
        break;
    case SCENARIO_BGSAVE:
        bgsave(redis, event);
        break;
    case SCENARIO_MEMORY:
        hold_memory(redis, event);
        return;
    case SCENARIO_REPLICA:
        if (event->attaches)
            attach_replica(redis, event);
        else if (event->sets_rate)
            replication_set_rate(&redis->replication, event->rate);
        else
            detach_replica(redis);
        break;
    case SCENARIO_CLIENTS:
        set_clients(redis, event->clients);
        return;
    case SCENARIO_IDLE:
        make_idle(redis, event->idle_step);
        return;
    }
    end_of_turn(redis);
}

void operator_release(struct redis *redis)
{
    for (int state = 0; state < SERVER_STATES; state++)
        free(redis->kept_state[state]);
    if (redis->scenario_row)
        batch_release(redis->scenario_row);
    free(redis->scenario_row);
    free(redis->outputs);
    scenario_cursor_release(&redis->scenario);
}
