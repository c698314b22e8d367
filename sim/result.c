/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/result.h"

#include "sim/alloc.h"

#include <math.h>
#include <stdlib.h>

const struct counter_field counter_fields[COUNTER_COUNT] = {
#define X(name, unit, description) {#name, unit, description, offsetof(struct counters, name)},
    COUNTER_LIST(X)
#undef X
};

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

double result_hit_ratio(const struct result *result)
{
    return ratio(result->counters.hits, result->counters.reads);
}

double result_byte_hit_ratio(const struct result *result)
{
    return ratio(result->counters.hit_bytes, result->counters.read_bytes);
}

double result_oom_share(const struct result *result)
{
    return ratio(result->counters.oom_rejections, result->counters.writes);
}

void settings_add(struct setting **settings, size_t *count, const char *name, const char *value)
{
    *settings = xrealloc(*settings, (*count + 1) * sizeof **settings);
    (*settings)[(*count)++] = (struct setting){.name = xstrdup(name), .value = xstrdup(value)};
}

void settings_free(struct setting *settings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(settings[i].name);
        free(settings[i].value);
    }
    free(settings);
}

void run_release(struct run *run)
{
    for (size_t i = 0; i < run->result_count; i++)
        free(run->results[i].curve.samples);
    free(run->results);
    settings_free(run->settings, run->setting_count);
    free(run->command);
    free(run->trace);
    free(run->on_miss_reason);
    free(run->scenario);
    free(run->bounds);
}

const struct bound *run_bound(const struct run *run, uint64_t maxmemory)
{
    for (size_t i = 0; i < run->bound_count; i++)
        if (run->bounds[i].maxmemory == maxmemory)
            return &run->bounds[i];
    return NULL;
}

double bound_hit_ratio(const struct bound *bound)
{
    return ratio(bound->hits, bound->reads);
}

double bound_byte_hit_ratio(const struct bound *bound)
{
    return ratio(bound->hit_bytes, bound->read_bytes);
}
