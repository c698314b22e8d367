/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/input/forecast.h"

#include "sim/alloc.h"
#include "sim/elementary.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what the user says ---- */

static const int64_t DAY_US = INT64_C(86400) * 1000000;
static const double KEYS_MOST = 1000, FACTOR_LEAST = 0.001, FACTOR_MOST = 1000;

static const char *const growing_names[GROWINGS] = {"keys", "rate", "sizes"};

const char *growing_name(enum growing growing)
{
    return growing_names[growing];
}

static const struct period {
    const char *name, *plural, *letter;
    int days;
} periods[] = {
    {"day", "days", "d", 1},
    {"week", "weeks", "w", 7},
    {"month", "months", "mo", 30},
    {"year", "years", "y", 365},
};
enum { PERIODS = sizeof periods / sizeof *periods };

static const struct period *find_period(const char *text)
{
    for (int i = 0; i < PERIODS; i++)
        if (!strcasecmp(text, periods[i].name) || !strcasecmp(text, periods[i].plural) ||
            !strcasecmp(text, periods[i].letter))
            return &periods[i];
    return NULL;
}

static int bad_item(const char *item, struct error *error)
{
    return error_set(
        error, ERROR_USAGE,
        "bad growth '%s': keys, rate or sizes, and a factor, as keys=2x, or keys=1.5x/month with --horizon", item);
}

static int scan_item(struct forecast *forecast, const char *item, struct error *error)
{
    const char *equals = strchr(item, '=');
    int growing = 0;
    double factor;
    char *end;

    while (equals && growing < GROWINGS &&
           (strlen(growing_names[growing]) != (size_t)(equals - item) ||
            strncasecmp(growing_names[growing], item, (size_t)(equals - item)) != 0))
        growing++;
    if (!equals || growing == GROWINGS || !((equals[1] >= '0' && equals[1] <= '9') || equals[1] == '.'))
        return bad_item(item, error);
    if (forecast->of[growing].factor > 0)
        return error_set(error, ERROR_USAGE, "%s is there twice", growing_names[growing]);
    factor = strtod(equals + 1, &end);
    if (*end == 'x' || *end == 'X')
        end++;
    if (*end == '/') {
        const struct period *period = find_period(end + 1);

        if (!period)
            return error_set(error, ERROR_USAGE, "bad growth '%s': per day, week, month or year", item);
        forecast->of[growing].period_us = period->days * DAY_US;
    } else if (*end) {
        return bad_item(item, error);
    }
    if (!(factor > 0) || !isfinite(factor))
        return error_set(error, ERROR_USAGE, "bad growth '%s': the factor is above 0", item);
    forecast->of[growing].factor = factor;
    return 0;
}

int forecast_scan(struct forecast *forecast, const char *text, struct error *error)
{
    char *copy = xstrdup(text), *rest = copy, *item;
    int status = *text ? 0 : bad_item(text, error);

    while (!status && (item = strsep(&rest, ",")))
        status = scan_item(forecast, item, error);
    free(copy);
    return status;
}

int forecast_scan_horizon(struct forecast *forecast, const char *text, struct error *error)
{
    const struct period *period;
    double number;
    char *end;

    if (*text < '0' || *text > '9')
        return error_set(error, ERROR_USAGE, "bad horizon '%s': a number and a unit, as '6 months' or 90d", text);
    number = strtod(text, &end);
    while (*end == ' ')
        end++;
    period = find_period(end);
    if (!period || !(number > 0) || number * period->days > 36500)
        return error_set(error, ERROR_USAGE,
                         "bad horizon '%s': a number of days, weeks, months or years, a hundred years at most", text);
    forecast->horizon_us = (int64_t)llround(number * (double)(period->days * DAY_US));
    return 0;
}

static void put_factor(char text[UNITS_TEXT], double factor)
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, UNITS_TEXT, "%.*g", digits, factor);
        if (!(strtod(text, NULL) < factor) && !(strtod(text, NULL) > factor))
            break;
    }
}

char *forecast_print(const struct forecast *forecast)
{
    char text[256] = "", factor[UNITS_TEXT];
    size_t used = 0;

    for (int i = 0; i < GROWINGS; i++) {
        if (!(forecast->of[i].factor > 0))
            continue;
        put_factor(factor, forecast->of[i].factor);
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s=%sx", used ? "," : "", growing_names[i], factor);
        for (int p = 0; p < PERIODS; p++)
            if (forecast->of[i].period_us == periods[p].days * DAY_US)
                used += (size_t)snprintf(text + used, sizeof text - used, "/%s", periods[p].name);
    }
    return xstrdup(text);
}

char *forecast_print_horizon(const struct forecast *forecast)
{
    char text[UNITS_TEXT + 2] = "";

    if (forecast->horizon_us) {
        put_factor(text, (double)forecast->horizon_us / (double)DAY_US);
        strcat(text, "d");
    }
    return xstrdup(text);
}

double forecast_factor(const struct forecast *forecast, enum growing growing)
{
    double factor = forecast->of[growing].factor;
    int64_t period_us = forecast->of[growing].period_us;

    if (!(factor > 0))
        return 1;
    return period_us ? elementary_pow(factor, (double)forecast->horizon_us / (double)period_us) : factor;
}

int forecast_check(const struct forecast *forecast, struct error *error)
{
    bool has_period = false;

    for (int i = 0; i < GROWINGS; i++)
        has_period |= forecast->of[i].period_us != 0;
    if (has_period && !forecast->horizon_us)
        return error_set(error, ERROR_USAGE,
                         "--grow says how much in a time: --horizon says how far ahead, as '6 months'");
    if (!has_period && forecast->horizon_us)
        return error_set(error, ERROR_USAGE, "--horizon goes with --grow and a period, as keys=1.5x/month");
    for (int i = 0; i < GROWINGS; i++) {
        double factor = forecast_factor(forecast, (enum growing)i);

        if (i == GROW_KEYS && !(factor >= 1 && factor <= KEYS_MOST))
            return error_set(error, ERROR_USAGE, "--grow: keys grow by %gx: not between 1 and %g", factor, KEYS_MOST);
        if (!(factor >= FACTOR_LEAST && factor <= FACTOR_MOST))
            return error_set(error, ERROR_USAGE, "--grow: %s grow by %gx: not between %g and %g", growing_names[i],
                             factor, FACTOR_LEAST, FACTOR_MOST);
    }
    return 0;
}

bool growth_is_none(double factor)
{
    return !(factor < 1) && !(factor > 1);
}

bool forecast_is_any(const struct forecast *forecast)
{
    for (int i = 0; i < GROWINGS; i++)
        if (!growth_is_none(forecast_factor(forecast, (enum growing)i)))
            return true;
    return false;
}
