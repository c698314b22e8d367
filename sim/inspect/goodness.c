/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/goodness.h"

#include "sim/alloc.h"
#include "sim/draws.h"
#include "sim/elementary.h"
#include "sim/inspect/rate.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include <math.h>
#include <stdlib.h>

enum { SEED = 1, BINOMIAL_MOST = 1 << 30 };
static const double REQUESTS_MOST = 0x1p62;

/* A sample of the law as steps. */
struct redraw {
    struct popularity_step *steps; /* owned */
    size_t count, room;
    uint64_t *draws; /* owned: room for single keys */
    size_t draw_room;
    gsl_rng *random; /* owned */
};

static void add(struct redraw *redraw, uint64_t requests, uint64_t keys)
{
    if (!keys)
        return;
    if (redraw->count && redraw->steps[redraw->count - 1].requests == requests) {
        redraw->steps[redraw->count - 1].keys += keys;
        return;
    }
    if (redraw->count == redraw->room) {
        redraw->room = redraw->room ? 2 * redraw->room : 1024;
        redraw->steps = xrealloc(redraw->steps, redraw->room * sizeof *redraw->steps);
    }
    redraw->steps[redraw->count++] = (struct popularity_step){requests, keys};
}

/* How many of so many keys it is, each with this chance. */
static uint64_t binomial(struct redraw *redraw, double chance, uint64_t keys)
{
    uint64_t drawn = 0;

    for (; keys > BINOMIAL_MOST; keys -= BINOMIAL_MOST) /* GSL counts in unsigned int */
        drawn += gsl_ran_binomial(redraw->random, chance, BINOMIAL_MOST);
    return drawn + gsl_ran_binomial(redraw->random, fmin(fmax(chance, 0), 1), (unsigned)keys);
}

/* Below the bound: the found keys, each drawn with replacement. */
static void draw_body(struct redraw *redraw, const struct popularity_step *steps, size_t count, double least,
                      uint64_t keys)
{
    double left = 0;
    size_t first = count;

    while (first && (double)steps[first - 1].requests < least)
        left += (double)steps[--first].keys;
    for (size_t i = count; i-- > first && keys;) {
        uint64_t drawn = i == first ? keys : binomial(redraw, (double)steps[i].keys / left, keys);

        add(redraw, steps[i].requests, drawn);
        keys -= drawn;
        left -= (double)steps[i].keys;
    }
}

/* A key of the law with at least so many requests. Waring's distribution is a geometric one whose chance to go on is drawn from
 * Beta(least + 1 - g, g - 1), which is a ratio of two gammas. */
static double draw_key(struct redraw *redraw, double exponent, double least)
{
    double on = gsl_ran_gamma(redraw->random, least + 1 - exponent, 1);
    double end = gsl_ran_gamma(redraw->random, exponent - 1, 1);
    double further = draw_exponential(redraw->random, 1) / elementary_log1p(end / on);

    return fmin(least + floor(further), REQUESTS_MOST);
}

/* Above it: of keys with at least n requests, (g - 1) / n have n. Where single keys are far apart, they are drawn one by one. */
static void draw_tail(struct redraw *redraw, double exponent, double least, uint64_t keys)
{
    double requests = least;

    for (; (double)keys * (exponent - 1) > requests; requests++) {
        uint64_t drawn = binomial(redraw, (exponent - 1) / requests, keys);

        add(redraw, (uint64_t)requests, drawn);
        keys -= drawn;
    }
    if (keys > redraw->draw_room) {
        redraw->draw_room = 2 * keys;
        redraw->draws = xrealloc(redraw->draws, redraw->draw_room * sizeof *redraw->draws);
    }
    for (uint64_t i = 0; i < keys; i++)
        redraw->draws[i] = (uint64_t)draw_key(redraw, exponent, requests);
    if (keys)
        qsort(redraw->draws, keys, sizeof *redraw->draws, compare_counts);
    for (uint64_t i = 0; i < keys; i++)
        add(redraw, redraw->draws[i], 1);
}

static void reverse(struct redraw *redraw)
{
    for (size_t i = 0, k = redraw->count; i + 1 < k; i++) {
        struct popularity_step step = redraw->steps[--k];

        redraw->steps[k] = redraw->steps[i];
        redraw->steps[i] = step;
    }
}

struct goodness goodness_of(const struct popularity_step *steps, size_t count, const struct zipf_fit *fit)
{
    struct redraw redraw = {.random = gsl_rng_alloc(gsl_rng_taus2)};
    struct goodness goodness = {0};
    uint64_t keys = 0, worse = 0;

    for (size_t i = 0; i < count; i++)
        keys += steps[i].keys;
    gsl_rng_set(redraw.random, SEED);
    while (goodness.samples < GOODNESS_SAMPLES && worse < GOODNESS_WORSE) {
        uint64_t above = binomial(&redraw, fit->keys / (double)keys, keys);

        redraw.count = 0;
        draw_body(&redraw, steps, count, fit->least, keys - above);
        draw_tail(&redraw, fit->exponent, fit->least, above);
        reverse(&redraw);
        worse += !zipf_fit_is_nearer(redraw.steps, redraw.count, fit->distance);
        goodness.samples++;
    }
    goodness.p_value = worse == GOODNESS_WORSE ? (double)worse / (double)goodness.samples
                                               : (double)(worse + 1) / (double)(goodness.samples + 1);
    gsl_rng_free(redraw.random);
    free(redraw.steps);
    free(redraw.draws);
    return goodness;
}
