/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/transaction_turn.h"

#include "sim/alloc.h"

#include "sim/server/arrival.h"
#include "sim/server/availability.h"
#include "sim/server/evict.h"
#include "sim/server/execute.h"
#include "sim/server/follow.h"
#include "sim/server/gate.h"
#include "sim/server/histograms.h"
#include "sim/server/keyspace.h"
#include "sim/server/reply.h"
#include "sim/server/script_turn.h"
#include "sim/server/slow_log.h"
#include "sim/server/tracking.h"
#include "sim/server/values/sds.h"

#include <string.h>

enum { QUEUED_PLACE_BYTES = 24 }; /* struct multiCmd */

static const char exec_oom_reply[] = "-EXECABORT Transaction discarded because of: "
                                     "OOM command not allowed when used memory > 'maxmemory'.\r\n";
static const char queued_reply[] = "+QUEUED\r\n";

struct transaction *transaction_turn_open(struct redis *redis, const struct call *call)
{
    struct transaction *transaction;

    if (!redis->transactions.open)
        return NULL;
    transaction = transaction_of(&redis->transactions, call->client);
    return transaction->is_open ? transaction : NULL;
}

/* The commands that are executed at once even after MULTI. */
static bool ends_transaction(enum op op)
{
    return op == OP_EXEC || op == OP_DISCARD || op == OP_QUIT || op == OP_RESET;
}

bool transaction_turn_skips_queue(enum op op)
{
    return ends_transaction(op) || op == OP_MULTI || op == OP_WATCH;
}

/* Whether the command needs memory: by its kind, or because its script says so (scriptFlagsToCmdFlags). */
static bool is_denied_when_full(const struct call *call)
{
    if (command_is_denyoom(call->redis->profile, (enum op)call->op))
        return true;
    return command_table[call->op].runs_script && call->op != OP_FCALL_RO && call->op != OP_EVAL_RO &&
           (call_script_flags(call) & (SCRIPT_DECLARES | SCRIPT_WRITES_NOTHING | SCRIPT_ALLOWS_OOM)) == SCRIPT_DECLARES;
}

static uint64_t place_bytes(const struct server_profile *profile)
{
    return profile->queued_place_bytes ? profile->queued_place_bytes : QUEUED_PLACE_BYTES;
}

/* The command's arguments belong to the transaction now. */
static void keep_arguments(struct redis *redis, struct transaction *transaction, const struct batch *batch,
                           uint32_t first, struct queued_command queued)
{
    const struct server_profile *profile = redis->profile;

    queued.bytes = redis->arguments;
    queued.adopted_header = redis->client.adopted_header;
    redis->used += redis->arguments;
    if (profile->keeps_vector) {
        uint64_t command = client_command_bytes(profile, redis->allocator);

        queued.vector = redis->client.vector_count;
        queued.bytes += allocator_class(redis->allocator, 8 * queued.vector) + command;
        redis->used += command;
        redis->client.vector_count = 0; /* the next command gets a new vector */
    }
    redis->arguments = 0;
    redis->used += transaction_queue(transaction, redis->allocator, place_bytes(profile), batch, first, &queued);
}

/* Nothing that is queued will be executed, for want of memory. */
static void note_refused(struct redis *redis, const struct transaction *transaction)
{
    for (uint32_t i = 0; i < transaction->count; i++) {
        const struct queued_command *queued = &transaction->commands[i];

        keyspace_note_refused(redis, transaction->rows[queued->batch], queued->first, queued->rows);
    }
}

void transaction_turn_abort(struct redis *redis, struct transaction *transaction)
{
    transaction->is_refused = true;
    if (redis->profile->frees_refused_queue)
        redis->used -= transaction_forget(transaction);
}

void transaction_turn_queue(struct call *call, struct transaction *transaction, const struct batch *batch,
                            uint32_t first, uint32_t rows)
{
    struct redis *redis = call->redis;
    bool is_denied = is_denied_when_full(call);
    struct queued_command queued = {.rows = rows};

    redis->transactions.calls_of = command_table[call->op].runs_script ? (uint64_t)call->client + 1 : 0;

    if (!arrival_count(redis, call, batch, first, rows, &queued.adopted)) {
        call_discard(call); /* the connection is a new one */
        return;
    }
    if (reply_turns_away(call)) {
        transaction_turn_abort(redis, transaction);
        return;
    }
    redis->found_full = evict_to_limit(redis) == EVICT_FAIL;
    if (redis->found_full && (is_denied || !redis->profile->queues_when_full)) {
        note_refused(redis, transaction);
        transaction_turn_abort(redis, transaction);
        transaction->found_full = true;
        redis->counters.writes += !command_table[call->op].denyoom;
        reply_refuse(redis, batch, first, rows);
        return;
    }
    if (!transaction->is_refused && !transaction->is_touched) {
        transaction->is_denied |= is_denied;
        keep_arguments(redis, transaction, batch, first, queued);
    } else if (transaction->found_full) {
        keyspace_note_refused(redis, batch, first, rows);
    }
    reply_end(redis, sizeof queued_reply - 1, REPLY_COPIED, false);
}

void transaction_turn_queue_call(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    const struct server_profile *profile = redis->profile;
    struct transaction *transaction =
        transaction_of(&redis->transactions, (uint32_t)(redis->transactions.calls_of - 1));
    struct queued_command called = {.rows = rows, .is_called = true};

    if (transaction->is_open && !transaction->is_refused && !transaction->is_touched)
        transaction_queue(transaction, redis->allocator, place_bytes(profile), batch, first, &called);
}

