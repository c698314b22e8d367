/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draws: numbers drawn from a distribution, the same ones on every machine. GSL draws them alike, but by the C library's logarithm, whose last bit
 * is not the same everywhere (elementary.h). Where only what is decided with a draw is seen, never the draw itself, GSL's do. */
#ifndef SIM_DRAWS_H
#define SIM_DRAWS_H

#include <gsl/gsl_rng.h>

double draw_exponential(gsl_rng *rng, double mean);

/* exp of a normal distribution with this mean and standard deviation. */
double draw_lognormal(gsl_rng *rng, double mean, double deviation);

/* Pareto's: at least `least`. */
double draw_pareto(gsl_rng *rng, double shape, double least);

#endif
