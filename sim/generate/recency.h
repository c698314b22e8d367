/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recency: keys in the order of their last request, in classes; at which depth each lies, and who of a class lies about there.
 *
 *     top   | k7 | k2 | k5 | k1 | ...   bottom
 *           '--- depth of k5 ---'    = bytes of all that is not below it, its own included
 *
 * Depths are sums over a Fenwick tree by slot, one for each request (Bennett and Kruskal 1975); slots are numbered anew
 * when they are used up. Each class has its slots in a list of its own, with a tree of which are taken: so the key of
 * a class that is nearest to a slot is found in O(log n). */
#ifndef SIM_GENERATE_RECENCY_H
#define SIM_GENERATE_RECENCY_H

#include <stdint.h>

/* Slots of a class, in rising order; those whose key has moved on are not live. */
struct recency_class {
    uint32_t *slots, *live; /* live: a Fenwick tree of ones */
    uint32_t count, capacity, keys;
};

struct recency {
    uint64_t *tree;     /* of bytes, over slots 1 .. capacity */
    uint64_t *bytes;    /* by slot; 0: nobody */
    uint32_t *key_of;   /* by slot */
    uint32_t *slot_of;  /* by key; 0: not there yet */
    uint32_t *place_of; /* by key, in its class's list */
    uint32_t *class_of; /* by key */
    uint32_t capacity, last, keys, key_capacity;
    uint64_t total;
    struct recency_class *classes;
    uint32_t class_count;
};

/* Keys are numbered below `keys`, classes below `classes`. Host memory: 60 bytes a key, about. */
void recency_init(struct recency *recency, uint32_t keys, uint32_t classes);
void recency_release(struct recency *recency);

/* The key's depth; 0: it has not been there yet. */
uint64_t recency_depth(const struct recency *recency, uint32_t key);

/* It is on top now. Class and bytes (> 0) are those of its first time. */
void recency_touch(struct recency *recency, uint32_t key, uint32_t class, uint64_t bytes);

/* The keys of this class that lie next to the depth: at it or deeper, and less deep. UINT32_MAX: there is none. */
struct recency_pair {
    uint32_t deeper, higher;
};
struct recency_pair recency_near(const struct recency *recency, uint32_t class, uint64_t depth);
/* The same of any class. */
uint32_t recency_at(const struct recency *recency, uint64_t depth);

#endif
