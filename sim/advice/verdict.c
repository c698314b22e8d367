/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/verdict.h"

#include "sim/advice/ladder.h"
#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/census.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to this share of maxmemory there is room. */
static const double NEAR_LIMIT = 0.9;
/* What evictions may cost a cache that is called healthy: of its reads. */
static const double LITTLE_LOSS = 0.01;

/* What is told becomes the diagnosis's. */
static void put(struct diagnosis *diagnosis, const char *state, struct told *verdict, struct told *first)
{
    diagnosis->state = xstrdup(state);
    told_take(verdict, &diagnosis->verdict, &diagnosis->verdict_facts, &diagnosis->verdict_fact_count);
    told_take(first, &diagnosis->first, &diagnosis->first_facts, &diagnosis->first_fact_count);
}

static void tell_first_cause(const struct diagnosis *diagnosis, struct told *verdict)
{
    const struct cause *cause = diagnosis->causes;
    struct told says;

    if (!diagnosis->cause_count) {
        tell(verdict, "of none of the causes that evsim knows");
        return;
    }
    says = (struct told){cause->says, cause->says_facts, cause->says_fact_count};
    tell(verdict, "%A", &says);
}

static void advise_first(const struct diagnosis *diagnosis, struct told *first)
{
    const struct cause *cause = diagnosis->causes;
    struct told advice;

    if (!diagnosis->cause_count) {
        tell(first, "See what each remedy would do.");
        return;
    }
    advice = (struct told){cause->first, cause->first_facts, cause->first_fact_count};
    tell(first, "%A", &advice);
}

static void tell_refusals(struct diagnosis *diagnosis, const struct counters *counters)
{
    struct told verdict = {0}, first = {0};

    tell(&verdict, "Redis refuses writes (OOM): %N of %N, the first %T after the start, because ", "refused_writes",
         (double)counters->oom_rejections, "writes", (double)counters->writes, "first_refusal_s",
         (double)diagnosis->first_refusal.time_us);
    tell_first_cause(diagnosis, &verdict);
    tell(&verdict, ".");
    advise_first(diagnosis, &first);
    put(diagnosis, "refuses-writes", &verdict, &first);
}

/* Of a cache. */
static void tell_evicting_cache(struct diagnosis *diagnosis, const struct counters *counters)
{
    struct told verdict = {0}, first = {0};
    double lost = diagnosis->missed_evicted_share, evicted = (double)counters->evicted_keys;

    if ((double)diagnosis->excess > CENSUS_EXCESS * (double)diagnosis->maxmemory) {
        tell(&verdict, "Redis evicts, and yet exceeds maxmemory: by %B, %T after the start, because ", "excess",
             (double)diagnosis->excess, "excess_s", (double)diagnosis->excess_us);
    } else if (lost > LITTLE_LOSS) {
        tell(&verdict,
             "Redis refuses nothing, but evicts what is still wanted: %N keys, the first %T after the start; %1P %% of "
             "the "
             "reads missed for it, because ",
             "evicted", evicted, "first_eviction_s", (double)diagnosis->first_eviction.time_us, "missed_evicted_share",
             lost);
    } else {
        tell(&verdict,
             "Healthy: nothing is refused. Redis evicts, as a cache does: %N keys, and %2P %% of the reads missed for "
             "it.",
             "evicted", evicted, "missed_evicted_share", lost);
        tell(&first, "Nothing needs to be done.");
        put(diagnosis, "healthy", &verdict, &first);
        return;
    }
    tell_first_cause(diagnosis, &verdict);
    tell(&verdict, ".");
    advise_first(diagnosis, &first);
    put(diagnosis,
        lost > LITTLE_LOSS && !((double)diagnosis->excess > CENSUS_EXCESS * (double)diagnosis->maxmemory)
            ? "evicts"
            : "exceeds-maxmemory",
        &verdict, &first);
}

static void tell_losing_store(struct diagnosis *diagnosis, const struct counters *counters)
{
    struct told verdict = {0}, first = {0};

    tell(
        &verdict,
        "Redis loses data: this is a store of record, and %N keys were evicted, the first %T after the start; %N reads "
        "asked for evicted keys in vain.",
        "evicted", (double)counters->evicted_keys, "first_eviction_s", (double)diagnosis->first_eviction.time_us,
        "missed_evicted", (double)counters->misses_evicted);
    advise_first(diagnosis, &first);
    put(diagnosis, "loses-data", &verdict, &first);
}

/* Half as much again, as it is typed. */
static void advise_more(const struct diagnosis *diagnosis, struct told *first)
{
    uint64_t more = ladder_up_to(&(struct ladder){.precision = 0.01}, diagnosis->maxmemory + diagnosis->maxmemory / 2);
    char text[UNITS_TEXT], *command = text_of("CONFIG SET maxmemory %s", print_maxmemory(text, more));

    tell(first, "%K", "command", command);
    free(command);
}

static void tell_health(struct diagnosis *diagnosis, const struct counters *counters)
{
    double part = diagnosis->used_memory_peak_share, peak = (double)counters->used_memory_peak;
    const struct outlook *outlook = &diagnosis->outlooks[0];
    double duration = (double)diagnosis->run.duration_us / 3600e6;
    struct told verdict = {0}, first = {0};
    const char *state = "near-limit";

    if (outlook->hours <= 2 * duration && isfinite(outlook->latest)) {
        tell(&verdict,
             "Healthy, but near its limit: nothing is refused or evicted; used_memory came to %B of %B, and at its "
             "growth it "
             "is full in about %T.",
             "used_memory_peak", peak, "maxmemory", (double)diagnosis->maxmemory, "full_in_s", outlook->hours * 3600e6);
        advise_more(diagnosis, &first);
        tell(&first, ", or bound the growth, before then.");
    } else if (part > NEAR_LIMIT) {
        tell(&verdict,
             "Healthy, but near its limit: nothing is refused or evicted; used_memory came to %B of %B (%P %%).",
             "used_memory_peak", peak, "maxmemory", (double)diagnosis->maxmemory, "used_memory_peak_share", part);
        advise_more(diagnosis, &first);
        tell(&first, ": a table that doubles, or buffers of clients, would fill what is left.");
    } else {
        state = "healthy";
        tell(&verdict, "Healthy: nothing is refused or evicted; used_memory came to %B of %B (%P %%).",
             "used_memory_peak", peak, "maxmemory", (double)diagnosis->maxmemory, "used_memory_peak_share", part);
        tell(&first, "Nothing needs to be done.");
    }
    put(diagnosis, state, &verdict, &first);
}

void verdict_tell(struct diagnosis *diagnosis, const struct counters *counters)
{
    if (counters->oom_rejections)
        tell_refusals(diagnosis, counters);
    else if (!counters->evicted_keys)
        tell_health(diagnosis, counters);
    else if (!strcmp(diagnosis->role, "store"))
        tell_losing_store(diagnosis, counters);
    else
        tell_evicting_cache(diagnosis, counters);
}
