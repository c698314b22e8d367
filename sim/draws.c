/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/draws.h"

#include "sim/elementary.h"

#include <math.h>

double draw_exponential(gsl_rng *rng, double mean)
{
    return -mean * elementary_log1p(-gsl_rng_uniform(rng));
}

/* Marsaglia's polar method. */
double draw_lognormal(gsl_rng *rng, double mean, double deviation)
{
    double u, v, square;

    do {
        u = -1 + 2 * gsl_rng_uniform(rng);
        v = -1 + 2 * gsl_rng_uniform(rng);
        square = u * u + v * v;
    } while (square > 1 || square == 0);
    return elementary_exp(deviation * (u * sqrt(-2 * elementary_log(square) / square)) + mean);
}

double draw_pareto(gsl_rng *rng, double shape, double least)
{
    return least * elementary_pow(gsl_rng_uniform_pos(rng), -1 / shape);
}
