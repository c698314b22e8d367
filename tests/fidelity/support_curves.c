/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_curves.h"

#include "sim/alloc.h"
#include "tests/fidelity/support_welch.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>

enum { DEALS = 19999 };

struct deal {
    const struct curve **curves; /* owned: of one side, then of the other */
    size_t one_count, count, samples;
    double *sums; /* owned: of all curves, by sample */
};

static double used_at(const struct curve *curve, size_t sample)
{
    return (double)curve->samples[sample].used_memory;
}

/* What the first one_count curves are apart from the others. */
static double distance_of(const struct deal *deal)
{
    double one = (double)deal->one_count, other = (double)(deal->count - deal->one_count), distance = 0;

    for (size_t sample = 0; sample < deal->samples; sample++) {
        double sum = 0;

        for (size_t i = 0; i < deal->one_count; i++)
            sum += used_at(deal->curves[i], sample);
        distance += fabs(sum / one - (deal->sums[sample] - sum) / other);
    }
    return distance / (double)deal->samples;
}

static void find_largest_t(const struct deal *deal, struct curve_test *test)
{
    double *values = xcalloc(deal->count, sizeof *values);

    test->largest_t = NAN;
    for (size_t sample = 0; sample < deal->samples; sample++) {
        struct sample_moments one, other;
        double error;

        for (size_t i = 0; i < deal->count; i++)
            values[i] = used_at(deal->curves[i], sample);
        one = sample_moments(values, deal->one_count);
        other = sample_moments(values + deal->one_count, deal->count - deal->one_count);
        error = sqrt(one.sd * one.sd / (double)deal->one_count +
                     other.sd * other.sd / (double)(deal->count - deal->one_count));
        if (one.sd > 0 && other.sd > 0 && !(fabs(one.mean - other.mean) / error <= test->largest_t)) {
            test->largest_t = fabs(one.mean - other.mean) / error;
            test->largest_t_us = deal->curves[0]->samples[sample].time_us;
        }
    }
    free(values);
}

static void deal_out(struct deal *deal, struct curve_test *test, uint64_t seed)
{
    /* A deal of the same curves in another order is as far apart but for rounding. */
    double as_far = test->distance * (1 - 1e-9);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    size_t further = 0;

    gsl_rng_set(rng, (unsigned long)seed);
    for (int i = 0; i < DEALS; i++) {
        double distance;

        gsl_ran_shuffle(rng, deal->curves, deal->count, sizeof(struct curve *));
        distance = distance_of(deal);
        test->chance += distance / DEALS;
        further += distance >= as_far;
    }
    test->p = (double)(further + 1) / (DEALS + 1);
    gsl_rng_free(rng);
}

struct curve_test curve_test(const struct curve *const *one, size_t one_count, const struct curve *const *other,
                             size_t other_count, uint64_t seed)
{
    struct deal deal = {.one_count = one_count, .count = one_count + other_count, .samples = SIZE_MAX};
    struct curve_test test = {0};

    deal.curves = xcalloc(deal.count, sizeof(struct curve *));
    for (size_t i = 0; i < deal.count; i++) {
        deal.curves[i] = i < one_count ? one[i] : other[i - one_count];
        if (deal.curves[i]->count < deal.samples)
            deal.samples = deal.curves[i]->count;
    }
    deal.sums = xcalloc(deal.samples + 1, sizeof *deal.sums);
    for (size_t sample = 0; sample < deal.samples; sample++)
        for (size_t i = 0; i < deal.count; i++)
            deal.sums[sample] += used_at(deal.curves[i], sample);
    test.distance = distance_of(&deal);
    find_largest_t(&deal, &test);
    deal_out(&deal, &test, seed);
    free(deal.sums);
    free(deal.curves);
    return test;
}
