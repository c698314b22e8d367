/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transaction: MULTI, EXEC, DISCARD and WATCH. transaction_turn.c queues and executes the commands in between. */
#include "sim/server/commands/commands.h"
#include "sim/server/values/sds.h"
#include "sim/server/watch.h"

#include <string.h>

static struct transaction *transaction_at(struct call *call)
{
    return transaction_of(&call->redis->transactions, call->client);
}

/* The client's transaction. The first use allocates the server's state for it (initClientMultiState). */
static struct transaction *transaction_with_state(struct call *call)
{
    struct transaction *transaction = transaction_at(call);
    uint64_t bytes = call->redis->profile->transaction_state_bytes;

    if (bytes && !transaction->has_state)
        call->redis->used += allocator_class(call->redis->allocator, bytes);
    transaction->has_state = true;
    return transaction;
}

static void reply_failure(struct call *call, enum error_kind kind, const char *text)
{
    call->reply += strlen(text);
    call->failed = true;
    call->error = kind;
}

void call_discard(struct call *call)
{
    call->redis->used -= transaction_bytes(transaction_at(call));
    transaction_end(&call->redis->transactions, transaction_at(call));
    watch_nothing(call->redis, call->client);
}

void run_multi(struct call *call)
{
    struct transaction *transaction = transaction_with_state(call);

    if (transaction->is_open) {
        reply_failure(call, ERROR_OF_ERR, "-ERR MULTI calls can not be nested\r\n");
        return;
    }
    transaction_begin(&call->redis->transactions, transaction);
    call_reply_ok(call);
}

void run_discard(struct call *call)
{
    if (!transaction_at(call)->is_open) {
        reply_failure(call, ERROR_OF_ERR, "-ERR DISCARD without MULTI\r\n");
        return;
    }
    call_discard(call);
    call_reply_ok(call);
}

void run_exec(struct call *call)
{
    struct transaction *transaction = transaction_at(call);

    if (!transaction->is_open) {
        reply_failure(call, ERROR_OF_ERR, "-ERR EXEC without MULTI\r\n");
    } else if (transaction->is_refused) {
        reply_failure(call, ERROR_OF_EXECABORT, "-EXECABORT Transaction discarded because of previous errors.\r\n");
        call_discard(call);
    } else if (transaction->is_touched || watch_has_expired(call->redis, call->client)) {
        call->reply += strlen("*-1\r\n");
        call_discard(call);
    } else {
        watch_nothing(call->redis, call->client);
        call_reply_array(call, transaction->queued);
        call->executes = true;
    }
}

/* Each key has a row. */
void run_watch(struct call *call)
{
    bool is_last = !(call->flags & REQUEST_MORE);

    if (transaction_at(call)->is_open) {
        if (is_last)
            reply_failure(call, ERROR_OF_ERR, "-ERR WATCH inside MULTI is not allowed\r\n");
        return;
    }
    transaction_with_state(call);
    watch_key(call->redis, call->client, call->id, call->db, argument_bytes(call->redis, call->key_len));
    if (is_last)
        call_reply_ok(call);
}

void run_unwatch(struct call *call)
{
    watch_nothing(call->redis, call->client);
    call_reply_ok(call);
}
