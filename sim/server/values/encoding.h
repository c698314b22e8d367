/* SPDX-License-Identifier: GPL-3.0-or-later */
/* encoding: what each way of keeping a value is called, and, of those that keep elements, what the model keeps of it. One
 * row per encoding, in the order of enum encoding. */
#ifndef SIM_SERVER_VALUES_ENCODING_H
#define SIM_SERVER_VALUES_ENCODING_H

#include "sim/server/state.h"

struct collection_encoding;
struct usage_sample; /* usage.h */
struct block_tally;  /* block_tally.h */

struct encoding_rules {
    const char *type_name, *name; /* what TYPE and OBJECT ENCODING say */
    enum value_type type;
    /* Of structures: the bytes of all blocks but the object's own; what MEMORY USAGE says of them (NULL: the same), or what
     * it samples (NULL: nothing); */
    uint64_t (*bytes)(const struct redis *redis, const void *structure);
    uint64_t (*usage)(const struct redis *redis, const void *structure);
    struct usage_sample (*sample)(const struct redis *redis, const void *structure);
    /* The same bytes block by block; what it leaves out, and all where it is NULL, counts as it is: see resident.h. */
    void (*tally)(const struct redis *redis, const void *structure, struct block_tally *tally);
    void (*release)(void *structure);                          /* frees the host's memory; */
    void *(*copy)(struct redis *redis, const void *structure); /* COPY: its bytes are not yet counted. */
    const struct collection_encoding *collection;              /* How it keeps a collection; NULL: it is none. */
};

extern const struct encoding_rules encodings[ENCODINGS];

/* How the entry's collection is kept. */
static inline const struct collection_encoding *collection_encoding_of(const struct entry *entry)
{
    return encodings[entry->encoding].collection;
}

/* How many blocks freeing the value takes, or about so many (lazyfreeGetFreeEffort): more than LAZY_EFFORT, and a server that
 * frees lazily leaves it to a thread. */
enum { LAZY_EFFORT = 64 }; /* LAZYFREE_THRESHOLD */
uint64_t entry_free_effort(const struct entry *entry);
/* The time it takes, in us, beyond that of the key; 0 unless the user says how fast the server is (struct speed). */
double entry_free_us(const struct redis *redis, const struct entry *entry);

static inline bool entry_is_string(const struct entry *entry)
{
    return !encoding_is_structure(entry->encoding) || entry->encoding >= ENCODING_HLL;
}

/* The entry's collection is kept in another way from now on, with room for so many elements (0: as it comes). The server
 * makes the new one before it frees the old: nobody looks in between. */
void collection_convert(struct redis *redis, struct entry *entry, enum encoding encoding, uint64_t expected);

#endif
