/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <assert.h>
#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_setting(struct run *run, const char *name, const char *value)
{
    run->settings = xrealloc(run->settings, (run->setting_count + 1) * sizeof *run->settings);
    run->settings[run->setting_count++] = (struct setting){xstrdup(name), xstrdup(value)};
}

static struct run describe(size_t results, size_t seeds)
{
    struct run run = {.version = xstrdup("test"),
                      .command = xstrdup("evsim run --maxmemory 1mb small.csv"),
                      .trace = xstrdup("small.csv"),
                      .format = xstrdup("csv"),
                      .trace_digest = "00112233445566778899aabbccddeeff",
                      .trace_bytes = 123456,
                      .start_unix_us = 1700000000000000,
                      .duration_us = 3600000000,
                      .commands = 20000,
                      .key_count = 1500,
                      .on_miss = xstrdup("none"),
                      .on_miss_reason = xstrdup("asked for"),
                      .result_count = results,
                      .seed_count = seeds};

    run.intake.rows = run.commands;
    run.results = xcalloc(results, sizeof *run.results);
    add_setting(&run, "maxmemory", "1mb");
    add_setting(&run, "maxmemory-samples", "5");
    return run;
}

static void give_bucket(struct bucket **buckets, size_t *count, int64_t from_us, uint64_t in_it)
{
    *buckets = xcalloc(*count = 1, sizeof **buckets);
    **buckets = (struct bucket){.from_us = from_us, .count = in_it};
}

static struct result small_result(const char *policy, uint64_t hits, uint64_t oom)
{
    struct result result = {.server = xstrdup("redis-7.2"), .policy = xstrdup(policy), .maxmemory = 1 << 20, .seed = 1};

    result.counters = (struct counters){
        .requests = 20000,
        .reads = 12000,
        .hits = hits,
        .misses = 12000 - hits,
        .misses_cold = 1000,
        .misses_expired_lazily = 2,
        .misses_expired_by_cycle = 3,
        .misses_evicted = oom ? 0 : 12000 - hits - 1005,
        .misses_refused = oom ? 12000 - hits - 1005 : 0,
        .read_bytes = 12000000,
        .hit_bytes = hits * 900,
        .writes = 8000,
        .oom_rejections = oom,
        .evicted_keys = oom ? 0 : 2345,
        .expired_keys = 17,
        .keys = 1000,
        .expires = 10,
        .used_memory = 1000000,
        .used_memory_peak = 1048576,
        .baseline_memory = 524288,
    };
    if (!oom) {
        give_bucket(&result.quality.asked_again, &result.quality.asked_again_count, 1048576, 1500);
        give_bucket(&result.quality.ttl_left, &result.quality.ttl_left_count, 65536000, 469);
        result.counters.misses_evicted_expired = 199;
    }
    result.curve.interval_us = 1800000000;
    result.curve.count = 2;
    result.curve.samples = xcalloc(2, sizeof *result.curve.samples);
    for (uint64_t i = 0; i < 2; i++)
        result.curve.samples[i] = (struct sample){.time_us = (int64_t)(i + 1) * 1800000000,
                                                  .maxmemory = 1 << 20,
                                                  .used_memory = 900000 + i * 100000,
                                                  .memory_strings = 776000 + i * 100000,
                                                  .memory_keys = 24000,
                                                  .memory_startup = 100000,
                                                  .keys = 900 + i * 100,
                                                  .expires = 10,
                                                  .hits = hits / 2 * (i + 1),
                                                  .misses = (12000 - hits) / 2 * (i + 1),
                                                  .misses_cold = 1000,
                                                  .misses_expired_lazily = 2,
                                                  .misses_expired_by_cycle = 3,
                                                  .misses_evicted = oom ? 0 : (12000 - hits) / 2 * (i + 1) - 1005,
                                                  .misses_refused = oom ? (12000 - hits) / 2 * (i + 1) - 1005 : 0,
                                                  .evicted_keys = result.counters.evicted_keys,
                                                  .expired_keys = 17,
                                                  .oom_rejections = oom / 2 * (i + 1)};
    return result;
}

struct run support_small_run(void)
{
    struct run run = describe(2, 1);

