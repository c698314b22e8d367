/* SPDX-License-Identifier: GPL-3.0-or-later */
/* miss_costs: what a miss costs in each group of keys (--by), from a file:
 *
 *     # a comment
 *     user 5ms
 *     (no prefix) 1ms      the name as results have it; the time is the last word
 *     * 20ms               of all other groups; without such a line 0 */
#ifndef SIM_MISS_COSTS_H
#define SIM_MISS_COSTS_H

#include "sim/error.h"
#include "sim/text_index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MISS_COST_MOST_US INT64_C(86400000000)

struct miss_cost {
    int64_t cost_us;
    int line; /* in the file */
};

struct miss_costs {
    struct text_index groups;
    struct miss_cost *list; /* of each group; owned */
    int64_t others_us;
    int others_line; /* where that stands; 0: nowhere */
};

/* Of --miss-cost: a time, or a file with costs by group, which there has to be. `least_us`: the time, or the smallest cost that
 * is not 0. -1 with what is wrong; nothing is left to release then. */
int miss_costs_parse(struct miss_costs *costs, const char *text, bool has_groups, uint64_t memory_limit,
                     int64_t *least_us, struct error *error);
/* -1 with the file, the line and what is wrong; nothing is left to release then. */
int miss_costs_read(struct miss_costs *costs, const char *path, uint64_t memory_limit, struct error *error);
/* One more group, or "*", of that line. 0; or the line where it has a cost already, which stays. */
int miss_costs_add(struct miss_costs *costs, const char *group, int64_t cost_us, int line);
void miss_costs_release(struct miss_costs *costs);

int64_t miss_costs_of(const struct miss_costs *costs, const char *group);
/* The smallest that is not 0; 0: there is none. */
int64_t miss_costs_least(const struct miss_costs *costs);
/* "user 5000; * 20000", in microseconds, for the settings of results. To be freed. */
char *miss_costs_print(const struct miss_costs *costs);

#endif
