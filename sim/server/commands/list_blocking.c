/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list_blocking: the commands that pop from the first of several lists, and those that wait until there is an element.
 *
 * Source: t_list.c of Redis 7.0.15: mpopGenericCommand, blockingPopGenericCommand, serveClientBlockedOnList. */
#include "sim/server/commands/commands.h"
#include "sim/server/commands/list.h"
#include "sim/server/commands/waiting.h"
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
    struct entry *entry = call_lookup_first_write(call);

    if (!entry)
        return call->failed;
    pop_from(call, entry, end, count);
    call_rewrite(call, count ? 3 : 2, count ? value_of_integer(call->redis, (int64_t)call->sent_count).bytes : 0);
    return true;
}

void run_lmpop(struct call *call)
{
    enum list_end end = call->flags & REQUEST_RIGHT ? LIST_TAIL : LIST_HEAD;

    if (!(call->flags & REQUEST_MORE) && !pop_first(call, end, call->second ? call->second : 1))
        call_reply_nil(call);
}

/* ---- waiting ---- */

static enum list_end side_of(const struct waiter *waiter)
{
    return waiter->op == OP_BRPOP || (waiter->op == OP_BLMPOP && waiter->flags & REQUEST_RIGHT) ? LIST_TAIL : LIST_HEAD;
}

static bool serve_pop(struct call *call, const struct waiter *waiter, uint32_t id)
{
    struct entry *entry = waiting_lookup(call, waiter, id);

    if (!entry)
        return false;
    pop_from(call, entry, side_of(waiter), waiter->count);
    waiting_propagate(call->redis, waiter,
                      (const uint64_t[]){strlen("lpop"), call->key_len, decimal_length((int64_t)call->sent_count)},
                      waiter->count ? 3 : 2);
    return true;
}

static bool serve_move(struct call *call, const struct waiter *waiter, uint32_t id)
{
    enum list_end from = list_side_from(waiter->op, waiter->flags), to = list_side_to(waiter->op, waiter->flags);
    struct entry *entry = waiting_lookup(call, waiter, id);
    uint64_t source_len;

    if (!entry)
        return false;
    source_len = call->key_len;
    call->id = waiter->target;
    call->key_len = waiter->target_len;
    entry_of(call->redis, call->id)->db = waiter->db;
    list_move_element(call, id, from, to);
    if (!call->failed)
        waiting_propagate(call->redis, waiter,
                          (const uint64_t[]){waiter->op == OP_BLMOVE ? strlen("lmove") : strlen("rpoplpush"),
                                             source_len, call->key_len, from == LIST_HEAD ? 4 : 5,
                                             to == LIST_HEAD ? 4 : 5},
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
    waiting_begin(call, waiter, call_first_row(call), last - call_first_row(call) + 1, call->ttl_ms);
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
        waiting_begin(call, (struct waiter){.target = call->id, .target_len = call->key_len, .serve = serve_move},
                      call->row - 1, 1, call->ttl_ms);
    } else {
        call_touched_key(call, call_source(call)); /* it is looked up once more to move */
        list_move_element(call, call_source(call), from, to);
        if (!call->failed)
            rewrite_as_move(call, from, to);
    }
}