    run.results[0] = small_result("noeviction", 6000, 1200);
    run.results[1] = small_result("allkeys-lru", 9000, 0);
    run.results[0].moments = (struct moments){1800000000, -1, 1825000000};
    run.results[1].moments = (struct moments){1800000000, 1800000000, -1};
    return run;
}

/* What tells the eight policies apart in the made-up day. */
struct trait {
    const char *name;
    double skill; /* part of the reads that hit once the memory is full, at the middle size */
    bool is_volatile;
};

static const struct trait traits[] = {
    {"noeviction", 0.44, true},      {"allkeys-lru", 0.71, false}, {"volatile-lru", 0.62, true},
    {"allkeys-lfu", 0.76, false},    {"volatile-lfu", 0.65, true}, {"allkeys-random", 0.66, false},
    {"volatile-random", 0.58, true}, {"volatile-ttl", 0.55, true},
};

/* The same small noise for the same seed, in -1..1, without any state. */
static double noise(uint64_t seed, uint64_t step)
{
    uint64_t x = (seed * 7919 + step + 1) * 0x9e3779b97f4a7c15;

    x ^= x >> 31;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 29;
    return (double)(x >> 11) / (double)(1ull << 52) - 1;
}

/* The causes of `misses` more. */
static void add_misses(struct sample *s, uint64_t misses, double part, bool evicts, bool is_full)
{
    uint64_t cold = is_full ? (uint64_t)((double)misses * exp(-part * 6)) : misses, rest = misses - cold;
    uint64_t expired = part > 0.33 ? rest / 6 : 0, gone = rest - expired;

    s->misses += misses;
    s->misses_cold += cold;
    s->misses_expired_lazily += expired / 3;
    s->misses_expired_by_cycle += expired - expired / 3;
    s->misses_deleted += gone / 50;
    *(evicts ? &s->misses_evicted : &s->misses_refused) += gone - gone / 50;
}

/* One interval of the day, added to the sample before it. */
static struct sample next_sample(struct sample s, const struct trait *trait, const struct result *r, double part,
                                 uint64_t step)
{
    double load = 4000 * (1 - 0.5 * cos(part * 6.283));
    double size_bonus = 0.06 * log2((double)r->maxmemory / (double)(16 << 20));
    double room = (double)(r->maxmemory - (1 << 20));
    double full = fmin(1, part / (0.12 * (double)r->maxmemory / (double)(8 << 20)));
    bool evicts = !trait->is_volatile || (part > 0.33 && strcmp(trait->name, "noeviction") != 0);
    double skill = (evicts ? trait->skill : traits[0].skill) + size_bonus;
    double hit = skill * (1 - exp(-part * 25)) + 0.02 * noise(r->seed, step);

    s.hits += (uint64_t)(load * fmin(fmax(hit, 0), 1));
    add_misses(&s, (uint64_t)(load * (1 - fmin(fmax(hit, 0), 1))), part, evicts, full >= 1);
    s.used_memory = (1 << 20) + (uint64_t)(room * full * (1 - 0.004 * fabs(noise(1, step))));
    if (full >= 1 && evicts)
        s.evicted_keys += (uint64_t)(load * (1 - hit) * 0.5);
    if (full >= 1 && !evicts)
        s.oom_rejections += (uint64_t)(load * (0.12 + 0.03 * noise(2, step)));
    if (part > 0.33) {
        s.expires = 3000;
        s.expired_keys += (uint64_t)(load * 0.02);
        if (trait->is_volatile && part > 0.7)
            s.used_memory -= (uint64_t)(room * 0.2 * (part - 0.7));
    }
    s.keys = s.used_memory / 300;
    s.memory_startup = 900000;
    s.memory_tables = 131072;
    s.memory_output_buffers = step % 50 == 7 ? 16384 : 0;
    s.memory_hashes = (s.used_memory - s.memory_startup) / 4;
    s.memory_strings = 0;
    s.memory_keys = s.used_memory - s.memory_startup - s.memory_tables - s.memory_output_buffers - s.memory_hashes;
    s.memory_strings = s.memory_keys / 2;
    s.memory_keys -= s.memory_strings;
    return s;
}

