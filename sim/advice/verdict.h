/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict: how a server is, in a sentence, and what to do first. */
#ifndef SIM_ADVICE_VERDICT_H
#define SIM_ADVICE_VERDICT_H

#include "sim/advice/diagnosis.h"

/* Fills the state, the verdict and what to do first; all else of the diagnosis is known, counters are of the server as it is. */
void verdict_tell(struct diagnosis *diagnosis, const struct counters *counters);

#endif
