/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash_field: a field of a hash as the commands see it: one that has expired goes when it is looked at. */
#ifndef SIM_SERVER_COMMANDS_HASH_FIELD_H
#define SIM_SERVER_COMMANDS_HASH_FIELD_H

#include "sim/server/commands/call.h"
#include "sim/server/values/hash.h"

/* What is done to a hash that has lost its last field: the key goes at once, or the caller sees to it. */
enum emptied { EMPTIED_GOES, EMPTIED_STAYS };

/* hashTypeGetValue: the slot of the field; NO_SLOT: it is not there, or not any more, or (in Valkey) has expired, though it is
 * still there. entry_is_hash() says whether the key still is. *expired is true if the field went just now; it may be NULL. */
uint32_t call_find_field(struct call *call, struct entry *entry, uint32_t field, enum emptied emptied, bool *expired);

static inline bool entry_is_hash(const struct entry *entry)
{
    return entry->encoding != ENCODING_ABSENT;
}

/* The call's key, a hash without fields, goes. */
void call_delete_emptied(struct call *call);
/* hashTypeExpireIfNeeded: all fields that have expired go, but in Valkey. False: so has the key. */
bool call_expire_fields(struct call *call, struct entry *entry);

#endif
