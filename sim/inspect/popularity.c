/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/popularity.h"

#include "sim/alloc.h"
#include "sim/inspect/rate.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>
#include <gsl/gsl_sf_gamma.h>

#include <math.h>
#include <stdlib.h>

static const char method[] = "maximum likelihood of Poisson counts whose rates are a power law";
static const double LEAST_EXPONENT = 1.05, MOST_EXPONENT = 21; /* alpha from 20 down to 0.05 */
static const double EVEN_DISPERSION = 1.2;
static const double Z_95 = 1.959963984540054;
enum { BOUNDS_TRIED = 60, DISTANCES = 500, POINTS_PER_DECADE = 20, FIRST_FEW = 10 };

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

/* ---- the fit ---- */

/* Of the first `steps` steps: the keys with at least `least` requests each. Of those with DIRECT and more the sums suffice. */
struct tail {
    const struct popularity_step *steps;
    size_t count, first_direct;
    double least, keys;
    double logs, inverses, squares; /* sums of ln n, 1 / n and 1 / n^2 over n requests, DIRECT and more */
};

enum { DIRECT = 4096 };

/* ln of the share of keys with at least n requests of those with at least `least`. */
static double log_share(double exponent, double n, double least)
{
    return gsl_sf_lngamma(n + 1 - exponent) - gsl_sf_lngamma(n) - gsl_sf_lngamma(least + 1 - exponent) +
           gsl_sf_lngamma(least);
}

/* Of Gamma(n + 1 - g) / Gamma(n + 1) and the factor that makes the sum over n one. */
static double minus_likelihood(double g, void *owner)
{
    const struct tail *tail = owner;
    double norm = gsl_sf_lngamma(tail->least + 1 - g) - gsl_sf_lngamma(tail->least) - log(g - 1), sum = 0;

    for (size_t i = tail->first_direct; i < tail->count; i++) {
        double n = (double)tail->steps[i].requests;

        sum += (double)tail->steps[i].keys * (gsl_sf_lngamma(n + 1 - g) - gsl_sf_lngamma(n + 1));
    }
    /* Stirling's series: differences of Bernoulli's polynomials B2 and B3 at 1 - g and 1. */
    sum += -g * tail->logs + g * (g - 1) / 2 * tail->inverses + g * (g - 1) * (2 * g - 1) / 12 * tail->squares;
    return tail->keys * norm - sum;
}

/* Where the likelihood is higher than at both ends; NaN: nowhere of where it was looked for. */
static double guess_between(struct tail *tail, double most)
{
    enum { GUESSES = 24 };
    double best = NAN, value = fmin(minus_likelihood(LEAST_EXPONENT, tail), minus_likelihood(most, tail));

    for (int i = 1; i < GUESSES; i++) {
        double guess = 1 + (LEAST_EXPONENT - 1) * pow((most - 1) / (LEAST_EXPONENT - 1), (double)i / GUESSES);
        double here = minus_likelihood(guess, tail);

        if (here < value) {
            value = here;
            best = guess;
        }
    }
    return best;
}

/* The exponent at which the keys are most likely; NaN at an end of its range. */
static double most_likely(struct tail *tail)
{
    enum { ROUNDS = 100 };
    static const double precision = 1e-7;
    gsl_min_fminimizer *minimizer = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    gsl_function function = {.function = minus_likelihood, .params = tail};
    double most = fmin(MOST_EXPONENT, tail->least + 0.9), exponent = NAN, guess = guess_between(tail, most);

    if (!isnan(guess) && gsl_min_fminimizer_set(minimizer, &function, guess, LEAST_EXPONENT, most) == GSL_SUCCESS) {
        for (int i = 0; i < ROUNDS; i++) {
            if (gsl_min_fminimizer_iterate(minimizer) ||
                gsl_min_test_interval(gsl_min_fminimizer_x_lower(minimizer), gsl_min_fminimizer_x_upper(minimizer), 0,
                                      precision) == GSL_SUCCESS)
                break;
        }
        exponent = gsl_min_fminimizer_x_minimum(minimizer);
    }
    gsl_min_fminimizer_free(minimizer);
    return exponent;
}

/* By how much the found and the fitted share of keys with at least so many requests differ, at most. */
static double distance(const struct tail *tail, double exponent)
{
    double keys = 0, largest = 0;
    size_t every = tail->count / DISTANCES + 1;

    for (size_t i = 0; i < tail->count; i++) {
        keys += (double)tail->steps[i].keys;
        if (i % every == 0 || i + 1 == tail->count)
            largest = fmax(largest, fabs(keys / tail->keys -
                                         exp(log_share(exponent, (double)tail->steps[i].requests, tail->least))));
    }
    return largest;
}

