/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/shard_sum.h"

#include "sim/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- counters and quality ---- */

static void add_counters(struct counters *to, const struct counters *from)
{
#define X(name, unit, description) to->name += from->name;
    COUNTER_LIST(X)
#undef X
}

/* Buckets are powers of two of one unit, without gaps; each list covers a part of them. */
static void add_buckets(struct bucket **to, size_t *to_count, const struct bucket *from, size_t from_count)
{
    struct bucket *sum = xcalloc(*to_count + from_count + 1, sizeof *sum);
    size_t count = 0, i = 0, j = 0;

    while (i < *to_count || j < from_count) {
        bool takes_to = i < *to_count && (j == from_count || (*to)[i].from_us <= from[j].from_us);
        bool takes_from = j < from_count && (i == *to_count || from[j].from_us <= (*to)[i].from_us);

        sum[count].from_us = takes_to ? (*to)[i].from_us : from[j].from_us;
        sum[count].count = (takes_to ? (*to)[i].count : 0) + (takes_from ? from[j].count : 0);
        i += takes_to;
        j += takes_from;
        count++;
    }
    free(*to);
    *to = sum;
    *to_count = count;
}

/* Whichever shard it happens in first. */
static void add_moments(struct moments *to, const struct moments *from)
{
#define EARLIER(kind, type, name)                                                                                      \
    if (from->name >= 0 && (to->name < 0 || from->name < to->name))                                                    \
        to->name = from->name;
    MOMENT_FIELDS(EARLIER)
#undef EARLIER
}

static void add_quality(struct eviction_quality *to, const struct eviction_quality *from)
{
    add_buckets(&to->asked_again, &to->asked_again_count, from->asked_again, from->asked_again_count);
    add_buckets(&to->ttl_left, &to->ttl_left_count, from->ttl_left, from->ttl_left_count);
}

static void add_load(struct miss_load *to, const struct miss_load *from)
{
    to->fetches += from->fetches;
    to->repeated_fetches += from->repeated_fetches;
    to->cost_us += from->cost_us;
    if (from->fetches_at_once > to->fetches_at_once)
        to->fetches_at_once = from->fetches_at_once;
    if (from->clock_us < to->clock_us)
        to->clock_us = from->clock_us;
}

/* ---- groups ---- */

static uint32_t place_of_group(struct result *result, const char *name)
{
    uint32_t i = 0;

    while (i < result->group_count && strcmp(result->groups[i].name, name))
        i++;
    if (i == result->group_count) {
        result->groups = xrealloc_zero(result->groups, i * sizeof *result->groups, (i + 1) * sizeof *result->groups);
        result->groups[result->group_count++].name = xstrdup(name);
    }
    return i;
}

static void add_group(struct group *to, const struct group *from)
{
#define ADD_TEXT(name)
#define ADD_VALUE(type, name) to->name += from->name;
#define ADD(kind, ...)        ADD_##kind(__VA_ARGS__)
    GROUP_FIELDS(ADD)
#undef ADD
#undef ADD_VALUE
#undef ADD_TEXT
}

static void add_eviction(struct result *to, struct group_eviction eviction)
{
    for (size_t i = 0; i < to->evicted_for_count; i++)
        if (to->evicted_for[i].by == eviction.by && to->evicted_for[i].of == eviction.of) {
            to->evicted_for[i].evicted_keys += eviction.evicted_keys;
            return;
        }
    to->evicted_for = xrealloc(to->evicted_for, (to->evicted_for_count + 1) * sizeof *to->evicted_for);
    to->evicted_for[to->evicted_for_count++] = eviction;
}

static void add_groups(struct result *to, const struct result *from)
{
    uint32_t *places = xcalloc(from->group_count + 1, sizeof *places);

    for (size_t i = 0; i < from->group_count; i++) {
        places[i] = place_of_group(to, from->groups[i].name);
        add_group(&to->groups[places[i]], &from->groups[i]);
    }
    for (size_t i = 0; i < from->evicted_for_count; i++) {
        struct group_eviction eviction = from->evicted_for[i];

        eviction.by = places[eviction.by];
        eviction.of = places[eviction.of];
        add_eviction(to, eviction);
    }
    free(places);
}

/* ---- curves ---- */

