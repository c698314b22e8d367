/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mrc/curves.h"

#include "sim/alloc.h"
#include "sim/crash.h"
#include "sim/mrc/footprint.h"
#include "sim/mrc/team.h"

#include <stdlib.h>
#include <string.h>

/* The request, and what the first reading of the trace adds to it. */
struct work {
    struct mrc_request request;
    bool samples;        /* a rate was requested, so keys are sampled */
    uint32_t keys;       /* of the trace; 0: not known yet */
    double object_bytes; /* mean size; 0: not known yet */
};

/* ---- reading the trace ---- */

/* The receiver of the batches. `begin` is called first, once the time of the first request is known. */
struct listener {
    int (*begin)(void *owner, struct error *error); /* may be NULL */
    reader_see_fn *feed;
    void *owner;
};

static int begin(struct work *work, struct trace *trace, struct mrc *mrc, const struct listener *listener,
                 struct error *error)
{
    struct reader_mix mix;
    bool assumed;

    if (trace_look_ahead(trace, &mrc->intake, &mix, error))
        return -1;
    work->request.options.start_unix_us = reader_start_unix_us(trace->reader, &assumed);
    mrc->start_unix_us = assumed ? work->request.options.start_unix_us : 0;
    return listener->begin ? listener->begin(listener->owner, error) : 0;
}

static int read_all(struct work *work, struct mrc *mrc, const struct listener *listener, struct error *error)
{
    struct trace trace;
    int status;

    mrc->intake = (struct intake){0};
    if (trace_open(&trace, work->request.choose_format, &work->request.trace, &mrc->intake, error))
        return -1;
    free(mrc->format); /* set by an earlier reading */
    mrc->format = xstrdup(trace.format->name);
    status = begin(work, &trace, mrc, listener, error);
    if (!status)
        status = reader_read_all(trace.reader, listener->feed, listener->owner, error);
    mrc->requests = reader_commands(trace.reader);
    mrc->keys = reader_key_count(trace.reader);
    trace_close(&trace);
    return status;
}

/* ---- defaults that depend on the trace ---- */

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

/* Sorts the sizes and removes duplicates. */
static void settle_sizes(struct mrc_request *request)
{
    size_t kept = 0;

    qsort(request->sizes, request->size_count, sizeof *request->sizes, by_size);
    for (size_t i = 0; i < request->size_count; i++)
        if (!kept || request->sizes[i] != request->sizes[kept - 1])
            request->sizes[kept++] = request->sizes[i];
    request->size_count = kept;
}

/* Only the built-in lru can be computed from stack distances. A user's own policy may have the same name. */
static bool is_lru(const struct policy *policy, const char *path)
{
    return !path && !strcmp(policy->name, "lru") && policy->scope == SCOPE_ALLKEYS;
}

static const struct mrc_method *method_for(const struct work *work, const struct named_policy *policy)
{
    if (work->request.method)
        return work->request.method;
    if (!is_lru(policy->policy, policy->path))
        return &mrc_miniature;
    return work->samples ? &mrc_shards : &mrc_exact;
}

static bool needs_first_look(const struct work *work)
{
    const struct mrc_request *request = &work->request;
    bool sampled = false;

    for (size_t i = 0; i < request->policy_count; i++)
        sampled |= method_for(work, &request->policies[i]) != &mrc_exact;
    return !request->size_count || (sampled && !work->samples);
}

struct measuring {
    struct footprint footprint;
    const struct simulation_options *options;
};

static int measure(void *owner, const struct batch *batch, struct error *error)
{
    struct measuring *measuring = owner;

    (void)error;
    footprint_measure(&measuring->footprint, measuring->options, batch);
    return 0;
}

/* Reads the trace once in advance, if a default depends on it. */
static int look_first(struct work *work, struct mrc *mrc, struct error *error)
{
    struct mrc_request *request = &work->request;
    struct measuring measuring = {.options = &request->options};
    struct footprint *footprint = &measuring.footprint;
    struct listener listener = {.feed = measure, .owner = &measuring};
    int status;

    if (!needs_first_look(work))
        return 0;
    if (!trace_is_rereadable(request->trace.path))
        return error_set(error, ERROR_USAGE, "%s is read once only: say --maxmemory and --sample",
                         trace_shown(request->trace.path));
    status = read_all(work, mrc, &listener, error);
    footprint_release(footprint);
    if (status)
        return -1;
    mrc->footprint = request->options.unit_sizes ? mrc->keys : footprint->bytes;
    if (!mrc->footprint)
        return error_set(error, ERROR_INPUT, "%s: no size is known: try --unit-sizes", request->trace.path);
    work->keys = (uint32_t)mrc->keys;
    work->object_bytes = (double)footprint->bytes / (double)mrc->keys;
    if (!request->size_count)
        footprint_divide(mrc->footprint, request->sizes, request->size_count = request->points);
    settle_sizes(request);
    if (!(request->rate > 0))
        request->rate = mrc->keys > MRC_SAMPLED_KEYS ? MRC_SAMPLED_KEYS / (double)mrc->keys : 1;
    return 0;
}

