/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/elementary.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined __FAST_MATH__ || FLT_EVAL_METHOD != 0
#error "evsim must be built without -ffast-math, and with arithmetic in doubles (on i386: -msse2 -mfpmath=sse)"
#endif

/* ---- sums of two doubles: high is the sum rounded, low is what is missing (Dekker 1971, Knuth) ---- */

struct pair {
    double high, low;
};

static const struct pair ONE = {1, 0}, LN_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56},
                         INVERSE_LN_2 = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56},
                         INVERSE_LN_10 = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57},
                         HALF_PI = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54},
                         HALF_LN_2_PI = {0x1.d67f1c864beb5p-1, -0x1.65b5a1b7ff5dfp-55};

/* |a| >= |b|, or a is 0. */
static struct pair sum_of_ordered(double a, double b)
{
    double sum = a + b;

    return (struct pair){sum, b - (sum - a)};
}

static struct pair sum_of(double a, double b)
{
    double sum = a + b, of_b = sum - a;

    return (struct pair){sum, (a - (sum - of_b)) + (b - of_b)};
}

static struct pair product_of(double a, double b)
{
    static const double splitter = 0x1p27 + 1;
    double a_high = a * splitter - (a * splitter - a), a_low = a - a_high;
    double b_high = b * splitter - (b * splitter - b), b_low = b - b_high;
    double product = a * b;

