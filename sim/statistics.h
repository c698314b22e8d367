/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statistics: what several seeds say together. */
#ifndef SIM_STATISTICS_H
#define SIM_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* A mean and how far the true mean may be from it: mean +- half_width is the 95 % confidence
 * interval by Student's t with count - 1 degrees of freedom. */
struct estimate {
    double mean;       /* NaN without values, or when one of them is NaN */
    double half_width; /* NaN with fewer than two values: unknown, which is not 0 */
    size_t count;      /* of values */
};

/* The estimate from `count` independent values. 0 values are allowed, and `values` is then not
 * read. */
struct estimate estimate_mean(const double *values, size_t count);

/* NaN of no values. */
double statistics_mean(const double *values, size_t count);

/* The standard deviation of what `count` values are a sample of; NaN of fewer than two. */
double statistics_deviation(const double *values, size_t count);

/* Of `count` values in order, one and more. */
double statistics_median(const double *sorted, size_t count);

/* What Student's t is below with this chance, from 0.5 to less than 1. freedom: 1 and more; it takes time in proportion. */
double students_t(double below, uint64_t freedom);

#endif
