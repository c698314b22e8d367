/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.json: an array with one object per result, the keys named as the columns of summary.csv.
 *
 * A ratio without a denominator is null. */
#include "reports/json_values.h"
#include "sim/report.h"
#include "sim/result.h"
#include "sim/shard_skew.h"

#include <math.h>

static void add_bound(json_t *object, const struct run *run, const struct result *result)
{
    const struct bound *bound = run_bound(run, result->maxmemory), *unlimited = run_bound(run, 0);

    json_object_set_new(object, "bound_hits", json_from_count(bound->hits));
    json_object_set_new(object, "bound_hit_bytes", json_from_count(bound->hit_bytes));
    json_object_set_new(object, "compulsory_misses", json_from_count(unlimited->reads - unlimited->hits));
    json_object_set_new(object, "compulsory_missed_bytes",
                        json_from_count(unlimited->read_bytes - unlimited->hit_bytes));
}

static void add_load(json_t *object, const struct run *run, const struct result *result)
{
    json_object_set_new(object, "misses_per_s", json_from_real(result_misses_per_s(result, run_counted_us(run))));
    json_object_set_new(object, "fetches", json_from_count(result->load.fetches));
    json_object_set_new(object, "repeated_fetches", json_from_count(result->load.repeated_fetches));
    json_object_set_new(object, "fetches_at_once", json_from_count(result->load.fetches_at_once));
    json_object_set_new(object, "fetches_in_flight",
                        json_from_real(result_fetches_in_flight(result, run_counted_us(run))));
    json_object_set_new(object, "miss_cost_s", json_from_real((double)result->load.cost_us / 1e6));
    json_object_set_new(object, "fetches_are_most", json_boolean(result_fetches_are_most(result, run->miss_cost_us)));
}

static void add_rss(json_t *object, const struct sample *end)
{
    json_object_set_new(object, "used_memory_rss", json_from_count(end->used_memory_rss));
    json_object_set_new(object, "mem_fragmentation_ratio", json_from_real(sample_fragmentation_ratio(end)));
    json_object_set_new(object, "allocator_active", json_from_count(end->allocator_active));
}

/* An array of {"from_s", "count"}: a bucket reaches to the next one's from_s. */
static json_t *from_buckets(const struct bucket *buckets, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *object = json_object();

        json_object_set_new(object, "from_s", json_from_real((double)buckets[i].from_us / 1e6));
        json_object_set_new(object, "count", json_from_count(buckets[i].count));
        json_array_append_new(array, object);
    }
    return array;
}

static void add_quality(json_t *object, const struct eviction_quality *quality)
{
    json_object_set_new(object, "evicted_keys_per_s_p99_minute",
                        json_from_real(quality->evicted_keys_per_s_p99_minute));
    json_object_set_new(object, "misses_per_s_p99_minute", json_from_real(quality->misses_per_s_p99_minute));
    json_object_set_new(object, "evicted_asked_again", from_buckets(quality->asked_again, quality->asked_again_count));
    json_object_set_new(object, "evicted_ttl_left", from_buckets(quality->ttl_left, quality->ttl_left_count));
}

/* The parts of used_memory, as they are at a point of the curve. */
static json_t *from_memory(const struct sample *sample)
{
    json_t *object = json_object();

    json_object_set_new(object, "time_s", json_from_real((double)sample->time_us / 1e6));
    json_object_set_new(object, "used_memory", json_from_count(sample->used_memory));
#define SET(kind, type, name) json_object_set_new(object, #name, json_from_count(sample->name));
    MEMORY_FIELDS(SET)
#undef SET
#define SET(kind, type, name) json_object_set_new(object, #name, json_from_count_if_known(sample->name));
    LINGERING_FIELDS(SET)
#undef SET
    return object;
}

