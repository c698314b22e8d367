/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/trials.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/redis_policy.h"
#include "sim/statistics.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Remedies, and the cells that try them. */
struct bench {
    const struct doctor_request *request;
    const struct run *first;
    uint64_t seeds;
    struct tried *trials; /* the first is the configuration as it is */
    size_t count, room;
    struct simulation_options **options; /* by trial; NULL: those of all; owned */
    struct cell_config *cells;
};

static void add(struct bench *bench, struct tried trial, const struct named_policy *policy,
                const struct simulation_options *options)
{
    const struct doctor_request *request = bench->request;

    if (bench->count == bench->room) {
        bench->room = bench->room ? 2 * bench->room : 32;
        bench->trials = xrealloc(bench->trials, bench->room * sizeof *bench->trials);
        bench->options = xrealloc(bench->options, bench->room * sizeof *bench->options);
        bench->cells = xrealloc(bench->cells, bench->room * bench->seeds * sizeof *bench->cells);
    }
    trial.policy = xstrdup(policy->label ? policy->label : policy->policy->name);
    trial.adds_memory = trial.maxmemory > request->maxmemory;
    trial.seeds = bench->seeds;
    bench->trials[bench->count] = trial;
    bench->options[bench->count] = options ? xmalloc(sizeof *options) : NULL;
    if (options)
        *bench->options[bench->count] = *options;
    for (uint64_t s = 0; s < bench->seeds; s++)
        bench->cells[bench->count * bench->seeds + s] = (struct cell_config){
            .server = request->server,
            .policy = policy->policy,
            .parameters = policy->parameters,
            .policy_label = policy->label,
            .policy_path = policy->path,
            .maxmemory = trial.maxmemory,
            .seed = request->first_seed + s,
            .options = bench->options[bench->count],
        };
    bench->count++;
}

/* ---- what is tried ---- */

static void add_now(struct bench *bench)
{
    const struct doctor_request *request = bench->request;

    add(bench,
        (struct tried){
            .name = xstrdup("now"), .command = xstrdup(""), .config = xstrdup(""), .maxmemory = request->maxmemory},
        &request->policy, NULL);
}

static void add_policies(struct bench *bench)
{
    const struct doctor_request *request = bench->request;

    for (size_t i = 0; i < request->policy_count; i++) {
        const struct named_policy policy = {.policy = request->policies[i]};

        if (request->policies[i] == request->policy.policy)
            continue;
        add(bench,
            (struct tried){.name = text_of("maxmemory-policy %s", policy.policy->name),
                           .command = text_of("CONFIG SET maxmemory-policy %s", policy.policy->name),
                           .config = text_of("maxmemory-policy %s", policy.policy->name),
                           .maxmemory = request->maxmemory},
            &policy, NULL);
    }
}

static void add_memory(struct bench *bench)
{
    static const struct {
        unsigned halves;
        const char *name;
    } factors[] = {{3, "maxmemory x1.5"}, {4, "maxmemory x2"}, {8, "maxmemory x4"}};
    const struct doctor_request *request = bench->request;

    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        uint64_t maxmemory = request->maxmemory * factors[i].halves / 2;
        char text[UNITS_TEXT];

        print_maxmemory(text, maxmemory);
        add(bench,
            (struct tried){.name = xstrdup(factors[i].name),
                           .command = text_of("CONFIG SET maxmemory %s", text),
                           .config = text_of("maxmemory %s", text),
                           .maxmemory = maxmemory},
            &request->policy, NULL);
    }
}

static void add_setting(struct bench *bench, const char *name, const char *value,
                        const struct simulation_options *options)
{
    add(bench,
        (struct tried){.name = text_of("%s %s", name, value),
                       .command = text_of("CONFIG SET %s %s", name, value),
                       .config = text_of("%s %s", name, value),
                       .maxmemory = bench->request->maxmemory},
        &bench->request->policy, options);
}

static bool draws_samples(const struct policy *policy)
{
    return policy->redis && policy->redis->state == SERVER_STATE_POOL;
}

