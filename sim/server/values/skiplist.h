/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skiplist: a sorted set of many or long members: a skip list for the order, a hash table for the members.
 *
 *     zset 16 | zskiplist 32 | header node 24 + 16 * 32 | dict and table | per member: dictEntry, sds, node 24 + 16 * level
 *
 * Since Valkey 9 the header is the list, 16 + 16 * 32, and a node holds its member: 16 + 16 * level + 1 + sds.
 *
 * A node has one level more with probability 1/4 each time; the levels are drawn from the cell's generator, and so are the
 * server's in distribution. The host keeps the order in a skip list of the same nodes, by slots:
 *
 *     pairs   | header: next, span | next, span | ...      of each node as many pairs as it has levels
 *
 * A span says how many nodes a link passes, so that a rank is found in O(log n).
 *
 * Members of the same score are in order of their texts, of which the host knows the first eight bytes and the length:
 * texts that begin alike and are longer are in order of length and then of first appearance (numbers: of their value), where
 * the server compares the rest. Which member a range of ranks has can differ for those, how many it has cannot.
 *
 * Source: zslInsert, zslDelete, zslUpdateScore, zsetConvert (t_zset.c of Redis 7.0). */
#ifndef SIM_SERVER_VALUES_SKIPLIST_H
#define SIM_SERVER_VALUES_SKIPLIST_H

#include "sim/server/values/collection.h"

#include <string.h>

enum { SKIPLIST_LEVELS = 32 }; /* ZSKIPLIST_MAXLEVEL */

/* A member with its score, or where one would be. */
struct place {
    double score;
    uint32_t member;
};

static inline double collection_score(const struct collection *zset, uint32_t slot)
{
    double score;

    memcpy(&score, &zset->number[slot], sizeof score);
    return score;
}

/* Texts in their order, as far as it is known: negative, 0 (the same), positive. */
int member_compare(const struct members *members, uint32_t left, uint32_t right);
/* By score, then by text. */
int place_compare(const struct members *members, struct place left, struct place right);

/* Elements below the place, which need not be there; of a collection that has an order. */
uint32_t skiplist_rank(const struct redis *redis, const struct collection *zset, struct place place);
/* How many elements, from the first on, satisfy what is true of the first elements only. */
uint32_t skiplist_count(const struct collection *zset, bool (*is_below)(const void *bound, uint32_t slot),
                        const void *bound);
/* The slot of a rank; NO_SLOT beyond the last. */
uint32_t skiplist_at(const struct collection *zset, uint32_t rank);
/* The slot that follows; NO_SLOT. */
uint32_t skiplist_next(const struct collection *zset, uint32_t slot);
/* How many levels the element's node has. */
int skiplist_levels(const struct collection *zset, uint32_t slot);
/* The element's score changes. Its node stays if its neighbours do; else there is a new one, or, since Valkey 9, it moves. */
void skiplist_set_score(struct redis *redis, struct collection *zset, uint32_t slot, double score);

extern const struct collection_encoding skiplist_encoding;
uint64_t skiplist_bytes(const struct redis *redis, const void *collection);
struct usage_sample skiplist_sample(const struct redis *redis, const void *collection);
void skiplist_release(void *collection);
void *skiplist_copy(struct redis *redis, const void *collection);

#endif
