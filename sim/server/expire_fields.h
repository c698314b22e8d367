/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expire_fields: the part of the active expiry cycle that deletes fields of hashes, activeExpireHashFieldCycle of expire.c
 * (Redis 7.4).
 *
 * Redis need not search: a database has its hashes in the order in which their fields expire. A thousand fields go at once at
 * most, for the default of ten calls of cron a second; a cycle calls it for each of 16 databases, and it stays with the one
 * that has more to do.
 *
 * Valkey since 9.0 searches as it does for expired keys: it walks the table of hashes of which some field has a ttl, some
 * twenty at a time, and goes on while more than a tenth of them had a field to delete. It takes 80 fields of a hash, and
 * looks at the same bucket again while the last hash had as many (fieldExpireScanCallback, dbReclaimExpiredFields of 9.1.2). */
#ifndef SIM_SERVER_EXPIRE_FIELDS_H
#define SIM_SERVER_EXPIRE_FIELDS_H

#include "sim/server/state.h"

void expire_fields_of_a_database(struct redis *redis);
/* Valkey's, of all databases. */
void expire_fields_of_hashes(struct redis *redis);

#endif
