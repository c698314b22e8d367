/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn: executes a command in the server's steps.
 *
 *     arrive     the request passes through the query buffer; its arguments are allocated: arrival.c
 *     gate       evict_to_limit; if it fails, a command that may need memory is refused: gate.c
 *     execute    the command's own function: execute.c, commands/
 *     reply      through the reply buffer: reply.c
 *
 * After MULTI commands are queued, and EXEC executes them: transaction_turn.c. EVAL's turn continues with the rows that
 * the script calls: script_turn.c.
 *
 * Source: processCommand, call (server.c). */
#include "sim/server/turn.h"

#include "sim/server/arrival.h"
#include "sim/server/commands/functions.h"
#include "sim/server/evict.h"
#include "sim/server/execute.h"
#include "sim/server/gate.h"
#include "sim/server/histograms.h"
#include "sim/server/loading.h"
#include "sim/server/reply.h"
#include "sim/server/serve.h"
#include "sim/server/script_turn.h"
#include "sim/server/slow_log.h"
#include "sim/server/tracking.h"
#include "sim/server/transaction_turn.h"

#include <string.h>

/* An upper bound of the number of options. */
static uint64_t most_options(const struct call *call)
{
    enum { OTHERS = 5, TIME = 2 }; /* RANK n COUNT n ...; EX seconds */
    const uint16_t words = REQUEST_NX | REQUEST_XX | REQUEST_GT | REQUEST_LT | REQUEST_KEEPTTL | REQUEST_PERSIST |
                           REQUEST_GET | REQUEST_REPLACE | REQUEST_LEN;
    uint8_t options = command_table[call->op].options;

    if (options != OPTIONS_SET && options != OPTIONS_GETEX)
        return OTHERS;
    return (call->flags & REQUEST_TTL ? TIME : 0) + (uint64_t)__builtin_popcount(call->flags & words);
}

/* An upper bound of the number of arguments, with the command's name, of one that does not name elements. */
static uint64_t most_arguments(const struct call *call)
{
    uint64_t most = 1;

    for (const char *letter = command_table[call->op].arguments; *letter; letter++)
        most += *letter == 'o' ? most_options(call) : 1;
    return most;
}

/* Whether the request certainly leaves the client's buffers as they are. `most` as above. */
static inline bool request_is_small(const struct redis *redis, const struct call *call, uint64_t most)
{
    if (call->elements || (call->id == NO_KEY && command_table[call->op].arguments[0] == '*'))
        return false;
    return client_request_is_small(&redis->client, most) &&
           (!redis->profile->keeps_vector || client_vector_stays(&redis->client, most_arguments(call)));
}

/* The request passes through the buffers. False: that was its turn. */
static bool arrive(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows, uint64_t *adopted)
{
    return arrival_count(call->redis, call, batch, first, rows, adopted) && !reply_turns_away(call);
}

/* Whether clients have open transactions, watch keys or wait, or the command runs a script, or not every server has it. */
static bool is_unusual(const struct redis *redis, const struct command *command)
{
    return redis->transactions.open | redis->watches.count | redis->blocked.count | command->runs_script |
           command->since;
}

/* Ends the client's wait. Returns true if the command came behind MULTI: it was queued or refused, and that was its
 * turn. */
static bool was_queued(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct redis *redis = call->redis;
    struct transaction *transaction;

    if (redis->blocked.count)
        serve_end_waits(redis, call->client, false);
    if (redis->transactions.calls_of && call->client == CLIENT_SCRIPT) {
        transaction_turn_queue_call(redis, batch, first, rows);
        return true;
    }
    redis->transactions.calls_of = 0;
    transaction = transaction_turn_open(redis, call);
    if (!transaction || transaction_turn_skips_queue((enum op)call->op))
        return false;
    transaction_turn_queue(call, transaction, batch, first, rows);
    return true;
}

/* The rest of an unusual turn, after arrival. */
static void execute_unusual(struct call *call, const struct batch *batch, uint32_t first, uint32_t rows,
                            uint64_t adopted)
{
    struct redis *redis = call->redis;
    struct transaction *transaction = transaction_turn_open(redis, call);

    if (transaction && transaction_turn_forbids(call, transaction))
        return;
    if (!gate_passes(redis, transaction_turn_is_denied(call, transaction), batch, first, rows)) {
        transaction_turn_refuse(call, transaction, batch, first, rows);
        return;
    }
    turn_update_cached_time(redis);
    if (command_table[call->op].runs_script && replication_is_on(&redis->replication))
        replication_begin_several(&redis->replication);
    execute_rows(call, batch, first, rows, adopted);
    tracking_note(call, batch, first, rows);
    slow_log_note(call, batch, first, rows);
    if (call->executes) {
        redis->blocked.is_denied = true;
        transaction_turn_execute(call);
        redis->blocked.is_denied = false;
    }
    if (call->op == OP_RESET || call->op == OP_QUIT)
        call_discard(call);
    if (redis->script.is_open)
        script_turn_begin(call);
    else
        reply_finish(call);
}

