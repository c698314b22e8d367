/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cause_shards: one shard of a cluster is full while half of the room of another is free. */
#include "sim/advice/cause.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/shard_skew.h"
#include "sim/units.h"

#include <inttypes.h>
#include <stdlib.h>

/* A slot cannot be divided: one that has this share of its shard's keys' memory, or requests, keeps the shard full. */
static const double LARGE_SLOT = 0.2;

/* The slot of the shard that holds most; NULL: none of it is among the largest. */
static const struct hot_slot *slot_of(const struct hot_slot *slots, size_t count, uint32_t shard)
{
    for (size_t i = 0; i < count; i++)
        if (slots[i].shard == shard)
            return &slots[i];
    return NULL;
}

static void tell_slot(const struct hot_slot *slot, double of_bytes, double of_requests, struct cause *cause)
{
    char *before = cause->evidence, *what;

    cause_fact(cause, "slot", slot->slot);
    cause_fact(cause, "slot_share_of_shard_bytes", of_bytes);
    cause_fact(cause, "slot_share_of_shard_requests", of_requests);
    what = slot->hash_tag      ? text_of(" (hash tag {%s})", slot->hash_tag)
           : slot->largest_key ? text_of(" (its largest key: %s)", slot->largest_key)
                               : xstrdup("");
    cause->evidence = text_of("%s Slot %" PRIu32 "%s has %.0f %% of its keys' memory and %.0f %% of its requests.",
                              before, slot->slot, what, 100 * of_bytes, 100 * of_requests);
    free(before);
    free(what);
    if (of_bytes < LARGE_SLOT && of_requests < LARGE_SLOT)
        return;
    free(cause->first);
    cause->first = slot->hash_tag ? text_of("Spread the keys of the hash tag {%s} over several tags: a slot cannot be "
                                            "divided, so more shards do not help.",
                                            slot->hash_tag)
                                  : text_of("Split what is in slot %" PRIu32 " over several keys: a slot cannot be "
                                            "divided, so more shards do not help.",
                                            slot->slot);
}

double weigh_shards(const struct findings *findings, struct cause *cause)
{
    const struct result *cluster = findings->cluster;
    int place = cluster ? shard_full_beside_half_empty(cluster) : -1;
    const struct shard *shard = place < 0 ? NULL : &cluster->shards[place];
    const struct hot_slot *slot;
    char since[UNITS_TEXT];

    if (!shard)
        return 0;
    cause_fact(cause, "first_refusal_s", (double)shard->first_refusal_us / 1e6);
    cause_fact(cause, "free_share_of_other", 1 - shard->least_full_share);
    cause_fact(cause, "share_of_requests", share_of((double)shard->requests, (double)cluster->counters.requests));
    cause_fact(cause, "shards", (double)cluster->shard_count);
    cause->says = xstrdup("one shard is full while others are half empty");
    cause->evidence =
        text_of("Shard %s (slots %s) refuses writes from %s on, when %.0f %% of the room in shard %s is free. It has "
                "%.0f %% of the requests of %zu shards.",
                shard->name, shard->slots, print_duration(since, shard->first_refusal_us),
                100 - 100 * shard->least_full_share, cluster->shards[shard->least_full].name,
                100 * share_of((double)shard->requests, (double)cluster->counters.requests), cluster->shard_count);
    cause->first = text_of("Move slots from shard %s to shard %s (redis-cli --cluster reshard); evsim run --slots FILE "
                           "says what a table of slots would do.",
                           shard->name, cluster->shards[shard->least_full].name);
    slot = slot_of(cluster->slots_by_bytes, cluster->slots_by_bytes_count, (uint32_t)place);
    if (slot)
        tell_slot(slot, share_of((double)slot->bytes, (double)findings->census->end.all.bytes),
                  share_of((double)slot->requests, (double)shard->requests), cause);
    return 1.5;
}
