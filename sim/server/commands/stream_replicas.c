/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/server/commands/stream_replicas.h"
#include "sim/server/values/resp.h"

#include <string.h>

static uint64_t word(const char *text)
{
    return resp_bulk_bytes(strlen(text));
}

static uint64_t number(int64_t value)
{
    return resp_bulk_bytes(decimal_length(value));
}

static uint64_t name(const struct call *call, uint32_t member)
{
    return resp_bulk_bytes(member_of(call->redis->members, member)->length);
}

static uint64_t id_bytes(struct stream_id id)
{
    return resp_bulk_bytes(UINT64_C(1) + decimal_length((int64_t)id.ms) + decimal_length((int64_t)id.seq));
}

void stream_send_claim(struct call *call, const struct stream_group *group, struct stream_id id)
{
    enum { ARGUMENTS = 14 };
    const struct stream_pending *pending = stream_pending_find(group, id);

    call_propagate_apart(call, ARGUMENTS,
                         word("xclaim") + resp_bulk_bytes(call->key_len) + name(call, group->name) +
                             name(call, group->consumers[pending->consumer].name) + number(0) + id_bytes(id) +
                             word("time") + number(pending->delivered_ms) + word("retrycount") +
                             number(pending->deliveries) + word("force") + word("justid") + word("lastid") +
                             id_bytes(group->last));
}

void stream_send_last(struct call *call, const struct stream_group *group)
{
    enum { ARGUMENTS = 7 };

    call_propagate_apart(call, ARGUMENTS,
                         word("xgroup") + word("setid") + resp_bulk_bytes(call->key_len) + name(call, group->name) +
                             id_bytes(group->last) + word("entriesread") + number(group->read));
}

void stream_send_consumer(struct call *call, const struct stream_group *group, uint32_t consumer)
{
    enum { ARGUMENTS = 5 };

    call_propagate_apart(call, ARGUMENTS,
                         word("xgroup") + word("createconsumer") + resp_bulk_bytes(call->key_len) +
                             name(call, group->name) + name(call, group->consumers[consumer].name));
}
