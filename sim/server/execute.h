/* SPDX-License-Identifier: GPL-3.0-or-later */
/* execute: a command, whose arguments and room are there: what it does to each of its keys, and what replicas are sent.
 *
 * Source: call, alsoPropagate, propagatePendingCommands (server.c). */
#ifndef SIM_SERVER_EXECUTE_H
#define SIM_SERVER_EXECUTE_H

#include "sim/server/commands/call.h"

#include <stddef.h>
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
    call->redis->members = batch->members;
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

/* Executes the command, of which the first row has been read. `adopted` as arrival_receive() returns it. */
void execute_rows(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows, uint64_t adopted);
/* propagatePendingCommands: the command goes to the backlog. */
void execute_propagate(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows);

#endif
