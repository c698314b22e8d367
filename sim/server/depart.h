/* SPDX-License-Identifier: GPL-3.0-or-later */
/* depart: clients that leave of themselves, when the trace's departures say so (input/departures.h). The server reads that
 * the connection is closed, and frees the client.
 *
 * Source: readQueryFromClient, freeClient (networking.c) of Redis 7.0.15. */
#ifndef SIM_SERVER_DEPART_H
#define SIM_SERVER_DEPART_H

#include <stdint.h>

struct redis;

/* The time since the trace's first request up to which nobody leaves, in us; INT64_MAX: nobody does any more. */
int64_t depart_due_us(const struct redis *redis);
/* Closes the connections of all that have left by now. */
void depart_run(struct redis *redis);

#endif
