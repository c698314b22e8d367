/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bless: BLESS SET, CLEAR and GET; BLESS SCAN is with SCAN (scan.c).
 *
 * Source: blessGenericCommand, blessGetCommand (bless.c) of Redis's unstable branch before 8.12. */
#include "sim/server/bless.h"

#include "sim/server/commands/commands.h"
#include "sim/server/keyspace.h"

#include <string.h>

/* LRM is not told: the key's value stays. */
void run_bless(struct call *call)
{
    bool changes;

    if (!call_lookup_write(call)) {
        call_reply_error(call); /* no such key */
        return;
    }
    call_touched(call);
    changes = call->op == OP_BLESS_SET ? key_bless(call->redis, call->id) : bless_clear(call->redis, call->id);
    if (changes)
        call_propagate(call);
    call_reply_integer(call, changes);
}

void run_bless_get(struct call *call)
{
    if (!key_lookup(call->redis, call->id, LOOKUP_NOTOUCH)) {
        call_reply_error(call); /* likewise */
        return;
    }
    call_reply_array(call, key_is_blessed(call->redis, call->id));
    if (key_is_blessed(call->redis, call->id))
        call_reply_bulk(call, strlen("NO-EVICT"));
}
