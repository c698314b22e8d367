/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_key_sample: a sample of a trace's keys is a share of them, of bounded size, and what a miniature counts comes out
 * about right for the whole. */
#include "policies/registry.h"
#include "sim/advice/key_sample.h"
#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/input/members.h"
#include "sim/server/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    assert_true(fabs((double)sample.keys * sample.parts / KEYS - 1) < 0.05);
    for (size_t b = 0; b < sample.count; b++) {
        rows += sample.batches[b]->count;
        assert_true(sample.batches[b]->key_count <= sample.keys);
        for (uint32_t row = 0; row < sample.batches[b]->count; row++) {
            assert_true(sample.batches[b]->id[row] < sample.batches[b]->key_count);
            assert_true(!row || sample.batches[b]->time_us[row] >= sample.batches[b]->time_us[row - 1]);
        }
    }
    assert_int_equal(rows, sample.rows);
    assert_int_equal(key_sample_size(&sample, 1000000, 800000), 800000 + (uint64_t)round(200000.0 / sample.parts));
    assert_int_equal(key_sample_size(&sample, 700000, 800000), 800001);
    key_sample_release(&sample);
}

/* Makes rows of the batch, and of each that is shown afterwards, what a case says. */
typedef void change_fn(struct batch *batch);

static void change_nothing(struct batch *batch)
{
    (void)batch;
}

/* One in fifty moves an element from a key to its neighbour. */
static void move_elements(struct batch *batch)
{
    for (uint32_t row = 0; row + 1 < batch->count; row += 100) {
        batch->op[row] = batch->op[row + 1] = OP_LMOVE;
        batch->flags[row] = REQUEST_MORE;
    }
}

/* Adds an element to a row's key, which is a set. */
static void add_element(struct batch *batch, uint32_t row)
{
    batch->op[row] = OP_SADD;
    batch->has_sparse = batch->has_elements = batch->has_first_element = true;
    batch->elements[row] = 1;
    batch->first_element[row] = batch->list_count;
    *batch_add_elements(batch, 1) = (struct element){0};
}

/* Half of the elements that are added come to one set. */
static void swell_one_set(struct batch *batch)
{
    for (uint32_t row = 0; row < batch->count; row += 4) {
        add_element(batch, row);
        if (row % 8)
            batch->id[row] = KEYS - 1;
    }
}

static bool is_of_use(change_fn *change)
{
    struct key_sample sample;
    struct whole whole = begin();
    bool is;

    key_sample_open(&sample);
    while (next_batch(&whole)) {
        change(whole.batch);
        key_sample_see(&sample, whole.batch);
    }
    is = key_sample_close(&sample, 1);
    key_sample_release(&sample);
    end(&whole);
    return is;
}

static void test_of_no_use(void **state)
{
    struct key_sample sample;

    (void)state;
    assert_true(is_of_use(change_nothing));
    assert_false(is_of_use(move_elements));
    assert_false(is_of_use(swell_one_set));
    key_sample_open(&sample);
    assert_false(key_sample_close(&sample, 1)); /* no keys */
    key_sample_release(&sample);
}

/* ---- values with structure ---- */

enum { HASHES = 8000, FIELDS = 20, SESSIONS = 400000 };

/* One row after the other of an application: HSET of a field, HGET of one, an EXPIRE, now and then MULTI and EXEC. */
static void fill_session_row(struct batch *batch, struct member_index *members, uint64_t *random, uint64_t turn)
{
    uint32_t row = batch->count++;
    char field[32];

    batch->time_us[row] = (int64_t)turn * 100;
    batch->id[row] = draw(random) % HASHES;
    batch->key_len[row] = 12;
    batch->has_sparse = batch->has_client = true;
    batch->client[row] = (uint32_t)turn % 7;
    if (turn % 50 == 49) {
        batch->op[row] = turn % 100 == 99 ? OP_EXEC : OP_MULTI;
        batch->id[row] = NO_KEY;
        batch->key_len[row] = 0;
        batch->client[row] = 7;
    } else if (turn % 11 == 5) {
        batch->op[row] = OP_EXPIRE;
        batch->flags[row] = REQUEST_TTL;
        batch->ttl_ms[row] = 10000;
    } else {
        snprintf(field, sizeof field, "field%u of session", draw(random) % FIELDS);
        batch->op[row] = turn % 2 ? OP_HSET : OP_HGET;
        batch->has_elements = batch->has_first_element = true;
        batch->elements[row] = 1;
        batch->first_element[row] = batch->list_count;
        *batch_add_elements(batch, 1) =
            (struct element){.member = member_index_intern(members, field, (uint32_t)strlen(field)),
                             .value_len = batch->op[row] == OP_HSET ? 60 : 0};
    }
}

static bool next_sessions(struct batch *batch, struct member_index *members, uint64_t *random, uint64_t *turn)
{
    batch_clear(batch);
    memset(batch->flags, 0, sizeof batch->flags);
    memset(batch->ttl_ms, 0, sizeof batch->ttl_ms);
    memset(batch->value_len, 0, sizeof batch->value_len);
    batch->key_count = HASHES;
    while (batch->count < BATCH_CAPACITY && *turn < SESSIONS)
        fill_session_row(batch, members, random, (*turn)++);
    batch->members = &members->members;
    return batch->count > 0;
}

/* The hashes of an application, under pressure and without a limit: what a sample says of them is about right, though whatever knew
 * their fields has gone. */
static void test_structure(void **state)
{
    struct simulation_options options = {.fill = false};
    struct cell_config cell = {.server = server_find("redis-7.0.15"),
                               .policy = policy_find("allkeys-lru"),
                               .maxmemory = 3 << 20,
                               .seed = 1,
                               .options = &options};
    struct member_index members = {0};
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct key_sample sample;
    struct result whole = {0}, miniature = {0};
    struct error error = {0};
    uint64_t random = 3, turn = 0;
    void *server = xcalloc(1, cell.server->model->state_size);

    (void)state;
    redis_config_init(&options.redis);
    assert_int_equal(cell.server->model->init(server, &cell, &error), 0);
    key_sample_open(&sample);
    while (next_sessions(batch, &members, &random, &turn)) {
        key_sample_see(&sample, batch);
        assert_int_equal(cell.server->model->replay(server, batch, &error), 0);
    }
    assert_int_equal(cell.server->model->finish(server, (int64_t)SESSIONS * 100, &whole, &error), 0);
    cell.server->model->release(server);
    free(server);
    batch_release(batch);
    free(batch);
    assert_true(key_sample_close(&sample, (int64_t)SESSIONS * 100));
    member_index_release(&members);

    assert_int_equal(sample.reads, whole.counters.reads);
    cell.maxmemory = key_sample_size(&sample, cell.maxmemory, whole.counters.baseline_memory);
    assert_int_equal(key_sample_replay(&sample, &cell, 1, 1, &miniature, &error), 0);
    key_sample_scale(&sample, &whole.counters, &miniature);
    assert_true(whole.counters.evicted_keys > 1000);
    assert_true(fabs(result_hit_ratio(&miniature) - result_hit_ratio(&whole)) < 0.02);
    assert_true(fabs((double)miniature.counters.evicted_keys / (double)whole.counters.evicted_keys - 1) < 0.1);
    result_release(&whole);
    result_release(&miniature);
    key_sample_release(&sample);
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
        cmocka_unit_test(test_so_far), cmocka_unit_test(test_due_once),  cmocka_unit_test(test_structure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
