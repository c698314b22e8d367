/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tracking: CLIENT TRACKING, CLIENT CACHING and HELLO. What they keep is ../tracking_table.h's.
 *
 * Source: clientCommand, helloCommand (networking.c). */
#include "sim/server/commands/commands.h"
#include "sim/server/pubsub.h"
#include "sim/server/tracking_table.h"

enum { HELLO_REPLY = 146 };

/* The client to tell: whoever subscribed to the channel last. */
static void find_redirect(struct call *call, uint32_t channel)
{
    uint32_t client;

    if (pubsub_last_subscriber(call->redis, channel, &client))
        tracking_of(&call->redis->tracking, call->client)->redirect_plus = client + 1;
}

static void begin(struct call *call, unsigned flags)
{
    const struct element *elements = call_elements(call);
    bool has_prefix = false;

    tracking_begin(call->redis, call->client, flags);
    for (uint32_t i = 1; i < call->elements; i++) {
        if (elements[i].flags & ELEMENT_CONTENT) {
            find_redirect(call, elements[i].member);
        } else if (elements[i].flags & ELEMENT_TEXT) {
            tracking_add_prefix(call->redis, call->client, elements[i].member);
            has_prefix = true;
        }
    }
    if (flags & TRACKING_BCAST && !has_prefix)
        tracking_add_prefix(call->redis, call->client, NO_MEMBER);
}

void run_client_tracking(struct call *call)
{
    unsigned flags = (unsigned)call_elements(call)->number;

    if (flags)
        begin(call, flags);
    else
        tracking_end(call->redis, call->client);
    call_reply_ok(call);
}

/* Only who has said OPTIN or OPTOUT may say so. */
void run_client_caching(struct call *call)
{
    struct tracker *tracker = tracking_of(&call->redis->tracking, call->client);
    bool is_yes = call_elements(call)->number;

    if (!(tracker->flags & (is_yes ? TRACKING_OPTIN : TRACKING_OPTOUT))) {
        call_reply_error(call);
        return;
    }
    tracker->has_caching = true;
    call_reply_ok(call);
}

void run_hello(struct call *call)
{
    if (call->elements)
        tracking_of(&call->redis->tracking, call->client)->speaks_resp3 = call_elements(call)->number == 3;
    call->reply += HELLO_REPLY;
}
