/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blessing: what is known of a key that BLESS was said of (bless.h). */
#ifndef SIM_SERVER_BLESSING_H
#define SIM_SERVER_BLESSING_H

#include "sim/server/state.h"

enum { BLESS_FIELD = 8 };

/* What is known of a key. */
enum blessing {
    BLESSING_KEPT = 1,  /* it may not be evicted */
    BLESSING_FIELD = 2, /* its object has the field */
};

static inline uint8_t blessing_of(const struct redis *redis, uint32_t id)
{
    return __builtin_expect(redis->blessings != NULL, 0) ? redis->blessings[id] : 0;
}

static inline bool key_is_blessed(const struct redis *redis, uint32_t id)
{
    return blessing_of(redis, id) & BLESSING_KEPT;
}

/* The policy in force is not told what happens to the key. */
static inline bool key_is_hidden(const struct redis *redis, uint32_t id)
{
    return key_is_blessed(redis, id) && !redis->policy->redis;
}

/* Bytes of the field, of the key's object. */
static inline uint64_t bless_field_bytes(const struct redis *redis, uint32_t id)
{
    return blessing_of(redis, id) & BLESSING_FIELD ? BLESS_FIELD : 0;
}

#endif
