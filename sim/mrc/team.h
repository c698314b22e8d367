/* SPDX-License-Identifier: GPL-3.0-or-later */
/* team: threads that do one round of tasks after the other, and wait in between.
 *
 * The tasks of a round share nothing that one of them writes, so that it does not matter which thread does which. */
#ifndef SIM_MRC_TEAM_H
#define SIM_MRC_TEAM_H

#include <stddef.h>

struct team;

/* `workers` threads, the caller's among them; to be closed. */
struct team *team_open(int workers);
/* Calls task(owner, i) for every i below count, and returns when all are done. Policies' crashes are blamed in any thread
 * (crash.h). */
void team_run(struct team *team, size_t count, void (*task)(void *owner, size_t i), void *owner);
void team_close(struct team *team); /* NULL: nothing */

#endif
