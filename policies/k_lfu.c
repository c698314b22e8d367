/* SPDX-License-Identifier: GPL-3.0-or-later */
/* k-lfu: of k random keys, the one that was used least often since it came in; among equals, the first drawn. Counts
 * are exact and do not decay, unlike those of Redis's allkeys-lfu.
 *
 * Source: Psounis, Prabhakar, A randomized web-cache replacement scheme, INFOCOM 2001, with the use count as the
 * utility. */
#include "policies/draw.h"

enum { K };

static void added(struct policy_context *context, uint32_t id)
{
    *(uint32_t *)policy_entry(context, id) = 0;
}

static void used(struct policy_context *context, uint32_t id)
{
    uint32_t *uses = policy_entry(context, id);

    *uses += *uses < UINT32_MAX;
}

static uint32_t frequency(const struct policy_context *context, uint32_t id)
{
    return *(uint32_t *)policy_entry(context, id);
}

static uint32_t victim(struct policy_context *context)
{
    return draw_least(context, (int)context->parameters[K], frequency);
}

static const struct policy_parameter parameters[] = {
    [K] = {"k", 5, 1, DRAWS, "keys drawn for each victim"},
    {0},
};

const struct policy policy_k_lfu = {
    .name = "k-lfu",
    .summary = "of k random keys the least often used",
    .source = "Psounis and Prabhakar, INFOCOM 2001",
    .parameters = parameters,
    .scope = SCOPE_ALLKEYS,
    .entry_size = sizeof(uint32_t),
    .samples = true,
    .added = added,
    .read = used,
    .written = used,
    .victim = victim,
};
