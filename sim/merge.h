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

#endif
