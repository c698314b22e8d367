/* SPDX-License-Identifier: GPL-3.0-or-later */
/* collection: the elements of a value that have an identity: a hash's fields with their values, a set's members.
 *
 *     slot     0    1    2    3          one column per part of an element; an element stays in its slot as long as
 *     member   7    9   12    -          there is a table, whose keys are the slots
 *     value   20B  =42  64B   -
 *
 * What an element is, the host finds in the same way whatever the encoding: a compact collection is looked through, a
 * large one through its table. What it weighs is the encoding's business, each in a file of its own:
 *
 *     intset.c         one block, sorted integers of one width
 *     listpack.c       one block, entry behind entry; in the order of ttls where fields have them
 *     member_table.c   a hash table, and a block for each text
 *     skiplist.c       likewise, and a skip list in order of scores
 *
 * Each function there adds what it allocates to used_memory, and takes off what it frees, in the server's order. */
#ifndef SIM_SERVER_VALUES_COLLECTION_H
#define SIM_SERVER_VALUES_COLLECTION_H

#include "sim/server/state.h"
#include "sim/server/values/text.h"

#define NO_SLOT UINT32_MAX

struct block_tally;
struct skip_list;
struct field_ttls;

struct collection {
    struct tallied tallied; /* first: see state.h */
    uint32_t count;         /* elements */
    uint32_t used;          /* slots that have been given out, the free ones among them included */
    uint32_t capacity;      /* slots of the columns */
    uint32_t free_slot;     /* the first free slot, whose member names the next; NO_SLOT: none */
    uint64_t bytes;         /* of the one block that holds all, or of the blocks of all texts */
    uint32_t *member;       /* by slot */
    struct text *value;     /* of hashes, and how the scores of a sorted set in a listpack are written, else NULL */
    int64_t *number;        /* of values that are numbers; allocated with the first. The bits of a double if the text is
                           a decimal; scores */
    uint32_t *link;         /* chains of the table */
    uint8_t *block;         /* by slot, how the table's entry keeps a field's value: see hash_entry.h. NULL: apart */
    struct table *table;    /* NULL: compact, and the slots have no gaps */
    uint32_t width;         /* of an intset's integers: 2, 4 or 8 bytes */
    bool keeps_size;        /* of the table: elements are removed and it does not shrink yet */
    struct field_ttls *ttls; /* of a hash whose fields may have a ttl; else NULL: see field_ttls.h */
    struct skip_list *order; /* of a sorted set with a table; without one its slots are in order */
};

/* How an encoding keeps a collection. `slot` is an element of it. */
struct collection_encoding {
    /* What an empty one consists of; `expected` elements are about to come. */
    void (*begin)(struct redis *redis, struct collection *collection, uint64_t expected);
    void (*add)(struct redis *redis, struct collection *collection, uint32_t slot);
    /* Its value was `before`, and is another now. */
    void (*change)(struct redis *redis, struct collection *collection, uint32_t slot, struct text before);
    /* It is about to go. */
    void (*remove)(struct redis *redis, struct collection *collection, uint32_t slot);
    /* What a lookup does besides. */
    void (*find)(struct redis *redis, struct collection *collection, uint32_t member);
    /* What begin, add and change have allocated is freed; the elements stay, for another encoding. */
    void (*end)(struct redis *redis, struct collection *collection);
};

/* ---- elements, as the host keeps them ---- */

struct collection *collection_new(bool has_values);
void collection_release(void *collection);
/* The table alone; the elements stay. */
void collection_release_table(struct collection *collection);
/* The same elements, without a table. */
struct collection *collection_copy(const struct collection *collection);

/* The slot of a member; NO_SLOT. */
uint32_t collection_find(const struct collection *collection, uint32_t member);
/* A slot for a member that is not there; its value is empty. */
uint32_t collection_add(struct collection *collection, uint32_t member);
/* Of a compact collection the elements behind it move up: their order is the server's. */
void collection_remove(struct collection *collection, uint32_t slot);
/* The element of a compact collection gets another place; those between move up. */
void collection_move(struct collection *collection, uint32_t slot, uint32_t place);
/* A value that is a number. */
void collection_set_number(struct collection *collection, uint32_t slot, int64_t number);
/* The first slot from `slot` on that holds an element, or NO_SLOT. */
uint32_t collection_next(const struct collection *collection, uint32_t slot);
/* The members in the order in which the server comes upon them; `members` has room for all. */
void collection_list(const struct collection *collection, uint32_t *members);

static inline struct text collection_value(const struct collection *collection, uint32_t slot)
{
    return collection->value[slot];
}

static inline struct text collection_text(const struct redis *redis, const struct collection *collection, uint32_t slot)
{
    return text_of_member(member_of(redis->members, collection->member[slot]));
}

/* ---- the encodings ---- */

extern const struct collection_encoding listpack_encoding;
uint64_t listpack_bytes(const struct redis *redis, const void *collection);
void *listpack_copy(struct redis *redis, const void *collection);

/* The same with a ttl behind each field and value, or a 0; it is in a struct listpackEx. */
extern const struct collection_encoding listpackex_encoding;
uint64_t listpackex_bytes(const struct redis *redis, const void *collection);
void *listpackex_copy(struct redis *redis, const void *collection);

extern const struct collection_encoding intset_encoding;
uint64_t intset_bytes(const struct redis *redis, const void *collection);
void *intset_copy(struct redis *redis, const void *collection);

extern const struct collection_encoding member_table_encoding;
/* From now on the table does not shrink, or again, and then at once if it is due. */
void member_table_keep_size(struct redis *redis, struct collection *collection, bool keeps);
/* Its fields may have a ttl from now on (dictTypeAddMeta): the dict gets room for them. */
void member_table_keep_ttls(struct redis *redis, struct collection *collection);
/* The field's block gets room for a ttl, or another without it. */
void member_table_attach(struct redis *redis, struct collection *collection, uint32_t slot, bool attached);
uint64_t member_table_bytes(const struct redis *redis, const void *collection);
/* Block by block, but for what fields' ttls are found by. O(elements). */
void member_table_tally(const struct redis *redis, const void *collection, struct block_tally *tally);
void *member_table_copy(struct redis *redis, const void *collection);
/* dictGetFairRandomKey: the slot of one. */
uint32_t member_table_random(struct redis *redis, struct collection *collection);
/* MEMORY USAGE: of it all; of the table without its elements; of the elements. */
struct usage_sample member_table_sample(const struct redis *redis, const void *collection);
uint64_t member_table_usage_empty(const struct redis *redis, const struct collection *collection);
uint64_t member_table_usage_elements(const struct redis *redis, const struct collection *collection);
/* What adding an element does that turns out to be there, in `slot`. */
void member_table_visit(struct redis *redis, struct collection *collection, uint32_t slot);

#endif
