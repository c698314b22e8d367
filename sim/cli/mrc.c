/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc: miss-ratio curves of a trace. */
#include "sim/cli/choice.h"
#include "sim/cli/cli.h"
#include "sim/cli/option_groups.h"
#include "sim/input/trace.h"

#include "sim/alloc.h"
#include "sim/input/reader.h"
#include "sim/mrc/mrc.h"
#include "sim/output.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIZES = 1000,
    SAMPLED_KEYS = 20000, /* by default, as many keys as this are looked at */
};

struct user {
    const struct catalog *catalog;
    struct trace_request trace;
    struct output_request output;
    struct redis_request redis;
    const char *policies, *sizes_text;
    enum method { METHOD_AUTO, METHOD_EXACT, METHOD_SHARDS, METHOD_MINIATURE } method;
    struct choice_list policy;
    enum scope scope;
    uint64_t sizes[SIZES];
    size_t size_count;
    uint64_t points, salts, most_keys, seed;
    double rate;         /* 0: chosen */
    double object_bytes; /* mean; 0: not known */
    uint32_t keys;       /* 0: not known */
    enum adjust { ADJUST_NO, ADJUST_READS, ADJUST_LRU } adjust;
    bool rate_given;
    struct simulation_options options;
};

/* ---- options ---- */

static int add_size(void *target, const char *item, struct error *error)
{
    struct user *user = target;

    if (user->size_count == SIZES)
        return error_set(error, ERROR_USAGE, "more than %d", SIZES);
    if (!scan_bytes(item, &user->sizes[user->size_count]) || !user->sizes[user->size_count])
        return error_set(error, ERROR_USAGE, "bad size '%s': a whole number and a unit, as 512mb or 2gb", item);
    user->size_count++;
    return 0;
}

static const struct mrc_method *const methods[] = {
    [METHOD_EXACT] = &mrc_exact, [METHOD_SHARDS] = &mrc_shards, [METHOD_MINIATURE] = &mrc_miniature};
static const char *const method_words[] = {"auto", "exact", "shards", "miniature", NULL};
static const char *const adjust_words[] = {"no", "reads", "lru", NULL};
static const char *const scope_words[] = {"allkeys", "volatile", NULL};

#define AT(member) OPTION_IN(struct user, member)

static const struct option curve_options[] = {
    {.name = "policy",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .argument = "NAME[,NAME...]",
     .initial = "lru",
     .help = "policies, see evsim policies",
     AT(policies)},
    {.name = "scope",
     .kind = OPTION_CHOICE,
     .words = scope_words,
     .least = SCOPE_ALLKEYS,
     .initial = "allkeys",
     .help = "which keys may go",
     AT(scope)},
    {.name = "method",
     .kind = OPTION_CHOICE,
     .argument = "NAME",
     .words = method_words,
     .initial = "auto",
     .help = "exact or shards (lru only), miniature (any); auto: exact for lru, shards with --sample or "
             "--sample-keys, else miniature",
     AT(method)},
    {.name = "sample",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .initial = "auto",
     .zero = "auto",
     .above_lowest = true,
     .highest = 1,
     .help = "of the keys, where a method samples; auto: some 20,000 keys",
     AT(rate)},
    {.name = "sample-keys",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = UINT32_MAX,
     .help = "shards: at most so many keys, the share falls as they come; 0 = no limit",
     AT(most_keys)},
    {.name = "salts",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "10",
     .least = 1,
     .most = 100,
     .help = "samples to draw: their spread is the uncertainty",
     AT(salts)},
    {.name = "adjust",
     .kind = OPTION_CHOICE,
     .words = adjust_words,
     .initial = "lru",
     .help = "reads: correct a sample that has more or fewer reads than its share; lru: miniatures also by what that "
             "of lru with the same keys is off the exact curve",
     AT(adjust)},
    {.name = "sizes",
     .letter = 'm',
     .kind = OPTION_LIST,
     .argument = "SIZE[,SIZE...]",
     .add = add_size,
     .help = "sizes of the cache; by default from 1/1000 of all keys to all of them",
     AT(sizes_text)},
    {.name = "points",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "24",
     .least = 1,
     .most = SIZES,
     .help = "so many of them",
     AT(points)},
    {.name = "unit-sizes", .kind = OPTION_SWITCH, .help = "every object weighs 1", AT(options.unit_sizes)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .most = UINT32_MAX,
     .help = "every random choice follows from it",
     AT(seed)},
};

