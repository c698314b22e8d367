/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trials: a law (laws.h) tried on a policy that nobody knows, in several servers and with several seeds. All of it runs
 * in a process of its own, so that a policy that crashes, exits or never comes back breaks the law and nothing else. */
#ifndef SIM_TRIALS_H
#define SIM_TRIALS_H

#include "sim/laws.h"

#include <stddef.h>
#include <stdint.h>

struct trials {
    const struct server *const *worlds;
    size_t world_count;
    uint64_t seeds; /* 1 and on */
    const struct policy *policy;
    const double *parameters; /* NULL: the initial ones */
    int64_t limit_us;         /* of the host's clock, for one law in all worlds */
};

/* 0; or -1 and ERROR_LAW, with the world, the seed, and what was seen there instead: the law's own words, or in which
 * hook the policy ended the process or was when its time was over. */
int trials_run(const struct trials *trials, const struct law *law, struct error *error);

#endif