static void count_up(struct result *result)
{
    const struct sample *end = &result->curve.samples[result->curve.count - 1];
    struct counters *c = &result->counters;

    c->reads = end->hits + end->misses;
    c->hits = end->hits;
    c->misses = end->misses;
#define COPY(kind, type, name) c->name = end->name;
    MISS_FIELDS(COPY)
#undef COPY
    c->read_bytes = c->reads * 250;
    c->hit_bytes = c->hits * 240;
    c->writes = c->reads / 3;
    c->requests = c->reads + c->writes;
    c->oom_rejections = end->oom_rejections;
    c->evicted_keys = end->evicted_keys;
    c->expired_keys = end->expired_keys;
    c->keys = end->keys;
    c->expires = end->expires;
    c->used_memory = end->used_memory;
    c->used_memory_peak = result->maxmemory;
    c->baseline_memory = 1 << 20;
}

/* Every bucket that there can be. */
static struct bucket *all_buckets(size_t *count, uint64_t of_each)
{
    struct bucket *buckets = xcalloc(*count = 40, sizeof *buckets);

    for (size_t i = 0; i < *count; i++)
        buckets[i] = (struct bucket){.from_us = INT64_C(65536) << i, .count = of_each};
    return buckets;
}

/* The later ones are the larger ones. All together they have nearly what the whole has. */
static struct group_curve curve_of_group(const struct result *result, uint32_t group, uint32_t groups)
{
    struct group_curve curve = {.name = xstrdup(result->groups[group].name), .count = result->curve.count};
    double share = 2.0 * (group + 0.5) / groups / groups;

    curve.points = xcalloc(curve.count, sizeof *curve.points);
    for (size_t i = 0; i < curve.count; i++) {
        const struct sample *sample = &result->curve.samples[i];

        curve.points[i] = (struct group_point){
            .bytes = (uint64_t)(0.8 * share * (double)sample->used_memory),
            .keys = (uint64_t)(share * (double)sample->keys),
            .requests = (uint64_t)(share * (double)(sample->hits + sample->misses)),
            .hits = (uint64_t)(share * (double)sample->hits),
            .misses = (uint64_t)(share * (double)sample->misses),
        };
    }
    return curve;
}

/* Groups that evict one another. */
static void live_in_groups(struct result *result)
{
    enum { GROUPS = 20 };
    char name[32];

    result->groups = xcalloc(GROUPS, sizeof *result->groups);
    result->evicted_for = xcalloc(GROUPS * GROUPS, sizeof *result->evicted_for);
    for (uint32_t i = 0; i < GROUPS; i++) {
        snprintf(name, sizeof name, i == 3 ? "says \"%u\", so" : "group%u", i);
        result->groups[result->group_count++] = (struct group){
            .name = xstrdup(name), .requests = 1000 + i, .reads = 900, .hits = 800 - i, .bytes = i << 20};
        for (uint32_t of = 0; of < GROUPS; of++)
            result->evicted_for[result->evicted_for_count++] = (struct group_eviction){i, of, i + of + 1};
    }
    result->group_curves = xcalloc(GROUPS, sizeof *result->group_curves);
    for (uint32_t i = 0; i < GROUPS; i++)
        result->group_curves[result->group_curve_count++] = curve_of_group(result, i, GROUPS);
}

static void live_a_day(struct result *result, const struct trait *trait, size_t samples)
{
    const int64_t day_us = 86400000000;
    struct sample s = {.used_memory = 1 << 20};

    result->policy = xstrdup(trait->name);
    result->curve.interval_us = day_us / (int64_t)samples;
    result->curve.count = samples;
    result->curve.samples = xcalloc(samples, sizeof s);
    for (size_t i = 0; i < samples; i++) {
        s = next_sample(s, trait, result, (double)(i + 1) / (double)samples, i);
        s.maxmemory = result->maxmemory;
        s.time_us = (int64_t)(i + 1) * result->curve.interval_us;
        result->curve.samples[i] = s;
    }
    count_up(result);
    live_in_groups(result);
    if (!result->counters.evicted_keys)
        return;
    result->quality.asked_again = all_buckets(&result->quality.asked_again_count, result->counters.evicted_keys / 50);
    result->quality.ttl_left = all_buckets(&result->quality.ttl_left_count, 7);
}

struct run support_day_run(size_t sizes, size_t seeds, size_t samples)
{
    static const uint64_t megabytes[] = {8, 16, 32, 48, 64, 128};
    const size_t policies = sizeof traits / sizeof *traits;
    struct run run = describe(sizes * policies * seeds, seeds);

