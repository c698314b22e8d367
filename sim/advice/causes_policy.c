/* SPDX-License-Identifier: GPL-3.0-or-later */
/* causes_policy: room is not made, or not soon enough: nothing may be evicted, few keys may, evictions run out of time, a
 * transaction or a script writes on. */
#include "sim/advice/cause.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/model.h"
#include "sim/policy.h"
#include "sim/units.h"

#include <math.h>

/* An evicting server that refuses nothing may exceed maxmemory for as long as its evictions run out of time. */
double weigh_slow_eviction(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *patient = diagnosis_remedy(diagnosis, "maxmemory-eviction-tenacity 100");
    const struct census_excess *excess = &findings->census->excess[BY_COMMAND];
    double limit = (double)diagnosis->maxmemory, beyond = (double)excess->bytes, left;
    char bytes[UNITS_TEXT], room[UNITS_TEXT], when[UNITS_TEXT], peak[UNITS_TEXT], times[UNITS_TEXT];

    if (!patient || beyond < CENSUS_EXCESS * limit)
        return 0;
    left = fmax(0, patient->used_memory_peak.mean - limit);
    if (left > 0.5 * beyond)
        return 0;
    cause_fact(cause, "most_bytes_beyond_maxmemory", beyond);
    cause_fact(cause, "times_beyond_maxmemory", (double)excess->times);
    cause_fact(cause, "hours_until_most", (double)excess->time_us / 3600e6);
    cause_fact(cause, "peak_with_tenacity_100", patient->used_memory_peak.mean);
    cause->says = xstrdup("eviction cannot keep up with what is written");
    cause->evidence = text_of(
        "An eviction call ends when its time is over, and the write is carried out all the same. used_memory came "
        "to exceed %s %s times, by up to %s, %s after the start. With maxmemory-eviction-tenacity 100, which has no "
        "such "
        "limit, its peak is %s.",
        print_bytes(room, diagnosis->maxmemory), print_count(times, excess->times), print_bytes(bytes, excess->bytes),
        print_duration(when, excess->time_us), print_bytes(peak, (uint64_t)patient->used_memory_peak.mean));
    cause->first =
        xstrdup("CONFIG SET maxmemory-eviction-tenacity 100 (commands wait for the evictions), or write large "
                "values more slowly.");
    return 1 + 0.2 * (1 - left / beyond);
}

/* EXEC and scripts pass the gate once, and then may write as much as they like. */
double weigh_several(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct census_excess *exec = &findings->census->excess[BY_EXEC],
                               *script = &findings->census->excess[BY_SCRIPT];
    const struct census_excess *larger = exec->bytes >= script->bytes ? exec : script;
    const char *what = larger == exec ? "MULTI/EXEC" : "a script";
    uint64_t refused = exec->refusals + script->refusals;
    double part = share_of((double)refused, (double)findings->now->counters.oom_rejections);
    char bytes[UNITS_TEXT], when[UNITS_TEXT], times[UNITS_TEXT], refusals[UNITS_TEXT], room[UNITS_TEXT];

    if ((double)larger->bytes < CENSUS_EXCESS * (double)diagnosis->maxmemory || (findings->refuses && part < 0.1))
        return 0;
    cause_fact(cause, "most_bytes_beyond_maxmemory", (double)larger->bytes);
    cause_fact(cause, "hours_until_most", (double)larger->time_us / 3600e6);
    cause_fact(cause, "times_beyond_maxmemory", (double)(exec->times + script->times));
    cause_fact(cause, "refusals_after_it", (double)refused);
    cause_fact(cause, "share_of_refusals", part);
    cause->says = text_of("%s writes beyond maxmemory", what);
    cause->evidence = text_of(
        "Redis looks for room once, when %s; what is written then is not refused. That way used_memory came to exceed "
        "%s %s times, by up to %s, %s after the start%s%s%s.",
        larger == exec ? "EXEC comes" : "a script writes first", print_bytes(room, diagnosis->maxmemory),
        print_count(times, exec->times + script->times), print_bytes(bytes, larger->bytes),
        print_duration(when, larger->time_us), findings->refuses ? "; until it had fallen again " : "",
        findings->refuses ? print_count(refusals, refused) : "", findings->refuses ? " writes were refused" : "");
    cause->first = text_of("Write less at once: smaller %s, with other commands between them.",
                           larger == exec ? "transactions" : "scripts");
    return findings->refuses ? 0.3 + part : 0.8;
}

