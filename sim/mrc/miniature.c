/* SPDX-License-Identifier: GPL-3.0-or-later */
/* miniature: the curve of any policy, from small caches.
 *
 * A share R of the keys, chosen by hash, goes through flat caches of R times the size. There is one cache for each size
 * and salt. The requested object itself is not a sample: only R of the others share the cache with it. So its own room
 * is added unscaled; without that, caches of a few objects would be far too small.
 *
 * Source: Waldspurger, Saemundsson, Ahmad, Park, Cache modeling and optimization using miniature simulations,
 * USENIX ATC 2017. */
#include "sim/alloc.h"
#include "sim/mrc/mrc.h"

#include <math.h>
#include <stdlib.h>

/* The caches of one salt, and the rows that they will get next. */
struct look {
    struct batch *batch;
    uint32_t *ids; /* by the trace's id: 1 + the id here, which counts keys in order of appearance; 0: not seen */
    uint32_t id_capacity, id_count;
    struct cell_config *configs; /* by size */
    void **caches;               /* by size */
    int64_t end_us;              /* of the rows so far */
};

struct miniature {
    const struct mrc_plan *plan;
    const struct model *model;
    struct simulation_options options;
    struct look *looks;
};

static uint32_t id_of(struct look *look, uint32_t id)
{
    if (id >= look->id_capacity)
        look->ids = xgrow(look->ids, &look->id_capacity, id + 1, sizeof *look->ids);
    if (!look->ids[id])
        look->ids[id] = ++look->id_count;
    return look->ids[id] - 1;
}

static int flush(struct miniature *miniature, struct look *look, struct error *error)
{
    look->batch->key_count = look->id_count;
    for (size_t size = 0; size < miniature->plan->size_count; size++)
        if (miniature->model->replay(look->caches[size], look->batch, error))
            return -1;
    batch_clear(look->batch);
    return 0;
}

static int add(struct miniature *miniature, struct look *look, const struct batch *batch, uint32_t row,
               struct error *error)
{
    struct batch *to = look->batch;
    uint32_t added = to->count;

    if (request_receives(batch, row)) /* the first key may not be in the sample */
        return 0;
    batch_append(to, batch, row, 1);
    to->id[added] = id_of(look, batch->id[row]);
    to->flags[added] &= (uint16_t)~REQUEST_MORE;
    if (request_gives(batch, row))
        to->op[added] = request_deletes(batch, row) ? OP_DEL : OP_EXISTS;
    return look->batch->count == BATCH_CAPACITY ? flush(miniature, look, error) : 0;
}

/* R times the size, with unscaled room for the requested object. */
static uint64_t size_in_miniature(const struct mrc_plan *plan, uint64_t size, double share)
{
    double scaled = round(((double)size - plan->object_bytes) * share + plan->object_bytes);

    return scaled < 1 ? 1 : (uint64_t)scaled;
}

static int open_look(struct miniature *miniature, struct look *look, uint64_t salt, struct error *error)
{
    const struct mrc_plan *plan = miniature->plan;
    double share = mrc_drawn_share(plan, salt);

    look->configs = xcalloc(plan->size_count, sizeof *look->configs);
    look->batch = xcalloc(1, sizeof *look->batch);
    look->caches = xcalloc(plan->size_count, sizeof *look->caches);
    for (size_t size = 0; size < plan->size_count; size++) {
        look->configs[size] = (struct cell_config){
            .server = plan->cache,
            .policy = plan->policy,
            .parameters = plan->parameters,
            .policy_label = plan->label,
            .policy_path = plan->path,
            .maxmemory = size_in_miniature(plan, plan->sizes[size], share),
            .seed = plan->seed,
            .options = &miniature->options,
        };
        look->caches[size] = xcalloc(1, miniature->model->state_size);
        if (miniature->model->init(look->caches[size], &look->configs[size], error))
            return -1;
    }
    return 0;
}

static int init(void *state, const struct mrc_plan *plan, struct error *error)
{
    struct miniature *miniature = state;

    miniature->plan = plan;
    miniature->model = plan->cache->model;
    miniature->options = *plan->options;
    miniature->options.fill = true;
    miniature->options.unit_sizes = plan->unit_sizes;
    miniature->options.interval_us = INT64_C(1) << 60; /* so long that no curve is sampled */
    miniature->looks = xcalloc(plan->salts, sizeof *miniature->looks);
    for (unsigned i = 0; i < plan->salts; i++)
        if (open_look(miniature, &miniature->looks[i], mrc_salt(plan, i), error))
            return -1;
    return 0;
}

static int feed(void *state, unsigned salt, const struct batch *batch, struct error *error)
{
    struct miniature *miniature = state;
    const struct mrc_plan *plan = miniature->plan;
    struct look *look = &miniature->looks[salt];

    if (batch->count)
        look->end_us = batch->time_us[batch->count - 1];
    for (uint32_t row = 0; row < batch->count; row++)
        if (batch->id[row] != NO_KEY &&
            (plan->rate >= 1 || mrc_draw(batch->id[row], mrc_salt(plan, salt)) < plan->rate) &&
            add(miniature, look, batch, row, error))
            return -1;
    return 0;
}

static int finish(void *state, uint64_t reads, double *miss_ratios, struct error *error)
{
    struct miniature *miniature = state;
    const struct mrc_plan *plan = miniature->plan;
    double expected = (double)reads * plan->rate;

    for (unsigned i = 0; i < plan->salts; i++) {
        if (flush(miniature, &miniature->looks[i], error))
            return -1;
        for (size_t size = 0; size < plan->size_count; size++) {
            struct result result = {0};
            double ratio;

            if (miniature->model->finish(miniature->looks[i].caches[size], miniature->looks[i].end_us, &result, error))
                return -1;
            ratio = (double)result.counters.misses / (plan->adjust ? expected : (double)result.counters.reads);
            result_release(&result);
            miss_ratios[size * plan->salts + i] = ratio > 1 ? 1 : ratio;
        }
    }
    return 0;
}

static void release(void *state)
{
    struct miniature *miniature = state;

    for (unsigned i = 0; miniature->looks && i < miniature->plan->salts; i++) {
        struct look *look = &miniature->looks[i];

        for (size_t size = 0; look->caches && size < miniature->plan->size_count; size++) {
            if (look->caches[size])
                miniature->model->release(look->caches[size]);
            free(look->caches[size]);
        }
        free(look->caches);
        free(look->configs);
        batch_release(look->batch);
        free(look->batch);
        free(look->ids);
    }
    free(miniature->looks);
}

const struct mrc_method mrc_miniature = {
    .name = "miniature",
    .summary = "any policy, a sample of the keys, by small caches",
    .state_size = sizeof(struct miniature),
    .init = init,
    .feed = feed,
    .finish = finish,
    .release = release,
};
