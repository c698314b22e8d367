/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statistics: what several seeds say together. */
#ifndef SIM_STATISTICS_H
#define SIM_STATISTICS_H

#include <stddef.h>

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

#endif
