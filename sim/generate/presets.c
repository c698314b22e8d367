/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/generate/presets.h"

#include "sim/elementary.h"
#include "sim/generate/cachelib_workloads.h"
#include "sim/generate/cluster_fit.h"
#include "sim/generate/twitter_clusters.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DAY_S = 86400, MB = 1e6;

/* ---- shapes of applications ---- */

struct shape {
    const char *name, *source, *matches;
    double keys; /* per request */
    uint32_t most_keys;
    double zipf, one_hit_share, new_key_share, repeat_share, miss_ratio;
    const char *prefix, *operations, *ttls;
    struct sizes values;
    uint32_t members;
};

static const char shape_source[] =
    "no measurement: what such an application does, as documented patterns of Redis have it";

/* clang-format off */
static const struct shape shapes[] = {
    {"sessions", shape_source, "reads, and writes that renew a ttl of 30 minutes; sessions come and go", 0.05, 0, 0.6, 0, 0.02, 0.3, 0.03,
     "session:", "get:0.80 set:0.15 expire:0.05", "30m:1", {.kind = SIZES_LOGNORMAL, .a = 1200, .b = 0.6}, 1},
    {"rate_limiter", shape_source, "counters that live for a minute, counted and given a ttl in turn", 0.05, 0, 0.9, 0, 0.05, 0, -1,
     "limit:", "incr:0.5 expire:0.5", "60s:1", {.kind = SIZES_FIXED, .a = 1}, 1},
    {"job_queue", shape_source, "a few lists, as many pops as pushes", 0, 8, 0.5, 0, 0, 0, -1,
     "queue:", "lpush:0.5 rpop:0.5", "", {.kind = SIZES_LOGNORMAL, .a = 400, .b = 0.8}, 1},
    {"leaderboard", shape_source, "a few sorted sets of many members: scores, ranks, the top ten", 0, 20, 0.8, 0, 0, 0, -1,
     "board:", "zincrby:0.5 zadd:0.1 zscore:0.15 zrank:0.1 zrevrange:0.15", "", {.kind = SIZES_FIXED, .a = 8}, 100000},
    {"feature_cache", shape_source, "hashes of features, read as a whole or by field", 0.1, 0, 0.9, 0, 0, 0, -1,
     "feature:", "hgetall:0.6 hget:0.3 hset:0.1", "", {.kind = SIZES_LOGNORMAL, .a = 40, .b = 0.5}, 50},
    {"cache_aside", shape_source, "reads; those that miss are followed by a write with a ttl of an hour, a tenth more or less", 0.1, 0, 0.9, 0.01, 0, 0, 0.15,
     "cache:", "get:0.85 set:0.14 delete:0.01", "1h:1", {.kind = SIZES_GPD, .a = 0, .b = 214.476, .c = 0.348238}, 1},
};
/* clang-format on */

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* ---- lists of shares ---- */

/* Takes "NAME:SHARE " off the text. The share; its name's length. */
static double next_share(const char **text, const char **name, size_t *length)
{
    char *end;

    *name = *text;
    *length = strcspn(*text, ":");
    double share = strtod(*text + *length + 1, &end);
    *text = end + strspn(end, " ");
    return share;
}

static void set_ttls(struct population_params *population, const char *text)
{
    while (*text) {
        const char *name;
        char word[16];
        int64_t ttl_us = 0;
        size_t length;
        double share = next_share(&text, &name, &length);
        snprintf(word, sizeof word, "%.*s", (int)length, name);
        scan_duration(word, &ttl_us);
        population->ttls[population->ttl_count++] = (struct generate_ttl){round((double)ttl_us / 1e6), share};
    }
}

static void set_operations(struct mix_params *mix, const char *text)
{
    while (*text) {
        const char *name;
        size_t length;
        double share = next_share(&text, &name, &length);
        mix->shares[mix->count++] = (struct mix_share){operation_find(name, length), share};
    }
}

