/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/statistics.h"

#include "sim/elementary.h"

#include <math.h>
#include <stdbool.h>

/* The interval is two-sided: 2.5 % of the distribution lies beyond each end. */
static const double UPPER_END = 0.975;

/* Neumaier's sum: what each addition rounds off is added up beside it. */
struct sum {
    double total, lost;
};

static void take(struct sum *sum, double value)
{
    double total = sum->total + value;

    sum->lost += fabs(sum->total) >= fabs(value) ? sum->total - total + value : value - total + sum->total;
    sum->total = total;
}

static double total_of(const struct sum *sum)
{
    return isfinite(sum->total) ? sum->total + sum->lost : sum->total;
}

/* Values that are all the same have that mean, and no spread: three times a third, divided by three, need not be a third. */
double statistics_mean(const double *values, size_t count)
{
    struct sum sum = {0};
    bool differ = false;

    for (size_t i = 0; i < count; i++) {
        take(&sum, values[i]);
        differ |= values[i] != values[0];
    }
    return differ || !count ? total_of(&sum) / (double)count : values[0];
}

double statistics_deviation(const double *values, size_t count)
{
    double mean = statistics_mean(values, count);
    struct sum squares = {0};

    for (size_t i = 0; i < count; i++)
        take(&squares, (values[i] - mean) * (values[i] - mean));
    return sqrt(total_of(&squares) / ((double)count - 1));
}

double statistics_median(const double *sorted, size_t count)
{
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* The chance of |T| < sqrt(freedom) tan(angle) (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
static double chance_within(double angle, uint64_t freedom)
{
    double sine = elementary_sin(angle), cosine = elementary_cos(angle), square = cosine * cosine;
    double term = freedom % 2 ? cosine : 1, sum = 0;

    for (uint64_t i = freedom % 2; i + 2 <= freedom && term; i += 2) {
        sum += term;
        term *= square * (double)(i + 1) / (double)(i + 2);
    }
    return freedom % 2 ? M_2_PI * (angle + sine * sum) : sine * sum;
}

double students_t(double below, uint64_t freedom)
{
    double wanted = 2 * below - 1, least = 0, most = M_PI_2, angle = M_PI_4, n = (double)freedom;
    double slope = 2 * elementary_exp(elementary_log_gamma((n + 1) / 2) - elementary_log_gamma(n / 2)) / sqrt(M_PI);

    /* Newton's method, and halves where it leaves what the root lies between. */
    for (int i = 0; i < 200; i++) {
        double off = chance_within(angle, freedom) - wanted;
        double next = angle - off / (slope * elementary_pow(elementary_cos(angle), n - 1));

        if (off > 0)
            most = angle;
        else
            least = angle;
        if (!(next > least && next < most))
            next = (least + most) / 2;
        if (fabs(next - angle) <= angle * 0x1p-52)
            break;
        angle = next;
    }
    return sqrt(n) * elementary_sin(angle) / elementary_cos(angle);
}

struct estimate estimate_mean(const double *values, size_t count)
{
    struct estimate estimate = {.mean = NAN, .half_width = NAN, .count = count};

    if (count == 0)
        return estimate;
    estimate.mean = statistics_mean(values, count);
    if (count > 1)
        estimate.half_width =
            students_t(UPPER_END, count - 1) * statistics_deviation(values, count) / sqrt((double)count);
    return estimate;
}
