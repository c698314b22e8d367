/* SPDX-License-Identifier: GPL-3.0-or-later */
/* payload_stream: streams and HyperLogLogs in a payload, as elements of the command's row, each an ELEMENT_CONTENT.
 *
 * A stream, in this order; an id is an ELEMENT_ID, too:
 *
 *     node        id (ELEMENT_NODE)   number: bytes of its listpack; value_len: fields of its master entry   those fields, texts
 *     entry       id                  number: 1 if it is deleted; value_len: bytes of its fields and values in a reply
 *     end         id (ELEMENT_MOST)   the last id          id   the largest deleted one
 *     group       name (ELEMENT_PLAIN)                     id   the last delivered one
 *     delivered   id (ELEMENT_EXCLUDES)                    number: when, Unix ms, in the group's order
 *     consumer    name                                     ids of what it has not acknowledged
 *
 * A HyperLogLog: number: 1 if it is dense, value_len: its length; then runs of equal registers, number: their rank, value_len:
 * how many; last number: 1 if it has its count.
 *
 * Source: rdbLoadObject (rdb.c), streamIteratorGetID (t_stream.c), hyperloglog.c of Redis 7.0 to 8.0. */
#ifndef TRACES_RDB_PAYLOAD_STREAM_H
#define TRACES_RDB_PAYLOAD_STREAM_H

#include "traces/rdb/payload_read.h"

/* `version` of the stream's type: 1 to 3. */
void payload_read_stream(struct reading *reading, int version);
/* False: the text is no HyperLogLog, and nothing is queued. */
bool payload_read_hyperloglog(struct reading *reading, struct text_read text);

#endif
