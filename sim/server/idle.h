/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idle: empty time costs nothing.
 *
 * When nobody sends anything, the server still wakes up for serverCron ten times a second. It trims buffers, moves the
 * cursor of the expiry cycle, and answers the client that sends INFO once a minute. All that repeats itself: after a
 * while the server is in the same state as before, only later.
 *
 *     time   |  t          t + r                             t + n r      until
 *     state  |  A ........ A ........ A ........ A ......... A ..........|
 *                 walked     skipped: n - 1 rounds             walked
 *
 * The same round then comes again and again, until something else happens: the next request, an event of the scenario,
 * a point of the curve, the end of a ttl or of a child. As many whole rounds as fit before that are skipped. The
 * clock, the cursors and all other counts are moved by as many rounds. The state afterwards is the same, to the byte,
 * as if every tick had been walked (model_idle.c).
 *
 * The round is found by Brent's algorithm: the state of one tick is kept and compared with the state of each later
 * tick; after 1, 2, 4, 8, ... ticks a newer state is kept instead. Once the round is known, every tick begins one.
 * Without ttls a round takes 5 s, because the peak of the reply buffer is reset then; with many ttls it takes a whole
 * walk of the cursor over the table. There are two searches. One looks at the server between two INFOs. The other
 * looks at it in the tick after each INFO, where a round is longer.
 *
 * Replicas are sent a PING every 10 s, and each makes the stream longer. So the stream is not part of the state;
 * the PINGs of the skipped time are added to it at once. */
#ifndef SIM_SERVER_IDLE_H
#define SIM_SERVER_IDLE_H

#include "sim/server/state.h"

#include <stdbool.h>
#include <stdint.h>

/* Something has happened that is not part of a round: a command, an event of the scenario, a timer. */
void idle_forget(struct redis *redis);
void idle_release(struct idle *idle);
/* INFO has been sent. */
void idle_note_info(struct redis *redis);

/* Called at the end of a tick of an idle server. Returns how many us are skipped, 0 for none: the caller puts off
 * cron by that much, and INFO too if *info_too. Everything else but the clock and the events has been moved on. */
int64_t idle_skip(struct redis *redis, int64_t period_us, bool *info_too);

#endif
