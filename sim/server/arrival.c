/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/arrival.h"

#include "sim/server/execute.h"
#include "sim/server/reply.h"
#include "sim/server/values/sds.h"

uint64_t arrival_receive(struct redis *redis, struct argument_list *list)
{
    uint64_t vector = client_argument_vector(&redis->client, list->count), adopted;

    list->wire.parsed += vector;
    list->wire.bytes += 1 + decimal_length((int64_t)list->count) + 2; /* *n\r\n */
    list->wire.before_long += 1 + decimal_length((int64_t)list->count) + 2;
    adopted = client_receive(&redis->client, &list->wire);
    if (adopted)
        list->memory += adopted - sds_bytes(redis->allocator, list->wire.long_argument);
    redis->arguments = list->memory + vector;
    return adopted ? redis->client.adopted_capacity : 0;
}

bool arrival_is_refused(struct redis *redis, const struct argument_list *list)
{
    uint64_t longest = list->wire.long_argument;

    if (longest <= redis->config.proto_max_bulk_len && longest + 2 <= redis->config.client_query_buffer_limit)
        return false;
    if (longest > redis->config.proto_max_bulk_len)
        reply_count_error(redis, ERROR_OF_ERR);
    else
        client_overfill(&redis->client, longest);
    redis->counters.closed_connections++;
    redis->arguments = 0;
    client_reconnect(&redis->client, redis->cached_unix_s);
    if (redis->counters.used_memory_peak < redis->used)
        redis->counters.used_memory_peak = redis->used;
    return true;
}

/* For commands with several keys. It is a function of its own, so that other commands need not prepare its loop. */
static void add_other_rows(struct argument_list *list, struct call *call, const struct batch *batch, uint32_t first,
                           uint32_t rows)
{
    for (uint32_t row = first + 1; row < first + rows; row++) {
        execute_read_row(call, batch, row);
        arguments_add_row(list, call, row - first);
    }
}

bool arrival_count(struct redis *redis, struct call *call, const struct batch *batch, uint32_t first, uint32_t rows,
                   uint64_t *adopted)
{
    struct argument_list list;

    *adopted = 0;
    arguments_begin(&list, redis, (enum op)call->op);
    arguments_add_row(&list, call, 0);
    if (rows > 1)
        add_other_rows(&list, call, batch, first, rows);
    if (arrival_is_refused(redis, &list))
        return false;
    *adopted = arrival_receive(redis, &list);
    return true;
}
