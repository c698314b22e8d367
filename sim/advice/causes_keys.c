/* SPDX-License-Identifier: GPL-3.0-or-later */
/* causes_keys: of the keys themselves: expired, very large, growing, or never used again. */
#include "sim/advice/cause.h"

#include <math.h>
#include <string.h>

/* More effort if that ends half of the refusals at least; else a policy that evicts expired keys before all others, if that
 * ends them; else memory. */
static void advise_expiry(const struct diagnosis *diagnosis, double ended, struct told *first)
{
    const struct tried *policy = diagnosis_remedy(diagnosis, "maxmemory-policy volatile-ttl");

    if (ended >= 0.5)
        tell(first, "%K", "command", "CONFIG SET active-expire-effort 10");
    else if (policy && policy->ends_it)
        tell(first,
             "CONFIG SET maxmemory-policy volatile-ttl: it evicts what expires first, and expired keys before all "
             "others.");
    else
        advise_memory(diagnosis, first);
}

double weigh_expired(const struct findings *findings, struct cause_told *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *remedy = diagnosis_remedy(diagnosis, "active-expire-effort 10");
    double part = share_of((double)findings->onset->expired.bytes, (double)findings->onset->all.bytes);
    double ended = ended_by(diagnosis, remedy);

    if (part < 0.1)
        return 0;
    tell(&cause->says, "expired keys linger: %P %% of the keys' bytes had passed their ttl", "share_of_bytes", part);
    tell(&cause->evidence,
         "%N keys with %B had expired, and neither a command nor the active expiry cycle had found them.",
         "expired_keys", (double)findings->onset->expired.keys, "expired_bytes",
         (double)findings->onset->expired.bytes);
    if (remedy && findings->refuses)
        tell(&cause->evidence, " With %K %N of the %N refusals are left.", "remedy", remedy->name,
             "refusals_with_effort_10", remedy->oom_rejections.mean, "refusals", diagnosis->now.oom_rejections.mean);
    advise_expiry(diagnosis, ended, &cause->first);
    return ended > 0.5 ? 1 + 0.2 * part : 0.9 * part;
}

/* ---- large keys ---- */

/* The bound, or the split, that helps: as a command, with what it loses; of a store of record also what loses nothing. */
static void advise_bound(const struct diagnosis *diagnosis, const struct tried *bound, struct told *first)
{
    double elements = bound->trimmed_elements.mean;
    bool is_store = !strcmp(diagnosis->role, "store");

    tell(first, "%K", "command", bound->command);
    if (elements > 0 && is_store)
        tell(first, ", if the %N elements that this takes away may go", "trimmed_elements", elements);
    tell(first, ": ");
    tell_what_is_left(diagnosis, bound, first);
    if (elements > 0 && !is_store)
        tell(first, "; it takes %N elements away", "trimmed_elements", elements);
    tell(first, ".");
    if (elements > 0 && is_store) {
        tell(first, " Else ");
        advise_memory(diagnosis, first);
    }
}

/* What to do about the largest keys: what a trial showed; else, of what no command can make smaller, memory. */
static void advise_largest(const struct diagnosis *diagnosis, struct told *first)
{
    const struct tried *bound = best_bound(diagnosis);
    const struct large_key *largest = &diagnosis->largest[0];

    if (bound) {
        advise_bound(diagnosis, bound, first);
        return;
    }
    advise_memory(diagnosis, first);
    tell(first, " Then have the application keep less in %K (%s).", "key", largest->name,
         *largest->why ? largest->why : "the bounds that were tried do not end half of the refusals");
}

double weigh_largest(const struct findings *findings, struct cause_told *cause)
{
    const struct census_look *onset = findings->onset;
    uint64_t sum = 0;
    size_t count = 0;
    double part;
    const char *name = findings->diagnosis->largest[0].name;

    for (; count < onset->largest_count && census_key_is_large(onset, count); count++)
        sum += onset->largest[count].bytes;
    part = share_of((double)sum, (double)onset->all.bytes);
    if (part < 0.3 || onset->all.keys < 20 * CENSUS_LARGEST)
        return 0;
    if (count > 1)
        tell(&cause->says, "%N keys hold %P %% of the keys' memory", "largest_keys", (double)count,
             "largest_share_of_bytes", part);
    else
        tell(&cause->says, "%K alone holds %P %% of the keys' memory", "key", name, "largest_share_of_bytes", part);
    tell(&cause->evidence, "%N of %N keys weigh %B, and %K alone %B.", "largest_keys", (double)count, "keys",
         (double)onset->all.keys, "largest_bytes", (double)sum, "key", name, "largest_key_bytes",
         (double)onset->largest[0].bytes);
    advise_largest(findings->diagnosis, &cause->first);
    return 0.6 + 0.5 * part;
}

