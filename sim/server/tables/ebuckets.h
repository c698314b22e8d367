/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ebuckets: items in order of the time at which each expires, as Redis keeps hashes and their fields since 7.4.
 *
 *     up to 16 items      one list, which weighs nothing: an item has the links in itself
 *     more                a radix tree of buckets, by the first time of each; a bucket has a header of 16 bytes and up to
 *                         16 items, then it is split in two. Items of one and the same time cannot be parted: their
 *                         bucket gets one more segment of 16, with a header of 24 bytes
 *
 * Removing leaves buckets as they are until they are empty. So what it weighs depends on the order of things, and the model
 * keeps bucket for bucket. An item is a number; its struct eb_item is the caller's, who says where it lies.
 *
 * Source: ebuckets.c of Redis 7.4.1: ebAdd, ebAddToBucket, ebTrySegSplit, ebRemoveFromRax, ebExpire. */
#ifndef SIM_SERVER_TABLES_EBUCKETS_H
#define SIM_SERVER_TABLES_EBUCKETS_H

#include "sim/server/tables/rax.h"

#include <stdbool.h>
#include <stdint.h>

struct eb_segment;
struct eb_bucket;

/* What an item knows of itself. It may be moved, between calls. */
struct eb_item {
    int64_t ms;                 /* when it expires; it stays as a memory of what it was when the item is out */
    struct eb_segment *segment; /* NULL: it is in no ebuckets */
};

static inline bool eb_item_is_in(const struct eb_item *item)
{
    return item->segment != NULL;
}

typedef struct eb_item *eb_item_fn(void *owner, uint32_t id);

#define EB_NEVER INT64_MAX

/* Zeroed, and then: */
struct ebuckets {
    eb_item_fn *item; /* where an item lies */
    void *owner;
    const struct allocator *allocator;
    uint64_t *memory; /* simulated bytes are added and taken off here */
    uint64_t bytes;   /* what this one weighs */
    uint64_t count;   /* items */
    /* The rest is its own. */
    struct eb_segment *list; /* while there is no tree; NULL: nothing is in it */
    bool has_tree;
    struct rax tree;
    struct eb_bucket **buckets; /* of the tree, in their order: from `begin` to `end` - 1 */
    uint32_t begin, end, capacity;
};

void ebuckets_init(struct ebuckets *ebuckets, const struct allocator *allocator, uint64_t *memory, eb_item_fn *item,
                   void *owner);
/* Everything is taken out; items are not told. */
void ebuckets_clear(struct ebuckets *ebuckets);
/* Frees the host's memory only. */
void ebuckets_release(struct ebuckets *ebuckets);

/* The item, which is out, is in from now on. */
void ebuckets_add(struct ebuckets *ebuckets, uint32_t id, int64_t ms);
/* The item, which is in, is out. */
void ebuckets_remove(struct ebuckets *ebuckets, uint32_t id);
/* ebGetNextTimeToExpire: of the first item; EB_NEVER. */
int64_t ebuckets_first_ms(const struct ebuckets *ebuckets);

/* What becomes of an item that has expired. */
enum eb_action {
    EB_REMOVED, /* it is out; the caller may free it */
    EB_RETIMED, /* it is to come back at *again_ms */
    EB_STOP,    /* it stays in, and the others, too */
};
typedef enum eb_action eb_expire_fn(void *owner, uint32_t id, int64_t *again_ms);

/* ebExpire: takes out what has expired by now_ms, `most` items at most, and lets `expire` say what becomes of each, which is
 * out meanwhile. *next_ms is when the first of those that are left expires, EB_NEVER. Returns how many were taken out. */
uint64_t ebuckets_expire(struct ebuckets *ebuckets, int64_t now_ms, uint64_t most, eb_expire_fn *expire, void *owner,
                         int64_t *next_ms);
/* How many items have expired before now_ms. */
uint64_t ebuckets_expired(const struct ebuckets *ebuckets, int64_t now_ms);

#endif
