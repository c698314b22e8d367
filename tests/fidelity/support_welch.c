/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fidelity/support_welch.h"

#include "sim/alloc.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_heapsort.h>
#include <gsl/gsl_statistics_double.h>

#include <math.h>
#include <stdlib.h>

struct sample_moments sample_moments(const double *values, size_t count)
{
    struct sample_moments moments = {.count = count, .mean = values[0]};

    if (gsl_stats_min(values, 1, count) == gsl_stats_max(values, 1, count))
        return moments;
    moments.mean = gsl_stats_mean(values, 1, count);
    moments.sd = gsl_stats_sd(values, 1, count);
    return moments;
}

struct welch welch_test(const struct sample_moments *first, const struct sample_moments *second, double unit)
{
    double m = (double)first->count, n = (double)second->count;
    double a = (first->sd > 0 ? first->sd : second->sd), b = (second->sd > 0 ? second->sd : first->sd);
    struct welch welch = {.difference = second->mean - first->mean};

    a *= a / m;
    b *= b / n;
    if (a + b == 0) {
        welch.p = welch.difference == 0;
        return welch;
    }
    if (first->sd > 0 && second->sd > 0)
        welch.freedom = (a + b) * (a + b) / (a * a / (m - 1) + b * b / (n - 1));
    else
        welch.freedom = (first->sd > 0 ? m : n) - 1;
    welch.standard_error = fmax(sqrt(a + b), unit / 2);
    welch.p = 2 * gsl_cdf_tdist_Q(fabs(welch.difference) / welch.standard_error, welch.freedom);
    return welch;
}

double student_p(const struct sample_moments *first, const struct sample_moments *second)
{
    double m = (double)first->count, n = (double)second->count, freedom = m + n - 2;
    double variance = ((m - 1) * first->sd * first->sd + (n - 1) * second->sd * second->sd) / freedom;

    if (variance == 0)
        return 1;
    return 2 * gsl_cdf_tdist_Q(fabs(second->mean - first->mean) / sqrt(variance * (1 / m + 1 / n)), freedom);
}

double counts_p(const struct sample_moments *server, const struct sample_moments *model, struct distances *distances)
{
    struct welch test = welch_test(server, model, 1);
    double p = server->sd > 0 && model->sd > 0 ? fmax(test.p, student_p(server, model)) : test.p;

    if (test.standard_error > 0) {
        distances->sum += gsl_cdf_ugaussian_Qinv(fmax(p / 2, 1e-300));
        distances->count++;
    }
    return p;
}

double welch_half_width(const struct welch *welch, double confidence)
{
    if (welch->standard_error == 0)
        return 0;
    return gsl_cdf_tdist_Qinv((1 - confidence) / 2, welch->freedom) * welch->standard_error;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void holm(const double *p, size_t count, double level, bool *significant)
{
    size_t *order = xcalloc(count ? count : 1, sizeof *order);
    bool all_below = true;

    gsl_heapsort_index(order, p, count, sizeof *p, compare_doubles);
    for (size_t i = 0; i < count; i++) {
        all_below = all_below && p[order[i]] <= level / (double)(count - i);
        significant[order[i]] = all_below;
    }
    free(order);
}
