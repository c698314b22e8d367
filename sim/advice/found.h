/* SPDX-License-Identifier: GPL-3.0-or-later */
/* found: turns what was simulated into what is told: the points of each line, the slopes beside its answer, headroom, the
 * machine, warnings. */
#ifndef SIM_ADVICE_FOUND_H
#define SIM_ADVICE_FOUND_H

#include "sim/advice/headroom.h"
#include "sim/advice/simulations.h"

/* The goals of the request, as the sizing has them. */
void found_goals(const struct simulations *simulations);
/* All else, once the sizing's lines have their answers. */
void found_tell(const struct simulations *simulations, const struct write_load *load);

#endif
