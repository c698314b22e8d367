/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mrc/mrc.h"

#include "sim/alloc.h"
#include "sim/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_OF struct mrc_point
const struct layout mrc_point_layout = LAYOUT("mrc_point", MRC_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct mrc_curve
const struct layout mrc_curve_layout = LAYOUT("mrc_curve", MRC_CURVE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct mrc
const struct layout mrc_layout = LAYOUT("mrc", MRC_FIELDS);
#undef FIELDS_OF

struct mrc_access mrc_access_of(const struct batch *batch, uint32_t row)
{
    const struct command *command = &command_table[batch->op[row]];

    if (!request_has_size(batch, row))
        return (struct mrc_access){0};
    return (struct mrc_access){
        .reads = request_looks_up(batch, row),
        .writes = request_makes_key(batch, row),
        .deletes = request_deletes(batch, row),
        .retimes = (command->sets || command->retimes) && batch->flags[row] & REQUEST_TTL,
        .drops_ttl = request_drops_ttl(batch, row),
    };
}

double mrc_drawn_share(const struct mrc_plan *plan, uint64_t salt)
{
    uint32_t drawn = 0;

    if (!plan->keys || plan->rate >= 1)
        return plan->rate;
    for (uint32_t id = 0; id < plan->keys; id++)
        drawn += mrc_draw(id, salt) < plan->rate;
    return drawn ? (double)drawn / plan->keys : plan->rate;
}

void mrc_points(const struct mrc_plan *plan, const double *miss_ratios, struct mrc_point *points)
{
    for (size_t size = 0; size < plan->size_count; size++) {
        struct estimate estimate = estimate_mean(&miss_ratios[size * plan->salts], plan->salts);

        points[size] = (struct mrc_point){
            .size = plan->sizes[size],
            .miss_ratio = estimate.mean,
            .low = fmax(0, estimate.mean - estimate.half_width),
            .high = fmin(1, estimate.mean + estimate.half_width),
        };
        if (plan->rate >= 1 && !plan->most_keys)
            points[size].low = points[size].high = estimate.mean;
        else if (isnan(estimate.half_width))
            points[size].low = points[size].high = NAN;
    }
}

void mrc_control(const struct mrc_plan *plan, double *miss_ratios, const double *lru, const double *exact)
{
    for (size_t size = 0; size < plan->size_count; size++)
        for (unsigned salt = 0; salt < plan->salts; salt++) {
            size_t i = size * plan->salts + salt;

            miss_ratios[i] = fmin(1, fmax(0, miss_ratios[i] - (lru[i] - exact[size])));
        }
}

void mrc_release(struct mrc *mrc)
{
    fields_release(&mrc_layout, mrc);
}

int mrc_check(const struct mrc *mrc, struct error *error)
{
    for (size_t c = 0; c < mrc->curve_count; c++) {
        const struct mrc_curve *curve = &mrc->curves[c], *first = &mrc->curves[0];

        if (curve->count != first->count)
            return error_set(error, ERROR_INPUT, "curves are not of the same sizes");
        for (size_t i = 0; i < curve->count; i++)
            if (curve->points[i].size != first->points[i].size ||
                curve->points[i].size <= (i ? curve->points[i - 1].size : 0))
                return error_set(error, ERROR_INPUT, "curves are not of the same, increasing sizes");
    }
    return 0;
}
