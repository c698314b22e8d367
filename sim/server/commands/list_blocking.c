/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_blocking: the commands that pop from the first of several lists, and those that wait until there is an element.
 *
 * Source: t_list.c of Redis 7.0.15: mpopGenericCommand, blockingPopGenericCommand, serveClientBlockedOnList. */
#include "sim/alloc.h"
#include "sim/server/commands/commands.h"
#include "sim/server/commands/list.h"
#include "sim/server/keyspace.h"

#include <string.h>

/* Pops and replies with the key and its element, or with a count its elements. Replicas are sent LPOP or RPOP, and the
 * server rewrites the command to that. */
static void pop_from(struct call *call, struct entry *entry, enum list_end end, int64_t count)
{
    uint64_t popped = 0;

    call_reply_array(call, 2);
    call_reply_bulk(call, call->key_len);
    if (count)
        popped = list_pop_range(call, entry, end, (uint64_t)count);
    else
        list_reply_element(call, list_pop(call->redis, entry, end));
    call_written(call);
    call_propagate_as(call, end == LIST_HEAD ? OP_LPOP : OP_RPOP, 0, 0);
    call->sent_row = call->row + 1;
    call->sent_count = popped;
    list_elements_removed(call, call->id);
}

/* Pops from the first of the command's keys that has a list. Returns false if none has. */
static bool pop_first(struct call *call, enum list_end end, int64_t count)
{
    uint32_t last = call->row;

    for (uint32_t row = call_first_row(call); row <= last; row++) {
        struct entry *entry;

        call_turn_to(call, row);
        entry = call_lookup_typed_write(call);
        if (call->failed)
            return true;
        if (!entry)
            continue;
        pop_from(call, entry, end, count);
        call_rewrite(call, count ? 3 : 2, count ? value_of_integer(call->redis, (int64_t)call->sent_count).bytes : 0);
        return true;
    }
    return false;
}

void run_lmpop(struct call *call)
{
    enum list_end end = call->flags & REQUEST_RIGHT ? LIST_TAIL : LIST_HEAD;

    if (!(call->flags & REQUEST_MORE) && !pop_first(call, end, call->second ? call->second : 1))
        call_reply_nil(call);
}

/* ---- waiting ---- */

/* Whether the client may wait. Otherwise the command ends at once, like at a timeout (CLIENT_DENY_BLOCKING). */
static bool may_wait(const struct call *call)
{
    return !call->redis->blocked.is_denied && call->client != CLIENT_SCRIPT;
}

static int64_t wait_until(const struct call *call)
{
    int64_t until_us;

    if (!call->ttl_ms || __builtin_mul_overflow(call->ttl_ms, 1000, &until_us) ||
        __builtin_add_overflow(until_us, call->redis->now_us, &until_us))
        return INT64_MAX;
    return until_us;
}

static void wait(struct call *call, struct waiter waiter, uint32_t first, uint32_t keys)
{
    if (!may_wait(call)) {
        call_reply_nil(call);
        return;
    }
    waiter.client = call->client;
    waiter.op = (enum op)call->op;
    waiter.flags = call->flags;
    waiter.db = call->db;
    waiter.until_us = wait_until(call);
    waiter.keys = xcalloc(keys, sizeof *waiter.keys);
    waiter.key_count = keys;
    memcpy(waiter.keys, &call->batch->id[first], keys * sizeof *waiter.keys);
    blocked_add(&call->redis->blocked, waiter);
    call->waits = true;
}

/* Replicas are sent the effect of the command that waited. */
static void propagate_served(struct redis *redis, const struct waiter *waiter, const uint64_t *lengths, uint64_t count)
{
    struct replication *replication = &redis->replication;

    if (!replication_is_on(replication))
        return;
    replication_begin_unit(replication, waiter->db, true);
    replication_feed(replication, 1 + decimal_length((int64_t)count) + 2);
    for (uint64_t i = 0; i < count; i++)
        replication_feed_argument(replication, lengths[i]);
    replication_end_unit(replication, true);
}

/* Looks up the list for a waiting command, in a call of its own. NULL if there is none. */
static struct entry *list_for_waiter(struct redis *redis, const struct waiter *waiter, uint32_t id, struct call *call)
{
    struct entry *entry;

