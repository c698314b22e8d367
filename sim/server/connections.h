/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connections: the clients that a capture tells apart, each with buffers of its own (client.h).
 *
 *     redis->client   the one that speaks; when another does, they are exchanged
 *     redis->connections.list   all of them (connection_list.h)
 *
 * A trace without clients has one, and costs nothing here: it is there from the start, with the memory that the baseline
 * has of it. Any other connects when it first sends something. serverCron looks at a tenth of a second's share of all
 * clients, and at five at least, beginning with those that connected last (before 7.2) or first: so each is looked at once a second if there are more than fifty, and its buffers shrink
 * the later the more there are.
 *
 * Who leaves when is known from packets, or concluded from all of the capture (input/departures.h). The others are open until
 * the end, or until the server itself closes them:
 * after QUIT, because of `timeout`, or because it leaves more replies unread than client-output-buffer-limit allows. A server has no more than `maxclients`: when a client speaks that would be one more,
 * the one that has been silent for longest must have gone before.
 *
 * Source: clientsCron, clientsCronHandleTimeout (server.c, timeout.c), linkClient, createClient, freeClient (networking.c)
 * of Redis 7.0.15; the same in later ones. */
#ifndef SIM_SERVER_CONNECTIONS_H
#define SIM_SERVER_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct redis;
struct state_list;

/* The client is the one that speaks from here on, and connects if it has not yet. Not to be called for the current. */
void connections_switch(struct redis *redis, uint32_t client);
/* A client has connected: makes room for its descriptor in the tables of the event loop, which begin small since Redis 8.0. */
void connections_make_events(struct redis *redis);
/* What these tables have beyond what they began with, in bytes; nothing of it is given back. */
uint64_t connections_event_bytes(const struct redis *redis);
/* The one that speaks goes; if it speaks again, it is a new connection. */
void connections_close_current(struct redis *redis);
/* It is closed, whoever it is. */
void connections_kill(struct redis *redis, uint32_t number);
/* Whether the client waits to be told something: it is blocked, or subscribed. */
bool connections_awaits(const struct redis *redis, uint32_t number);
/* The client of this number as it is now; NULL: it is not connected. Until another connects. */
struct client;
struct client *connections_client(struct redis *redis, uint32_t number);
/* The one that speaks is over client-output-buffer-limit: the server closes it, and it connects again. The commands that came
 * behind in the same read are lost. */
void connections_drop_current(struct redis *redis);
/* The one at that place is closed for it takes too much (client_eviction.h). */
void connections_evict(struct redis *redis, uint32_t place);
/* Calls the function for each connection, at its place. */
typedef void connection_fn(struct redis *redis, uint32_t place);
void connections_each(struct redis *redis, connection_fn *function);
/* clientsCron, when there is a list or a timeout: else client_cron() of the only one. */
void connections_cron(struct redis *redis, connection_fn *note);
/* The Unix time, in s, up to which cron closes nobody for being silent; INT64_MAX: it closes nobody. */
int64_t connections_timeout_s(const struct redis *redis);
/* Counts the connections that have been silent for longer than that, and neither wait nor are subscribed; and the bytes that
 * used_memory would have less without them. With `timeout` there are none: it is known when they are closed. */
void connections_silent(struct redis *redis, int64_t silent_s, uint64_t *clients, uint64_t *bytes);
/* Adds all that cron may change, and all that decides what it changes. */
void connections_describe(const struct redis *redis, struct state_list *list);
/* Moves their times on, by a multiple of a second. */
void connections_move_on(struct redis *redis, int64_t by_us);

/* CLIENT INFO, CLIENT LIST: the addresses of the client that speaks, or of all, are made, and stay. */
void connections_note_addresses(struct redis *redis, bool of_all);

#endif