double weigh_noeviction(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *best = best_policy(diagnosis, "allkeys-");
    char keys[UNITS_TEXT], count[UNITS_TEXT], left[UNITS_TEXT], lost[UNITS_TEXT];
    double ended = ended_by(diagnosis, best);

    if (findings->policy->policy->scope != SCOPE_NONE || !findings->refuses || !best)
        return 0;
    cause_fact(cause, "refusals_with_best_policy", best->oom_rejections.mean);
    cause_fact(cause, "hit_ratio_with_best_policy", best->hit_ratio.mean);
    cause_fact(cause, "evicted_keys_with_best_policy", best->evicted_keys.mean);
    cause_fact(cause, "misses_evicted_with_best_policy", best->misses_evicted.mean);
    cause->says = xstrdup("maxmemory-policy is noeviction and maxmemory is full");
    cause->evidence = text_of("Nothing may make room: %s keys were there, and every write was refused until some went. "
                              "With %s %s of the %s refusals are left.",
                              print_count(keys, findings->onset->all.keys), best->policy,
                              print_count(left, (uint64_t)llround(best->oom_rejections.mean)),
                              print_count(count, (uint64_t)llround(diagnosis->now.oom_rejections.mean)));
    if (findings->is_cache)
        cause->first = text_of("CONFIG SET maxmemory-policy %s", best->policy);
    else
        cause->first =
            text_of("Keep noeviction: this is a store of record. %s would have deleted %s keys, and %s later reads "
                    "would have missed them.",
                    best->policy, print_count(left, (uint64_t)llround(best->evicted_keys.mean)),
                    print_count(lost, (uint64_t)llround(best->misses_evicted.mean)));
    return findings->is_cache ? 0.9 * ended : 0.3 * ended;
}

double weigh_few_ttls(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *best = best_policy(diagnosis, "allkeys-");
    const struct census_look *look =
        findings->census->eviction.sample.used_memory ? &findings->census->eviction : &findings->census->refusal;
    double part = share_of((double)look->with_ttl.bytes, (double)look->all.bytes);
    char with[UNITS_TEXT], all[UNITS_TEXT], left[UNITS_TEXT], later[UNITS_TEXT], when[UNITS_TEXT];

    if (findings->policy->policy->scope != SCOPE_VOLATILE || !findings->refuses || !best)
        return 0;
    cause_fact(cause, "keys", (double)look->all.keys);
    cause_fact(cause, "keys_with_ttl", (double)look->with_ttl.keys);
    cause_fact(cause, "share_of_bytes_with_ttl", part);
    cause_fact(cause, "keys_with_ttl_at_first_refusal", (double)findings->census->refusal.with_ttl.keys);
    cause_fact(cause, "refusals_with_best_policy", best->oom_rejections.mean);
    cause->says = text_of("%s may evict keys with a ttl only, and too few have one", diagnosis->policy);
    cause->evidence = text_of("When memory was first full (%s after the start) %s of %s keys had a ttl, with %.0f %% "
                              "of the bytes: no more can "
                              "go. At the first refusal %s were left. With %s %s refusals are left.",
                              print_duration(when, look->sample.time_us), print_count(with, look->with_ttl.keys),
                              print_count(all, look->all.keys), 100 * part,
                              print_count(later, findings->census->refusal.with_ttl.keys), best->policy,
                              print_count(left, (uint64_t)llround(best->oom_rejections.mean)));
    cause->first = findings->is_cache ? text_of("CONFIG SET maxmemory-policy %s", best->policy)
                                      : xstrdup("Give a ttl to the keys that may go; what has none is never evicted.");
    return 0.95 * ended_by(diagnosis, best);
}
