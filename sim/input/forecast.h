/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forecast: how much a trace grows, as the user says it: "keys=1.5x/month,rate=2x", and how far ahead. What that makes of the
 * trace is growth.h's. */
#ifndef SIM_INPUT_FORECAST_H
#define SIM_INPUT_FORECAST_H

#include "sim/error.h"

#include <stdbool.h>
#include <stdint.h>

enum growing { GROW_KEYS, GROW_RATE, GROW_SIZES, GROWINGS };

/* What the user says. Zeroed: nothing grows. */
struct forecast {
    struct {
        double factor;     /* 0: not said */
        int64_t period_us; /* in which it grows by this factor; 0: once */
    } of[GROWINGS];
    int64_t horizon_us; /* how far ahead the periods are counted; 0: not said */
};

/* Takes "keys=2x,rate=1.5x/month": factors with or without an x; day, week, month (30 days), year (365). 0; or -1, a usage
 * error: also for a factor that is out of bounds, and for the same one a second time. */
int forecast_scan(struct forecast *forecast, const char *text, struct error *error);
/* Takes "6 months", "90d". */
int forecast_scan_horizon(struct forecast *forecast, const char *text, struct error *error);
/* The same as text, to be freed: "" if nothing was said. */
char *forecast_print(const struct forecast *forecast);
char *forecast_print_horizon(const struct forecast *forecast);
/* What it comes to: factor^(horizon / period); 1 if it was not said. */
double forecast_factor(const struct forecast *forecast, enum growing growing);
/* Whether all that was said goes together, and no factor is out of bounds. 0; or -1, a usage error. */
int forecast_check(const struct forecast *forecast, struct error *error);
const char *growing_name(enum growing growing); /* "keys" */
bool growth_is_none(double factor);             /* 1 */
/* Whether any factor is not 1. */
bool forecast_is_any(const struct forecast *forecast);

#endif
