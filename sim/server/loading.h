/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loading: what a server finds in its RDB file as it starts: keys without a client, a gate, statistics or replicas.
 *
 * A key whose ttl has ended is left where it is, as a master does. The tables are made for as many keys as there are, so that
 * nothing is being rehashed when the first client comes; a full server loads all the same, and evicts at the first command.
 *
 * Source: rdbLoadRioWithLoadingCtx (rdb.c), dbAddRDBLoad (db.c) of Redis 7.0. */
#ifndef SIM_SERVER_LOADING_H
#define SIM_SERVER_LOADING_H

#include "sim/server/commands/call.h"

/* Whether the row is a key of the file (REQUEST_LOADED). */
static inline bool loading_is_row(const struct call *call)
{
    return call->op == OP_RESTORE && call->flags & REQUEST_LOADED;
}

/* Takes the row's key. */
void loading_take(struct call *call);

#endif
