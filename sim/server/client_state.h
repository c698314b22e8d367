/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client_state: what the server knows of a connection's buffers. client.h says what they are. */
#ifndef SIM_SERVER_CLIENT_STATE_H
#define SIM_SERVER_CLIENT_STATE_H

#include "sim/config.h"
#include "sim/server/memory_peak.h"
#include "sim/server/profile.h"

#include <stdbool.h>
#include <stdint.h>

/* Of the reply buffer: PROTO_REPLY_MIN_BYTES and PROTO_REPLY_CHUNK_BYTES. And the longest request
 * that client_request_is_small() lets pass. */
enum { CLIENT_REPLY_LEAST = 1024, CLIENT_REPLY_MOST = 16 * 1024, CLIENT_UNCOUNTED_MOST = 8192 };

/* Which replies a client wants (CLIENT REPLY): all, none, or not that of the next command. */
enum reply_mode { REPLY_ON, REPLY_OFF, REPLY_SKIP_NEXT, REPLY_SKIP };

struct client {
    const struct server_profile *profile;
    const struct allocator *allocator;
    uint64_t *memory;         /* the server's used_memory */
    struct memory_peak *peak; /* where its used_memory_peak is found */
    uint64_t query_capacity;  /* sdsalloc of the query buffer */
    uint64_t query_bytes;     /* its block; 0 when the client has none at all */
    bool query_is_shared;     /* it is the thread's (see enum query_buffer) */
    uint32_t query_header;
    uint32_t adopted_header;            /* of the sds that the argument at hand took over */
    uint64_t query_peak;                /* longest content since the last cron */
    uint64_t reply_capacity;            /* usable size of the reply buffer */
    uint64_t reply_peak;                /* fullest it was since the last reset */
    uint64_t reply_pending;             /* bytes in it now, not yet written to the socket */
    uint64_t pending_node;              /* its node in the list of pending writes; 0: it needs none */
    bool reply_refers;                  /* what is pending refers to a value that stays where it is */
    int64_t reply_reset_ms;             /* when reply_peak was last reset */
    uint64_t vector_count;              /* arguments that the vector has room for, where it stays */
    uint32_t name_length;               /* of what CLIENT SETNAME has said */
    uint64_t address_bytes;             /* of the text of its address, once somebody has asked for it; */
    uint64_t own_address_bytes;         /* likewise of the server's, to which it is connected */
    uint64_t name_bytes, info_bytes[2]; /* of what CLIENT SETNAME and SETINFO have said; the next of those two: */
    uint8_t next_info;
    uint64_t wait_bytes;        /* of what it keeps since it first waited (BLPOP) */
    int64_t last_interaction_s; /* cached Unix time at the last read or write */
    const int64_t *unix_s;      /* the server's cached time */
    /* Of a pipeline, see client_pipeline(): */
    uint64_t uncounted_most; /* a request up to this length certainly changes nothing */
    bool is_behind, is_followed;
    uint64_t read_length, read_left; /* of the last read: bytes up to the request's end, and bytes that may follow */
    uint64_t unwritten;              /* memory of the replies that wait for the end of the read */
    uint64_t block_left;             /* room in the last block of them */
    uint8_t reply_mode;              /* enum reply_mode */
    bool is_pushed;                  /* it waits for the end of another client's turn, with what that has sent it */
    /* client-output-buffer-limit: */
    const struct output_limit *limit; /* of ordinary clients, the first of all classes */
    uint64_t output_bytes;            /* what its list of reply blocks counts as */
    int64_t
        soft_since_s; /* Unix time since when that was over the soft limit, whenever it was looked at; 0: it was not */
    bool closes;      /* at the end of the turn: it is over its limit */
    bool is_spared;   /* CLIENT NO-EVICT on */
    bool leaves_untouched; /* CLIENT NO-TOUCH on */
    bool is_lost;          /* it was closed, and what came behind in the same read is not executed */
};

#endif
