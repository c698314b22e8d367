/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve: who waits for a key (blocked.h) is served once a command has made it, or gives up.
 *
 * Source: handleClientsBlockedOnKeys (blocked.c), handleBlockedClientsTimeout (timeout.c). */
#ifndef SIM_SERVER_SERVE_H
#define SIM_SERVER_SERVE_H

#include "sim/server/state.h"

/* What a command is answered for which there is no memory. */
static const char oom_reply[] = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/* The client waits from now on; what it keeps meanwhile is in used_memory. The waiter's keys are the list's. */
void serve_begin_wait(struct redis *redis, struct waiter *waiter);

/* The key in the waiter's place is served, and the next; a waiter may make another key, for which others wait. Since 7.2 each runs its
 * command again, and passes the gate again, while so many bytes of the command that made the key are still there: its arguments, and blocks
 * of its reply; and the replies of those who were served before. */
void serve_ready(struct redis *redis, uint64_t held);
/* Whose time is over, and the client itself: it sends another command, or its connection is closed. */
void serve_end_waits(struct redis *redis, uint32_t client, bool is_gone);
/* Whose time is over, while nobody speaks: each is told so. */
void serve_end_late_waits(struct redis *redis);

#endif
