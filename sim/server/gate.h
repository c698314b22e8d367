/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate: before a command runs, room is made for it. A policy that wants to know which keys are about to come is told. */
#ifndef SIM_SERVER_GATE_H
#define SIM_SERVER_GATE_H

#include "sim/server/state.h"

/* False: there is no room, and the command is refused if memory is denied to it. */
bool gate_passes(struct redis *redis, bool is_denied, const struct batch *batch, uint32_t first, uint32_t rows);
/* Of a command that does not ask for room: it was asked for before, or nobody does. */
void gate_tell(struct redis *redis, enum op op, const struct batch *batch, uint32_t first, uint32_t rows);

#endif
