/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flat: a cache of plain sizes.
 *
 * Sizes are what the trace says a value weighs (1 under --unit-sizes), maxmemory is the capacity in the
 * same unit, nothing else takes room. A missed read is followed by an insertion (--on-miss fill), for
 * which victims are evicted first, until the object fits; an object larger than the cache is refused. An
 * object's size is that of its insertion or last write. Keys with a ttl expire when they are touched. A
 * command with several keys counts as so many writes.
 *
 * Under --compat libcachesim every request is of one kind: it asks for an object, which is inserted with the size the row
 * says if it is absent, and keeps that size and stays, whatever the command and its ttl, until it is evicted.
 *
 * It is what the cache literature simulates, and the yardstick for speed: no tables are kept unless the
 * policy samples, no time passes unless a curve is due. */
#include "sim/flat/flat.h"

#include "sim/admission.h"
#include "sim/alloc.h"
#include "sim/engine/curve.h"
#include "sim/engine/event.h"
#include "sim/scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

#define NO_EXPIRE INT64_MAX

struct object {
    uint32_t size;
    uint32_t position; /* 0: absent; else 1 + place among the residents, or just 1 (see flat.tracked) */
};

/* A set of ids with a random member in O(1): what sampling needs. */
struct id_set {
    uint32_t *ids;
    uint32_t count;
};

struct flat {
    char *entries; /* struct object and the policy's bytes, by id */
    size_t stride;
    uint32_t capacity;
    uint64_t maxmemory, used, keys;
    bool fill, unit_sizes, libcachesim;
    bool tracked; /* the policy samples: residents is kept */
    bool offline; /* the policy knows the future */
    struct id_set residents;
    struct id_set expiring;    /* keys with a ttl; kept once there is one */
    int64_t *expire_ms;        /* by id; allocated when the first ttl turns up */
    uint32_t *expire_position; /* 1 + place in expiring, 0 = no ttl */
    int64_t start_unix_us, next_sample_us;
    struct scenario_cursor scenario;
    int64_t scenario_us; /* when its next event is due */
    gsl_rng *rng;
    struct policy_context eviction;
    struct admission_context admission;
    uint32_t named; /* the victim that the admission rule was told of; NO_KEY */
    struct counters counters;
    struct curve_recorder recorder;
};

static struct object *object_of(const struct flat *flat, uint32_t id)
{
    return (struct object *)(void *)(flat->entries + (size_t)id * flat->stride);
}

/* ---- the sets ---- */

static uint32_t set_add(struct id_set *set, uint32_t id)
{
    set->ids[set->count++] = id;
    return set->count;
}

/* Removes the member at `position` (1-based); the last takes its place and is returned. */
static uint32_t set_remove(struct id_set *set, uint32_t position)
{
    uint32_t last = set->ids[--set->count];

    set->ids[position - 1] = last;
    return last;
}

static void start_expiring(struct flat *flat)
{
    flat->expire_ms = xcalloc(flat->capacity, sizeof *flat->expire_ms);
    flat->expire_position = xcalloc(flat->capacity, sizeof *flat->expire_position);
    flat->expiring.ids = xcalloc(flat->capacity, sizeof *flat->expiring.ids);
}

static void set_expire(struct flat *flat, uint32_t id, int64_t at_ms)
{
    if (!flat->expire_ms)
        start_expiring(flat);
    if (!flat->expire_position[id])
        flat->expire_position[id] = set_add(&flat->expiring, id);
    flat->expire_ms[id] = at_ms;
    policy_call(&flat->eviction, flat->eviction.policy->retimed, id);
}

static bool forget_expire(struct flat *flat, uint32_t id)
{
    uint32_t position, last;

    if (!flat->expire_ms || !flat->expire_position[id])
        return false;
    position = flat->expire_position[id];
    last = set_remove(&flat->expiring, position);
    flat->expire_position[last] = position;
    flat->expire_position[id] = 0;
    return true;
}

static void drop_expire(struct flat *flat, uint32_t id)
{
    if (forget_expire(flat, id))
        policy_call(&flat->eviction, flat->eviction.policy->retimed, id);
}

/* ---- objects ---- */

