/* SPDX-License-Identifier: GPL-3.0-or-later */
/* merge: several runs of one trace, with the same settings, become one.
 *
 * Runs differ by their grid: servers, policies, sizes, seeds. All else must be the same: the trace's digest, every
 * other setting, the version of evsim; otherwise numbers would stand side by side that cannot be compared. A result
 * that two runs have is kept once, and must be the same in both.
 *
 * Servers, sizes and policies come in the order in which they first appear, seeds by number: parts of one grid,
 * given in its order, are that grid again. Not every cell needs to be there: what is missing is missing in the
 * reports. */
#ifndef SIM_MERGE_H
#define SIM_MERGE_H

#include "sim/error.h"
#include "sim/result.h"

#include <stddef.h>

/* The contents of `parts` pass to `merged`; `names` say where each part is from. 0; or -1 (ERROR_INPUT) with what
 * differs. Both are to be released either way. */
int run_merge(struct run *parts, const char *const *names, size_t count, struct run *merged, struct error *error);

/* Which of a grid's cells a part has. */
struct span {
    size_t first, count;
};

/* The same, of parts of one command whose places are known: the run that the command would have made of all cells at once. A part has
 * its cells' results once, or several times (with each table of slots, with each change); so has the whole, `cells` each time.
 * Together the spans are the grid, in its order. */
int run_join(struct run *parts, const char *const *names, const struct span *spans, size_t count, size_t cells,
             struct run *whole, struct error *error);

#endif
