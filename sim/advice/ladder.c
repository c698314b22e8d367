/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/ladder.h"

#include <assert.h>

enum { DIGITS = 9, STEPS = 4 * DIGITS };

/* The distance between neighbours in the k-th stretch of the ladder. */
static uint64_t step_of(const struct ladder *ladder, int k)
{
    static const uint64_t digits[DIGITS] = {1, 2, 5, 10, 20, 50, 100, 200, 500};
    uint64_t unit = 1;

    for (int i = 0; i < k / DIGITS; i++)
        unit *= ladder->objects ? 1000 : 1024;
    return digits[k % DIGITS] * unit;
}

/* The stretch that a size lies in: the last whose step is no more than the precision of it. */
static int stretch_of(const struct ladder *ladder, uint64_t size)
{
    int k = 0;

    while (k + 1 < STEPS && (double)step_of(ladder, k + 1) <= ladder->precision * (double)size)
        k++;
    return k;
}

/* The first size of a stretch. */
static uint64_t start_of(const struct ladder *ladder, int k)
{
    uint64_t size = (uint64_t)((double)step_of(ladder, k) / ladder->precision);

    while (stretch_of(ladder, size) < k)
        size++;
    while (size > 1 && stretch_of(ladder, size - 1) >= k)
        size--;
    return size;
}

uint64_t ladder_up_to(const struct ladder *ladder, uint64_t size)
{
    assert(size && size <= UINT64_C(1) << 62);
    for (;;) {
        int k = stretch_of(ladder, size);
        uint64_t step = step_of(ladder, k), rounded = (size + step - 1) / step * step;

        if (stretch_of(ladder, rounded) == k)
            return rounded;
        size = start_of(ladder, k + 1); /* none is left in this one */
    }
}

uint64_t ladder_down_to(const struct ladder *ladder, uint64_t size)
{
    assert(size && size <= UINT64_C(1) << 62);
    for (;;) {
        int k = stretch_of(ladder, size);
        uint64_t step = step_of(ladder, k), rounded = size / step * step;

        if (rounded && stretch_of(ladder, rounded) == k)
            return rounded;
        size = start_of(ladder, k) - 1;
    }
}

uint64_t ladder_above(const struct ladder *ladder, uint64_t size)
{
    return ladder_up_to(ladder, size + 1);
}

uint64_t ladder_below(const struct ladder *ladder, uint64_t size)
{
    return size > 1 ? ladder_down_to(ladder, size - 1) : 0;
}
