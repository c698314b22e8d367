/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client_reply: the reply buffer of a connection, and what a reply takes until it is written.
 *
 * A reply is written to the buffer first, and to the socket at the end of the turn. Most replies are short, and 16 KB
 * for each connection would be wasted. But with a buffer that is too small, every long reply costs a block of at least
 * 16 KB. So cron gives each client the room that it has lately used. A buffer of which half was not used shrinks to its
 * peak; a buffer that was filled to the end doubles. The peak is forgotten every five seconds.
 *
 * A pipeline's replies are written when all requests of the read have been executed. Until then they fill the buffer, and
 * blocks of 16 KB one after the other, as in _addReplyProtoToList. All of that is in used_memory when the next request
 * of the pipeline comes to its gate: a few hundred GETs of long values evict as much as they read.
 *
 * A reply whose length is known only when it is complete (addReplyDeferredLen) begins with a node of the list of blocks, and all of it
 * goes there: the buffer stays empty, and cron does not see that it would have been too small.
 *
 * At the limit this has a strange effect. A GET or an INFO whose reply is longer than the 1 KB buffer makes it double
 * at every tick, up to 16 KB. Then memory is over the limit, and a server that may not evict refuses every SET until
 * the five seconds and one more tick have passed. */
#ifndef SIM_SERVER_CLIENT_REPLY_H
#define SIM_SERVER_CLIENT_REPLY_H

#include "sim/server/client_state.h"

#include <stdbool.h>
#include <stdint.h>

/* How a reply is kept until it is written. */
enum reply_way {
    REPLY_COPIED,    /* in the buffer, and blocks for what does not fit */
    REPLY_REFERS,    /* likewise, but it refers to a value that stays where it is */
    REPLY_IN_BLOCKS, /* its length came last */
};

/* A reply of so many bytes is queued. Returns what lives until it is written: the client's node in the list of pending
 * writes, and the block that holds what does not fit into the buffer. The first of the two takes every reply; the second
 * has nothing but the shortest way, which is that of nearly all. */
uint64_t client_reply_any(struct client *client, uint64_t bytes, enum reply_way way);
static inline uint64_t client_reply(struct client *client, uint64_t bytes, enum reply_way way)
{
    if (!client->uncounted_most || way != REPLY_COPIED || bytes > client->reply_capacity)
        return client_reply_any(client, bytes, way);
    if (client->reply_peak < bytes)
        client->reply_peak = bytes;
    client->reply_pending = bytes;
    client->reply_refers = false;
    return client->pending_node;
}

/* Everything that was queued has been written, unless requests of the same read are still to be executed. */
static inline void client_written(struct client *client)
{
    if (client->is_followed)
        return;
    client->reply_pending = 0;
    client->reply_refers = false;
}

/* The next request came with the one before, or is followed by one that came with it: their replies are written at the end
 * of the read, and its buffer holds them all. Neither: as ever. */
void client_pipeline(struct client *client, bool is_behind, bool is_followed);
/* So many bytes are sent to the client, which has not asked for them: they wait for client_write(). */
void client_push(struct client *client, uint64_t bytes);
/* Likewise, the reply to a command that it has waited with. */
void client_push_reply(struct client *client, uint64_t bytes, enum reply_way way);
/* The replies of a pipeline, or what was pushed, are written. */
void client_write(struct client *client);

/* CLIENT REPLY: from the next reply on. */
void client_set_reply_mode(struct client *client, enum reply_mode mode);

/* Cron's part of that: clientsCronResizeOutputBuffer. */
void client_reply_cron(struct client *client, int64_t unix_ms);

/* How much an idle connection's buffer gives back in its first seconds. */
uint64_t client_reply_shrinks(void);

#endif
