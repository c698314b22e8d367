/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/popularity.h"

#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/inspect/goodness.h"
#include "sim/inspect/rate.h"

#include <math.h>
#include <stdlib.h>

static const char method[] = "maximum likelihood of Poisson counts whose rates are a power law";
static const double EVEN_DISPERSION = 1.2;
static const double Z_95 = 1.959963984540054;
enum { POINTS_PER_DECADE = 20, FIRST_FEW = 10 };

/* ---- counts ---- */

void popularity_count(struct popularity_counts *counts, uint64_t requests)
{
    if (!counts->small)
        counts->small = xcalloc(POPULARITY_SMALL, sizeof *counts->small);
    if (requests < POPULARITY_SMALL) {
        counts->small[requests]++;
        return;
    }
    if (counts->large_count == counts->large_capacity) {
        counts->large_capacity = counts->large_capacity ? 2 * counts->large_capacity : 64;
        counts->large = xrealloc(counts->large, counts->large_capacity * sizeof *counts->large);
    }
    counts->large[counts->large_count++] = requests;
}

void popularity_counts_release(struct popularity_counts *counts)
{
    free(counts->small);
    free(counts->large);
    *counts = (struct popularity_counts){0};
}

struct popularity_step *popularity_steps(struct popularity_counts *counts, size_t *count)
{
    size_t room = counts->large_count + (counts->small ? POPULARITY_SMALL : 0);
    struct popularity_step *steps = xcalloc(room + 1, sizeof *steps);

    *count = 0;
    if (counts->large_count)
        qsort(counts->large, counts->large_count, sizeof *counts->large, compare_counts);
    for (size_t i = counts->large_count; i--;) {
        if (!*count || steps[*count - 1].requests != counts->large[i])
            steps[(*count)++].requests = counts->large[i];
        steps[*count - 1].keys++;
    }
    for (size_t requests = counts->small ? POPULARITY_SMALL : 0; requests-- > 1;)
        if (counts->small[requests])
            steps[(*count)++] = (struct popularity_step){requests, counts->small[requests]};
    return steps;
}

/* ---- the line ---- */

static void fit_line(const struct popularity_step *steps, size_t count, struct popularity *found)
{
    struct zipf_fit fit = zipf_fit_of(steps, count);
    struct goodness goodness;

    if (isnan(fit.exponent))
        return;
    found->zipf = 1 / (fit.exponent - 1);
    found->zipf_error = fit.error * found->zipf * found->zipf;
    found->zipf_low = found->zipf - Z_95 * found->zipf_error;
    found->zipf_high = found->zipf + Z_95 * found->zipf_error;
    found->from_requests = (uint64_t)fit.least;
    found->fitted_keys = (uint64_t)fit.keys;
    found->fitted_share = fit.requests / (double)found->requests;
    found->ks_distance = fit.distance;
    goodness = goodness_of(steps, count, &fit);
    found->p_value = goodness.p_value;
    found->p_samples = goodness.samples;
}

/* The line's rate at rank r is A r^-alpha; so many keys have x requests and more: A^(g - 1) Gamma(x + 1 - g) / Gamma(x). */
static double line_at(const struct popularity *found, uint64_t rank)
{
    double x = (double)found->from_requests, keys = (double)found->fitted_keys;

    if (isnan(found->zipf))
        return NAN;
    return elementary_exp(found->zipf * (elementary_log(keys) + elementary_log_gamma(x) -
                                         elementary_log_gamma(x - 1 / found->zipf) - elementary_log((double)rank)));
}

/* Ranks of equal steps in the plot; the last is the last key's. */
static void find_points(const struct popularity_step *steps, size_t count, struct popularity *found)
{
    size_t room = (size_t)(POINTS_PER_DECADE * (elementary_log10((double)found->keys + 1) + 2));
    uint64_t rank = 1, below = 0;

    found->points = xcalloc(room, sizeof *found->points);
    for (size_t i = 0; i < count; i++) {
        below += steps[i].keys;
        while (rank <= below && found->point_count < room) {
            uint64_t next = (uint64_t)(double)(elementary_pow(10, 1.0 / POINTS_PER_DECADE) * (double)rank);

            found->points[found->point_count++] =
                (struct popularity_point){rank, steps[i].requests, line_at(found, rank)};
            if (rank == found->keys)
                return;
            rank = next > rank ? next : rank + 1;
            if (rank > found->keys)
                rank = found->keys;
        }
    }
}

static double off_at(const struct popularity_point *point)
{
    return (double)point->requests / point->fitted;
}

