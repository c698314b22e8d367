/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replication: how replicas use the server's memory.
 *
 *     repl_buffer_blocks   | block 7 | block 8 | block 9 ...  |
 *                            ^ backlog           ^ a replica, sent up to here
 *
 * Writes, evictions and expiries go into one stream, kept in blocks of 16 KB and more that the backlog and all
 * replicas share. The backlog keeps the last repl-backlog-size bytes, for replicas that come back; a replica that
 * is still loading its snapshot holds on to all that came since. What the blocks weigh beyond the backlog's size
 * is in used_memory but not counted against maxmemory.
 *
 * A replica is sent everything at the end of the turn, as over an idle network, unless a scenario says how many bytes a
 * second it reads: then its connection takes as many, and what the kernel's buffers would take besides is left out. Its
 * snapshot is saved by a child (operator.c). When its part of the stream exceeds client-output-buffer-limit the server
 * closes its connection at the end of the turn; a second later it is back, and continues if the backlog still has what it
 * lacks. Otherwise it needs another snapshot.
 *
 * Source: feedReplicationBuffer, incrementalTrimReplicationBacklog, createReplicationBacklogIndex,
 * replicationCron (replication.c), _writeToClient, checkClientOutputBufferLimits (networking.c),
 * propagatePendingCommands (server.c), freeMemoryGetNotCountedMemory (evict.c) of Redis 7.0.15; the same in all later
 * ones. */
#ifndef SIM_SERVER_REPLICATION_H
#define SIM_SERVER_REPLICATION_H

#include "sim/config.h"
#include "sim/server/profile.h"
#include "sim/server/tables/rax.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPLICAS_AT_MOST = 16, NO_BLOCK = -1 };

static const uint64_t SELECT_DB = UINT64_C(1) << 63; /* see replication.pieces */

struct replication_block {
    uint64_t offset; /* of its first byte in the stream */
    uint64_t size, used;
    uint64_t bytes; /* what it weighs */
    bool indexed;   /* its offset is in the backlog's radix tree */
};

enum replica_state {
    REPLICA_WAITS, /* for the child that is alive to end, before its own begins */
    REPLICA_LOADS, /* a child saves the snapshot for it */
    REPLICA_ONLINE,
    REPLICA_AWAY, /* the server has closed its connection, and it is about to come back */
};

static const uint64_t REPLICA_READS_ALL = UINT64_MAX;

struct replica {
    enum replica_state state;
    int64_t sync_us;      /* how long its child lives */
    int64_t block;        /* number of the block that it is sent next; NO_BLOCK: of the next one */
    uint64_t rate;        /* bytes that it reads in a second, at most */
    uint64_t read_offset; /* of the last byte of the stream that it has read, where rate says how far that may be */
    int64_t read_us;      /* when that was, */
    uint64_t read_rest;   /* and how many millionths of a byte more */
    bool closes;          /* at the end of the turn: it is over its limit */
    int64_t soft_since_s; /* Unix time since which it is over the soft limit; 0: it is not */
    int64_t returns_us;   /* AWAY */
};

struct replication {
    const struct server_profile *profile;
    const struct allocator *allocator;
    const struct redis_config *config; /* live: CONFIG SET changes it */
    uint64_t *used_memory;             /* the server's */
    const int64_t *now_us, *unix_s;    /* its clock: since the start; cached */
    bool has_backlog;                  /* from the first replica on */
    struct replication_block *blocks;  /* a ring: number n is at n & (capacity - 1) */
    int64_t first, end;                /* numbers of the blocks there are: first to end - 1 */
    int64_t capacity;
    uint64_t memory;    /* of the blocks and their list (repl_buffer_mem) */
    struct rax index;   /* of every 64th block, by offset; only with a backlog */
    uint64_t offset;    /* bytes of the stream so far (master_repl_offset) */
    uint64_t history;   /* of those, in the backlog (histlen) */
    uint32_t unindexed; /* blocks since one was indexed */
    int selected_db;    /* by the last SELECT in the stream; -1: none */
    struct replica replicas[REPLICAS_AT_MOST];
    int replica_count;
    uint64_t left_offset; /* where the replica that left last stopped reading */
    bool has_left;
    int64_t none_since_s; /* Unix time since which there are no replicas */
    uint64_t cron_calls, seconds;
    uint64_t disconnections; /* of replicas that were over their limit */
    /* Keys that the running command found expired: deletions that go out before it, in a transaction. */
    uint32_t pending;
    uint64_t pending_bytes;
    uint32_t noted_fields; /* of one hash, which are to be deleted together */
    uint64_t noted_bytes;
    /* A transaction or a script is under way: what it sends waits for its end. */
    bool collects;
    uint32_t collected_commands;
    uint64_t *pieces; /* owned; from SELECT_DB on: a SELECT */
    uint32_t piece_count, piece_capacity;
};

