/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_recorded_bounds: whether recorded servers and the model differ by more than chance.
 *
 * Of a cell four runs of the server were recorded, so its mean has an error of its own, and that error is
 * badly known: a bound of two standard errors is passed by chance in a tenth of the cells. Where that also
 * exceeds 0.05 points the cell "misses", and is named, but a model that is perfect would miss too. How many
 * that are by chance is an upper bound: the seeds begin with the runs' own used_memory, so a part of what
 * makes runs differ is common to both. A comparison holds when
 *   - every mean hit ratio is within 0.05 points or not significantly different: Welch's t, Holm's
 *     correction over all cells, 1 %,
 *   - and there are no more misses than chance explains (binomial, 1 %),
 *   - counters that do not vary are equal; of those that do the mean |z| is <= 1.0 and none is above 4.5,
 *     which is about what Holm's correction asks of 800 of them at 1 %,
 *   - every curve is within 0.1 % of maxmemory, and so is the mean used_memory_peak; since Redis 8.6 that, or it is not
 *     significantly different (pooled t, Holm's correction over all cells, 1 %). It is the highest moment of two hours, and
 *     since then the server sees some of those by chance: of three runs of one cell of 8.6.3 one says 8,409,040 bytes and
 *     another 8,471,712, 0.75 % of maxmemory more. Where it varies little a difference within 0.1 % is none, however
 *     significant: the t test is of what exceeds that. */
#ifndef TESTS_SUPPORT_RECORDED_BOUNDS_H
#define TESTS_SUPPORT_RECORDED_BOUNDS_H

#include "tests/fidelity/support_welch.h"
#include "tests/support_recorded.h"

/* Student's t of the means by the pooled variance (one distribution is what is claimed); NaN when neither
 * side varies, infinite when only the means differ. */
double recorded_t(const struct recorded_cell *cell, enum recorded_counter counter);

/* The normal deviate that is as rare as that t: four runs leave few degrees of freedom, and t long tails. */
double recorded_z(const struct recorded_cell *cell, enum recorded_counter counter);

/* Difference of the mean hit ratios in points, simulated - real. */
struct welch recorded_gap(const struct recorded_cell *cell);

/* A gap above 0.05 points and above two standard errors; and the chance of one when there is no difference. */
bool recorded_misses(const struct recorded_cell *cell);
double recorded_miss_chance(const struct recorded_cell *cell);

/* A set of cells. */
struct recorded_summary {
    size_t cells, counters; /* counters: those that vary, without used_memory_peak */
    size_t equal, unequal;  /* of the counters that do not vary */
    size_t above_2, above_3;
    double mean_z, largest_z, largest_t, largest_curve;
    double largest_peak, largest_peak_t;        /* used_memory_peak: difference in per cent of maxmemory; t */
    size_t peaks_wrong;                         /* too far off, where the server sees each */
    size_t peaks_significant;                   /* of all cells whose peak is too far off for its bound */
    const struct recorded_cell *largest_z_cell; /* NULL: nothing varies */
    const char *largest_z_counter;
    double largest_gap;
    const struct recorded_cell *worst_cell; /* by p of its gap, among those beyond 0.05 points; or NULL */
    size_t misses, significant;
    double misses_by_chance; /* how many of them to expect */
    double misses_tail;      /* the chance of so many or more */
};

/* Only the cells of `server`, or all of them when it is NULL. */
struct recorded_summary recorded_summarize(const struct recorded_cell *cells, size_t count, const char *server);

/* NULL when everything above holds, else the first thing that does not. */
const char *recorded_complaint(const struct recorded_summary *summary);

#endif
