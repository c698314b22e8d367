/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/command_logs.h"

#include "sim/alloc.h"

#include <stdlib.h>

static void drop_oldest(struct redis *redis, struct command_log_entries *log)
{
    redis->used -= log->bytes[log->first];
    log->first = (log->first + 1) % log->capacity;
    log->count--;
}

/* Makes the ring larger: its first entry becomes the first of the array. */
static void grow(struct command_log_entries *log)
{
    uint32_t capacity = log->capacity ? 2 * log->capacity : 128;
    uint64_t *bytes = xcalloc(capacity, sizeof *bytes);

    for (uint32_t i = 0; i < log->count; i++)
        bytes[i] = log->bytes[(log->first + i) % log->capacity];
    free(log->bytes);
    log->bytes = bytes;
    log->first = 0;
    log->capacity = capacity;
}

uint64_t command_logs_longest(const struct redis *redis, enum command_log which)
{
    return which == LOG_SLOW            ? redis->config.slowlog_max_len
           : which == LOG_LARGE_REQUEST ? redis->config.commandlog_large_request_max_len
                                        : redis->config.commandlog_large_reply_max_len;
}

void command_logs_push(struct redis *redis, enum command_log which, uint64_t bytes)
{
    struct command_log_entries *log = &redis->logs[which];

    if (log->count == log->capacity)
        grow(log);
    log->bytes[(log->first + log->count++) % log->capacity] = bytes;
    redis->used += bytes;
    while (log->count > command_logs_longest(redis, which))
        drop_oldest(redis, log);
}

void command_logs_reset(struct redis *redis, enum command_log which)
{
    while (redis->logs[which].count)
        drop_oldest(redis, &redis->logs[which]);
}

uint32_t command_logs_length(const struct redis *redis, enum command_log which)
{
    return redis->logs[which].count;
}

uint64_t command_logs_bytes(const struct redis *redis)
{
    uint64_t bytes = 0;

    for (int which = 0; which < COMMAND_LOGS; which++)
        for (uint32_t i = 0; i < redis->logs[which].count; i++)
            bytes += redis->logs[which].bytes[(redis->logs[which].first + i) % redis->logs[which].capacity];
    return bytes;
}

void command_logs_release(struct redis *redis)
{
    for (int which = 0; which < COMMAND_LOGS; which++)
        free(redis->logs[which].bytes);
}
