/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/group_curves.h"

#include "sim/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void group_curves_release(struct group_curves *curves)
{
    for (size_t i = 0; i < curves->count; i++)
        free(curves->rows[i].points);
    free(curves->rows);
    *curves = (struct group_curves){0};
}

static struct group_point point_of(const struct group *group)
{
    return (struct group_point){
#define TAKE(kind, type, name) .name = group->name,
        GROUP_POINT_FIELDS(TAKE)
#undef TAKE
    };
}

/* Both are in the order of time; two samples may be of one instant. */
static void drop_rows_without_sample(struct group_curves *curves, const struct curve *curve)
{
    uint32_t kept = 0;
    size_t sample = 0;

    for (uint32_t i = 0; i < curves->count; i++) {
        while (sample < curve->count && curve->samples[sample].time_us < curves->rows[i].time_us)
            sample++;
        if (sample < curve->count && curve->samples[sample].time_us == curves->rows[i].time_us) {
            curves->rows[kept++] = curves->rows[i];
            sample++;
        } else {
            free(curves->rows[i].points);
        }
    }
    curves->count = kept;
}

void group_curves_drop_from(struct group_curves *curves, int64_t time_us)
{
    while (curves->count && curves->rows[curves->count - 1].time_us >= time_us)
        free(curves->rows[--curves->count].points);
}

void group_curves_add(struct group_curves *curves, const struct curve *curve, int64_t time_us,
                      const struct group *groups, uint32_t count)
{
    struct group_row row = {time_us, count, xcalloc(count ? count : 1, sizeof *row.points)};

    for (uint32_t i = 0; i < count; i++)
        row.points[i] = point_of(&groups[i]);
    if (curves->count == curves->capacity)
        curves->rows = xgrow(curves->rows, &curves->capacity, curves->count + 1, sizeof *curves->rows);
    curves->rows[curves->count++] = row;
    if (curves->count > curve->count)
        drop_rows_without_sample(curves, curve);
}

/* ---- the end ---- */

/* A group at its largest. */
struct extent {
    uint32_t group;
    uint64_t bytes, requests;
};

/* The largest first; then the most often asked; then in the order in which they were met. */
static int by_extent(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;

    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    if (x->requests != y->requests)
        return x->requests < y->requests ? 1 : -1;
    return x->group < y->group ? -1 : 1;
}

static bool is_idle(const struct group_point *point)
{
    static const struct group_point none = {0};

    return !memcmp(point, &none, sizeof none);
}

/* Of the groups in which something happened. Returns how many; to be freed. */
static size_t find_extents(const struct group_curves *curves, struct extent **extents)
{
    const struct group_row *last = &curves->rows[curves->count - 1];
    size_t found = 0;

    *extents = xcalloc(last->count ? last->count : 1, sizeof **extents);
    for (uint32_t group = 0; group < last->count; group++) {
        struct extent extent = {.group = group, .requests = last->points[group].requests};

        for (size_t i = 0; i < curves->count; i++)
            if (group < curves->rows[i].count && curves->rows[i].points[group].bytes > extent.bytes)
                extent.bytes = curves->rows[i].points[group].bytes;
        if (extent.bytes || !is_idle(&last->points[group]))
            (*extents)[found++] = extent;
    }
    qsort(*extents, found, sizeof **extents, by_extent);
    return found;
}

static void add_group(struct group_curve *to, const struct group_curves *curves, uint32_t group)
{
    for (size_t i = 0; i < curves->count; i++) {
        if (group >= curves->rows[i].count)
            continue;
#define ADD(kind, type, name) to->points[i].name += curves->rows[i].points[group].name;
        GROUP_POINT_FIELDS(ADD)
#undef ADD
    }
}

void group_curves_finish(const struct group_curves *curves, char *const *names, struct result *result)
{
    struct extent *extents;
    size_t found, alone;

    assert(curves->count == result->curve.count);
    if (!curves->count)
        return;
    found = find_extents(curves, &extents);
    alone = found <= GROUP_CURVES_MOST ? found : GROUP_CURVES_MOST - 1;
    result->group_curve_count = alone + (found > alone);
    result->group_curves =
        xcalloc(result->group_curve_count ? result->group_curve_count : 1, sizeof *result->group_curves);
    for (size_t i = 0; i < result->group_curve_count; i++) {
        result->group_curves[i].name = xstrdup(i < alone ? names[extents[i].group] : GROUP_CURVES_REST);
        result->group_curves[i].points = xcalloc(curves->count, sizeof *result->group_curves[i].points);
        result->group_curves[i].count = curves->count;
    }
    for (size_t i = 0; i < found; i++)
        add_group(&result->group_curves[i < alone ? i : alone], curves, extents[i].group);
    free(extents);
}