/* Takes the object out, without the hook. */
static void take_out(struct flat *flat, uint32_t id)
{
    struct object *object = object_of(flat, id);

    if (flat->tracked) {
        uint32_t last = set_remove(&flat->residents, object->position);

        object_of(flat, last)->position = object->position;
    }
    object->position = 0;
    flat->used -= object->size;
    flat->keys--;
    forget_expire(flat, id);
}

static void remove_object(struct flat *flat, uint32_t id)
{
    take_out(flat, id);
    policy_call(&flat->eviction, flat->eviction.policy->removed, id);
}

static uint32_t next_victim(struct flat *flat)
{
    uint32_t id = flat->named;

    flat->named = NO_KEY;
    if (id != NO_KEY || flat->eviction.scope == SCOPE_NONE)
        return id;
    return flat->eviction.policy->victim(&flat->eviction);
}

static void evict(struct flat *flat, uint32_t id)
{
    take_out(flat, id);
    policy_evicted(&flat->eviction, id);
    flat->counters.evicted_keys++;
}

static void evict_surplus(struct flat *flat)
{
    uint32_t id;

    while ((id = flat->eviction.policy->surplus(&flat->eviction)) != NO_KEY)
        evict(flat, id);
}

static void tell_hit(struct flat *flat, policy_hook_fn *hook, uint32_t id)
{
    policy_call(&flat->eviction, hook, id);
    if (flat->eviction.policy->surplus)
        evict_surplus(flat);
}

/* Evicts until `more` bytes fit. False when the policy has nothing left to offer. */
static bool make_room(struct flat *flat, uint64_t more)
{
    while (flat->used + more > flat->maxmemory && flat->maxmemory) {
        uint32_t id = next_victim(flat);

        if (id == NO_KEY)
            return false;
        evict(flat, id);
    }
    if (flat->eviction.policy->surplus)
        evict_surplus(flat);
    return true;
}

/* By the rule in front of the policy. */
static bool is_let_in(struct flat *flat, uint32_t id, uint32_t size)
{
    if (admission_admits(&flat->admission, id, size))
        return true;
    flat->named = NO_KEY;
    flat->counters.not_admitted++;
    return false;
}

/* By the policy itself. */
static bool is_admitted(struct flat *flat, uint32_t id)
{
    const struct policy *policy = flat->eviction.policy;

    return !policy->admits || policy->admits(&flat->eviction, id);
}

static void insert(struct flat *flat, uint32_t id, uint32_t size)
{
    struct object *object = object_of(flat, id);

    flat->counters.writes++;
    flat->eviction.arriving_bytes = size;
    policy_call(&flat->eviction, flat->eviction.policy->arriving, id);
    if (flat->maxmemory && size > flat->maxmemory) {
        flat->named = NO_KEY;
        flat->counters.oom_rejections++;
        return;
    }
    if (!is_admitted(flat, id)) {
        flat->named = NO_KEY;
        flat->counters.not_admitted++;
        return;
    }
    if (!make_room(flat, size)) {
        flat->counters.oom_rejections++;
        return;
    }
    object->size = size;
    object->position = flat->tracked ? set_add(&flat->residents, id) : 1;
    flat->used += size;
    flat->keys++;
    policy_call(&flat->eviction, flat->eviction.policy->added, id);
    if (flat->used > flat->counters.used_memory_peak)
        flat->counters.used_memory_peak = flat->used;
}

static void resize(struct flat *flat, uint32_t id, uint32_t size)
{
    struct object *object = object_of(flat, id);

    flat->counters.writes++;
    if ((flat->maxmemory && size > flat->maxmemory) || (size > object->size && !make_room(flat, size - object->size))) {
        flat->counters.oom_rejections++;
        return;
    }
    if (!object->position) { /* it was its own victim */
        flat->counters.writes--;
        insert(flat, id, size);
        return;
    }
    flat->used += size;
    flat->used -= object->size;
    object->size = size;
    tell_hit(flat, flat->eviction.policy->written, id);
    if (flat->used > flat->counters.used_memory_peak)
        flat->counters.used_memory_peak = flat->used;
}

