/* SPDX-License-Identifier: GPL-3.0-or-later */
/* difference: what is different between two runs of one trace, cell by cell and seed by seed.
 *
 * A cell of one run is compared with the cell of the other that has the same server, policy and maxmemory. A dimension of which each run has one
 * value need not be the same: it is what the two runs compare. Both cells of a seed draw the same random numbers, and so differ less by
 * chance than cells of two seeds do. Hence the difference is taken seed by seed, and its interval is that of the mean of these differences. */
#ifndef SIM_ADVICE_DIFFERENCE_H
#define SIM_ADVICE_DIFFERENCE_H

#include "sim/result.h"
#include "sim/statistics.h"

#include <stdbool.h>
#include <stddef.h>

enum verdict {
    VERDICT_SAME,    /* with every seed */
    VERDICT_DIFFERS, /* 0 is outside of the 95 % interval, or every seed has the same difference */
    VERDICT_NOISE,   /* 0 is within it */
    VERDICT_UNKNOWN, /* there is but one seed, or no value */
};

/* A number of a result: a ratio of 0..1, or a count. */
struct measure {
    const char *name;
    double (*value)(const struct result *result); /* NULL: it is */
    int counter;                                  /* this */
    bool is_ratio, of_shards;                     /* the worst value of any shard: only of clusters */
};

extern const struct measure measures[];
extern const size_t measure_count;

/* Two cells, each as the results of the seeds that both have, in the same order. */
struct pair {
    const struct result **a, **b; /* owned, the results are not */
    size_t seeds;
    /* What is taken off b's numbers: how far those of other cells, of the same seeds, are from a's. Owned, part after part. */
    const struct result **parts;
    size_t part_count;
};

struct compared {
    double a, b; /* means; NaN where nothing was counted */
    struct estimate difference;
    enum verdict verdict;
};

struct compared compare_pair(const struct pair *pair, const struct measure *measure);

struct pairs {
    struct pair *list; /* in the order of the first run */
    size_t count;
    const struct result **only_a, **only_b; /* without a partner; the first seed's of each cell */
    size_t only_a_count, only_b_count;
    struct setting_change {
        const char *name, *a, *b; /* of the runs; "" where one does not have it */
    } * changes;                  /* settings that differ, other than those of the grid */
    size_t change_count;
};

/* 0; or -1 (ERROR_INPUT) when the runs are not of one trace, or no cell has a partner. To be released either way; the runs outlive
 * it. The names say where each run is from. */
int pairs_make(const struct run *a, const struct run *b, const char *a_name, const char *b_name, struct pairs *pairs,
               struct error *error);
void pairs_release(struct pairs *pairs);

#endif
