/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/arrival.h"

#include "sim/server/execute.h"
#include "sim/server/reply.h"
#include "sim/server/values/sds.h"
#include "sim/server/values/resp.h"

static uint64_t request_bytes(const struct argument_list *list)
{
    return resp_header_bytes(list->count) + list->wire_bytes;
}

bool arrival_takes_reads(struct redis *redis, const struct argument_list *list, struct reception *reception)
{
    uint64_t bytes = request_bytes(list);

    redis->adoptions.count = 0;
    if (bytes <= CLIENT_READ_BYTES && !client_read_cuts(&redis->client, bytes))
        return false;
    client_begin_reception(&redis->client, reception, bytes, list->count,
                           client_argument_vector(&redis->client, list->count));
    return true;
}

uint64_t arrival_receive(struct redis *redis, const struct argument_list *list)
{
    const struct adopted *adopted = redis->adoptions.list;

    if (list->reception) {
        redis->arguments = list->memory + list->reception->vector;
    } else {
        redis->arguments = list->memory + client_argument_vector(&redis->client, list->count);
        client_receive(&redis->client, request_bytes(list));
    }
    redis->request_bytes = request_bytes(list);
    for (uint32_t i = 0; i < redis->adoptions.count; i++)
        if (adopted[i].capacity) {
            redis->client.adopted_header = adopted[i].header;
            return adopted[i].capacity;
        }
    return 0;
}

bool arrival_is_refused(struct redis *redis, const struct argument_list *list)
{
    uint64_t longest = list->longest;

    if (longest <= redis->config.proto_max_bulk_len && longest + 2 <= redis->config.client_query_buffer_limit)
        return false;
    if (longest > redis->config.proto_max_bulk_len)
        reply_count_error(redis, ERROR_OF_ERR);
    else
        client_overfill(&redis->client, longest);
    redis->counters.closed_connections++;
    redis->arguments = 0;
    client_reconnect(&redis->client, redis->cached_unix_s);
    memory_peak_note(&redis->peak, redis->used);
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
    struct reception reception;

    *adopted = 0;
    arguments_begin(&list, redis, (enum op)call->op);
    arguments_add_row(&list, call, 0);
    if (rows > 1)
        add_other_rows(&list, call, batch, first, rows);
    if (arrival_is_refused(redis, &list))
        return false;
    if (arrival_takes_reads(redis, &list, &reception)) {
        execute_read_row(call, batch, first);
        arguments_begin_again(&list, redis, &reception, (enum op)call->op);
        arguments_add_row(&list, call, 0);
        add_other_rows(&list, call, batch, first, rows);
    }
    *adopted = arrival_receive(redis, &list);
    return true;
}
