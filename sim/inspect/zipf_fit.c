/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/zipf_fit.h"

#include "sim/elementary.h"
#include <math.h>

static const double LEAST_EXPONENT = 1.05, MOST_EXPONENT = 21; /* alpha from 20 down to 0.05 */
enum { BOUNDS_TRIED = 60, DISTANCES = 500 };

/* Of the first `steps` steps: the keys with at least `least` requests each. Of those with DIRECT and more the sums suffice. */
struct tail {
    const struct popularity_step *steps;
    size_t count, first_direct;
    double least, keys;
    double factorials;              /* sum of ln n! over the others */
    double logs, inverses, squares; /* sums of ln n, 1 / n and 1 / n^2 over n requests, DIRECT and more */
};

enum { DIRECT = 4096 };

/* ln of the share of keys with at least n requests of those with at least `least`. */
static double log_share(double exponent, double n, double least)
{
    return elementary_log_gamma(n + 1 - exponent) - elementary_log_gamma(n) -
           elementary_log_gamma(least + 1 - exponent) + elementary_log_gamma(least);
}

/* Of Gamma(n + 1 - g) / Gamma(n + 1) and the factor that makes the sum over n one. */
static double minus_likelihood(double g, const struct tail *tail)
{
    double norm = elementary_log_gamma(tail->least + 1 - g) - elementary_log_gamma(tail->least) - elementary_log(g - 1),
           sum = 0;

    for (size_t i = tail->first_direct; i < tail->count; i++) {
        double n = (double)tail->steps[i].requests;

        sum += (double)tail->steps[i].keys * elementary_log_gamma(n + 1 - g);
    }
    sum -= tail->factorials;
    /* Stirling's series: differences of Bernoulli's polynomials B2 and B3 at 1 - g and 1. */
    sum += -g * tail->logs + g * (g - 1) / 2 * tail->inverses + g * (g - 1) * (2 * g - 1) / 12 * tail->squares;
    return tail->keys * norm - sum;
}

/* Exponents between which the likelihood has a summit, and one that is higher than both. */
struct bracket {
    double low, guess, high;
};

/* Around an exponent that may be near it; guess NaN: it is not. */
static struct bracket bracket_near(struct tail *tail, double near, double most)
{
    static const double factor = 1.3;
    struct bracket around = {fmax(1 + (near - 1) / factor, LEAST_EXPONENT), near, fmin(1 + (near - 1) * factor, most)};
    double summit = minus_likelihood(near, tail);

    if (near >= around.high || near <= around.low || minus_likelihood(around.low, tail) <= summit ||
        minus_likelihood(around.high, tail) <= summit)
        around.guess = NAN;
    return around;
}

/* Of all that are looked at; guess NaN: the likelihood is highest at an end. */
static struct bracket bracket_of_all(struct tail *tail, double most)
{
    enum { GUESSES = 24 };
    struct bracket all = {LEAST_EXPONENT, NAN, most};
    double value = fmin(minus_likelihood(LEAST_EXPONENT, tail), minus_likelihood(most, tail));

    for (int i = 1; i < GUESSES; i++) {
        double guess =
            1 + (LEAST_EXPONENT - 1) * elementary_pow((most - 1) / (LEAST_EXPONENT - 1), (double)i / GUESSES);
        double here = minus_likelihood(guess, tail);

        if (here < value) {
            value = here;
            all.guess = guess;
        }
    }
    return all;
}

/* Where the likelihood is highest within the bracket, to 1e-7 of it, by Brent's method (Algorithms for Minimization without
 * Derivatives, 1973, chapter 5): through a parabola where that converges, else by golden sections. */