    assert(sizes >= 1 && sizes <= sizeof megabytes / sizeof *megabytes);
    run.duration_us = 86400000000;
    for (size_t i = 0; i < run.result_count; i++) {
        run.results[i].server = xstrdup("redis-7.2");
        run.results[i].maxmemory = megabytes[i / (policies * seeds)] << 20;
        run.results[i].seed = i % seeds + 1;
        run.results[i].moments = (struct moments){i % 2 ? (int64_t)i * 1234567 : -1, -1, (int64_t)i * 60000000};
        live_a_day(&run.results[i], &traits[i / seeds % policies], samples);
    }
    return run;
}

struct mrc support_mrc(size_t curves, size_t points)
{
    struct mrc mrc = {.version = xstrdup("test"),
                      .command = xstrdup("evsim mrc small.csv"),
                      .trace = xstrdup("small.csv"),
                      .format = xstrdup("csv"),
                      .requests = 20000,
                      .reads = 15000,
                      .keys = 1500,
                      .footprint = 1 << 20,
                      .rate = 0.25,
                      .salts = 10,
                      .curve_count = curves};

    mrc.curves = xcalloc(curves ? curves : 1, sizeof *mrc.curves);
    for (size_t c = 0; c < curves; c++) {
        char name[32];

        snprintf(name, sizeof name, c ? "policy%zu" : "lru", c);
        mrc.curves[c] = (struct mrc_curve){.policy = xstrdup(name),
                                           .method = xstrdup(c ? "miniature" : "exact"),
                                           .server = xstrdup("flat"),
                                           .count = points};
        mrc.curves[c].points = xcalloc(points ? points : 1, sizeof *mrc.curves[c].points);
        for (size_t i = 0; i < points; i++) {
            double ratio = 0.9 * exp(-0.1 * (double)i) * (1 - 0.03 * (double)c), half = c ? 0.01 * noise(c, i) : 0;

            mrc.curves[c].points[i] =
                (struct mrc_point){1000 + 500 * i, ratio, ratio - fabs(half), ratio + fabs(half), 0};
        }
    }
    return mrc;
}

static struct sized_point sized(size_t number, size_t points)
{
    bool is_last = number + 1 == points;
    double ratio = 0.95 - 0.5 / (double)(number + 1);
    struct sized_point point = {.maxmemory = is_last ? 0 : (number + 1) << 20,
                                .seeds = number ? 1 : 3,
                                .seeds_met = number,
                                .meets = number > 0,
                                .hit_ratio = ratio,
                                .used_memory = (double)((number + 1) << 20),
                                .keys = 1000,
                                .value_count = 2};

    point.values = xcalloc(2, sizeof *point.values);
    point.values[0] =
        (struct sized_value){ratio, ratio - 0.001, ratio + 0.001, number ? NAN : 0.002, ratio, number, number};
    point.values[1] = (struct sized_value){number ? 0 : 12, 0, 20, number ? NAN : 3, 20, number, number};
    return point;
}

struct sizing support_sizing(size_t points, size_t windows)
{
    static const char *const policies[] = {"allkeys-lru", "allkeys-lfu", "volatile-ttl", "noeviction"};
    struct sizing sizing = {.version = xstrdup("test"),
                            .run = support_small_run(),
                            .precision = 0.01,
                            .seeds = 3,
                            .simulations = 12,
                            .readings = 3};