/* True when the key is there; an expired one goes. */
static bool is_resident(struct flat *flat, uint32_t id)
{
    if (!object_of(flat, id)->position)
        return false;
    if (flat->expire_ms && flat->expire_position[id] && flat->eviction.clock.unix_ms > flat->expire_ms[id]) {
        remove_object(flat, id);
        flat->counters.expired_keys++;
        return false;
    }
    return true;
}

/* ---- requests ---- */

static uint32_t size_of(const struct flat *flat, const struct batch *batch, uint32_t row)
{
    return flat->unit_sizes ? 1 : batch->value_len[row];
}

static int64_t expire_at(const struct flat *flat, const struct batch *batch, uint32_t row)
{
    if (batch->flags[row] & REQUEST_ABSOLUTE)
        return batch->ttl_ms[row];
    return flat->eviction.clock.unix_ms + batch->ttl_ms[row];
}

static void store(struct flat *flat, const struct batch *batch, uint32_t row, uint32_t size)
{
    uint32_t id = batch->id[row];

    insert(flat, id, size);
    if (batch->flags[row] & REQUEST_TTL && object_of(flat, id)->position)
        set_expire(flat, id, expire_at(flat, batch, row));
}

static void miss(struct flat *flat, const struct batch *batch, uint32_t row, bool fills)
{
    uint32_t size = size_of(flat, batch, row);

    flat->counters.misses++;
    if (size != VALUE_UNKNOWN)
        flat->counters.read_bytes += size;
    if (!fills || !flat->fill)
        return;
    if (size == VALUE_UNKNOWN) {
        flat->counters.unfilled_misses++;
        return;
    }
    if (!is_let_in(flat, batch->id[row], size))
        return;
    flat->counters.fills++;
    store(flat, batch, row, size);
}

static void read_key(struct flat *flat, const struct batch *batch, uint32_t row, bool fills)
{
    uint32_t id = batch->id[row];

    flat->counters.reads++;
    if (!is_resident(flat, id)) {
        miss(flat, batch, row, fills);
        return;
    }
    flat->counters.hits++;
    flat->counters.read_bytes += object_of(flat, id)->size;
    flat->counters.hit_bytes += object_of(flat, id)->size;
    tell_hit(flat, flat->eviction.policy->read, id);
}

static void write_key(struct flat *flat, const struct batch *batch, uint32_t row, uint32_t size, bool replaces)
{
    uint32_t id = batch->id[row];
    uint16_t flags = batch->flags[row];
    bool found = is_resident(flat, id);

    if ((flags & REQUEST_NX && found) || (flags & REQUEST_XX && !found)) {
        flat->counters.writes++;
        return;
    }
    if (!found && !is_let_in(flat, id, size)) {
        flat->counters.writes++;
        return;
    }
    if (!found) {
        store(flat, batch, row, size);
        return;
    }
    resize(flat, id, size);
    if (!object_of(flat, id)->position)
        return;
    if (flags & REQUEST_TTL)
        set_expire(flat, id, expire_at(flat, batch, row));
    else if (replaces && !(flags & REQUEST_KEEPTTL))
        drop_expire(flat, id);
}

static void delete_key(struct flat *flat, uint32_t id)
{
    if (!is_resident(flat, id))
        return;
    remove_object(flat, id);
    flat->counters.deleted_keys++;
}

static void expire_key(struct flat *flat, const struct batch *batch, uint32_t row)
{
    int64_t when = expire_at(flat, batch, row);

    if (!is_resident(flat, batch->id[row]))
        return;
    if (when <= flat->eviction.clock.unix_ms)
        delete_key(flat, batch->id[row]);
    else
        set_expire(flat, batch->id[row], when);
}

static void flush(struct flat *flat)
{
    for (uint32_t id = 0; id < flat->capacity; id++)
        if (object_of(flat, id)->position)
            delete_key(flat, id);
}

/* What is there already, for commands that change a part of it. */
static uint64_t present_size(struct flat *flat, uint32_t id)
{
    return is_resident(flat, id) ? object_of(flat, id)->size : 0;
}

