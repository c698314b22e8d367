/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory: what used_memory is made of, at some moment. */
#ifndef SIM_SERVER_MEMORY_H
#define SIM_SERVER_MEMORY_H

#include "sim/server/state.h"

/* Fills the parts (MEMORY_FIELDS) of a sample whose used_memory has been set: they add up to it. What has no part of its
 * own is in memory_startup: the empty server, and the few hundred bytes of databases and timers. O(clients), in cluster mode
 * O(slots). */
void memory_look(const struct redis *redis, struct sample *sample);

#endif
