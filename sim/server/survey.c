/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/survey.h"

#include "sim/alloc.h"
#include "sim/census.h"
#include "sim/key_visit.h"
#include "sim/slot_census.h"
#include "sim/split.h"
#include "sim/server/inspect.h"
#include "sim/server/keyspace.h"
#include "sim/server/lingering.h"
#include "sim/server/memory.h"
#include "sim/server/names.h"
#include "sim/server/values/collection.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/list.h"
#include "sim/server/values/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where the command pushes elements to the key's list; it may be both. */
static unsigned pushes_at(enum op op, bool is_more)
{
    if (op == OP_LPUSH || op == OP_LPUSHX)
        return PUSHED_LEFT;
    if (op == OP_RPUSH || op == OP_RPUSHX)
        return PUSHED_RIGHT;
    return op == OP_LINSERT || (command_table[op].moves && !is_more) ? PUSHED_LEFT | PUSHED_RIGHT : PUSHED_NOWHERE;
}

/* Whether what the command takes from the key's value is worked on. */
static bool takes(enum op op, bool is_more)
{
    static const enum op taking[] = {OP_LPOP,     OP_RPOP,     OP_BLPOP,     OP_BRPOP, OP_LMPOP,
                                     OP_BLMPOP,   OP_ZPOPMIN,  OP_ZPOPMAX,   OP_ZMPOP, OP_BZMPOP,
                                     OP_BZPOPMIN, OP_BZPOPMAX, OP_XREADGROUP};

    for (size_t i = 0; i < sizeof taking / sizeof *taking; i++)
        if (op == taking[i])
            return true;
    return command_table[op].moves && is_more;
}

static void see_row(struct census *census, const struct batch *batch, uint32_t row)
{
    struct census_use *use = &census->uses[batch->id[row]];
    const struct command *command = &command_table[batch->op[row]];

    use->pushed_at |= (uint8_t)pushes_at((enum op)batch->op[row], batch->flags[row] & REQUEST_MORE);
    if (takes((enum op)batch->op[row], batch->flags[row] & REQUEST_MORE))
        use->taken_op = (uint16_t)(batch->op[row] + 1);
    if (split_way_of((enum op)batch->op[row]) == SPLIT_NEVER)
        use->unsplit_op = (uint16_t)(batch->op[row] + 1);

    if (use->state == REFILL_NOT_MET)
        use->first_us = batch->time_us[row];
    use->state = (uint8_t)refills_see(&census->refills, (enum refill_state)use->state, command,
                                      batch->time_us[row] - use->last_us);
    use->last_us = batch->time_us[row];
}

void survey_batch(struct redis *redis, const struct batch *batch)
{
    struct census *census = redis->options->census;

    if (census->capacity < batch->key_count)
        census->uses = xgrow(census->uses, &census->capacity, batch->key_count, sizeof *census->uses);
    for (uint32_t row = 0; row < batch->count; row++)
        if (batch->id[row] != NO_KEY)
            see_row(census, batch, row);
}

static void see_ttls(const struct redis *redis, const struct batch *batch, uint32_t row, bool is_fill)
{
    struct ttl_curves *ttls = redis->options->census->ttls;
    const struct command *command = &command_table[batch->op[row]];
    uint32_t id = batch->id[row];
    const struct entry *entry = entry_of(redis, id);
    bool is_there = entry->encoding != ENCODING_ABSENT;

    if (ttl_curves_follow(ttls, id))
        ttl_curves_see(ttls, &(struct ttl_event){
                                 .id = id,
                                 .group = redis->groups ? key_group_of(redis->groups->groups, id) : 0,
                                 .now_us = redis->now_us,
                                 .bytes = is_there ? inspect_key(redis, id).memory_usage : 0,
                                 .is_read = command->looks_up && !is_fill,
                                 .is_write = command->denyoom || is_fill,
                                 .takes_ttl = is_fill || request_drops_ttl(batch, row),
                                 .has_ttl = is_there && entry->expire_ms != NO_EXPIRE,
                                 .fills_misses = redis->options->fill,
                                 .fill_ttl_us = batch->flags[row] & REQUEST_TTL ? 1000 * batch->ttl_ms[row] : 0,
                             });
}

