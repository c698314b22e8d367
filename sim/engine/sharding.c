/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/sharding.h"

#include "sim/alloc.h"
#include "sim/engine/dealing.h"
#include "sim/engine/hot_slots.h"
#include "sim/engine/shard_sum.h"
#include "sim/input/departures.h"
#include "sim/slot_census.h"

#include <stdlib.h>

static const uint64_t SEED_STEP = UINT64_C(0x9e3779b97f4a7c15);

struct sharding {
    const struct sharding_plan *plan;
    const struct reader *reader;
    size_t cell_count;         /* of clusters, for each table */
    struct dealing **dealings; /* by table */
    struct cell_config *cells; /* of shards; likewise the rest */
    struct simulation_options *options;
    struct slot_census *censuses;
    struct minute_log *minutes;
    size_t count;
};

uint64_t sharding_maxmemory(const struct sharding_plan *plan, const struct slot_table *table, uint64_t maxmemory)
{
    uint64_t part = plan->divides_maxmemory ? maxmemory / table->shard_count : maxmemory;

    return maxmemory && !part ? 1 : part; /* 0 would be no limit */
}

static void add_shard(struct sharding *sharding, struct dealing *dealing, const struct cell_config *cluster,
                      uint32_t shard)
{
    size_t place = sharding->count++;
    struct cell_config *cell = &sharding->cells[place];
    struct simulation_options *options = &sharding->options[place];

    *cell = *cluster;
    *options = *cluster->options;
    cell->maxmemory = sharding_maxmemory(sharding->plan, dealing_table(dealing), cluster->maxmemory);
    cell->seed = cluster->seed + shard * SEED_STEP;
    cell->options = options;
    cell->dealing = dealing;
    cell->shard = shard;
    options->redis.cluster_enabled = true;
    options->slots = dealing_slots(dealing, shard);
    options->groups = dealing_groups(dealing, shard);
    options->ttl_rules.keys = dealing_rules(dealing, shard);
    options->slot_census = &sharding->censuses[place];
    options->minutes = &sharding->minutes[place];
    if (options->departures)
        options->client_numbers = dealing_clients(dealing, shard);
    if (options->scenario)
        options->scenario = dealing_scenario(dealing, shard);
}

struct sharding *sharding_new(const struct sharding_plan *plan, struct reader *reader, const struct cell_config *cells,
                              size_t count)
{
    struct sharding *sharding = xcalloc(1, sizeof *sharding);
    size_t shards = 0;

    sharding->plan = plan;
    sharding->reader = reader;
    sharding->cell_count = count;
    for (size_t i = 0; i < plan->table_count; i++)
        shards += plan->tables[i]->shard_count;
    sharding->dealings = xcalloc(plan->table_count, sizeof(struct dealing *));
    sharding->cells = xcalloc(shards * count, sizeof *sharding->cells);
    sharding->options = xcalloc(shards * count, sizeof *sharding->options);
    sharding->censuses = xcalloc(shards * count, sizeof *sharding->censuses);
    sharding->minutes = xcalloc(shards * count, sizeof *sharding->minutes);
    for (size_t i = 0; i < plan->table_count; i++) {
        struct dealing *dealing = sharding->dealings[i] =
            dealing_new(reader, plan->tables[i], count ? cells->options->warmup_us : 0);

        if (count && cells->options->departures)
            dealing_expect_clients(dealing, cells->options->departures->clients);
        if (count && cells->options->scenario)
            dealing_expect(dealing, cells->options->scenario);
        for (size_t cell = 0; cell < count; cell++)
            for (uint32_t shard = 0; shard < plan->tables[i]->shard_count; shard++)
                if (!plan->only || plan->only == shard + 1)
                    add_shard(sharding, dealing, &cells[cell], shard);
    }
    return sharding;
}

void sharding_free(struct sharding *sharding)
{
    if (!sharding)
        return;
    for (size_t i = 0; i < sharding->plan->table_count; i++)
        dealing_free(sharding->dealings[i]);
    for (size_t i = 0; i < sharding->count; i++)
        free(sharding->minutes[i].list);
    free(sharding->dealings);
    free(sharding->cells);
    free(sharding->options);
    free(sharding->censuses);
    free(sharding->minutes);
    free(sharding);
}

const struct cell_config *sharding_cells(const struct sharding *sharding, size_t *count)
{
    *count = sharding->count;
    return sharding->cells;
}

/* Of one shard each. */
static void collect_only(struct sharding *sharding, struct result *parts, const double *part_seconds,
                         struct result *results, double *seconds)
{
    for (size_t i = 0; i < sharding->count; i++) {
        results[i] = parts[i];
        results[i].traffic = *dealing_traffic(sharding->cells[i].dealing);
        parts[i] = (struct result){0};
        if (seconds)
            seconds[i] = part_seconds[i];
    }
}

void sharding_collect(struct sharding *sharding, int64_t end_us, struct result *parts, const double *part_seconds,
                      struct result *results, double *seconds)
{
    size_t first = 0, place = 0;

    if (sharding->plan->only) {
        collect_only(sharding, parts, part_seconds, results, seconds);
        return;
    }
    for (size_t i = 0; i < sharding->plan->table_count; i++) {
        struct dealing *dealing = sharding->dealings[i];
        uint32_t shards = sharding->plan->tables[i]->shard_count;
        struct hot_slots *hot = hot_slots_new(dealing, sharding->reader);

        for (size_t cell = 0; cell < sharding->cell_count; cell++, first += shards, place++) {
            struct result *result = &results[place];

            if (sharding->plan->look)
                sharding->plan->look(sharding->plan->look_owner, place, &parts[first], shards);
            shard_sum(&parts[first], &sharding->minutes[first], dealing_table(dealing),
                      end_us - sharding->options[first].warmup_us, result);
            result->traffic = *dealing_traffic(dealing);
            hot_slots_find(hot, &sharding->censuses[first], result);
            for (uint32_t shard = 0; seconds && shard < shards; shard++)
                seconds[place] += part_seconds[first + shard];
        }
        hot_slots_free(hot);
    }
}
