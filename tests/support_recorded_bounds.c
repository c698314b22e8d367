/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_recorded_bounds.h"

#include "sim/alloc.h"

#include <gsl/gsl_cdf.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double gap_points = 0.05, gap_errors = 2, level = 0.01;
static const double mean_z_at_most = 1.0, z_at_most = 4.5, memory_per_cent = 0.1;

double recorded_t(const struct recorded_cell *cell, enum recorded_counter counter)
{
    const struct recorded_moments *a = &cell->real[counter], *b = &cell->simulated[counter];
    double m = (double)cell->runs, n = (double)cell->seeds;
    double pooled = ((m - 1) * a->sd * a->sd + (n - 1) * b->sd * b->sd) / (m + n - 2);

    if (pooled == 0)
        return a->mean == b->mean ? NAN : INFINITY;
    return (b->mean - a->mean) / sqrt(pooled * (1 / m + 1 / n));
}

double recorded_z(const struct recorded_cell *cell, enum recorded_counter counter)
{
    double t = recorded_t(cell, counter), freedom = (double)(cell->runs + cell->seeds - 2);

    if (!isfinite(t))
        return t;
    return copysign(gsl_cdf_ugaussian_Qinv(fmax(gsl_cdf_tdist_Q(fabs(t), freedom), DBL_MIN)), t);
}

static struct sample_moments sample_of(const struct recorded_moments *moments, size_t count)
{
    return (struct sample_moments){.count = count, .mean = moments->mean, .sd = moments->sd};
}

struct welch recorded_gap(const struct recorded_cell *cell)
{
    struct sample_moments real = sample_of(&cell->real_hit_ratio, cell->runs);
    struct sample_moments simulated = sample_of(&cell->simulated_hit_ratio, cell->seeds);

    return welch_test(&real, &simulated, 0);
}

bool recorded_misses(const struct recorded_cell *cell)
{
    struct welch gap = recorded_gap(cell);

    return fabs(gap.difference) > gap_points && fabs(gap.difference) > gap_errors * gap.standard_error;
}

double recorded_miss_chance(const struct recorded_cell *cell)
{
    struct welch gap = recorded_gap(cell);

    if (gap.standard_error == 0)
        return 0;
    return 2 * gsl_cdf_tdist_Q(fmax(gap_errors, gap_points / gap.standard_error), gap.freedom);
}

/* Sums |z| into mean_z: the caller divides. */
static void add_counter(struct recorded_summary *summary, const struct recorded_cell *cell,
                        enum recorded_counter counter)
{
    double z = fabs(recorded_z(cell, counter));

    summary->unequal += isinf(z) != 0;
    summary->equal += isnan(z) != 0;
    if (!isfinite(z))
        return;
    if (counter == RECORDED_USED_MEMORY_PEAK) {
        summary->largest_peak_t = fmax(summary->largest_peak_t, fabs(recorded_t(cell, counter)));
        return;
    }
    summary->counters++;
    summary->mean_z += z;
    summary->above_2 += z > 2;
    summary->above_3 += z > 3;
    summary->largest_t = fmax(summary->largest_t, fabs(recorded_t(cell, counter)));
    if (z <= summary->largest_z)
        return;
    summary->largest_z = z;
    summary->largest_z_cell = cell;
    summary->largest_z_counter = recorded_names[counter];
}

/* In per cent of maxmemory. */
static double peak_error(const struct recorded_cell *cell)
{
    const enum recorded_counter counter = RECORDED_USED_MEMORY_PEAK;

    return 100 * fabs(cell->simulated[counter].mean - cell->real[counter].mean) / cell->maxmemory;
}

/* Of its t; 1 where nothing differs, 0 where only the means do. */
static double peak_p(const struct recorded_cell *cell)
{
    double t = recorded_t(cell, RECORDED_USED_MEMORY_PEAK);

    return isnan(t) ? 1 : isinf(t) ? 0 : 2 * gsl_cdf_tdist_Q(fabs(t), (double)(cell->runs + cell->seeds - 2));
}

