/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/score/score.h"

#include "sim/alloc.h"
#include "sim/result.h"
#include "sim/sanitizer.h"
#include "sim/scope.h"

#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#ifdef HAS_SANITIZER /* its allocator knows what it has given; the C library's has given nothing then */
/* Of <sanitizer/allocator_interface.h>, which gcc does not bring. */
size_t __sanitizer_get_current_allocated_bytes(void); /* NOLINT(bugprone-reserved-identifier,cert-*) */
#endif

double score_ns_per_request(const struct score *score)
{
    return score->requests ? score->processor_seconds * 1e9 / (double)score->requests : 0;
}

double score_bytes_per_key(const struct score *score)
{
    return (double)score->entry_bytes + (score->keys ? (double)score->state_bytes / (double)score->keys : 0);
}

/* ---- what the policy gives back ---- */

/* Stands in for the policy, to see how much memory its release() frees. All other hooks are its own. */
struct weighed {
    struct policy policy, narrowed;
    const struct policy *inner;
    uint64_t freed;
};

#ifdef HAS_SANITIZER
static uint64_t heap_bytes(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
static uint64_t heap_bytes(void)
{
    struct mallinfo2 heap = mallinfo2();

    return heap.uordblks + heap.hblkhd;
}
#endif

static void release(struct policy_context *context)
{
    struct weighed *weighed = context->policy->owner;
    uint64_t before = heap_bytes(), after;

    weighed->inner->release(context);
    after = heap_bytes();
    weighed->freed += before > after ? before - after : 0;
}

static const struct policy *weigh(struct weighed *weighed, const struct policy *policy)
{
    weighed->inner = policy->inner ? policy->inner : policy;
    weighed->policy = *weighed->inner;
    weighed->policy.owner = weighed;
    if (weighed->inner->release)
        weighed->policy.release = release;
    if (!policy->inner)
        return &weighed->policy;
    scope_narrow(&weighed->policy, &weighed->narrowed);
    return &weighed->narrowed;
}

/* ---- a cell ---- */

static double processor_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint64_t bytes_of(const struct score_size *size, const struct held_trace *trace)
{
    double bytes = size->bytes ? (double)size->bytes : floor((double)trace->footprint * size->share);

    return bytes < 1 ? 1 : (uint64_t)bytes;
}

static void count(struct score *score, const struct held_trace *trace, const struct counters *counters)
{
    score->cells++;
    score->miss_ratio += (double)counters->misses / (double)(counters->reads ? counters->reads : 1);
    score->byte_miss_ratio += counters->read_bytes ? 1 - (double)counters->hit_bytes / (double)counters->read_bytes : 0;
    score->requests += trace->rows;
    score->keys += trace->keys;
}

static int replay(const struct score_plan *plan, const struct held_trace *trace, const struct cell_config *config,
                  struct score *score, struct error *error)
{
    const struct model *model = plan->cache->model;
    void *cell = xcalloc(1, model->state_size);
    struct result result = {0};
    double start = processor_seconds();
    int status = model->init(cell, config, error);

    for (uint32_t i = 0; i < trace->batch_count && !status; i++)
        status = model->replay(cell, trace->batches[i], error);
    score->processor_seconds += processor_seconds() - start;
    if (!status)
        status = model->finish(cell, trace->end_us, &result, error);
    if (!status)
        count(score, trace, &result.counters);
    result_release(&result);
    model->release(cell);
    free(cell);
    return status;
}

int score_policy(const struct score_plan *plan, const struct named_policy *policy, struct score *score,
                 struct error *error)
{
    struct weighed weighed = {0};
    const struct policy *stand_in = weigh(&weighed, policy->policy);

    *score = (struct score){.entry_bytes = weighed.policy.entry_size};
    if (policy->policy->offline)
        return error_set(error, ERROR_USAGE, "it knows the whole trace: see evsim run");
    for (size_t t = 0; t < plan->traces->count; t++)
        for (size_t s = 0; s < plan->size_count; s++) {
            const struct held_trace *trace = &plan->traces->list[t];
            struct simulation_options options = plan->options;
            const struct cell_config config = {
                .server = plan->cache,
                .policy = stand_in,
                .parameters = policy->parameters,
                .policy_label = policy->label,
                .policy_path = policy->path,
                .maxmemory = bytes_of(&plan->sizes[s], trace),
                .seed = plan->seed,
                .options = &options,
            };

            options.start_unix_us = trace->start_unix_us;
            if (replay(plan, trace, &config, score, error))
                return -1;
            score->state_bytes += weighed.policy.state_size;
        }
    score->state_bytes += weighed.freed;
    score->miss_ratio /= (double)score->cells;
    score->byte_miss_ratio /= (double)score->cells;
    return 0;
}
