/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/trials.h"

#include "sim/advice/change.h"
#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/redis_policy.h"
#include "sim/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a trial changes, and what its cells take of that. */
struct attempt {
    struct changes change;
    struct simulation_options options;
    struct ttl_rule rules[CHANGE_PARTS];
};

/* Remedies, and the cells that try them. */
struct bench {
    const struct doctor_request *request;
    const struct run *first;
    uint64_t seeds;
    struct tried *trials;      /* the first is the configuration as it is */
    struct attempt **attempts; /* by trial; owned */
    size_t count, room;
    struct change_patterns patterns;
    struct cell_config *cells;
};

/* Adds a trial of this change, under this name (NULL: the change's own), which become the bench's. */
static void add(struct bench *bench, char *name, struct changes change)
{
    const struct doctor_request *request = bench->request;
    struct attempt *attempt = xcalloc(1, sizeof *attempt);
    struct cell_config cell = {
        .server = request->server,
        .policy = request->policy.policy,
        .parameters = request->policy.parameters,
        .policy_label = request->policy.label,
        .policy_path = request->policy.path,
        .maxmemory = request->maxmemory,
    };

    if (bench->count == bench->room) {
        bench->room = bench->room ? 2 * bench->room : 32;
        bench->trials = xrealloc(bench->trials, bench->room * sizeof *bench->trials);
        bench->attempts = xrealloc(bench->attempts, bench->room * sizeof(struct attempt *));
        bench->cells = xrealloc(bench->cells, bench->room * bench->seeds * sizeof *bench->cells);
    }
    attempt->change = change;
    attempt->options = request->plan.options;
    change_apply(&attempt->change, &cell, &attempt->options, attempt->rules);
    bench->attempts[bench->count] = attempt;
    bench->trials[bench->count] = (struct tried){
        .name = name ? name : change_print(&change),
        .command = change_command(&change),
        .config = change_config(&change),
        .policy = xstrdup(cell.policy_label ? cell.policy_label : cell.policy->name),
        .maxmemory = cell.maxmemory,
        .seeds = bench->seeds,
        .adds_memory = cell.maxmemory > request->maxmemory,
        .changes_application = change_is_of_application(&change),
    };
    for (uint64_t s = 0; s < bench->seeds; s++) {
        bench->cells[bench->count * bench->seeds + s] = cell;
        bench->cells[bench->count * bench->seeds + s].seed = request->first_seed + s;
    }
    bench->count++;
}

/* ---- what is tried ---- */

static void add_now(struct bench *bench)
{
    add(bench, xstrdup("now"), (struct changes){0});
}

static void add_policies(struct bench *bench)
{
    const struct doctor_request *request = bench->request;

    for (size_t i = 0; i < request->policy_count; i++) {
        const struct named_policy policy = {.policy = request->policies[i]};
        struct changes change = {0};
        struct error none = {0};

        if (request->policies[i] == request->policy.policy)
            continue;
        change_policy(&change, &policy, &none);
        add(bench, NULL, change);
    }
}

static void add_memory(struct bench *bench)
{
    static const struct {
        unsigned halves;
        const char *name;
    } factors[] = {{3, "maxmemory x1.5"}, {4, "maxmemory x2"}, {8, "maxmemory x4"}};

    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        struct changes change = {0};
        struct error none = {0};

        change_maxmemory(&change, bench->request->maxmemory * factors[i].halves / 2, 0, &none);
        add(bench, xstrdup(factors[i].name), change);
    }
}

static void add_setting(struct bench *bench, const char *name, const char *value)
{
    struct changes change = {0};
    struct error none = {0};

    change_option(&change, name, value, &none);
    add(bench, NULL, change);
}

static bool draws_samples(const struct policy *policy)
{
    return policy->redis && policy->redis->state == SERVER_STATE_POOL;
}

static void add_settings(struct bench *bench)
{
    const struct doctor_request *request = bench->request;
    const struct counters *counters = &bench->first->results[0].counters;
    const struct redis_config *config = &request->plan.options.redis;

    if (draws_samples(request->policy.policy) && counters->evicted_keys && config->policy.maxmemory_samples < 10)
        add_setting(bench, "maxmemory-samples", "10");
    if ((counters->expired_keys || counters->expires) && config->active_expire_effort < 10)
        add_setting(bench, "active-expire-effort", "10");
    if (request->plan.options.speed.deletions && counters->evicted_keys && config->maxmemory_eviction_tenacity < 100)
        add_setting(bench, "maxmemory-eviction-tenacity", "100");
}

/* Times to live that are shorter than the trace; longer ones would change nothing in it. */
static void add_ttls(struct bench *bench)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } ttls[] = {{60, "1m"}, {600, "10m"}, {3600, "1h"}, {86400, "1d"}, {604800, "1w"}};

    for (size_t i = 0; i < sizeof ttls / sizeof *ttls; i++) {
        int64_t ttl_us = ttls[i].seconds * 1000000;
        struct changes change = {0};
        struct error none = {0};

        if (ttl_us * 4 > bench->first->duration_us * 3 || ttl_us * 100 < bench->first->duration_us)
            continue;
        change_ttl(&change, "*", ttls[i].seconds * 1000, &bench->patterns, &none);
        add(bench, text_of("ttl %s", ttls[i].name), change);
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
    for (size_t i = 0; i < count; i++) {
        change_release(&bench->attempts[i]->change);
        free(bench->attempts[i]);
    }
    free(bench->trials);
    free(bench->attempts);
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
    plan.ttl_patterns = bench.patterns.list;
    plan.ttl_pattern_count = bench.patterns.count;
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
