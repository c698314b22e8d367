/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/histogram.h"

#include "sim/absence.h"

enum { TTL_UNIT_US = 1000 };

struct histogram histogram_asked_again(const struct result *result)
{
    return (struct histogram){result->quality.asked_again, result->quality.asked_again_count, ABSENCE_UNIT_US};
}

struct histogram histogram_ttl_left(const struct result *result)
{
    return (struct histogram){result->quality.ttl_left, result->quality.ttl_left_count, TTL_UNIT_US};
}

uint64_t histogram_count_below(struct cell cell, histogram_fn *histogram_of, int64_t end_us)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < cell.count; i++) {
        struct histogram histogram = histogram_of(&cell.results[i]);

        for (size_t j = 0; j < histogram.count && histogram.buckets[j].from_us < end_us; j++)
            sum += histogram.buckets[j].count;
    }
    return sum;
}

int64_t histogram_half_before(struct cell cell, histogram_fn *histogram_of)
{
    uint64_t all = histogram_count_below(cell, histogram_of, INT64_MAX);
    int64_t end_us = histogram_of(cell.results).unit_us;

    while (histogram_count_below(cell, histogram_of, end_us) < all - all / 2 && end_us < INT64_MAX / 2)
        end_us *= 2;
    return end_us;
}

int64_t histogram_half_from(struct cell cell, histogram_fn *histogram_of)
{
    uint64_t all = histogram_count_below(cell, histogram_of, INT64_MAX);
    int64_t unit_us = histogram_of(cell.results).unit_us, from_us = unit_us;

    while (histogram_count_below(cell, histogram_of, from_us) <= all / 2 && from_us < INT64_MAX / 2)
        from_us *= 2;
    return from_us > unit_us ? from_us / 2 : 0;
}
