/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transaction_turn: the turns of a transaction. Behind MULTI a command is queued with its arguments, unless it is refused;
 * EXEC carries out all of them in one turn.
 *
 * Source: queueMultiCommand, flagTransaction, execCommand, execCommandAbort (multi.c), processCommand (server.c). */
#ifndef SIM_SERVER_TRANSACTION_TURN_H
#define SIM_SERVER_TRANSACTION_TURN_H

#include "sim/server/commands/call.h"

/* The client's, if its commands are queued; NULL. */
struct transaction *transaction_turn_open(struct redis *redis, const struct call *call);
/* Whether the command, which comes behind MULTI, is executed at once all the same. */
bool transaction_turn_skips_queue(enum op op);
/* queueMultiCommand. A transaction that EXEC will abort keeps no more. */
void transaction_turn_queue(struct call *call, struct transaction *transaction, const struct batch *batch,
                            uint32_t first, uint32_t rows);
/* What a queued script will call. */
void transaction_turn_queue_call(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
/* MULTI and WATCH, where they may not be. True: it was refused. */
bool transaction_turn_forbids(struct call *call, struct transaction *transaction);
/* flagTransaction: a command was not taken, and EXEC will carry nothing out. */
void transaction_turn_abort(struct redis *redis, struct transaction *transaction);
/* Whether the command is refused if there is no room. `transaction` is the client's open one, or NULL; here and below. */
bool transaction_turn_is_denied(struct call *call, const struct transaction *transaction);
/* There is none: it is refused, and EXEC will be. */
void transaction_turn_refuse(struct call *call, struct transaction *transaction, const struct batch *batch,
                             uint32_t first, uint32_t rows);
/* execCommand: nothing is evicted, and nobody asks whether there is room, before it is over. */
void transaction_turn_execute(struct call *exec);

#endif
