/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/follow.h"

#include "sim/alloc.h"
#include "sim/input/patterns.h"
#include "sim/hooks.h"
#include "sim/server/blessing.h"
#include "sim/server/keyspace.h"
#include "sim/server/resident.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/list.h"
#include "sim/server/values/stream.h"
#include "sim/server/values/zset.h"

/* ---- ttls ---- */

/* The key is used: its ttl begins anew, unless it is one of its own. */
static void renew_ttl(struct redis *redis, uint32_t id, int64_t ttl_ms)
{
    int64_t now = entry_of(redis, id)->expire_ms;

    if (redis->renewed_capacity <= id)
        redis->renewed_ms = xgrow(redis->renewed_ms, &redis->renewed_capacity, id + 1, sizeof *redis->renewed_ms);
    if (now != NO_EXPIRE && now != redis->renewed_ms[id])
        return;
    redis->renewed_ms[id] = redis->unix_ms + ttl_ms;
    key_set_expire(redis, id, redis->renewed_ms[id]);
}

static void follow_ttls(struct redis *redis, enum op op, uint32_t id, bool is_fill)
{
    const struct ttl_rule *rule = ttl_rules_find(&redis->options->ttl_rules, op, is_fill, id);

    if (rule && !rule->ttl_ms)
        key_remove_expire(redis, id);
    else if (rule && rule->on_use)
        renew_ttl(redis, id, rule->ttl_ms);
    else if (rule && entry_of(redis, id)->expire_ms == NO_EXPIRE)
        key_set_expire(redis, id, redis->unix_ms + rule->ttl_ms);
}

/* ---- bounds ---- */

/* A list's elements from one index to another, either counted from the end if negative: how many are before the first of
 * them; *kept: how many there are. */
static uint64_t indexes(uint64_t length, const struct trim_rule *rule, uint64_t *kept)
{
    int64_t count = (int64_t)length, first = rule->first < 0 ? count + rule->first : rule->first,
            last = rule->last < 0 ? count + rule->last : rule->last;

    first = first < 0 ? 0 : first;
    last = last < count ? last : count - 1;
    *kept = first > last ? 0 : (uint64_t)(last - first + 1);
    return *kept ? (uint64_t)first : 0;
}

static uint64_t trim_list(struct redis *redis, struct entry *entry, const struct trim_rule *rule)
{
    uint64_t length = list_of(entry)->count, kept, before = indexes(length, rule, &kept);

    if (kept == length)
        return 0;
    list_delete_range(redis, entry, 0, before);
    list_delete_range(redis, entry, kept, length - before - kept);
    if (kept)
        list_has_shrunk(redis, entry);
    return length - kept;
}

static uint64_t trim_zset(struct redis *redis, struct entry *entry, const struct trim_rule *rule)
{
    struct range range = zset_range_of_ranks(entry, rule->first, rule->last);

    if (range.count)
        zset_remove_range(redis, entry, range.rank, range.count);
    return range.count;
}

static uint64_t trim_stream(struct redis *redis, struct entry *entry, const struct trim_rule *rule)
{
    uint64_t node = redis->config.stream_node_max_entries;
    struct stream_trim trim = {
        .by = TRIM_MAXLEN, .approximately = rule->approximately, .maxlen = (uint64_t)rule->first};

    if (rule->approximately)
        trim.limit = node ? 100 * node : 10000;
    return stream_trim(stream_of(entry), &trim);
}

static enum value_type type_of(enum op op)
{
    return (enum value_type)command_table[op].type;
}

/* What of the value is beyond the first bound that is of its type. */
static uint64_t trim(struct redis *redis, uint32_t id)
{
    const struct trim_rules *rules = &redis->options->trim_rules;
    struct entry *entry = entry_of(redis, id);

    for (size_t i = 0; i < rules->count; i++) {
        const struct trim_rule *rule = &rules->list[i];

        if (encodings[entry->encoding].type != type_of(rule->op) ||
            !key_patterns_match(redis->options->ttl_rules.keys, id, rule->pattern))
            continue;
        return rule->op == OP_LTRIM             ? trim_list(redis, entry, rule)
               : rule->op == OP_ZREMRANGEBYRANK ? trim_zset(redis, entry, rule)
                                                : trim_stream(redis, entry, rule);
    }
    return 0;
}

static bool is_emptied(const struct entry *entry)
{
    return encodings[entry->encoding].type == TYPE_LIST   ? !list_of(entry)->count
           : encodings[entry->encoding].type == TYPE_ZSET ? !zset_of(entry)->count
                                                          : false;
}

static void follow_trims(struct redis *redis, uint32_t id)
{
    uint64_t trimmed = trim(redis, id);

    if (!trimmed)
        return;
    redis->trimmed += trimmed;
    if (is_emptied(entry_of(redis, id))) {
        key_delete(redis, id);
        redis->counters.deleted_keys++;
        return;
    }
    if (keyspace_notes_writes(redis))
        key_tell_written(redis, id);
    keyspace_tally(redis, entry_of(redis, id));
    resident_note(redis, id);
}

/* ---- both ---- */

void follow_rules(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows, bool is_fill)
{
    for (uint32_t row = first; row < first + rows; row++) {
        enum op op = (enum op)batch->op[row];
        uint32_t id = batch->id[row];

        if (id == NO_KEY || entry_of(redis, id)->encoding == ENCODING_ABSENT)
            continue;
        if (redis->options->ttl_rules.count && (is_fill || ttl_rules_follow(&redis->options->ttl_rules, op)))
            follow_ttls(redis, op, id, is_fill);
        if (redis->options->trim_rules.count && command_table[op].denyoom)
            follow_trims(redis, id);
    }
}
