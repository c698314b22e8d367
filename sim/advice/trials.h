/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trials: the configuration as it is, and each remedy, simulated with several seeds in one reading of the trace.
 *
 * Every remedy is tried singly, with the seeds of all others, so that they differ by the remedy alone; then the best two that can be
 * made together, joined. */
#ifndef SIM_ADVICE_TRIALS_H
#define SIM_ADVICE_TRIALS_H

#include "sim/advice/diagnosis.h"
#include "sim/advice/doctor_request.h"
#include "sim/advice/remedies.h"

/* Fills diagnosis->now and its remedies, which are to be empty, in the order in which they are tried. `first` is the run of
 * the first reading, result 0 that of the configuration; with 0 seeds `now` is made of that alone, and nothing is tried.
 * diagnosis->role is known. 0 or -1, as replay_run. */
int trials_make(const struct doctor_request *request, const struct remedies *remedies, const struct run *first,
                uint64_t seeds, struct diagnosis *diagnosis, struct error *error);

/* Fills the numbers of a trial from its results, one for each seed. */
void trial_take(struct tried *trial, const struct result *results, uint64_t seeds);

#endif
