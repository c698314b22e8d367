/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_nest: caches under lru that are replayed as one (flat/nest.h) against the same caches one by one, to the last field of their
 * results. A policy that does what lru does, but does not say so, is never nested. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/flat/flat.h"
#include "sim/flat/nest.h"
#include "sim/result.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEYS = 300, CACHES_MOST = NEST_MOST + 2, BATCHES = 60, ROWS_MOST = 400, RUNS = 48 };

/* What a run is like. */
struct traffic {
    struct random random;
    int64_t now_us, pause_us; /* between requests, at most */
    uint32_t large;           /* bytes of the largest object but for those that fit nowhere */
    int resized, oversized;   /* in 10,000 requests: objects that have changed their size, or fit nowhere */
    int others;               /* in 1,000 batches: some with other commands than GET */
};

/* Sizes follow from the key, or are drawn anew. */
static uint32_t random_size(struct traffic *traffic, uint32_t id)
{
    if (random_below(&traffic->random, 10000) < (uint64_t)traffic->oversized)
        return 1 << 30;
    if (random_below(&traffic->random, 10000) < (uint64_t)traffic->resized)
        return (uint32_t)random_below(&traffic->random, traffic->large + 1);
    return id * 7919 % (traffic->large + 1);
}

static void fill_batch(struct traffic *traffic, struct batch *batch)
{
    bool has_others = random_below(&traffic->random, 1000) < (uint64_t)traffic->others;
    uint64_t rows = 1 + random_below(&traffic->random, ROWS_MOST);

    batch_clear(batch);
    batch->key_count = KEYS;
    for (uint64_t row = 0; row < rows; row++) {
        double u = random_unit(&traffic->random);
        struct record record = {.id = (uint32_t)(u * u * KEYS), .op = OP_GET, .key_len = 5};

        record.value_len = random_size(traffic, record.id);
        if (has_others && random_chance(&traffic->random, 10))
            record.op = random_chance(&traffic->random, 50) ? OP_SET : OP_DEL;
        if (has_others && random_chance(&traffic->random, 5)) {
            record.flags = REQUEST_TTL;
            record.ttl_ms = (int64_t)random_below(&traffic->random, 100000);
        }
        traffic->now_us += (int64_t)random_below(&traffic->random, (uint64_t)traffic->pause_us + 1);
        record.time_us = traffic->now_us;
        batch_add(batch, &record);
    }
}

struct caches {
    struct cell_config configs[CACHES_MOST];
    struct simulation_options options[CACHES_MOST]; /* each has its own, as in a sweep */
    void *states[CACHES_MOST];
    bool follows[CACHES_MOST];
    uint32_t count;
};

static void open_caches(struct caches *caches, const struct policy *policy, const uint64_t *sizes,
                        const struct simulation_options *options)
{
    struct error error = {0};

    for (uint32_t i = 0; i < caches->count; i++) {
        caches->options[i] = *options;
        caches->configs[i] = (struct cell_config){.server = server_find("flat"),
                                                  .policy = policy,
                                                  .maxmemory = sizes[i],
                                                  .seed = i,
                                                  .options = &caches->options[i]};
        caches->states[i] = xcalloc(1, flat_model.state_size);
        assert_int_equal(flat_model.init(caches->states[i], &caches->configs[i], &error), 0);
    }
}

static void close_caches(struct caches *caches)
{
    for (uint32_t i = 0; i < caches->count; i++) {
        flat_model.release(caches->states[i]);
        free(caches->states[i]);
    }
}

static void replay(struct caches *caches, const struct batch *batch)
{
    struct error error = {0};

    for (uint32_t i = 0; i < caches->count; i++)
        if (!caches->follows[i])
            assert_int_equal(flat_model.replay(caches->states[i], batch, &error), 0);
}

/* As a sweep does between rounds. */
static void disband(struct caches *caches, uint32_t leader)
{
    if (!flat_model.disband(caches->states[leader]))
        return;
    for (uint32_t i = 0; i < caches->count; i++)
        caches->follows[i] = false;
}

