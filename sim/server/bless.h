/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bless: keys that no policy evicts, as Redis has them since 8.12 (BLESS SET key NO-EVICT).
 *
 *     the key's object    a field of 8 bytes more, which stays when the blessing goes
 *     the database        an index of blessed keys: a dict, an entry of each, a copy of its name
 *
 * A new value keeps the blessing, and RENAME, MOVE and COPY take it along. What a policy of Redis's own draws may be blessed: it
 * draws again, and gives up after some rounds that found nothing else (policy.h, spares_keys). A policy that Redis does not have
 * knows nothing of blessed keys.
 *
 * Source: bless.c, keyattr.c, keymeta.c, performEvictions (evict.c) of Redis's unstable branch before 8.12: read, not run. */
#ifndef SIM_SERVER_BLESS_H
#define SIM_SERVER_BLESS_H

#include "sim/server/blessing.h"

/* Before the first key is blessed: room for what is known of all of them. */
void bless_begin(struct redis *redis);
/* The key is there, has the field, and is not blessed (key_bless of keyspace.h does all of it). */
void bless_keep(struct redis *redis, uint32_t id);
/* The key is there. False: nothing changes, since it is not blessed. */
bool bless_clear(struct redis *redis, uint32_t id);
/* Its value is replaced: it leaves the index, and comes back. */
void bless_overwritten(struct redis *redis, uint32_t id);
/* The key goes. Whether it was hidden from the policy. */
bool bless_forget(struct redis *redis, uint32_t id);
/* Of all keys of a database that is emptied: the index goes behind them. */
void bless_flush(struct redis *redis, struct database *database, bool anew);
/* It has been given a ttl, or has lost it. */
void bless_retimed(struct redis *redis, uint32_t id, int change);
/* Another policy is in force. */
void bless_settle(struct redis *redis);

void bless_reserve(struct redis *redis, uint32_t before, uint32_t capacity);
void bless_release(struct redis *redis);

/* Bytes of the database's index. */
uint64_t bless_index_bytes(const struct redis *redis, const struct database *database);
uint64_t bless_count(const struct redis *redis);

#endif
