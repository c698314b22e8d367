/* SPDX-License-Identifier: GPL-3.0-or-later */
/* growth: the trace as it would be with more users, at another rate, or with larger values.
 *
 *     format -> records in order -> growth -> more records in order -> ids -> batch
 *
 * rate=F    The times since the first request are divided by F. A ttl stays what it is, for an application does not shorten
 *           it because more requests come: a time of expiry that was said as a Unix time is as far away as before.
 * sizes=F   A value has F times as many bytes, rounded. What is an integer, or another number, stays one. So do elements, but for
 *           the values of a hash's fields: another length would be another element.
 * keys=F    Each key has siblings: F of them with itself, and of a fraction one more or not, which the key's hash decides. Each
 *           command is repeated for them. So the keys, the requests and their rate grow by F, and each key is as popular, as
 *           large and as short-lived as it was: F times the users, who behave as the users do.
 *
 * A sibling's command comes up to a second before its original's, and never before the command in front of that: between two
 * commands the copies are evenly spaced. So time never runs backwards, the commands on a sibling are in the order of those on
 * its original, nothing has to be kept, and the copies do not all come at one instant, unless the trace says that its commands
 * did. A sibling's name is the key's and "~copyN" behind it, which counts neither in the memory (key_len) nor for groups and patterns
 * (mark_bytes), but gives it a slot of its own unless the key has a hash tag. A key that is a number has another number. A
 * command of several keys is repeated for siblings of one number; if a command may be sent key by key (struct command: splits) it
 * leaves out the keys that have no such sibling, another is not sent then. A hash tag decides for all of its keys. Siblings have
 * clients of their own, where the trace tells clients apart, and no pipelines. A command without a key is not repeated.
 *
 *     trace          C: MULTI       SET a       INCR n       EXEC     EVAL, it calls GET a
 *     copies of C:          MULTI   SET a~1     INCR n~1     EXEC     EVAL, it calls GET a~1
 *
 * A transaction is one of the siblings' that it names: each copy of its client sends MULTI before the first command that it has to
 * send, and EXEC or DISCARD if it has sent MULTI; so a transaction without keys is not repeated, and other clients' commands may come
 * in between as they did. Copies have clients of their own here, even where the trace has one. A script is sent with all its calls at once, as
 * often as the first key that it calls something with has siblings, on theirs; one that calls nothing with a key is not repeated.
 * What would have to be repeated without a key is refused: a script that a transaction runs, and what clients ask of their
 * connections (CLIENT TRACKING, KILL, REPLY). */
#ifndef SIM_INPUT_GROWTH_H
#define SIM_INPUT_GROWTH_H

#include "sim/error.h"
#include "sim/input/forecast.h"
#include "sim/input/intake.h"
#include "sim/request.h"

/* The growth of one trace at work. */
struct grower;

/* `name` is the trace's, for messages; the intake is told what grew. Both outlive it. */
struct grower *grower_new(const struct forecast *forecast, const char *name, struct intake *intake);
void grower_free(struct grower *grower);

/* Records in order, of which those that have been given before are no longer needed. Their texts stay valid until grower_take
 * returns 0. NULL with 0: that was all. */
void grower_give(struct grower *grower, const struct record *records, int count);
/* The next records, at most `room`; their texts stay valid until the next call. 0: more are to be given, or that was all. -1: an
 * error. */
int grower_take(struct grower *grower, struct record *records, int room, struct error *error);

#endif
