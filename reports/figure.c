/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure.h"

#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>

/* The run in so many windows: enough to see a day's wave, each with enough requests to be steady.
 */
enum { WINDOWS = 25 };

static size_t shortest_curve(const struct run *run)
{
    size_t samples = run->results[0].curve.count;

    for (size_t i = 1; i < run->result_count; i++)
        if (run->results[i].curve.count < samples)
            samples = run->results[i].curve.count;
    return samples;
}

static double duration_of(const struct plan *plan)
{
    if (plan->samples == 0)
        return 0;
    return (double)plan->run->results[0].curve.samples[plan->samples - 1].time_us / 1e6;
}

static void choose_units(struct plan *plan)
{
    static const struct {
        double up_to_s, unit_s;
        const char *name;
    } units[] = {{180, 1, "seconds"}, {10800, 60, "minutes"}, {259200, 3600, "hours"}, {INFINITY, 86400, "days"}};
    double duration = duration_of(plan);
    size_t i = 0;

    while (duration >= units[i].up_to_s)
        i++;
    plan->time_unit_s = units[i].unit_s;
    plan->time_name = units[i].name;
    plan->rate_unit_s = duration < 600 ? 1 : 60;
    plan->rate_name = duration < 600 ? "second" : "minute";
}

void plan_init(struct plan *plan, const struct run *run)
{
    *plan = (struct plan){.run = run, .policy_count = grid_group_end(run, 0)};
    plan->group_count = grid_cell_count(run) / plan->policy_count;
    plan->policies = xcalloc(plan->policy_count, sizeof *plan->policies);
    for (size_t i = 0; i < plan->policy_count; i++)
        plan->policies[i] = grid_cell(run, i).results->policy;
    plan->samples = shortest_curve(run);
    plan->window = plan->samples / WINDOWS ? plan->samples / WINDOWS : 1;
    choose_units(plan);
}

void plan_release(struct plan *plan)
{
    free(plan->policies);
}

size_t plan_first_of_group(const struct plan *plan, size_t group)
{
    return group * plan->policy_count;
}

struct range range_empty(void)
{
    return (struct range){INFINITY, -INFINITY};
}

void range_widen(struct range *range, double value)
{
    if (isfinite(value)) {
        range->lowest = fmin(range->lowest, value);
        range->highest = fmax(range->highest, value);
    }
}

void figure_put_value(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.17g", value);
    else
        fputs("NaN", out);
}
