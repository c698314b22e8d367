/* SPDX-License-Identifier: GPL-3.0-or-later */
/* causes: why a server refuses writes or evicts. Each is a row: its name, and a function that weighs it.
 *
 * A weight of 1 or more says that the refusals would not have been without it, by a simulation or by the curve of
 * used_memory; below 1 it is the share that it explains, as far as that can be said. Causes below 0.1 are not told. */
#ifndef SIM_ADVICE_CAUSES_H
#define SIM_ADVICE_CAUSES_H

#include "sim/advice/cause.h"

/* Adds the causes that apply, the heaviest first. */
void causes_find(const struct findings *findings);

#endif