/* ---- the curves ---- */

struct maker {
    struct mrc_plan plan;
    void *state;
    bool open;
};

/* What is fed by itself: a salt of a curve. */
struct feeding {
    const struct maker *maker;
    unsigned salt;
    struct error error;
};

struct makers {
    const struct work *work;
    struct team *team;
    struct feeding *feedings;
    size_t feeding_count;
    const struct batch *batch;
    struct maker *makers;
    size_t count;    /* requested curves */
    size_t controls; /* they follow the requested ones: lru in miniature and exact lru, or none */
    uint64_t reads;
};

static void feed_one(void *owner, size_t i)
{
    const struct makers *makers = owner;
    struct feeding *feeding = &makers->feedings[i];
    const struct maker *maker = feeding->maker;

    crash_blame(maker->plan.path);
    maker->plan.method->feed(maker->state, feeding->salt, makers->batch, &feeding->error);
    crash_blame(NULL);
}

/* Of several errors the first one's, whichever thread was faster. */
static int feed_all(void *owner, const struct batch *batch, struct error *error)
{
    struct makers *makers = owner;

    for (uint32_t row = 0; row < batch->count; row++)
        makers->reads += mrc_access_of(batch, row).reads;
    makers->batch = batch;
    team_run(makers->team, makers->feeding_count, feed_one, makers);
    for (size_t i = 0; i < makers->feeding_count; i++)
        if (error_is_set(&makers->feedings[i].error)) {
            *error = makers->feedings[i].error;
            return -1;
        }
    return 0;
}

static void list_feedings(struct makers *makers)
{
    size_t count = 0;

    for (size_t i = 0; i < makers->count + makers->controls; i++)
        count += makers->makers[i].plan.salts;
    makers->feedings = xcalloc(count, sizeof *makers->feedings);
    for (size_t i = 0; i < makers->count + makers->controls; i++)
        for (unsigned salt = 0; salt < makers->makers[i].plan.salts; salt++)
            makers->feedings[makers->feeding_count++] = (struct feeding){.maker = &makers->makers[i], .salt = salt};
}

static struct mrc_plan plan_of(const struct work *work, const struct named_policy *policy,
                               const struct mrc_method *method)
{
    const struct mrc_request *request = &work->request;
    struct mrc_plan plan = {
        .policy = policy->policy,
        .parameters = policy->parameters,
        .label = policy->label,
        .path = policy->path,
        .method = method,
        .cache = request->cache,
        .sizes = request->sizes,
        .size_count = request->size_count,
        .rate = request->rate > 0 ? request->rate : 1,
        .salts = request->salts,
        .keys = work->keys,
        .object_bytes = request->options.unit_sizes ? 1 : work->object_bytes,
        .adjust = request->adjust != MRC_ADJUST_NO,
        .unit_sizes = request->options.unit_sizes,
        .options = &request->options,
        .seed = request->seed,
    };

    if (plan.method == &mrc_shards)
        plan.most_keys = request->most_keys;
    if (plan.method == &mrc_exact) {
        plan.rate = 1;
        plan.salts = 1;
        plan.adjust = false;
    }
    return plan;
}

static int open_maker(struct maker *maker, const struct mrc_plan *plan, struct error *error)
{
    int status;

    maker->plan = *plan;
    if (plan->method->only_lru && !is_lru(plan->policy, plan->path))
        return error_set(error, ERROR_USAGE, "--method %s is for lru: '%s' takes miniature", plan->method->name,
                         plan->label);
    maker->state = xcalloc(1, plan->method->state_size);
    maker->open = true;
    crash_blame(plan->path);
    status = plan->method->init(maker->state, &maker->plan, error);
    crash_blame(NULL);
    return status;
}

static bool is_sampled_miniature(const struct maker *maker)
{
    return maker->plan.method == &mrc_miniature && maker->plan.rate < 1;
}

