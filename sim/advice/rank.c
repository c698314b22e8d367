/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/rank.h"

#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TOLD = 10 }; /* remedies in the text */

/* 0: a setting; 1: what the application changes, if that costs few hits; 2: memory; 3: what costs hits. */
static int effort_of(const struct diagnosis *diagnosis, const struct tried *trial)
{
    static const double FEW_HITS = 0.005;

    if (trial->changes_application)
        return trial->hit_ratio.mean < diagnosis->now.hit_ratio.mean - FEW_HITS ? 3 : 1;
    return trial->adds_memory ? 2 : 0;
}

static int by_flag(bool one, bool other)
{
    return (one > other) - (one < other);
}

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int order = by_flag(y->trial->ends_it, x->trial->ends_it);

    if (!order)
        order = by_flag(x->trial->has_no_effect, y->trial->has_no_effect);
    if (!order)
        order = by_flag(x->loses_keys, y->loses_keys);
    if (!order && !x->trial->ends_it && x->trial->oom_rejections.mean != y->trial->oom_rejections.mean)
        return x->trial->oom_rejections.mean < y->trial->oom_rejections.mean ? -1 : 1;
    if (!order)
        order = x->effort - y->effort;
    if (!order && x->trial->maxmemory != y->trial->maxmemory)
        return x->trial->maxmemory < y->trial->maxmemory ? -1 : 1;
    if (!order && fabs(x->trial->hit_ratio.mean - y->trial->hit_ratio.mean) > 1e-9)
        return x->trial->hit_ratio.mean > y->trial->hit_ratio.mean ? -1 : 1;
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* Of a trial at this place. */
static struct ranked ranked_of(const struct diagnosis *diagnosis, const struct tried *trial, size_t place)
{
    const struct tried *now = &diagnosis->now;

    return (struct ranked){
        .trial = trial,
        .loses_keys = !strcmp(diagnosis->role, "store") &&
                      (trial->evicted_keys.mean > now->evicted_keys.mean || trial->trimmed_elements.mean > 0 ||
                       (trial->changes_application && trial->expired_keys.mean > now->expired_keys.mean)),
        .effort = effort_of(diagnosis, trial),
        .place = place,
    };
}

void rank_trials(const struct diagnosis *diagnosis, const struct tried *trials, size_t count, struct ranked *ranked)
{
    for (size_t i = 0; i < count; i++)
        ranked[i] = ranked_of(diagnosis, &trials[i], i);
    qsort(ranked, count, sizeof *ranked, by_value);
}

/* Whether less memory does the same. */
static bool is_more_than_enough(const struct diagnosis *diagnosis, const struct tried *trial)
{
    for (size_t i = 0; i < diagnosis->remedy_count && trial->adds_memory; i++) {
        const struct tried *other = &diagnosis->remedies[i];

        if (other->adds_memory && other->ends_it && other->maxmemory < trial->maxmemory &&
            other->parts == trial->parts && !(trial->hit_ratio.mean > other->hit_ratio.mean + 1e-9))
            return true;
    }
    return false;
}

/* Of those with an effect the best are told, and all bounds: what to do first may be one. */
static void choose(struct diagnosis *diagnosis)
{
    size_t told = 0;

    for (size_t i = 0; i < diagnosis->remedy_count; i++) {
        struct tried *trial = &diagnosis->remedies[i];

        trial->is_told =
            !trial->has_no_effect && !is_more_than_enough(diagnosis, trial) && (told < MOST_TOLD || trial->bounds_keys);
        told += trial->is_told;
    }
}

void trials_rank(struct diagnosis *diagnosis)
{
    struct ranked *ranked = xcalloc(diagnosis->remedy_count + 1, sizeof *ranked);
    struct tried *sorted = xcalloc(diagnosis->remedy_count + 1, sizeof *sorted);

    rank_trials(diagnosis, diagnosis->remedies, diagnosis->remedy_count, ranked);
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        sorted[i] = diagnosis->remedies[ranked[i].place];
    diagnosis->without_effect = 0;
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        diagnosis->without_effect += sorted[i].has_no_effect;
    free(diagnosis->remedies);
    diagnosis->remedies = sorted;
    choose(diagnosis);
    free(ranked);
}