static void add_sample(struct sample *to, const struct sample *from)
{
    int64_t time_us = to->time_us;
    uint64_t maxmemory = to->maxmemory && from->maxmemory ? to->maxmemory + from->maxmemory : 0;

#define ADD(kind, type, name) to->name += from->name;
    SAMPLE_FIELDS(ADD)
#undef ADD
    to->time_us = time_us;
    to->maxmemory = maxmemory;
}

/* Samples of both curves that are of one time: their places. */
struct pairs {
    size_t *own, *other;
    size_t count;
};

static struct pairs find_pairs(const struct curve *own, const struct curve *other)
{
    struct pairs pairs = {xcalloc(own->count + 1, sizeof *pairs.own), xcalloc(own->count + 1, sizeof *pairs.other), 0};

    for (size_t i = 0, j = 0; i < own->count; i++) {
        while (j < other->count && other->samples[j].time_us < own->samples[i].time_us)
            j++;
        if (j == other->count || other->samples[j].time_us != own->samples[i].time_us)
            continue;
        pairs.own[pairs.count] = i;
        pairs.other[pairs.count++] = j;
    }
    return pairs;
}

static void add_samples(struct curve *to, const struct curve *from, const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        to->samples[i] = to->samples[pairs->own[i]];
        add_sample(&to->samples[i], &from->samples[pairs->other[i]]);
    }
    to->count = pairs->count;
    if (from->interval_us > to->interval_us)
        to->interval_us = from->interval_us;
}

static void add_point(struct group_point *to, const struct group_point *from)
{
#define ADD(kind, type, name) to->name += from->name;
    GROUP_POINT_FIELDS(ADD)
#undef ADD
}

static bool has_curve(const struct result *result, const char *name)
{
    for (size_t i = 0; i < result->group_curve_count; i++)
        if (!strcmp(result->group_curves[i].name, name))
            return true;
    return false;
}

static bool has_group(const struct result *result, const char *name)
{
    for (size_t i = 0; i < result->group_count; i++)
        if (!strcmp(result->groups[i].name, name))
            return true;
    return false;
}

/* Whether a group's curve is known of both: where one counts the group among the smaller ones, the sum does. */
static bool is_known(const struct result *a, const struct result *b, const char *name)
{
    return (has_curve(a, name) || !has_group(a, name)) && (has_curve(b, name) || !has_group(b, name));
}

static struct group_point *points_of(struct group_curve *list, size_t *count, const char *name, size_t points)
{
    size_t i = 0;

    while (i < *count && strcmp(list[i].name, name))
        i++;
    if (i == *count) {
        list[i].name = xstrdup(name);
        list[i].points = xcalloc(points + 1, sizeof *list[i].points);
        list[i].count = points;
        ++*count;
    }
    return list[i].points;
}

static void add_group_curves(struct result *to, const struct result *from, const struct pairs *pairs)
{
    const struct result *parts[] = {to, from};
    const size_t *places[] = {pairs->own, pairs->other};
    size_t count = 0;
    struct group_curve *list = xcalloc(to->group_curve_count + from->group_curve_count + 1, sizeof *list);

    for (int part = 0; part < 2; part++)
        for (size_t i = 0; i < parts[part]->group_curve_count; i++) {
            const struct group_curve *curve = &parts[part]->group_curves[i];
            const char *name = is_known(to, from, curve->name) ? curve->name : GROUP_CURVES_REST;
            struct group_point *points = points_of(list, &count, name, pairs->count);

            for (size_t j = 0; j < pairs->count; j++)
                add_point(&points[j], &curve->points[places[part][j]]);
        }
    for (size_t i = 0; i < to->group_curve_count; i++)
        fields_release(&group_curve_layout, &to->group_curves[i]);
    free(to->group_curves);
    to->group_curves = list;
    to->group_curve_count = count;
}

/* Before the groups are added up: which of them each part has is still to be seen. */
static void add_curves(struct result *to, const struct result *from)
{
    struct pairs pairs = find_pairs(&to->curve, &from->curve);

    if (to->group_curves)
        add_group_curves(to, from, &pairs);
    add_samples(&to->curve, &from->curve, &pairs);
    free(pairs.own);
    free(pairs.other);
}

/* ---- shards ---- */