/* What presets have in common: nothing of the defaults that would show. */
static void clear(struct generate_params *params)
{
    struct generate_params plain;

    generate_defaults(&plain);
    plain.requests = params->requests;
    plain.seed = params->seed;
    plain.lossy = true;
    plain.population.ttl_share = 0;
    plain.population.value_max_bytes = 512 << 20;
    plain.population.name_count = 1;
    plain.population.names[0] = (struct generate_name){.share = 1};
    *params = plain;
}

/* ---- Twitter's clusters ---- */

static const char twitter_source[] = "Twitter's table of cache clusters, March 2020 (Yang, Yue, Rashmi, OSDI 2020)";
static const char twitter_matches[] = "operations, mean key and value size, ttls, first requests; Zipf slope and miss "
                                      "ratio as far as traces/README.md says";
static const char twitter_nothing[] = "the miss ratio: the table says nothing else of it";

static bool is_known(const struct twitter_cluster *cluster)
{
    return !isnan(cluster->mean_frequency);
}

/* Requests of the trace that the table describes. */
static double cluster_requests(const struct twitter_cluster *cluster)
{
    double keys = cluster->all_mb * MB / (cluster->key_bytes + cluster->value_bytes);

    return keys > 0 ? keys * cluster->mean_frequency : cluster->rate_kqps * 1000 * DAY_S;
}

/* The rest of the reads, where no writes are listed. */
static void complete_operations(struct mix_params *mix)
{
    double sum = 0;

    for (int i = 0; i < mix->count; i++) {
        if (mix->shares[i].operation->effect != EFFECT_NONE)
            return;
        sum += mix->shares[i].share;
    }
    double rest = sum < 0.995 ? 1 - sum : 0.005;
    mix->shares[0].share -= sum + rest - 1;
    mix->shares[mix->count++] = (struct mix_share){operation_find("set", 3), rest};
}

/* The share of draws that repeat a recent key, so that no more requests are for absent keys than may miss or write. */
static double repeats_for(const struct mix_params *mix, double absent)
{
    double sum = 0, reads = 0, stores = 0;

    for (int i = 0; i < mix->count; i++) {
        enum operation_effect effect = mix->shares[i].operation->effect;
        sum += mix->shares[i].share;
        reads += effect == EFFECT_NONE ? mix->shares[i].share : 0;
        stores += effect == EFFECT_STORE || effect == EFFECT_ADD || effect == EFFECT_CHANGE ? mix->shares[i].share : 0;
    }
    double bearable = (fmax(mix->miss_ratio, 0) * reads + 0.9 * stores) / sum;
    return absent > bearable ? fmin(0.95, 1 - bearable / absent) : 0;
}

/* First ranks whose requests make up most of the variance that a mean over requests would have, if it were of something that varies
 * so much between keys: variance over the squared mean. */
static uint32_t decisive_ranks(double keys, double zipf, double variation)
{
    static const double variance = 1e-4; /* of the mean that is left: a deviation of 1 % */
    double all = 0, squares = 0, rank;

    for (rank = 1; rank <= keys; rank++) {
        double weight = elementary_pow(rank, -zipf);
        all += weight;
        squares += weight * weight;
    }
    for (rank = 1; rank <= keys && squares * variation / (all * all) > variance; rank++)
        squares -= elementary_pow(rank, -2 * zipf);
    return (uint32_t)rank;
}

/* Of being a key with the rarest ttl. */
static double rarest_variation(const struct population_params *population)
{
    double least = 1, sum = 0;

    for (int i = 0; i < population->ttl_count; i++) {
        least = fmin(least, population->ttls[i].share);
        sum += population->ttls[i].share;
    }
    return sum > 0 ? sum / least - 1 : 0;
}