static const struct option_group mrc_groups[] = {
    {.heading = "The curves", OPTIONS_OF(curve_options)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, trace)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct user, output)},
    {.heading = "Redis's options, as in redis.conf",
     OPTIONS_OF(redis_request_options),
     .offset = offsetof(struct user, redis)},
};
enum { MRC_GROUPS = sizeof mrc_groups / sizeof *mrc_groups };

static void print_help(const struct option_set *set)
{
    printf(
        "usage: evsim mrc TRACE [options]\n\n"
        "Miss-ratio curves: the share of TRACE's reads that miss, by the size of a flat look-aside cache. The trace\n"
        "is read once, or twice where sizes or the share are to be chosen.\n\n");
    options_print(set, stdout);
    printf("\n  evsim mrc trace.csv.zst --policy lru,sieve,allkeys-lru --output curves\n"
           "  evsim mrc trace.csv.zst --sample 0.01 --unit-sizes\n");
}

/* ---- reading ---- */

/* Who is given the batches; `begin` comes first, when the time of the first request is known. */
struct listener {
    int (*begin)(void *owner, struct error *error); /* NULL: nothing to do */
    void (*feed)(void *owner, const struct batch *batch);
    void *owner;
};

static int begin(struct user *user, struct reader *reader, const struct listener *listener, struct error *error)
{
    struct reader_mix mix;
    bool assumed;

    if (reader_look_ahead(reader, &mix, error))
        return -1;
    if (!mix.rows)
        return error_set(error, ERROR_INPUT, "%s: the trace is empty", user->trace.path);
    user->options.start_unix_us = reader_start_unix_us(reader, &assumed);
    return listener->begin ? listener->begin(listener->owner, error) : 0;
}

static int read_all(struct user *user, struct mrc *mrc, const struct listener *listener, struct error *error)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct intake intake = {0};
    struct trace trace;
    int status = trace_open(&trace, user->catalog->choose_format, &user->trace, &intake, error);

    if (!status) {
        mrc->format = trace.format->name;
        status = begin(user, trace.reader, listener, error);
        if (!status)
            while ((status = reader_next(trace.reader, batch, error)) > 0)
                listener->feed(listener->owner, batch);
        mrc->requests = reader_commands(trace.reader);
        mrc->keys = reader_key_count(trace.reader);
        trace_close(&trace);
    }
    free(batch);
    return status;
}

/* ---- what there is: how many keys, how many bytes ---- */

struct footprint {
    uint32_t *sizes; /* by id: the largest value */
    uint32_t capacity;
    uint64_t bytes;
};

