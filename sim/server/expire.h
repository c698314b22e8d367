/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expire: the active expiry cycle. */
#ifndef SIM_SERVER_EXPIRE_H
#define SIM_SERVER_EXPIRE_H

#include "sim/server/state.h"

/* One run of the slow cycle, as serverCron does it: looks at keys with a ttl and deletes those that have expired, until
 * few of those that it looks at have. */
void active_expire_cycle(struct redis *redis);

#endif
