/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lingering: keys whose ttl has passed and that are still there, because no command has asked for them and the active
 * expiry cycle has not come to them.
 *
 * To know them all keys are looked at. So that this costs little, a point of the curve has them only when since the last
 * such look there were as many commands as there are keys; LINGERING_FREE keys are looked at in any case. The last point
 * always has them. */
#ifndef SIM_SERVER_LINGERING_H
#define SIM_SERVER_LINGERING_H

#include "sim/server/state.h"

enum { LINGERING_FREE = 200000 };

static inline bool entry_lingers(const struct redis *redis, const struct entry *entry)
{
    return entry->encoding != ENCODING_ABSENT && entry->expire_ms != NO_EXPIRE && entry->expire_ms < redis->unix_ms;
}

/* Fills the sample's lingering_keys and lingering_bytes, or says COUNT_UNKNOWN. */
void lingering_look(struct redis *redis, struct sample *sample, bool is_last);

#endif
