/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zset: the commands on sorted sets, each in the server's order.
 *
 * Source: t_zset.c of Redis 7.0.15. The profile has the rules of other servers. */
#include "sim/server/commands/zset.h"

#include "sim/server/commands/commands.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/resp.h"

#include <string.h>

double zset_element_double(const struct element *element)
{
    double number;

    memcpy(&number, &element->number, sizeof number);
    return number;
}

void zset_store(struct call *call, struct entry *zset)
{
    struct redis *redis = call->redis;
    struct value value;

    call_reply_integer(call, zset_of(zset)->count);
    if (zset_of(zset)->count) {
        value = zset_hand_over(redis, zset);
        call_set_key(call, &value);
        call_propagate(call);
        return;
    }
    zset_discard(redis, zset);
    if (key_delete_if_there(redis, call->id)) {
        redis->counters.deleted_keys++;
        call_propagate(call);
    }
}

/* ---- replies ---- */

static void reply_counted(struct call *call, uint32_t length)
{
    call_reply_bulk(call, length);
    call->redis->counters.read_bytes += length;
    call->redis->counters.hit_bytes += length;
}

void zset_reply_score(struct call *call, double score)
{
    reply_counted(call, zset_score_text(call->redis, score).length);
}

void zset_reply_element(struct call *call, const struct collection *zset, uint32_t slot, bool with_score)
{
    reply_counted(call, collection_text(call->redis, zset, slot).length);
    if (with_score)
        zset_reply_score(call, collection_score(zset, slot));
}

void zset_reply_range(struct call *call, const struct entry *entry, struct range range, bool with_scores)
{
    uint32_t slot = range.count ? zset_at(entry, range.rank) : NO_SLOT;

    call_reply_array(call, range.count * UINT64_C(1) << with_scores);
    for (; range.count; range.count--, slot = zset_next(entry, slot))
        zset_reply_element(call, zset_of(entry), slot, with_scores);
}

static void reply_member_score(struct call *call, const struct collection *zset, uint32_t slot)
{
    if (slot == NO_SLOT)
        call_reply_nil(call);
    else
        zset_reply_score(call, collection_score(zset, slot));
}

/* ---- ZADD ---- */

/* The options and the elements of a ZADD. */
struct zadd {
    unsigned flags; /* of enum zset_flag */
    bool counts_changed;
    const struct element *elements; /* the first element with a member */
    uint32_t count, stride;         /* members, and elements per member: GEOADD has 2 */
};

static struct zadd zadd_of(const struct call *call)
{
    static const unsigned flags[] = {
        [WORD_NX] = ZSET_NX, [WORD_XX] = ZSET_XX, [WORD_GT] = ZSET_GT, [WORD_LT] = ZSET_LT, [WORD_INCR] = ZSET_INCR};
    struct zadd zadd = {.elements = call_elements(call), .count = call->elements};

    for (; zadd.elements->flags & ELEMENT_WORD; zadd.elements++, zadd.count--)
        if (zadd.elements->number == WORD_CH)
            zadd.counts_changed = true;
        else
            zadd.flags |= flags[zadd.elements->number];
    if (call->op == OP_ZINCRBY)
        zadd.flags |= ZSET_INCR;
    zadd.stride = 1 + (call->op == OP_GEOADD);
    zadd.elements += zadd.stride - 1;
    zadd.count /= zadd.stride;
    return zadd;
}

/* The longest member; before Valkey 8.0, the length of the first. */
static uint32_t longest_member(const struct call *call, const struct zadd *zadd)
{
    uint32_t count = call->redis->profile->zset_weighs_all ? zadd->count : 1, longest = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = member_of(call->redis->members, zadd->elements[i * zadd->stride].member)->length;

        longest = length > longest ? length : longest;
    }
    return longest;
}

/* Returns NULL if the key has another type, and the command has failed; or if the key is absent and must not be
 * created. */
static struct entry *lookup_or_create(struct call *call, const struct zadd *zadd)
{
    struct redis *redis = call->redis;
    struct entry *entry = call_lookup_typed_write(call), zset;
    struct value value;

    if (call->failed)
        return NULL;
    if (entry) {
        zset_expect(redis, entry, zadd->count, redis->profile->zset_weighs_all ? longest_member(call, zadd) : 0);
        return entry;
    }
    if (zadd->flags & ZSET_XX)
        return NULL;
    zset = zset_create(redis, zadd->count, longest_member(call, zadd));
    value = zset_hand_over(redis, &zset);
    return call_create(call, &value);
}

/* The effect of a ZADD. */
struct added {
    int64_t added, updated, done;
    double score; /* score of the last element */
    bool is_nan;
};

static struct added add_all(struct call *call, struct entry *entry, const struct zadd *zadd)
{
    struct added result = {0};

