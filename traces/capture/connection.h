/* SPDX-License-Identifier: GPL-3.0-or-later */
/* connection: TCP connections of a capture, and the commands and replies on them.
 *
 * A segment that acknowledges bytes which have not been seen waits a little: packets of the two sides may have been captured in
 * another order than they were sent in. Then those bytes are given up: the capture lacks them.
 *
 * Which side is the client: the one that opened the connection; if that was before the capture, the one that sends what begins
 * as a command of Redis. A connection that never has one is none of Redis.
 *
 * Replies belong to commands by their order alone. Where some of either are missing, nobody knows how many: sizes would go to
 * wrong keys. So from there on, and where a connection was there before the capture, replies are matched but not used, until
 * it is shown that they fit: PROOFS times the client sent something when all it had sent before was answered, or once after CALM_US
 * of silence. */
#ifndef TRACES_CAPTURE_CONNECTION_H
#define TRACES_CAPTURE_CONNECTION_H

#include "traces/capture/exchange.h"
#include "traces/capture/segment.h"

#include "sim/input/intake.h"
#include "sim/input/members.h"

struct capture {
    struct intake *intake;
    struct member_index pairs; /* numbers of connections, by both ends */
    struct connection **connections;
    uint32_t room;
    struct exchange *first, *last; /* the queue */
    uint64_t bytes;                /* that it takes */
    uint64_t memory;               /* of this machine: commands, what has come of them, what waits */
    int64_t now_us;
};

/* Zeroed to begin with, but for the intake. */
void capture_release(struct capture *capture);

void capture_add(struct capture *capture, const struct segment *segment);

/* There are no more packets. */
void capture_end(struct capture *capture);

/* The first exchange of the queue, if it may leave it; the caller frees it by exchange_done(). NULL: more packets are needed, or there are none. */
struct exchange *capture_take(struct capture *capture);
void exchange_done(struct exchange *exchange);

/* The number that the caller has given the client; UINT32_MAX: none yet. */
void connection_set_number(struct connection *connection, uint32_t number);
uint32_t connection_number(const struct connection *connection);
/* Who sent it, as MONITOR has it; and the database that it has selected. */
const char *connection_client(const struct connection *connection, uint32_t *bytes);
uint8_t connection_db(const struct connection *connection);
void connection_select(struct connection *connection, uint8_t db);
/* A SELECT may be missing: until the next one it is only assumed that the database is still the same. */
void connection_assume_db(struct connection *connection);
bool connection_db_is_assumed(const struct connection *connection);

#endif
