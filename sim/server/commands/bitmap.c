/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bitmap: the commands on the bits of strings, except GETBIT, SETBIT and BITFIELD (string.c). The bits are not known,
 * so a reply that counts them is as long as if half of them were set.
 *
 * Source: bitops.c of Redis 7.0.15. */
#include "sim/server/commands/commands.h"

#include "sim/server/keyspace.h"
#include "sim/server/values/encoding.h"

/* Whether the server finds the range wrong. BITCOUNT's may lack its end in some servers. */
static bool is_range_wrong(const struct call *call)
{
    return call_is_invalid(call) ||
           (call->op == OP_BITCOUNT && call->elements == 1 && !call->redis->profile->bitcount_end_may_miss);
}

/* BITCOUNT key -2 -4 ...: the server sees that this is nothing before it looks at the unit. */
static bool is_nothing(const struct call *call)
{
    const struct element *range = call_elements(call);

    return call->op == OP_BITCOUNT && call->elements == 3 && !((range[0].flags | range[1].flags) & ELEMENT_INVALID) &&
           range[1].number < range[0].number && range[0].number < 0;
}

/* BITCOUNT, BITPOS */
void run_bitcount(struct call *call)
{
    bool looks_first = !call->redis->profile->bit_range_first;
    const struct entry *entry;

    if (!looks_first && is_range_wrong(call)) {
        call_reply_error(call);
        return;
    }
    entry = key_lookup(call->redis, call->id, LOOKUP_READ);
    if (call_is_wrong_type(call, entry))
        return;
    if (entry && looks_first && is_range_wrong(call) && !is_nothing(call)) {
        call_reply_error(call);
        return;
    }
    call_reply_integer(call, entry && call->op == OP_BITCOUNT ? INT64_C(4) * entry_value_length(entry) : 0);
}

/* The result is as long as the longest value. It is stored under the command's first key. The result may happen to be a
 * number or a HyperLogLog; this is not known, and a command that needs one answers with an error. */
void run_bitop(struct call *call)
{
    struct redis *redis = call->redis;
    uint32_t first = call_first_row(call), length = 0;
    struct value value;

    if (call->flags & REQUEST_MORE)
        return;
    for (uint32_t row = first + 1; row <= call->row; row++) {
        const struct entry *entry = key_lookup(redis, call->batch->id[row], LOOKUP_READ);

        if (call_is_wrong_type(call, entry))
            return;
        if (entry && entry_value_length(entry) > length)
            length = entry_value_length(entry);
    }
    call_turn_to(call, first);
    call_reply_integer(call, length);
    if (length) {
        value = call_allocated(call, value_of_raw(redis, length));
        call_set_key(call, &value);
        call_propagate(call);
    } else if (key_delete_if_there(redis, call->id)) {
        redis->counters.deleted_keys++;
        call_propagate(call);
    }
}
