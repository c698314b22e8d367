/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: elements in order, in one listpack or in a chain of nodes that have a listpack each.
 *
 *     quicklist 40 | node 40 | listpack          listpack alone: the first node's, without node and quicklist
 *                  | node 40 | listpack
 *                  | node 40 | plain element     longer than a listpack may be (7.4)
 *
 * A node is as full as list-max-listpack-size lets it be, by bytes or by elements, when an element comes to it; what went
 * before, and what was inserted, decides how full it stays. So the model keeps the very nodes, and in each a ring of what
 * its elements are: both ends of a list take and give an element in the same time, however long it is.
 *
 * Source: quicklist.c and t_list.c of Redis 7.0.15; the rules of the profile name what others do. */
#ifndef SIM_SERVER_VALUES_LIST_H
#define SIM_SERVER_VALUES_LIST_H

#include "sim/server/state.h"
#include "sim/server/values/list_place.h"

struct block_tally;

static inline struct list *list_of(const struct entry *entry)
{
    return entry->structure;
}

/* An empty list in the encoding that a server begins with; its bytes are not yet counted. */
struct list *list_new(struct redis *redis, enum encoding *encoding);

/* An empty quicklist; its bytes are counted. */
struct list *list_new_quicklist(struct redis *redis);

struct list_element list_element_of(const struct redis *redis, uint32_t member);

/* listTypeTryConversionAppend: a listpack that is about to take so many elements, of so many bytes as arguments, becomes
 * a quicklist if they are too many. */
void list_expect(struct redis *redis, struct entry *entry, uint64_t elements, uint64_t bytes);
/* listTypeTryConvertQuicklist: a quicklist of one node becomes a listpack if it has no more than this part (a divisor) of
 * what a node may have. */
void list_become_listpack(struct redis *redis, struct entry *entry, unsigned part);
/* Likewise, after elements have gone. */
static inline void list_has_shrunk(struct redis *redis, struct entry *entry)
{
    list_become_listpack(redis, entry, 2);
}

/* listTypePush, listTypePop; there is an element to pop. */
void list_push(struct redis *redis, struct entry *entry, struct list_element element, enum list_end end);
struct list_element list_pop(struct redis *redis, struct entry *entry, enum list_end end);
/* Of a list that is loaded: the element comes to the last node, or begins one of its own, perhaps without a listpack. */
void list_load(struct redis *redis, struct list *list, struct list_element element, bool begins_node, bool is_plain);
/* listTypeReplace: the element becomes another. */
void list_replace(struct redis *redis, struct entry *entry, struct list_place place, struct list_element element);
/* listTypeInsert: an element before the place, or with LIST_TAIL behind it. */
void list_insert(struct redis *redis, struct entry *entry, struct list_place place, struct list_element element,
                 enum list_end side);
/* listTypeDelete: the place that is next then, towards that end. */
struct list_place list_delete(struct redis *redis, struct entry *entry, struct list_place place, enum list_end towards);
/* Of so many elements from the first on, of which there are as many: quicklistDelRange. */
void list_delete_range(struct redis *redis, struct entry *entry, uint64_t first, uint64_t count);

/* ---- the encodings ---- */

enum { LIST_NODE_BYTES = 40 }; /* quicklistNode */

/* sizeof(quicklist) */
static inline uint64_t list_struct_bytes(const struct redis *redis)
{
    return redis->profile->lists_know_size ? 48 : 40;
}

uint64_t list_bytes(const struct redis *redis, const void *list);
void quicklist_tally(const struct redis *redis, const void *list, struct block_tally *tally); /* O(nodes) */
struct usage_sample quicklist_sample(const struct redis *redis, const void *list);
void list_release(void *list);
void *list_copy(struct redis *redis, const void *list);

#endif
