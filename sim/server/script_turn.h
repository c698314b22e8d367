/* SPDX-License-Identifier: GPL-3.0-or-later */
/* script_turn: the turn of a script. EVAL's row begins it, and redis->script.is_open; the rows behind that, of
 * CLIENT_SCRIPT, are its calls; what comes then ends it.
 *
 * Source: scriptCall, scriptVerifyOOM (script.c). */
#ifndef SIM_SERVER_SCRIPT_TURN_H
#define SIM_SERVER_SCRIPT_TURN_H

#include "sim/server/commands/call.h"

/* EVAL's row has been executed: its calls may follow. */
void script_turn_begin(struct call *call);
/* A call of the script that runs. Its arguments are made by Lua: no buffer sees them. Of a script that was stopped by an
 * error nothing more is carried out: what else the trace has of it, it did where there was room. */
void script_turn_call(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);
/* How long the script's reply is; if it failed, that is counted. */
uint64_t script_turn_reply(struct redis *redis);
/* The script has ended, and its turn. */
void script_turn_end(struct redis *redis);

#endif
