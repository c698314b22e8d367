/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/windows.h"

#include "sim/alloc.h"
#include "sim/inspect/rate.h"

#include <math.h>
#include <stdlib.h>

void windows_release(struct windows *windows)
{
    free(windows->over);
    *windows = (struct windows){.window_us = windows->window_us};
}

void windows_go_on(struct windows *windows, int64_t time_us)
{
    if (windows->at_hand.keys) {
        if (windows->count == windows->capacity) {
            windows->capacity = windows->capacity ? 2 * windows->capacity : 64;
            windows->over = xrealloc(windows->over, windows->capacity * sizeof *windows->over);
        }
        windows->over[windows->count++] = windows->at_hand;
    }
    windows->begin_us = time_us - time_us % windows->window_us;
    windows->at_hand = (struct window){.from_us = windows->begin_us};
    windows->end_us = windows->begin_us + windows->window_us;
}

/* The quantiles of one member of all windows. */
struct member {
    double mean;
    uint64_t median, p99, max;
};

static struct member member_of(const struct window *list, size_t count, uint64_t windows, size_t offset)
{
    uint64_t *sorted = xcalloc(count + 1, sizeof *sorted), zeros = windows - count;
    struct member member;
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        sorted[i] = *(const uint64_t *)(const void *)((const char *)&list[i] + offset);
        sum += (double)sorted[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_counts);
    member = (struct member){.mean = windows ? sum / (double)windows : NAN,
                             .median = quantile_of_sorted(sorted, count, zeros, 0.5),
                             .p99 = quantile_of_sorted(sorted, count, zeros, 0.99),
                             .max = count ? sorted[count - 1] : 0};
    free(sorted);
    return member;
}

void windows_points(const struct windows *windows, int64_t last_us, size_t most, struct working_set_point **points,
                    size_t *count)
{
    size_t whole = (size_t)((last_us + 1) / windows->window_us), together = whole ? (whole + most - 1) / most : 1;
    size_t added = (whole + together - 1) / together;
    struct working_set_point *first;

    *points = xrealloc(*points, (*count + added + 1) * sizeof **points);
    first = *points + *count;
    for (size_t i = 0; i < added; i++)
        first[i] =
            (struct working_set_point){.window_us = windows->window_us,
                                       .from_us = (int64_t)(i * together) * windows->window_us,
                                       .windows = whole - i * together < together ? whole - i * together : together};
    for (size_t i = 0; i <= windows->count; i++) {
        const struct window *window = i < windows->count ? &windows->over[i] : &windows->at_hand;
        size_t place = (size_t)(window->from_us / windows->window_us);
        struct working_set_point *point;

        if (place >= whole)
            continue;
        point = &first[place / together];
        point->keys += (double)window->keys / (double)point->windows;
        point->bytes += (double)window->bytes / (double)point->windows;
    }
    *count += added;
}

struct working_set windows_found(const struct windows *windows, int64_t last_us)
{
    uint64_t complete = (uint64_t)((last_us + 1) / windows->window_us);
    bool last_is_whole = windows->end_us <= last_us + 1, is_cut = !complete;
    size_t count = windows->count;
    struct window *list = xcalloc(count + 1, sizeof *list);
    struct working_set found = {.window_us = windows->window_us, .is_cut = is_cut};
    struct member keys, bytes;

    for (size_t i = 0; i < count; i++)
        list[i] = windows->over[i];
    if (windows->at_hand.keys && (is_cut || last_is_whole))
        list[count++] = windows->at_hand;
    found.windows = is_cut ? count : complete;
    keys = member_of(list, count, found.windows, offsetof(struct window, keys));
    bytes = member_of(list, count, found.windows, offsetof(struct window, bytes));
    free(list);
    found.keys_mean = keys.mean;
    found.keys_median = keys.median;
    found.keys_p99 = keys.p99;
    found.keys_max = keys.max;
    found.bytes_mean = bytes.mean;
    found.bytes_median = bytes.median;
    found.bytes_p99 = bytes.p99;
    found.bytes_max = bytes.max;
    return found;
}