static uint32_t clamp_size(const struct flat *flat, uint64_t size)
{
    return flat->unit_sizes ? 1 : size < VALUE_UNKNOWN ? (uint32_t)size : VALUE_UNKNOWN - 1;
}

static void ask(struct flat *flat, const struct batch *batch, uint32_t row)
{
    uint32_t id = batch->id[row], size = size_of(flat, batch, row);

    if (!request_asks(batch, row, flat->unit_sizes))
        return;
    admission_seen(&flat->admission, OP_GET, id, size);
    flat->counters.reads++;
    flat->counters.read_bytes += size;
    if (object_of(flat, id)->position) {
        flat->counters.hits++;
        flat->counters.hit_bytes += size;
        tell_hit(flat, flat->eviction.policy->read, id);
        return;
    }
    flat->counters.misses++;
    if (!is_let_in(flat, id, size))
        return;
    flat->counters.fills++;
    insert(flat, id, size);
}

static void execute(struct flat *flat, const struct batch *batch, uint32_t row)
{
    uint32_t id = batch->id[row];
    uint64_t size;

    switch ((enum op)batch->op[row]) {
    case OP_GET:
    case OP_MGET:
        read_key(flat, batch, row, true);
        break;
    case OP_GETEX:
        read_key(flat, batch, row, true);
        if (batch->flags[row] & REQUEST_TTL)
            expire_key(flat, batch, row);
        else if (batch->flags[row] & REQUEST_PERSIST && is_resident(flat, id))
            drop_expire(flat, id);
        break;
    case OP_EXISTS:
    case OP_STRLEN:
    case OP_TOUCH:
    case OP_TTL:
    case OP_PTTL:
    case OP_TYPE:
        read_key(flat, batch, row, false);
        break;
    case OP_GETDEL:
        read_key(flat, batch, row, false);
        delete_key(flat, id);
        break;
    case OP_GETSET:
        read_key(flat, batch, row, false);
        write_key(flat, batch, row, size_of(flat, batch, row), true);
        break;
    case OP_SETNX:
        if (!is_resident(flat, id))
            write_key(flat, batch, row, size_of(flat, batch, row), true);
        break;
    case OP_SET:
    case OP_SETEX:
    case OP_PSETEX:
    case OP_MSET:
        write_key(flat, batch, row, size_of(flat, batch, row), true);
        break;
    case OP_APPEND:
        size = present_size(flat, id) + batch->value_len[row];
        write_key(flat, batch, row, clamp_size(flat, size), false);
        break;
    case OP_SETRANGE:
        size = (uint64_t)batch->number[row] + batch->value_len[row];
        if (size < present_size(flat, id))
            size = present_size(flat, id);
        write_key(flat, batch, row, clamp_size(flat, size), false);
        break;
    case OP_INCR:
    case OP_DECR:
    case OP_INCRBY:
    case OP_DECRBY:
        size = present_size(flat, id);
        write_key(flat, batch, row, clamp_size(flat, size ? size : 1), false);
        break;
    case OP_DEL:
    case OP_UNLINK:
        delete_key(flat, id);
        break;
    case OP_EXPIRE:
    case OP_PEXPIRE:
    case OP_EXPIREAT:
    case OP_PEXPIREAT:
        expire_key(flat, batch, row);
        break;
    case OP_PERSIST:
        if (is_resident(flat, id))
            drop_expire(flat, id);
        break;
    case OP_FLUSHALL:
    case OP_FLUSHDB:
        flush(flat);
        break;
    case OP_SELECT:
    case OP_PING:
    case OP_INFO:
    case OP_COUNT:
        break;
    }
}

/* ---- what policies see: one database, uniform draws ---- */

static const struct id_set *set_in_scope(const struct flat *flat, enum scope scope)
{
    return scope == SCOPE_VOLATILE ? &flat->expiring : &flat->residents;
}

static uint32_t view_candidates(const void *keyspace, int db, enum scope scope)
{
    (void)db;
    return set_in_scope(keyspace, scope)->count;
}

static bool view_is_candidate(const void *keyspace, uint32_t id, enum scope scope)
{
    const struct flat *flat = keyspace;

    return object_of(flat, id)->position && (scope != SCOPE_VOLATILE || (flat->expire_ms && flat->expire_position[id]));
}

