/* SPDX-License-Identifier: GPL-3.0-or-later */
/* causes_policy: room is not made, or not soon enough: nothing may be evicted, few keys may, evictions run out of time, a
 * transaction or a script writes on. */
#include "sim/advice/cause.h"

#include "sim/model.h"
#include "sim/policy.h"

#include <math.h>

/* An evicting server that refuses nothing may exceed maxmemory for as long as its evictions run out of time. */
double weigh_slow_eviction(const struct findings *findings, struct cause_told *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *patient = diagnosis_remedy(diagnosis, "maxmemory-eviction-tenacity 100");
    const struct census_excess *excess = &findings->census->excess[BY_COMMAND];
    double limit = (double)diagnosis->maxmemory, beyond = (double)excess->bytes, left;

    if (!patient || beyond < CENSUS_EXCESS * limit)
        return 0;
    left = fmax(0, patient->used_memory_peak.mean - limit);
    if (left > 0.5 * beyond)
        return 0;
    tell(&cause->says, "eviction cannot keep up with what is written");
    tell(&cause->evidence,
         "An eviction call ends when its time is over, and the write is carried out all the same. used_memory came to "
         "exceed %B %N times, by up to %B, %T after the start. With %K, which has no such limit, its peak is %B.",
         "maxmemory", limit, "times_beyond_maxmemory", (double)excess->times, "most_bytes_beyond_maxmemory", beyond,
         "until_most_s", (double)excess->time_us, "remedy", patient->name, "peak_with_tenacity_100",
         patient->used_memory_peak.mean);
    tell(&cause->first, "%K: commands wait for the evictions then. Or write large values more slowly.", "command",
         patient->command);
    return 1 + 0.2 * (1 - left / beyond);
}

/* EXEC and scripts pass the gate once, and then may write as much as they like. */
double weigh_several(const struct findings *findings, struct cause_told *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct census_excess *exec = &findings->census->excess[BY_EXEC],
                               *script = &findings->census->excess[BY_SCRIPT];
    const struct census_excess *larger = exec->bytes >= script->bytes ? exec : script;
    const char *what = larger == exec ? "MULTI/EXEC" : "a script", *whats = larger == exec ? "transactions" : "scripts";
    uint64_t refused = exec->refusals + script->refusals;
    double part = share_of((double)refused, (double)findings->now->counters.oom_rejections);

    if ((double)larger->bytes < CENSUS_EXCESS * (double)diagnosis->maxmemory || (findings->refuses && part < 0.1))
        return 0;
    tell(&cause->says, "%s writes beyond maxmemory", what);
    tell(&cause->evidence,
         "Redis looks for room once, when %s; what is written then is not refused. That way used_memory came to exceed "
         "%B "
         "%N times, by up to %B, %T after the start",
         larger == exec ? "EXEC comes" : "a script writes first", "maxmemory", (double)diagnosis->maxmemory,
         "times_beyond_maxmemory", (double)(exec->times + script->times), "most_bytes_beyond_maxmemory",
         (double)larger->bytes, "until_most_s", (double)larger->time_us);
    if (findings->refuses)
        tell(&cause->evidence, "; until it had fallen again %N writes were refused", "refusals_after_it",
             (double)refused);
    tell(&cause->evidence, ".");
    if (findings->refuses) {
        advise_memory(diagnosis, &cause->first);
        tell(&cause->first, " Then write less at once: smaller %s, with other commands between them.", whats);
    } else {
        tell(&cause->first, "Write less at once: smaller %s, with other commands between them.", whats);
    }
    return findings->refuses ? 0.3 + part : 0.8;
}

double weigh_noeviction(const struct findings *findings, struct cause_told *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *best = best_policy(diagnosis, "allkeys-");
    double ended = ended_by(diagnosis, best);

    if (findings->policy->policy->scope != SCOPE_NONE || !findings->refuses || !best)
        return 0;
    tell(&cause->says, "maxmemory-policy is noeviction and maxmemory is full");
    tell(&cause->evidence,
         "Nothing may make room: %N keys were there, and every write was refused until some went. With %K %N of the %N "
         "refusals are left.",
         "keys", (double)findings->onset->all.keys, "policy", best->policy, "refusals_with_best_policy",
         best->oom_rejections.mean, "refusals", diagnosis->now.oom_rejections.mean);
    if (findings->is_cache) {
        tell(&cause->first, "%K", "command", best->command);
        return 0.9 * ended;
    }
    advise_memory(diagnosis, &cause->first);
    tell(&cause->first,
         " Keep noeviction: this is a store of record. %K would have deleted %N keys, and %N later reads would have "
         "missed "
         "them.",
         "policy", best->policy, "evicted_keys_with_best_policy", best->evicted_keys.mean,
         "misses_evicted_with_best_policy", best->misses_evicted.mean);
    return 0.3 * ended;
}

double weigh_few_ttls(const struct findings *findings, struct cause_told *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *best = best_policy(diagnosis, "allkeys-");
    const struct census_look *look =
        findings->census->eviction.sample.used_memory ? &findings->census->eviction : &findings->census->refusal;
    double part = share_of((double)look->with_ttl.bytes, (double)look->all.bytes);

    if (findings->policy->policy->scope != SCOPE_VOLATILE || !findings->refuses || !best)
        return 0;
    tell(&cause->says, "%K may evict keys with a ttl only, and too few have one", "policy", diagnosis->policy);
    tell(
        &cause->evidence,
        "When memory was first full (%T after the start) %N of %N keys had a ttl, with %P %% of the bytes: no more can "
        "go. At the first refusal %N were left. With %K %N refusals are left.",
        "first_full_s", (double)look->sample.time_us, "keys_with_ttl", (double)look->with_ttl.keys, "keys",
        (double)look->all.keys, "share_of_bytes_with_ttl", part, "keys_with_ttl_at_first_refusal",
        (double)findings->census->refusal.with_ttl.keys, "policy", best->policy, "refusals_with_best_policy",
        best->oom_rejections.mean);
    if (findings->is_cache) {
        tell(&cause->first, "%K", "command", best->command);
    } else {
        advise_memory(diagnosis, &cause->first);
        tell(&cause->first, " Then give a ttl to the keys that may go: what has none is never evicted.");
    }
    return 0.95 * ended_by(diagnosis, best);
}
