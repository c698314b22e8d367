/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set: the commands on sets, each in the server's order.
 *
 * Source: t_set.c of Redis 7.0.15. The profile has the rules of other servers. */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/server/commands/set_reply.h"
#include "sim/server/keyspace.h"
#include "sim/server/names.h"
#include "sim/server/values/set.h"
#include "sim/server/values/resp.h"

#include <stdlib.h>
#include <string.h>

void run_sadd(struct call *call)
{
    struct redis *redis = call->redis;
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_write(call);
    int64_t added = 0;

    if (call_is_wrong_type(call, entry)) {
        call_touched(call);
        return;
    }
    if (!entry) {
        struct entry set = set_create(redis, elements[0].member, call->elements);
        struct value value = set_hand_over(redis, &set);

        entry = call_create(call, &value);
    } else {
        set_expect(redis, entry, call->elements);
    }
    for (uint32_t i = 0; i < call->elements; i++)
        added += set_add(redis, entry, elements[i].member);
    if (added) {
        call_written(call);
        call_propagate(call);
    } else {
        call_touched(call);
    }
    call_reply_integer(call, added);
}

void run_srem(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_write(call);
    int64_t removed = 0;

    if (!entry || call_is_wrong_type(call, entry)) {
        if (entry)
            call_touched(call);
        else
            call_reply_integer(call, 0);
        return;
    }
    for (uint32_t i = 0; i < call->elements && set_of(entry)->count; i++)
        removed += set_remove(call->redis, entry, elements[i].member);
    if (removed) {
        call_written(call);
        call_propagate(call);
    } else {
        call_touched(call);
    }
    if (!set_of(entry)->count) {
        key_delete(call->redis, call->id);
        call->redis->counters.deleted_keys++;
    }
    call_reply_integer(call, removed);
}

void run_scard(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, entry ? set_of(entry)->count : 0);
}

void run_sismember(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (!call->failed)
        call_reply_integer(call, entry && set_has(call->redis, entry, call_elements(call)->member));
}

void run_smismember(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    call_reply_array(call, call->elements);
    for (uint32_t i = 0; i < call->elements; i++)
        call_reply_integer(call, entry && set_has(call->redis, entry, elements[i].member));
}

void run_smembers(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    if (entry && !call->redis->profile->smembers_counts_first)
        call->reply_way = REPLY_IN_BLOCKS;
    if (entry)
        reply_members(call, set_of(entry));
    else
        call_reply_array(call, 0);
}

/* ---- commands on two keys ---- */

void run_smove(struct call *call)
{
    struct redis *redis = call->redis;
    uint32_t from, member = NO_MEMBER;
    struct entry *source, *target;
    struct value value;

    if (call->flags & REQUEST_MORE)
        return;
    from = call_source(call);
    member = call_elements(call)->member;
    source = key_lookup(redis, from, LOOKUP_WRITE);
    target = call_lookup_write(call);
    if (!source || call_is_wrong_type(call, source) || call_is_wrong_type(call, target) || source == target ||
        !set_remove(redis, source, member)) {
        if (source)
            call_touched_key(call, from);
        if (target)
            call_touched(call);
        if (!call->failed)
            call_reply_integer(call, source && source == target && set_has(redis, source, member));
        return;
    }
    if (set_of(source)->count) {
        call_written_key(call, from);
    } else {
        key_delete(redis, from);
        redis->counters.deleted_keys++;
    }
    if (!target) {
        struct entry set = set_create(redis, member, 1);

        value = set_hand_over(redis, &set);
        target = call_create(call, &value);
    }
    if (set_add(redis, target, member))
        call_written(call);
    else
        call_touched(call);
    call_propagate(call);
    call_reply_integer(call, 1);
}

/* ---- random members ---- */

static void delete_set(struct call *call)
{
    key_delete(call->redis, call->id);
    call->redis->counters.deleted_keys++;
}

/* Pops one member. run_spop tells replicas which. */
static void pop(struct call *call, struct entry *entry, struct element *popped)
{
    uint32_t member = set_random(call->redis, entry);

    set_remove(call->redis, entry, member);
    reply_member(call, member);
    *popped = (struct element){.member = member};
}