static json_t *from_groups(const struct result *result)
{
    json_t *array = json_array();

    for (size_t i = 0; i < result->group_count; i++) {
        const struct group *group = &result->groups[i];
        json_t *object = json_object();

#define SET_TEXT(name)        json_object_set_new(object, #name, json_from_text(group->name));
#define SET_VALUE(type, name) json_object_set_new(object, #name, json_from_count(group->name));
#define SET(kind, ...)        SET_##kind(__VA_ARGS__)
        GROUP_FIELDS(SET)
#undef SET
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *from_evicted_for(const struct result *result)
{
    json_t *array = json_array();

    for (size_t i = 0; i < result->evicted_for_count; i++) {
        const struct group_eviction *eviction = &result->evicted_for[i];
        json_t *object = json_object();

        json_object_set_new(object, "group", json_from_text(result->groups[eviction->by].name));
        json_object_set_new(object, "evicted_group", json_from_text(result->groups[eviction->of].name));
        json_object_set_new(object, "evicted_keys", json_from_count(eviction->evicted_keys));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *from_slots(const struct result *result, const struct hot_slot *slots, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        const struct hot_slot *slot = &slots[i];
        json_t *object = json_object();

#define SET_TEXT_OR_NULL(name) json_object_set_new(object, #name, json_from_text(slot->name));
#undef SET_VALUE
#define SET_VALUE(type, name) json_object_set_new(object, #name, json_from_count(slot->name));
#define SET(kind, ...)        SET_##kind(__VA_ARGS__)
        HOT_SLOT_FIELDS(SET)
#undef SET
        json_object_set_new(object, "shard", json_from_text(result->shards[slot->shard].name));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *from_shard(const struct result *result, const struct shard *shard)
{
    json_t *object = json_object();

    json_object_set_new(object, "name", json_from_text(shard->name));
    json_object_set_new(object, "slots", json_from_text(shard->slots));
    json_object_set_new(object, "slot_count", json_from_count(shard->slot_count));
    json_object_set_new(object, "maxmemory", json_from_count(shard->maxmemory));
    json_object_set_new(object, "requests", json_from_count(shard->requests));
    json_object_set_new(object, "reads", json_from_count(shard->reads));
    json_object_set_new(object, "hits", json_from_count(shard->hits));
    json_object_set_new(object, "misses", json_from_count(shard->misses));
    json_object_set_new(object, "hit_ratio", json_from_real(shard_hit_ratio(shard)));
    json_object_set_new(object, "writes", json_from_count(shard->writes));
    json_object_set_new(object, "oom_rejections", json_from_count(shard->oom_rejections));
    json_object_set_new(object, "oom_share", json_from_real(shard_oom_share(shard)));
    json_object_set_new(object, "evicted_keys", json_from_count(shard->evicted_keys));
    json_object_set_new(object, "expired_keys", json_from_count(shard->expired_keys));
    json_object_set_new(object, "keys", json_from_count(shard->keys));
    json_object_set_new(object, "used_memory", json_from_count(shard->used_memory));
    json_object_set_new(object, "used_memory_peak", json_from_count(shard->used_memory_peak));
    json_object_set_new(object, "peak_share", json_from_real(shard_fullness(shard)));
    if (shard->first_refusal_us >= 0) {
        json_object_set_new(object, "first_refusal_s", json_from_real((double)shard->first_refusal_us / 1e6));
        json_object_set_new(object, "least_full_then", json_from_text(result->shards[shard->least_full].name));
        json_object_set_new(object, "room_taken_then", json_from_real(shard->least_full_share));
    }
    return object;
}

static json_t *from_skew(const struct result *result, struct skew skew)
{
    json_t *object = json_object();

    json_object_set_new(object, "shard", json_from_text(result->shards[skew.shard].name));
    json_object_set_new(object, "max_to_mean", json_from_real(skew.ratio));
    return object;
}

static void add_shards(json_t *object, const struct result *result)
{
    const struct cluster_traffic *traffic = &result->traffic;
    int half_empty = shard_full_beside_half_empty(result);
    json_t *array = json_array(), *sent = json_object();

    for (size_t i = 0; i < result->shard_count; i++)
        json_array_append_new(array, from_shard(result, &result->shards[i]));
#define SET(kind, type, name) json_object_set_new(sent, #name, json_from_count(traffic->name));
    CLUSTER_TRAFFIC_FIELDS(SET)
#undef SET
    json_object_set_new(object, "cluster", json_from_text(result->cluster));
    json_object_set_new(object, "maxmemory_in_all", json_from_count(result_maxmemory_in_all(result)));
    json_object_set_new(object, "shards", array);
    json_object_set_new(object, "worst_shard", json_from_text(result->shards[shard_worst(result)].name));
    json_object_set_new(object, "full_beside_half_empty",
                        half_empty < 0 ? json_null() : json_from_text(result->shards[half_empty].name));
    json_object_set_new(object, "skewed_requests", from_skew(result, skew_of_requests(result)));
    json_object_set_new(object, "skewed_bytes", from_skew(result, skew_of_memory(result)));
    json_object_set_new(object, "slots_by_requests",
                        from_slots(result, result->slots_by_requests, result->slots_by_requests_count));
    json_object_set_new(object, "slots_by_bytes",
                        from_slots(result, result->slots_by_bytes, result->slots_by_bytes_count));
    json_object_set_new(object, "commands_sent", sent);
}

static json_t *result_object(const struct run *run, const struct result *result)
{
    json_t *object = json_object();

    json_object_set_new(object, "server", json_from_text(result->server));
    json_object_set_new(object, "policy", json_from_text(result->policy));
    json_object_set_new(object, "maxmemory", json_from_count(result->maxmemory));
    json_object_set_new(object, "seed", json_from_count(result->seed));
    json_object_set_new(object, "hit_ratio", json_from_real(result_hit_ratio(result)));
    json_object_set_new(object, "byte_hit_ratio", json_from_real(result_byte_hit_ratio(result)));
    json_object_set_new(object, "oom_share", json_from_real(result_oom_share(result)));
    for (int i = 0; i < COUNTER_COUNT; i++)
        json_object_set_new(object, counter_fields[i].name, json_from_count(counter_get(&result->counters, i)));
    for (int i = 0; i < MOMENTS; i++) {
        int64_t time_us = moment_get(&result->moments, i);

        json_object_set_new(object, moment_fields[i].name, json_from_real(time_us < 0 ? NAN : (double)time_us / 1e6));
    }
    add_quality(object, &result->quality);
    if (result->curve.count) {
        json_object_set_new(object, "memory_at_end", from_memory(result_last_sample(result)));
        json_object_set_new(object, "memory_at_highest", from_memory(result_highest_sample(result, run->warmup_us)));
    }
    if (result->groups) {
        json_object_set_new(object, "groups", from_groups(result));
        json_object_set_new(object, "evicted_for", from_evicted_for(result));
    }
    if (result->shards)
        add_shards(object, result);
    if (run->key_parts)
        json_object_set_new(object, "key_parts", json_from_count(run->key_parts));
    if (run->warmup_us)
        json_object_set_new(object, "warmup_s", json_from_real((double)run->warmup_us / 1e6));
    json_object_set_new(object, "memory_is_least", json_boolean(result->memory_is_least));
    json_object_set_new(object, "oom_is_least", json_boolean(result->oom_is_least));
    json_object_set_new(object, "warnings", json_from_warnings(run->warnings, run->warning_count, false));
    if (run->bounds)
        add_bound(object, run, result);
    if (run->miss_cost_us)
        add_load(object, run, result);
    if (run->has_rss)
        add_rss(object, result_last_sample(result));
    return object;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;
    json_t *array = json_array();

    for (size_t i = 0; i < run->result_count; i++)
        json_array_append_new(array, result_object(run, &run->results[i]));
    return json_write(array, out, error);
}

const struct report report_summary_json = {
    .name = "summary.json",
    .summary = "an array of one object per result (also --json)",
    .takes = OUTCOME_RUN,
    .print = PRINT_JSON,
    .write = write,
};
