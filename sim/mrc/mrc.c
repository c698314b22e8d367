/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mrc/mrc.h"

#include "sim/alloc.h"
#include "sim/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct mrc_access mrc_access_of(const struct batch *batch, uint32_t row)
{
    uint16_t flags = batch->flags[row];

    switch ((enum op)batch->op[row]) {
    case OP_GET:
    case OP_MGET:
    case OP_EXISTS:
    case OP_STRLEN:
    case OP_TOUCH:
    case OP_TTL:
    case OP_PTTL:
    case OP_TYPE:
        return (struct mrc_access){.reads = true};
    case OP_GETEX:
        return (struct mrc_access){.reads = true, .retimes = flags & REQUEST_TTL, .drops_ttl = flags & REQUEST_PERSIST};
    case OP_GETDEL:
        return (struct mrc_access){.reads = true, .deletes = true};
    case OP_GETSET:
        return (struct mrc_access){.reads = true, .writes = true, .drops_ttl = true};
    case OP_SET:
    case OP_SETEX:
    case OP_PSETEX:
    case OP_SETNX:
    case OP_MSET:
        return (struct mrc_access){
            .writes = true, .retimes = flags & REQUEST_TTL, .drops_ttl = !(flags & (REQUEST_TTL | REQUEST_KEEPTTL))};
    case OP_APPEND:
    case OP_SETRANGE:
    case OP_INCR:
    case OP_DECR:
    case OP_INCRBY:
    case OP_DECRBY:
        return (struct mrc_access){.writes = true};
    case OP_DEL:
    case OP_UNLINK:
        return (struct mrc_access){.deletes = true};
    case OP_EXPIRE:
    case OP_PEXPIRE:
    case OP_EXPIREAT:
    case OP_PEXPIREAT:
        return (struct mrc_access){.retimes = true};
    case OP_PERSIST:
        return (struct mrc_access){.drops_ttl = true};
    case OP_FLUSHALL:
    case OP_FLUSHDB:
    case OP_SELECT:
    case OP_PING:
    case OP_INFO:
    case OP_COUNT:
        break;
    }
    return (struct mrc_access){0};
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
    for (size_t i = 0; i < mrc->curve_count; i++) {
        free(mrc->curves[i].policy);
        free(mrc->curves[i].points);
    }
    free(mrc->curves);
    settings_free(mrc->settings, mrc->setting_count);
    free(mrc->command);
    free(mrc->trace);
}