/* Draws the members that stay and makes a new set of them; the others are popped. The server does so when most members
 * go. */
static void pop_most(struct call *call, struct entry *entry, uint32_t stay, struct element *popped)
{
    struct redis *redis = call->redis;
    struct entry left = {0};
    struct value value;

    for (uint32_t i = 0; i < stay; i++) {
        uint32_t member = set_random(redis, entry);

        if (i == 0 && redis->profile->sets_have_listpacks)
            left = set_begin(redis,
                             entry->encoding == ENCODING_SET_INTSET ? ENCODING_SET_INTSET : ENCODING_SET_LISTPACK, 0);
        else if (i == 0)
            left = set_create(redis, member, 1);
        set_add(redis, &left, member);
        set_remove(redis, entry, member);
    }
    for (uint32_t slot = collection_next(set_of(entry), 0); slot != NO_SLOT;
         slot = collection_next(set_of(entry), slot + 1)) {
        reply_member(call, set_of(entry)->member[slot]);
        *popped++ = (struct element){.member = set_of(entry)->member[slot]};
    }
    value = set_hand_over(redis, &left);
    key_overwrite(redis, call->id, &value, false);
}

/* The server replies with the union of this one set, so it looks the key up again. */
static void pop_all(struct call *call, const struct entry *entry)
{
    key_lookup(call->redis, call->id, LOOKUP_READ);
    reply_members(call, set_of(entry));
    delete_set(call);
    call_propagate_deletion(call, call->redis->profile->frees_lazily);
    call_rewrite_as_name_and_key(call);
}

/* At most 1,024 members in a command, or one before 7.2. */
static void propagate_popped(struct call *call, const struct element *popped, uint32_t count)
{
    enum { AT_ONCE = 1024 };
    uint32_t most = call->redis->profile->spop_sends_many ? AT_ONCE : 1;

    for (uint32_t begin = 0; begin < count; begin += most) {
        uint32_t end = count - begin < most ? count : begin + most;
        uint64_t bytes = resp_bulk_bytes(strlen("srem")) + resp_bulk_bytes(call->key_len);

        for (uint32_t i = begin; i < end; i++)
            bytes += resp_bulk_bytes(member_of(call->redis->members, popped[i].member)->length);
        call_propagate_apart(call, UINT64_C(2) + end - begin, bytes);
    }
}

static void pop_count(struct call *call, struct entry *entry, uint32_t count)
{
    enum { MOVES_FEW = 5 }; /* SPOP_MOVE_STRATEGY_MUL */
    uint32_t stay = set_of(entry)->count - count;
    struct element *popped = xcalloc(count, sizeof *popped);

    call_reply_array(call, count);
    if ((uint64_t)stay * MOVES_FEW > count)
        for (uint32_t i = 0; i < count; i++)
            pop(call, entry, &popped[i]);
    else
        pop_most(call, entry, stay, popped);
    call_written(call);
    propagate_popped(call, popped, count);
    free(popped);
}

/* The server rewrites SPOP to SREM for its replicas, or with a count several. */
void run_spop(struct call *call)
{
    struct entry *entry = call_lookup_write(call);
    bool has_count = call->second;
    struct element *popped;

    if (call_is_wrong_type(call, entry)) {
        call_touched(call);
        return;
    }
    if (entry && has_count && !call->number)
        call_touched(call);
    if (!entry && !has_count) {
        call_reply_nil(call);
    } else if (!entry || (has_count && !call->number)) {
        call_reply_array(call, 0);
    } else if (!has_count) {
        popped = xcalloc(1, sizeof *popped);
        pop(call, entry, popped);
        call_rewrite(call, 3, argument_bytes(call->redis, member_of(call->redis->members, popped->member)->length));
        call_written(call);
        call_propagate_elements(call, OP_SREM, popped, 1);
        if (!set_of(entry)->count)
            delete_set(call);
    } else if (call->number >= set_of(entry)->count) {
        pop_all(call, entry);
    } else {
        pop_count(call, entry, (uint32_t)call->number);
    }
}

