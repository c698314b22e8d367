/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/execute.h"

#include "sim/alloc.h"
#include "sim/server/arguments.h"
#include "sim/server/resident.h"
#include "sim/server/tracking_changes.h"
#include "sim/server/watch.h"

#include <stdlib.h>
#include <string.h>

/* The command as it is sent to replicas. Afterwards list->count is the number of its arguments. */
static void add_propagated(struct argument_list *list, const struct call *call, const struct batch *batch,
                           uint32_t first, uint32_t rows)
{
    struct call row = *call;
    const struct command *command = &command_table[call->sent_op];
    uint32_t first_word = command->container ? (uint32_t)strcspn(command->name, "|") : command->name_bytes;

    arguments_add(list, first_word);
    if (command->container)
        arguments_add(list, command->name_bytes - first_word - 1);
    for (uint32_t i = first; i < first + rows; i++) {
        execute_read_row(&row, batch, i);
        row.op = (uint16_t)call->sent_op;
        row.flags = call->sent_flags | (i + 1 < first + rows ? REQUEST_MORE : 0);
        row.ttl_ms = call->sent_ttl_ms;
        if (call->sent_value_len)
            row.value_len = call->sent_value_len;
        if (call->sent_elements)
            row.elements = call->sent_element_count;
        if (call->sent_row) {
            row.number = (int64_t)call->sent_count;
            row.second = call->sent_count != 0;
        }
        arguments_add_row(list, &row, i - first);
    }
}

void execute_propagate(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct redis *redis = call->redis;
    struct argument_list counts = {.redis = redis},
                         feeds = {.redis = redis, .is_noted = true, .feeds = &redis->replication};
    bool sends = call->propagates && !call->sent_apart;

    replication_begin_unit(&redis->replication, call->db, sends);
    if (call->sent_row) {
        first = call->sent_row - 1;
        rows = 1;
    }
    if (sends) {
        add_propagated(&counts, call, batch, first, rows);
        replication_feed(&redis->replication, resp_header_bytes(counts.count));
        add_propagated(&feeds, call, batch, first, rows);
    }
    replication_end_unit(&redis->replication, sends);
}

void execute_note_missed(struct redis *redis, const struct batch *batch, uint32_t row)
{
    if (redis->missed_count == redis->missed_capacity)
        redis->missed = xgrow(redis->missed, &redis->missed_capacity, redis->missed_count + 1, sizeof *redis->missed);
    redis->missed[redis->missed_count++] = (struct missed_row){batch, row};
}

void execute_tally(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t last)
{
    for (uint32_t row = first; row <= last; row++)
        if (batch->id[row] != NO_KEY)
            keyspace_tally(redis, entry_of(redis, batch->id[row]));
}

static void note_changed(struct redis *redis, uint32_t id)
{
    watch_touch(redis, id);
    tracking_touch(redis, id);
    resident_note(redis, id);
}

/* Runs a row while keys are watched, or memory is followed, and tells of the keys that it changes. Deletions tell of their
 * keys themselves. */
void execute_watched(struct call *call, const struct batch *batch, uint32_t first, uint32_t row)
{
    const struct command *command = &command_table[call->op];
    bool had_changed = call->propagates;

    call->propagates = false;
    command_functions[call->op](call);
    if (call->propagates && !command->deletes && batch->id[row] != NO_KEY) {
        note_changed(call->redis, batch->id[command->stores ? first : row]);
        if (command->moves)
            note_changed(call->redis, batch->id[first]);
    }
    call->propagates |= had_changed;
}

/* Of the long arguments, which are in the rows' order; *place is the next of them. */
static uint64_t adopted_by_row(const struct call *call, uint32_t *place)
{
    const struct adoptions *adoptions = &call->redis->adoptions;

    *place += call->key_len >= LONG_ARGUMENT;
    if (call->value_len < LONG_ARGUMENT || *place >= adoptions->count)
        return 0;
    call->redis->client.adopted_header = adoptions->list[*place].header;
    return adoptions->list[(*place)++].capacity;
}

void execute_several_rows(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    uint32_t place = 0;

    for (uint32_t row = first; row < first + rows; row++) {
        execute_read_row(call, batch, row);
        execute_row(call, batch, first, row, adopted_by_row(call, &place));
    }
}
