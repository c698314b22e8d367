/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream: entries in order of their ids, some hundred to a listpack, the listpacks in a radix tree by their first id.
 *
 *     rax  1526919030474-55 -> | 3 entries | 0 deleted | 2 fields: "sensor" "value" | 0 |   the master entry
 *                              | flags | +0 ms | +0 | "cold" | 19 | length |                  same fields: values alone
 *                              | flags | +9 ms | -55 | 1 field: "note" | "ok" | length |      others: fields, too
 *
 * An entry that is deleted stays, marked, until its listpack has no other. A consumer group is a tree of what is pending,
 * and of its consumers, each with a tree of its own.
 *
 * Source: t_stream.c of Redis 7.0: streamAppendItem, streamTrim, streamIteratorRemoveEntry, streamCreateCG,
 * streamCreateConsumer, streamCreateNACK. */
#ifndef SIM_SERVER_VALUES_STREAM_H
#define SIM_SERVER_VALUES_STREAM_H

#include "sim/server/tables/rax.h"
#include "sim/server/state.h"
#include "sim/server/values/text.h"

struct stream_id {
    uint64_t ms, seq;
};

enum { STREAM_NAME_MOST = 128 }; /* bytes of a group's or consumer's name that its tree is made of */

struct stream_entry {
    struct stream_id id;
    uint32_t reply_bytes; /* of its fields and values */
    bool deleted;
};

struct stream_node {
    struct stream_id first; /* its key in the tree */
    uint64_t bytes;         /* of the listpack */
    uint64_t block;         /* its block: made large, and cut to what it holds when it is full */
    uint32_t live, deleted; /* entries */
    uint32_t count, capacity;
    struct stream_entry *entries;
    uint32_t *fields; /* members, of the master entry */
    uint32_t field_count;
};

struct stream_consumer {
    uint32_t name; /* member */
    bool gone;
    struct rax pending; /* by id, without values */
};

/* Delivered and not acknowledged. */
struct stream_pending {
    uint32_t consumer;
    uint32_t next_free;
    int64_t delivered_ms;
    uint32_t deliveries; /* how often it was delivered */
};

enum { ENTRIES_READ_UNKNOWN = -1 }; /* SCG_INVALID_ENTRIES_READ */

struct stream_group {
    uint32_t name; /* member */
    bool gone;
    struct stream_id last;
    int64_t read;       /* entries of the stream up to the last, those that are gone, too; ENTRIES_READ_UNKNOWN */
    struct rax pending; /* by id: the number of a struct stream_pending */
    struct rax names;   /* of consumers */
    struct stream_consumer *consumers;
    uint32_t consumer_count;
    struct stream_pending *entries;
    uint32_t entry_count, entry_capacity, free_entry; /* 1 + the first free one */
};

struct stream {
    struct tallied tallied; /* first: see state.h */
    const struct allocator *allocator;
    uint64_t *memory;
    struct rax index; /* by the first id of a node; what a node's number is, counts from the first ever made */
    struct stream_node *nodes;
    uint32_t node_first, node_count, node_capacity; /* in use: node_first .. node_first + node_count - 1 */
    uint64_t blocks;                                /* bytes of the struct, the nodes, the groups; the trees apart */
    uint64_t length;
    uint64_t added; /* entries, ever */
    struct stream_id last, deleted_most;
    struct rax *groups; /* NULL: there never was one */
    struct stream_group *group;
    uint32_t group_count;
    /* Since Redis 8.6: which groups each pending entry belongs to, a list by its id. NULL: none ever was pending. */
    struct rax *holders;   /* the number of groups */
    uint64_t holder_bytes; /* of the lists, which MEMORY USAGE leaves out */
};

static inline int stream_id_compare(struct stream_id a, struct stream_id b)
{
    return a.ms != b.ms ? (a.ms < b.ms ? -1 : 1) : a.seq != b.seq ? (a.seq < b.seq ? -1 : 1) : 0;
}

uint64_t stream_bytes(const struct redis *redis, const void *stream);
/* What MEMORY USAGE says of it, which counts a tree's nodes as if they were large (streamRadixTreeMemoryUsage); since Redis 8.6 what a stream
 * knows of its bytes (stream.alloc_size). */
uint64_t stream_usage(const struct redis *redis, const void *stream);
void stream_free(void *stream);
void *stream_copy(struct redis *redis, const void *stream);

/* One as a payload has it (traces/rdb/payload_stream.h); its bytes are not counted yet. */
struct stream *stream_load(struct redis *redis, const struct element *elements, uint32_t count);

/* An empty stream, whose bytes are not counted yet. */
struct stream *stream_new(struct redis *redis);

static inline struct stream *stream_of(const struct entry *entry)
{
    return entry->structure;
}

/* streamAppendItem; the id is above the last one. `elements`: fields with their values. */
void stream_append_item(struct redis *redis, struct stream *stream, struct stream_id id, const struct element *elements,
                        uint32_t count);

/* What XTRIM and XADD are told. */
struct stream_trim {
    enum { TRIM_NONE, TRIM_MAXLEN, TRIM_MINID } by;
    bool approximately; /* whole listpacks alone */
    uint64_t maxlen;
    struct stream_id minid;
    uint64_t limit; /* entries at most; 0: no limit */
};
/* How many entries went. */
uint64_t stream_trim(struct stream *stream, const struct stream_trim *how);
/* False: there is no such entry. */
bool stream_delete(struct stream *stream, struct stream_id id);

/* The entries from `first` to `last`, both included, in order or from the end: each is shown to `visit` until it says
 * false. */
typedef bool stream_visit(void *owner, const struct stream_entry *entry);
void stream_range(const struct stream *stream, struct stream_id first, struct stream_id last, bool reversed,
                  stream_visit *visit, void *owner);

/* ---- consumer groups ---- */

/* By the name's member; NULL. */
struct stream_group *stream_group_find(const struct stream *stream, uint32_t name);
/* NULL: there is one already. */
struct stream_group *stream_group_create(struct redis *redis, struct stream *stream, uint32_t name,
                                         struct stream_id last);
void stream_group_destroy(struct redis *redis, struct stream *stream, struct stream_group *group);
/* NO_CONSUMER: there is none. */
#define NO_CONSUMER UINT32_MAX
uint32_t stream_consumer_find(const struct stream_group *group, uint32_t name);
uint32_t stream_consumer_create(struct redis *redis, struct stream *stream, struct stream_group *group, uint32_t name);
/* How many pending entries went with it. */
uint64_t stream_consumer_delete(struct redis *redis, struct stream *stream, struct stream_group *group,
                                uint32_t consumer);
/* The entry is pending, of this consumer from now on. */
void stream_deliver(struct redis *redis, struct stream *stream, struct stream_group *group, uint32_t consumer,
                    struct stream_id id);
/* The group is given the entry, which is above its last. */
void stream_group_pass(const struct stream *stream, struct stream_group *group, struct stream_id id);
/* NULL: it is not pending. */
struct stream_pending *stream_pending_find(const struct stream_group *group, struct stream_id id);
/* The first id of a tree of pending ones that is not below *id, which it becomes; false: none. */
bool stream_next_pending(const struct rax *pending, struct stream_id *id);
/* The entry, which is pending, is given to its consumer once more. */
void stream_pending_redeliver(const struct redis *redis, struct stream_group *group, struct stream_id id);
/* XACK; false: it was not pending. */
bool stream_acknowledge(const struct redis *redis, struct stream *stream, struct stream_group *group,
                        struct stream_id id);

#endif
