/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/flat/plain.h"

#include "sim/command.h"
#include "sim/engine/event.h"
#include "sim/flat/cache.h"
#include "sim/flat/execute.h"

/* Rows between the policy's own prefetch, for which the entry must have come, and its hooks. */
enum { SOON_ROWS = 12 };

bool plain_batch(const struct flat *flat, const struct batch *batch)
{
    unsigned other = 0;

    if ((flat->admission.admission && flat->admission.admission->seen) || flat->config->options->wrap || flat->groups)
        return false;
    if (flat->config->options->ttl_rules.count)
        return false;
    if (fetches_are_counted(&flat->fetches))
        return false;
    if (flat->expire_ms || !flat->fill)
        return false;
    if (flat->warmup_ends_us != EVENT_NEVER && (flat->in_script || batch->has_client)) /* see due_pass() */
        return false;
    for (uint32_t row = 0; row < batch->count; row++)
        other |= (unsigned)(batch->op[row] ^ OP_GET) | batch->flags[row] | (batch->value_len[row] == VALUE_UNKNOWN);
    for (uint32_t row = 0; row < batch->count && flat->libcachesim; row++)
        other |= !batch->value_len[row];
    return !other;
}

void plain_replay(struct flat *flat, const struct batch *batch, uint32_t first, uint32_t end)
{
    policy_hook_fn *touch = flat->eviction.policy->read;
    void (*const soon)(const struct policy_context *, uint32_t) = flat->eviction.policy->soon;
    const bool offline = flat->offline, has_surplus = flat->eviction.policy->surplus != NULL;
    const bool is_bare = cache_is_bare(flat);
    const uint64_t misses = flat->counters.misses;
    uint64_t hits = 0, bytes = 0, hit_bytes = 0, fills = 0;
    int64_t clock_us = -1;

    for (uint32_t row = first; row < end; row++) {
        const uint32_t id = batch->id[row];
        const struct object *object = object_of(flat, id);

        flat_prefetch_row(flat, batch, row + FLAT_PREFETCH_ROWS);
        if (soon && row + SOON_ROWS < end)
            soon(&flat->eviction, batch->id[row + SOON_ROWS]);
        if (batch->time_us[row] != clock_us) {
            flat_set_clock(flat, clock_us = batch->time_us[row]);
            flat->counters.misses = misses + row - first - hits;
            evictions_pass(&flat->evictions, clock_us, &flat->counters);
        }
        if (offline)
            flat_set_future(flat, batch, row);
        if (object->position) {
            hits++;
            hit_bytes += object->size;
            if (touch)
                touch(&flat->eviction, id);
            if (!has_surplus)
                continue;
            cache_evict_surplus(flat);
        } else {
            const uint32_t size = row_size(flat, batch, row);

            bytes += size;
            cache_count_miss(flat, id);
            if (!cache_lets_in(flat, id, size))
                continue;
            fills++;
            if (is_bare)
                cache_insert_bare(flat, id, size);
            else
                cache_insert(flat, id, size);
        }
        if (error_is_set(flat->error)) /* `touch` belongs to a policy that must not be called after an error */
            break;
    }
    flat->counters.requests += end - first;
    flat->counters.reads += end - first;
    flat->counters.hits += hits;
    flat->counters.misses = misses + end - first - hits;
    flat->counters.fills += fills;
    flat->counters.hit_bytes += hit_bytes;
    flat->counters.read_bytes += bytes + hit_bytes;
}
