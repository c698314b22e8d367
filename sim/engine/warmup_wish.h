/* SPDX-License-Identifier: GPL-3.0-or-later */
/* warmup_wish: how long a warm-up (warmup.h) the user wants, and how long that is in a trace.
 *
 *     30m             that time
 *     10%             of the time from the first request to the last: the trace is read once more
 *     5000 requests   those, and others at the very time of the last of them: likewise
 *     auto            until the miss ratio has settled (steady_state.h): the plan is replayed once more
 *
 * For auto, the miss ratio of each interval of the curve in which something was read is a value of the series. Of all
 * cells the latest end counts; where one has none, nothing is left out. */
#ifndef SIM_ENGINE_WARMUP_WISH_H
#define SIM_ENGINE_WARMUP_WISH_H

#include "sim/engine/replay.h"
#include "sim/error.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stdint.h>

enum warmup_kind { WARMUP_TIME, WARMUP_PERCENT, WARMUP_REQUESTS, WARMUP_AUTO };

struct warmup_wish {
    enum warmup_kind kind;
    int64_t time_us;   /* TIME */
    double percent;    /* PERCENT: above 0, below 100 */
    uint64_t requests; /* REQUESTS: 1 or more */
    bool is_found;     /* of any kind: what it comes to is known already, and nothing is read for it: */
    int64_t found_us;
    bool found_none; /* auto found no end */
};

/* -1 with a usage error. */
int warmup_wish_parse(struct warmup_wish *wish, const char *text, struct error *error);

/* Sets the plan's warm-up. *missed: auto found no end, so there is none. -1: the trace cannot be read, or not twice; or it has
 * no more requests than are to be left out. */
int warmup_wish_settle(const struct warmup_wish *wish, struct replay_plan *plan, bool *missed, struct error *error);

/* When the miss ratio of the result has settled, since the first request. False: it does not. */
bool warmup_ends_in(const struct result *result, int64_t *end_us);

#endif
