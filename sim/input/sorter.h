/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sorter: rows that come a little late, put in order of time (--sort-window).
 *
 *     format -> records nearly in order -> sorter -> records in order -> growth -> ids -> batch
 *
 * A row is held until one has come that is the window later: by then every row that may be as early as it has come, if none is
 * later than the window. Rows of the same time stay in the order in which they came. The rows of a command stay together, with the
 * calls of a script and with what came behind it in a pipeline: the first decides. A row that is late by more than
 * the window stays where it came, so that who reads finds that time runs backwards.
 *
 * SORTER_ROWS are held at most, so that a window that is too long for a fast trace does not take all memory: then the earliest goes
 * before its time. */
#ifndef SIM_INPUT_SORTER_H
#define SIM_INPUT_SORTER_H

#include "sim/input/intake.h"
#include "sim/request.h"

#include <stdbool.h>
#include <stdint.h>

enum { SORTER_ROWS = 1 << 20 };

struct sorter;

/* The intake learns how many rows were moved, and by how much at most; it outlives the sorter. */
struct sorter *sorter_new(int64_t window_us, struct intake *intake);
void sorter_free(struct sorter *sorter); /* NULL is fine */

/* Records as they came, which are copied. */
void sorter_give(struct sorter *sorter, const struct record *records, int count);
/* No more will come: all that is held may be taken. */
void sorter_end(struct sorter *sorter);
/* The next records in order, at most `room`; their texts stay valid until the next call. 0: more are to be given, or that was all. */
int sorter_take(struct sorter *sorter, struct record *records, int room);

/* Whether the row at this line is the last that was given: the one that may be cut off. */
bool sorter_is_last(const struct sorter *sorter, uint64_t line);
/* Whether rows had to go before their time. */
bool sorter_was_full(const struct sorter *sorter);

#endif
