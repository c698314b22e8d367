/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cause_shards: one shard of a cluster is full while half of the room of another is free. */
#include "sim/advice/cause.h"

#include "sim/shard_skew.h"

#include <assert.h>

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

static void tell_slot(const struct hot_slot *slot, double of_bytes, double of_requests, struct cause_told *cause)
{
    tell(&cause->evidence, " Slot %N", "slot", slot->slot);
    if (slot->hash_tag)
        tell(&cause->evidence, " (hash tag {%K})", "hash_tag", slot->hash_tag);
    else if (slot->largest_key)
        tell(&cause->evidence, " (its largest key: %K)", "largest_key", slot->largest_key);
    tell(&cause->evidence, " has %P %% of its keys' memory and %P %% of its requests.", "slot_share_of_shard_bytes",
         of_bytes, "slot_share_of_shard_requests", of_requests);
}

/* What is in one slot cannot be moved apart. */
static void advise_slot(const struct hot_slot *slot, struct told *first)
{
    assert(slot);
    if (slot->hash_tag)
        tell(first,
             "Spread the keys of the hash tag {%K} over several tags: a slot cannot be divided, so more shards do not "
             "help.",
             "hash_tag", slot->hash_tag);
    else
        tell(first, "Split what is in slot %N over several keys: a slot cannot be divided, so more shards do not help.",
             "slot", (double)slot->slot);
}

double weigh_shards(const struct findings *findings, struct cause_told *cause)
{
    const struct result *cluster = findings->cluster;
    int place = cluster ? shard_full_beside_half_empty(cluster) : -1;
    const struct shard *shard = place < 0 ? NULL : &cluster->shards[place];
    const struct hot_slot *slot;
    double of_bytes = 0, of_requests = 0;

    if (!shard)
        return 0;
    tell(&cause->says, "one shard is full while others are half empty");
    tell(
        &cause->evidence,
        "Shard %K (slots %K) had refused writes by %T after the start, when %P %% of the room in shard %K was free. It "
        "has %P %% of the requests of %N shards.",
        "shard", shard->name, "slots", shard->slots, "first_refusal_s", (double)shard->first_refusal_us,
        "free_share_of_other", 1 - shard->least_full_share, "other", cluster->shards[shard->least_full].name,
        "share_of_requests", share_of((double)shard->requests, (double)cluster->counters.requests), "shards",
        (double)cluster->shard_count);
    slot = slot_of(cluster->slots_by_bytes, cluster->slots_by_bytes_count, (uint32_t)place);
    if (slot) {
        of_bytes = share_of((double)slot->bytes, (double)findings->census->end.all.bytes);
        of_requests = share_of((double)slot->requests, (double)shard->requests);
        tell_slot(slot, of_bytes, of_requests, cause);
    }
    if (of_bytes >= LARGE_SLOT || of_requests >= LARGE_SLOT)
        advise_slot(slot, &cause->first);
    else
        tell(&cause->first,
             "redis-cli --cluster reshard: move slots from shard %K to shard %K; evsim run --slots FILE says what a "
             "table of "
             "slots would do.",
             "shard", shard->name, "other", cluster->shards[shard->least_full].name);
    return 1.5;
}
