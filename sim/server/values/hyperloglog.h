/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hyperloglog: a string whose bytes are 16,384 registers, each of which keeps the highest rank that a member had there.
 *
 *     sparse   header 16 | run | run | ...     runs of equal registers: up to 4 that are not zero, or up to 64 zeros, take a
 *                                              byte, more zeros two. As long as hll-sparse-max-bytes at most
 *     dense    header 16 | 6 bits * 16,384
 *
 * Which register a member belongs to, and its rank, are noted with its text (sim/member.h). The string's length follows
 * from the runs, which are those that the server makes, update by update: adjacent ones are not always merged.
 *
 * Source: hyperloglog.c of Redis 7.0 and 7.2. */
#ifndef SIM_SERVER_VALUES_HYPERLOGLOG_H
#define SIM_SERVER_VALUES_HYPERLOGLOG_H

#include "sim/server/state.h"

enum { HLL_REGISTERS = 1 << 14, HLL_RANKS = 64 - 14 + 2 };

struct hll_run {
    uint16_t registers; /* how many, less one: there may be 16,384 */
    uint8_t rank;
};

struct hll {
    struct tallied tallied;    /* first: see state.h */
    uint32_t length, capacity; /* of the string; sdsalloc */
    bool counted;              /* PFCOUNT's answer lies in the header */
    struct hll_run *runs;      /* sparse, else NULL */
    uint32_t run_count, run_capacity;
    uint8_t *dense; /* the registers' ranks, else NULL */
};

/* One without members; its bytes are in used_memory, without the object's. */
struct hll *hll_new(struct redis *redis);
/* One as a payload has it (traces/rdb/payload_stream.h). */
struct hll *hll_load(struct redis *redis, const struct element *elements, uint32_t count);
/* Sets a register, unless it is that high; true: it was not. */
bool hll_set(struct redis *redis, struct hll *hll, uint32_t index, uint8_t rank);
void hll_become_dense(struct redis *redis, struct hll *hll);
/* Each of the 16,384 ranks becomes as high as the HyperLogLog's, at least. */
void hll_raise(const struct hll *hll, uint8_t *ranks);
/* How many members registers of these ranks say that there were. */
uint64_t hll_estimate(const uint8_t *ranks);

/* Whether it is short enough for an embstr, which is not written to: hll_copy() makes the raw string that is. */
bool hll_fits_embstr(const struct redis *redis, const struct hll *hll);

/* The entry, whose string is raw, is like any other from now on: what the registers are is forgotten. */
void hll_become_string(struct entry *entry);

/* For the table of encodings. */
uint64_t hll_bytes(const struct redis *redis, const void *hll);
uint64_t hll_embstr_bytes(const struct redis *redis, const void *hll); /* 0: they are the object's */
void hll_release(void *hll);
void *hll_copy(struct redis *redis, const void *hll);

#endif
