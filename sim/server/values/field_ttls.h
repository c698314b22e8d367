/* SPDX-License-Identifier: GPL-3.0-or-later */
/* field_ttls: when each field of a hash expires, and where that is noted.
 *
 *     listpackex     behind each field and its value; fields are in the order of their ttls, those without come last
 *     table          in the field's own block, and the fields are in ebuckets of the hash's own
 *
 *
 * The hash itself is in the ebuckets of its database, by the time of its first field, or some seconds off: that is how the
 * active expiry cycle finds it. These are the columns alone, by the slots of the collection; what a hash does with them is
 * in hash.h.
 *
 * Valkey since 9.0 knows nothing of ttls in listpacks: a hash whose field gets one becomes a table. There the fields that
 * have one are in a volatile_set of the hash's own, and the hash in a table of its database, in no order.
 *
 * Source: struct listpackEx, dictExpireMetadata (server.h, t_hash.c of Redis 7.4.1); hashTypeTrackEntry (t_hash.c of Valkey
 * 9.1.2). */
#ifndef SIM_SERVER_VALUES_FIELD_TTLS_H
#define SIM_SERVER_VALUES_FIELD_TTLS_H

#include "sim/server/tables/ebuckets.h"
#include "sim/server/tables/volatile_set.h"

struct field_ttls {
    struct eb_item hash;    /* in the database's */
    struct ebuckets fields; /* of a table, by slot */
    struct eb_item *item;   /* by slot; ms EB_NEVER: the field has no ttl */
    bool *attached;         /* by slot, of a table: the field's block has room for a ttl */
    /* Of Valkey, in place of the ebuckets: */
    struct volatile_set set;
    bool is_listed; /* the hash is in its database's table of such hashes */
};

/* No field has a ttl. */
struct field_ttls *field_ttls_new(uint32_t capacity);
void field_ttls_release(struct field_ttls *ttls); /* NULL: nothing */
void field_ttls_reserve(struct field_ttls *ttls, uint32_t capacity);

/* The slot is another field's: in a table its block has room if it has a ttl. */
void field_ttls_set(struct field_ttls *ttls, uint32_t slot, int64_t ms);
/* The slot is none any more, and the so many behind it move up. */
void field_ttls_remove(struct field_ttls *ttls, uint32_t slot, uint32_t behind);
void field_ttls_exchange(struct field_ttls *ttls, uint32_t slot, uint32_t other);

/* Of a table: all fields that have a ttl, among the first `used` slots, are put into ebuckets. */
void field_ttls_gather(struct field_ttls *ttls, const struct allocator *allocator, uint64_t *memory, uint32_t used);
eb_item_fn field_ttls_item;   /* of those; the owner is the ttls */
volatile_ms_fn field_ttls_ms; /* likewise, of a volatile_set */

#endif
