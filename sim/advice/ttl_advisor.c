/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/ttl_advisor.h"

#include "sim/alloc.h"
#include "sim/input/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Prefixes with less of all bytes are not told of. */
static const double LEAST_SHARE = 0.01;

static double without_ttl(const struct ttl_curve *curve)
{
    return curve->byte_us - curve->own_byte_us;
}

/* The place of the knee; TTL_CURVE_POINTS: there is none, for nothing is read, or no ttl costs less than its share. */
static int knee_of(const struct ttl_curve *curve)
{
    int knee = TTL_CURVE_POINTS;
    double farthest = 0.01;

    if (!(curve->hits > 0) || !(without_ttl(curve) > 0))
        return knee;
    for (int i = 0; i < TTL_CURVE_POINTS; i++) {
        double above = curve->hits_at[i] / curve->hits - curve->byte_us_at[i] / curve->byte_us;

        if (above > farthest) {
            farthest = above;
            knee = i;
        }
    }
    return knee;
}

/* The prefix as a pattern of names: what has a meaning there is taken as it is. To be freed. */
static char *pattern_of(const char *prefix, const char *separator)
{
    char *pattern = xmalloc(2 * strlen(prefix) + strlen(separator) + 2), *end = pattern;

    for (; *prefix; prefix++) {
        if (strchr("*?[]\\^", *prefix))
            *end++ = '\\';
        *end++ = *prefix;
    }
    strcpy(end, separator);
    strcat(end, "*");
    return pattern;
}

static double ratio(double hits, double reads)
{
    return reads > 0 ? hits / reads : NAN;
}

static void take_points(struct ttl_advice *advice, const struct ttl_curve *curve, double time_us)
{
    int knee = knee_of(curve);

    advice->points = xcalloc(TTL_CURVE_POINTS, sizeof *advice->points);
    for (int i = 0; i < TTL_CURVE_POINTS; i++) {
        struct ttl_point *point = &advice->points[advice->point_count++];

        *point = (struct ttl_point){ttl_curve_seconds[i], ratio(curve->hits_at[i], curve->reads),
                                    curve->byte_us_at[i] / time_us};
        if (!advice->long_s && (double)ttl_curve_seconds[i] >= advice->reuse_p99_s)
            advice->long_s = ttl_curve_seconds[i];
        if (i == knee) {
            advice->knee_s = point->ttl_s;
            advice->knee_hit_ratio = point->hit_ratio;
            advice->knee_mean_bytes = point->mean_bytes;
        }
        if (curve->byte_us_at[i] >= curve->byte_us * (1 - 1e-9))
            return; /* longer ones change nothing */
    }
}

static struct ttl_advice advice_of(const struct ttl_curve *curve, const char *name, size_t group, bool is_alone,
                                   const char *separator, double time_us)
{
    struct ttl_advice advice = {
        .prefix = xstrdup(name),
        .pattern = group >= GROUP_FIRST_NAMED ? pattern_of(name, separator) : xstrdup(is_alone ? "*" : ""),
        .keys = curve->keys,
        .reads = curve->reads,
        .hit_ratio = ratio(curve->hits, curve->reads),
        .mean_bytes = curve->byte_us / time_us,
        .share_with_ttl = curve->byte_us > 0 ? curve->own_byte_us / curve->byte_us : 0,
        .reuse_p50_s = ttl_curve_gap(curve, 0.5),
        .reuse_p99_s = ttl_curve_gap(curve, 0.99),
    };

    take_points(&advice, curve, time_us);
    return advice;
}

void ttl_advisor_advise(struct diagnosis *diagnosis, const struct ttl_curves *curves, const char *separator,
                        int64_t duration_us)
{
    size_t count = curves->group_count;
    double all = 0;
    bool *told = xcalloc(curves->group_count + 1, sizeof *told);

    for (size_t g = 0; g < count; g++)
        all += curves->groups[g].byte_us;
    diagnosis->ttls = xcalloc(TTL_PREFIXES, sizeof *diagnosis->ttls);
    for (int i = 0; i < TTL_PREFIXES && duration_us > 0; i++) {
        size_t most = count;

        for (size_t g = 0; g < count; g++)
            if (!told[g] && curves->groups[g].name && curves->groups[g].byte_us > LEAST_SHARE * all &&
                (most == count || without_ttl(&curves->groups[g]) > without_ttl(&curves->groups[most])))
                most = g;
        if (most == count)
            break;
        told[most] = true;
        diagnosis->ttls[diagnosis->ttl_count++] =
            advice_of(&curves->groups[most], curves->groups[most].name, most,
                      curves->groups[most].byte_us >= 0.999 * all, separator, (double)duration_us);
    }
    free(told);
}