bool transaction_turn_forbids(struct call *call, struct transaction *transaction)
{
    static const char reply[] = "-ERR Command not allowed inside a transaction\r\n";
    uint64_t name =
        call->redis->profile->names_what_is_refused ? strlen("'' ") + command_table[call->op].name_bytes : 0;

    if (!call->redis->profile->no_multi_within || ends_transaction((enum op)call->op))
        return false;
    transaction_turn_abort(call->redis, transaction);
    call->failed = true;
    reply_note_error(call);
    reply_end(call->redis, sizeof reply - 1 + name, REPLY_COPIED, false);
    return true;
}

/* Of its long arguments the first that took the query buffer over is known. */
static void hand_over_adopted(struct redis *redis, const struct queued_command *queued)
{
    struct adoptions *adoptions = &redis->adoptions;

    redis->client.adopted_header = queued->adopted_header;
    adoptions->count = queued->adopted != 0;
    if (!adoptions->count)
        return;
    if (!adoptions->capacity)
        adoptions->list = xgrow(adoptions->list, &adoptions->capacity, 1, sizeof *adoptions->list);
    *adoptions->list = (struct adopted){.capacity = queued->adopted, .header = queued->adopted_header};
}

/* Runs one queued command. The transaction's arguments are its own while it runs: a SET gives its value to the
 * keyspace. The rest of them is freed at the end of EXEC. */
static void run_queued(struct call *exec, const struct batch *batch, struct queued_command *queued)
{
    struct redis *redis = exec->redis;
    struct call call = {.redis = redis, .reply = exec->reply};
    uint64_t vector_count = redis->client.vector_count;
    uint64_t vector = redis->profile->keeps_vector ? allocator_class(redis->allocator, 8 * queued->vector) : 0;
    uint64_t command = client_command_bytes(redis->profile, redis->allocator);

    redis->client.vector_count = redis->profile->keeps_vector ? queued->vector : vector_count;
    hand_over_adopted(redis, queued);
    redis->arguments = queued->bytes - vector - command;
    redis->used -= redis->arguments;
    execute_read_row(&call, batch, queued->first);
    gate_tell(redis, (enum op)call.op, batch, queued->first, queued->rows);
    execute_rows(&call, batch, queued->first, queued->rows, queued->adopted);
    if (follow_has_rules(redis))
        follow_rules(redis, batch, queued->first, queued->rows, false);
    tracking_note(&call, batch, queued->first, queued->rows);
    slow_log_note(&call, batch, queued->first, queued->rows);
    reply_note_error(&call);
    histograms_note(redis, (enum op)call.op);
    reply_note_peak(redis);
    redis->used += redis->arguments;
    queued->bytes = redis->arguments;
    if (redis->profile->keeps_vector) {
        queued->bytes += allocator_class(redis->allocator, 8 * redis->client.vector_count) + command;
        redis->client.vector_count = vector_count;
    }
    exec->reply = call.reply;
    if (call.reply_way == REPLY_REFERS)
        exec->reply_way = redis->profile->refers_at_start ? REPLY_IN_BLOCKS : REPLY_REFERS;
    redis->arguments = 0;
    if (!redis->script.is_open)
        return;
    exec->reply -= strlen(":1\r\n"); /* the script's reply is known when it has ended */
    redis->script.reply = strlen(":1\r\n");
}

static void end_queued_script(struct call *exec)
{
    if (exec->redis->script.is_open)
        exec->reply += script_turn_reply(exec->redis);
    exec->redis->script.is_open = false;
}

void transaction_turn_execute(struct call *exec)
{
    struct redis *redis = exec->redis;
    struct transaction *transaction = transaction_of(&redis->transactions, exec->client);
    uint64_t arguments = redis->arguments;

    redis->used += arguments;
    redis->arguments = 0;
    if (replication_is_on(&redis->replication))
        replication_begin_several(&redis->replication);
    for (uint32_t i = 0; i < transaction->count; i++) {
        struct queued_command *queued = &transaction->commands[i];
        const struct batch *batch = transaction->rows[queued->batch];

        if (queued->is_called) {
            script_turn_call(redis, batch, queued->first, queued->rows);
            continue;
        }
        end_queued_script(exec);
        run_queued(exec, batch, queued);
    }
    end_queued_script(exec);
    if (replication_is_on(&redis->replication))
        replication_end_several(&redis->replication);
    call_discard(exec);
    redis->used -= arguments;
    redis->arguments = arguments;
}

/* Refuses EXEC because one of its commands needs memory. None of them is executed (execCommandAbort). */
static void refuse_exec(struct call *call, const struct transaction *transaction)
{
    struct redis *redis = call->redis;

    note_refused(redis, transaction);
    call_discard(call);
    reply_count_error(redis, ERROR_OF_EXECABORT);
    reply_end(redis, sizeof exec_oom_reply - 1, REPLY_COPIED, false);
}

/* EXEC is refused if any of its commands would be. */
static bool is_denied(const struct call *call, const struct transaction *transaction)
{
    return is_denied_when_full(call) || (transaction && call->op == OP_EXEC && transaction->is_denied);
}

/* After MULTI, Redis 7.0 also refuses MULTI and WATCH, like every command that is queued. */
bool transaction_turn_is_denied(struct call *call, const struct transaction *transaction)
{
    return is_denied(call, transaction) ||
           (transaction && !ends_transaction((enum op)call->op) && !call->redis->profile->queues_when_full);
}

void transaction_turn_refuse(struct call *call, struct transaction *transaction, const struct batch *batch,
                             uint32_t first, uint32_t rows)
{
    if (transaction && call->op == OP_EXEC) {
        refuse_exec(call, transaction);
        return;
    }
    if (transaction) {
        note_refused(call->redis, transaction);
        transaction_turn_abort(call->redis, transaction);
        transaction->found_full = true;
    }
    call->redis->counters.writes += !command_table[call->op].denyoom;
    reply_refuse(call->redis, batch, first, rows);
}
