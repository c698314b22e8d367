/* SPDX-License-Identifier: GPL-3.0-or-later */
/* urn: symbols, drawn at random and taken out: in the end each has come as often as it was counted. */
#ifndef SIM_GENERATE_URN_H
#define SIM_GENERATE_URN_H

#include <gsl/gsl_rng.h>

#include <stdint.h>

struct symbol {
    uint64_t what, count;
};

/* A Fenwick tree of what is left of a phase's symbols. */
struct urn {
    const struct symbol *symbols;
    uint64_t *tree, *left_of, left;
    uint32_t count, room; /* room: a power of two */
};

/* The symbols, by rising `what`, outlive it. */
void urn_init(struct urn *urn, const struct symbol *symbols, uint32_t count);
void urn_release(struct urn *urn);

/* So many more of symbol i; -1ull: one less. */
void urn_add(struct urn *urn, uint32_t i, uint64_t by);
/* A symbol's number, drawn at random among those that are left, of which there is one; it stays in the urn. */
uint32_t urn_look(const struct urn *urn, gsl_rng *rng);
/* One that is left and is one of first, first + step, first + 2 step, ... below first + span; urn->count: there is none. */
uint32_t urn_find(const struct urn *urn, uint64_t first, uint64_t span, uint64_t step);

#endif