static void apply_cluster(const struct twitter_cluster *cluster, struct generate_params *params)
{
    struct population_params *population = &params->population;
    double requests = (double)params->requests, seconds, first, repeats = 0;
    struct cluster_fit fit = {.zipf = isnan(cluster->zipf) ? 0.9 : cluster->zipf};

    clear(params);
    params->mix.miss_ratio = isnan(cluster->miss_ratio) ? -1 : cluster->miss_ratio;
    if (!is_known(cluster))
        return;
    set_ttls(population, cluster->ttls);
    set_operations(&params->mix, cluster->operations);
    complete_operations(&params->mix);
    population->key_sizes = (struct sizes){.kind = SIZES_FIXED, .a = cluster->key_bytes};
    population->value_sizes = (struct sizes){
        .kind = SIZES_LOGNORMAL, .a = cluster->value_bytes, .b = cluster->value_bytes < 3 ? 0 : 1}; /* whole bytes */
    seconds = cluster_requests(cluster) / (cluster->rate_kqps * 1000);
    params->arrivals.rate_per_s = requests / seconds;
    params->popularity.exponent = fit.zipf;
    first = cluster->mean_frequency < 10 && cluster->first_percent > 0 ? cluster->first_percent / 100
                                                                       : 1 / cluster->mean_frequency;
    fit.wanted_keys = fmax(1, requests * first);
    fit.wanted_once = fit.wanted_keys * cluster->one_hit_percent / 100;
    for (int round = 0; round < 3; round++) { /* repeats draw no key; how many there must be depends on the keys */
        fit.draws = fmax(1, requests * (1 - operation_mix_expected_fills(&params->mix)) * (1 - repeats));
        fit.wanted_keys = fmin(fit.wanted_keys, fit.draws);
        cluster_fit(&fit);
        repeats =
            repeats_for(&params->mix, cluster_absent_share(&fit, population->ttls, population->ttl_count, seconds) *
                                          fit.draws / requests / (1 - repeats));
    }
    params->keys = (uint32_t)fmax(1, fmin(fit.keys, UINT32_MAX / 2));
    params->repeat_share = repeats;
    params->one_hit_share = fit.one_hit_share * (1 - repeats);
    params->balanced_sizes = decisive_ranks(params->keys, fit.zipf, M_E - 1); /* a lognormal's with sigma 1 */
    params->balanced_ttls = decisive_ranks(params->keys, fit.zipf, rarest_variation(population));
}

/* ---- the others ---- */

static const char meta_source[] = "Meta's CacheLib, test_configs/hit_ratio (Berg et al., OSDI 2020)";
static const char meta_matches[] =
    "popularity and value sizes, as tables; key sizes; keys that come once; reads only, who misses stores";

static void apply_workload(const struct cachelib_workload *workload, struct generate_params *params)
{
    double ranks = 0, weight = 0, lone = workload->lone_get_ratio / (workload->get_ratio + workload->lone_get_ratio);

    clear(params);
    for (size_t i = 0; i < workload->popularity_count; i++) {
        ranks += workload->popularity[i].ranks;
        weight += workload->popularity[i].weight;
    }
    params->popularity = (struct popularity_params){
        .kind = POPULARITY_TABLE, .buckets = workload->popularity, .bucket_count = workload->popularity_count};
    params->keys = (uint32_t)fmax(1, ceil((double)params->requests * (1 - lone) * ranks / weight));
    params->one_hit_share = lone;
    set_operations(&params->mix, "get:1");
    params->population.value_sizes =
        (struct sizes){.kind = SIZES_TABLE, .spread = true, .rows = workload->sizes, .row_count = workload->size_count};
    params->population.key_sizes =
        (struct sizes){.kind = SIZES_TABLE, .spread = true, .rows = workload->key_sizes, .row_count = 2};
}

static const char lru_test_source[] = "redis-cli --lru-test (src/redis-cli.c: LRUTestMode, powerLawRand)";
static const char lru_test_matches[] =
    "keys 80-20 by its formula, 250 writes and 250 reads in turn, values of 5 bytes, no ttls; arrivals are not its own";

