/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expire_fields: the part of the active expiry cycle that deletes fields of hashes, activeExpireHashFieldCycle of expire.c
 * (Redis 7.4).
 *
 * It need not search: a database has its hashes in the order in which their fields expire. A thousand fields go at once at
 * most, for the default of ten calls of cron a second; a cycle calls it for each of 16 databases, and it stays with the one
 * that has more to do. */
#ifndef SIM_SERVER_EXPIRE_FIELDS_H
#define SIM_SERVER_EXPIRE_FIELDS_H

#include "sim/server/state.h"

void expire_fields_of_a_database(struct redis *redis);

#endif
