/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore: a key of an RDB file: what RESTORE does with its payload, without a client that sent it. */
#ifndef SIM_SERVER_COMMANDS_RESTORE_H
#define SIM_SERVER_COMMANDS_RESTORE_H

#include "sim/server/commands/call.h"

/* The row's key, which is absent, is there afterwards, unless its ttl has ended. */
void restore_loaded(struct call *call);

#endif