/* 1: the line is far below, -1: far above; 0: near, or as far as a count may be by chance. */
static int side_of(const struct popularity_point *point)
{
    double off = off_at(point);

    if (fabs((double)point->requests - point->fitted) <= 2 + 2 * sqrt(point->fitted))
        return 0;
    return off > POPULARITY_OFF ? 1 : off < 1 / POPULARITY_OFF ? -1 : 0;
}

static void find_misfits(struct popularity *found)
{
    int before = 0;

    found->misfits = xcalloc(found->point_count + 1, sizeof *found->misfits);
    found->fits = true;
    for (size_t i = 0; i < found->point_count; i++) {
        const struct popularity_point *point = &found->points[i];
        int side = side_of(point);
        struct misfit *misfit;

        if (side && side != before)
            found->misfits[found->misfit_count++] =
                (struct misfit){.from_rank = point->rank, .ratio = off_at(point), .at_rank = point->rank};
        before = side;
        if (!side)
            continue;
        misfit = &found->misfits[found->misfit_count - 1];
        misfit->to_rank = point->rank;
        if (fabs(elementary_log(off_at(point))) > fabs(elementary_log(misfit->ratio))) {
            misfit->ratio = off_at(point);
            misfit->at_rank = point->rank;
        }
        found->fits &= point->rank <= FIRST_FEW || point->rank > found->fitted_keys;
    }
}

/* Of the points that were fitted. */
static double r_squared(const struct popularity *found)
{
    double mean = 0, residual = 0, total = 0;
    size_t count = 0;

    for (; count < found->point_count && found->points[count].rank <= found->fitted_keys; count++)
        mean += elementary_log((double)found->points[count].requests);
    mean /= (double)count;
    for (size_t i = 0; i < count; i++) {
        double value = elementary_log((double)found->points[i].requests);

        double off = value - elementary_log(found->points[i].fitted);

        residual += off * off;
        total += (value - mean) * (value - mean);
    }
    return total > 0 ? 1 - residual / total : NAN;
}

static double top_share(const struct popularity_step *steps, size_t count, const struct popularity *found,
                        uint64_t parts)
{
    uint64_t left = found->keys / parts + (found->keys % parts != 0);
    double requests = 0;

    for (size_t i = 0; i < count && left; i++) {
        uint64_t keys = steps[i].keys < left ? steps[i].keys : left;

        requests += (double)keys * (double)steps[i].requests;
        left -= keys;
    }
    return requests / (double)found->requests;
}

/* The variance of the keys' requests over their mean: 1 when each request chooses any of the keys alike. */
static double dispersion_of(const struct popularity_step *steps, size_t count, const struct popularity *found)
{
    double mean = (double)found->requests / (double)found->keys, squares = 0;

    for (size_t i = 0; i < count; i++) {
        double off = (double)steps[i].requests - mean;

        squares += (double)steps[i].keys * (off * off);
    }
    return squares / (double)found->keys / mean;
}

struct popularity popularity_of(const struct popularity_step *steps, size_t count)
{
    struct popularity found = {.method = xstrdup(method),
                               .zipf = NAN,
                               .zipf_error = NAN,
                               .zipf_low = NAN,
                               .zipf_high = NAN,
                               .fitted_share = NAN,
                               .ks_distance = NAN,
                               .p_value = NAN,
                               .dispersion = NAN,
                               .r_squared = NAN,
                               .one_hit_share = NAN,
                               .top_1_share = NAN,
                               .top_10_share = NAN};
    const char *why_not = "";

    for (size_t i = 0; i < count; i++) {
        found.keys += steps[i].keys;
        found.requests += steps[i].keys * steps[i].requests;
    }
    if (found.keys) {
        found.top_requests = steps[0].requests;
        found.one_hit_keys = steps[count - 1].requests == 1 ? steps[count - 1].keys : 0;
        found.one_hit_share = (double)found.one_hit_keys / (double)found.keys;
        found.top_1_share = top_share(steps, count, &found, 100);
        found.top_10_share = top_share(steps, count, &found, 10);
        found.dispersion = dispersion_of(steps, count, &found);
    }
    if (found.keys < ZIPF_FIT_LEAST)
        why_not = "there are too few keys";
    else if (found.dispersion < EVEN_DISPERSION)
        why_not = "the keys are equally popular, but for chance";
    else
        fit_line(steps, count, &found);
    if (!*why_not && isnan(found.zipf))
        why_not = "no power law comes near";
    found.why_not = xstrdup(why_not);
    find_points(steps, count, &found);
    if (!isnan(found.zipf)) {
        find_misfits(&found);
        found.r_squared = r_squared(&found);
    }
    return found;
}
