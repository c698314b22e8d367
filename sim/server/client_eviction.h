/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client_eviction: maxmemory-clients. When all clients together take more than that, the server closes the largest.
 *
 *     buckets    | .. 32 KB | .. 64 KB | .. 128 KB | ...          by what each client takes, powers of two
 *                               |
 *                               +-- who came in first goes first, from the largest bucket with anybody down
 *
 * What a client takes is noted after each of its commands, after its replies have been written, and when cron looks at it;
 * so what a request of its needs while it arrives is not in it. The server looks at the sum before a command's own gate and
 * before it sleeps. A client that has said CLIENT NO-EVICT on counts, and stays. One that was closed connects again when it
 * has something to say; what came behind in the same read is lost (unread_commands). Replicas neither count nor go.
 *
 * Without maxmemory-clients nothing is noted.
 *
 * Source: evictClients, getClientEvictionLimit (networking.c), updateClientMemUsage, getMemUsageBucket (server.c),
 * getClientMemoryUsage (networking.c) of Redis 7.0.15; the same in later ones. */
#ifndef SIM_SERVER_CLIENT_EVICTION_H
#define SIM_SERVER_CLIENT_EVICTION_H

#include "sim/server/state.h"

/* The configuration, or maxmemory, has been set: the limit follows from them. */
void client_eviction_settle(struct redis *redis);
/* What the connection at this place takes is noted. */
void client_eviction_note(struct redis *redis, uint32_t place);
/* Closes clients until the others are within the limit. */
void client_eviction_run(struct redis *redis);

/* Before a command's gate. False: the client that sends it was closed, and the command is not executed. */
static inline bool client_eviction_spares(struct redis *redis)
{
    if (__builtin_expect(redis->connections.limit == 0, 1))
        return true;
    client_eviction_run(redis);
    return redis->connections.current != NO_CLIENT;
}

/* The command of the current client has been executed; its reply, unless it waits for the end of a read, is written. */
void client_eviction_end_turn(struct redis *redis);

#endif
