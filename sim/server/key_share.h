/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key_share: a server that is sent one in key_parts of a trace's keys, in place of one that is sent all (engine/key_parts.h).
 *
 *     maxmemory     | empty server, clients, backlog ... |      keys, values, tables, ttls       |
 *     in force      | empty server, clients, backlog ... | a part |
 *
 * What does not grow with the keys takes what it takes; of the rest there is a part. It is settled anew by each cron, for
 * buffers come and go. Parts are powers of two, so that hash tables double when those of the whole would.
 *
 * The active expiry cycle looks at some twenty keys at a time, whatever their number is. So that it comes round as
 * often as in the whole, only every key_parts-th cron runs it. */
#ifndef SIM_SERVER_KEY_SHARE_H
#define SIM_SERVER_KEY_SHARE_H

#include "sim/server/state.h"

/* Sets redis->maxmemory. */
void key_share_settle(struct redis *redis);

/* Whether this cron runs the active expiry cycle. */
static inline bool key_share_expires(struct redis *redis)
{
    if (redis->options->key_parts < 2)
        return true;
    redis->cron_runs = (redis->cron_runs + 1) % redis->options->key_parts;
    return !redis->cron_runs;
}

#endif
