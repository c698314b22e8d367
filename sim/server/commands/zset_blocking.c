/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zset_blocking: the commands that pop from the first of several sorted sets, and those that wait until there is something to
 * pop.
 *
 * Source: t_zset.c of Redis 7.0.15: genericZpopCommand, zmpopGenericCommand, blockingGenericZpopCommand;
 * serveClientsBlockedOnSortedSetKey (blocked.c). */
#include "sim/server/commands/commands.h"

#include "sim/alloc.h"
#include "sim/server/commands/waiting.h"
#include "sim/server/commands/zset.h"

#include <math.h>
#include <string.h>

static bool nests(enum op op)
{
    return op == OP_ZMPOP || op == OP_BZMPOP;
}

/* Pops up to `count` elements; 0: one, by a command without a count. Returns how many. */
static uint32_t pop_from(struct call *call, struct entry *entry, int64_t count, bool from_end)
{
    uint32_t popped = zset_of(entry)->count;

    if (count < popped)
        popped = count ? (uint32_t)count : 1;
    if (nests((enum op)call->op))
        call_reply_array(call, 2);
    call_reply_bulk(call, call->key_len);
    for (uint32_t i = 0; nests((enum op)call->op) && i < popped; i++)
        call_reply_array(call, 2);
    zset_pop(call, entry, popped, from_end);
    return popped;
}

/* Replicas are sent ZPOPMIN or ZPOPMAX, with a count if the command can have one. */
static void send_as_zpop(struct call *call, bool from_end, uint32_t popped)
{
    bool has_count = nests((enum op)call->op);
    struct element *count = xcalloc(1, sizeof *count);

    *count = (struct element){.member = NO_MEMBER, .number = popped, .value_len = decimal_length(popped)};
    call_propagate_elements(call, from_end ? OP_ZPOPMAX : OP_ZPOPMIN, count, has_count);
    call->sent_row = call->row + 1;
    call_rewrite(call, has_count ? 3 : 2, has_count ? value_of_integer(call->redis, popped).bytes : 0);
}

/* Pops from the first of the command's keys that exists. Returns false if there is none. */
static bool pop_first(struct call *call, int64_t count, bool from_end)
{
    struct entry *entry = call_lookup_first_write(call);

    if (!entry)
        return call->failed;
    if (call->op != OP_ZMPOP)
        call_touched(call); /* it is looked up once more to pop */
    send_as_zpop(call, from_end, pop_from(call, entry, count, from_end));
    return true;
}

static bool pops_from_end(enum op op, uint16_t wanted)
{
    return op == OP_BZPOPMAX || (nests(op) && wanted == WORD_MAX);
}

/* How many elements ZMPOP and BZMPOP pop at most. */
static int64_t most_of(const struct call *call)
{
    const struct element *count = call_option(call, WORD_COUNT);

    return count ? count[1].number : 1;
}

static bool serve_zpop(struct call *call, const struct waiter *waiter, uint32_t id)
{
    struct entry *entry = waiting_lookup(call, waiter, id);
    uint32_t popped;

    if (!entry)
        return false;
    popped = pop_from(call, entry, waiter->count, pops_from_end(waiter->op, waiter->flags));
    waiting_propagate(call->redis, waiter, (const uint64_t[]){strlen("zpopmin"), call->key_len, decimal_length(popped)},
                      nests(waiter->op) ? 3 : 2);
    return true;
}

static void wait_for_zset(struct call *call, int64_t count, uint16_t end, int64_t ms)
{
    uint32_t first = call_first_row(call), keys = call->row - first + 1;

    call->flags = end; /* the waiter's */
    waiting_begin(call, (struct waiter){.count = count, .serve = serve_zpop}, first, keys, ms);
}

/* BZPOPMIN, BZPOPMAX */
void run_bzpop(struct call *call)
{
    double seconds;

    if (call->flags & REQUEST_MORE || pop_first(call, 0, call->op == OP_BZPOPMAX))
        return;
    seconds = zset_element_double(&call_elements(call)[call->elements - 1]);
    wait_for_zset(call, 0, 0, seconds < 1e15 ? (int64_t)ceil(seconds * 1000) : 0);
}

/* ZMPOP, BZMPOP */
void run_zmpop(struct call *call)
{
    bool from_end;

    if (call->flags & REQUEST_MORE)
        return;
    from_end = call_elements(call)->number == WORD_MAX;
    if (pop_first(call, most_of(call), from_end))
        return;
    if (call->op == OP_BZMPOP)
        wait_for_zset(call, most_of(call), from_end ? WORD_MAX : WORD_MIN, call->ttl_ms);
    else
        call_reply_nil(call);
}
