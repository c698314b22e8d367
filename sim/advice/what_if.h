/* SPDX-License-Identifier: GPL-3.0-or-later */
/* what_if: cells as they are, and with each of some changes, in one reading of the trace, side by side.
 *
 * A changed cell has the seed of the cell that it is compared with: both draw the same random numbers, so that what is different between
 * them is the change (common random numbers), and the interval is that of the mean difference over the seeds. */
#ifndef SIM_ADVICE_WHAT_IF_H
#define SIM_ADVICE_WHAT_IF_H

#include "sim/advice/change.h"
#include "sim/advice/comparison.h"
#include "sim/engine/replay.h"
#include "sim/engine/warmup_wish.h"

#include <stddef.h>
#include <stdint.h>

struct what_if {
    const struct changes *list;
    size_t count;
    const struct change_patterns *patterns;
    uint64_t seeds; /* of each cell of the plan, adjacent */
    /* By change: so many of those behind it are parts of it, and what is left of it beyond their sum is a comparison of its own: their
     * interaction. NULL: none has parts. */
    const size_t *parts;
};

/* Whether each change can be made to each cell: a server that starts, sizes of one kind. -1 (ERROR_USAGE) with what cannot. */
int what_if_check(const struct what_if *what_if, const struct replay_plan *plan, struct error *error);

/* Replays the plan's cells and those that are changed. The run has the results of the plan's cells (with each table of slots, where
 * the cells are clusters), and behind them those with the first change, with the second ... The warm-up is one for all of them: auto
 * looks at those with changes, too. 0 or -1, as replay_run and warmup_wish_settle. */
int what_if_replay(const struct what_if *what_if, const struct replay_plan *plan, const struct warmup_wish *warmup,
                   struct run *run, struct error *error);

/* The warm-up of such a replay alone, as warmup_wish_settle: it is set in the plan. */
int what_if_settle_warmup(const struct what_if *what_if, struct replay_plan *plan, const struct warmup_wish *warmup,
                          bool *missed, struct error *error);

/* What is different with each change, in the results of such a run. The comparison has no run and no version yet. */
void what_if_compare(const struct what_if *what_if, const struct run *run, struct comparison *comparison);

#endif
