/* SPDX-License-Identifier: GPL-3.0-or-later */
/* balance: keys of the first ranks have so many requests that the mean size and the shares of ttls, over requests, would be theirs
 * alone. So they get the mean size, and ttls in such an order that the shares are met. */
#ifndef SIM_GENERATE_BALANCE_H
#define SIM_GENERATE_BALANCE_H

#include "sim/generate/population.h"
#include "sim/generate/ranks.h"

#include <stdint.h>

/* The keys of so many ranks get the mean size, where it is within the bounds. */
void balance_sizes(struct population *population, uint32_t ranks);
/* Likewise ttls of the list, if there is one. */
void balance_ttls(struct population *population, const struct popularity_params *popularity, uint32_t ranks);

#endif
