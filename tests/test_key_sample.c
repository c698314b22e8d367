/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_key_sample: a sample of a trace's keys is a share of them, of bounded size, and what a miniature counts comes out
 * about right for the whole. */
#include "policies/registry.h"
#include "sim/advice/key_sample.h"
#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/server/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEYS = 50000, BYTES = 100, ROWS = 1500000 };

/* Ids with a popularity that falls: the square of a uniform number. */
static uint32_t draw(uint64_t *state)
{
    double u;

    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    u = (double)(*state >> 11) * 0x1p-53;
    return (uint32_t)(u * u * KEYS);
}

struct whole {
    struct batch *batch;
    uint64_t random, rows;
};

/* Fills the next batch of reads; false behind the last. */
static bool next_batch(struct whole *whole)
{
    struct batch *batch = whole->batch;

    batch_clear(batch);
    batch->key_count = KEYS;
    while (batch->count < BATCH_CAPACITY && whole->rows < ROWS) {
        uint32_t row = batch->count++;

        batch->time_us[row] = (int64_t)whole->rows++ * 100;
        batch->ttl_ms[row] = 0;
        batch->id[row] = draw(&whole->random);
        batch->key_len[row] = 8;
        batch->value_len[row] = BYTES;
        batch->flags[row] = 0;
        batch->op[row] = OP_GET;
    }
    return batch->count > 0;
}

static struct whole begin(void)
{
    return (struct whole){.batch = xcalloc(1, sizeof(struct batch)), .random = 7};
}

static void end(struct whole *whole)
{
    batch_release(whole->batch);
    free(whole->batch);
}

static void fill_sample(struct key_sample *sample)
{
    struct whole whole = begin();

    key_sample_open(sample);
    while (next_batch(&whole))
        key_sample_see(sample, whole.batch);
    end(&whole);
    assert_true(key_sample_close(sample, (int64_t)ROWS * 100));
}

static void test_share(void **state)
{
    struct key_sample sample;
    uint64_t rows = 0;

    (void)state;
    fill_sample(&sample);
    assert_true(sample.rows <= SAMPLE_ROWS && sample.rows > SAMPLE_ROWS / 8);
    assert_true(fabs(sample.keys / (sample.share * KEYS) - 1) < 0.05);
    for (size_t b = 0; b < sample.count; b++) {
        rows += sample.batches[b]->count;
        assert_true(sample.batches[b]->key_count <= sample.keys);
        for (uint32_t row = 0; row < sample.batches[b]->count; row++) {
            assert_true(sample.batches[b]->id[row] < sample.batches[b]->key_count);
            assert_true(!row || sample.batches[b]->time_us[row] >= sample.batches[b]->time_us[row - 1]);
        }
    }
    assert_int_equal(rows, sample.rows);
    assert_int_equal(key_sample_size(&sample, 1000000, 800000), 800000 + (uint64_t)round(200000 * sample.share));
    assert_int_equal(key_sample_size(&sample, 700000, 800000), 800001);
    key_sample_release(&sample);
}

/* A command on elements is not in it, so that it is of no use. */
static void test_of_no_use(void **state)
{
    struct key_sample sample;
    struct whole whole = begin();

    (void)state;
    key_sample_open(&sample);
    next_batch(&whole);
    whole.batch->op[5] = OP_HSET;
    key_sample_see(&sample, whole.batch);
    assert_false(key_sample_close(&sample, 1));
    key_sample_release(&sample);
    key_sample_open(&sample);
    assert_false(key_sample_close(&sample, 1)); /* no keys */
    key_sample_release(&sample);
    end(&whole);
}

static struct result replay_whole(const struct cell_config *cell)
{
    const struct model *model = cell->server->model;
    void *state = xcalloc(1, model->state_size);
    struct whole whole = begin();
    struct result result = {0};
    struct error error = {0};

    assert_int_equal(model->init(state, cell, &error), 0);
    while (next_batch(&whole))
        assert_int_equal(model->replay(state, whole.batch, &error), 0);
    assert_int_equal(model->finish(state, (int64_t)ROWS * 100, &result, &error), 0);
    model->release(state);
    free(state);
    end(&whole);
    return result;
}