    memset(call, 0, sizeof *call);
    call->redis = redis;
    call->op = (uint16_t)waiter->op;
    call->db = waiter->db;
    call->id = id;
    entry = call_lookup_write(call);
    if (entry)
        call->key_len = key_length(redis, id);
    return call_is_wrong_type(call, entry) ? NULL : entry;
}

static enum list_end side_of(const struct waiter *waiter)
{
    return waiter->op == OP_BRPOP || (waiter->op == OP_BLMPOP && waiter->flags & REQUEST_RIGHT) ? LIST_TAIL : LIST_HEAD;
}

static bool serve_pop(struct redis *redis, const struct waiter *waiter, uint32_t id)
{
    struct call call;
    struct entry *entry = list_for_waiter(redis, waiter, id, &call);

    if (!entry)
        return false;
    pop_from(&call, entry, side_of(waiter), waiter->count);
    propagate_served(redis, waiter,
                     (const uint64_t[]){strlen("lpop"), call.key_len, decimal_length((int64_t)call.sent_count)},
                     waiter->count ? 3 : 2);
    return true;
}

static bool serve_move(struct redis *redis, const struct waiter *waiter, uint32_t id)
{
    enum list_end from = list_side_from(waiter->op, waiter->flags), to = list_side_to(waiter->op, waiter->flags);
    struct call call;
    struct entry *entry = list_for_waiter(redis, waiter, id, &call);
    uint64_t source_len;

    if (!entry)
        return false;
    source_len = call.key_len;
    call.id = waiter->target;
    call.key_len = waiter->target_len;
    entry_of(redis, call.id)->db = waiter->db;
    list_move_element(&call, id, from, to);
    if (!call.failed)
        propagate_served(redis, waiter,
                         (const uint64_t[]){waiter->op == OP_BLMOVE ? strlen("lmove") : strlen("rpoplpush"), source_len,
                                            call.key_len, from == LIST_HEAD ? 4 : 5, to == LIST_HEAD ? 4 : 5},
                         waiter->op == OP_BLMOVE ? 5 : 3);
    return true;
}

/* BLPOP, BRPOP, BLMPOP */
void run_bpop(struct call *call)
{
    struct waiter waiter = {.op = (enum op)call->op, .flags = call->flags, .serve = serve_pop};
    uint32_t last = call->row;

    if (call->flags & REQUEST_MORE)
        return;
    if (call->op == OP_BLMPOP)
        waiter.count = call->second ? call->second : 1;
    if (pop_first(call, side_of(&waiter), waiter.count))
        return;
    call_turn_to(call, last);
    wait(call, waiter, call_first_row(call), last - call_first_row(call) + 1);
}

/* The server rewrites BLMOVE and BRPOPLPUSH for its replicas. */
static void rewrite_as_move(struct call *call, enum list_end from, enum list_end to)
{
    const struct redis *redis = call->redis;
    uint64_t bytes = argument_bytes(redis, call->batch->key_len[call->row - 1]);

    if (call->op == OP_BLMOVE)
        bytes += argument_bytes(redis, from == LIST_HEAD ? 4 : 5) + argument_bytes(redis, to == LIST_HEAD ? 4 : 5);
    call_propagate_as(call, call->op == OP_BLMOVE ? OP_LMOVE : OP_RPOPLPUSH, call->flags, 0);
    call_rewrite(call, call->op == OP_BLMOVE ? 5 : 3, bytes);
}

/* BLMOVE, BRPOPLPUSH. They run at the second key's row. */
void run_blmove(struct call *call)
{
    enum list_end from = list_side_from((enum op)call->op, call->flags);
    enum list_end to = list_side_to((enum op)call->op, call->flags);
    struct entry *source;

    if (call->flags & REQUEST_MORE)
        return;
    source = key_lookup(call->redis, call_source(call), LOOKUP_WRITE);
    if (call_is_wrong_type(call, source)) {
        call_touched_key(call, call_source(call));
    } else if (!source) {
        wait(call, (struct waiter){.target = call->id, .target_len = call->key_len, .serve = serve_move}, call->row - 1,
             1);
    } else {
        list_move_element(call, call_source(call), from, to);
        if (!call->failed)
            rewrite_as_move(call, from, to);
    }
}
