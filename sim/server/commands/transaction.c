/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transaction: MULTI and what ends it. The commands between are queued, and carried out, by turn.c. */
#include "sim/server/commands/commands.h"

#include <string.h>

static struct transaction *transaction_at(struct call *call)
{
    return transaction_of(&call->redis->transactions, call->client);
}

static void reply_failure(struct call *call, const char *text)
{
    call->reply += strlen(text);
    call->failed = true;
}

void call_discard(struct call *call)
{
    call->redis->used -= transaction_bytes(transaction_at(call));
    transaction_end(&call->redis->transactions, transaction_at(call));
}

void run_multi(struct call *call)
{
    struct transaction *transaction = transaction_at(call);

    if (transaction->is_open) {
        reply_failure(call, "-ERR MULTI calls can not be nested\r\n");
        return;
    }
    transaction_begin(&call->redis->transactions, transaction);
    call_reply_ok(call);
}

void run_discard(struct call *call)
{
    if (!transaction_at(call)->is_open) {
        reply_failure(call, "-ERR DISCARD without MULTI\r\n");
        return;
    }
    call_discard(call);
    call_reply_ok(call);
}

void run_exec(struct call *call)
{
    struct transaction *transaction = transaction_at(call);

    if (!transaction->is_open) {
        reply_failure(call, "-ERR EXEC without MULTI\r\n");
    } else if (transaction->is_refused) {
        reply_failure(call, "-EXECABORT Transaction discarded because of previous errors.\r\n");
        call->aborts = true;
        call_discard(call);
    } else {
        call_reply_array(call, transaction->queued);
        call->executes = true;
    }
}