static void compare(struct caches *nested, struct caches *alone, int64_t end_us)
{
    for (uint32_t i = 0; i < nested->count; i++) {
        struct result ours = {0}, theirs = {0};
        struct error error = {0};

        assert_int_equal(flat_model.finish(nested->states[i], end_us, &ours, &error), 0);
        assert_int_equal(flat_model.finish(alone->states[i], end_us, &theirs, &error), 0);
        assert_true(fields_equal(&result_layout, &ours, &theirs));
        result_release(&ours);
        result_release(&theirs);
    }
}

/* Returns whether the caches were still nested at the end. */
static bool run_twins(struct traffic traffic, uint32_t count)
{
    const struct policy *lru = policy_find("lru");
    struct policy plain = *lru;
    struct simulation_options options = {.fill = true, .start_unix_us = INT64_C(1700000000000000)};
    struct caches nested = {.count = count}, alone = {.count = count};
    struct batch *batch = xcalloc(1, sizeof *batch);
    uint64_t sizes[CACHES_MOST] = {0};
    bool stays;

    plain.is_lru = false;
    options.unit_sizes = random_chance(&traffic.random, 20);
    options.interval_us = random_chance(&traffic.random, 50) ? traffic.pause_us * 100 + 1 : 0;
    options.warmup_us = random_chance(&traffic.random, 30) ? traffic.pause_us * 1000 : 0;
    for (uint32_t i = 0; i < count; i++) {
        sizes[i] = traffic.large + random_below(&traffic.random, (uint64_t)traffic.large * KEYS / 2);
        if (options.unit_sizes)
            sizes[i] = 1 + random_below(&traffic.random, KEYS + 10);
        if (random_chance(&traffic.random, 10))
            sizes[i] = i ? sizes[i - 1] : 0;
    }
    open_caches(&nested, lru, sizes, &options);
    open_caches(&alone, &plain, sizes, &options);
    for (uint32_t i = 1; i < count; i++) {
        nested.follows[i] = flat_model.join(nested.states[0], nested.states[i]);
        assert_int_equal(nested.follows[i], i < NEST_MOST);
        assert_false(flat_model.join(alone.states[0], alone.states[i]));
    }
    for (int i = 0; i < BATCHES; i++) {
        fill_batch(&traffic, batch);
        replay(&nested, batch);
        replay(&alone, batch);
        if (random_chance(&traffic.random, 30))
            disband(&nested, 0);
    }
    stays = ((struct flat *)nested.states[0])->nest && !((struct flat *)nested.states[0])->nest->has_parted;
    compare(&nested, &alone, traffic.now_us + (int64_t)random_below(&traffic.random, 1000000));
    close_caches(&nested);
    close_caches(&alone);
    batch_release(batch);
    free(batch);
    return stays;
}

static struct traffic random_traffic(struct random *random)
{
    return (struct traffic){.random = random_stream(random_next(random)),
                            .pause_us = (int64_t)random_below(random, random_chance(random, 30) ? 5000000 : 20000),
                            .large = (uint32_t)random_below(random, 5000) + 1};
}

static void nested_caches_have_the_results_that_they_have_alone(void **unused)
{
    struct random random = random_start();

    (void)unused;
    for (int run = 0; run < RUNS; run++)
        assert_true(run_twins(random_traffic(&random), 1 + (uint32_t)random_below(&random, CACHES_MOST)));
}

static void so_they_have_when_they_come_apart(void **unused)
{
    struct random random = random_start();
    int parted = 0;

    (void)unused;
    for (int run = 0; run < RUNS; run++) {
        struct traffic traffic = random_traffic(&random);

        traffic.resized = run % 3 == 0 ? 5 : 0;
        traffic.oversized = run % 3 == 1 ? 2 : 0;
        traffic.others = run % 3 == 2 ? 30 : 0;
        parted += !run_twins(traffic, 1 + (uint32_t)random_below(&random, CACHES_MOST));
    }
    assert_in_range(parted, RUNS / 2, RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_caches_have_the_results_that_they_have_alone),
        cmocka_unit_test(so_they_have_when_they_come_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