    for (size_t i = 0; i < sizing.run.result_count; i++)
        result_release(&sizing.run.results[i]);
    sizing.run.result_count = 0;
    sizing.goal_count = 2;
    sizing.goals = xcalloc(2, sizeof *sizing.goals);
    sizing.goals[0] = (struct sized_goal){xstrdup("hit_ratio>=0.6"), xstrdup("hit_ratio"), 0.6};
    sizing.goals[1] = (struct sized_goal){xstrdup("oom_rejections=0"), xstrdup("oom_rejections"), 0};
    sizing.line_count = 4;
    sizing.lines = xcalloc(sizing.line_count, sizeof *sizing.lines);
    for (size_t i = 0; i < sizing.line_count; i++) {
        struct sized_line *line = &sizing.lines[i];

        *line = (struct sized_line){.server = xstrdup("redis-7.0.15"),
                                    .policy = xstrdup(policies[i]),
                                    .found = i < 3 && points > 1,
                                    .maxmemory = points > 1 ? 1 << 20 : 0,
                                    .misses_again = i == 2 && points > 2 ? 2 << 20 : 0,
                                    .gain_per_100mb = NAN,
                                    .loss_per_100mb = 0.5,
                                    .point_count = points,
                                    .window_count = windows};
        line->points = xcalloc(points ? points : 1, sizeof *line->points);
        for (size_t p = 0; p < points; p++)
            line->points[p] = sized(p, points);
        if (line->found) {
            line->headroom = xcalloc(2, sizeof *line->headroom);
            line->headroom_count = 2;
            line->headroom[0] = (struct sized_headroom){xstrdup("fork"), 100000 * (i + 1), false, xstrdup("a save")};
            line->headroom[1] = (struct sized_headroom){xstrdup("table"), 4096, true, xstrdup("the keys double")};
            line->needed_memory = line->maxmemory + 104096 + 100000 * i;
            line->instance = (struct sized_instance){.rule = xstrdup("mine"),
                                                     .source = i ? NULL : xstrdup("a test"),
                                                     .reserve = 0.25,
                                                     .needs = 2 << 20,
                                                     .name = i ? NULL : xstrdup("small"),
                                                     .memory = 4 << 20,
                                                     .cost = i ? NAN : 12.5};
        }
        line->windows = xcalloc(windows ? windows : 1, sizeof *line->windows);
        for (size_t w = 0; w < windows; w++)
            line->windows[w] =
                (struct sized_window){(int64_t)w * 60000000, (int64_t)(w + 1) * 60000000, w > 0, w ? (w + 1) << 20 : 0};
    }
    return sizing;
}

static void give_cost(struct run *run)
{
    run->miss_cost_us = 5000;
    for (size_t i = 0; i < run->result_count; i++) {
        uint64_t misses = run->results[i].counters.misses;

        run->results[i].load = (struct miss_load){.fetches = misses + misses / 9,
                                                  .repeated_fetches = misses / 7,
                                                  .fetches_at_once = 2 + run->results[i].seed,
                                                  .cost_us = (misses + misses / 9) * 5000,
                                                  .clock_us = 1};
    }
}

static struct tried trial_of(const char *name, double number)
{
    return (struct tried){.name = xstrdup(name),
                          .command = xstrdup("CONFIG SET maxmemory-policy allkeys-lru"),
                          .config = xstrdup("maxmemory-policy allkeys-lru"),
                          .policy = xstrdup("allkeys-lru"),
                          .maxmemory = 4 << 20,
                          .seeds = 3,
                          .is_told = true,
                          .ends_it = number > 2,
                          .oom_rejections = {number, NAN, number, number},
                          .hit_ratio = {1 / (number + 1), 0.01, 0, 1},
                          .evicted_keys = {10 * number, number, 0, 20 * number},
                          .misses_evicted = {number, 0, number, number},
                          .used_memory_peak = {4e6, 0, 4e6, 4e6}};
}

struct diagnosis support_diagnosis(size_t causes, size_t remedies)
{
    struct diagnosis diagnosis = {.version = xstrdup("test"),
                                  .run = support_small_run(),
                                  .server = xstrdup("redis-7.0.15"),
                                  .policy = xstrdup("noeviction"),
                                  .maxmemory = 4 << 20,
                                  .state = xstrdup(causes ? "refuses-writes" : "healthy"),
                                  .verdict = xstrdup("Redis does what it does, and this is said in one sentence."),
                                  .first = xstrdup("CONFIG SET maxmemory-policy allkeys-lru"),
                                  .role = xstrdup("cache"),
                                  .role_reason = xstrdup("--role says so"),
                                  .now = trial_of("now", 3),
                                  .unlimited_hit_ratio = 0.5,
                                  .unlimited_peak = 5 << 20,
                                  .growth = {1e6, -1e5, 2e6, 10, 24},
                                  .outlook_count = 2,
                                  .cause_count = causes,
                                  .remedy_count = remedies};

