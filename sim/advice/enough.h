/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enough: the smallest maxmemory under which a server that refuses writes, as it is configured, would refuse none. */
#ifndef SIM_ADVICE_ENOUGH_H
#define SIM_ADVICE_ENOUGH_H

#include "sim/advice/diagnosis.h"
#include "sim/advice/doctor_request.h"

#include <stdbool.h>

/* Looks for it between the maxmemory there is and a quarter more than what is used without a limit (a command that comes
 * needs room beside all that), with `seeds` seeds, to 1 %: sets
 * diagnosis->enough, and adds it to the remedies. Nothing is found where even the most refuses.
 * Quickly: sizes around the answer are not looked at. 0 or -1, as replay_run. */
int enough_find(const struct doctor_request *request, uint64_t seeds, bool quickly, struct diagnosis *diagnosis,
                struct error *error);

#endif
