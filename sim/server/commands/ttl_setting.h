/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ttl_setting: what the commands on the ttls of a hash's fields share: the fields that they name, and the ttl that they set
 * for one after the other, until the database is told when the first of them expires.
 *
 * A Valkey since 9.0 looks at the ttl before it looks for the key, makes a table of a hash only when a field of it gets a ttl,
 * and tells replicas of fields whose ttl is past by one HDEL in the command's place.
 *
 * Source: struct HashTypeSetEx, hashTypeSetEx, hashTypeSetExDone (t_hash.c of Redis 7.4.1), hashTypeSetExpire,
 * hexpireGenericCommand (t_hash.c of Valkey 9.1.2). */
#ifndef SIM_SERVER_COMMANDS_TTL_SETTING_H
#define SIM_SERVER_COMMANDS_TTL_SETTING_H

#include "sim/server/commands/hash_field.h"

/* ---- the call ---- */

/* The fields that the command names, which are its last elements, and how many. */
uint32_t ttl_call_count(const struct call *call);
const struct element *ttl_call_fields(const struct call *call);
/* Unix ms at which the row's ttl ends; false: the server refuses it, and the command has failed. */
bool ttl_call_time(struct call *call, int64_t *when);
/* Replicas are sent another command: these elements, and the row's ttl as a time. */
void ttl_call_propagate(struct call *call, enum op op, const struct element *elements, uint32_t count, int64_t when);

/* ---- fields ---- */

/* What is answered for a field, of HEXPIRE and its kin. */
enum ttl_result { TTL_NO_FIELD = -2, TTL_NONE = -1, TTL_NOT_MET = 0, TTL_SET = 1, TTL_DELETED = 2 };

struct ttl_setting {
    struct call *call;
    struct entry *entry;
    int64_t when;
    const struct element *nx, *xx, *gt, *lt;
    int64_t due_before; /* what the database knew */
    int64_t least;      /* of the ttls that fields had, and got */
    uint32_t set, deleted;
};

/* hashTypeSetExInit: the hash's fields may have ttls from now on; in Valkey once one gets it. */
struct ttl_setting ttl_setting_begin(struct call *call, struct entry *entry, int64_t when);
/* hashTypeSetEx: the field expires then, if the command's condition is met; at once, if that is past. */
enum ttl_result ttl_setting_apply(struct ttl_setting *setting, const struct element *field);
/* hashTypeSetExDone: the database learns when the first field expires, unless that is known, or nearly. The key of a hash
 * without fields is the caller's to delete. */
void ttl_setting_end(struct ttl_setting *setting);

/* HPERSIST of a field. */
enum ttl_result ttl_call_persist(struct call *call, struct entry *entry, uint32_t field);

#endif
