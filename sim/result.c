/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/result.h"

#include "sim/alloc.h"

#include <math.h>
#include <string.h>

const struct counter_field counter_fields[COUNTER_COUNT] = {
#define X(name, unit, description) {#name, unit, description, offsetof(struct counters, name)},
    COUNTER_LIST(X)
#undef X
};

static const struct layout_field counters_fields[COUNTER_COUNT] = {
#define X(name, unit, description) {#name, FIELD_UINT64, offsetof(struct counters, name), sizeof(uint64_t), NULL, 0},
    COUNTER_LIST(X)
#undef X
};

const struct layout counters_layout = {"counters", sizeof(struct counters), counters_fields, COUNTER_COUNT};

#define FIELDS_OF struct group
const struct layout group_layout = LAYOUT("group", GROUP_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct group_point
const struct layout group_point_layout = LAYOUT("group_point", GROUP_POINT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct group_curve
const struct layout group_curve_layout = LAYOUT("group_curve", GROUP_CURVE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct group_eviction
const struct layout group_eviction_layout = LAYOUT("group_eviction", GROUP_EVICTION_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct bucket
const struct layout bucket_layout = LAYOUT("bucket", BUCKET_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct eviction_quality
const struct layout eviction_quality_layout = LAYOUT("eviction_quality", EVICTION_QUALITY_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct miss_load
const struct layout miss_load_layout = LAYOUT("miss_load", MISS_LOAD_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct cluster_traffic
const struct layout cluster_traffic_layout = LAYOUT("cluster_traffic", CLUSTER_TRAFFIC_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct shard
const struct layout shard_layout = LAYOUT("shard", SHARD_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct hot_slot
const struct layout hot_slot_layout = LAYOUT("hot_slot", HOT_SLOT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct sample
const struct layout sample_layout = LAYOUT("sample", SAMPLE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct curve
const struct layout curve_layout = LAYOUT("curve", CURVE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct result
const struct layout result_layout = LAYOUT("result", RESULT_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct bound
const struct layout bound_layout = LAYOUT("bound", BOUND_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct whole_size
const struct layout whole_size_layout = LAYOUT("whole_size", WHOLE_SIZE_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct setting
const struct layout setting_layout = LAYOUT("setting", SETTING_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct warning
const struct layout warning_layout = LAYOUT("warning", WARNING_FIELDS);
#undef FIELDS_OF
#define FIELDS_OF struct run
const struct layout run_layout = LAYOUT("run", RUN_FIELDS);
#undef FIELDS_OF

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

double result_fetches_in_flight(const struct result *result, int64_t duration_us)
{
    return duration_us > 0 ? (double)result->load.cost_us / (double)duration_us : NAN;
}

double result_misses_per_s(const struct result *result, int64_t duration_us)
{
    return duration_us > 0 ? (double)result->counters.misses / ((double)duration_us / 1e6) : NAN;
}

bool result_fetches_are_most(const struct result *result, int64_t miss_cost_us)
{
    return result->load.fetches && result->load.clock_us > miss_cost_us;
}

double sample_fragmentation_ratio(const struct sample *sample)
{
    return (double)sample->used_memory_rss / (double)sample->used_memory;
}

void sample_take_misses(struct sample *sample, const struct counters *counters)
{
#define COPY(kind, type, name) sample->name = counters->name;
    MISS_FIELDS(COPY)
#undef COPY
}

uint64_t sample_bytes_of_keys(const struct sample *sample)
{
    uint64_t sum = 0;

#define ADD(kind, type, name) sum += sample->name;
    KEY_MEMORY_FIELDS(ADD)
#undef ADD
    return sum;
}

const struct sample *result_last_sample(const struct result *result)
{
    return &result->curve.samples[result->curve.count - 1];
}

const struct sample *result_highest_sample(const struct result *result, int64_t from_us)
{
    const struct sample *highest = NULL;

    for (size_t i = 0; i < result->curve.count; i++) {
        const struct sample *sample = &result->curve.samples[i];

        if (sample->time_us >= from_us && (!highest || sample->used_memory > highest->used_memory))
            highest = sample;
    }
    return highest ? highest : result_last_sample(result);
}

int64_t run_counted_us(const struct run *run)
{
    return run->duration_us - run->warmup_us;
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

const char *run_setting(const struct run *run, const char *name)
{
    for (size_t i = 0; i < run->setting_count; i++)
        if (!strcmp(run->settings[i].name, name))
            return run->settings[i].value;
    return NULL;
}

bool setting_chooses_cells(const char *name)
{
    static const char *const names[] = {"server", "policy", "maxmemory", "seed", "seeds", "shards", "slots"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

bool result_same_cluster(const struct result *a, const struct result *b)
{
    return a->cluster && b->cluster ? !strcmp(a->cluster, b->cluster) : a->cluster == b->cluster;
}

uint64_t result_maxmemory_in_all(const struct result *result)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < result->shard_count; i++)
        sum += result->shards[i].maxmemory;
    return result->shard_count ? sum : result->maxmemory;
}

bool run_has_shards(const struct run *run)
{
    /* results of one kind of cluster are adjacent, so that one end at least is of a cluster if any is */
    return run->result_count && (run->results[0].cluster || run->results[run->result_count - 1].cluster);
}

void result_forget_shards(struct result *result)
{
    struct result shards = {.shards = result->shards, .shard_count = result->shard_count};

    shards.slots_by_requests = result->slots_by_requests;
    shards.slots_by_requests_count = result->slots_by_requests_count;
    shards.slots_by_bytes = result->slots_by_bytes;
    shards.slots_by_bytes_count = result->slots_by_bytes_count;
    shards.cluster = result->cluster;
    result->cluster = NULL;
    shards.server = xstrdup("");
    shards.policy = xstrdup("");
    result->shards = NULL;
    result->slots_by_requests = result->slots_by_bytes = NULL;
    result->shard_count = result->slots_by_requests_count = result->slots_by_bytes_count = 0;
    result_release(&shards);
}

void result_release(struct result *result)
{
    fields_release(&result_layout, result);
}

void run_release(struct run *run)
{
    fields_release(&run_layout, run);
}

static int check_groups(const struct result *result, struct error *error)
{
    for (size_t i = 0; i < result->evicted_for_count; i++)
        if (result->evicted_for[i].by >= result->group_count || result->evicted_for[i].of >= result->group_count)
            return error_set(error, ERROR_INPUT, "a group that evicted keys, or whose keys were, is not there");
    for (size_t i = 0; i < result->group_curve_count; i++)
        if (result->group_curves[i].count != result->curve.count)
            return error_set(error, ERROR_INPUT, "the curve of a group has other points than that of the whole");
    return 0;
}

static int check_curve(const struct curve *curve, struct error *error)
{
    int64_t before_us = -1;

    for (size_t i = 0; i < curve->count; before_us = curve->samples[i++].time_us)
        if (curve->samples[i].time_us <= before_us)
            return error_set(error, ERROR_INPUT, "times of a curve run backwards");
    return curve->interval_us < 0 ? error_set(error, ERROR_INPUT, "the interval of a curve is negative") : 0;
}

static int check_buckets(const struct bucket *buckets, size_t count, struct error *error)
{
    int64_t before_us = -1;

    for (size_t i = 0; i < count; before_us = buckets[i++].from_us)
        if (buckets[i].from_us <= before_us)
            return error_set(error, ERROR_INPUT, "times of what became of evicted keys run backwards");
    return 0;
}

static int check_quality(const struct eviction_quality *quality, struct error *error)
{
    return check_buckets(quality->asked_again, quality->asked_again_count, error) ||
                   check_buckets(quality->ttl_left, quality->ttl_left_count, error)
               ? -1
               : 0;
}

int run_check(const struct run *run, struct error *error)
{
    if (run->warmup_us < 0 || (run->warmup_us && run->warmup_us >= run->duration_us))
        return error_set(error, ERROR_INPUT, "the warm-up does not end before the trace");
    if (run->duration_us < 0)
        return error_set(error, ERROR_INPUT, "the duration is negative");
    for (size_t i = 0; i < run->result_count; i++) {
        if (check_curve(&run->results[i].curve, error) || check_groups(&run->results[i], error) ||
            check_quality(&run->results[i].quality, error))
            return -1;
        if (run->bound_count && !run_bound(run, run->results[i].maxmemory))
            return error_set(error, ERROR_INPUT, "a maxmemory has no bound");
    }
    if (run->bound_count && !run_bound(run, 0))
        return error_set(error, ERROR_INPUT, "there is no bound without a limit");
    return 0;
}

const struct bound *run_bound(const struct run *run, uint64_t maxmemory)
{
    for (size_t i = 0; i < run->bound_count; i++)
        if (run->bounds[i].maxmemory == maxmemory)
            return &run->bounds[i];
    return NULL;
}

const char *trace_shown(const char *path)
{
    return strcmp(path, "-") ? path : "standard input";
}

double bound_hit_ratio(const struct bound *bound)
{
    return ratio(bound->hits, bound->reads);
}

double bound_byte_hit_ratio(const struct bound *bound)
{
    return ratio(bound->hit_bytes, bound->read_bytes);
}
