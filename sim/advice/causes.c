/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/causes.h"

#include "sim/alloc.h"

#include <stdlib.h>

static const struct {
    const char *name;
    weigh_fn *weigh;
} causes[] = {
    {"maxmemory-below-empty-server", weigh_baseline},
    {"one-shard-full", weigh_shards},
    {"memory-outside-keys", weigh_outside},
    {"tables-doubling", weigh_rehashing},
    {"eviction-cannot-keep-up", weigh_slow_eviction},
    {"transactions-exceed-maxmemory", weigh_several},
    {"noeviction-full", weigh_noeviction},
    {"few-keys-with-ttl", weigh_few_ttls},
    {"expired-keys-linger", weigh_expired},
    {"few-large-keys", weigh_largest},
    {"values-grow", weigh_larger_values},
    {"collections-grow", weigh_collections},
    {"unused-keys-without-ttl", weigh_unused},
    {"data-outgrew-memory", weigh_outgrown},
};

static int by_weight(const void *a, const void *b)
{
    double x = ((const struct cause *)a)->weight, y = ((const struct cause *)b)->weight;

    return (x < y) - (x > y);
}

void causes_find(const struct findings *findings)
{
    struct diagnosis *diagnosis = findings->diagnosis;

    if (!findings->onset)
        return;
    diagnosis->causes = xcalloc(sizeof causes / sizeof *causes, sizeof *diagnosis->causes);
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        struct cause cause = {.name = xstrdup(causes[i].name)};

        cause.weight = causes[i].weigh(findings, &cause);
        if (cause.weight >= 0.1)
            diagnosis->causes[diagnosis->cause_count++] = cause;
        else
            fields_release(&cause_layout, &cause);
    }
    qsort(diagnosis->causes, diagnosis->cause_count, sizeof *diagnosis->causes, by_weight);
}
