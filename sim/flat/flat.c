/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flat: a cache of plain sizes.
 *
 * An object's size is its value's in the trace (with its key under --weigh key+value, 1 under --unit-sizes). maxmemory
 * is the capacity in the same unit, and nothing else takes room. A missed read is followed by an insertion (--on-miss
 * fill): victims are evicted first, until the object fits. An object larger than the cache is refused. An object keeps
 * the size of its insertion or last write. Keys with a ttl expire when they are touched. A command with several keys
 * counts as so many writes.
 *
 * Under --compat libcachesim every request is of one kind, whatever the command and its ttl: it asks for an object. An
 * absent object is inserted with the row's size. It keeps that size and stays until it is evicted.
 *
 * This is the cache of the literature, and the yardstick for speed: no tables are kept unless the policy samples, and
 * no events run unless a curve is due. */
#include "sim/flat/flat.h"

#include "sim/command.h"
#include "sim/contract.h"
#include "sim/engine/event.h"
#include "sim/flat/cache.h"
#include "sim/flat/due.h"
#include "sim/flat/execute.h"
#include "sim/flat/nest.h"
#include "sim/flat/plain.h"
#include "sim/flat/view.h"
#include "sim/redis_policy.h"
#include "sim/slot_census.h"

/* The cache has only sizes, so a scenario can only change the budget or empty it. */
static int check_scenario(const struct scenario *scenario, struct error *error)
{
    for (size_t i = 0; scenario && i < scenario->count; i++) {
        const struct scenario_event *event = &scenario->events[i];
        bool known = event->kind == SCENARIO_COMMAND && command_table[scenario->rows.op[event->first]].flushes;

        if (event->kind == SCENARIO_CONFIG) {
            known = true;
            for (size_t j = 0; j < event->setting_count; j++)
                known &= !event->settings[j].option && !event->settings[j].policy;
        }
        if (!known)
            return error_set(error, ERROR_USAGE, "%s:%d: --server flat has only CONFIG SET maxmemory and FLUSHALL",
                             scenario->path, event->line);
    }
    return 0;
}

static size_t stride_of(const struct policy *policy)
{
    return sizeof(struct object) + (policy->entry_size + 3) / 4 * 4;
}

static size_t flat_key_bytes(const struct cell_config *config)
{
    return stride_of(config->policy) + (config->policy->samples ? sizeof(uint32_t) : 0);
}

static int flat_init(void *state, const struct cell_config *config, struct error *error)
{
    struct flat *flat = state;
    const struct simulation_options *options = config->options;

    if (check_scenario(options->scenario, error))
        return -1;
    flat->config = config;
    flat->stride = stride_of(config->policy);
    flat->maxmemory = config->maxmemory;
    if (options->key_parts && flat->maxmemory)
        flat->maxmemory = flat->maxmemory > options->key_parts ? flat->maxmemory / options->key_parts : 1;
    flat->fill = options->fill;
    flat->unit_sizes = options->unit_sizes;
    flat->weighs_keys = options->weighs_keys;
    flat->libcachesim = options->libcachesim;
    flat->tracked = config->policy->samples;
    flat->offline = config->policy->offline;
    flat->start_unix_us = options->start_unix_us;
    flat->next_ms_us = INT64_MIN;
    flat->rng = gsl_rng_alloc(gsl_rng_taus2);
    gsl_rng_set(flat->rng, (unsigned long)(config->seed * UINT64_C(0x9e3779b97f4a7c15)) | 1);
    flat->eviction = (struct policy_context){
        .policy = config->policy,
        .stride = flat->stride,
        .options = &options->redis.policy,
        .rng = flat->rng,
        .keyspace = flat,
        .view = &flat_view,
        .database_count = 1,
    };
    curve_recorder_init(&flat->recorder, options->interval_us);
    flat->moments = moments_none;
    evictions_init(&flat->evictions, options->minutes);
    flat->groups = group_account_new(options->groups);
    fetches_init(&flat->fetches, options->miss_cost_us, flat->fill);
    fetches_by_group(&flat->fetches, flat->groups, options->miss_costs);
    flat->warmup_ends_us = options->warmup_us ? options->warmup_us : EVENT_NEVER;
    flat->scenario_us = EVENT_NEVER;
    if (options->scenario) {
        scenario_cursor_init(&flat->scenario, options->scenario);
        flat->scenario_us = scenario_next_us(&flat->scenario);
    }
    flat->named = NO_KEY;
    flat->admission = (struct admission_context){.rng = flat->rng, .owner = flat, .view = &flat_admission_view};
    if (policy_open(&flat->eviction, policy_wrapped(options, config->policy), config->parameters, error))
        return -1;
    if (admission_open(&flat->admission, config->admission, config->admission_parameters, error))
        return -1;
    flat->nest = nest_new(flat);
    flat->leads = flat->nest != NULL;
    return 0;
}

