/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trials: tests a policy that is not evsim's own against a law (laws.h), in several servers and with several seeds.
 * All of it runs in a process of its own, so that a policy that crashes, exits or does not return breaks the law
 * and nothing else. */
#ifndef SIM_TRIALS_H
#define SIM_TRIALS_H

#include "sim/laws.h"

#include <stddef.h>
#include <stdint.h>

struct trials {
    const struct server *const *worlds;
    size_t world_count;
    uint64_t seeds; /* from 1 to this */
    const struct policy *policy;
    const double *parameters; /* NULL: the initial ones */
    int64_t limit_us;         /* of the host's clock, for one law in all worlds */
};

/* 0; or -1 and ERROR_LAW. The error names the world and the seed, and says what was seen there: in the law's own words,
 * or in which hook the policy ended the process, or ran out of time. */
int trials_run(const struct trials *trials, const struct law *law, struct error *error);

#endif
