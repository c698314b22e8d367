/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volatile_span: some fields of a volatile_set: one; or a vector of up to 127; or a table, where a vector is full and cannot be
 * cut (vsetBucket, pVector of vset.c).
 *
 * A vector is in the order of time if its set has no tree, else in none: the last of its fields takes the place of one that
 * goes. It grows to what is needed for one more, and shrinks to what is left. */
#ifndef SIM_SERVER_TABLES_VOLATILE_SPAN_H
#define SIM_SERVER_TABLES_VOLATILE_SPAN_H

#include "sim/server/tables/hashtable.h"
#include "sim/server/values/allocator.h"

#include <stdbool.h>
#include <stdint.h>

enum { SPAN_VECTOR_MOST = 127 }; /* VOLATILESET_VECTOR_BUCKET_MAX_SIZE */

/* Unix ms at which a field expires. */
typedef int64_t volatile_ms_fn(const void *owner, uint32_t field);

/* What the spans of a set have in common. */
struct volatile_shared {
    volatile_ms_fn *ms_of;
    const void *owner;
    const struct allocator *allocator;
    struct hashtable_rules rules;
    uint32_t table_bytes; /* sizeof of a table's object */
    uint64_t hash_seed;
    uint64_t bytes; /* what the set weighs: spans add to it what they allocate */
};

enum span_kind { SPAN_SINGLE, SPAN_VECTOR, SPAN_TABLE };

struct volatile_span {
    enum span_kind kind;
    int64_t end_ms; /* of a tree's: its fields expire before */
    uint32_t count; /* 0 when the last has gone: the span is the set's to drop */
    uint32_t single;
    uint32_t *fields;        /* of a vector: room for all that it may have, owned */
    uint64_t block;          /* of a vector: bytes requested */
    uint64_t known;          /* and what the server believes that it was given (pVector.alloc) */
    struct hashtable *table; /* owned */
};

static inline int64_t span_ms_of(const struct volatile_shared *shared, uint32_t field)
{
    return shared->ms_of(shared->owner, field);
}

static inline bool span_is_full(const struct volatile_span *span)
{
    return span->kind == SPAN_VECTOR && span->count == SPAN_VECTOR_MOST;
}

/* A zeroed span becomes one of a single field. */
void span_begin(struct volatile_span *span, uint32_t field);
/* A full vector becomes a table. */
void span_add(struct volatile_shared *shared, struct volatile_span *span, uint32_t field, bool in_order);
void span_remove(struct volatile_shared *shared, struct volatile_span *span, uint32_t field, bool in_order);
void span_sort(const struct volatile_shared *shared, struct volatile_span *span);
/* A vector keeps the fields from the place on; those before it are a span of their own (pvSplit). */
struct volatile_span span_cut(struct volatile_shared *shared, struct volatile_span *span, uint32_t place);

struct span_listener {
    void (*tell)(void *owner, uint32_t field);
    void *owner;
};
/* Takes out `most` fields at most, that expire until then: of a vector the first, up to one that does not; of a table any,
 * whenever they expire. Returns how many. */
uint32_t span_expire(struct volatile_shared *shared, struct volatile_span *span, int64_t until_ms, uint64_t most,
                     const struct span_listener *gone);

/* What MEMORY USAGE says of it, and what it weighs. */
uint64_t span_usage(const struct volatile_shared *shared, const struct volatile_span *span);
uint64_t span_recount(const struct volatile_shared *shared, const struct volatile_span *span);
/* What it has allocated is given back. */
void span_clear(struct volatile_shared *shared, struct volatile_span *span);
/* Frees the host's memory only. */
void span_release(struct volatile_span *span);

#endif
