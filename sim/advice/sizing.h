/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sizing: what evsim size found, as plain data: which maxmemory each policy of each server needs to meet the goals, and
 * what was simulated to know that. size.h makes it, the reports read it. */
#ifndef SIM_ADVICE_SIZING_H
#define SIM_ADVICE_SIZING_H

#include "sim/fields.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIZED_GOAL_FIELDS(X)                                                                                           \
    X(TEXT, text) /* hit_ratio>=0.95 */                                                                                \
    X(TEXT, name) /* hit_ratio */                                                                                      \
    X(VALUE, double, target)

struct sized_goal {
    SIZED_GOAL_FIELDS(FIELD_DECLARE)
};

/* What a goal compares, at one size. NaN: there is nothing to measure. */
#define SIZED_VALUE_FIELDS(X)                                                                                          \
    X(VALUE, double, mean) /* over the seeds, */                                                                       \
    X(VALUE, double, least)                                                                                            \
    X(VALUE, double, most)                                                                                             \
    X(VALUE, double, half_width)    /* of the mean's 95 % confidence interval; NaN with one seed */                    \
    X(VALUE, double, further)       /* in 99 of 100 cases (95 with less than 5 seeds) a further seed's is no worse */  \
    X(VALUE, uint64_t, seeds_met)   /* so many of them meet the goal */                                                \
    X(VALUE, bool, meets_with_more) /* and so does the further seed's */

struct sized_value {
    SIZED_VALUE_FIELDS(FIELD_DECLARE)
};

#define SIZED_POINT_FIELDS(X)                                                                                          \
    X(VALUE, uint64_t, maxmemory) /* 0: no limit */                                                                    \
    X(VALUE, uint64_t, seeds)                                                                                          \
    X(VALUE, uint64_t, seeds_met)              /* so many meet every goal */                                           \
    X(VALUE, bool, meets)                      /* all do, and of each goal meets_with_more */                          \
    X(VALUE, double, hit_ratio)                /* mean */                                                              \
    X(VALUE, double, used_memory)              /* highest, of all seeds */                                             \
    X(VALUE, double, keys)                     /* likewise */                                                          \
    X(ARRAY, sized_value, values, value_count) /* by goal */

struct sized_point {
    SIZED_POINT_FIELDS(FIELD_DECLARE)
};

/* A part of the trace with --split. */
#define SIZED_WINDOW_FIELDS(X)                                                                                         \
    X(VALUE, int64_t, from_us)                                                                                         \
    X(VALUE, int64_t, to_us)                                                                                           \
    X(VALUE, bool, found)                                                                                              \
    X(VALUE, uint64_t, maxmemory) /* the least that meets the goals in it, with the first seed */

struct sized_window {
    SIZED_WINDOW_FIELDS(FIELD_DECLARE)
};

/* A part of what a server needs besides maxmemory (headroom.h). */
#define SIZED_HEADROOM_FIELDS(X)                                                                                       \
    X(TEXT, name)                                                                                                      \
    X(VALUE, uint64_t, bytes)                                                                                          \
    X(VALUE, bool, is_counted) /* the server counts it in what it compares with maxmemory */                           \
    X(TEXT, assumes)

struct sized_headroom {
    SIZED_HEADROOM_FIELDS(FIELD_DECLARE)
};

/* The machine that follows (instances.h). */
#define SIZED_INSTANCE_FIELDS(X)                                                                                       \
    X(TEXT_OR_NULL, rule)        /* whose; NULL: nobody asked */                                                       \
    X(TEXT_OR_NULL, source)      /* where the rule is from, and of when; NULL: the user's own */                       \
    X(VALUE, double, reserve)    /* share of the machine's memory that is not maxmemory */                             \
    X(VALUE, uint64_t, needs)    /* bytes that the machine must have */                                                \
    X(TEXT_OR_NULL, name)        /* the smallest with as many; NULL: the rule names none that large */                 \
    X(VALUE, uint64_t, memory)   /* of it, or what is needed */                                                        \
    X(VALUE, uint64_t, machines) /* so many of them: a cluster's shards */                                             \
    X(VALUE, double, cost)       /* of all; NaN: no price was given */

struct sized_instance {
    SIZED_INSTANCE_FIELDS(FIELD_DECLARE)
};

/* A policy of a server. */
#define SIZED_LINE_FIELDS(X)                                                                                           \
    X(TEXT, server)                                                                                                    \
    X(TEXT, policy)                                                                                                    \
    X(VALUE, bool, found)         /* a size meets every goal */                                                        \
    X(VALUE, uint64_t, maxmemory) /* the smallest; else the smallest that comes within 0.1 % of the best; 0: none */   \
    X(VALUE, uint64_t,                                                                                                 \
      shard_maxmemory) /* what each shard of a cluster has then; 0: it is a server, or nothing found */                \
    X(VALUE, uint64_t, least_tried)                                                                                    \
    X(VALUE, uint64_t, most_tried)                                                                                     \
    X(VALUE, bool, can_be_set)       /* by CONFIG SET: it is a Redis server, and a policy of its own */                \
    X(VALUE, bool, memory_is_least)  /* there used_memory and evictions are lower bounds (warnings.h), */              \
    X(VALUE, bool, oom_is_least)     /* and so are OOM rejections */                                                   \
    X(VALUE, uint64_t, misses_again) /* a larger size misses a goal; 0: none that was tried does */                    \
    X(VALUE, double, gain_per_100mb) /* hit ratio per 100 MB more, and less: NaN: not known */                         \
    X(VALUE, double, loss_per_100mb)                                                                                   \
    X(ARRAY, sized_point, points, point_count) /* that were simulated, by size; without a limit last */                \
    X(ARRAY, sized_window, windows, window_count)                                                                      \
    X(TEXT_OR_NULL, headroom_shard) /* of a cluster: the shard that needs the most, of which the next are */           \
    X(ARRAY, sized_headroom, headroom, headroom_count)                                                                 \
    X(VALUE, uint64_t, needed_memory) /* maxmemory and all of these; 0: there is no answer, or no pages */             \
    X(STRUCT, sized_instance, instance)

struct sized_line {
    SIZED_LINE_FIELDS(FIELD_DECLARE)
};

#define SIZING_FIELDS(X)                                                                                               \
    X(TEXT, version)                                                                                                   \
    X(STRUCT, run, run) /* the trace and how it was replayed; it has no results */                                     \
    X(ARRAY, warning, warnings, warning_count)                                                                         \
    X(VALUE, double, precision)                                                                                        \
    X(VALUE, uint64_t, seeds)                                                                                          \
    X(VALUE, uint64_t, simulations)                                                                                    \
    X(VALUE, uint64_t, readings) /* of the trace */                                                                    \
    X(VALUE, bool, unit_sizes)   /* sizes count objects */                                                             \
    X(ARRAY, sized_goal, goals, goal_count)                                                                            \
    X(ARRAY, sized_line, lines, line_count) /* server-major */

struct sizing {
    SIZING_FIELDS(FIELD_DECLARE)
};

extern const struct layout sized_goal_layout, sized_value_layout, sized_point_layout, sized_window_layout,
    sized_headroom_layout, sized_instance_layout, sized_line_layout, sizing_layout;

void sizing_release(struct sizing *sizing);
/* Whether what was read from a file makes sense: a value for each goal at each size. -1 (ERROR_INPUT) with what does
 * not. */
int sizing_check(const struct sizing *sizing, struct error *error);

/* The point of this size; NULL: none. */
const struct sized_point *sized_point(const struct sized_line *line, uint64_t maxmemory);

#endif
