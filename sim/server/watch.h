/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watch: the keys that clients WATCH. If one of them is changed, evicted or expires before EXEC, that executes nothing.
 *
 *     a dict of each database: key -> list of who watches it        a list of each client: what it watches
 *
 * Source: watchForKey, unwatchAllKeys, touchWatchedKey, isWatchedKeyExpired (multi.c) of Redis 7.0.15. */
#ifndef SIM_SERVER_WATCH_H
#define SIM_SERVER_WATCH_H

#include "sim/server/state.h"

/* The client watches the key from here on, if it does not yet; the argument that names it is of so many bytes. */
void watch_key(struct redis *redis, uint32_t client, uint32_t id, uint8_t db, uint64_t name_bytes);
void watch_nothing(struct redis *redis, uint32_t client);
/* A key that the client watches has died of its ttl since. */
bool watch_has_expired(const struct redis *redis, uint32_t client);

/* The key has changed: those who watch it will not have their EXEC, and watch nothing more. */
void watch_touch_watched(struct redis *redis, uint32_t id);
static inline void watch_touch(struct redis *redis, uint32_t id)
{
    if (__builtin_expect(redis->watches.count != 0, 0))
        watch_touch_watched(redis, id);
}

/* What it all weighs. */
uint64_t watch_bytes(const struct redis *redis);

#endif
