/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hyperloglog: PFADD, PFCOUNT, PFMERGE. A string that the trace stored with SET may be a HyperLogLog, but this is not
 * known: these commands answer that it has the wrong type.
 *
 * Source: hyperloglog.c of Redis 7.0.15. */
#include "sim/server/commands/commands.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/hyperloglog.h"
#include "sim/server/values/object.h"

#include <string.h>

/* Adds an empty HyperLogLog under the call's key. */
static struct entry *add_key(struct call *call)
{
    struct redis *redis = call->redis;
    struct hll *hll = hll_new(redis);
    struct value value = value_of_structure(redis, ENCODING_HLL, hll);

    redis->used -= hll_bytes(redis, hll);
    value = call_allocated(call, value);
    return call_create(call, &value);
}

/* dbUnshareStringValue: an embstr is made anew as a raw string before it is written to. */
static struct entry *unshare(struct call *call, struct entry *entry)
{
    struct redis *redis = call->redis;
    struct value raw;

    if (entry->encoding != ENCODING_HLL_EMBSTR)
        return entry;
    raw = call_allocated(call, value_of_structure(redis, ENCODING_HLL, hll_copy(redis, entry->structure)));
    key_overwrite(redis, call->id, &raw, false);
    return entry_of(redis, call->id);
}

void run_pfadd(struct call *call)
{
    const struct element *elements = call_elements(call);
    struct entry *entry = call_lookup_write(call);
    bool updated = !entry;

    if (call_is_wrong_type(call, entry)) {
        call_touched(call);
        return;
    }
    if (!entry)
        entry = add_key(call);
    entry = unshare(call, entry);
    for (uint32_t i = 0; i < call->elements; i++) {
        const struct member *member = member_of(call->redis->members, elements[i].member);

        updated |= hll_set(call->redis, entry->structure, member->hll_register, member->hll_rank);
    }
    if (updated) {
        ((struct hll *)entry->structure)->counted = false;
        call_written(call);
        call_propagate(call);
    } else {
        call_touched(call);
    }
    call_reply_integer(call, updated);
}

/* The union of the registers of all keys. Returns false if a key has another type. */
static bool raise_all(struct call *call, uint8_t ranks[HLL_REGISTERS], bool *has_dense)
{
    *has_dense = false;
    memset(ranks, 0, HLL_REGISTERS);
    for (uint32_t row = call_first_row(call); row <= call->row; row++) {
        const struct entry *entry = key_lookup(call->redis, call->batch->id[row], LOOKUP_READ);

        if (call_is_wrong_type(call, entry))
            return false;
        if (!entry)
            continue;
        hll_raise(entry->structure, ranks);
        *has_dense |= ((const struct hll *)entry->structure)->dense != NULL;
    }
    return true;
}

/* For a single key the server caches the count in the value. That is a change, which is sent to replicas. */
void run_pfcount(struct call *call)
{
    uint8_t ranks[HLL_REGISTERS];
    bool has_dense;
    struct entry *entry = entry_of(call->redis, call->id);

    if (call->flags & REQUEST_MORE || !raise_all(call, ranks, &has_dense))
        return;
    call_reply_integer(call, (int64_t)hll_estimate(ranks));
    if (call_first_row(call) != call->row || entry->encoding == ENCODING_ABSENT)
        return;
    entry = unshare(call, entry);
    if (!((struct hll *)entry->structure)->counted) {
        ((struct hll *)entry->structure)->counted = true;
        call_propagate(call);
    }
}

void run_pfmerge(struct call *call)
{
    uint8_t ranks[HLL_REGISTERS];
    bool has_dense;
    struct entry *entry;

    if (call->flags & REQUEST_MORE || !raise_all(call, ranks, &has_dense))
        return;
    call_turn_to(call, call_first_row(call));
    entry = call_lookup_write(call);
    if (!entry)
        entry = add_key(call);
    entry = unshare(call, entry);
    if (has_dense)
        hll_become_dense(call->redis, entry->structure);
    for (uint32_t i = 0; i < HLL_REGISTERS; i++)
        if (ranks[i])
            hll_set(call->redis, entry->structure, i, ranks[i]);
    ((struct hll *)entry->structure)->counted = false;
    call_written(call);
    call_propagate(call);
    call_reply_ok(call);
}
