/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tracking_table: the keys that clients have read, the prefixes that they want to be told of, and what both weigh. tracking.h says
 * what it is for.
 *
 * Source: tracking.c (enableTracking, disableTracking, trackingRememberKeys, enableBcastTrackingForPrefix). */
#ifndef SIM_SERVER_TRACKING_TABLE_H
#define SIM_SERVER_TRACKING_TABLE_H

#include "sim/server/state.h"

enum { TRACKING_CHANNEL_NAME = 20 }; /* bytes of __redis__:invalidate */

/* The client's part; it is there until the next call. */
struct tracker *tracking_of(struct tracking *tracking, uint32_t client);
/* CLIENT TRACKING on, with these flags (enum tracking_flag). */
void tracking_begin(struct redis *redis, uint32_t client, unsigned flags);
/* A prefix of BCAST; NO_MEMBER: every key. */
void tracking_add_prefix(struct redis *redis, uint32_t client, uint32_t name);
void tracking_end(struct redis *redis, uint32_t client);
/* The client has gone. */
void tracking_leave(struct redis *redis, uint32_t client);

/* The key's name; NULL: no row has named it since tracking began, so that nobody can have read it. */
const char *tracking_name(const struct redis *redis, uint32_t id, size_t *length);
/* The client has read the key. */
void tracking_remember(struct redis *redis, uint32_t client, uint32_t id);
/* The key at this place, which has this name, leaves the table. */
void tracking_forget_key(struct redis *redis, uint64_t place, const char *name, size_t length);
/* All of them. */
void tracking_clear_table(struct redis *redis);
/* Whether the name begins with the prefix. Of an unknown name (NULL) only the empty prefix is known. */
bool tracking_begins_with(const struct redis *redis, const struct tracked_prefix *prefix, const char *name,
                          size_t length);

uint64_t tracking_bytes(const struct redis *redis);
void tracking_release(struct tracking *tracking);

#endif
