/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rax: Redis's radix tree, with what each of its nodes weighs.
 *
 *     ["foo"] -> ("b" "z") -> ["ar"] -> key        a node of one long edge is compressed, others have an edge per byte
 *
 * Streams keep their entries in one, consumer groups what is pending, the server its statistics of errors. What a key costs
 * depends on what it shares with its neighbours: so the nodes are made, split and joined as the server's are.
 *
 * Source: rax.c of Redis 7.0: raxGenericInsert, raxRemove, and the node layout of rax.h. Costs are O(length of the key)
 * unless said. */
#ifndef SIM_SERVER_TABLES_RAX_H
#define SIM_SERVER_TABLES_RAX_H

#include "sim/server/values/allocator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rax_node;

struct rax {
    struct rax_node *head;
    const struct allocator *allocator;
    uint64_t *memory; /* simulated bytes are added and taken off here */
    uint64_t bytes;   /* of this tree */
    uint64_t count;   /* keys */
    uint64_t nodes;
};

/* raxNew: the tree itself and an empty node. */
void rax_init(struct rax *rax, const struct allocator *allocator, uint64_t *memory);
/* raxNewWithMetadata: likewise, with so many bytes of somebody else's in the tree. */
void rax_init_with(struct rax *rax, const struct allocator *allocator, uint64_t *memory, uint64_t metadata);
/* raxFree: what is simulated is given back, too. */
void rax_clear(struct rax *rax);
/* Frees the host's memory only. */
void rax_release(struct rax *rax);

/* The key gets the value; has_value false: none is stored (a NULL), which takes no room. True: the key is new. */
bool rax_insert(struct rax *rax, const unsigned char *key, size_t length, bool has_value, uint64_t value);
/* False: there is no such key. `value` may be NULL. */
bool rax_find(const struct rax *rax, const unsigned char *key, size_t length, uint64_t *value);
/* The first key that is not below this one, all of one length: it replaces `key`. False: there is none. O(keys at hand's
 * length, times edges). */
bool rax_seek(const struct rax *rax, unsigned char *key, size_t length, uint64_t *value);
bool rax_remove(struct rax *rax, const unsigned char *key, size_t length);

#endif
