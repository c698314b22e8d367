/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volatile_set: which fields of a hash expire, in which order: what Valkey has kept since 9.0.
 *
 *     one              the field itself: it takes no memory
 *     2 to 127         a vector of pointers, by time: 8 + 8 * n bytes, which grows by one and shrinks by one
 *     more             a radix tree of spans of time, by their end. A span is one field, a vector in no order, or a table
 *
 * A span of the tree begins 8,192 ms wide. When its vector is full the span ends sooner, if all its fields do; else it is cut in
 * two, as near its middle as the times of its fields allow, at a multiple of 16 ms. A span of 16 ms cannot be cut: its fields
 * go into a hash table. When the tree has one span left whose vector is not full, that takes the tree's place.
 *
 * Fields are known by numbers here, and when a field expires is asked for. In the server a table's places follow from the
 * addresses of its fields, which nobody can know; here from their numbers.
 *
 * Source: vset.c of Valkey 9.1.2, function by function. Costs: O(127) and a search in the tree, but where said. */
#ifndef SIM_SERVER_TABLES_VOLATILE_SET_H
#define SIM_SERVER_TABLES_VOLATILE_SET_H

#include "sim/server/tables/rax.h"
#include "sim/server/tables/volatile_span.h"

/* Zeroed, and then: */
struct volatile_set {
    struct volatile_shared shared;
    uint64_t *memory; /* simulated bytes are added and taken off here */
    /* The rest is its own. */
    struct volatile_span *spans; /* without a tree one at most; else by their ends */
    uint32_t span_count, span_capacity;
    bool has_tree;
    struct rax tree;
};

static inline bool volatile_set_is_empty(const struct volatile_set *set)
{
    return !set->span_count;
}

void volatile_set_add(struct volatile_set *set, uint32_t field);
/* The field, which is in and expires at ms, is out. */
void volatile_set_remove(struct volatile_set *set, uint32_t field, int64_t ms);
/* The field, which is in, expires at another time than before. */
void volatile_set_retime(struct volatile_set *set, uint32_t field, int64_t before_ms);

/* Takes out what has expired by now_ms, `most` fields at most: `gone` is told of each. In a tree a field is seen once its
 * span has ended. Returns how many. O(fields that go). */
typedef void volatile_gone_fn(void *owner, uint32_t field);
uint64_t volatile_set_expire(struct volatile_set *set, int64_t now_ms, uint64_t most, volatile_gone_fn *gone,
                             void *owner);
/* When something may be taken out; INT64_MAX: never. */
int64_t volatile_set_first_ms(const struct volatile_set *set);

/* What MEMORY USAGE says of it (vsetMemUsage). O(spans). */
uint64_t volatile_set_usage(const struct volatile_set *set);
/* How many fields are in it. O(spans). */
uint64_t volatile_set_count(const struct volatile_set *set);
/* What it weighs, counted anew. O(spans). */
uint64_t volatile_set_recount(const struct volatile_set *set);

/* Everything is taken out. */
void volatile_set_clear(struct volatile_set *set);
/* Frees the host's memory only. */
void volatile_set_release(struct volatile_set *set);

#endif
