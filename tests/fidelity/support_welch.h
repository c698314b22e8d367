/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_welch: whether two samples come from the same distribution, many times over.
 *
 * Welch's t test for each pair of samples, with the degrees of freedom of Welch and Satterthwaite; Holm's
 * correction over all of them, so that the chance of one false alarm in a table, however long, is `level`. */
#ifndef TESTS_FIDELITY_SUPPORT_WELCH_H
#define TESTS_FIDELITY_SUPPORT_WELCH_H

#include <stdbool.h>
#include <stddef.h>

struct sample_moments {
    size_t count;
    double mean, sd; /* sd is 0 when all values are the same */
};

struct welch {
    double difference;     /* of the means: second - first */
    double standard_error; /* of that difference */
    double freedom;
    double p; /* two-sided; 0 for constants that differ, 1 for equal ones */
};

struct sample_moments sample_moments(const double *values, size_t count);

/* A sample without variance borrows the other's: its few values agree by chance. Two constants are compared
 * as they are. Counts move in steps of `unit` (1 for keys, 0 for what is continuous), and where the spread is
 * smaller than a step t means little: the standard error is never below half a unit. */
struct welch welch_test(const struct sample_moments *first, const struct sample_moments *second, double unit);

/* The p of Student's test, which takes the two variances for one. Under the hypothesis they are, and four runs that
 * happen to agree do not make a small spread: Welch's test alone would take their word for it. 1 without variance. */
double student_p(const struct sample_moments *first, const struct sample_moments *second);

/* How far apart counts are, over many of them. */
struct distances {
    double sum; /* of |z| */
    size_t count;
};

/* The p of counts of a few runs of a server and of the model's seeds, the larger of both tests'. Where there is a spread, its |z| is added
 * to the distances. */
double counts_p(const struct sample_moments *server, const struct sample_moments *model, struct distances *distances);

/* Half the width of the difference's confidence interval at e.g. 0.95. */
double welch_half_width(const struct welch *welch, double confidence);

/* Marks which of the p values are significant. */
void holm(const double *p, size_t count, double level, bool *significant);

#endif
