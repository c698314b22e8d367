/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client: the buffers of the connection that sends the commands.
 *
 *     query buffer   an sds that grows with the requests that pass through it; cron trims it
 *     reply buffer   resized by cron from 1 KB to 16 KB after the replies it has seen; what does
 *                    not fit goes to a block that is freed when the reply is written
 *
 * Both count in used_memory, and both move under the feet of a server at its limit: a reply that
 * fills the buffer doubles it at the next cron, and then every write is refused until it shrinks.
 *
 * Source: readQueryFromClient, processMultibulkBuffer, _addReplyToBuffer (networking.c),
 * clientsCronResizeQueryBuffer, clientsCronResizeOutputBuffer (server.c), sdsMakeRoomFor, sdsResize
 * (sds.c) of Redis 7.0.15. Later ones: thread_reusable_qb (Redis 8.0), thread_shared_qb (Valkey 8.0),
 * resetClientInternal, freeClientArgvInternal (Redis 8.0), isCopyAvoidPreferred (Valkey 9). */
#ifndef SIM_SERVER_CLIENT_H
#define SIM_SERVER_CLIENT_H

#include "sim/server/client_reply.h"
#include "sim/server/client_state.h"

#include <stdbool.h>
#include <stdint.h>

/* What the query buffer adds to used_memory: nothing while it is one that the server holds anyway. */
static inline uint64_t client_query_bytes(const struct client *client)
{
    return client->query_is_shared && client->profile->query_buffer == QUERY_SHARED ? 0 : client->query_bytes;
}

enum {
    CLIENT_READ_BYTES = 16 * 1024, /* PROTO_IOBUF_LEN */
    LONG_ARGUMENT = 32 * 1024,     /* PROTO_MBULK_BIG_ARG */
};

/* A request that may take several reads, of which the arguments are told one after the other. */
struct reception {
    struct client *client;
    uint64_t left;         /* bytes of it that have not been read */
    uint64_t length, done; /* of the query buffer; what has been parsed of that (sdslen, qb_pos) */
    uint64_t memory;       /* of what has been parsed: the vector, the arguments */
    uint64_t vector;       /* of it, the vector */
    bool has_read;
    bool is_followed; /* in the buffer, by another request */
};

/* What becomes of an argument: capacity is 0, unless it has taken over the query buffer. */
struct adopted {
    uint64_t bytes; /* the block */
    uint64_t capacity;
    uint32_t header;
};

/* A connection that has just become active: its buffers at 16 KB, already in used_memory. *unix_s is the server's cached
 * time; what it points to outlives the client, likewise the limit, which may change. */
void client_init(struct client *client, const struct server_profile *profile, const struct allocator *allocator,
                 uint64_t *memory, struct memory_peak *peak, const int64_t *unix_s, const struct output_limit *limit);

/* The buffer that the thread reads into, while no client has it: nothing where each client has its own. */
struct thread_buffer {
    uint64_t capacity, bytes;
    uint32_t header;
};

/* Another connection, which is about to send its first request. Nothing of it is in used_memory: returns what it adds
 * but for the struct itself and all that an idle one keeps. */
uint64_t client_connect(struct client *client, const struct client *like);
/* The client's turn is over, another's begins: the thread's buffer goes from one to the other. */
void client_leave_buffer(struct client *client, struct thread_buffer *buffer);
void client_take_buffer(struct client *client, struct thread_buffer *buffer);
/* What its buffers take beyond those of an idle one. */
uint64_t client_bytes(const struct client *client);
/* The connection is closed: what client_connect() counted, and what has become of it, leaves used_memory. It has left
 * its thread's buffer. */
void client_disconnect(struct client *client);

/* CLIENT SETNAME, or SETINFO with the library's name or its version: an argument of so many bytes stays, instead of the one
 * before. Of SETINFO two stay, whichever they are. */
void client_set_name(struct client *client, uint64_t bytes);
void client_set_info(struct client *client, uint64_t bytes);
/* Somebody asks for its address, as a text, or for both ends: they stay (getClientPeerId, getClientSockname). Returns the
 * bytes of the first. */
uint64_t client_note_address(struct client *client, const struct allocator *allocator, bool both_ends);
/* It waits, as BLPOP may. */
void client_note_wait(struct client *client);

/* The server has closed the connection, and the application has made another: it begins with buffers at 16 KB. */
void client_reconnect(struct client *client, int64_t unix_s);

/* An argument of so many bytes fills the query buffer more than it may: the most that is used before the server closes
 * the connection. */
void client_overfill(struct client *client, uint64_t argument);

