/* support_published: traces of the reference material, replayed as the literature does, for comparison with the
 * counts that are published of them.
 *
 *     struct published_cell cells[] = {{.policy = "lru", .capacity = 1000}};
 *     if (!published_replay("traces/arc/OLTP.lis.zst", true, cells, 1))
 *         skip();
 *     cells[0].counters.misses */
#ifndef TESTS_SUPPORT_PUBLISHED_H
#define TESTS_SUPPORT_PUBLISHED_H

#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct published_cell {
    const char *policy;
    uint64_t capacity;         /* objects with unit sizes, else bytes; 0: no limit */
    const double *parameters;  /* of the policy; NULL: the initial ones */
    struct counters counters;  /* what came out */
};

/* One pass over the trace through all cells, each a flat cache that is filled on demand. False, and a line that
 * says so, without the reference material. */
bool published_replay(const char *trace, bool unit_sizes, struct published_cell *cells, size_t count);

/* A file of published figures; NULL, and a line that says so, without. */
FILE *published_figures(const char *name);

#endif