    return (struct pair){product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

static struct pair add(struct pair a, struct pair b)
{
    struct pair high = sum_of(a.high, b.high), low = sum_of(a.low, b.low);

    high = sum_of_ordered(high.high, high.low + low.high);
    return sum_of_ordered(high.high, high.low + low.low);
}

static struct pair minus(struct pair a)
{
    return (struct pair){-a.high, -a.low};
}

static struct pair multiply(struct pair a, struct pair b)
{
    struct pair product = product_of(a.high, b.high);

    return sum_of_ordered(product.high, product.low + (a.high * b.low + a.low * b.high));
}

static struct pair divide(struct pair a, struct pair b)
{
    double first = a.high / b.high, second;
    struct pair rest = add(a, minus(multiply(b, (struct pair){first, 0})));

    second = rest.high / b.high;
    rest = add(rest, minus(multiply(b, (struct pair){second, 0})));
    return add(sum_of_ordered(first, second), (struct pair){rest.high / b.high, 0});
}

static struct pair scaled(struct pair a, int exponent)
{
    return (struct pair){ldexp(a.high, exponent), ldexp(a.low, exponent)};
}

/* ---- exponentials ---- */

static const double EXP_MOST = 710, EXP_LEAST = -746; /* beyond them: infinity, 0 */

/* exp(x) - 1 of |x| <= ln(2) / 2: by its series at x / 64, doubled six times. */
static struct pair small_expm1(struct pair x)
{
    enum { DOUBLINGS = 6 };
    static const struct pair half = {0.5, 0}, sixth = {0x1.5555555555555p-3, 0x1.5555555555555p-57},
                             twenty_fourth = {0x1.5555555555555p-5, 0x1.5555555555555p-59};
    struct pair r = scaled(x, -DOUBLINGS), p;
    double t = r.high, tail = t / 120 * (1 + t / 6 * (1 + t / 7 * (1 + t / 8 * (1 + t / 9 * (1 + t / 10)))));

    p = add(twenty_fourth, (struct pair){tail, 0});
    p = add(sixth, multiply(r, p));
    p = add(half, multiply(r, p));
    p = multiply(r, add(ONE, multiply(r, p)));
    for (int i = 0; i < DOUBLINGS; i++)
        p = add(scaled(p, 1), multiply(p, p));
    return p;
}

/* ---- logarithms ---- */

/* ln(m) where x = 2^*power m and m lies around 1: 2 atanh((m - 1) / (m + 1)). x > 0. */
static struct pair reduced_log(struct pair x, int *power)
{
    static const struct pair odd[] = {
        {0x1.5555555555555p-2, 0x1.5555555555555p-56},  {0x1.999999999999ap-3, -0x1.999999999999ap-57},
        {0x1.2492492492492p-3, 0x1.2492492492492p-57},  {0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58},
        {0x1.745d1745d1746p-4, -0x1.745d1745d1746p-59}, {0x1.3b13b13b13b14p-4, -0x1.3b13b13b13b14p-58},
        {0x1.1111111111111p-4, 0x1.1111111111111p-60},  {0x1.e1e1e1e1e1e1ep-5, 0x1.e1e1e1e1e1e1ep-61},
    }; /* 1/3, 1/5 ... 1/17 */
    enum { EXACT = sizeof odd / sizeof *odd, LAST = 19 };
    struct pair m, s, t, sum;
    double tail = 0;

    frexp(x.high, power);
    m = scaled(x, -*power);
    if (m.high < 0.70710678118654752) {
        m = scaled(m, 1);
        (*power)--;
    }
    s = divide(add(m, (struct pair){-1, 0}), add(m, ONE));
    t = multiply(s, s);
    for (int k = LAST; k > EXACT; k--)
        tail = tail * t.high + 1.0 / (2 * k + 1);
    sum = (struct pair){tail, 0};
    for (int k = EXACT; k-- > 0;)
        sum = add(odd[k], multiply(t, sum));
    return scaled(multiply(s, add(ONE, multiply(t, sum))), 1);
}

static struct pair log_of(struct pair x)
{
    int power;
    struct pair log = reduced_log(x, &power);

    return add(multiply(LN_2, (struct pair){power, 0}), log);
}

/* What a logarithm is where it is no number. */
static bool has_no_log(double x, double *log)
{
    if (x > 0 && x <= DBL_MAX)
        return false;
    *log = x == 0 ? -INFINITY : x > 0 ? INFINITY : NAN;
    return true;
}

/* ---- the same, faster, where some 65 bits do ---- */

enum { PARTS = 128 };

/* Filled when the program begins. */
static struct {
    double inverse;   /* of about 1 + (i + 1/2) / PARTS, in few bits */
    struct pair log;  /* of 1 / inverse */
    struct pair root; /* 2^(i / PARTS) */
} table[PARTS];

static __attribute__((constructor)) void fill_table(void)
{
    for (int i = 0; i < PARTS; i++) {
        int over = i > PARTS / 2;
        struct pair part = multiply(LN_2, (struct pair){(double)(i - over * PARTS) / PARTS, 0});

        table[i].inverse = (double)(float)(1 / (1 + (i + 0.5) / PARTS));
        table[i].log = minus(log_of((struct pair){table[i].inverse, 0}));
        table[i].root = scaled(add(ONE, small_expm1(part)), over);
    }
}

static double power_of_two(int power)
{
    uint64_t bits = (uint64_t)(power + 1023) << 52;
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* exp(x.high + x.low) is 2^power root (1 + rest), for x between EXP_LEAST and EXP_MOST and a small x.low. */
struct parted_exp {
    struct pair root;
    double rest;
    int power;
};

static struct parted_exp part_exp(struct pair x)
{
    static const double rounder = 0x1.8p52; /* a sum with it has no fraction */
    double turns = x.high * (PARTS * INVERSE_LN_2.high) + rounder - rounder, r, low;
    struct pair turned = product_of(turns, LN_2.high / PARTS);
    int part = (int)turns & (PARTS - 1);

    r = x.high - turned.high;
    low = x.low - turned.low - turns * (LN_2.low / PARTS);
    low += (r + low) * (r + low) / 2 * (1 + r / 3 * (1 + r / 4 * (1 + r / 5 * (1 + r / 6))));
    return (struct parted_exp){table[part].root, r + low, ((int)turns - part) / PARTS};
}

static double exp_of(struct pair x)
{
    struct parted_exp exp;
    double value;

    if (isnan(x.high))
        return x.high;
    if (x.high > EXP_MOST)
        return INFINITY;
    if (x.high < EXP_LEAST)
        return 0;
    exp = part_exp(x);
    value = exp.root.high + (exp.root.low + exp.root.high * exp.rest);
    return abs(exp.power) < 1000 ? value * power_of_two(exp.power) : ldexp(value, exp.power);
}

/* ln(m) where x = 2^*power m; near 1 the slow one, for it is a difference of two there. x > 0. */
static struct pair parted_log(double x, int *power)
{
    struct pair product, square, sum;
    uint64_t bits;
    double m, r;
    int part;

    if (fabs(x - 1) < 0x1p-6)
        return reduced_log((struct pair){x, 0}, power);
    if (x < DBL_MIN) {
        m = 2 * frexp(x, power);
        --*power;
    } else {
        memcpy(&bits, &x, sizeof bits);
        *power = (int)(bits >> 52) - 1023;
        bits = (bits & 0xfffffffffffff) | 0x3ff0000000000000; /* the same digits, between 1 and 2 */
        memcpy(&m, &bits, sizeof m);
    }
    part = (int)((m - 1) * PARTS);
    product = product_of(m, table[part].inverse);
    r = product.high - 1;
    square = product_of(r, r);
    sum = sum_of(table[part].log.high, r);
    sum.low += table[part].log.low + product.low - (square.low / 2 + r * product.low) +
               r * square.high * (1.0 / 3 - r * (1.0 / 4 - r * (1.0 / 5 - r * (1.0 / 6 - r * (1.0 / 7)))));
    square = sum_of(sum.high, -square.high / 2);
    return sum_of_ordered(square.high, square.low + sum.low);
}

static struct pair quick_log(double x)
{
    int power;
    struct pair log = parted_log(x, &power), high = product_of(power, LN_2.high), sum = sum_of(high.high, log.high);

    return sum_of_ordered(sum.high, sum.low + (high.low + power * LN_2.low + log.low));
}

double elementary_exp(double x)
{
    return exp_of((struct pair){x, 0});
}

double elementary_exp2(double x)
{
    double turns = floor(x + 0.5);

    if (!(fabs(x) <= 1100))
        return isnan(x) ? x : x > 0 ? INFINITY : 0;
    return ldexp(exp_of(multiply(LN_2, (struct pair){x - turns, 0})), (int)turns);
}

double elementary_expm1(double x)
{
    struct parted_exp exp;
    struct pair root, sum;

    if (isnan(x) || fabs(x) < 0x1p-60)
        return x;
    if (x > 50)
        return exp_of((struct pair){x, 0});
    if (x < -50)
        return -1;
    exp = part_exp((struct pair){x, 0});
    root = scaled(exp.root, exp.power);
    sum = sum_of(root.high, -1);
    return sum.high + (sum.low + (root.low + root.high * exp.rest));
}

double elementary_log(double x)
{
    double log;

    return has_no_log(x, &log) ? log : quick_log(x).high;
}

double elementary_log2(double x)
{
    struct pair rest;
    double log;
    int power;

    if (has_no_log(x, &log))
        return log;
    rest = parted_log(x, &power);
    return add((struct pair){power, 0}, multiply(rest, INVERSE_LN_2)).high;
}

double elementary_log10(double x)
{
    double log;

    return has_no_log(x, &log) ? log : multiply(quick_log(x), INVERSE_LN_10).high;
}

double elementary_log1p(double x)
{
    struct pair sum = sum_of(1, x), logarithm;
    double log;

    if (fabs(x) < 0x1p-60)
        return x;
    if (has_no_log(sum.high, &log))
        return log;
    if (fabs(x) < 0x1p-5)
        return log_of(sum).high;
    logarithm = quick_log(sum.high);
    return logarithm.high + (logarithm.low + sum.low / sum.high);
}

double elementary_pow(double x, double y)
{
    bool is_whole = y == floor(y), is_odd = is_whole && fabs(fmod(y, 2)) == 1;
    double size = fabs(x), sign = x < 0 && is_odd ? -1 : 1, power;
    struct pair log;

    if (y == 0 || x == 1)
        return 1;
    if (isnan(x) || isnan(y) || (x < 0 && isfinite(x) && !is_whole))
        return NAN;
    if (size == 1)
        return sign;
    if (isinf(y))
        return (size > 1) == (y > 0) ? INFINITY : 0;
    if (size == 0 || isinf(size)) {
        power = (size == 0) == (y > 0) ? 0 : INFINITY;
        return is_odd && signbit(x) ? -power : power;
    }
    log = quick_log(size);
    if (fabs(log.high * y) > 1000) /* product_of would overflow for a y that is larger still */
        return sign * (log.high * y > 0 ? INFINITY : 0);
    return sign * exp_of(multiply(log, (struct pair){y, 0}));
}

/* ---- angles ---- */

/* The series x - x^3 / 3! + ..., first = 2, or 1 - x^2 / 2! + ..., first = 1, of |x| <= pi / 4 without its first factor. */
static struct pair alternating(struct pair square, int first)
{
    struct pair sum = ONE;

    for (int n = 26 + first; n >= first; n -= 2)
        sum = add(ONE, minus(divide(multiply(square, sum), (struct pair){(double)n * (n + 1), 0})));
    return sum;
}

/* sin(x + quarters pi / 2). */
static struct pair sine(struct pair x, int quarters)
{
    double turns = floor(x.high / HALF_PI.high + 0.5);
    struct pair rest = add(x, minus(multiply(HALF_PI, (struct pair){turns, 0}))), square = multiply(rest, rest), value;

    quarters = (int)fmod(fmod(turns, 4) + 4 + quarters, 4);
    value = quarters & 1 ? alternating(square, 1) : multiply(rest, alternating(square, 2));
    return quarters & 2 ? minus(value) : value;
}

double elementary_sin(double x)
{
    return !isfinite(x) ? NAN : x == 0 ? x : sine((struct pair){x, 0}, 0).high;
}

double elementary_cos(double x)
{
    return !isfinite(x) ? NAN : sine((struct pair){x, 0}, 1).high;
}

/* Of |x| <= 0.75, by Newton's method; the slope of a sine is the other root. */
static struct pair small_asin(struct pair x)
{
    double slope = sqrt(1 - x.high * x.high);
    struct pair angle = add(x, (struct pair){x.high * x.high * x.high / 6, 0}), step;

    for (int i = 0; i < 8; i++) {
        step = add(x, minus(sine(angle, 0)));
        angle = add(angle, (struct pair){step.high / slope, 0});
        if (fabs(step.high) < fabs(x.high) * 0x1p-50)
            break;
    }
    return angle;
}

double elementary_asin(double x)
{
    double size = fabs(x), root;
    struct pair half, rest;

    if (!(size <= 1))
        return NAN;
    if (size < 0x1p-30)
        return x;
    if (size <= 0.5)
        return small_asin((struct pair){x, 0}).high;
    /* pi / 2 - 2 asin(sqrt((1 - x) / 2)); what the root lacks follows from its square */
    half = scaled(sum_of(1, -size), -1);
    root = sqrt(half.high);
    rest = add(half, minus(product_of(root, root)));
    half = root ? add((struct pair){root, 0}, (struct pair){rest.high / (2 * root), 0}) : half;
    return copysign(add(HALF_PI, minus(scaled(small_asin(half), 1))).high, x);
}

/* ---- Gamma ---- */

double elementary_log_gamma(double x)
{
    static const double enough = 10, series[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                                 1.0 / 1188, -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400};
    double below = 1, square, rest = 0;

    if (!(x > 0) || x == INFINITY)
        return x > 0 ? x : NAN;
    for (; x < enough; x++)
        below *= x;
    square = 1 / x / x;
    for (size_t i = sizeof series / sizeof *series; i-- > 0;)
        rest = rest * square + series[i];
    rest = (x - 0.5) * quick_log(x).high - x + HALF_LN_2_PI.high + rest / x;
    return below == 1 ? rest : rest - quick_log(below).high;
}
