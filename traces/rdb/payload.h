/* SPDX-License-Identifier: GPL-3.0-or-later */
/* payload: what DUMP gives and RESTORE takes: a value as it stands in an RDB file, the format's version, and a checksum.
 *
 *     | type 1 | value | version 2 | CRC64 8 |        value of a hash in a listpack: | length | listpack, perhaps LZF |
 *
 * What it holds is queued as elements of the command's row, behind its arguments (ELEMENT_CONTENT of sim/request.h): a hash's
 * fields with their values, a sorted set's members with their scores, a list's elements node by node. Texts that have to be
 * made (of integers, of what was compressed) are the queue's.
 *
 * The ttl of a hash's field is an element of its own, behind the field, without a member: its number is the Unix ms.
 *
 * Not read: modules' values.
 *
 * Source: rdbLoadObject, rdbGenericLoadStringObject (rdb.c), verifyDumpPayload (cluster.c) of Redis 7.0 to 8.0; lpGet
 * (listpack.c). */
#ifndef TRACES_RDB_PAYLOAD_H
#define TRACES_RDB_PAYLOAD_H

#include "traces/commands/words.h"

struct reading;

/* Queues the payload's elements; `record` is the queue's last. Returns what the payload is, and *version gets its format's; 0 of
 * one that is PAYLOAD_WRONG. */
enum payload_kind payload_queue(struct queue *queue, struct record *record, const struct argument *payload,
                                unsigned *version);

/* The value alone, of a type as an RDB file numbers them, which `reading` is at. PAYLOAD_UNKNOWN: it is no type that is read, and
 * `reading` has not moved; PAYLOAD_WRONG: nothing was queued. */
enum payload_kind payload_read_value(struct reading *reading, unsigned type);

/* Likewise of what FUNCTION DUMP gives: libraries, as library_queue() queues them. */
enum outcome payload_queue_libraries(struct queue *queue, struct record *record, const struct argument *payload);

#endif
