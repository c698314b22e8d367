/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/evictions.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTE_US = 60 * 1000000, SECONDS = 60 };

void evictions_init(struct evictions *evictions, struct minute_log *log)
{
    *evictions = (struct evictions){.minute_ends_us = MINUTE_US, .log = log};
}

void evictions_release(struct evictions *evictions)
{
    free(evictions->minutes);
    evictions->minutes = NULL;
}

void evictions_begin(struct evictions *evictions, int64_t now_us, const struct counters *counters)
{
    struct minute_log *log = evictions->log;

    evictions_release(evictions);
    evictions_init(evictions, log);
    evictions->begin_us = now_us;
    evictions->first_since = absence_from(MISS_EVICTED, now_us + ABSENCE_UNIT_US - 1).since;
    evictions->minute_ends_us += now_us;
    evictions->before = (struct minute){.misses = counters->misses, .evicted_keys = counters->evicted_keys};
    if (log && log->count) {
        memset(log->list, 0, log->count * sizeof *log->list);
        log->count = 0;
    }
}

static void note_minute(struct minute_log *log, uint32_t place, struct minute minute)
{
    if (place >= log->count) {
        log->list = xgrow(log->list, &log->capacity, place + 1, sizeof *log->list);
        log->count = place + 1;
    }
    log->list[place].misses += minute.misses;
    log->list[place].evicted_keys += minute.evicted_keys;
}

void minute_log_add(struct minute_log *to, const struct minute_log *from)
{
    for (uint32_t i = 0; i < from->count; i++)
        note_minute(to, i, from->list[i]);
}

static void close_minute(struct evictions *evictions, const struct counters *counters)
{
    struct minute minute = {.misses = counters->misses - evictions->before.misses,
                            .evicted_keys = counters->evicted_keys - evictions->before.evicted_keys};

    evictions->before = (struct minute){.misses = counters->misses, .evicted_keys = counters->evicted_keys};
    if (evictions->log)
        note_minute(evictions->log, (uint32_t)((evictions->minute_ends_us - evictions->begin_us) / MINUTE_US) - 1,
                    minute);
    if (!minute.misses && !minute.evicted_keys)
        return;
    if (evictions->count == evictions->capacity)
        evictions->minutes =
            xgrow(evictions->minutes, &evictions->capacity, evictions->count + 1, sizeof *evictions->minutes);
    evictions->minutes[evictions->count++] = minute;
}

void evictions_end_minute(struct evictions *evictions, int64_t now_us, const struct counters *counters)
{
    close_minute(evictions, counters);
    evictions->minute_ends_us = now_us - (now_us - evictions->begin_us) % MINUTE_US + MINUTE_US;
}

static int by_misses(const void *a, const void *b)
{
    const struct minute *x = a, *y = b;

    return (x->misses > y->misses) - (x->misses < y->misses);
}

static int by_evicted_keys(const void *a, const void *b)
{
    const struct minute *x = a, *y = b;

    return (x->evicted_keys > y->evicted_keys) - (x->evicted_keys < y->evicted_keys);
}

/* The minute that 99 % of all minutes do not exceed (nearest rank), in order of `compare`. */
static struct minute p99(struct minute *list, uint32_t count, int64_t lasted_us,
                         int (*compare)(const void *, const void *))
{
    uint64_t minutes = (uint64_t)(lasted_us / MINUTE_US) + 1, rank = minutes - minutes / 100, quiet;

    if (minutes < count)
        minutes = rank = count; /* the last of them ended with the run */
    quiet = minutes - count;
    if (rank <= quiet)
        return (struct minute){0};
    qsort(list, count, sizeof *list, compare);
    return list[rank - quiet - 1];
}

struct minute minutes_p99(struct minute *list, uint32_t count, int64_t lasted_us)
{
    struct minute found = {0};

    if (!count)
        return found;
    found.misses = p99(list, count, lasted_us, by_misses).misses;
    found.evicted_keys = p99(list, count, lasted_us, by_evicted_keys).evicted_keys;
    return found;
}

/* What was counted by logarithms, from the first bucket that has something to the last. */
static struct bucket *buckets_of(const uint64_t *counts, int64_t unit_us, size_t *count)
{
    size_t first = 0, end = EVICTIONS_BUCKETS;
    struct bucket *buckets;

    while (end && !counts[end - 1])
        end--;
    while (first < end && !counts[first])
        first++;
    *count = end - first;
    buckets = *count ? xcalloc(*count, sizeof *buckets) : NULL;
    for (size_t i = first; i < end; i++)
        buckets[i - first] = (struct bucket){.from_us = i ? unit_us * (INT64_C(1) << (i - 1)) : 0, .count = counts[i]};
    return buckets;
}

struct eviction_quality evictions_finish(struct evictions *evictions, int64_t end_us, const struct counters *counters)
{
    struct eviction_quality quality = {0};
    struct minute most;

    close_minute(evictions, counters);
    most = minutes_p99(evictions->minutes, evictions->count, end_us - evictions->begin_us);
    quality.misses_per_s_p99_minute = (double)most.misses / SECONDS;
    quality.evicted_keys_per_s_p99_minute = (double)most.evicted_keys / SECONDS;
    quality.asked_again = buckets_of(evictions->again, ABSENCE_UNIT_US, &quality.asked_again_count);
    quality.ttl_left = buckets_of(evictions->ttl_left, 1000, &quality.ttl_left_count);
    return quality;
}