static void measure(void *owner, const struct batch *batch)
{
    struct footprint *footprint = owner;

    if (batch->key_count > footprint->capacity) {
        uint32_t capacity = grown_capacity(footprint->capacity, batch->key_count);

        footprint->sizes = xrealloc_zero(footprint->sizes, footprint->capacity * sizeof *footprint->sizes,
                                         capacity * sizeof *footprint->sizes);
        footprint->capacity = capacity;
    }
    for (uint32_t row = 0; row < batch->count; row++) {
        uint32_t size = batch->value_len[row], *known;

        if (batch->id[row] == NO_KEY || size == VALUE_UNKNOWN)
            continue;
        known = &footprint->sizes[batch->id[row]];
        if (size > *known) {
            footprint->bytes += size - *known;
            *known = size;
        }
    }
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

/* Sorted, each once. */
static void settle_sizes(struct user *user)
{
    size_t kept = 0;

    qsort(user->sizes, user->size_count, sizeof *user->sizes, by_size);
    for (size_t i = 0; i < user->size_count; i++)
        if (!kept || user->sizes[i] != user->sizes[kept - 1])
            user->sizes[kept++] = user->sizes[i];
    user->size_count = kept;
}

/* Equal steps on a logarithmic axis, from a thousandth of all there is. */
static void choose_sizes(struct user *user, uint64_t footprint)
{
    for (uint64_t i = 0; i < user->points; i++) {
        double share = user->points == 1 ? 1 : pow(1000, (double)i / (double)(user->points - 1) - 1);
        double size = ceil((double)footprint * share);

        user->sizes[user->size_count++] = size < 1 ? 1 : (uint64_t)size;
    }
    settle_sizes(user);
}

static const struct mrc_method *method_for(const struct user *user, const struct policy *policy)
{
    if (user->method != METHOD_AUTO)
        return methods[user->method];
    if (strcmp(policy->name, "lru") || policy->scope != SCOPE_ALLKEYS)
        return &mrc_miniature;
    return user->rate_given || user->most_keys ? &mrc_shards : &mrc_exact;
}

/* A first look at the trace, where something is left to be chosen by it. */
static int look_first(struct user *user, struct mrc *mrc, struct error *error)
{
    struct footprint footprint = {0};
    struct listener listener = {.feed = measure, .owner = &footprint};
    bool sampled = false;
    int status;

    for (size_t i = 0; i < user->policy.count; i++)
        sampled |= method_for(user, user->policy.choices[i].policy) != &mrc_exact;
    if (user->size_count && (!sampled || user->rate > 0 || user->most_keys))
        return 0;
    if (!strcmp(user->trace.path, "-"))
        return error_set(error, ERROR_USAGE, "standard input is read once only: say --sizes and --sample");
    status = read_all(user, mrc, &listener, error);
    free(footprint.sizes);
    if (status)
        return -1;
    mrc->footprint = user->options.unit_sizes ? mrc->keys : footprint.bytes;
    if (!mrc->footprint)
        return error_set(error, ERROR_INPUT, "%s: no size is known: try --unit-sizes", user->trace.path);
    user->keys = (uint32_t)mrc->keys;
    user->object_bytes = (double)footprint.bytes / (double)mrc->keys;
    if (!user->size_count)
        choose_sizes(user, mrc->footprint);
    if (!(user->rate > 0))
        user->rate = mrc->keys > SAMPLED_KEYS ? SAMPLED_KEYS / (double)mrc->keys : 1;
    return 0;
}

/* ---- the curves ---- */

struct maker {
    struct mrc_plan plan;
    void *state;
    bool open;
};

struct makers {
    const struct user *user;
    struct maker *makers;
    size_t count;    /* those that were asked for, */
    size_t controls; /* and behind them lru in miniature and exactly, or none */
    uint64_t reads;
};

static void feed_all(void *owner, const struct batch *batch)
{
    struct makers *makers = owner;

    for (uint32_t row = 0; row < batch->count; row++)
        makers->reads += mrc_access_of(batch, row).reads;
    for (size_t i = 0; i < makers->count + makers->controls; i++)
        makers->makers[i].plan.method->feed(makers->makers[i].state, batch);
}

static struct mrc_plan plan_of(const struct user *user, const struct choice *choice, const struct mrc_method *method)
{
    struct mrc_plan plan = {
        .policy = choice->policy,
        .parameters = choice->parameters,
        .label = choice->label,
        .method = method,
        .sizes = user->sizes,
        .size_count = user->size_count,
        .rate = user->rate > 0 ? user->rate : 1,
        .salts = (unsigned)user->salts,
        .keys = user->keys,
        .object_bytes = user->options.unit_sizes ? 1 : user->object_bytes,
        .adjust = user->adjust != ADJUST_NO,
        .unit_sizes = user->options.unit_sizes,
        .options = &user->options,
        .seed = user->seed,
    };

    if (plan.method == &mrc_shards)
        plan.most_keys = user->most_keys;
    if (plan.method == &mrc_exact) {
        plan.rate = 1;
        plan.salts = 1;
        plan.adjust = false;
    }
    return plan;
}

static int open_maker(struct maker *maker, const struct mrc_plan *plan, struct error *error)
{
    maker->plan = *plan;
    if (plan->method->only_lru && (strcmp(plan->policy->name, "lru") || plan->policy->scope != SCOPE_ALLKEYS))
        return error_set(error, ERROR_USAGE, "--method %s is for lru: '%s' takes miniature", plan->method->name,
                         plan->label);
    maker->state = xcalloc(1, plan->method->state_size);
    maker->open = true;
    return plan->method->init(maker->state, &maker->plan, error);
}

static bool is_sampled_miniature(const struct maker *maker)
{
    return maker->plan.method == &mrc_miniature && maker->plan.rate < 1;
}

/* Lru in miniature and exactly, where another policy is sampled. */
static int open_controls(struct makers *makers, struct error *error)
{
    static const struct mrc_method *const control_methods[] = {&mrc_miniature, &mrc_exact};
    const struct catalog *catalog = makers->user->catalog;
    struct choice lru = {.label = (char[]){"lru"}};
    bool wanted = false;

    for (size_t i = 0; i < makers->count; i++)
        wanted |= makers->user->adjust == ADJUST_LRU && is_sampled_miniature(&makers->makers[i]);
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (!strcmp(catalog->policies[i]->name, "lru"))
            lru.policy = catalog->policies[i];
    for (size_t i = 0; wanted && lru.policy && i < 2; i++) {
        struct mrc_plan plan = plan_of(makers->user, &lru, control_methods[i]);

        if (open_maker(&makers->makers[makers->count + makers->controls++], &plan, error))
            return -1;
    }
    return 0;
}

static int open_makers(void *owner, struct error *error)
{
    struct makers *makers = owner;
    const struct user *user = makers->user;

    makers->count = user->policy.count;
    makers->makers = xcalloc(makers->count + 2, sizeof *makers->makers);
    for (size_t i = 0; i < makers->count; i++) {
        const struct choice *choice = &user->policy.choices[i];
        struct mrc_plan plan = plan_of(user, choice, method_for(user, choice->policy));

        if (open_maker(&makers->makers[i], &plan, error))
            return -1;
    }
    return open_controls(makers, error);
}

/* By size and salt; to be freed. */
static double *finish_maker(const struct maker *maker, uint64_t reads)
{
    double *miss_ratios = xcalloc(maker->plan.size_count * maker->plan.salts, sizeof *miss_ratios);

    maker->plan.method->finish(maker->state, reads, miss_ratios);
    return miss_ratios;
}

static void finish_makers(const struct makers *makers, struct mrc *mrc)
{
    const struct maker *controls = makers->makers + makers->count;
    double *lru = makers->controls ? finish_maker(&controls[0], makers->reads) : NULL;
    double *exact = makers->controls ? finish_maker(&controls[1], makers->reads) : NULL;

    mrc->reads = makers->reads;
    mrc->curve_count = makers->count;
    mrc->curves = xcalloc(makers->count, sizeof *mrc->curves);
    for (size_t i = 0; i < makers->count; i++) {
        const struct maker *maker = &makers->makers[i];
        struct mrc_curve *curve = &mrc->curves[i];
        double *miss_ratios = finish_maker(maker, makers->reads);

        curve->policy = xstrdup(maker->plan.label);
        curve->method = maker->plan.method->name;
        curve->count = maker->plan.size_count;
        curve->points = xcalloc(curve->count, sizeof *curve->points);
        if (lru && is_sampled_miniature(maker))
            mrc_control(&maker->plan, miss_ratios, lru, exact);
        mrc_points(&maker->plan, miss_ratios, curve->points);
        free(miss_ratios);
    }
    free(lru);
    free(exact);
}

static void close_makers(struct makers *makers)
{
    for (size_t i = 0; makers->makers && i < makers->count + 2; i++) {
        if (makers->makers[i].open)
            makers->makers[i].plan.method->release(makers->makers[i].state);
        free(makers->makers[i].state);
    }
    free(makers->makers);
}

static int make_curves(struct user *user, struct mrc *mrc, struct error *error)
{
    struct makers makers = {.user = user};
    struct listener listener = {.begin = open_makers, .feed = feed_all, .owner = &makers};
    int status = look_first(user, mrc, error);

    if (!status)
        status = read_all(user, mrc, &listener, error);
    if (!status && !makers.reads)
        status = error_set(error, ERROR_INPUT, "%s: nothing is read: there is no miss ratio", user->trace.path);
    if (!status)
        finish_makers(&makers, mrc);
    close_makers(&makers);
    mrc->rate = user->rate > 0 ? user->rate : 1;
    mrc->most_keys = user->most_keys;
    mrc->salts = (unsigned)user->salts;
    mrc->unit_sizes = user->options.unit_sizes;
    return status;
}

static int settle(struct user *user, const struct option_set *set, char **argv, struct error *error)
{
    if (set->operands > 1)
        return error_set(error, ERROR_USAGE, "one trace at a time, please: '%s' is the second", argv[1]);
    if (!set->operands || !*argv[0])
        return error_set(error, ERROR_USAGE, "no trace given: evsim mrc TRACE");
    user->trace.path = argv[0];
    user->rate_given = user->rate > 0;
    if (redis_request_settle(&user->redis, error))
        return -1;
    user->options.redis = user->redis.in_force;
    if (choice_list_add(&user->policy, user->catalog, user->policies, user->scope, error))
        return error_prefix(error, "--policy: ");
    for (size_t i = 0; i < user->policy.count; i++)
        if (user->policy.choices[i].policy->offline)
            return error_set(error, ERROR_USAGE, "%s knows the whole trace, not a sample of it: see evsim run",
                             user->policy.choices[i].label);
    if (options_fill_lists(set, error))
        return -1;
    settle_sizes(user);
    return user->output.directory ? output_check_directory(user->output.directory, error) : 0;
}

static void add_setting(void *owner, const char *name, const char *value)
{
    struct mrc *mrc = owner;

    settings_add(&mrc->settings, &mrc->setting_count, name, value);
}

/* Every option with the value in force. */
static void echo_settings(struct user *user, const struct option_set *set, struct mrc *mrc)
{
    user->trace.format = mrc->format;
    options_echo(set, add_setting, mrc);
}

static int make_and_print(struct user *user, const struct option_set *set, struct error *error)
{
    const struct catalog *catalog = user->catalog;
    struct mrc mrc = {
        .version = catalog->version, .command = xstrdup(set->command), .trace = xstrdup(user->trace.path)};
    struct outcome outcome = {.kind = OUTCOME_MRC, .mrc = &mrc};
    int status = make_curves(user, &mrc, error);

    if (!status) {
        echo_settings(user, set, &mrc);
        status = catalog->print(&outcome, user->output.json, error);
    }
    if (!status && user->output.directory)
        status = catalog->write_reports(&outcome, user->output.directory, error);
    if (!status && user->output.directory)
        fprintf(stderr, "evsim: curves and figure are in %s\n", user->output.directory);
    mrc_release(&mrc);
    return status;
}

static int mrc_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = mrc_groups, .group_count = MRC_GROUPS, .target = user};
    int status;

    user->catalog = catalog;
    status = options_parse(&set, "mrc", argc, argv, error);
    if (!status && set.help)
        print_help(&set);
    else if (!status && !(status = settle(user, &set, argv, error)))
        status = make_and_print(user, &set, error);
    redis_request_release(&user->redis);
    choice_list_release(&user->policy);
    free(set.command);
    free(user);
    return status;
}

const struct subcommand subcommand_mrc = {
    .name = "mrc",
    .summary = "miss-ratio curves: exact or sampled lru, any policy in miniature",
    .options = mrc_groups,
    .option_groups = MRC_GROUPS,
    .run = mrc_main,
};
