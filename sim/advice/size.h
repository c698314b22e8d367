/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size: how much memory each policy of each server needs to meet goals.
 *
 *     first reading     without a limit: what can be had at all, and how much memory that takes
 *     further readings  each replays the sizes that the searches ask for (search.h), of all policies and servers at once
 *
 * A goal that is missed without a limit is missed at every size, as a rule: the whole range is looked at; then the
 * search goes on for the smallest size that comes within 0.1 % of the best value, so that it can be said. */
#ifndef SIM_ADVICE_SIZE_H
#define SIM_ADVICE_SIZE_H

#include "sim/advice/simulations.h"
#include "sim/advice/sizing.h"
#include "sim/error.h"

/* Fills all of it but the version, the command and the settings, which are the caller's. 0; or -1 as replay_run does, or
 * where the trace cannot be read more than once. To be released either way. */
int size_make(const struct size_request *request, struct sizing *sizing, struct error *error);

#endif
