/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/causes.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/model.h"
#include "sim/policy.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- facts and texts ---- */

static void fact(struct cause *cause, const char *name, double value)
{
    cause->facts = xrealloc(cause->facts, (cause->fact_count + 1) * sizeof *cause->facts);
    cause->facts[cause->fact_count++] = (struct fact){xstrdup(name), value};
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* What of the refusals ends with a remedy, 0 to 1; of a remedy that was not tried 0. */
static double ended_by(const struct diagnosis *diagnosis, const struct tried *remedy)
{
    double now = diagnosis->now.oom_rejections.mean;

    return remedy && now > 0 ? fmax(0, 1 - remedy->oom_rejections.mean / now) : 0;
}

static bool is_policy(const struct tried *trial)
{
    return !strncmp(trial->name, "maxmemory-policy ", 17);
}

/* Of the policies that end the refusals, or of all if none does, the one with the fewest refusals, then the highest hit
 * ratio; NULL: none was tried. */
static const struct tried *best_policy(const struct diagnosis *diagnosis, const char *prefix)
{
    const struct tried *best = NULL;

    for (size_t i = 0; i < diagnosis->remedy_count; i++) {
        const struct tried *trial = &diagnosis->remedies[i];

        if (!is_policy(trial) || strncmp(trial->policy, prefix, strlen(prefix)))
            continue;
        if (!best || trial->oom_rejections.mean < best->oom_rejections.mean ||
            (trial->oom_rejections.mean == best->oom_rejections.mean && trial->hit_ratio.mean > best->hit_ratio.mean))
            best = trial;
    }
    return best;
}

/* ---- the curve without a limit ---- */

static double most_of(const struct findings *findings, double (*of)(const struct sample *sample))
{
    const struct curve *curve = &findings->unlimited->curve;
    double most = 0;

    for (size_t i = 0; i < curve->count; i++)
        most = fmax(most, of(&curve->samples[i]));
    return most;
}

static double without_outside(const struct sample *sample)
{
    return (double)(sample->used_memory - sample_outside_keys(sample) - sample->memory_replicas);
}

static double without_rehashing(const struct sample *sample)
{
    return (double)(sample->used_memory - sample->memory_rehashing - sample->memory_replicas);
}

static double collections(const struct sample *sample)
{
    return (double)(sample->memory_hashes + sample->memory_lists + sample->memory_sets + sample->memory_zsets +
                    sample->memory_streams);
}

static double values(const struct sample *sample)
{
    return (double)sample->memory_strings + collections(sample);
}

/* ---- causes ---- */

/* How much, as far as that is known. */
static char *advise_memory(const struct diagnosis *diagnosis)
{
    char text[UNITS_TEXT], peak[UNITS_TEXT];

    if (diagnosis->enough)
        return text_of(
            "CONFIG SET maxmemory %s: the least that refuses nothing in this trace. It leaves no room for growth.",
            print_maxmemory(text, diagnosis->enough));
    return text_of("Raise maxmemory: %s would hold everything in this trace; or keep less.",
                   print_bytes(peak, diagnosis->unlimited_peak));
}

/* What the server needs without a key: itself, its statistics and its clients. */
static double without_keys(const struct sample *sample)
{
    return (double)(sample->memory_startup + sample->memory_histograms + sample_outside_keys(sample));
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Its median over the run: a buffer that is large for a moment does not count. */
static double usual_without_keys(const struct curve *curve)
{
    double *all = xcalloc(curve->count, sizeof *all), median;

    for (size_t i = 0; i < curve->count; i++)
        all[i] = without_keys(&curve->samples[i]);
    qsort(all, curve->count, sizeof *all, by_size);
    median = all[curve->count / 2];
    free(all);
    return median;
}

static double weigh_baseline(const struct findings *findings, struct cause *cause)
{
    static const double FULL = 0.95;
    double needs = usual_without_keys(&findings->unlimited->curve), limit = (double)findings->diagnosis->maxmemory;
    char empty[UNITS_TEXT], room[UNITS_TEXT];

    if (needs < FULL * limit)
        return 0;
    fact(cause, "bytes_without_keys", needs);
    cause->says =
        text_of("maxmemory (%s) leaves hardly anything beside what the server and its clients need without any "
                "key",
                print_bytes(room, findings->diagnosis->maxmemory));
    cause->evidence =
        text_of("An empty server with these clients has a used_memory of %s.", print_bytes(empty, (uint64_t)needs));
    cause->first =
        text_of("Raise maxmemory above %s by what the keys are to have.", print_bytes(empty, (uint64_t)needs));
    return 2;
}

static double weigh_outside(const struct findings *findings, struct cause *cause)
{
    const struct sample *onset = &findings->onset->sample;
    double limit = (double)findings->diagnosis->maxmemory, outside = (double)sample_outside_keys(onset);
    double part = share(outside, limit - (double)onset->memory_startup);
    double data = most_of(findings, without_outside);
    uint64_t largest_bytes;
    const char *largest = sample_largest_outside(onset, &largest_bytes);
    char sum[UNITS_TEXT], one[UNITS_TEXT], rest[UNITS_TEXT];

    if (part < 0.1)
        return 0;
    fact(cause, "outside_bytes", outside);
    fact(cause, "largest_bytes", (double)largest_bytes);
    fact(cause, "most_without_them_bytes", data);
    cause->says = text_of("memory outside the keys fills maxmemory, above all %s", largest);
    cause->evidence =
        text_of("At that moment %s were no keys: %s of it %s. Without all that used_memory would never have "
                "been above %s.",
                print_bytes(sum, (uint64_t)outside), print_bytes(one, largest_bytes), largest,
                print_bytes(rest, (uint64_t)data));
    if (strstr(largest, "output"))
        cause->first = xstrdup("Cap them (client-output-buffer-limit, maxmemory-clients) or have clients read faster; "
                               "CLIENT LIST shows whose they are (omem).");
    else if (strstr(largest, "query") || strstr(largest, "clients") || strstr(largest, "arguments"))
        cause->first =
            xstrdup("Cap them (maxmemory-clients, since Redis 7.0); CLIENT LIST shows whose they are (qbuf, tot-mem).");
    else if (strstr(largest, "backlog"))
        cause->first = xstrdup("Make repl-backlog-size smaller, or maxmemory larger by as much.");
    else
        cause->first = text_of("Look for what needs %s, or make maxmemory larger by as much.", largest);
    return data < limit ? 1.2 + 0.3 * fmin(part, 1) : 0.8 * fmin(part, 1);
}

static double weigh_rehashing(const struct findings *findings, struct cause *cause)
{
    const struct sample *onset = &findings->onset->sample;
    double limit = (double)findings->diagnosis->maxmemory, old = (double)onset->memory_rehashing;
    double fits = most_of(findings, without_rehashing);
    double grown = (double)(onset->memory_tables + onset->memory_expires);
    char emptied[UNITS_TEXT], larger[UNITS_TEXT], rest[UNITS_TEXT];

    if (!onset->memory_rehashing)
        return 0;
    fact(cause, "old_table_bytes", old);
    fact(cause, "tables_bytes", grown);
    fact(cause, "most_without_it_bytes", fits);
    cause->says = xstrdup("a hash table of the keys had just doubled");
    cause->evidence = text_of("At that moment the old table (%s) was still there beside the new one (tables now %s). "
                              "Without the old one used_memory would never have been above %s.",
                              print_bytes(emptied, (uint64_t)old), print_bytes(larger, (uint64_t)grown),
                              print_bytes(rest, (uint64_t)fits));
    cause->first =
        text_of("Leave room for it: maxmemory needs %s more than the data.", print_bytes(emptied, (uint64_t)old));
    return fits < limit ? 1.1 : 0.2 * share(old, limit);
}

static double weigh_noeviction(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *best = best_policy(diagnosis, "allkeys-");
    char keys[UNITS_TEXT], count[UNITS_TEXT], left[UNITS_TEXT], lost[UNITS_TEXT];
    double ended = ended_by(diagnosis, best);

    if (findings->policy->policy->scope != SCOPE_NONE || !findings->refuses || !best)
        return 0;
    fact(cause, "refusals_with_best_policy", best->oom_rejections.mean);
    fact(cause, "hit_ratio_with_best_policy", best->hit_ratio.mean);
    fact(cause, "evicted_keys_with_best_policy", best->evicted_keys.mean);
    fact(cause, "misses_evicted_with_best_policy", best->misses_evicted.mean);
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

static double weigh_few_ttls(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *best = best_policy(diagnosis, "allkeys-");
    const struct census_look *look =
        findings->census->eviction.sample.used_memory ? &findings->census->eviction : &findings->census->refusal;
    double part = share((double)look->with_ttl.bytes, (double)look->all.bytes);
    char with[UNITS_TEXT], all[UNITS_TEXT], left[UNITS_TEXT], later[UNITS_TEXT], when[UNITS_TEXT];

    if (findings->policy->policy->scope != SCOPE_VOLATILE || !findings->refuses || !best)
        return 0;
    fact(cause, "keys", (double)look->all.keys);
    fact(cause, "keys_with_ttl", (double)look->with_ttl.keys);
    fact(cause, "share_of_bytes_with_ttl", part);
    fact(cause, "keys_with_ttl_at_first_refusal", (double)findings->census->refusal.with_ttl.keys);
    fact(cause, "refusals_with_best_policy", best->oom_rejections.mean);
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

/* More effort if that ends half of the refusals at least; else a policy that evicts expired keys before all others, if that
 * ends them; else memory. */
static char *advise_expiry(const struct diagnosis *diagnosis, double ended)
{
    const struct tried *policy = diagnosis_remedy(diagnosis, "maxmemory-policy volatile-ttl");

    if (ended >= 0.5)
        return xstrdup("CONFIG SET active-expire-effort 10");
    if (policy && policy->ends_it)
        return xstrdup(
            "CONFIG SET maxmemory-policy volatile-ttl: it evicts what expires first, and expired keys before "
            "all others.");
    return advise_memory(diagnosis);
}

static double weigh_expired(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *remedy = diagnosis_remedy(diagnosis, "active-expire-effort 10");
    double part = share((double)findings->onset->expired.bytes, (double)findings->onset->all.bytes);
    double ended = ended_by(diagnosis, remedy);
    char keys[UNITS_TEXT], bytes[UNITS_TEXT], effort[128] = "", left[UNITS_TEXT], now[UNITS_TEXT];

    if (part < 0.1)
        return 0;
    fact(cause, "expired_keys", (double)findings->onset->expired.keys);
    fact(cause, "expired_bytes", (double)findings->onset->expired.bytes);
    fact(cause, "share_of_bytes", part);
    if (remedy && findings->refuses) {
        fact(cause, "refusals_with_effort_10", remedy->oom_rejections.mean);
        snprintf(effort, sizeof effort, " With active-expire-effort 10 %s of the %s refusals are left.",
                 print_count(left, (uint64_t)llround(remedy->oom_rejections.mean)),
                 print_count(now, (uint64_t)llround(diagnosis->now.oom_rejections.mean)));
    }
    cause->says = text_of("expired keys linger: %.0f %% of the keys' bytes had passed their ttl", 100 * part);
    cause->evidence = text_of(
        "%s keys with %s had expired, and neither a command nor the active expiry cycle had found "
        "them.%s",
        print_count(keys, findings->onset->expired.keys), print_bytes(bytes, findings->onset->expired.bytes), effort);
    cause->first = advise_expiry(diagnosis, ended);
    return ended > 0.5 ? 1 + 0.2 * part : 0.9 * part;
}

static double weigh_largest(const struct findings *findings, struct cause *cause)
{
    const struct census_look *onset = findings->onset;
    uint64_t sum = 0;
    double part;
    char bytes[UNITS_TEXT], one[UNITS_TEXT], keys[UNITS_TEXT];

    for (size_t i = 0; i < onset->largest_count; i++)
        sum += onset->largest[i].bytes;
    part = share((double)sum, (double)onset->all.bytes);
    if (part < 0.3 || onset->all.keys < 20 * CENSUS_LARGEST)
        return 0;
    fact(cause, "largest_keys", (double)onset->largest_count);
    fact(cause, "largest_bytes", (double)sum);
    fact(cause, "largest_share_of_bytes", part);
    fact(cause, "largest_key_bytes", (double)onset->largest[0].bytes);
    cause->says = text_of("%zu keys hold %.0f %% of the keys' memory", onset->largest_count, 100 * part);
    cause->evidence =
        text_of("Of %s keys the %zu largest weigh %s, the largest of them %s.", print_count(keys, onset->all.keys),
                onset->largest_count, print_bytes(bytes, sum), print_bytes(one, onset->largest[0].bytes));
    cause->first = xstrdup("Find them (redis-cli --memkeys) and cap, split or trim them.");
    return 0.6 + 0.5 * part;
}

/* From a quarter of the time on: what keys and values grew by, without a limit. */
struct difference {
    double bytes, by_keys, by_values; /* which make up the bytes */
    double first, last;               /* bytes of a value on the average */
    double collections;               /* of the growth of values, 0 to 1 */
};

static struct difference difference_of(const struct curve *curve)
{
    const struct sample *last = &curve->samples[curve->count - 1], *first = last;
    struct difference change = {0};
    double keys;

    for (size_t i = curve->count; i-- && curve->samples[i].time_us >= last->time_us / 4;)
        first = &curve->samples[i];
    if (!first->keys || !last->keys)
        return change;
    keys = ((double)first->keys + (double)last->keys) / 2;
    change.first = values(first) / (double)first->keys;
    change.last = values(last) / (double)last->keys;
    change.bytes = values(last) - values(first);
    change.by_values = (change.last - change.first) * keys;
    change.by_keys = change.bytes - change.by_values;
    change.collections = share(collections(last) - collections(first), change.bytes);
    return change;
}

static double weigh_values(const struct findings *findings, struct cause *cause, bool of_collections)
{
    struct difference change = difference_of(&findings->unlimited->curve);
    double part = share(change.by_values, change.bytes);
    char first[UNITS_TEXT], last[UNITS_TEXT], bytes[UNITS_TEXT];

    if (change.bytes < 0.1 * (double)findings->diagnosis->maxmemory || part < 0.5 ||
        (change.collections > 0.5) != of_collections)
        return 0;
    fact(cause, "grown_bytes", change.bytes);
    fact(cause, "share_by_larger_values", part);
    fact(cause, "bytes_per_key_first", change.first);
    fact(cause, "bytes_per_key_last", change.last);
    cause->says = xstrdup(of_collections ? "collections only grow: elements are added, and none is taken away"
                                         : "the same keys hold ever larger values");
    cause->evidence =
        text_of("Without a limit values grew by %s in the last three quarters of the trace, %.0f %% of it "
                "for they became larger, not more: from %s to %s a key.",
                print_bytes(bytes, (uint64_t)change.bytes), 100 * fmin(part, 1),
                print_bytes(first, (uint64_t)change.first), print_bytes(last, (uint64_t)change.last));
    cause->first =
        xstrdup(of_collections ? "Cap them where they are written (LTRIM, XADD MAXLEN ~, ZREMRANGEBYRANK), or "
                                 "give them a ttl."
                               : "Bound what is appended or overwritten; or keep its parts under keys with a "
                                 "ttl.");
    return 0.5 + 0.45 * fmin(part, 1);
}

static double weigh_larger_values(const struct findings *findings, struct cause *cause)
{
    return weigh_values(findings, cause, false);
}

static double weigh_collections(const struct findings *findings, struct cause *cause)
{
    return weigh_values(findings, cause, true);
}

/* Of keys that have been there for half of the trace: how many nobody has named for as long. */
static double weigh_unused(const struct findings *findings, struct cause *cause)
{
    const struct census_look *end = &findings->unlimited_census->end;
    double part = share((double)end->unused.bytes, (double)end->old.bytes);
    double of_all = share((double)end->unused.bytes, (double)end->all.bytes);
    char keys[UNITS_TEXT], bytes[UNITS_TEXT], time[UNITS_TEXT];

    if (part < 0.7 || of_all < 0.25)
        return 0;
    fact(cause, "unused_keys", (double)end->unused.keys);
    fact(cause, "unused_bytes", (double)end->unused.bytes);
    fact(cause, "unused_share_of_bytes", of_all);
    fact(cause, "unused_share_of_old_bytes", part);
    fact(cause, "unused_for_hours", (double)end->sample.time_us / 2 / 3600e6);
    cause->says = xstrdup("keys without a ttl stay, and are never used again");
    cause->evidence = text_of(
        "Without a limit %s keys (%s, %.0f %% of all) without a ttl would be there at the end that no command had "
        "named for the last %s, half of the trace: %.0f %% of those that are as old.",
        print_count(keys, end->unused.keys), print_bytes(bytes, end->unused.bytes), 100 * of_all,
        print_duration(time, end->sample.time_us / 2), 100 * part);
    cause->first = xstrdup("Give such keys a ttl when they are written, and delete the old ones.");
    return 0.4 + 0.5 * part;
}

static double weigh_outgrown(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct growth *growth = &diagnosis->growth;
    char peak[UNITS_TEXT], limit[UNITS_TEXT], hour[UNITS_TEXT];

    if (diagnosis->unlimited_peak <= diagnosis->maxmemory)
        return 0;
    fact(cause, "unlimited_peak_bytes", (double)diagnosis->unlimited_peak);
    fact(cause, "growth_bytes_per_hour", growth->bytes_per_hour);
    cause->says = text_of("the data need more memory than maxmemory");
    if (growth->low > 0)
        cause->evidence =
            text_of("Without a limit used_memory would come to %s (maxmemory: %s), and grows by %s an hour.",
                    print_bytes(peak, diagnosis->unlimited_peak), print_bytes(limit, diagnosis->maxmemory),
                    print_bytes(hour, (uint64_t)growth->bytes_per_hour));
    else
        cause->evidence =
            text_of("Without a limit used_memory would come to %s (maxmemory: %s); it does not grow for "
                    "certain in the second half of the trace.",
                    print_bytes(peak, diagnosis->unlimited_peak), print_bytes(limit, diagnosis->maxmemory));
    cause->first = advise_memory(diagnosis);
    return growth->low > 0 ? 0.7 : 0.55;
}

/* ---- the table ---- */

static const struct {
    const char *name;
    double (*weigh)(const struct findings *findings, struct cause *cause);
} causes[] = {
    {"maxmemory-below-empty-server", weigh_baseline},
    {"memory-outside-keys", weigh_outside},
    {"tables-doubling", weigh_rehashing},
    {"noeviction-full", weigh_noeviction},
    {"few-keys-with-ttl", weigh_few_ttls},
    {"expired-keys-linger", weigh_expired},
    {"few-large-keys", weigh_largest},
    {"values-grow", weigh_larger_values},
    {"collections-grow", weigh_collections},
    {"unused-keys-without-ttl", weigh_unused},
    {"data-outgrew-memory", weigh_outgrown},
};

static int by_weight(const void *a, const void *b)
{
    double x = ((const struct cause *)a)->weight, y = ((const struct cause *)b)->weight;

    return (x < y) - (x > y);
}

void causes_find(const struct findings *findings)
{
    struct diagnosis *diagnosis = findings->diagnosis;

    if (!findings->onset)
        return;
    diagnosis->causes = xcalloc(sizeof causes / sizeof *causes, sizeof *diagnosis->causes);
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        struct cause cause = {.name = xstrdup(causes[i].name)};

        cause.weight = causes[i].weigh(findings, &cause);
        if (cause.weight >= 0.1)
            diagnosis->causes[diagnosis->cause_count++] = cause;
        else
            fields_release(&cause_layout, &cause);
    }
    qsort(diagnosis->causes, diagnosis->cause_count, sizeof *diagnosis->causes, by_weight);
}
