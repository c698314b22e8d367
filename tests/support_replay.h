/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_replay: a whole trace through many cells, whose policies know its future if they want to. */
#ifndef TESTS_SUPPORT_REPLAY_H
#define TESTS_SUPPORT_REPLAY_H

#include "sim/model.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills results[i] for cells[i], without curves. The trace is read twice; all cells have the same options. False when
 * no reader knows the trace; fails the test when it cannot be read. */
bool replay_trace(const char *path, const struct cell_config *cells, size_t count, struct result *results);

#endif
