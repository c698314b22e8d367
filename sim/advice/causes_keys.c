/* SPDX-License-Identifier: GPL-3.0-or-later */
/* causes_keys: of the keys themselves: expired, very large, growing, or never used again. */
#include "sim/advice/cause.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

double weigh_expired(const struct findings *findings, struct cause *cause)
{
    const struct diagnosis *diagnosis = findings->diagnosis;
    const struct tried *remedy = diagnosis_remedy(diagnosis, "active-expire-effort 10");
    double part = share_of((double)findings->onset->expired.bytes, (double)findings->onset->all.bytes);
    double ended = ended_by(diagnosis, remedy);
    char keys[UNITS_TEXT], bytes[UNITS_TEXT], effort[128] = "", left[UNITS_TEXT], now[UNITS_TEXT];

    if (part < 0.1)
        return 0;
    cause_fact(cause, "expired_keys", (double)findings->onset->expired.keys);
    cause_fact(cause, "expired_bytes", (double)findings->onset->expired.bytes);
    cause_fact(cause, "share_of_bytes", part);
    if (remedy && findings->refuses) {
        cause_fact(cause, "refusals_with_effort_10", remedy->oom_rejections.mean);
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

/* The bound, or the split, that helps: as a command, with what it loses; of a store of record also what loses nothing. To be
 * freed. */
static char *advise_bound(const struct diagnosis *diagnosis, const struct tried *bound)
{
    bool loses = bound->trimmed_elements.mean > 0;
    char left[UNITS_TEXT], elements[UNITS_TEXT];
    char *rest = bound->ends_it ? xstrdup("no write is refused then")
                                : text_of("%s refusals are left then",
                                          print_count(left, (uint64_t)llround(bound->oom_rejections.mean)));
    char *text, *memory;

    print_count(elements, (uint64_t)llround(bound->trimmed_elements.mean));
    if (!loses) {
        text = text_of("%s: %s.", bound->command, rest);
    } else if (strcmp(diagnosis->role, "store") != 0) {
        text = text_of("%s: %s; it takes %s elements away.", bound->command, rest, elements);
    } else {
        memory = advise_memory(diagnosis);
        text = text_of("%s, if the %s elements that this takes away may go: %s. Else %s", bound->command, elements,
                       rest, memory);
        free(memory);
    }
    free(rest);
    return text;
}

/* What to do about the largest keys: what a trial showed; else, of what no command can make smaller, memory. */
static char *advise_largest(const struct diagnosis *diagnosis)
{
    const struct tried *bound = best_bound(diagnosis);
    const struct large_key *first = &diagnosis->largest[0];
    char *memory, *text;

    if (bound)
        return advise_bound(diagnosis, bound);
    memory = advise_memory(diagnosis);
    text = text_of("%s Then have the application keep less in %s: %s.", memory, first->name,
                   *first->why ? first->why : "what was tried does not end half of the refusals");
    free(memory);
    return text;
}

double weigh_largest(const struct findings *findings, struct cause *cause)
{
    const struct census_look *onset = findings->onset;
    uint64_t sum = 0;
    size_t count = 0;
    double part;
    const char *name = findings->diagnosis->largest[0].name;
    char bytes[UNITS_TEXT], one[UNITS_TEXT], keys[UNITS_TEXT];

    for (; count < onset->largest_count && census_key_is_large(onset, count); count++)
        sum += onset->largest[count].bytes;
    part = share_of((double)sum, (double)onset->all.bytes);
    if (part < 0.3 || onset->all.keys < 20 * CENSUS_LARGEST)
        return 0;
    cause_fact(cause, "largest_keys", (double)count);
    cause_fact(cause, "largest_bytes", (double)sum);
    cause_fact(cause, "largest_share_of_bytes", part);
    cause_fact(cause, "largest_key_bytes", (double)onset->largest[0].bytes);
    cause->says = count > 1 ? text_of("%zu keys hold %.0f %% of the keys' memory", count, 100 * part)
                            : text_of("%s alone holds %.0f %% of the keys' memory", name, 100 * part);
    cause->evidence = text_of("%zu of %s keys weigh %s, and %s alone %s.", count, print_count(keys, onset->all.keys),
                              print_bytes(bytes, sum), name, print_bytes(one, onset->largest[0].bytes));
    cause->first = advise_largest(findings->diagnosis);
    return 0.6 + 0.5 * part;
}

/* Of the keys that are there at the end without a limit: what they weigh more, net, than behind the commands that made
 * them. A key that is written anew after it was deleted, or has expired, is another. */
static double weigh_values(const struct findings *findings, struct cause *cause, bool of_collections)
{
    const struct census_look *end = &findings->unlimited_census->end;
    double net = (double)end->grown.bytes - (double)end->shrunk_bytes, part = share_of(net, (double)end->all.bytes);
    bool are_collections = share_of((double)end->grown_collections, (double)end->grown.bytes) > 0.5;
    char keys[UNITS_TEXT], bytes[UNITS_TEXT], all[UNITS_TEXT];

    if (net < 0.1 * (double)findings->diagnosis->maxmemory || part < 0.3 || are_collections != of_collections)
        return 0;
    cause_fact(cause, "grown_keys", (double)end->grown.keys);
    cause_fact(cause, "grown_bytes", net);
    cause_fact(cause, "share_of_bytes", part);
    cause_fact(cause, "keys", (double)end->all.keys);
    cause->says = xstrdup(of_collections ? "collections only grow: elements are added, and few are taken away"
                                         : "the same keys hold ever larger values");
    cause->evidence = text_of(
        "Without a limit %s of %s keys would hold more at the end than when they were made: %s more, %.0f %% of all "
        "keys' memory.",
        print_count(keys, end->grown.keys), print_count(all, end->all.keys), print_bytes(bytes, (uint64_t)net),
        100 * part);
    if (of_collections && best_bound(findings->diagnosis))
        cause->first = advise_bound(findings->diagnosis, best_bound(findings->diagnosis));
    else
        cause->first =
            xstrdup(of_collections ? "Cap them where they are written (LTRIM, XADD MAXLEN ~, ZREMRANGEBYRANK), or "
                                     "give them a ttl."
                                   : "Bound what is appended or overwritten; or keep its parts under keys with a "
                                     "ttl.");
    return 0.5 + 0.45 * fmin(part, 1);
}

double weigh_larger_values(const struct findings *findings, struct cause *cause)
{
    return weigh_values(findings, cause, false);
}

double weigh_collections(const struct findings *findings, struct cause *cause)
{
    return weigh_values(findings, cause, true);
}

/* Of keys that have been there for half of the trace: how many nobody has named for as long. */
double weigh_unused(const struct findings *findings, struct cause *cause)
{
    const struct census_look *end = &findings->unlimited_census->end;
    double part = share_of((double)end->unused.bytes, (double)end->old.bytes);
    const struct tried *ttl = best_ttl(findings->diagnosis);
    double of_all = share_of((double)end->unused.bytes, (double)end->all.bytes);
    char keys[UNITS_TEXT], bytes[UNITS_TEXT], time[UNITS_TEXT];

    if (part < 0.7 || of_all < 0.25)
        return 0;
    cause_fact(cause, "unused_keys", (double)end->unused.keys);
    cause_fact(cause, "unused_bytes", (double)end->unused.bytes);
    cause_fact(cause, "unused_share_of_bytes", of_all);
    cause_fact(cause, "unused_share_of_old_bytes", part);
    cause_fact(cause, "unused_for_hours", (double)end->sample.time_us / 2 / 3600e6);
    cause->says = xstrdup("keys without a ttl stay, and are never used again");
    cause->evidence = text_of(
        "Without a limit %s keys (%s, %.0f %% of all) without a ttl would be there at the end that no command had "
        "named for the last %s, half of the trace: %.0f %% of those that are as old.",
        print_count(keys, end->unused.keys), print_bytes(bytes, end->unused.bytes), 100 * of_all,
        print_duration(time, end->sample.time_us / 2), 100 * part);
    if (ttl)
        cause->first =
            text_of("Give such keys a ttl, and delete the old ones: with %s no write is refused.", ttl->name);
    else
        cause->first = xstrdup("Give such keys a ttl when they are written, and delete the old ones.");
    return 0.4 + 0.5 * part;
}