    for (size_t i = 1; i < diagnosis.run.result_count; i++)
        result_release(&diagnosis.run.results[i]);
    diagnosis.run.result_count = 1;
    diagnosis.outlooks = xcalloc(2, sizeof *diagnosis.outlooks);
    diagnosis.outlooks[0] = (struct outlook){1, 4 << 20, true, 0, 0, 0};
    diagnosis.outlooks[1] = (struct outlook){2, 8 << 20, false, 3, 1.5, INFINITY};
    if (causes)
        diagnosis.first_refusal =
            (struct sample){.time_us = 5000000, .used_memory = 4 << 20, .memory_startup = 4 << 20};
    diagnosis.ttl_count = causes ? 2 : 0;
    diagnosis.ttls = xcalloc(2, sizeof *diagnosis.ttls);
    for (size_t i = 0; i < diagnosis.ttl_count; i++) {
        diagnosis.ttls[i] = (struct ttl_advice){.prefix = xstrdup(i ? "(no prefix)" : "session"),
                                                .pattern = xstrdup(i ? "" : "session:*"),
                                                .keys = 12,
                                                .hit_ratio = i ? NAN : 0.5,
                                                .reuse_p50_s = NAN,
                                                .knee_s = i ? 0 : 60,
                                                .point_count = 1,
                                                .points = xcalloc(1, sizeof *diagnosis.ttls[i].points)};
        diagnosis.ttls[i].points[0] = (struct ttl_point){60, i ? NAN : 0.25, 1e6};
    }
    diagnosis.causes = xcalloc(causes + 1, sizeof *diagnosis.causes);
    for (size_t i = 0; i < causes; i++) {
        struct cause *cause = &diagnosis.causes[i];

        *cause = (struct cause){.name = xstrdup("noeviction-full"),
                                .weight = 1.0 / (double)(i + 1),
                                .says = xstrdup("maxmemory-policy is noeviction"),
                                .evidence = xstrdup("Nothing may make room."),
                                .fact_count = 1,
                                .facts = xcalloc(1, sizeof *cause->facts),
                                .first = xstrdup("CONFIG SET maxmemory-policy allkeys-lru")};
        cause->facts[0] = (struct fact){xstrdup("keys"), (double)i, xstrdup("count"), xstrdup("7")};
    }
    diagnosis.remedies = xcalloc(remedies + 1, sizeof *diagnosis.remedies);
    for (size_t i = 0; i < remedies; i++)
        diagnosis.remedies[i] = trial_of("maxmemory-policy allkeys-lru", (double)i);
    return diagnosis;
}

static void lose_curves(struct result *result)
{
    result->curve.count = 0;
    for (size_t i = 0; i < result->group_curve_count; i++)
        result->group_curves[i].count = 0;
}

static struct run run_of(enum support_size size)
{
    struct run run = size == SUPPORT_SMALL || size == SUPPORT_EMPTY ? support_small_run()
                     : size == SUPPORT_LARGE                        ? support_day_run(3, 2, 400)
                                                                    : support_day_run(2, 2, 40);

    if (size == SUPPORT_MEDIUM)
        give_cost(&run);
    for (size_t i = 0; i < run.result_count; i++)
        if (size == SUPPORT_EMPTY)
            result_release(&run.results[i]);
        else if (size == SUPPORT_HOLLOW)
            lose_curves(&run.results[i]);
    if (size == SUPPORT_EMPTY)
        run.result_count = 0;
    return run;
}

struct comparison support_comparison(size_t variants)
{
    struct comparison comparison = {.version = xstrdup("test"), .is_what_if = true, .name = xstrdup("as it is")};
    struct run run = support_small_run(), other = support_small_run();
    struct pairs pairs;
    struct error error = {0};

    for (size_t i = 0; i < other.result_count; i++) {
        other.results[i].counters.hits += 1000 + i % 3;
        other.results[i].counters.evicted_keys += i % 2;
    }
    if (pairs_make(&run, &other, "a", "b", &pairs, &error))
        abort();
    comparison.variants = xcalloc(variants + 1, sizeof *comparison.variants);
    for (size_t i = 0; i < variants; i++) {
        char name[80];

        snprintf(name, sizeof name, "maxmemory x%zu; EXPIRE session:* 3600 and so on until it is long", i + 2);
        comparison.variants[comparison.variant_count++] = variant_of(&pairs, name, "CONFIG SET maxmemory");
    }
    pairs_release(&pairs);
    comparison_take_run(&comparison, &run);
    run_release(&other);
    return comparison;
}