static bool flat_join(void *leader, void *state)
{
    struct flat *flat = state, *first = leader;

    if (!first->leads || !flat->leads || !nest_join(first->nest, flat))
        return false;
    nest_free(flat->nest);
    flat->nest = first->nest;
    flat->leads = false;
    return true;
}

static bool flat_disband(void *leader)
{
    struct flat *flat = leader;
    struct nest *nest = flat->nest;

    if (!nest || !nest->has_parted)
        return false;
    for (uint32_t i = 0; i < nest->count; i++) {
        nest->caches[i]->nest = NULL;
        nest->caches[i]->leads = false;
    }
    nest_free(nest);
    return true;
}

static void flat_release(void *state)
{
    struct flat *flat = state;

    if (!flat->rng)
        return;
    policy_close(&flat->eviction);
    admission_close(&flat->admission);
    if (flat->leads)
        nest_free(flat->nest);
    curve_recorder_release(&flat->recorder);
    evictions_release(&flat->evictions);
    group_account_free(flat->groups);
    fetches_release(&flat->fetches);
    scenario_cursor_release(&flat->scenario);
    gsl_rng_free(flat->rng);
    cache_release(flat);
}

/* Likewise, its group. */
__attribute__((always_inline)) static inline void prefetch_group(const struct flat *flat, const struct batch *batch,
                                                                 uint32_t row)
{
    if (flat->groups && row < batch->count && batch->id[row] != NO_KEY)
        group_prefetch(flat->groups, batch->id[row]);
}

/* Passes the key's new future on to the policy, even if the request did not touch the key. */
static void pass_on_future(struct flat *flat, uint32_t id)
{
    if (id != NO_KEY && object_of(flat, id)->position)
        policy_read(&flat->eviction, id);
    flat->eviction.next_access = NEXT_UNKNOWN;
}

static void replay_plain(struct flat *flat, const struct batch *batch, uint32_t first)
{
    for (uint32_t row = first; row < first + FLAT_PREFETCH_ROWS; row++)
        flat_prefetch_row(flat, batch, row);
    for (uint32_t row = first, end; row < batch->count && !error_is_set(flat->error); row = end) {
        if (batch->time_us[row] >= due_next_us(flat))
            due_pass(flat, batch->time_us[row], false);
        end = due_rows_before(batch, row, due_next_us(flat));
        plain_replay(flat, batch, row, end);
    }
}

/* The ttl that the application would give the row's key, or would not, where `fills` were made before the row. */
static void follow_ttl_rules(struct flat *flat, const struct batch *batch, uint32_t row, uint64_t fills)
{
    enum op op = (enum op)batch->op[row];
    bool is_fill = flat->counters.fills != fills;
    uint32_t id = batch->id[row];
    const struct ttl_rule *rule;

    if (!(is_fill || ttl_rules_follow(&flat->config->options->ttl_rules, op)) || id == NO_KEY ||
        !object_of(flat, id)->position)
        return;
    rule = ttl_rules_find(&flat->config->options->ttl_rules, op, is_fill, id);
    if (rule && !rule->ttl_ms && cache_has_ttl(flat, id))
        cache_drop_expire(flat, id);
    else if (rule && rule->ttl_ms && !cache_has_ttl(flat, id))
        cache_set_expire(flat, id, flat->eviction.clock.unix_ms + rule->ttl_ms);
}

