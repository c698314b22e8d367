/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ladder: the sizes that maxmemory is looked for among: those that are easily typed.
 *
 * At precision 1 % a size of 8 MB is a multiple of 50kb, one of 3 GB a multiple of 20mb: of the largest of
 * 1, 2, 5, 10, 20, 50, 100, 200, 500, each of them bytes, kb, mb or gb, that is no more than the precision of it. So two
 * neighbours lie no further apart than that. Sizes that count objects are multiples of 1, 2 or 5 times a power of ten. */
#ifndef SIM_ADVICE_LADDER_H
#define SIM_ADVICE_LADDER_H

#include <stdbool.h>
#include <stdint.h>

struct ladder {
    double precision; /* 0 < precision < 1 */
    bool objects;     /* sizes count objects, not bytes */
};

/* The next one that is at least, or at most, `size`; sizes are from 1 to 2^62. */
uint64_t ladder_up_to(const struct ladder *ladder, uint64_t size);
uint64_t ladder_down_to(const struct ladder *ladder, uint64_t size);
/* The next one above, or below (0 below the first), a size. */
uint64_t ladder_above(const struct ladder *ladder, uint64_t size);
uint64_t ladder_below(const struct ladder *ladder, uint64_t size);

#endif