static bool peak_is_far_off(const struct recorded_cell *cell)
{
    return peak_error(cell) > memory_per_cent;
}

static void add_memory(struct recorded_summary *summary, const struct recorded_cell *cell)
{
    double curve = isnan(cell->curve_error) ? INFINITY /* not found */ : cell->curve_error;

    summary->largest_curve = fmax(summary->largest_curve, curve);
    summary->largest_peak = fmax(summary->largest_peak, peak_error(cell));
    summary->peaks_wrong += !cell->peak_is_chance && peak_is_far_off(cell);
}

static void add_gap(struct recorded_summary *summary, const struct recorded_cell *cell)
{
    struct welch gap = recorded_gap(cell);

    summary->largest_gap = fmax(summary->largest_gap, fabs(gap.difference));
    summary->misses += recorded_misses(cell);
    summary->misses_by_chance += recorded_miss_chance(cell);
    if (fabs(gap.difference) > gap_points && (!summary->worst_cell || gap.p < recorded_gap(summary->worst_cell).p))
        summary->worst_cell = cell;
}

static double gap_p(const struct recorded_cell *cell)
{
    return recorded_gap(cell).p;
}

static bool gap_is_large(const struct recorded_cell *cell)
{
    return fabs(recorded_gap(cell).difference) > gap_points;
}

/* How many differ by more than matters, and by more than chance. */
static size_t count_significant(const struct recorded_cell *const *cells, size_t count,
                                double p_of(const struct recorded_cell *cell),
                                bool matters(const struct recorded_cell *cell))
{
    double *p = xcalloc(count + 1, sizeof *p);
    bool *significant = xcalloc(count + 1, sizeof *significant);
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        p[i] = p_of(cells[i]);
    holm(p, count, level, significant);
    for (size_t i = 0; i < count; i++)
        found += significant[i] && matters(cells[i]);
    free(p);
    free(significant);
    return found;
}

/* The cells' chances differ a little; with their mean the binomial tail is, if anything, too heavy. */
static double tail_of(size_t misses, double expected, size_t cells)
{
    return misses ? gsl_cdf_binomial_Q((unsigned)misses - 1, expected / (double)cells, (unsigned)cells) : 1;
}

struct recorded_summary recorded_summarize(const struct recorded_cell *cells, size_t count, const char *server)
{
    const struct recorded_cell **chosen = xcalloc(count + 1, sizeof(const struct recorded_cell *));
    struct recorded_summary summary = {0};

    for (size_t i = 0; i < count; i++)
        if (!server || !strcmp(cells[i].server, server))
            chosen[summary.cells++] = &cells[i];
    for (size_t i = 0; i < summary.cells; i++) {
        add_gap(&summary, chosen[i]);
        add_memory(&summary, chosen[i]);
        for (int c = 0; c < RECORDED_COUNTERS; c++)
            add_counter(&summary, chosen[i], (enum recorded_counter)c);
    }
    if (summary.counters)
        summary.mean_z /= (double)summary.counters;
    summary.significant = count_significant(chosen, summary.cells, gap_p, gap_is_large);
    summary.peaks_significant = count_significant(chosen, summary.cells, peak_p, peak_is_far_off);
    summary.misses_tail = tail_of(summary.misses, summary.misses_by_chance, summary.cells);
    free(chosen);
    return summary;
}

const char *recorded_complaint(const struct recorded_summary *summary)
{
    if (summary->unequal)
        return "a counter that does not vary differs";
    if (summary->significant)
        return "a hit ratio differs significantly";
    if (summary->misses_tail < level)
        return "more hit ratios miss than chance explains";
    if (summary->mean_z > mean_z_at_most)
        return "the mean |z| is above its bound";
    if (summary->largest_z > z_at_most)
        return "a counter's |z| is above its bound";
    if (summary->peaks_wrong || summary->peaks_significant)
        return "used_memory_peak is too far off";
    return summary->largest_curve > memory_per_cent ? "a used_memory curve is too far off" : NULL;
}
