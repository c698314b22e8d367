/* SPDX-License-Identifier: GPL-3.0-or-later */
/* goals: what a size of memory must give, as the user writes it.
 *
 *     hit_ratio>=0.95, oom_rejections=0, evicted_keys/s<100, misses/s@p99<=5000
 *
 * A goal compares (>=, >, <=, <, =) a number of a result: a ratio of summary.json (hit_ratio, byte_hit_ratio,
 * oom_share), any of its counters, a counter per second of the trace (NAME/s), or the rate that 99 % of the minutes did
 * not exceed (evicted_keys/s@p99, misses/s@p99). A target is a number; 95% is 0.95; of what is counted in bytes, 500mb.
 */
#ifndef SIM_ADVICE_GOALS_H
#define SIM_ADVICE_GOALS_H

#include "sim/error.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GOALS = 16, GOAL_TEXT = 96 };

enum goal_measure {
    GOAL_HIT_RATIO,
    GOAL_BYTE_HIT_RATIO,
    GOAL_OOM_SHARE,
    GOAL_EVICTED_P99,
    GOAL_MISSES_P99,
    GOAL_COUNTER,
    GOAL_COUNTER_RATE,
};

enum goal_compare { GOAL_AT_LEAST, GOAL_ABOVE, GOAL_AT_MOST, GOAL_BELOW, GOAL_EQUAL };

struct goal {
    char text[GOAL_TEXT]; /* as it is written, without blanks */
    char name[GOAL_TEXT]; /* of what is compared */
    enum goal_measure measure;
    int counter; /* of GOAL_COUNTER and GOAL_COUNTER_RATE: COUNTER_hits ... */
    enum goal_compare compare;
    double target;
};

struct goals {
    struct goal goals[GOALS];
    size_t count;
};

/* 0, or -1 (ERROR_USAGE) with which goal is wrong, and what one looks like. */
int goals_scan(struct goals *goals, const char *text, struct error *error);

/* What the goal compares, of a result over duration_us; NaN where there is nothing to measure: no read for a hit ratio,
 * no time for a rate. Of a cluster, ratios are those of the worst of all its shards and their sum; what is counted is counted
 * in all shards together. */
double goal_value(const struct goal *goal, const struct result *result, int64_t duration_us);
/* Whether this value meets it; NaN never does. */
bool goal_meets(const struct goal *goal, double value);
/* How far the value is from the target, in the goal's own unit: above 0 when it is on the wrong side. */
double goal_lack(const struct goal *goal, double value);
/* Whether windows of a run know the value: it follows from what points of a curve count. */
bool goal_has_windows(const struct goal *goal);
/* Of the time between two points of a curve, the first of which may be NULL: the start. The goal has windows. */
double goal_window_value(const struct goal *goal, const struct sample *from, const struct sample *to);

#endif
