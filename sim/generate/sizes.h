/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sizes: sizes in bytes, drawn from GSL's distributions or from a table of what was measured.
 *
 *     fixed:BYTES                       all alike
 *     lognormal:MEAN,SIGMA              MEAN bytes; SIGMA is the standard deviation of the logarithm
 *     pareto:LEAST,SHAPE                the share above x is (LEAST/x)^SHAPE
 *     gpd:LOCATION,SCALE,SHAPE          generalized Pareto: the share above x is (1 + SHAPE (x-LOCATION)/SCALE)^(-1/SHAPE)
 *     file:PATH                         value,weight rows; or JSON: {"value": weight}, [[value, weight]], or CacheLib's
 *                                       valSizeRange with valSizeRangeProbability
 *
 * The generalized Pareto distribution is what Atikoglu et al. found for value sizes (Workload Analysis of a Large-Scale
 * Key-Value Store, SIGMETRICS 2012). What is drawn is rounded to whole bytes, and bounded by who draws. */
#ifndef SIM_GENERATE_SIZES_H
#define SIM_GENERATE_SIZES_H

#include "sim/error.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sizes_kind {
    SIZES_NONE,
    SIZES_FIXED,
    SIZES_LOGNORMAL,
    SIZES_PARETO,
    SIZES_GPD,
    SIZES_TABLE,
};

/* A table's row: all values up to this one and above the row before are alike; or this value alone. */
struct sizes_row {
    double value, weight;
};

/* Plain data but for the table that was read from a file, which sizes_release frees. */
struct sizes {
    enum sizes_kind kind;
    double a, b, c;               /* the numbers, in the order above */
    bool spread;                  /* a table's rows are ranges, drawn from evenly */
    const struct sizes_row *rows; /* of a table; increasing values if they are ranges */
    size_t row_count;
    struct sizes_row *owned;   /* the same rows, if they were read from a file */
    gsl_ran_discrete_t *alias; /* made by sizes_prepare */
};

/* From the text above. 0, or -1: it is none (ERROR_USAGE), or the file is (ERROR_INPUT, with its line). */
int sizes_parse(struct sizes *distribution, const char *text, struct error *error);
/* Before the first draw; may be called again. */
void sizes_prepare(struct sizes *distribution);
void sizes_release(struct sizes *distribution);

/* A size, rounded; not bounded. */
double sizes_draw(const struct sizes *distribution, gsl_rng *rng);
/* Its mean before rounding; infinite for a Pareto tail that has none. */
double sizes_mean(const struct sizes *distribution);

#endif