/* Replies with `count` random members. Each member has the same chance. */
static void reply_some(struct call *call, const struct collection *set, uint32_t count)
{
    uint32_t left = set->count;

    for (uint32_t slot = collection_next(set, 0); count; slot = collection_next(set, slot + 1), left--) {
        if (gsl_rng_uniform_int(call->redis->rng, left) < count) {
            reply_member(call, set->member[slot]);
            count--;
        }
    }
}

/* Draws members until `count` different ones have come. This suits a small part of a large set. */
static void reply_few(struct call *call, struct entry *entry, uint32_t count)
{
    struct collection *set = set_of(entry);
    bool *seen = xcalloc(set->used, sizeof *seen);

    while (count) {
        uint32_t member = set_random(call->redis, entry), slot = collection_find(set, member);

        if (!seen[slot]) {
            reply_member(call, member);
            count--;
        }
        seen[slot] = true;
    }
    free(seen);
}

static void draw_member(struct call *call, void *owner)
{
    reply_member(call, set_random(call->redis, owner));
}

static void random_members(struct call *call, struct entry *entry)
{
    enum { TAKES_AWAY = 3 }; /* SRANDMEMBER_SUB_STRATEGY_MUL */
    const struct collection *set = set_of(entry);
    uint64_t count = call->number < 0 ? -(uint64_t)call->number : (uint64_t)call->number;

    if (call->number < 0 || count == 1) {
        call_reply_array(call, count);
        call_reply_draws(call, count, draw_member, entry);
    } else if (count >= set->count) {
        reply_members(call, set);
    } else {
        call_reply_array(call, count);
        if (count * TAKES_AWAY > set->count || entry->encoding == ENCODING_SET_LISTPACK)
            reply_some(call, set, (uint32_t)count);
        else
            reply_few(call, entry, (uint32_t)count);
    }
}

void run_srandmember(struct call *call)
{
    struct entry *entry = call_lookup_typed(call);

    if (call->failed)
        return;
    if (!call->second && !entry)
        call_reply_nil(call);
    else if (!entry || (call->second && !call->number))
        call_reply_array(call, 0);
    else if (!call->second)
        reply_member(call, set_random(call->redis, entry));
    else
        random_members(call, entry);
}

/* ---- SSCAN ---- */

struct scan {
    const struct collection *set;
    struct call *reply;
    const struct element *match; /* the option; NULL: none */
    int64_t found, seen;
};

static void reply_slot(void *owner, uint32_t slot)
{
    struct scan *scan = owner;

    scan->seen++;
    if (scan->match && !names_member_matches(scan->reply->redis, scan->set->member[slot], scan->match[1].member))
        return;
    reply_member(scan->reply, scan->set->member[slot]);
    scan->found++;
}

/* As scanGenericCommand. The cursor is the real server's, whose table has as many buckets. */
void run_sscan(struct call *call)
{
    enum { COUNT = 10, MOST_CALLS = 10 };
    struct entry *entry = call_lookup_typed(call);
    struct call body = {.redis = call->redis};
    struct scan scan = {.reply = &body, .match = call_option(call, WORD_MATCH)};
    const struct element *option = call_option(call, WORD_COUNT);
    int64_t count = option ? option[1].number : COUNT, calls = count;
    uint64_t cursor = (uint64_t)call_elements(call)->number;

    if (call->failed)
        return;
    if (entry && call_is_invalid(call)) {
        call_reply_error(call);
        return;
    }
    if (entry && set_of(entry)->table) {
        scan.set = set_of(entry);
        if (__builtin_mul_overflow(count, (int64_t)MOST_CALLS, &calls))
            calls = INT64_MAX;
        do
            cursor = table_scan(set_of(entry)->table, cursor, reply_slot, &scan);
        while (cursor && calls-- && scan.seen < count);
    } else if (entry) {
        scan.set = set_of(entry);
        cursor = 0;
        for (uint32_t slot = 0; slot < scan.set->used; slot++)
            reply_slot(&scan, slot);
    } else {
        cursor = 0;
    }
    call_reply_array(call, 2);
    call_reply_bulk(call, decimal_length((int64_t)cursor));
    call_reply_array(call, (uint64_t)scan.found);
    call->reply += body.reply;
}
