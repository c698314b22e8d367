/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/trials.h"

#include "sim/advice/phrase.h"
#include "sim/advice/rank.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a trial changes, and what its cells take of that. */
struct attempt {
    struct changes change;
    struct simulation_options options;
    struct change_rules rules;
};

/* Trials of one reading, and their cells. */
struct bench {
    const struct doctor_request *request;
    uint64_t seeds;
    struct tried *trials;
    struct attempt **attempts;      /* by trial; owned */
    struct simulation_options *own; /* by cell: the attempt's, with losses of its own; owned */
    struct losses *losses;          /* by cell; owned */
    size_t count, room;
    struct change_patterns patterns;
    const struct split_rule *split; /* of all trials; NULL: no key is split */
    struct cell_config *cells;
};

/* Adds a trial of this change, which is copied, under this name (NULL: the change's own). */
static void add(struct bench *bench, const char *name, const struct changes *change)
{
    const struct doctor_request *request = bench->request;
    struct attempt *attempt = xcalloc(1, sizeof *attempt);
    struct error none = {0};
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
    change_join(&attempt->change, change, &bench->patterns, &none);
    attempt->options = request->plan.options;
    change_apply(&attempt->change, &cell, &attempt->options, &attempt->rules);
    bench->attempts[bench->count] = attempt;
    bench->trials[bench->count] = (struct tried){
        .name = name ? xstrdup(name) : change_title(&attempt->change),
        .command = change_command(&attempt->change),
        .config = change_config(&attempt->change),
        .policy = xstrdup(cell.policy_label ? cell.policy_label : cell.policy->name),
        .maxmemory = cell.maxmemory,
        .seeds = bench->seeds,
        .parts = change->count,
        .adds_memory = cell.maxmemory > request->maxmemory,
        .changes_application = change_is_of_application(&attempt->change),
        .bounds_keys = change_is_a_bound(&attempt->change),
    };
    for (uint64_t s = 0; s < bench->seeds; s++) {
        bench->cells[bench->count * bench->seeds + s] = cell;
        bench->cells[bench->count * bench->seeds + s].seed = request->first_seed + s;
    }
    bench->count++;
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

static double misses_expired(const struct result *result)
{
    return (double)(result->counters.misses_expired_lazily + result->counters.misses_expired_by_cycle);
}

static double used_memory_peak(const struct result *result)
{
    return (double)result->counters.used_memory_peak;
}

static struct seen see_losses(const struct losses *losses, uint64_t seeds, size_t offset)
{
    double *values = xcalloc(seeds, sizeof *values);
    struct seen seen;

    for (uint64_t s = 0; s < seeds; s++)
        values[s] = (double)*(const uint64_t *)(const void *)((const char *)&losses[s] + offset);
    seen = seen_of(values, seeds);
    free(values);
    return seen;
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
    trial->misses_expired = see(misses_expired, results, seeds);
    trial->expired_keys = see(expired_keys, results, seeds);
    trial->used_memory_peak = see(used_memory_peak, results, seeds);
    trial->ends_it = trial->oom_rejections.most == 0;
}

static void trial_take_losses(struct tried *trial, const struct losses *losses, uint64_t seeds)
{
    trial->evicted_for_good = see_losses(losses, seeds, offsetof(struct losses, evicted));
    trial->expired_for_good = see_losses(losses, seeds, offsetof(struct losses, expired));
    trial->trimmed_elements = see_losses(losses, seeds, offsetof(struct losses, trimmed));
}

static bool are_alike(const struct result *one, const struct result *other, uint64_t seeds)
{
    for (uint64_t s = 0; s < seeds; s++)
        if (memcmp(&one[s].counters, &other[s].counters, sizeof one->counters))
            return false;
    return true;
}

/* ---- readings ---- */

/* What each cell loses is counted apart. */
static void give_losses(struct bench *bench)
{
    size_t count = bench->count * bench->seeds;

    bench->losses = xcalloc(count, sizeof *bench->losses);
    bench->own = xcalloc(count, sizeof *bench->own);
    for (size_t i = 0; i < count; i++) {
        bench->own[i] = bench->attempts[i / bench->seeds]->options;
        bench->own[i].losses = &bench->losses[i];
        bench->cells[i].options = &bench->own[i];
    }
}

/* One reading of the trace for all trials. */
static int read_bench(struct bench *bench, uint64_t reading, struct run *run, struct error *error)
{
    struct replay_plan plan = bench->request->plan;

    give_losses(bench);
    plan.cells = bench->cells;
    plan.cell_count = bench->count * bench->seeds;
    plan.ttl_patterns = bench->patterns.list;
    plan.ttl_pattern_count = bench->patterns.count;
    plan.split = bench->split;
    if (bench->request->tell)
        bench->request->tell(bench->request->tell_owner, reading, plan.cell_count);
    if (replay_run(&plan, run, error))
        return -1;
    for (size_t i = 0; i < bench->count; i++) {
        trial_take(&bench->trials[i], run->results + i * bench->seeds, bench->seeds);
        trial_take_losses(&bench->trials[i], bench->losses + i * bench->seeds, bench->seeds);
    }
    return 0;
}

/* The trials are the diagnosis's from now on. */
static void hand_over(struct bench *bench, size_t first, struct diagnosis *diagnosis)
{
    size_t count = diagnosis->remedy_count, more = bench->count - first;

    if (!more)
        return;
    diagnosis->remedies = xrealloc(diagnosis->remedies, (count + more + 1) * sizeof *diagnosis->remedies);
    memcpy(diagnosis->remedies + count, bench->trials + first, more * sizeof *diagnosis->remedies);
    diagnosis->remedy_count += more;
    memset(bench->trials + first, 0, more * sizeof *bench->trials);
}

static void release(struct bench *bench)
{
    for (size_t i = 0; i < bench->count; i++) {
        fields_release(&tried_layout, &bench->trials[i]);
        change_release(&bench->attempts[i]->change);
        free(bench->attempts[i]);
    }
    free(bench->trials);
    free(bench->attempts);
    free(bench->own);
    free(bench->losses);
    free(bench->cells);
}

/* ---- what goes together ---- */

/* The best remedy without more memory, and the best of those that change something else: they are tried together. Of remedies of
 * equal rank, those count that have an effect. */
static bool find_pair(const struct bench *bench, const struct diagnosis *diagnosis, size_t pair[2])
{
    struct ranked *ranked = xcalloc(bench->count, sizeof *ranked);
    size_t found = 0;

    rank_trials(diagnosis, bench->trials + 1, bench->count - 1, ranked);
    for (size_t i = 0; i + 1 < bench->count && found < 2; i++) {
        size_t trial = ranked[i].place + 1;

        if (bench->trials[trial].has_no_effect || bench->trials[trial].adds_memory)
            continue;
        if (found && !remedies_differ(&bench->attempts[pair[0]]->change, &bench->attempts[trial]->change))
            continue;
        pair[found++] = trial;
    }
    free(ranked);
    return found == 2;
}

/* One after the other. Nothing that is asked for twice is too much for one change. */
static struct changes join(const struct changes *one, const struct changes *other)
{
    struct change_patterns patterns = {0}; /* whose texts go with the change; add() has its own */
    struct changes change = {0};
    struct error none = {0};

    change_join(&change, one, &patterns, &none);
    change_join(&change, other, &patterns, &none);
    return change;
}

static bool is_tried(const struct bench *bench, const struct changes *change)
{
    char *title = change_title(change);
    bool is_found = false;

    for (size_t i = 0; i < bench->count; i++)
        is_found |= !strcmp(bench->trials[i].name, title);
    free(title);
    return is_found;
}

/* Adds a trial of two changes, unless they are tried together already, in either order. */
static void add_joined(struct bench *joined, const struct changes *one, const struct changes *other)
{
    struct changes change = join(one, other), turned = join(other, one);

    if (!is_tried(joined, &change) && !is_tried(joined, &turned))
        add(joined, NULL, &change);
    change_release(&change);
    change_release(&turned);
}

/* The best policy of those that draw samples, if it is another than now, with more samples. */
static void add_sampled(const struct bench *bench, const struct diagnosis *diagnosis, struct bench *joined)
{
    const struct doctor_request *request = bench->request;
    struct ranked *ranked = xcalloc(bench->count, sizeof *ranked);
    struct changes samples = {0};
    struct error none = {0};

    rank_trials(diagnosis, bench->trials + 1, bench->count - 1, ranked);
    change_option(&samples, "maxmemory-samples", "10", &none);
    for (size_t i = 0; i + 1 < bench->count; i++) {
        const struct changes *change = &bench->attempts[ranked[i].place + 1]->change;

        if (change->count != 1 || change->parts[0].kind != CHANGE_POLICY)
            continue;
        if (policy_draws_samples(change->parts[0].policy.policy) && ranked[i].trial->evicted_keys.mean > 0 &&
            request->plan.options.redis.policy.maxmemory_samples < 10)
            add_joined(joined, change, &samples);
        break;
    }
    change_release(&samples);
    free(ranked);
}

static bool are_as_good(const struct tried *one, const struct tried *other)
{
    return one->oom_rejections.mean == other->oom_rejections.mean &&
           one->evicted_keys.mean == other->evicted_keys.mean &&
           one->used_memory_peak.mean == other->used_memory_peak.mean &&
           (one->hit_ratio.mean == other->hit_ratio.mean || isnan(one->hit_ratio.mean));
}

/* Two that do no more than one of them does alone are not worth telling. */
static void drop_useless(const struct bench *bench, struct bench *joined)
{
    for (size_t i = 0; i < joined->count; i++)
        for (size_t k = 1; k < bench->count; k++)
            joined->trials[i].has_no_effect |= are_as_good(&bench->trials[k], &joined->trials[i]);
}

/* What makes sense together of what is in `bench`, which has been read. */
static int try_joined(const struct bench *bench, const struct diagnosis *diagnosis, struct bench *joined,
                      struct error *error)
{
    struct run run = {0};
    size_t pair[2];
    int status = 0;

    if (find_pair(bench, diagnosis, pair))
        add_joined(joined, &bench->attempts[pair[0]]->change, &bench->attempts[pair[1]]->change);
    add_sampled(bench, diagnosis, joined);
    if (joined->count)
        status = read_bench(joined, 3, &run, error);
    if (!status)
        drop_useless(bench, joined);
    run_release(&run);
    return status;
}

/* ---- keys that are several ---- */

/* "basket:7", "basket:7 and 3 more"; to be freed. */
static char *print_keys(const struct split_rule *rule)
{
    char *name = xstrdup(rule->keys[0].name), *text;

    printable(name);
    text = rule->count > 1 ? text_of("%s and %zu more", name, rule->count - 1) : xstrdup(name);
    free(name);
    return text;
}

/* The trace with these keys split is another: it is read by itself. */
static int try_split(const struct split_rule *rule, struct bench *split, struct error *error)
{
    struct run run = {0};
    char *keys = print_keys(rule);
    unsigned most = 0;
    int status;

    for (size_t i = 0; i < rule->count; i++)
        most = rule->keys[i].parts > most ? rule->keys[i].parts : most;
    split->split = rule;
    add(split, "split", &(struct changes){0});
    free(split->trials[0].name);
    free(split->trials[0].command);
    split->trials[0].name = text_of("split %s", keys);
    split->trials[0].command = text_of(
        "keep %s as several keys, <key>:0 to <key>:%u, by the hash of the field or member; what takes the whole "
        "key asks for all of them",
        keys, most - 1);
    split->trials[0].changes_application = split->trials[0].bounds_keys = true;
    split->trials[0].parts = 1;
    status = read_bench(split, 3, &run, error);
    run_release(&run);
    free(keys);
    return status;
}

/* ---- all of it ---- */

static int try_all(const struct remedies *remedies, struct bench *bench, struct diagnosis *diagnosis,
                   struct error *error)
{
    struct bench joined = {.request = bench->request, .seeds = bench->seeds},
                 split = {.request = bench->request, .seeds = bench->seeds};
    struct run run = {0};
    int status;

    for (size_t i = 0; i < remedies->count; i++)
        add(bench, remedies->list[i].name, &remedies->list[i].change);
    status = read_bench(bench, 2, &run, error);
    for (size_t i = 1; i < bench->count && !status; i++)
        bench->trials[i].has_no_effect = are_alike(run.results, run.results + i * bench->seeds, bench->seeds);
    if (!status) {
        diagnosis->now = bench->trials[0];
        status = try_joined(bench, diagnosis, &joined, error);
    }
    if (!status && remedies->split.count)
        status = try_split(&remedies->split, &split, error);
    if (!status) {
        hand_over(bench, 1, diagnosis);
        hand_over(&joined, 0, diagnosis);
        hand_over(&split, 0, diagnosis);
        bench->trials[0] = (struct tried){0};
    } else {
        diagnosis->now = (struct tried){0};
    }
    release(&joined);
    release(&split);
    run_release(&run);
    return status;
}

int trials_make(const struct doctor_request *request, const struct remedies *remedies, const struct run *first,
                uint64_t seeds, struct diagnosis *diagnosis, struct error *error)
{
    struct bench bench = {.request = request, .seeds = seeds ? seeds : 1};
    int status = 0;

    add(&bench, "now", &(struct changes){0});
    if (seeds) {
        status = try_all(remedies, &bench, diagnosis, error);
    } else {
        trial_take(&bench.trials[0], first->results, 1);
        diagnosis->now = bench.trials[0];
        bench.trials[0] = (struct tried){0};
    }
    release(&bench);
    return status;
}
