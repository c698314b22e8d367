/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/listen.h"

#include "sim/alloc.h"
#include "sim/hooks.h"

#include <string.h>

/* ---- moments ---- */

static bool is_near(const struct explain *explain)
{
    uint64_t asked = explain->request->number;

    return explain->number + EXPLAIN_AROUND >= asked && explain->number <= asked + EXPLAIN_AROUND;
}

bool explain_wants(const struct explain *explain, enum moment_kind kind, uint32_t id)
{
    switch (explain->request->what) {
    case EXPLAIN_EVICTIONS:
        return kind == MOMENT_VICTIM;
    case EXPLAIN_KEY:
        return id != NO_KEY && explain_watches(explain, id);
    case EXPLAIN_COMMAND:
        return is_near(explain);
    }
    return false;
}

/* Decides on the removals since the last call: the keys have expired if the model has counted as many more expired
 * keys; otherwise a command removed them. */
void explain_settle_removals(struct explain *explain)
{
    const struct counters *counters = explain_look(explain).counters;

    if (explain->removals && counters->expired_keys - explain->expired_before == explain->removals)
        for (size_t i = explain->first_removal; i < explain->count; i++)
            explain->moments[i].kind = MOMENT_EXPIRED;
    explain->removals = 0;
    explain->first_removal = explain->count;
    explain->expired_before = counters->expired_keys;
    explain->deleted_before = counters->deleted_keys;
}

/* Whether a command of the trace is being executed. */
static bool is_within(const struct explain *explain, const struct model_look *seen)
{
    return !seen->is_between && !explain->is_over;
}

/* Adds a moment. NULL if it is not wanted. Valid until the next call. */
static struct moment *note(struct explain *explain, enum moment_kind kind, uint32_t id)
{
    struct model_look seen;
    struct moment *moment;

    if (!explain_wants(explain, kind, id))
        return NULL;
    seen = explain_look(explain);
    if (explain->count == explain->room) {
        explain->room = explain->room ? explain->room * 2 : 64;
        explain->moments = xrealloc(explain->moments, explain->room * sizeof *explain->moments);
    }
    moment = &explain->moments[explain->count++];
    memset(moment, 0, sizeof *moment);
    moment->kind = kind;
    moment->time_us = is_within(explain, &seen) ? explain->time_us : seen.now_us;
    moment->command = is_within(explain, &seen) ? explain->number : 0;
    moment->fill = seen.counters->fills != explain->before.fills;
    moment->id = id;
    moment->used_before = moment->used_after = seen.used;
    return moment;
}

/* ---- the policy's hooks ---- */

static struct explain *of(const struct policy_context *context)
{
    return context->policy->owner;
}

/* Begins every hook except those of an eviction. */
static struct explain *begin(const struct policy_context *context)
{
    struct explain *explain = of(context);

    explain_settle_removals(explain);
    explain->gate_is_open = false;
    return explain;
}

static void touch(struct explain *explain, uint32_t id)
{
    struct model_look seen = explain_look(explain);

    explain->last_us[id] = is_within(explain, &seen) ? explain->time_us : seen.now_us;
}

static void arriving(struct policy_context *context, uint32_t id)
{
    struct explain *explain = begin(context);

    explain->behind->arriving(context, id);
}

static bool admits(struct policy_context *context, uint32_t id)
{
    struct explain *explain = begin(context);

    return explain->behind->admits(context, id);
}

/* A policy that comes into force later is told of the keys that are already there; these are no additions. */
static void added(struct policy_context *context, uint32_t id)
{
    struct explain *explain = begin(context);
    struct moment *moment = explain->last_us[id] == EXPLAIN_ABSENT ? note(explain, MOMENT_ADDED, id) : NULL;

    if (moment)
        moment->bytes = policy_size(context, id);
    if (explain->last_us[id] == EXPLAIN_ABSENT)
        touch(explain, id);
    policy_call(context, explain->behind->added, id);
}

static void read_key(struct policy_context *context, uint32_t id)
{
    struct explain *explain = begin(context);

    touch(explain, id);
    policy_call(context, explain->behind->read, id);
}

static void written(struct policy_context *context, uint32_t id)
{
    struct explain *explain = begin(context);
    struct moment *moment = note(explain, MOMENT_WRITTEN, id);

    if (moment)
        moment->bytes = policy_size(context, id);
    touch(explain, id);
    policy_call(context, explain->behind->written, id);
}

static void retimed(struct policy_context *context, uint32_t id)
{
    struct explain *explain = begin(context);
    struct moment *moment = note(explain, MOMENT_RETIMED, id);

    if (moment)
        moment->expire_ms = context->view->is_candidate(context->keyspace, id, SCOPE_VOLATILE)
                                ? context->view->expire_ms(context->keyspace, id)
                                : INT64_MAX;
    policy_call(context, explain->behind->retimed, id);
}