/* The key is named: what it weighs if this has made it. */
static void see_key(struct redis *redis, const struct batch *batch, uint32_t row, bool is_fill)
{
    struct census *census = redis->options->census;
    uint32_t id = batch->id[row];

    if (census->ttls)
        see_ttls(redis, batch, row, is_fill);
    if (entry_of(redis, id)->encoding == ENCODING_ABSENT)
        census->uses[id].created_bytes = 0;
    else if (!census->uses[id].created_bytes)
        census->uses[id].created_bytes = inspect_key(redis, id).memory_usage;
}

void survey_fill(struct redis *redis, const struct batch *batch, uint32_t row)
{
    see_key(redis, batch, row, true);
}

void survey_rows(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    for (uint32_t row = first; row < first + rows; row++)
        if (batch->id[row] != NO_KEY)
            see_key(redis, batch, row, false);
}

static void add_largest(struct census_look *look, uint32_t id, uint64_t bytes)
{
    size_t place = look->largest_count;

    if (place == CENSUS_LARGEST && look->largest[--place].bytes >= bytes)
        return;
    for (; place && look->largest[place - 1].bytes < bytes; place--)
        look->largest[place] = look->largest[place - 1];
    look->largest[place] = (struct census_key){.id = id, .bytes = bytes};
    look->largest_count += look->largest_count < CENSUS_LARGEST;
}

static void add(struct census_count *count, uint64_t bytes)
{
    count->keys++;
    count->bytes += bytes;
}

static void add_growth(struct census_look *look, uint64_t created, uint64_t bytes, bool is_collection)
{
    if (bytes < created) {
        look->shrunk_bytes += created - bytes;
        return;
    }
    if (bytes == created)
        return;
    add(&look->grown, bytes - created);
    look->grown_collections += is_collection ? bytes - created : 0;
}

static void look_at_key(const struct redis *redis, uint32_t id, struct census_look *look)
{
    const struct census *census = redis->options->census;
    const struct entry *entry = entry_of(redis, id);
    uint64_t bytes = inspect_key(redis, id).memory_usage;

    add(&look->all, bytes);
    if (entry->expire_ms != NO_EXPIRE)
        add(&look->with_ttl, bytes);
    if (entry_lingers(redis, entry))
        add(&look->expired, bytes);
    if (entry->expire_ms == NO_EXPIRE && id < census->capacity && census->uses[id].first_us < redis->now_us / 2) {
        add(&look->old, bytes);
        if (census->uses[id].last_us < redis->now_us / 2)
            add(&look->unused, bytes);
    }
    if (id < census->capacity && census->uses[id].created_bytes)
        add_growth(look, census->uses[id].created_bytes, bytes, !entry_is_string(entry));
    add_largest(look, id, bytes);
}

static uint64_t elements_of(const struct entry *entry)
{
    if (entry_is_string(entry))
        return 0;
    if (collection_encoding_of(entry))
        return ((const struct collection *)entry->structure)->count;
    return entry->encoding == ENCODING_STREAM ? stream_of(entry)->length : list_of(entry)->count;
}

static char *name_of(const struct redis *redis, uint32_t id, uint32_t *db)
{
    size_t bytes;
    const char *name = names_of_key(redis, id, &bytes, db);
    char *copy = xcalloc((name ? bytes : 24) + 1, 1);

    if (name)
        memcpy(copy, name, bytes);
    else
        snprintf(copy, 24, "key %" PRIu32, id);
    for (size_t i = 0; name && i < bytes; i++)
        copy[i] = copy[i] ? copy[i] : '?';
    return copy;
}

/* Of the largest keys more is said. */
static void describe_largest(const struct redis *redis, struct census_look *look)
{
    for (size_t i = 0; i < look->largest_count; i++) {
        struct census_key *key = &look->largest[i];
        const struct census *census = redis->options->census;

        key->name = name_of(redis, key->id, &key->db);
        key->type = encodings[entry_of(redis, key->id)->encoding].type_name;
        key->elements = elements_of(entry_of(redis, key->id));
        if (key->id < census->capacity) {
            key->pushed_at = census->uses[key->id].pushed_at;
            key->taken_op = census->uses[key->id].taken_op;
            key->unsplit_op = census->uses[key->id].unsplit_op;
        }
    }
}