/* Replaces the argument vector that stays between commands; 0: there is none. */
void client_replace_vector(struct client *client, uint64_t count);

/* A request of so many bytes arrives, which one read takes: CLIENT_READ_BYTES at most, and client_read_cuts() does not
 * say otherwise. */
void client_receive(struct client *client, uint64_t bytes);
/* A longer request arrives, in as many reads as it takes: the query buffer grows as needed. It has `bytes` bytes and so many
 * arguments, for which there is a vector of vector_bytes. */
void client_begin_reception(struct client *client, struct reception *reception, uint64_t bytes, uint64_t count,
                            uint64_t vector_bytes);
/* Its next argument, of `length` bytes, as which it weighs `memory`. One of 32 KB and more may take over the query buffer. */
struct adopted client_receive_argument(struct reception *reception, uint64_t length, uint64_t memory);

/* A request of so many bytes that came behind another is in the same read in part. */
static inline bool client_read_cuts(const struct client *client, uint64_t bytes)
{
    return client->is_behind && client->read_left && client->read_left < bytes;
}

/* True when a request of at most `bytes` certainly changes nothing. */
static inline int client_request_is_small(const struct client *client, uint64_t bytes)
{
    return bytes <= client->uncounted_most && client->query_capacity >= 16384 && client->query_capacity <= 32768;
}

/* The state of a command, which goes with its arguments where they stay for longer: queued, or while the client waits (struct
 * pendingCommand). One more, of the command at hand, is always there. 0: the server has none. */
static inline uint64_t client_command_bytes(const struct server_profile *profile, const struct allocator *allocator)
{
    enum { PENDING_COMMAND = 144 };

    return profile->vectors_are_pooled ? allocator_class(allocator, PENDING_COMMAND) : 0;
}

/* A vector with this many places is freed with its command where vectors are pooled (reclaimPendingCommand). */
enum { VECTOR_LEAVES_POOL = 64 };

/* True when a request of at most `count` arguments leaves the vector as it is. */
static inline bool client_vector_stays(const struct client *client, uint64_t count)
{
    return !client->profile->keeps_vector || (count <= client->vector_count && client->vector_count <= 1024);
}

/* Instead of the vector there is another, which stays, or weighs what is returned until the command has ended. */
static inline uint64_t client_new_vector(struct client *client, uint64_t count)
{
    if (client->profile->vectors_are_pooled && count >= VECTOR_LEAVES_POOL) {
        client_replace_vector(client, 0);
        return allocator_class(client->allocator, 8 * count);
    }
    client_replace_vector(client, count);
    return 0;
}

/* A command with so many arguments was parsed: returns what its vector weighs for as long as it runs, 0
 * where the vector stays and counts in used_memory all the time. */
static inline uint64_t client_argument_vector(struct client *client, uint64_t count)
{
    if (!client->profile->keeps_vector)
        return allocator_class(client->allocator, 8 * count);
    return client_vector_stays(client, count) ? 0 : client_new_vector(client, count);
}

/* The vector is another's from now on, who counts it: nothing is freed. */
static inline void client_hand_vector_over(struct client *client)
{
    if (client->vector_count)
        *client->memory -= allocator_class(client->allocator, 8 * client->vector_count);
    client->vector_count = 0;
}

/* Likewise, of the vector that a rewritten command gets. */
static inline uint64_t client_rewrite_vector(struct client *client, uint64_t count)
{
    if (!client->profile->keeps_vector)
        return allocator_class(client->allocator, 8 * count);
    return client_new_vector(client, count);
}

/* Likewise, of one that gets more arguments at its end: it grows if it must. */
static inline uint64_t client_extend_vector(struct client *client, uint64_t count)
{
    if (client->profile->keeps_vector && count <= client->vector_count)
        return 0;
    return client_rewrite_vector(client, count);
}

/* How much an idle connection gives back when its reply buffer has shrunk (client_reply_shrinks()): its query buffer, if it
 * has one of its own, shrinks to 8 bytes, or the argument vector of its one command is freed. */
uint64_t client_query_shrinks(const struct server_profile *profile, const struct allocator *allocator);
/* What a query buffer of its own weighs when the connection is idle. */
uint64_t client_query_least(const struct allocator *allocator);

struct state_list;
/* Adds all that cron may change here, and all that decides what it changes. */
void client_describe(const struct client *client, int64_t unix_ms, int64_t unix_s, struct state_list *list);
/* Moves its times on, by a multiple of a second. */
void client_move_on(struct client *client, int64_t by_us);

/* clientsCron. unix_ms is now; unix_s the server's cached time. */
void client_cron(struct client *client, int64_t unix_ms, int64_t unix_s);

#endif
