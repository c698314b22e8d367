/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/transaction.h"

#include "sim/alloc.h"
#include "sim/server/values/allocator.h"

#include <stdlib.h>
#include <string.h>

/* The batch that takes the next command's rows. */
static struct batch *batch_with_room(struct transaction *transaction, uint32_t rows)
{
    struct batch **last;

    if (transaction->batch_count) {
        last = &transaction->rows[transaction->batch_count - 1];
        if ((*last)->count + rows <= BATCH_CAPACITY)
            return *last;
    }
    if (transaction->batch_count == transaction->batch_capacity) {
        transaction->rows = xgrow(transaction->rows, &transaction->batch_capacity, transaction->batch_count + 1,
                                  sizeof *transaction->rows);
    }
    last = transaction->rows + transaction->batch_count++;
    if (!*last)
        *last = xcalloc(1, sizeof **last);
    batch_clear(*last);
    return *last;
}

uint64_t transaction_queue(struct transaction *transaction, const struct allocator *allocator, uint64_t place,
                           const struct batch *batch, uint32_t first, const struct queued_command *command)
{
    struct batch *rows = batch_with_room(transaction, command->rows);
    struct queued_command *queued;
    uint64_t before = transaction->array_bytes;

    if (transaction->count == transaction->capacity)
        transaction->commands =
            xgrow(transaction->commands, &transaction->capacity, transaction->count + 1, sizeof *transaction->commands);
    queued = &transaction->commands[transaction->count++];
    *queued = *command;
    queued->batch = transaction->batch_count - 1;
    queued->first = rows->count;
    memcpy(rows->next_access + rows->count, batch->next_access + first, command->rows * sizeof *rows->next_access);
    batch_append(rows, batch, first, command->rows);
    rows->members = batch->members;
    transaction->queued += !command->is_called;
    if (transaction->queued > transaction->places) {
        transaction->places = transaction->places ? 2 * transaction->places : 2;
        transaction->array_bytes = allocator_class(allocator, place * transaction->places);
    }
    return transaction->array_bytes - before;
}

uint64_t transaction_bytes(const struct transaction *transaction)
{
    uint64_t bytes = transaction->array_bytes;

    for (uint32_t i = 0; i < transaction->count; i++)
        bytes += transaction->commands[i].bytes;
    return bytes;
}

uint64_t transaction_forget(struct transaction *transaction)
{
    uint64_t bytes = transaction_bytes(transaction);

    transaction->batch_count = 0;
    transaction->count = transaction->queued = 0;
    transaction->places = transaction->array_bytes = 0;
    transaction->is_denied = false;
    return bytes;
}

void transaction_begin(struct transactions *transactions, struct transaction *transaction)
{
    transaction->is_open = true;
    transactions->open++;
}

void transaction_end(struct transactions *transactions, struct transaction *transaction)
{
    transactions->open -= transaction->is_open;
    transactions->calls_of = 0;
    transaction_forget(transaction);
    transaction->is_open = transaction->is_refused = transaction->found_full = false;
}

struct transaction *transaction_of(struct transactions *transactions, uint32_t client)
{
    if (client >= transactions->capacity)
        transactions->list = xgrow(transactions->list, &transactions->capacity, client + 1, sizeof *transactions->list);
    return &transactions->list[client];
}

static void release(struct transaction *transaction)
{
    for (uint32_t i = 0; i < transaction->batch_capacity; i++)
        if (transaction->rows[i]) {
            batch_release(transaction->rows[i]);
            free(transaction->rows[i]);
        }
    free(transaction->rows);
    free(transaction->commands);
    free(transaction->watched);
    for (int db = 0; transaction->tables && db < DB_COUNT; db++)
        hashtable_release(&transaction->tables[db].keys);
    free(transaction->tables);
}

void transactions_release(struct transactions *transactions)
{
    for (uint32_t i = 0; i < transactions->capacity; i++)
        release(&transactions->list[i]);
    free(transactions->list);
}
