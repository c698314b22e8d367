/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample: the lowest-ranked of some keys drawn at random, for policies whose ranks change by themselves, so that no
 * order can be kept. Each database gives a sample, as in Redis's own policies. */
#ifndef POLICIES_SAMPLE_H
#define POLICIES_SAMPLE_H

#include "sim/policy.h"

enum { SAMPLE_MOST = 1024 };

typedef double sample_rank_fn(struct policy_context *context, uint32_t id);

/* NO_KEY when there is no key in scope; `rank` is then not called. `lowest`, unless NULL, gets the rank of the key. */
uint32_t sample_lowest(struct policy_context *context, int keys, sample_rank_fn *rank, double *lowest);

#endif
