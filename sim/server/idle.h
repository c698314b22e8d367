/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idle: empty time costs nothing.
 *
 * Nobody sends anything, and the server still wakes up for serverCron ten times a second: it trims buffers, moves the
 * cursor of the expiry cycle, answers the client that asks INFO once a minute. All that is a small machine, and it
 * comes round: after a while it stands as it stood before, only later.
 *
 *     time   |  t          t + r                             t + n r      until
 *     state  |  A ........ A ........ A ........ A ......... A ..........|
 *                 walked     skipped: n - 1 rounds             walked
 *
 * What happened in between will then happen again and again until something else does: the next request, an event of
 * the scenario, a point of the curve, a key whose ttl ends, a child that does. So as many whole rounds as fit before
 * that are skipped, and the clock, the cursors and whatever else counts on are moved by as many. The state afterwards
 * is the one that walking would have led to, to the byte (model_idle.c).
 *
 * The round is found as in Brent's algorithm: the state of one tick is kept and compared with each that follows; the
 * one that is kept is renewed after 1, 2, 4, 8, ... ticks. Once it is known, every tick begins a round. Without ttls a
 * round is 5 s, after which the peak of the reply buffer is forgotten; with many it is a round of the cursor over the table. There are two searches: between one
 * INFO and the next the server is alone; and with INFO it goes round more slowly, looked at in the tick behind it.
 *
 * Replicas are sent a PING every 10 s, of which each makes the stream longer: the stream is not part of the state, and
 * the PINGs of the time that is skipped are fed to it at once. */
#ifndef SIM_SERVER_IDLE_H
#define SIM_SERVER_IDLE_H

#include "sim/server/state.h"

#include <stdbool.h>
#include <stdint.h>

/* Something has happened that is not of the machine: a command, an event of the scenario, a timer. */
void idle_forget(struct redis *redis);
void idle_release(struct idle *idle);
/* INFO has been asked. */
void idle_note_info(struct redis *redis);

/* A tick of an idle server has ended: by how many us cron is put off, and INFO too if that is said, as if the ticks of
 * that time had been walked. Moves on everything but the clock and the events. 0: nothing is skipped. */
int64_t idle_skip(struct redis *redis, int64_t period_us, bool *info_too);

#endif
