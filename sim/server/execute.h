/* SPDX-License-Identifier: GPL-3.0-or-later */
/* execute: a command, whose arguments and room are there: what it does to each of its keys, and what replicas are sent.
 *
 * Source: call, alsoPropagate, propagatePendingCommands (server.c). */
#ifndef SIM_SERVER_EXECUTE_H
#define SIM_SERVER_EXECUTE_H

#include "sim/server/commands/functions.h"
#include "sim/server/keyspace.h"
#include "sim/server/values/resp.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The row becomes the call's. */
static inline void execute_read_row(struct call *call, const struct batch *batch, uint32_t row)
{
#define X(type, name) call->name = batch->name[row];
    DENSE_COLUMNS(X)
#undef X
    if (!batch->has_sparse) {
#define X(type, name) call->name = 0;
        SPARSE_COLUMNS(X)
    } else {
#undef X
#define X(type, name) call->name = batch->has_##name ? batch->name[row] : (type)0;
        SPARSE_COLUMNS(X)
#undef X
    }
    call->batch = batch;
    call->row = row;
    if (call->redis->policy->offline)
        call->redis->eviction.next_access = batch->next_access[row];
}

/* A call whose row is about to be read: what has columns is not cleared. */
static inline void execute_begin(struct call *call, struct redis *redis)
{
    call->redis = redis;
    memset(&call->adopted, 0, sizeof *call - offsetof(struct call, adopted));
}

/* propagatePendingCommands: the command goes to the backlog. */
void execute_propagate(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows);
/* Of a row that missed: what the application would fill. */
void execute_note_missed(struct redis *redis, const struct batch *batch, uint32_t row);
/* A row, while somebody watches keys, or memory is followed. */
void execute_watched(struct call *call, const struct batch *batch, uint32_t first, uint32_t row);
/* Each of the command's rows. */
void execute_several_rows(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows);

/* A key's database is fixed by its id. The entry must name it before the key is created. */
static inline void enter_database(struct redis *redis, const struct call *call)
{
    if (!redis->databases[call->db].is_used)
        keyspace_use_database(redis, call->db);
    if (call->id != NO_KEY)
        entry_of(redis, call->id)->db = call->db;
}

/* The values of the command's keys may have other elements now. */
void execute_tally(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t last);

/* Executes the row, which has been read, of a command that begins with `first`. */
static inline void execute_row(struct call *call, const struct batch *batch, uint32_t first, uint32_t row,
                               uint64_t adopted)
{
    enter_database(call->redis, call);
    call->adopted = call->value_len >= LONG_ARGUMENT ? adopted : 0;
    call->missed = false;
    if (__builtin_expect(
            (call->redis->watches.count != 0) | (call->redis->resident != NULL) | call->redis->tracking.exists, 0))
        execute_watched(call, batch, first, row);
    else
        command_functions[call->op](call);
    if (command_table[call->op].type > TYPE_STRING)
        execute_tally(call->redis, batch, first, row);
    if (call->missed)
        execute_note_missed(call->redis, batch, row);
}

/* Executes the command, of which the first row has been read. `adopted` as arrival_receive() returns it. */
static inline void execute_rows(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows,
                                uint64_t adopted)
{
    struct redis *redis = call->redis;

    if (command_table[call->op].reply_array)
        call->reply += resp_header_bytes(rows);
    if (rows > 1)
        execute_several_rows(call, batch, first, rows);
    else
        execute_row(call, batch, first, first, adopted);
    if (replication_is_on(&redis->replication))
        execute_propagate(call, batch, first, rows);
    if (call->sent_elements)
        free(call->sent_elements);
    call->sent_elements = NULL;
}

#endif