/* The first point of the curve behind it; since the warm-up's end, like the count of refusals. */
static const struct sample *first_refusal(const struct result *part)
{
    for (size_t i = 0; i < part->curve.count; i++)
        if (part->curve.samples[i].oom_rejections > part->warmup.oom_rejections)
            return &part->curve.samples[i];
    return NULL;
}

/* Which part of the room that maxmemory leaves beside the empty server was taken then; 1 without a limit, or room. */
static double fullness_at(const struct result *part, int64_t time_us)
{
    const struct sample *sample = part->curve.samples;

    for (size_t i = 0; i < part->curve.count && part->curve.samples[i].time_us <= time_us; i++)
        sample = &part->curve.samples[i];
    if (!sample || sample->maxmemory <= sample->memory_startup)
        return 1;
    return (double)(sample->used_memory - sample->memory_startup) /
           (double)(sample->maxmemory - sample->memory_startup);
}

static void find_least_full(const struct result *parts, uint32_t count, uint32_t place, struct shard *shard)
{
    const struct sample *refusal = first_refusal(&parts[place]);

    shard->first_refusal_us = parts[place].moments.first_oom_us;
    shard->least_full = place;
    for (uint32_t i = 0; refusal && i < count; i++) {
        double share = fullness_at(&parts[i], refusal->time_us);

        if (i == place || (shard->least_full != place && share >= shard->least_full_share))
            continue;
        shard->least_full = i;
        shard->least_full_share = share;
    }
}

static struct shard describe(const struct result *parts, const struct slot_table *table, uint32_t place)
{
    const struct result *part = &parts[place];
    struct shard shard = {
        .name = xstrdup(table->names[place]),
        .slots = slot_table_print(table, place),
        .slot_count = slot_table_slots(table, place),
        .maxmemory = part->maxmemory,
        .requests = part->counters.requests,
        .reads = part->counters.reads,
        .hits = part->counters.hits,
        .misses = part->counters.misses,
        .read_bytes = part->counters.read_bytes,
        .hit_bytes = part->counters.hit_bytes,
        .writes = part->counters.writes,
        .oom_rejections = part->counters.oom_rejections,
        .evicted_keys = part->counters.evicted_keys,
        .expired_keys = part->counters.expired_keys,
        .keys = part->counters.keys,
        .used_memory = part->counters.used_memory,
        .used_memory_peak = part->counters.used_memory_peak,
    };

    find_least_full(parts, table->shard_count, place, &shard);
    return shard;
}

void shard_sum(struct result *parts, struct minute_log *minutes, const struct slot_table *table, int64_t counted_us,
               struct result *result)
{
    struct shard *shards = xcalloc(table->shard_count, sizeof *shards);
    struct minute most;

    for (uint32_t i = 0; i < table->shard_count; i++)
        shards[i] = describe(parts, table, i);
    *result = parts[0];
    parts[0] = (struct result){0};
    for (uint32_t i = 1; i < table->shard_count; i++) {
        add_counters(&result->counters, &parts[i].counters);
        add_counters(&result->warmup, &parts[i].warmup);
        add_moments(&result->moments, &parts[i].moments);
        add_quality(&result->quality, &parts[i].quality);
        add_load(&result->load, &parts[i].load);
        add_curves(result, &parts[i]);
        add_groups(result, &parts[i]);
        result->server_is_read |= parts[i].server_is_read;
        result->policy_is_elsewhere |= parts[i].policy_is_elsewhere;
        result->unlike_hashes += parts[i].unlike_hashes;
        result->unlike_zsets += parts[i].unlike_zsets;
        result->silent_clients += parts[i].silent_clients;
        result->silent_client_bytes += parts[i].silent_client_bytes;
        result->memory_is_least |= parts[i].memory_is_least;
        result->oom_is_least |= parts[i].oom_is_least;
        minute_log_add(minutes, &minutes[i]);
        result_release(&parts[i]);
    }
    most = minutes_p99(minutes->list, minutes->count, counted_us);
    result->quality.misses_per_s_p99_minute = (double)most.misses / 60;
    result->quality.evicted_keys_per_s_p99_minute = (double)most.evicted_keys / 60;
    result->cluster = xstrdup(table->label);
    result->shards = shards;
    result->shard_count = table->shard_count;
}
