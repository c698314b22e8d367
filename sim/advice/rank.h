/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rank: which remedy is better than which. */
#ifndef SIM_ADVICE_RANK_H
#define SIM_ADVICE_RANK_H

#include "sim/advice/diagnosis.h"

struct ranked {
    const struct tried *trial;
    bool loses_keys;
    int effort;
    size_t place;
};

/* The trials in order, each with its place among them; `ranked` has room for `count`. Of the diagnosis `now` and the role are
 * known. */
void rank_trials(const struct diagnosis *diagnosis, const struct tried *trials, size_t count, struct ranked *ranked);

/* The best first: what ends the refusals; of a store what loses no keys; settings before more memory; the higher hit ratio. */
void trials_rank(struct diagnosis *diagnosis);

#endif
