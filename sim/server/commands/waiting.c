/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/waiting.h"

#include "sim/alloc.h"
#include "sim/server/arguments.h"
#include "sim/server/keyspace.h"
#include "sim/server/serve.h"
#include "sim/server/values/resp.h"

#include <stdlib.h>
#include <string.h>

/* Whether the client may wait (CLIENT_DENY_BLOCKING). */
static bool may_wait(const struct call *call)
{
    return !call->redis->blocked.is_denied && call->client != CLIENT_SCRIPT;
}

static int64_t wait_until(const struct call *call, int64_t ms)
{
    int64_t until_us;

    if (!ms || __builtin_mul_overflow(ms, 1000, &until_us) ||
        __builtin_add_overflow(until_us, call->redis->now_us, &until_us))
        return INT64_MAX;
    return until_us;
}

/* What its arguments weigh: they have not been counted if they did not matter until now. */
static void count_arguments(const struct call *call)
{
    uint32_t first = call_first_row(call);
    struct argument_list list;
    struct call row = *call;

    arguments_begin(&list, call->redis, (enum op)call->op);
    for (uint32_t i = first; i <= call->row; i++) {
        call_turn_to(&row, i);
        row.flags = call->batch->flags[i];
        row.value_len = call->batch->value_len[i];
        arguments_add_row(&list, &row, i - first);
    }
    call->redis->arguments = list.memory + client_argument_vector(&call->redis->client, list.count);
}

void waiting_begin(struct call *call, struct waiter waiter, uint32_t first, uint32_t keys, int64_t ms)
{
    if (!may_wait(call)) {
        free(waiter.wanted);
        call_reply_nil(call);
        return;
    }
    waiter.client = call->client;
    waiter.op = (enum op)call->op;
    waiter.flags = call->flags;
    waiter.db = call->db;
    waiter.until_us = wait_until(call, ms);
    waiter.keys = xcalloc(keys, sizeof *waiter.keys);
    waiter.key_count = keys;
    memcpy(waiter.keys, &call->batch->id[first], keys * sizeof *waiter.keys);
    count_arguments(call);
    serve_begin_wait(call->redis, &waiter);
    call->waits = true;
}

void waiting_propagate(struct redis *redis, const struct waiter *waiter, const uint64_t *lengths, uint64_t count)
{
    struct replication *replication = &redis->replication;

    if (!replication_is_on(replication))
        return;
    replication_begin_unit(replication, waiter->db, true);
    replication_feed(replication, resp_header_bytes(count));
    for (uint64_t i = 0; i < count; i++)
        replication_feed_argument(replication, lengths[i]);
    replication_end_unit(replication, true);
}

void waiting_propagate_noted(struct redis *redis, const struct waiter *waiter)
{
    replication_begin_unit(&redis->replication, waiter->db, false);
    replication_end_unit(&redis->replication, false);
}

struct entry *waiting_lookup(struct call *call, const struct waiter *waiter, uint32_t id)
{
    struct entry *entry;

    call->op = (uint16_t)waiter->op;
    call->db = waiter->db;
    call->id = id;
    entry = call_lookup_write(call);
    if (entry)
        call->key_len = key_length(call->redis, id);
    return call_is_wrong_type(call, entry) ? NULL : entry;
}