/* ---- growth ---- */

static void advise_growth(const struct diagnosis *diagnosis, bool of_collections, struct told *first)
{
    const struct tried *bound = of_collections ? best_bound(diagnosis) : NULL;

    if (bound) {
        advise_bound(diagnosis, bound, first);
        return;
    }
    advise_memory(diagnosis, first);
    tell(first, of_collections
                    ? " Then cap them where they are written (LTRIM, XADD MAXLEN ~, ZREMRANGEBYRANK), or give "
                      "them a ttl."
                    : " Then bound what is appended or overwritten, or keep its parts under keys with a ttl.");
}

/* Of the keys that are there at the end without a limit: what they weigh more, net, than behind the commands that made
 * them. A key that is written anew after it was deleted, or has expired, is another. */
static double weigh_values(const struct findings *findings, struct cause_told *cause, bool of_collections)
{
    const struct census_look *end = &findings->unlimited_census->end;
    double net = (double)end->grown.bytes - (double)end->shrunk_bytes, part = share_of(net, (double)end->all.bytes);
    bool are_collections = share_of((double)end->grown_collections, (double)end->grown.bytes) > 0.5;

    if (net < 0.1 * (double)findings->diagnosis->maxmemory || part < 0.3 || are_collections != of_collections)
        return 0;
    tell(&cause->says, of_collections ? "collections only grow: elements are added, and few are taken away"
                                      : "the same keys hold ever larger values");
    tell(&cause->evidence,
         "Without a limit %N of %N keys would hold more at the end than when they were made: %B more, %P %% of all "
         "keys' "
         "memory.",
         "grown_keys", (double)end->grown.keys, "keys", (double)end->all.keys, "grown_bytes", net, "share_of_bytes",
         part);
    advise_growth(findings->diagnosis, of_collections, &cause->first);
    return 0.5 + 0.45 * fmin(part, 1);
}

double weigh_larger_values(const struct findings *findings, struct cause_told *cause)
{
    return weigh_values(findings, cause, false);
}

double weigh_collections(const struct findings *findings, struct cause_told *cause)
{
    return weigh_values(findings, cause, true);
}

/* ---- unused keys ---- */

/* Of keys that have been there for half of the trace: how many nobody has named for as long. */
double weigh_unused(const struct findings *findings, struct cause_told *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct census_look *end = &findings->unlimited_census->end;
    double part = share_of((double)end->unused.bytes, (double)end->old.bytes);
    const struct tried *ttl = best_ttl(diagnosis);
    double of_all = share_of((double)end->unused.bytes, (double)end->all.bytes);
    int64_t half_us = end->sample.time_us / 2;

    if (part < 0.7 || of_all < 0.25)
        return 0;
    tell(&cause->says, "keys without a ttl stay, and are never used again");
    tell(&cause->evidence,
         "Without a limit %N keys (%B, %P %% of all) without a ttl would be there at the end that no command had named "
         "for "
         "the last %T, half of the trace: %P %% of those that are as old.",
         "unused_keys", (double)end->unused.keys, "unused_bytes", (double)end->unused.bytes, "unused_share_of_bytes",
         of_all, "unused_for_s", (double)half_us, "unused_share_of_old_bytes", part);
    if (ttl) {
        tell(&cause->first, "%K: ", "command", ttl->command);
        tell_what_is_left(diagnosis, ttl, &cause->first);
        if (!findings->is_cache)
            tell(&cause->first, "; %N keys expire, of which %N are never written again", "expired_keys",
                 ttl->expired_keys.mean, "expired_for_good", ttl->expired_for_good.mean);
        tell(&cause->first, ". Delete those that are there already.");
    } else {
        advise_memory(diagnosis, &cause->first);
        tell(&cause->first, " Then give such keys a ttl when they are written, and delete the old ones.");
    }
    return 0.4 + 0.5 * part;
}