/* A command of several keys is counted with the first. */
static void begin_in_group(struct flat *flat, const struct batch *batch, uint32_t row)
{
    if (!row || !(batch->flags[row - 1] & REQUEST_MORE))
        group_command(flat->groups, batch->id[row]);
}

/* Whether the row is called by the script that runs. */
static bool go_on_with_script(struct flat *flat, const struct batch *batch, uint32_t row)
{
    bool is_called = flat->in_script && batch->client[row] == CLIENT_SCRIPT;

    flat->in_script = is_called || command_table[batch->op[row]].runs_script;
    return is_called;
}

static void replay_any(struct flat *flat, const struct batch *batch)
{
    for (uint32_t row = 0; row < batch->count; row++) {
        int64_t now_us = batch->time_us[row];
        uint64_t fills = flat->counters.fills;
        bool is_called = flat->warmup_ends_us != EVENT_NEVER && go_on_with_script(flat, batch, row);

        flat_prefetch_row(flat, batch, row + FLAT_PREFETCH_ROWS);
        prefetch_group(flat, batch, row + FLAT_PREFETCH_ROWS);
        if (now_us >= flat->scenario_us || now_us >= flat->next_sample_us || now_us >= flat->warmup_ends_us)
            due_pass(flat, now_us, is_called);
        flat_set_clock(flat, now_us);
        evictions_pass(&flat->evictions, now_us, &flat->counters);
        flat->counters.requests += !(batch->flags[row] & REQUEST_MORE);
        if (flat->groups)
            begin_in_group(flat, batch, row);
        if (flat->offline)
            flat_set_future(flat, batch, row);
        admission_seen(&flat->admission, (enum op)batch->op[row], batch->id[row], row_size(flat, batch, row));
        if (flat->libcachesim)
            execute_ask(flat, batch, row);
        else if (batch->op[row] == OP_GET)
            execute_get(flat, batch, row);
        else
            execute_row(flat, batch, row);
        if (flat->config->options->ttl_rules.count)
            follow_ttl_rules(flat, batch, row, fills);
        if (flat->offline)
            pass_on_future(flat, batch->id[row]);
    }
}

/* Whether the objects that are there have all bytes that are counted. O(keys). */
static bool adds_up(const struct flat *flat)
{
    uint64_t bytes = 0, keys = 0;

    for (uint32_t id = 0; id < flat->key_count; id++)
        if (object_of(flat, id)->position) {
            bytes += object_of(flat, id)->size;
            keys++;
        }
    return bytes == flat->used && keys == flat->keys;
}

/* Replays a batch from row `first` on, which is 0 unless it is plain, in a cache by itself. */
static void replay_alone(struct flat *flat, const struct batch *batch, uint32_t first, struct error *error)
{
    flat->error = error;
    flat->key_count = batch->key_count;
    cache_reserve(flat, batch->key_count);
    if (first || plain_batch(flat, batch))
        replay_plain(flat, batch, first);
    else
        replay_any(flat, batch);
    CONTRACT_DEAR(adds_up(flat), "the objects of a flat cache are its bytes and keys");
}

