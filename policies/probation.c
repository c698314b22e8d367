/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/probation.h"

int probation_init(struct policy_context *context, struct error *error)
{
    (void)error;
    for (unsigned home = 0; home < HOMES; home++)
        queue_init(queue_of(context, home), home);
    return 0;
}

void probation_release(struct policy_context *context)
{
    for (unsigned home = 0; home < HOMES; home++)
        queue_release(queue_of(context, home));
}

static void enter(struct policy_context *context, uint32_t id, enum home home)
{
    probation_entry(context, id)->home = (uint8_t)home;
    queue_push(context, queue_of(context, home), id);
    queue_of(context, home)->bytes += probation_entry(context, id)->bytes;
}

void probation_leave(struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);
    struct queue *queue = queue_of(context, (enum home)entry->home);

    queue->bytes -= entry->bytes;
    queue_take(context, queue, id);
    entry->home = NOWHERE;
}

uint64_t probation_capacity(const struct policy_context *context)
{
    return policy_capacity(context, queue_of(context, SMALL)->bytes + queue_of(context, MAIN)->bytes);
}

uint64_t probation_share(const struct policy_context *context, int parameter)
{
    uint64_t all = probation_capacity(context);

    return all == UINT64_MAX ? all : (uint64_t)((double)all * context->parameters[parameter]);
}

/* If it is in ghost it will leave that. */
void probation_soon(const struct policy_context *context, uint32_t id)
{
    if (probation_entry(context, id)->home == GHOST)
        queue_fetch_record(context, queue_of(context, GHOST), id);
}

void probation_arriving(struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);

    entry->remembered = entry->home == GHOST;
    if (entry->remembered)
        probation_leave(context, id);
}

bool probation_admits(struct policy_context *context, uint32_t id)
{
    (void)id;
    return context->arriving_bytes <= probation_share(context, PROBATION_SMALL_SHARE);
}

void probation_added(struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);

    if (entry->home == GHOST) /* RENAME, for one, has not announced it */
        probation_arriving(context, id);
    entry->bytes = (uint32_t)policy_size(context, id);
    entry->uses = 0;
    enter(context, id, entry->remembered ? MAIN : SMALL);
    entry->remembered = 0;
}

void probation_reweigh(const struct policy_context *context, uint32_t id)
{
    struct probation_entry *entry = probation_entry(context, id);
    uint32_t bytes = (uint32_t)policy_size(context, id);

    queue_of(context, (enum home)entry->home)->bytes += (uint64_t)bytes - entry->bytes;
    entry->bytes = bytes;
}

void probation_promote(struct policy_context *context, uint32_t id)
{
    probation_leave(context, id);
    probation_entry(context, id)->uses = 0;
    enter(context, id, MAIN);
}

void probation_remember(struct policy_context *context, uint32_t id)
{
    struct queue *ghost = queue_of(context, GHOST);
    uint64_t most = probation_share(context, PROBATION_GHOST_SHARE);

    if (probation_entry(context, id)->bytes > most)
        return;
    enter(context, id, GHOST);
    while (ghost->bytes > most)
        probation_leave(context, queue_oldest(context, ghost));
}

uint32_t probation_victim_of_main(struct policy_context *context)
{
    struct queue *main = queue_of(context, MAIN);

    for (;;) {
        uint32_t id = queue_oldest(context, main);

        if (id == NO_KEY || !probation_entry(context, id)->uses)
            return id;
        probation_entry(context, id)->uses--;
        queue_renew(context, main, id);
    }
}
