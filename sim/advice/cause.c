/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/cause.h"

#include "sim/advice/ladder.h"
#include "sim/advice/phrase.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

double ended_by(const struct diagnosis *diagnosis, const struct tried *remedy)
{
    double now = diagnosis->now.oom_rejections.mean;

    return remedy && now > 0 ? fmax(0, 1 - remedy->oom_rejections.mean / now) : 0;
}

static bool is_policy(const struct tried *trial)
{
    return !strncmp(trial->name, "maxmemory-policy ", 17);
}

const struct tried *best_policy(const struct diagnosis *diagnosis, const char *prefix)
{
    const struct tried *best = NULL;

    for (size_t i = 0; i < diagnosis->remedy_count; i++) {
        const struct tried *trial = &diagnosis->remedies[i];

        if (trial->parts != 1 || !is_policy(trial) || strncmp(trial->policy, prefix, strlen(prefix)))
            continue;
        if (!best || trial->oom_rejections.mean < best->oom_rejections.mean ||
            (trial->oom_rejections.mean == best->oom_rejections.mean && trial->hit_ratio.mean > best->hit_ratio.mean))
            best = trial;
    }
    return best;
}

/* Whether it ends the refusals; where there are none, the evictions. Of a store it must not lose more for good than it saves. */
static bool ends_trouble(const struct diagnosis *diagnosis, const struct tried *trial)
{
    const struct tried *now = &diagnosis->now;

    if (now->oom_rejections.most > 0)
        return trial->ends_it;
    if (trial->evicted_keys.most > 0)
        return false;
    return strcmp(diagnosis->role, "store") || trial->expired_for_good.mean + trial->evicted_for_good.mean <
                                                   now->expired_for_good.mean + now->evicted_for_good.mean;
}

const struct tried *best_ttl(const struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->remedy_count; i++) {
        const struct tried *trial = &diagnosis->remedies[i];

        if (trial->changes_application && trial->parts == 1 && ends_trouble(diagnosis, trial) &&
            !(trial->hit_ratio.mean < diagnosis->now.hit_ratio.mean - 0.005))
            return trial;
    }
    return NULL;
}

static bool is_better_bound(const struct tried *one, const struct tried *other)
{
    if (one->oom_rejections.mean < other->oom_rejections.mean || one->oom_rejections.mean > other->oom_rejections.mean)
        return one->oom_rejections.mean < other->oom_rejections.mean;
    return one->trimmed_elements.mean < other->trimmed_elements.mean;
}

const struct tried *best_bound(const struct diagnosis *diagnosis)
{
    const struct tried *best = NULL;

    for (size_t i = 0; i < diagnosis->remedy_count; i++) {
        const struct tried *trial = &diagnosis->remedies[i];

        if (trial->bounds_keys && trial->parts == 1 && !trial->has_no_effect &&
            trial->oom_rejections.mean < 0.5 * diagnosis->now.oom_rejections.mean &&
            (!best || is_better_bound(trial, best)))
            best = trial;
    }
    return best;
}

void advise_memory(const struct diagnosis *diagnosis, struct told *first)
{
    uint64_t all = ladder_up_to(&(struct ladder){.precision = 0.01}, diagnosis->unlimited_peak + 1);
    char text[UNITS_TEXT], *command;

    command = text_of("CONFIG SET maxmemory %s", print_maxmemory(text, diagnosis->enough ? diagnosis->enough : all));
    if (diagnosis->enough)
        tell(first, "%K: the least that refuses nothing in this trace. It leaves no room for growth.", "command",
             command);
    else
        tell(first, "%K: room for everything in this trace; or keep less.", "command", command);
    free(command);
}

void tell_what_is_left(const struct diagnosis *diagnosis, const struct tried *remedy, struct told *first)
{
    if (!(diagnosis->now.oom_rejections.most > 0) && remedy->evicted_keys.most > 0)
        tell(first, "%N evictions are left then", "evicted_keys", remedy->evicted_keys.mean);
    else if (!(diagnosis->now.oom_rejections.most > 0))
        tell(first, "no key is evicted then");
    else if (remedy->ends_it)
        tell(first, "no write is refused then");
    else
        tell(first, "%N refusals are left then", "oom_rejections", remedy->oom_rejections.mean);
}