static double summit_within(struct tail *tail, struct bracket bracket)
{
    enum { ROUNDS = 100 };
    static const double golden = 0.3819660112501051, precision = 1e-7 / 3;
    double low = bracket.low, high = bracket.high, best = bracket.guess, second = best, third = best;
    double at_best = minus_likelihood(best, tail), at_second = at_best, at_third = at_best, step = 0, before = 0;

    for (int i = 0; i < ROUNDS; i++) {
        double middle = (low + high) / 2, least = precision * best, p = 0, q = 0, r, next, value;

        if (fabs(best - middle) <= 2 * least - (high - low) / 2)
            break;
        if (fabs(before) > least) {
            r = (best - second) * (at_best - at_third);
            q = (best - third) * (at_best - at_second);
            p = (best - third) * q - (best - second) * r;
            q = 2 * (q - r);
            p = q > 0 ? -p : p;
            q = fabs(q);
        }
        if (fabs(p) < fabs(q * before / 2) && p > q * (low - best) && p < q * (high - best)) {
            before = step;
            step = p / q;
            if (best + step - low < 2 * least || high - best - step < 2 * least)
                step = copysign(least, middle - best);
        } else {
            before = best < middle ? high - best : low - best;
            step = golden * before;
        }
        next = best + (fabs(step) < least ? copysign(least, step) : step);
        value = minus_likelihood(next, tail);
        if (value <= at_best) {
            *(next < best ? &high : &low) = best;
            third = second, at_third = at_second;
            second = best, at_second = at_best;
            best = next, at_best = value;
            continue;
        }
        *(next < best ? &low : &high) = next;
        if (value <= at_second || second == best) {
            third = second, at_third = at_second;
            second = next, at_second = value;
        } else if (value <= at_third || third == best || third == second)
            third = next, at_third = value;
    }
    return best;
}

/* The exponent at which the keys are most likely; NaN at an end of its range. near: of somewhat fewer keys, or NaN. */
static double most_likely(struct tail *tail, double near)
{
    double most = fmin(MOST_EXPONENT, tail->least + 0.9);
    struct bracket bracket = {.guess = NAN};

    if (!isnan(near))
        bracket = bracket_near(tail, near, most);
    if (isnan(bracket.guess))
        bracket = bracket_of_all(tail, most);
    return isnan(bracket.guess) ? NAN : summit_within(tail, bracket);
}

/* By how much the found and the fitted share of keys with at least so many requests differ, at most. */
static double distance(const struct tail *tail, double exponent)
{
    double keys = 0, largest = 0;
    size_t every = tail->count / DISTANCES + 1;

    for (size_t i = 0; i < tail->count; i++) {
        keys += (double)tail->steps[i].keys;
        if (i % every == 0 || i + 1 == tail->count)
            largest =
                fmax(largest, fabs(keys / tail->keys -
                                   elementary_exp(log_share(exponent, (double)tail->steps[i].requests, tail->least))));
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
    if (step->requests < DIRECT) {
        tail->factorials += keys * elementary_log_gamma(n + 1);
        return;
    }
    tail->first_direct = tail->count;
    tail->logs += keys * elementary_log(n);
    tail->inverses += keys / n;
    tail->squares += keys / n / n;
}

static double keys_of(const struct popularity_step *steps, size_t count)
{
    double keys = 0;

    for (size_t i = 0; i < count; i++)
        keys += (double)steps[i].keys;
    return keys;
}

/* Tries bounds, from the most popular keys down, and keeps the one with the smallest distance; the first that is below `enough`
 * ends it. */
static struct zipf_fit fit(const struct popularity_step *steps, size_t count, double enough)
{
    struct tail tail = {.steps = steps}, best_tail = {0};
    struct zipf_fit best = {.exponent = NAN, .distance = INFINITY};
    double requests = 0, next = ZIPF_FIT_LEAST, exponent = NAN;
    double factor = elementary_pow(fmax(keys_of(steps, count) / ZIPF_FIT_LEAST, 1), 1.0 / BOUNDS_TRIED);

    for (size_t i = 0; i < count && best.distance >= enough; i++) {
        double apart;

        take_step(&tail, &steps[i]);
        requests += (double)steps[i].keys * (double)steps[i].requests;
        if (tail.keys < next)
            continue;
        next = fmax(tail.keys * factor, next);
        exponent = most_likely(&tail, exponent);
        apart = isnan(exponent) ? INFINITY : distance(&tail, exponent);
        if (apart < best.distance) {
            best_tail = tail;
            best = (struct zipf_fit){
                .exponent = exponent, .least = tail.least, .keys = tail.keys, .requests = requests, .distance = apart};
        }
    }
    if (!isnan(best.exponent))
        best.error = standard_error(&best_tail, best.exponent);
    return best;
}

struct zipf_fit zipf_fit_of(const struct popularity_step *steps, size_t count)
{
    return fit(steps, count, 0);
}

bool zipf_fit_is_nearer(const struct popularity_step *steps, size_t count, double distance)
{
    return fit(steps, count, distance).distance < distance;
}
