/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/steep.h"

#include "sim/advice/ladder.h"

#include <math.h>
#include <stdlib.h>

static const double STEEP = 0.01; /* of the reads, or of the writes, between two sizes */

size_t steep_gaps(const uint64_t *sizes, const double *steps, size_t count, bool objects, size_t group,
                  struct steep_gap *gaps)
{
    const struct ladder ladder = {.precision = 0.01, .objects = objects};
    size_t found = 0;

    for (size_t i = 0; i + 1 < count; i++) {
        uint64_t middle = (uint64_t)sqrt((double)sizes[i] * (double)sizes[i + 1]);
        struct steep_gap gap = {ladder_up_to(&ladder, middle ? middle : 1), steps[i], group};

        if (gap.step > STEEP && gap.size > sizes[i] && gap.size < sizes[i + 1])
            gaps[found++] = gap;
    }
    return found;
}

static int steepest_first(const void *a, const void *b)
{
    const struct steep_gap *left = a, *right = b;

    if (left->step != right->step)
        return left->step < right->step ? 1 : -1;
    if (left->size != right->size)
        return left->size > right->size ? 1 : -1;
    return (left->group > right->group) - (left->group < right->group);
}

void steep_sort(struct steep_gap *gaps, size_t count)
{
    qsort(gaps, count, sizeof *gaps, steepest_first);
}

uint64_t steep_at_once(uint64_t left)
{
    return (left + 1) / 2;
}
