/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zset: members in order of their scores, in a listpack while they are few and short, else in a skip list.
 *
 * In a listpack the collection's slots are in order; the values are how the scores are written there.
 *
 * The functions work on an entry, which need not be a key's: what ZUNIONSTORE and its like make is one in the making.
 *
 * Source: t_zset.c. */
#ifndef SIM_SERVER_VALUES_ZSET_H
#define SIM_SERVER_VALUES_ZSET_H

#include "sim/server/values/object.h"
#include "sim/server/values/skiplist.h"

static inline struct collection *zset_of(const struct entry *entry)
{
    return entry->structure;
}

/* How the server writes a score: d2string. */
struct text zset_score_text(const struct redis *redis, double score);

/* An empty sorted set in this encoding, which no key holds yet, with room for so many elements if it is a skip list (0: as
 * they come). Its bytes are in used_memory, without the object's. */
struct entry zset_begin(struct redis *redis, enum encoding encoding, uint64_t expected);
/* zsetTypeCreate: for so many elements, of which the first has a member of so many bytes. */
struct entry zset_create(struct redis *redis, uint64_t elements, uint64_t member_length);
/* As a value that a key is about to hold: its bytes count as arguments until then. */
struct value zset_hand_over(struct redis *redis, const struct entry *zset);
/* It is freed. */
void zset_discard(struct redis *redis, struct entry *zset);
/* zsetConvertToListpackIfNeeded: a skip list becomes a listpack if that may hold its elements. */
void zset_compact(struct redis *redis, struct entry *zset);

/* zsetConvert: a listpack becomes a skip list. */
void zset_become_skiplist(struct redis *redis, struct entry *zset);

/* zsetTypeMaybeConvert: so many elements are about to come, whose longest member has so many bytes (0: not known). */
void zset_expect(struct redis *redis, struct entry *entry, uint64_t elements, uint64_t member_length);

/* The member's slot, NO_SLOT; a lookup as the server does it. */
uint32_t zset_find(struct redis *redis, struct entry *entry, uint32_t member);

enum zset_flag {
    ZSET_INCR = 1 << 0, /* the score is added to the one that is there */
    ZSET_NX = 1 << 1,   /* only a new member */
    ZSET_XX = 1 << 2,   /* only one that is there */
    ZSET_GT = 1 << 3,   /* only if the score becomes greater, or the member is new */
    ZSET_LT = 1 << 4,   /* or less */
};
enum zset_change {
    ZSET_NOTHING, /* a flag forbids it */
    ZSET_SAME,    /* the score is what it was */
    ZSET_ADDED,
    ZSET_UPDATED,
    ZSET_NAN, /* inf - inf */
};

/* zsetAdd. *result is the member's score afterwards, unless nothing was done. */
enum zset_change zset_add(struct redis *redis, struct entry *entry, uint32_t member, double score, unsigned flags,
                          double *result);
/* Adds a member that is not there to a skip list. */
void zset_put(struct redis *redis, struct entry *entry, uint32_t member, double score);
/* zsetDel; false: there is no such member. */
bool zset_remove(struct redis *redis, struct entry *entry, uint32_t member);
/* Removes `count` elements from a rank on, which are there. */
void zset_remove_range(struct redis *redis, struct entry *entry, uint32_t rank, uint32_t count);

/* ---- order ---- */

/* Where a range begins or ends. */
struct range_end {
    enum { BOUND_SCORE, BOUND_TEXT, BOUND_LEAST, BOUND_MOST } kind;
    struct place place;
    bool excludes; /* what equals it */
};

/* The elements of a range: from which rank on, how many. */
struct range {
    uint32_t rank, count;
};

uint32_t zset_rank(const struct redis *redis, const struct entry *entry, uint32_t slot);
/* Of scores, or of texts where all scores are the same. O(log n). */
struct range zset_range(const struct redis *redis, const struct entry *entry, struct range_end least,
                        struct range_end most);
/* Of texts, one by one: among different scores the server ends where one is above. */
struct range zset_range_of_texts(const struct redis *redis, const struct entry *entry, struct range_end least,
                                 struct range_end most);
/* Ranks as commands give them: negative ones count from the end. */
struct range zset_range_of_ranks(const struct entry *entry, int64_t first, int64_t last);

/* The slot of a rank, and the one that follows a slot in order; NO_SLOT. */
uint32_t zset_at(const struct entry *entry, uint32_t rank);
uint32_t zset_next(const struct entry *entry, uint32_t slot);

#endif