/* When another policy is sampled, adds lru in miniature and exact lru, whose difference corrects the samples. */
static int open_controls(struct makers *makers, struct error *error)
{
    static const struct mrc_method *const control_methods[] = {&mrc_miniature, &mrc_exact};
    const struct mrc_request *request = &makers->work->request;
    struct named_policy lru = {.policy = request->lru, .label = "lru"};
    bool wanted = false;

    for (size_t i = 0; i < makers->count; i++)
        wanted |= request->adjust == MRC_ADJUST_LRU && is_sampled_miniature(&makers->makers[i]);
    for (size_t i = 0; wanted && lru.policy && i < 2; i++) {
        struct mrc_plan plan = plan_of(makers->work, &lru, control_methods[i]);

        if (open_maker(&makers->makers[makers->count + makers->controls++], &plan, error))
            return -1;
    }
    return 0;
}

static int open_makers(void *owner, struct error *error)
{
    struct makers *makers = owner;
    const struct work *work = makers->work;

    makers->count = work->request.policy_count;
    makers->makers = xcalloc(makers->count + 2, sizeof *makers->makers);
    for (size_t i = 0; i < makers->count; i++) {
        const struct named_policy *policy = &work->request.policies[i];
        struct mrc_plan plan = plan_of(work, policy, method_for(work, policy));

        if (open_maker(&makers->makers[i], &plan, error))
            return -1;
    }
    if (open_controls(makers, error))
        return -1;
    list_feedings(makers);
    return 0;
}

/* The miss ratios by size and salt. The caller frees them. */
static double *finish_maker(const struct maker *maker, uint64_t reads, struct error *error)
{
    double *miss_ratios = xcalloc(maker->plan.size_count * maker->plan.salts, sizeof *miss_ratios);

    crash_blame(maker->plan.path);
    maker->plan.method->finish(maker->state, reads, miss_ratios, error);
    crash_blame(NULL);
    return miss_ratios;
}

static int finish_makers(const struct makers *makers, struct mrc *mrc, struct error *error)
{
    const struct maker *controls = makers->makers + makers->count;
    double *lru = makers->controls ? finish_maker(&controls[0], makers->reads, error) : NULL;
    double *exact = makers->controls ? finish_maker(&controls[1], makers->reads, error) : NULL;

    mrc->reads = makers->reads;
    mrc->curve_count = makers->count;
    mrc->curves = xcalloc(makers->count, sizeof *mrc->curves);
    for (size_t i = 0; i < makers->count; i++) {
        const struct maker *maker = &makers->makers[i];
        struct mrc_curve *curve = &mrc->curves[i];
        double *miss_ratios = finish_maker(maker, makers->reads, error);

        curve->policy = xstrdup(maker->plan.label);
        curve->method = xstrdup(maker->plan.method->name);
        curve->server = xstrdup(maker->plan.cache->name);
        curve->count = maker->plan.size_count;
        curve->points = xcalloc(curve->count, sizeof *curve->points);
        if (lru && is_sampled_miniature(maker))
            mrc_control(&maker->plan, miss_ratios, lru, exact);
        mrc_points(&maker->plan, miss_ratios, curve->points);
        free(miss_ratios);
    }
    free(lru);
    free(exact);
    return error_is_set(error) ? -1 : 0;
}

static void close_makers(struct makers *makers)
{
    for (size_t i = 0; makers->makers && i < makers->count + 2; i++) {
        crash_blame(makers->makers[i].plan.path);
        if (makers->makers[i].open)
            makers->makers[i].plan.method->release(makers->makers[i].state);
        crash_blame(NULL);
        free(makers->makers[i].state);
    }
    free(makers->makers);
    free(makers->feedings);
    team_close(makers->team);
}

static int make(struct work *work, struct mrc *mrc, struct error *error)
{
    const struct mrc_request *request = &work->request;
    struct makers makers = {.work = work, .team = team_open(request->workers)};
    struct listener listener = {.begin = open_makers, .feed = feed_all, .owner = &makers};
    int status = read_all(work, mrc, &listener, error);

    if (!status && !makers.reads)
        status = error_set(error, ERROR_INPUT, "%s: nothing is read: there is no miss ratio", request->trace.path);
    if (!status)
        status = finish_makers(&makers, mrc, error);
    close_makers(&makers);
    mrc->rate = request->rate > 0 ? request->rate : 1;
    mrc->most_keys = request->most_keys;
    mrc->salts = request->salts;
    mrc->unit_sizes = request->options.unit_sizes;
    mrc->weighs_keys = request->options.weighs_keys;
    return status;
}

int mrc_make(const struct mrc_request *request, struct mrc *mrc, struct error *error)
{
    struct work *work = xcalloc(1, sizeof *work);
    int status;

    work->request = *request;
    work->samples = request->rate > 0 || request->most_keys;
    settle_sizes(&work->request);
    mrc->trace = trace_request_name(&request->trace);
    status = look_first(work, mrc, error);
    if (!status)
        status = make(work, mrc, error);
    free(work);
    return status;
}