static double standard_error(struct tail *tail, double exponent)
{
    double step = 1e-3 * (exponent - 1), middle = minus_likelihood(exponent, tail);
    double curvature =
        (minus_likelihood(exponent - step, tail) - 2 * middle + minus_likelihood(exponent + step, tail)) /
        (step * step);

    return curvature > 0 ? 1 / sqrt(curvature) : NAN;
}

static void take_step(struct tail *tail, const struct popularity_step *step)
{
    double keys = (double)step->keys, n = (double)step->requests;

    tail->count++;
    tail->least = n;
    tail->keys += keys;
    if (step->requests < DIRECT)
        return;
    tail->first_direct = tail->count;
    tail->logs += keys * log(n);
    tail->inverses += keys / n;
    tail->squares += keys / n / n;
}

/* Tries bounds, from the most popular keys down, and keeps the one with the smallest distance. */
static void fit(const struct popularity_step *steps, size_t count, struct popularity *found)
{
    struct tail tail = {.steps = steps}, best = {0};
    double requests = 0, best_distance = INFINITY, best_exponent = NAN, next = POPULARITY_LEAST, best_requests = 0;
    double factor = pow(fmax((double)found->keys / POPULARITY_LEAST, 1), 1.0 / BOUNDS_TRIED);

    for (size_t i = 0; i < count; i++) {
        double exponent, apart;

        take_step(&tail, &steps[i]);
        requests += (double)steps[i].keys * (double)steps[i].requests;
        if (tail.keys < next)
            continue;
        next = fmax(tail.keys * factor, next);
        exponent = most_likely(&tail);
        apart = isnan(exponent) ? INFINITY : distance(&tail, exponent);
        if (apart < best_distance) {
            best = tail;
            best_distance = apart;
            best_exponent = exponent;
            best_requests = requests;
        }
    }
    if (isnan(best_exponent))
        return;
    found->zipf = 1 / (best_exponent - 1);
    found->zipf_error = standard_error(&best, best_exponent) * found->zipf * found->zipf;
    found->zipf_low = found->zipf - Z_95 * found->zipf_error;
    found->zipf_high = found->zipf + Z_95 * found->zipf_error;
    found->from_requests = (uint64_t)best.least;
    found->fitted_keys = (uint64_t)best.keys;
    found->fitted_share = best_requests / (double)found->requests;
    found->ks_distance = best_distance;
}

/* ---- the line beside the keys ---- */

/* The line's rate at rank r is A r^-alpha; so many keys have x requests and more: A^(g - 1) Gamma(x + 1 - g) / Gamma(x). */
static double line_at(const struct popularity *found, uint64_t rank)
{
    double x = (double)found->from_requests, keys = (double)found->fitted_keys;

    if (isnan(found->zipf))
        return NAN;
    return exp(found->zipf * (log(keys) + gsl_sf_lngamma(x) - gsl_sf_lngamma(x - 1 / found->zipf) - log((double)rank)));
}

/* Ranks of equal steps in the plot; the last is the last key's. */
static void find_points(const struct popularity_step *steps, size_t count, struct popularity *found)
{
    size_t room = (size_t)(POINTS_PER_DECADE * (log10((double)found->keys + 1) + 2));
    uint64_t rank = 1, below = 0;

    found->points = xcalloc(room, sizeof *found->points);
    for (size_t i = 0; i < count; i++) {
        below += steps[i].keys;
        while (rank <= below && found->point_count < room) {
            uint64_t next = (uint64_t)(double)(pow(10, 1.0 / POINTS_PER_DECADE) * (double)rank);

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
        if (fabs(log(off_at(point))) > fabs(log(misfit->ratio))) {
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
        mean += log((double)found->points[count].requests);
    mean /= (double)count;
    for (size_t i = 0; i < count; i++) {
        double value = log((double)found->points[i].requests);

        residual += pow(value - log(found->points[i].fitted), 2);
        total += pow(value - mean, 2);
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

    for (size_t i = 0; i < count; i++)
        squares += (double)steps[i].keys * pow((double)steps[i].requests - mean, 2);
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
    if (found.keys < POPULARITY_LEAST)
        why_not = "there are too few keys";
    else if (found.dispersion < EVEN_DISPERSION)
        why_not = "the keys are equally popular, but for chance";
    else
        fit(steps, count, &found);
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