static void removed(struct policy_context *context, uint32_t id)
{
    struct explain *explain = of(context);
    const struct counters *counters = explain_look(explain).counters;

    explain->gate_is_open = false;
    if (!explain->removals || counters->expired_keys != explain->expired_before ||
        counters->deleted_keys != explain->deleted_before)
        explain_settle_removals(explain); /* the model has counted the earlier removals by now */
    note(explain, MOMENT_REMOVED, id);
    explain->removals++;
    explain->last_us[id] = EXPLAIN_ABSENT;
    policy_call(context, explain->behind->removed, id);
}

static void evicted(struct policy_context *context, uint32_t id)
{
    struct explain *explain = of(context);

    explain_settle_removals(explain);
    for (size_t i = explain->count; i--;) {
        struct moment *moment = &explain->moments[i];

        if (moment->kind != MOMENT_VICTIM || moment->id != id || moment->is_evicted)
            continue;
        moment->is_evicted = true;
        moment->used_after = explain_look(explain).used;
        break;
    }
    explain->last_us[id] = EXPLAIN_ABSENT;
    policy_call(context, explain->behind->evicted ? explain->behind->evicted : explain->behind->removed, id);
}

static void note_candidates(struct explain *explain, const struct policy_context *context, struct moment *moment)
{
    struct policy_candidate list[EXPLAIN_CANDIDATES];
    int count = explain->behind->candidates ? explain->behind->candidates(context, list, EXPLAIN_CANDIDATES) : 0;

    if (explain->candidate_count + EXPLAIN_CANDIDATES > explain->candidate_room) {
        explain->candidate_room = explain->candidate_room * 2 + EXPLAIN_CANDIDATES;
        explain->candidates = xrealloc(explain->candidates, explain->candidate_room * sizeof *explain->candidates);
    }
    if (count > EXPLAIN_CANDIDATES) /* a user's own policy may return any number */
        count = EXPLAIN_CANDIDATES;
    moment->score = explain->behind->score;
    moment->first_candidate = explain->candidate_count;
    for (int i = 0; i < count; i++)
        if (list[i].id < explain->capacity)
            explain->candidates[explain->candidate_count++] = (struct moment_candidate){
                list[i].id, list[i].score, !context->view->is_candidate(context->keyspace, list[i].id, context->scope)};
    moment->candidate_count = (int)(explain->candidate_count - moment->first_candidate);
}

/* Whether the model will accept the answer. */
static bool is_valid_victim(const struct explain *explain, const struct policy_context *context, uint32_t id)
{
    return id < explain->capacity && explain->last_us[id] != EXPLAIN_ABSENT &&
           context->view->is_candidate(context->keyspace, id, context->scope);
}

static void note_victim(struct explain *explain, struct policy_context *context, uint32_t id, bool surplus,
                        uint64_t used_before)
{
    struct moment *moment;

    if (id != NO_KEY && !is_valid_victim(explain, context, id))
        return;
    moment = note(explain, id == NO_KEY ? MOMENT_NOBODY : MOMENT_VICTIM, id);
    if (!moment)
        return;
    moment->used_before = used_before;
    moment->gate = explain->gate;
    moment->surplus = surplus;
    if (id == NO_KEY)
        return;
    moment->bytes = policy_size(context, id);
    moment->last_us = explain->last_us[id];
    if (!surplus)
        note_candidates(explain, context, moment);
}

static void open_gate(struct explain *explain, const struct model_look *seen)
{
    explain->gate = (struct gate){explain->gate.number + 1, seen->used, seen->wanted, seen->maxmemory};
    explain->gate_is_open = true;
    explain->gate_is_between = seen->is_between;
    explain->gate_fills = seen->counters->fills;
}

static uint32_t victim(struct policy_context *context)
{
    struct explain *explain = of(context);
    struct model_look seen = explain_look(explain);
    uint32_t id;

    explain_settle_removals(explain);
    if (!explain->gate_is_open || explain->gate_is_between != seen.is_between ||
        explain->gate_fills != seen.counters->fills)
        open_gate(explain, &seen);
    id = explain->behind->victim(context);
    note_victim(explain, context, id, false, seen.used);
    return id;
}

static uint32_t surplus(struct policy_context *context)
{
    struct explain *explain = begin(context);
    uint64_t used = explain_look(explain).used;
    uint32_t id = explain->behind->surplus(context);

    if (id != NO_KEY)
        note_victim(explain, context, id, true, used);
    return id;
}

const struct policy *explain_stand_in_front(void *owner, const struct policy *policy)
{
    struct explain *explain = owner;

    explain->behind = policy;
    explain->in_front = *policy;
    explain->in_front.owner = explain;
    explain->in_front.arriving = policy->arriving ? arriving : NULL;
    explain->in_front.admits = policy->admits ? admits : NULL;
    explain->in_front.surplus = policy->surplus ? surplus : NULL;
    explain->in_front.victim = policy->victim ? victim : NULL;
    explain->in_front.added = added;
    explain->in_front.read = read_key;
    explain->in_front.written = written;
    explain->in_front.retimed = retimed;
    explain->in_front.removed = removed;
    explain->in_front.evicted = evicted;
    return &explain->in_front;
}
