/* SPDX-License-Identifier: GPL-3.0-or-later */
/* group_curves: groups of keys (--by) over time, at the samples of a cell's curve.
 *
 * A row is what all groups met so far stood at. When the curve drops samples, so do the rows. At the end the groups that
 * ever were the largest have a curve each, and all others one together: GROUP_CURVES_MOST in all. */
#ifndef SIM_GROUP_CURVES_H
#define SIM_GROUP_CURVES_H

#include "sim/result.h"

#include <stddef.h>
#include <stdint.h>

enum { GROUP_CURVES_MOST = 32 };

struct group_row {
    int64_t time_us;
    uint32_t count;
    struct group_point *points; /* by group; owned */
};

struct group_curves {
    struct group_row *rows; /* owned */
    uint32_t count, capacity;
};

void group_curves_release(struct group_curves *curves);
/* A sample was taken at time_us, and the curve has it, unless it has dropped it at once. `count` groups have been met. */
void group_curves_add(struct group_curves *curves, const struct curve *curve, int64_t time_us,
                      const struct group *groups, uint32_t count);
/* The last sample has come, and has replaced those of its time. */
void group_curves_drop_from(struct group_curves *curves, int64_t time_us);
/* Fills the result's group_curves beside its curve, for which there are rows. `names` are by group. */
void group_curves_finish(const struct group_curves *curves, char *const *names, struct result *result);

#endif
