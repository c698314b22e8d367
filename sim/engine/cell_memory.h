/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cell_memory: how much of this host's memory a cell will take, before it does. */
#ifndef SIM_ENGINE_CELL_MEMORY_H
#define SIM_ENGINE_CELL_MEMORY_H

#include "sim/model.h"

#include <stdint.h>

/* Bytes of this host's memory that a cell takes at most over so many keys: strings, whose number is all that matters.
 * A forecast: what the elements of hashes and the like take is not in it. */
uint64_t work_cell_bytes(const struct cell_config *cell, uint64_t keys);

#endif