    for (uint32_t i = 0; entry && i < zadd->count && !result.is_nan; i++) {
        const struct element *element = &zadd->elements[i * zadd->stride];
        enum zset_change change =
            zset_add(call->redis, entry, element->member, zset_element_double(element), zadd->flags, &result.score);

        result.added += change == ZSET_ADDED;
        result.updated += change == ZSET_UPDATED;
        result.done += change != ZSET_NOTHING;
        result.is_nan = change == ZSET_NAN;
    }
    return result;
}

/* The server rewrites GEOADD to ZADD, with the geohashes as scores, texts of 16 digits. */
static void rewrite_as_zadd(const struct call *call, const struct zadd *zadd)
{
    const struct redis *redis = call->redis;
    uint64_t options = (uint64_t)(zadd->elements + 1 - zadd->stride - call_elements(call));
    uint64_t bytes = argument_bytes(redis, strlen("zadd")) + options * argument_bytes(redis, strlen("nx"));

    for (uint32_t i = 0; i < zadd->count; i++) {
        const struct element *element = &zadd->elements[i * zadd->stride];

        bytes += allocator_class(redis->allocator, ROBJ_BYTES) +
                 sds_bytes(redis->allocator, zset_score_text(redis, zset_element_double(element)).length) +
                 argument_bytes(redis, member_of(redis->members, element->member)->length);
    }
    call_rewrite(call, 2 + options + 2 * (uint64_t)zadd->count, bytes);
}

/* So replicas get ZADD. */
static void propagate_as_zadd(struct call *call, const struct zadd *zadd)
{
    const struct element *options = call_elements(call), *end = zadd->elements + 1 - zadd->stride;
    uint64_t bytes = resp_bulk_bytes(strlen("zadd")) + resp_bulk_bytes(call->key_len);
    uint64_t count = 2 + (uint64_t)(end - options) + 2 * (uint64_t)zadd->count;

    for (const struct element *option = options; option < end; option++)
        bytes += resp_bulk_bytes(strlen("nx"));
    for (uint32_t i = 0; i < zadd->count; i++) {
        const struct element *element = &zadd->elements[i * zadd->stride];

        bytes += resp_bulk_bytes(zset_score_text(call->redis, zset_element_double(element)).length) +
                 resp_bulk_bytes(member_of(call->redis->members, element->member)->length);
    }
    call_propagate_apart(call, count, bytes);
}

/* ZADD, ZINCRBY, GEOADD */
void run_zadd(struct call *call)
{
    struct zadd zadd = zadd_of(call);
    struct entry *entry;
    struct added result;

    if (call->op == OP_GEOADD)
        rewrite_as_zadd(call, &zadd);
    entry = lookup_or_create(call, &zadd);
    if (call->failed)
        return;
    result = add_all(call, entry, &zadd);
    if (result.added || result.updated) {
        call_written(call);
        if (call->op == OP_GEOADD)
            propagate_as_zadd(call, &zadd);
        else
            call_propagate(call);
    } else if (entry) {
        call_touched(call);
    }
    if (result.is_nan)
        call_reply_error(call); /* resulting score is not a number (NaN) */
    else if (!(zadd.flags & ZSET_INCR))
        call_reply_integer(call, result.added + (zadd.counts_changed ? result.updated : 0));
    else if (result.done)
        call_reply_bulk(call, zset_score_text(call->redis, result.score).length);
    else
        call_reply_nil(call);
}

/* ---- removing members ---- */

void zset_end_removal(struct call *call, struct entry *entry, int64_t removed)
{
    if (removed) {
        call_written(call);
        call_propagate(call);
    } else {
        call_touched(call);
    }
    if (zset_of(entry)->count)
        return;
    key_delete(call->redis, call->id);
    call->redis->counters.deleted_keys++;
}

void run_zrem(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_typed_write(call);
    int64_t removed = 0;

    if (call->failed)
        return;
    if (!entry) {
        call_reply_integer(call, 0);
        return;
    }
    for (uint32_t i = 0; i < call->elements && zset_of(entry)->count; i++)
        removed += zset_remove(call->redis, entry, elements[i].member);
    zset_end_removal(call, entry, removed);
    call_reply_integer(call, removed);
}

/* ---- members and their scores ---- */

void run_zcard(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, entry ? zset_of(entry)->count : 0);
}

void run_zscore(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    if (entry)
        reply_member_score(call, zset_of(entry), zset_find(call->redis, entry, call_elements(call)->member));
    else
        call_reply_nil(call);
}

void run_zmscore(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    call_reply_array(call, call->elements);
    for (uint32_t i = 0; i < call->elements; i++)
        if (entry)
            reply_member_score(call, zset_of(entry), zset_find(call->redis, entry, elements[i].member));
        else
            call_reply_nil(call);
}