void turn_execute(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct call call;
    const struct command *command;
    uint64_t adopted = 0, most;
    bool unusual;

    execute_begin(&call, redis);
    execute_read_row(&call, batch, first);
    command = &command_table[call.op];
    redis->counters.writes += command->denyoom;
    redis->missed_count = 0;
    redis->arguments = redis->request_bytes = 0;
    unusual = is_unusual(redis, command);
    if (unusual && was_queued(&call, batch, first, rows))
        return;
    most = turn_most_bytes(call.value_len, call.key_len);
    if (rows == 1 && !command->since && request_is_small(redis, &call, most)) {
        if (turn_arguments_matter(redis, &redis->databases[call.db], most))
            redis->arguments = arguments_weigh(redis, &call);
    } else if (loading_is_row(&call)) {
        redis->counters.writes--; /* no client's */
        loading_take(&call);
        return;
    } else if (!arrive(&call, batch, first, rows, &adopted)) {
        return;
    }
    if (unusual) {
        execute_unusual(&call, batch, first, rows, adopted);
        return;
    }
    if (!gate_passes(redis, command->denyoom, batch, first, rows)) {
        reply_refuse(redis, batch, first, rows);
        return;
    }
    turn_update_cached_time(redis);
    execute_rows(&call, batch, first, rows, adopted);
    tracking_note(&call, batch, first, rows);
    slow_log_note(&call, batch, first, rows);
    reply_finish(&call);
}

/* The SET of a fill, whatever it does to the buffers. False: the server does not take it. */
static bool receive_fill(struct call *call)
{
    struct redis *redis = call->redis;
    struct argument_list list;
    struct reception reception;

    arguments_begin(&list, redis, OP_SET);
    arguments_add_row(&list, call, 0);
    if (arrival_is_refused(redis, &list))
        return false;
    if (arrival_takes_reads(redis, &list, &reception)) {
        arguments_begin_again(&list, redis, &reception, OP_SET);
        arguments_add_row(&list, call, 0);
    }
    call->adopted = arrival_receive(redis, &list);
    return true;
}

void turn_fill(struct redis *redis, const struct batch *batch, uint32_t row)
{
    struct call call;

    execute_begin(&call, redis);
    execute_read_row(&call, batch, row);
    call.op = OP_SET;
    call.flags &= REQUEST_TTL | REQUEST_MILLIS | REQUEST_ABSOLUTE;
    redis->counters.writes++;
    redis->counters.fills++;
    if (request_is_small(redis, &call, turn_most_bytes(call.value_len, call.key_len)))
        redis->arguments = arguments_weigh(redis, &call);
    else if (!receive_fill(&call))
        return;
    if (!gate_passes(redis, true, batch, row, 1)) {
        reply_refuse(redis, NULL, 0, 0);
        key_note_absence(redis, call.id, MISS_REFUSED);
        return;
    }
    command_functions[OP_SET](&call);
    if (replication_is_on(&redis->replication))
        execute_propagate(&call, batch, row, 1);
    slow_log_note_fill(&call);
    reply_finish(&call);
}

static void add_words(struct argument_list *list, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        arguments_add(list, strlen(words[i]));
}

void turn_begin(struct redis *redis, const char *const *words, size_t count)
{
    struct argument_list list = {.redis = redis};
    struct reception reception;

    add_words(&list, words, count);
    if (arrival_takes_reads(redis, &list, &reception)) {
        list = (struct argument_list){
            .redis = redis, .is_noted = true, .reception = &reception, .adoptions = &redis->adoptions};
        add_words(&list, words, count);
    }
    arrival_receive(redis, &list);
    evict_to_limit(redis);
    turn_update_cached_time(redis);
}

void turn_end(struct redis *redis, enum op op, const char *const *words, size_t count, uint64_t reply, bool failed)
{
    slow_log_note_words(redis, words, count);
    if (failed)
        reply_count_error(redis, ERROR_OF_ERR);
    histograms_note(redis, op);
    reply_end(redis, reply, REPLY_COPIED, true);
}

uint64_t turn_info(struct redis *redis)
{
    struct call call = {.redis = redis, .op = OP_INFO};
    struct argument_list list;
    uint64_t printed;

    arguments_begin(&list, redis, OP_INFO);
    arrival_receive(redis, &list);
    turn_update_cached_time(redis);
    evict_to_limit(redis);
    command_functions[OP_INFO](&call);
    printed = redis->used + redis->profile->info_bytes;
    slow_log_note_words(redis, (const char *const[]){"INFO"}, 1);
    reply_finish(&call);
    return printed;
}