static uint32_t view_random_key(void *keyspace, int db, enum scope scope)
{
    const struct flat *flat = keyspace;
    const struct id_set *set = set_in_scope(flat, scope);

    (void)db;
    return set->ids[gsl_rng_uniform_int(flat->rng, set->count)];
}

static int view_sample(void *keyspace, int db, enum scope scope, int want, uint32_t *ids)
{
    uint32_t count = view_candidates(keyspace, db, scope);

    if ((uint32_t)want > count)
        want = (int)count;
    for (int i = 0; i < want; i++)
        ids[i] = view_random_key(keyspace, db, scope);
    return want;
}

static int64_t view_expire_ms(const void *keyspace, uint32_t id)
{
    return ((const struct flat *)keyspace)->expire_ms[id];
}

static uint64_t view_size(const void *keyspace, uint32_t id)
{
    return object_of(keyspace, id)->size;
}

static uint64_t view_capacity(const void *keyspace, uint64_t held)
{
    const struct flat *flat = keyspace;

    if (!flat->maxmemory)
        return UINT64_MAX;
    return flat->eviction.scope == SCOPE_VOLATILE ? held + flat->maxmemory - flat->used : flat->maxmemory;
}

static const struct keyspace_view flat_view = {
    .candidates = view_candidates,
    .is_candidate = view_is_candidate,
    .sample = view_sample,
    .random_key = view_random_key,
    .expire_ms = view_expire_ms,
    .size = view_size,
    .capacity = view_capacity,
};

/* ---- what admission rules see ---- */

static uint32_t view_victim(void *owner, uint64_t bytes)
{
    struct flat *flat = owner;

    if (!flat->maxmemory || flat->used + bytes <= flat->maxmemory)
        return NO_KEY;
    return flat->named = next_victim(flat);
}

static uint64_t view_room(void *owner)
{
    return view_capacity(owner, 0);
}

static uint64_t view_keys(void *owner)
{
    return ((const struct flat *)owner)->keys;
}

static const struct admission_view flat_admission_view = {
    .victim = view_victim,
    .capacity = view_room,
    .keys = view_keys,
};

/* ---- the model ---- */