static void add_settings(struct bench *bench)
{
    const struct doctor_request *request = bench->request;
    const struct counters *counters = &bench->first->results[0].counters;
    struct simulation_options options = request->plan.options;

    if (draws_samples(request->policy.policy) && counters->evicted_keys &&
        options.redis.policy.maxmemory_samples < 10) {
        options.redis.policy.maxmemory_samples = 10;
        add_setting(bench, "maxmemory-samples", "10", &options);
        options = request->plan.options;
    }
    if ((counters->expired_keys || counters->expires) && options.redis.active_expire_effort < 10) {
        options.redis.active_expire_effort = 10;
        add_setting(bench, "active-expire-effort", "10", &options);
    }
}

/* Times to live that are shorter than the trace; longer ones would change nothing in it. */
static void add_ttls(struct bench *bench)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } ttls[] = {{60, "1m"}, {600, "10m"}, {3600, "1h"}, {86400, "1d"}, {604800, "1w"}};
    const struct doctor_request *request = bench->request;
    struct simulation_options options = request->plan.options;

    for (size_t i = 0; i < sizeof ttls / sizeof *ttls; i++) {
        int64_t ttl_us = ttls[i].seconds * 1000000;

        if (ttl_us * 4 > bench->first->duration_us * 3 || ttl_us * 100 < bench->first->duration_us)
            continue;
        options.added_ttl_ms = ttls[i].seconds * 1000;
        add(bench,
            (struct tried){.name = text_of("ttl %s", ttls[i].name),
                           .command = text_of("EXPIRE <key> %jd NX, sent behind each write", (intmax_t)ttls[i].seconds),
                           .config = xstrdup(""),
                           .maxmemory = request->maxmemory,
                           .changes_application = true},
            &request->policy, &options);
    }
}

/* ---- what came out ---- */

static struct seen seen_of(const double *values, uint64_t count)
{
    struct estimate estimate = estimate_mean(values, count);
    struct seen seen = {estimate.mean, estimate.half_width, INFINITY, -INFINITY};

    for (uint64_t s = 0; s < count; s++) {
        seen.least = fmin(seen.least, values[s]);
        seen.most = fmax(seen.most, values[s]);
    }
    if (isnan(seen.mean))
        seen.least = seen.most = NAN;
    return seen;
}

static double hit_ratio(const struct result *result)
{
    return result_hit_ratio(result);
}

static double oom_rejections(const struct result *result)
{
    return (double)result->counters.oom_rejections;
}

static double evicted_keys(const struct result *result)
{
    return (double)result->counters.evicted_keys;
}

static double misses_evicted(const struct result *result)
{
    return (double)result->counters.misses_evicted;
}

static double expired_keys(const struct result *result)
{
    return (double)result->counters.expired_keys;
}

static double used_memory_peak(const struct result *result)
{
    return (double)result->counters.used_memory_peak;
}

static struct seen see(double (*of)(const struct result *result), const struct result *results, uint64_t seeds)
{
    double *values = xcalloc(seeds, sizeof *values);
    struct seen seen;

    for (uint64_t s = 0; s < seeds; s++)
        values[s] = of(&results[s]);
    seen = seen_of(values, seeds);
    free(values);
    return seen;
}

void trial_take(struct tried *trial, const struct result *results, uint64_t seeds)
{
    trial->seeds = seeds;
    trial->oom_rejections = see(oom_rejections, results, seeds);
    trial->hit_ratio = see(hit_ratio, results, seeds);
    trial->evicted_keys = see(evicted_keys, results, seeds);
    trial->misses_evicted = see(misses_evicted, results, seeds);
    trial->expired_keys = see(expired_keys, results, seeds);
    trial->used_memory_peak = see(used_memory_peak, results, seeds);
    trial->ends_it = trial->oom_rejections.most == 0;
}

static bool are_alike(const struct result *one, const struct result *other, uint64_t seeds)
{
    for (uint64_t s = 0; s < seeds; s++)
        if (memcmp(&one[s].counters, &other[s].counters, sizeof one->counters))
            return false;
    return true;
}

static void take(struct bench *bench, const struct run *run, struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < bench->count; i++) {
        const struct result *results = run->results + i * bench->seeds;

        trial_take(&bench->trials[i], results, bench->seeds);
        bench->trials[i].has_no_effect = i && are_alike(run->results, results, bench->seeds);
    }
    diagnosis->now = bench->trials[0];
    diagnosis->remedy_count = bench->count - 1;
    diagnosis->remedies = xcalloc(bench->count, sizeof *diagnosis->remedies);
    memcpy(diagnosis->remedies, bench->trials + 1, diagnosis->remedy_count * sizeof *diagnosis->remedies);
    bench->count = 0;
}

