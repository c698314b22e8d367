/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set_reply: what the commands on sets reply with. */
#ifndef SIM_SERVER_COMMANDS_SET_REPLY_H
#define SIM_SERVER_COMMANDS_SET_REPLY_H

#include "sim/server/commands/call.h"
#include "sim/server/values/collection.h"

static inline void reply_member(struct call *call, uint32_t member)
{
    call_reply_bulk(call, text_of_member(member_of(call->redis->members, member)).length);
}

/* All of them, as an array. */
static inline void reply_members(struct call *call, const struct collection *set)
{
    call_reply_array(call, set->count);
    for (uint32_t slot = collection_next(set, 0); slot != NO_SLOT; slot = collection_next(set, slot + 1))
        reply_member(call, set->member[slot]);
}

#endif
