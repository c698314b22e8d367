/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recency: tells which of two keys was used longer ago, for policies that sample and keep nothing else.
 *
 * The state is struct recency. A key's entry is the number of its last use, counted over all keys. */
#ifndef POLICIES_RECENCY_H
#define POLICIES_RECENCY_H

#include "sim/policy.h"

struct recency {
    uint32_t now; /* uses so far; its differences survive a wrap */
};

/* The hook of any use. */
static inline void recency_used(struct policy_context *context, uint32_t id)
{
    *(uint32_t *)policy_entry(context, id) = ((struct recency *)context->state)->now++;
}

/* A score: the longer ago, the smaller. */
static inline uint32_t recency_of(const struct policy_context *context, uint32_t id)
{
    return *(uint32_t *)policy_entry(context, id) - ((const struct recency *)context->state)->now;
}

#endif