/* Sizes are all it has: a scenario may change the budget, or empty it. */
static int check_scenario(const struct scenario *scenario, struct error *error)
{
    for (size_t i = 0; scenario && i < scenario->count; i++) {
        const struct scenario_event *event = &scenario->events[i];
        bool known = event->kind == SCENARIO_COMMAND &&
                     (scenario->rows.op[event->first] == OP_FLUSHALL || scenario->rows.op[event->first] == OP_FLUSHDB);

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

static int flat_init(void *state, const struct cell_config *config, struct error *error)
{
    struct flat *flat = state;
    const struct simulation_options *options = config->options;

    if (check_scenario(options->scenario, error))
        return -1;
    flat->stride = sizeof(struct object) + (config->policy->entry_size + 3) / 4 * 4;
    flat->maxmemory = config->maxmemory;
    flat->fill = options->fill;
    flat->unit_sizes = options->unit_sizes;
    flat->libcachesim = options->libcachesim;
    flat->tracked = config->policy->samples;
    flat->offline = config->policy->offline;
    flat->start_unix_us = options->start_unix_us;
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
    flat->scenario_us = EVENT_NEVER;
    if (options->scenario) {
        scenario_cursor_init(&flat->scenario, options->scenario);
        flat->scenario_us = scenario_next_us(&flat->scenario);
    }
    flat->named = NO_KEY;
    flat->admission = (struct admission_context){.rng = flat->rng, .owner = flat, .view = &flat_admission_view};
    if (policy_open(&flat->eviction, config->policy, config->parameters, error))
        return -1;
    return admission_open(&flat->admission, config->admission, config->admission_parameters, error);
}

static void flat_release(void *state)
{
    struct flat *flat = state;

    if (!flat->rng)
        return;
    policy_close(&flat->eviction);
    admission_close(&flat->admission);
    curve_recorder_release(&flat->recorder);
    scenario_cursor_release(&flat->scenario);
    gsl_rng_free(flat->rng);
    free(flat->entries);
    free(flat->residents.ids);
    free(flat->expiring.ids);
    free(flat->expire_ms);
    free(flat->expire_position);
}

static void *grown(void *array, uint32_t old_count, uint32_t count, size_t bytes)
{
    return xrealloc_zero(array, old_count * bytes, count * bytes);
}

static void reserve(struct flat *flat, uint32_t key_count)
{
    uint32_t old = flat->capacity, capacity = grown_capacity(old, key_count);

    if (key_count <= old)
        return;
    flat->entries = xrealloc_zero_aligned(flat->entries, old * flat->stride, capacity * flat->stride);
    flat->eviction.entries = flat->entries + sizeof(struct object);
    if (flat->tracked)
        flat->residents.ids = grown(flat->residents.ids, old, capacity, sizeof(uint32_t));
    if (flat->expire_ms) {
        flat->expire_ms = grown(flat->expire_ms, old, capacity, sizeof *flat->expire_ms);
        flat->expire_position = grown(flat->expire_position, old, capacity, sizeof *flat->expire_position);
        flat->expiring.ids = grown(flat->expiring.ids, old, capacity, sizeof(uint32_t));
    }
    flat->capacity = capacity;
}

static struct sample take_sample(const struct flat *flat, int64_t time_us)
{
    return (struct sample){
        .time_us = time_us,
        .used_memory = flat->used,
        .keys = flat->keys,
        .expires = flat->expiring.count,
        .hits = flat->counters.hits,
        .misses = flat->counters.misses,
        .evicted_keys = flat->counters.evicted_keys,
        .expired_keys = flat->counters.expired_keys,
        .oom_rejections = flat->counters.oom_rejections,
    };
}

static void sample_until(struct flat *flat, int64_t time_us)
{
    while (flat->next_sample_us <= time_us) {
        struct sample sample = take_sample(flat, flat->next_sample_us);

        curve_recorder_add(&flat->recorder, &sample);
        flat->next_sample_us = curve_recorder_next(&flat->recorder, flat->next_sample_us);
    }
}

static void happen(struct flat *flat, const struct scenario_event *event)
{
    if (event->kind != SCENARIO_CONFIG) {
        flush(flat);
        return;
    }
    for (size_t i = 0; i < event->setting_count; i++)
        flat->maxmemory = event->settings[i].maxmemory;
    make_room(flat, 0);
}

/* Events of the scenario up to and at time_us; a sample of the same instant sees what they left. */
static void happen_until(struct flat *flat, int64_t time_us)
{
    while (flat->scenario_us <= time_us) {
        sample_until(flat, flat->scenario_us - 1);
        flat->eviction.clock.unix_ms = (flat->start_unix_us + flat->scenario_us) / 1000;
        happen(flat, scenario_next(&flat->scenario));
        flat->scenario_us = scenario_next_us(&flat->scenario);
    }
}

enum { PREFETCH_ROWS = 16 };

/* Always inlined: GCC drops calls of functions that only prefetch. */
__attribute__((always_inline)) static inline void prefetch_row(const struct flat *flat, const struct batch *batch,
                                                               uint32_t row)
{
    if (row < batch->count && batch->id[row] != NO_KEY)
        __builtin_prefetch(object_of(flat, batch->id[row]), 1);
}

static void set_clock(struct flat *flat, int64_t now_us)
{
    flat->eviction.clock.unix_ms = (flat->start_unix_us + now_us) / 1000;
    flat->eviction.clock.lru_clock = (uint32_t)(flat->eviction.clock.unix_ms / 1000) & ((1 << 24) - 1);
}

/* Only GETs of keys without a ttl, and nothing else due meanwhile: the usual batch of the literature. */
static bool is_plain(const struct flat *flat, const struct batch *batch)
{
    int64_t end_us = batch->count ? batch->time_us[batch->count - 1] : 0;
    unsigned other = 0;

    if (flat->admission.admission && flat->admission.admission->seen)
        return false;
    if (flat->expire_ms || !flat->fill || end_us >= flat->scenario_us || end_us >= flat->next_sample_us)
        return false;
    for (uint32_t row = 0; row < batch->count; row++)
        other |= (unsigned)(batch->op[row] ^ OP_GET) | batch->flags[row] | (batch->value_len[row] == VALUE_UNKNOWN);
    for (uint32_t row = 0; row < batch->count && flat->libcachesim; row++)
        other |= !batch->value_len[row];
    return !other;
}

/* Tells the policy of the future of the row's key. */
static void foresee(struct flat *flat, const struct batch *batch, uint32_t row)
{
    flat->eviction.row = batch->first_row + row;
    flat->eviction.next_access = batch->next_access[row];
}

/* The request may have left its key untouched; its future is another from here on. */
static void foresee_resident(struct flat *flat, uint32_t id)
{
    if (id != NO_KEY && object_of(flat, id)->position)
        policy_call(&flat->eviction, flat->eviction.policy->read, id);
    flat->eviction.next_access = NEXT_UNKNOWN;
}

/* What execute() would do with such a batch, row by row, without asking. */
static void replay_plain(struct flat *flat, const struct batch *batch)
{
    policy_hook_fn *touch = flat->eviction.policy->read;
    const bool offline = flat->offline, has_surplus = flat->eviction.policy->surplus != NULL;
    uint64_t hits = 0, bytes = 0, hit_bytes = 0, fills = 0;
    int64_t clock_us = -1;

    for (uint32_t row = 0; row < batch->count; row++) {
        const uint32_t id = batch->id[row];
        const struct object *object = object_of(flat, id);

        prefetch_row(flat, batch, row + PREFETCH_ROWS);
        if (batch->time_us[row] != clock_us)
            set_clock(flat, clock_us = batch->time_us[row]);
        if (offline)
            foresee(flat, batch, row);
        if (object->position) {
            hits++;
            hit_bytes += object->size;
            if (touch)
                touch(&flat->eviction, id);
            if (has_surplus)
                evict_surplus(flat);
        } else {
            const uint32_t size = size_of(flat, batch, row);

            bytes += size;
            if (!is_let_in(flat, id, size))
                continue;
            fills++;
            insert(flat, id, size);
        }
    }
    flat->counters.requests += batch->count;
    flat->counters.reads += batch->count;
    flat->counters.hits += hits;
    flat->counters.misses += batch->count - hits;
    flat->counters.fills += fills;
    flat->counters.hit_bytes += hit_bytes;
    flat->counters.read_bytes += bytes + hit_bytes;
}

static void flat_replay(void *state, const struct batch *batch)
{
    struct flat *flat = state;

    reserve(flat, batch->key_count);
    if (is_plain(flat, batch)) {
        replay_plain(flat, batch);
        return;
    }
    for (uint32_t row = 0; row < batch->count; row++) {
        int64_t now_us = batch->time_us[row];

        prefetch_row(flat, batch, row + PREFETCH_ROWS);
        if (now_us >= flat->scenario_us)
            happen_until(flat, now_us);
        if (now_us >= flat->next_sample_us)
            sample_until(flat, now_us);
        set_clock(flat, now_us);
        flat->counters.requests += !(batch->flags[row] & REQUEST_MORE);
        if (flat->offline)
            foresee(flat, batch, row);
        admission_seen(&flat->admission, (enum op)batch->op[row], batch->id[row], size_of(flat, batch, row));
        if (flat->libcachesim)
            ask(flat, batch, row);
        else
            execute(flat, batch, row);
        if (flat->offline)
            foresee_resident(flat, batch->id[row]);
    }
}

static void flat_finish(void *state, int64_t end_us, struct counters *counters, struct curve *curve)
{
    struct flat *flat = state;
    struct sample last;

    happen_until(flat, end_us);
    sample_until(flat, end_us);
    last = take_sample(flat, end_us);
    *curve = curve_recorder_finish(&flat->recorder, &last);
    flat->counters.keys = flat->keys;
    flat->counters.expires = flat->expiring.count;
    flat->counters.used_memory = flat->used;
    *counters = flat->counters;
}

const struct model flat_model = {
    .state_size = sizeof(struct flat),
    .init = flat_init,
    .replay = flat_replay,
    .finish = flat_finish,
    .release = flat_release,
};