struct outcome support_outcome(enum outcome_kind kind, enum support_size size)
{
    static const size_t points[] = {[SUPPORT_SMALL] = 3, [SUPPORT_MEDIUM] = 24, [SUPPORT_LARGE] = 400};
    struct outcome outcome = {.kind = kind};

    if (kind == OUTCOME_RUN) {
        struct run *run = xmalloc(sizeof *run);

        *run = run_of(size);
        outcome.run = run;
    } else if (kind == OUTCOME_SIZING) {
        struct sizing *sizing = xmalloc(sizeof *sizing);

        *sizing = support_sizing(size <= SUPPORT_LARGE ? points[size] : 0, size == SUPPORT_MEDIUM ? 5 : 0);
        if (size == SUPPORT_EMPTY)
            while (sizing->line_count)
                fields_release(&sized_line_layout, &sizing->lines[--sizing->line_count]);
        outcome.sizing = sizing;
    } else if (kind == OUTCOME_DIAGNOSIS) {
        struct diagnosis *diagnosis = xmalloc(sizeof *diagnosis);

        *diagnosis = support_diagnosis(size == SUPPORT_EMPTY ? 0 : 2, size <= SUPPORT_LARGE ? points[size] : 0);
        outcome.diagnosis = diagnosis;
    } else if (kind == OUTCOME_COMPARISON) {
        struct comparison *comparison = xmalloc(sizeof *comparison);

        *comparison = support_comparison(size <= SUPPORT_LARGE ? points[size] / 3 : 0);
        outcome.comparison = comparison;
    } else if (kind == OUTCOME_PORTRAIT) {
        static const size_t requests[] = {[SUPPORT_SMALL] = 40, [SUPPORT_MEDIUM] = 5000, [SUPPORT_LARGE] = 20000};
        struct portrait *portrait = xmalloc(sizeof *portrait);

        *portrait = support_portrait(size <= SUPPORT_LARGE ? requests[size] : size == SUPPORT_HOLLOW);
        outcome.portrait = portrait;
    } else {
        struct mrc *mrc = xmalloc(sizeof *mrc);

        *mrc = support_mrc(size == SUPPORT_EMPTY ? 0 : 3, size <= SUPPORT_LARGE ? points[size] : 0);
        outcome.mrc = mrc;
    }
    return outcome;
}

void support_outcome_free(struct outcome outcome)
{
    if (outcome.kind == OUTCOME_RUN) {
        run_release((struct run *)outcome.run);
        free((struct run *)outcome.run);
    } else if (outcome.kind == OUTCOME_SIZING) {
        sizing_release((struct sizing *)outcome.sizing);
        free((struct sizing *)outcome.sizing);
    } else if (outcome.kind == OUTCOME_DIAGNOSIS) {
        diagnosis_release((struct diagnosis *)outcome.diagnosis);
        free((struct diagnosis *)outcome.diagnosis);
    } else if (outcome.kind == OUTCOME_COMPARISON) {
        comparison_release((struct comparison *)outcome.comparison);
        free((struct comparison *)outcome.comparison);
    } else if (outcome.kind == OUTCOME_PORTRAIT) {
        portrait_release((struct portrait *)outcome.portrait);
        free((struct portrait *)outcome.portrait);
    } else {
        mrc_release((struct mrc *)outcome.mrc);
        free((struct mrc *)outcome.mrc);
    }
}

char *support_directory(void)
{
    const char *parent = getenv("TMPDIR");
    char *path = xmalloc(4096);

    snprintf(path, 4096, "%s/evsim-reports-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(path))
        abort();
    return path;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void support_remove(const char *directory)
{
    nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

char *support_read_file(const char *directory, const char *name, size_t *bytes)
{
    char path[4096];
    char *text = NULL;
    FILE *file;
    size_t length;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "r");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    length = (size_t)ftell(file);
    rewind(file);
    text = xcalloc(1, length + 1);
    if (fread(text, 1, length, file) != length)
        abort();
    fclose(file);
    if (bytes)
        *bytes = length;
    return text;
}

bool support_has_gnuplot(void)
{
    return system("gnuplot --version >/dev/null 2>&1") == 0;
}
