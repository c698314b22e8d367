/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/slow_log.h"

#include "sim/server/arguments.h"
#include "sim/server/command_logs.h"
#include "sim/server/execute.h"
#include "sim/server/values/sds.h"

#include <string.h>

enum {
    ARGUMENTS_MOST = SCRIPT_ARGUMENTS, /* SLOWLOG_ENTRY_MAX_ARGC */
    ARGUMENT_MOST = 128,               /* SLOWLOG_ENTRY_MAX_STRING */
    ENTRY_BYTES = 56,                  /* struct slowlogEntry */
    LIST_NODE = 24,
};

static uint64_t class_of(const struct redis *redis, uint64_t bytes)
{
    return allocator_class(redis->allocator, bytes);
}

/* ---- what an entry weighs ---- */

/* "... (300 more bytes)" fits into the rest of the block of the first 128. */
static uint64_t kept_bytes(const struct redis *redis, uint64_t length)
{
    if (length > ARGUMENT_MOST)
        return class_of(redis, ROBJ_BYTES) + sds_bytes(redis->allocator, ARGUMENT_MOST);
    return argument_bytes(redis, length);
}

/* "... (50 more arguments)", which grew from an empty text to twice its length. */
static uint64_t rest_bytes(const struct redis *redis, uint64_t left_out)
{
    uint64_t length = strlen("... ( more arguments)") + decimal_length((int64_t)left_out);

    return class_of(redis, ROBJ_BYTES) + class_of(redis, sds_growing_header(2 * length) + 2 * length + 1);
}

/* All but the arguments. The address's text stays with the client, too, from the first time on. */
static uint64_t frame_bytes(struct redis *redis, uint64_t arguments)
{
    struct client *client = &redis->client;
    uint64_t address = client_note_address(client, redis->allocator, false);

    return class_of(redis, ENTRY_BYTES) + class_of(redis, LIST_NODE) +
           class_of(redis, 8 * (arguments < ARGUMENTS_MOST ? arguments : ARGUMENTS_MOST)) +
           sds_bytes(redis->allocator, client->name_length) + address;
}

/* Of the arguments with these lengths, the first of all `count`. */
static uint64_t lengths_bytes(const struct redis *redis, const uint32_t *lengths, uint64_t count)
{
    uint64_t kept = count > ARGUMENTS_MOST ? ARGUMENTS_MOST - 1 : count;
    uint64_t bytes = count > kept ? rest_bytes(redis, count - kept) : 0;

    for (uint64_t i = 0; i < kept; i++)
        bytes += kept_bytes(redis, lengths[i]);
    return bytes;
}

/* A value that the command has made an integer of weighs no more than an object, and nothing if it is a shared one. */
static uint64_t saved_by_integer(const struct call *call)
{
    const struct redis *redis = call->redis;
    bool is_shared = redis->shares_integers && call->number >= 0 && call->number < SHARED_INTEGERS;

    if (!command_table[call->op].sets || !(call->flags & REQUEST_INTEGER))
        return 0;
    return argument_bytes(redis, call->value_len) - (is_shared ? 0 : class_of(redis, ROBJ_BYTES));
}

/* Of a command's name, in one word or two. Returns how many. */
static uint32_t name_lengths(uint32_t *lengths, enum op op)
{
    const struct command *command = &command_table[op];
    uint32_t first = (uint32_t)strcspn(command->name, "|");

    lengths[0] = first;
    lengths[1] = command->container ? command->name_bytes - first - 1u : 0;
    return command->refused ? 0 : command->container ? 2 : 1;
}

/* Adds the row to the list. Returns what its integer saves, if it is among the arguments that are kept. */
static uint64_t add_row(struct argument_list *list, const struct call *call, uint32_t key)
{
    arguments_add_row(list, call, key);
    return list->count < ARGUMENTS_MOST ? saved_by_integer(call) : 0;
}

static struct argument_list begin_list(const struct call *call, uint32_t lengths[ARGUMENTS_MOST], enum op op)
{
    struct argument_list list;

    arguments_begin(&list, call->redis, op);
    name_lengths(lengths, op);
    list.lengths = lengths;
    list.is_noted = true;
    return list;
}

/* ---- the logs ---- */

/* Which logs take a command with such a reply. */
static unsigned logs_for(const struct redis *redis, uint64_t reply)
{
    const struct redis_config *config = &redis->config;
    bool has_others = redis->profile->has_command_log;
    unsigned logs = (unsigned)!config->slowlog_log_slower_than << LOG_SLOW;

    logs |= (unsigned)(has_others && slow_log_is_beyond(redis->request_bytes, config->commandlog_request_larger_than))
            << LOG_LARGE_REQUEST;
    logs |= (unsigned)(has_others && slow_log_is_beyond(reply, config->commandlog_reply_larger_than))
            << LOG_LARGE_REPLY;
    for (int which = 0; which < COMMAND_LOGS; which++)
        if (!command_logs_longest(redis, (enum command_log)which))
            logs &= ~(1u << which);
    return logs;
}

static void push_all(struct redis *redis, unsigned logs, uint64_t arguments, uint64_t bytes)
{
    for (int which = 0; which < COMMAND_LOGS; which++)
        if (logs & 1u << which)
            command_logs_push(redis, (enum command_log)which, frame_bytes(redis, arguments) + bytes);
}

/* ---- commands ---- */

void slow_log_note_rows(const struct call *call, const struct batch *batch, uint32_t first, uint32_t rows)
{
    struct redis *redis = call->redis;
    struct call row = *call;
    struct argument_list list;
    unsigned logs = logs_for(redis, call->reply + call->referred);
    uint64_t saved = 0;

    redis->request_bytes = 0;
    if (!logs || call->op == OP_EXEC)
        return;
    uint32_t lengths[ARGUMENTS_MOST] = {0};

    list = begin_list(call, lengths, (enum op)batch->op[first]);
    row.sent_elements = NULL;
    for (uint32_t i = 0; i < rows; i++) {
        execute_read_row(&row, batch, first + i);
        saved += add_row(&list, &row, i);
    }
    if (call->op == OP_AUTH) /* its arguments are a shared "(redacted)" */
        push_all(redis, logs, list.count, kept_bytes(redis, lengths[0]));
    else
        push_all(redis, logs, list.count, lengths_bytes(redis, lengths, list.count) - saved);
}

void slow_log_note_fill(const struct call *call)
{
    struct redis *redis = call->redis;
    struct argument_list list;
    unsigned logs = logs_for(redis, call->reply + call->referred);
    uint64_t saved;

    redis->request_bytes = 0;
    if (!logs)
        return;
    uint32_t lengths[ARGUMENTS_MOST] = {0};

    list = begin_list(call, lengths, (enum op)call->op);
    saved = add_row(&list, call, 0);
    push_all(redis, logs, list.count, lengths_bytes(redis, lengths, list.count) - saved);
}

void slow_log_note_words(struct redis *redis, const char *const *words, size_t count)
{
    if (!(logs_for(redis, 0) & 1u << LOG_SLOW))
        return;
    uint32_t lengths[ARGUMENTS_MOST] = {0};

    for (size_t i = 0; i < count && i < ARGUMENTS_MOST; i++)
        lengths[i] = (uint32_t)strlen(words[i]);
    push_all(redis, 1u << LOG_SLOW, count, lengths_bytes(redis, lengths, count));
}