static void apply_lru_test(struct generate_params *params)
{
    clear(params);
    params->popularity.kind = POPULARITY_LRU_TEST;
    strcpy(params->population.names[0].prefix, "lru:");
    set_operations(&params->mix, "set:1 get:1");
    params->mix.turns = 500;
    params->population.value_sizes = (struct sizes){.kind = SIZES_FIXED, .a = 5};
}

static void apply_shape(const struct shape *shape, struct generate_params *params)
{
    clear(params);
    params->keys = shape->most_keys ? shape->most_keys : (uint32_t)fmax(1, (double)params->requests * shape->keys);
    params->popularity.exponent = shape->zipf;
    params->one_hit_share = shape->one_hit_share;
    params->new_key_share = shape->new_key_share;
    params->repeat_share = shape->repeat_share;
    params->mix.miss_ratio = shape->miss_ratio;
    params->members = shape->members;
    snprintf(params->population.names[0].prefix, GENERATE_NAME_BYTES, "%s", shape->prefix);
    set_operations(&params->mix, shape->operations);
    set_ttls(&params->population, shape->ttls);
    if (!strcmp(shape->name, "cache_aside"))
        params->population.ttl_jitter = 0.1;
    params->population.value_sizes = shape->values;
}

/* ---- by name ---- */

size_t preset_count(void)
{
    return TWITTER_CLUSTERS + CACHELIB_WORKLOADS + 1 + SHAPES;
}

struct preset preset_at(size_t i)
{
    struct preset preset = {0};

    if (i < TWITTER_CLUSTERS) {
        snprintf(preset.name, sizeof preset.name, "twitter:%s", twitter_clusters[i].name);
        preset.source = twitter_source;
        preset.matches = is_known(&twitter_clusters[i]) ? twitter_matches : twitter_nothing;
        return preset;
    }
    i -= TWITTER_CLUSTERS;
    if (i < CACHELIB_WORKLOADS) {
        snprintf(preset.name, sizeof preset.name, "meta:%s", cachelib_workloads[i].name);
        preset.source = meta_source;
        preset.matches = meta_matches;
        return preset;
    }
    i -= CACHELIB_WORKLOADS;
    if (i == 0) {
        snprintf(preset.name, sizeof preset.name, "lru-test");
        preset.source = lru_test_source;
        preset.matches = lru_test_matches;
        return preset;
    }
    snprintf(preset.name, sizeof preset.name, "%s", shapes[i - 1].name);
    preset.source = shapes[i - 1].source;
    preset.matches = shapes[i - 1].matches;
    return preset;
}

/* Its number, or preset_count(). */
static size_t find(const char *name)
{
    size_t i = 0;

    while (i < preset_count() && strcmp(preset_at(i).name, name))
        i++;
    return i;
}

int preset_apply(const char *name, struct generate_params *params, struct error *error)
{
    size_t i = find(name);

    if (i == preset_count())
        return error_set(error, ERROR_USAGE, "unknown preset '%s': --list-presets names them", name);
    if (i < TWITTER_CLUSTERS)
        apply_cluster(&twitter_clusters[i], params);
    else if (i < TWITTER_CLUSTERS + CACHELIB_WORKLOADS)
        apply_workload(&cachelib_workloads[i - TWITTER_CLUSTERS], params);
    else if (i == TWITTER_CLUSTERS + CACHELIB_WORKLOADS)
        apply_lru_test(params);
    else
        apply_shape(&shapes[i - TWITTER_CLUSTERS - CACHELIB_WORKLOADS - 1], params);
    return 0;
}

double preset_working_set(const char *name, const struct generate_params *params)
{
    size_t i = find(name);

    if (i >= TWITTER_CLUSTERS || !(twitter_clusters[i].live_mb > 0))
        return NAN;
    return twitter_clusters[i].live_mb * MB * (double)params->requests / cluster_requests(&twitter_clusters[i]);
}