static inline bool replication_is_on(const struct replication *replication)
{
    return __builtin_expect(replication->has_backlog, 0);
}

/* A server without replicas. Everything handed over stays the server's, and outlives it. */
void replication_init(struct replication *replication, const struct server_profile *profile,
                      const struct allocator *allocator, const struct redis_config *config, uint64_t *used_memory,
                      const int64_t *now_us, const int64_t *unix_s);
/* A replica connects. It continues where it left off if the backlog still has that; else a child has to save a
 * snapshot for it, which takes so long (0: no time, and no child). It reads at most so many bytes a second, or
 * REPLICA_READS_ALL. False: there are too many replicas. */
bool replication_attach(struct replication *replication, int64_t sync_us, uint64_t rate);
/* The replica that came last leaves, if there is one; unix_s is the server's cached time. */
bool replication_detach(struct replication *replication, int64_t unix_s);
/* The replica that came last reads at most so many bytes a second from now on. False: there is none. */
bool replication_set_rate(struct replication *replication, uint64_t rate);
/* The child has ended: those that wait for it are online, and the next one may get its own. Returns for how long
 * a child is wanted, 0 for none. */
int64_t replication_child_ended(struct replication *replication);
/* No child is alive: for how long one is wanted, 0 for none. Those that wait load from then on. */
int64_t replication_child_wanted(struct replication *replication);
void replication_release(struct replication *replication);

/* ---- the stream: to be fed only while replication_is_on() ---- */

/* Appends a piece of so many bytes: a header, or an argument, as the server does. */
void replication_feed(struct replication *replication, uint64_t bytes);
/* An argument, with its header and its end. */
void replication_feed_argument(struct replication *replication, uint64_t length);
/* SELECT, unless the stream is in that database. */
void replication_select(struct replication *replication, int db);
/* A key was evicted, or the cycle found it expired: DEL or UNLINK, at once. */
void replication_delete(struct replication *replication, int db, uint64_t key_length);
/* The running command found a key of its database expired. */
void replication_delete_later(struct replication *replication, uint64_t key_length);
/* Likewise a field of a hash: HDEL. */
void replication_delete_field(struct replication *replication, int db, uint64_t key_length, uint64_t field_length);
void replication_delete_field_later(struct replication *replication, uint64_t key_length, uint64_t field_length);
/* Another command, of so many bytes, which goes out before the one that runs, or in its place. */
void replication_command_later(struct replication *replication, uint64_t bytes);
/* Several fields of one hash that have expired: each is noted, and then HDEL has them all. */
void replication_note_field(struct replication *replication, uint64_t field_length);
void replication_delete_fields_later(struct replication *replication, uint64_t key_length);
/* A command ends: what it found expired goes out, in MULTI and EXEC with the command itself if that is propagated
 * too or if there are several. */
void replication_begin_unit(struct replication *replication, int db, bool command_follows);
void replication_end_unit(struct replication *replication, bool command_followed);

/* Several commands are one unit: between the two calls, what is fed is kept. Then it goes out, in MULTI and EXEC if there
 * are several. */
void replication_begin_several(struct replication *replication);
void replication_end_several(struct replication *replication);

/* ---- in the course of time ---- */

/* Before the event loop sleeps, and every 16th eviction: replicas are sent what there is, the backlog is cut. */
void replication_write(struct replication *replication);
/* Before the event loop sleeps: replicas that are over their limit are closed. */
void replication_close(struct replication *replication);
/* Whether replicas do something in the course of time that depends on how fast they read: no tick may be skipped. */
bool replication_is_slow(const struct replication *replication);
/* Every serverCron, at its cached time: once a second, replicationCron. */
void replication_cron(struct replication *replication, int64_t unix_s);

struct state_list;
/* Adds all that cron decides by, but not the stream. */
void replication_describe(const struct replication *replication, struct state_list *list);
/* What the stream's blocks and their index weigh. */
uint64_t replication_stream_bytes(const struct replication *replication);
/* All of it: what the backlog weighs, up to its configured size, and what replicas do: their connections, and what waits for
 * them beyond that. */
void replication_look(const struct replication *replication, uint64_t *backlog, uint64_t *replicas);
/* The Unix time, in s, at which cron frees a backlog without replicas; INT64_MAX: never. */
int64_t replication_backlog_ends_s(const struct replication *replication);
/* So many crons, of which so many began a second, are skipped: the PINGs of that time join the stream. */
void replication_move_on(struct replication *replication, uint64_t cron_calls, uint64_t seconds);

/* How much of used_memory does not count against maxmemory. */
uint64_t replication_not_counted(const struct replication *replication);

#endif
