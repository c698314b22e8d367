/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arrival: a request passes through the query buffer, and its arguments are allocated.
 *
 * Source: processMultibulkBuffer (networking.c). */
#ifndef SIM_SERVER_ARRIVAL_H
#define SIM_SERVER_ARRIVAL_H

#include "sim/server/arguments.h"

/* True: one read does not take the request. Its arguments are to be added to the list once more, behind
 * arguments_begin_again(). */
bool arrival_takes_reads(struct redis *redis, const struct argument_list *list, struct reception *reception);
/* The request has been read and parsed. A long value may have taken the query buffer over: returns its capacity. */
uint64_t arrival_receive(struct redis *redis, const struct argument_list *list);
/* The server will not take the request, and closes the connection: an argument is longer than any may be, which it says
 * as soon as it has read the length; or the query buffer would hold more than it may, of which it says nothing. The
 * application connects again. Nothing was executed, and nothing evicted. */
bool arrival_is_refused(struct redis *redis, const struct argument_list *list);
/* Sums the arguments, and receives them; the call has read the first row. False when the server does not take them.
 * *adopted as arrival_receive() returns it. */
bool arrival_count(struct redis *redis, struct call *call, const struct batch *batch, uint32_t first, uint32_t rows,
                   uint64_t *adopted);

#endif
