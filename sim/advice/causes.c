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

static struct cause cause_of(const char *name, double weight, struct cause_told *told)
{
    struct cause cause = {.name = xstrdup(name), .weight = weight};

    told_take(&told->says, &cause.says, &cause.says_facts, &cause.says_fact_count);
    told_take(&told->evidence, &cause.evidence, &cause.facts, &cause.fact_count);
    told_take(&told->first, &cause.first, &cause.first_facts, &cause.first_fact_count);
    return cause;
}

void causes_find(const struct findings *findings)
{
    struct diagnosis *diagnosis = findings->diagnosis;

    if (!findings->onset)
        return;
    diagnosis->causes = xcalloc(sizeof causes / sizeof *causes, sizeof *diagnosis->causes);
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        struct cause_told told = {.says = {0}};
        double weight = causes[i].weigh(findings, &told);

        if (weight >= 0.1)
            diagnosis->causes[diagnosis->cause_count++] = cause_of(causes[i].name, weight, &told);
        told_release(&told.says);
        told_release(&told.evidence);
        told_release(&told.first);
    }
    qsort(diagnosis->causes, diagnosis->cause_count, sizeof *diagnosis->causes, by_weight);
}