/* Of two servers, policies and sizes: the hit ratio to two points, evictions to a tenth. */
static void test_scaled(void **state)
{
    static const char *const served[] = {"redis-7.0.15", "flat"}, *const evicting[] = {"allkeys-lru", "noeviction"};
    struct key_sample sample;

    (void)state;
    fill_sample(&sample);
    for (size_t i = 0; i < 4; i++) {
        const struct server *server = server_find(served[i / 2]);
        struct simulation_options options = {.fill = true};
        struct cell_config cell = {.server = server,
                                   .policy = policy_find(evicting[i % 2]),
                                   .maxmemory = server->profile ? 6 << 20 : 2 << 20,
                                   .seed = 1,
                                   .options = &options};
        struct result whole, result = {0};
        struct error error = {0};

        redis_config_init(&options.redis);
        whole = replay_whole(&cell);
        cell.maxmemory = key_sample_size(&sample, cell.maxmemory, whole.counters.baseline_memory);
        assert_int_equal(key_sample_replay(&sample, &cell, 1, 2, &result, &error), 0);
        key_sample_scale(&sample, &whole.counters, &result);
        if (fabs(result_hit_ratio(&result) - result_hit_ratio(&whole)) > 0.02)
            fail_msg("%s %s: %.4f, not %.4f", served[i / 2], evicting[i % 2], result_hit_ratio(&result),
                     result_hit_ratio(&whole));
        assert_true(fabs((double)result.counters.evicted_keys - (double)whole.counters.evicted_keys) <=
                    0.1 * (double)whole.counters.evicted_keys);
        result_release(&whole);
        result_release(&result);
    }
    key_sample_release(&sample);
}

/* What it says before the end is what a sample that was closed there would say, of no more rows than an answer in time allows;
 * and the sample goes on as if it had not been asked. */
static void test_so_far(void **state)
{
    struct simulation_options options = {.fill = true};
    struct cell_config cell = {
        .server = server_find("redis-7.0.15"), .policy = policy_find("allkeys-lru"), .seed = 1, .options = &options};
    struct whole whole = begin();
    struct key_sample sample, asked, copy;
    struct result unlimited = {0};
    struct error error = {0};
    struct counters counters;
    uint64_t rows = 0;

    (void)state;
    redis_config_init(&options.redis);
    fill_sample(&sample);
    key_sample_open(&asked);
    while (next_batch(&whole)) {
        key_sample_see(&asked, whole.batch);
        if (!rows && whole.rows > ROWS / 2) {
            rows = whole.rows;
            assert_true(key_sample_so_far(&asked, &copy));
        }
    }
    end(&whole);
    assert_true(copy.rows <= SAMPLE_ROWS_SO_FAR && copy.rows > SAMPLE_ROWS_SO_FAR / 4);
    assert_int_equal(copy.commands, rows);
    assert_int_equal(copy.reads, rows);
    assert_int_equal(copy.end_us, (int64_t)(rows - 1) * 100);
    assert_int_equal(key_sample_replay(&copy, &cell, 1, 1, &unlimited, &error), 0);
    counters = key_sample_whole(&copy, &unlimited);
    assert_int_equal(counters.requests, rows);
    assert_int_equal(counters.reads, rows);
    assert_true(fabs((double)counters.read_bytes / (double)(rows * BYTES) - 1) < 1e-6);
    assert_true(counters.used_memory_peak > counters.baseline_memory + KEYS * BYTES);
    assert_true(key_sample_close(&asked, sample.end_us));
    assert_int_equal(asked.rows, sample.rows);
    assert_int_equal(asked.keys, sample.keys);
    assert_int_equal(asked.commands, ROWS);
    result_release(&unlimited);
    key_sample_release(&copy);
    key_sample_release(&asked);
    key_sample_release(&sample);
}

static void test_due_once(void **state)
{
    struct key_sample sample;

    (void)state;
    key_sample_open(&sample);
    assert_false(key_sample_is_due(&sample)); /* it was opened just now */
    sample.opened_us -= SAMPLE_DUE_US;
    assert_true(key_sample_is_due(&sample));
    assert_false(key_sample_is_due(&sample));
    key_sample_release(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share),  cmocka_unit_test(test_of_no_use), cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_so_far), cmocka_unit_test(test_due_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