static void release(struct bench *bench, size_t count)
{
    for (size_t i = 0; i < bench->count; i++)
        fields_release(&tried_layout, &bench->trials[i]);
    for (size_t i = 0; i < count; i++)
        free(bench->options[i]);
    free(bench->trials);
    free(bench->options);
    free(bench->cells);
}

/* Without a further reading. */
static void take_first(struct bench *bench, struct diagnosis *diagnosis)
{
    trial_take(&bench->trials[0], bench->first->results, 1);
    diagnosis->now = bench->trials[0];
    bench->count = 0;
}

int trials_make(const struct doctor_request *request, const struct run *first, uint64_t seeds,
                struct diagnosis *diagnosis, struct error *error)
{
    struct bench bench = {.request = request, .first = first, .seeds = seeds ? seeds : 1};
    struct replay_plan plan = request->plan;
    struct run run = {.version = xstrdup("")};
    size_t count;
    int status = 0;

    add_now(&bench);
    if (seeds) {
        add_policies(&bench);
        add_memory(&bench);
        add_settings(&bench);
        add_ttls(&bench);
    }
    count = bench.count;
    plan.cells = bench.cells;
    plan.cell_count = count * bench.seeds;
    if (!seeds) {
        take_first(&bench, diagnosis);
    } else {
        if (request->tell)
            request->tell(request->tell_owner, 2, plan.cell_count);
        status = replay_run(&plan, &run, error);
        if (!status)
            take(&bench, &run, diagnosis);
    }
    release(&bench, count);
    run_release(&run);
    return status;
}

/* ---- ranks ---- */

struct ranked {
    struct tried trial;
    bool loses_keys;
    int effort;
    size_t place;
};

/* 0: a setting; 1: what the application changes, if that costs few hits; 2: memory; 3: what costs hits. */
static int effort_of(const struct diagnosis *diagnosis, const struct tried *trial)
{
    static const double FEW_HITS = 0.005;

    if (trial->changes_application)
        return trial->hit_ratio.mean < diagnosis->now.hit_ratio.mean - FEW_HITS ? 3 : 1;
    return trial->adds_memory ? 2 : 0;
}

static int by_flag(bool one, bool other)
{
    return (one > other) - (one < other);
}

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int order = by_flag(y->trial.ends_it, x->trial.ends_it);

    if (!order)
        order = by_flag(x->trial.has_no_effect, y->trial.has_no_effect);
    if (!order)
        order = by_flag(x->loses_keys, y->loses_keys);
    if (!order && !x->trial.ends_it && x->trial.oom_rejections.mean != y->trial.oom_rejections.mean)
        return x->trial.oom_rejections.mean < y->trial.oom_rejections.mean ? -1 : 1;
    if (!order)
        order = x->effort - y->effort;
    if (!order && x->trial.maxmemory != y->trial.maxmemory)
        return x->trial.maxmemory < y->trial.maxmemory ? -1 : 1;
    if (!order && fabs(x->trial.hit_ratio.mean - y->trial.hit_ratio.mean) > 1e-9)
        return x->trial.hit_ratio.mean > y->trial.hit_ratio.mean ? -1 : 1;
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

void trials_rank(struct diagnosis *diagnosis)
{
    bool is_store = !strcmp(diagnosis->role, "store");
    struct ranked *ranked = xcalloc(diagnosis->remedy_count + 1, sizeof *ranked);

    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        ranked[i] = (struct ranked){
            .trial = diagnosis->remedies[i],
            .loses_keys = is_store && (diagnosis->remedies[i].evicted_keys.mean > diagnosis->now.evicted_keys.mean ||
                                       (diagnosis->remedies[i].changes_application &&
                                        diagnosis->remedies[i].expired_keys.mean > diagnosis->now.expired_keys.mean)),
            .effort = effort_of(diagnosis, &diagnosis->remedies[i]),
            .place = i,
        };
    qsort(ranked, diagnosis->remedy_count, sizeof *ranked, by_value);
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        diagnosis->remedies[i] = ranked[i].trial;
    free(ranked);
}