void survey_look(const struct redis *redis, struct census_look *look)
{
    census_look_release(look);
    *look = (struct census_look){.sample = {.time_us = redis->now_us,
                                            .maxmemory = redis->maxmemory,
                                            .used_memory = redis->used,
                                            .keys = keyspace_keys(redis),
                                            .expires = keyspace_expires(redis),
                                            .hits = redis->counters.hits,
                                            .misses = redis->counters.misses,
                                            .evicted_keys = redis->counters.evicted_keys,
                                            .expired_keys = redis->counters.expired_keys,
                                            .oom_rejections = redis->counters.oom_rejections}};
    sample_take_misses(&look->sample, &redis->counters);
    memory_look(redis, &look->sample);
    look->sample.used_memory += redis->arguments;
    look->sample.memory_arguments += redis->arguments;
    for (uint32_t id = 0; id < redis->key_count; id++)
        if (entry_of(redis, id)->encoding != ENCODING_ABSENT)
            look_at_key(redis, id, look);
    describe_largest(redis, look);
}

void survey_end(const struct redis *redis, int64_t end_us)
{
    struct census *census = redis->options->census;

    survey_look(redis, &census->end);
    if (!census->ttls)
        return;
    ttl_curves_finish(census->ttls, end_us);
    for (size_t g = 0; redis->groups && g < redis->groups->groups->count; g++)
        census->ttls->groups[g].name = xstrdup(redis->groups->groups->names[g]);
}

void survey_slots(const struct redis *redis)
{
    for (uint32_t id = 0; id < redis->key_count; id++)
        if (entry_of(redis, id)->encoding != ENCODING_ABSENT)
            slot_census_note(redis->options, id, inspect_key(redis, id).memory_usage);
}

static struct visited_key visited_of(const struct redis *redis, uint32_t id)
{
    const struct entry *entry = entry_of(redis, id);
    struct inspection inspection = inspect_key(redis, id);
    const struct key_groups *groups = redis->groups ? redis->groups->groups : NULL;
    unsigned group = groups ? key_group_of(groups, id) : 0;
    struct visited_key key = {
        .id = id,
        .group = group,
        .group_name = groups ? groups->names[group] : NULL,
        .value_type = encodings[entry->encoding].type,
        .type = inspection.type,
        .encoding = inspection.encoding,
        .bytes = inspection.memory_usage,
        .length = entry_is_string(entry) ? entry_value_length(entry) : elements_of(entry),
        .has_ttl = entry->expire_ms != NO_EXPIRE,
        .ttl_ms = entry->expire_ms != NO_EXPIRE ? entry->expire_ms - redis->unix_ms : 0,
    };

    key.name = names_of_key(redis, id, &key.name_bytes, &key.db);
    return key;
}

void survey_visit(const struct redis *redis)
{
    const struct key_visitor *visitor = redis->options->visitor;

    for (uint32_t id = 0; id < redis->key_count; id++)
        if (entry_of(redis, id)->encoding != ENCODING_ABSENT) {
            struct visited_key key = visited_of(redis, id);

            visitor->visit(visitor->owner, &key);
        }
}

void survey_note_refusal(const struct redis *redis)
{
    struct census *census = redis->options->census;

    if (!census->refusal.sample.used_memory)
        survey_look(redis, &census->refusal);
    if (census->exceeds_by_far)
        census->excess[census->exceeds_by].refusals++;
}

void survey_note_excess(const struct redis *redis, enum census_way way)
{
    struct census *census = redis->options->census;
    uint64_t used = counted_memory(redis), bytes = used > redis->maxmemory ? used - redis->maxmemory : 0;
    struct census_excess *excess = &census->excess[way];

    if (!redis->maxmemory || !bytes) {
        census->exceeds = census->exceeds_by_far = false;
        return;
    }
    if (!census->exceeds) {
        census->exceeds = true;
        census->exceeds_by = way;
        census->exceeds_by_far = (double)bytes > CENSUS_EXCESS * (double)redis->maxmemory;
        excess->times++;
    }
    if (excess->bytes < bytes) {
        excess->bytes = bytes;
        excess->time_us = redis->now_us;
    }
}

void survey_note_eviction(const struct redis *redis)
{
    if (!redis->options->census->eviction.sample.used_memory)
        survey_look(redis, &redis->options->census->eviction);
}
