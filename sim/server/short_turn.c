/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/short_turn.h"

#include "sim/server/arguments.h"
#include "sim/server/follow.h"
#include "sim/server/replication.h"
#include "sim/server/slow_log.h"

/* Somebody looks at every command, or is told of it. */
static bool is_attended(const struct redis *redis, const struct batch *batch)
{
    return redis->groups || redis->options->census || redis->admission.admission || redis->policy->offline ||
           redis->resident || redis->tracking.exists || replication_is_on(&redis->replication) ||
           fetches_are_counted(&redis->fetches) || follow_has_rules(redis) || batch->has_client || batch->has_behind;
}

/* Clients are in the middle of something. */
static bool is_busy(const struct redis *redis)
{
    return redis->script.is_open || redis->transactions.open || redis->transactions.calls_of || redis->watches.count ||
           redis->blocked.count || redis->blocked.ready_count || redis->connections.current ||
           redis->connections.limit || redis->timer_bytes || !redis->client.uncounted_most;
}

/* A GET is noted in a log, or for the first time. */
static bool is_noted(const struct redis *redis)
{
    const struct redis_config *config = &redis->config;

    return !config->slowlog_log_slower_than || (config->latency_tracking && !redis->was_called[OP_GET]) ||
           (redis->profile->has_command_log &&
            (slow_log_is_beyond(0, config->commandlog_request_larger_than) ||
             slow_log_is_beyond(redis->client.reply_capacity, config->commandlog_reply_larger_than)));
}

void short_turns_settle(struct short_turns *turns, const struct redis *redis, const struct batch *batch)
{
    enum { ARGUMENTS = 2, NAME = 3 /* GET */ };
    uint32_t referred_from = redis->profile->copy_avoided_from;

    turns->are_possible = !is_attended(redis, batch) && !is_busy(redis) && !is_noted(redis) &&
                          client_vector_stays(&redis->client, ARGUMENTS);
    if (!turns->are_possible)
        return;
    turns->get_bytes = argument_bytes(redis, NAME) + arguments_vector_bytes(redis, ARGUMENTS);
    turns->length_below = referred_from ? referred_from : UINT64_MAX;
}
