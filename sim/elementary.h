/* SPDX-License-Identifier: GPL-3.0-or-later */
/* elementary: exp, log, pow and their kin, whose result is the same to the last bit on every machine. Those of the C library are not: their last
 * bit depends on the library's version and on whether the processor can multiply and add at once; and GSL's mean is a sum of long doubles, which
 * are other numbers on each processor.
 *
 * What is printed, or decides what is, comes from here, or from what IEEE 754 defines alike for everybody: + - * / sqrt, fmod, rounding to
 * integers, ldexp. They are computed with some 65 bits or more, and rounded once: the result is the nearest double, but in about one of a
 * thousand cases the next. The build may not fuse multiplications and additions by itself (-ffp-contract=off), nor reorder sums (-ffast-math).
 *
 * Errors are those of the C library: NaN or an infinity, without errno. */
#ifndef SIM_ELEMENTARY_H
#define SIM_ELEMENTARY_H

double elementary_exp(double x);
double elementary_exp2(double x);
double elementary_expm1(double x); /* exp(x) - 1, within two units of the last place */
double elementary_log(double x);
double elementary_log2(double x);
double elementary_log10(double x);
double elementary_log1p(double x); /* log(1 + x) */
double elementary_pow(double x, double y);

/* Of angles up to some 10^9: beyond it they lose digits. */
double elementary_sin(double x);
double elementary_cos(double x);
double elementary_asin(double x);

/* ln of the absolute value of Gamma(x) for x > 0, to about 1e-14; NaN for others. */
double elementary_log_gamma(double x);

#endif