/* Lets what is due in any of the caches happen before the row. Returns how far the rows go before which nothing is. */
static uint32_t pass_in_nest(const struct nest *nest, const struct batch *batch, uint32_t row)
{
    uint32_t end = batch->count;
    const int64_t now_us = batch->time_us[row];

    for (uint32_t i = 0; i < nest->count; i++) {
        struct flat *flat = nest->caches[i];
        int64_t due_us = due_next_us(flat);

        if (now_us >= due_us) {
            due_pass(flat, now_us, false);
            due_us = due_next_us(flat);
        }
        flat_set_clock(flat, now_us);
        evictions_pass(&flat->evictions, now_us, &flat->counters);
        if (flat->evictions.minute_ends_us < due_us)
            due_us = flat->evictions.minute_ends_us;
        if (batch->time_us[end - 1] >= due_us)
            end = due_rows_before(batch, row, due_us);
    }
    return end;
}

/* In all caches of a nest. */
static void replay_nest(struct nest *nest, const struct batch *batch, struct error *error)
{
    uint32_t row = 0;

    for (uint32_t i = 0; i < nest->count; i++) {
        nest->caches[i]->error = error;
        nest->caches[i]->key_count = batch->key_count;
    }
    if (!nest->has_parted && plain_batch(nest->caches[0], batch)) {
        bool holds = true;

        nest_reserve(nest, batch->key_count);
        while (holds && row < batch->count) {
            uint32_t end = pass_in_nest(nest, batch, row);

            row = nest_replay(nest, batch, row, end);
            nest_count(nest);
            holds = row == end;
        }
        if (holds)
            return;
    }
    if (!nest->has_parted)
        nest_part(nest, batch->key_count);
    for (uint32_t i = 0; i < nest->count; i++)
        replay_alone(nest->caches[i], batch, row, error);
}

static int flat_replay(void *state, const struct batch *batch, struct error *error)
{
    struct flat *flat = state;

    if (flat->nest)
        replay_nest(flat->nest, batch, error);
    else
        replay_alone(flat, batch, 0, error);
    CONTRACT(flat->keys <= flat->key_count, "there are no more keys than ids");
    return error_is_set(error) ? -1 : 0;
}

static void weigh_slots(const struct flat *flat)
{
    for (uint32_t id = 0; id < flat->key_count; id++)
        if (object_of(flat, id)->position)
            slot_census_note(flat->config->options, id, object_of(flat, id)->size);
}

static int flat_finish(void *state, int64_t end_us, struct result *result, struct error *error)
{
    struct flat *flat = state;
    struct sample last;

    flat->error = error;
    due_pass(flat, end_us, false);
    if (error_is_set(error))
        return -1;
    last = due_sample(flat, end_us);
    result->curve = curve_recorder_finish(&flat->recorder, &last);
    group_account_finish(flat->groups, result);
    result->quality = evictions_finish(&flat->evictions, end_us, &flat->counters);
    result->load = flat->fetches.load;
    if (flat->config->options->slot_census)
        weigh_slots(flat);
    flat->counters.keys = flat->keys;
    flat->counters.expires = flat->expiring.count;
    flat->counters.used_memory = flat->used;
    result->counters = flat->counters;
    result->moments = flat->moments;
    warmup_leave_out(&flat->warmup, result);
    return 0;
}

static struct model_look flat_look(const void *state)
{
    const struct flat *flat = state;

    return (struct model_look){
        .is_between = flat->is_between,
        .now_us = flat->eviction.clock.unix_ms * 1000 - flat->start_unix_us,
        .used = flat->used,
        .wanted = flat->wanted,
        .maxmemory = flat->maxmemory,
        .counters = &flat->counters,
        .eviction = &flat->eviction,
    };
}

/* Those that every Redis has. */
static bool flat_has_policy(const struct server *server, const struct policy *policy)
{
    (void)server;
    return policy->redis && !policy->redis->notes_every_write;
}

const struct model flat_model = {
    .has_policy = flat_has_policy,
    .state_size = sizeof(struct flat),
    .key_bytes = flat_key_bytes,
    .init = flat_init,
    .replay = flat_replay,
    .join = flat_join,
    .disband = flat_disband,
    .finish = flat_finish,
    .release = flat_release,
    .look = flat_look,
};
