/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_idle: a server that skips empty time against one that walks through every tick. After every gap of a random
 * trace the two must be in the same state, down to the cursors, the clocks and the random numbers, and so must their
 * curves. All servers are tested; with INFO and with points of the curve at odd times; with scenarios of clients,
 * children, replicas, another hz and another limit. */
#include "tests/support_random.h"
#include "tests/support_server.h"

#include "sim/alloc.h"
#include "sim/server/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 3000, BURSTS = 4, ROWS = 400 };

static const char *const policies[] = {"noeviction", "allkeys-lru", "volatile-ttl", "allkeys-lfu", "volatile-random"};

/* ---- two servers ---- */

struct twins {
    struct cell *skips, *walks;
};

static struct twins open_twins(struct cell_setup setup)
{
    struct twins twins = {cell_open(setup), cell_open(setup)};

    twins.walks->redis->idle.walks = true;
    return twins;
}

static void add(struct twins twins, struct row row)
{
    cell_add(twins.skips, row);
    cell_add(twins.walks, row);
}

static void pass(struct twins twins, int64_t us)
{
    cell_wait_us(twins.skips, us);
    cell_wait_us(twins.walks, us);
}

/* ---- how they compare ---- */

static void assert_same_client(const struct redis *a, const struct redis *b)
{
    struct state_list lists[2] = {{0}, {0}};

    client_describe(&a->client, a->unix_ms, a->cached_unix_s, &lists[0]);
    client_describe(&b->client, b->unix_ms, b->cached_unix_s, &lists[1]);
    assert_true(state_list_equal(&lists[0], &lists[1]));
    for (int i = 0; i < 2; i++)
        state_list_release(&lists[i]);
}

static void assert_same_replication(const struct replication *a, const struct replication *b)
{
    assert_int_equal(a->offset, b->offset);
    assert_int_equal(a->history, b->history);
    assert_int_equal(a->memory, b->memory);
    assert_int_equal(a->index.bytes, b->index.bytes);
    assert_int_equal(a->first, b->first);
    assert_int_equal(a->end, b->end);
    assert_int_equal(a->unindexed, b->unindexed);
    assert_int_equal(a->cron_calls, b->cron_calls);
    assert_int_equal(a->seconds, b->seconds);
    assert_int_equal(a->has_backlog, b->has_backlog);
}

static void assert_same_tables(struct redis *a, struct redis *b)
{
    struct state_list lists[2] = {{0}, {0}};

    for (int db = 0; db < a->database_count; db++) {
        assert_int_equal(a->databases[db].expires_cursor, b->databases[db].expires_cursor);
        for (int i = 0; i < 2; i++) {
            table_describe(&(i ? b : a)->databases[db].keys, &lists[i]);
            table_describe(&(i ? b : a)->databases[db].expires, &lists[i]);
        }
    }
    assert_true(state_list_equal(&lists[0], &lists[1]));
    for (int i = 0; i < 2; i++)
        state_list_release(&lists[i]);
}

static void assert_same(struct twins twins)
{
    struct redis *a = twins.skips->redis, *b = twins.walks->redis;

    assert_int_equal(a->used, b->used);
    assert_memory_equal(&a->counters, &b->counters, sizeof a->counters);
    assert_int_equal(a->cached_unix_s, b->cached_unix_s);
    assert_int_equal(a->eviction.clock.lru_clock, b->eviction.clock.lru_clock);
    assert_int_equal(a->cron_due_us, b->cron_due_us);
    assert_int_equal(a->cron.at_us, b->cron.at_us);
    assert_int_equal(a->info.at_us, b->info.at_us);
    assert_int_equal(a->child, b->child);
    assert_int_equal(a->rehash_db, b->rehash_db);
    assert_int_equal(a->expire_db, b->expire_db);
    assert_memory_equal(gsl_rng_state(a->rng), gsl_rng_state(b->rng), gsl_rng_size(a->rng));
    for (uint32_t id = 0; id < a->capacity && id < b->capacity; id++)
        assert_int_equal(entry_of(a, id)->encoding, entry_of(b, id)->encoding);
    assert_same_client(a, b);
    assert_same_replication(&a->replication, &b->replication);
    assert_same_tables(a, b);
}

static void close_twins(struct twins twins)
{
    struct curve curves[2];
    struct counters skips = cell_finish(twins.skips, &curves[0]), walks = cell_finish(twins.walks, &curves[1]);

    assert_memory_equal(&skips, &walks, sizeof skips);
    assert_int_equal(curves[0].count, curves[1].count);
    assert_memory_equal(curves[0].samples, curves[1].samples, curves[0].count * sizeof *curves[0].samples);
    free(curves[0].samples);
    free(curves[1].samples);
    cell_close(twins.skips);
    cell_close(twins.walks);
}

/* ---- random traces ---- */

/* Most ttls end within a burst or two, some never in this trace. */
static int64_t random_ttl_ms(struct random *random)
{
    static const int64_t ceilings_ms[] = {50, 3000, 100000, 4000000, INT64_C(400) * 86400 * 1000};

    return 1 + (int64_t)random_below(random, (uint64_t)ceilings_ms[random_below(random, 5)]);
}

static struct row random_row(struct random *random, int databases)
{
    static const enum op ops[] = {OP_GET, OP_GET, OP_SET, OP_SET, OP_SET, OP_DEL, OP_EXPIRE, OP_PERSIST, OP_APPEND};
    struct row row = {
        .op = ops[random_below(random, sizeof ops / sizeof *ops)],
        .id = (uint32_t)random_below(random, KEYS),
        .key_len = 12,
        .value_len = (uint32_t)random_below(random, random_chance(random, 3) ? 60000 : 300),
    };

    row.db = (uint8_t)(row.id % (uint32_t)databases); /* a key's database is fixed with its id */
    if (row.op == OP_EXPIRE || (row.op == OP_SET && random_chance(random, 50))) {
        row.flags = REQUEST_TTL | REQUEST_MILLIS;
        row.ttl_ms = random_ttl_ms(random);
    }
    if (random_below(random, 3000) == 0)
        row = (struct row){.op = OP_FLUSHALL, .id = NO_KEY};
    return row;
}

/* Milliseconds to hours. */
static int64_t random_gap_us(struct random *random)
{
    static const uint64_t ceilings_us[] = {1000000, 20000000, 700000000, UINT64_C(5000000000)};

    return (int64_t)random_below(random, ceilings_us[random_below(random, 4)]);
}

static void play(struct twins twins, struct random *random, int databases)
{
    for (int burst = 0; burst < BURSTS; burst++) {
        uint64_t rows = random_below(random, ROWS);

        for (uint64_t i = 0; i < rows; i++) {
            int64_t apart_us = (int64_t)random_below(random, random_chance(random, 10) ? 300000 : 200);

            add(twins, random_row(random, databases));
            twins.skips->now_us = twins.walks->now_us += apart_us;
        }
        pass(twins, random_gap_us(random));
        assert_same(twins);
    }
}

/* ---- scenarios ---- */

static struct scenario_event random_event(struct random *random)
{
    static const char *const hz[] = {"1", "10", "17", "100", "250"};
    struct scenario_event event = {.at_us = (int64_t)random_below(random, UINT64_C(8000000000)), .line = 1};

    if (random_chance(random, 20))
        event.period_us = 1 + event.at_us;
    switch (random_below(random, 7)) {
    case 0:
        event.kind = SCENARIO_BGSAVE;
        event.words[0] = "BGSAVE";
        event.word_count = 1;
        event.child_us = 1 + (int64_t)random_below(random, 4000000000);
        break;
    case 1:
        event.kind = SCENARIO_CLIENTS;
        event.clients = (uint32_t)random_below(random, 40);
        break;
    case 2:
        event.kind = SCENARIO_IDLE;
        event.idle_step = 1 + (int)random_below(random, 2);
        break;
    case 3:
    case 4:
        event.kind = SCENARIO_REPLICA;
        event.attaches = random_chance(random, 70);
        event.child_us = random_chance(random, 50) ? 0 : (int64_t)random_below(random, 90000000);
        break;
    default:
        event.kind = SCENARIO_CONFIG;
        event.words[0] = "CONFIG";
        event.words[1] = "SET";
        event.words[2] = "hz";
        event.words[3] = hz[random_below(random, 5)];
        event.word_count = 4;
        event.settings[0] = (struct scenario_setting){.option = redis_option_find("hz"), .value = event.words[3]};
        event.setting_count = 1;
    }
    return event;
}

static void fill_scenario(struct scenario *scenario, struct scenario_event *events, size_t count, struct random *random)
{
    *scenario = (struct scenario){.events = events, .count = count};
    for (size_t i = 0; i < count; i++)
        events[i] = random_event(random);
}

/* ---- the tests ---- */

static void run_twins(const char *server, struct random *random, const struct scenario *scenario)
{
    static const int64_t every_us[] = {0, 0, 60000000, 7300000, 130000, 9000};
    struct cell_setup setup = {
        .server = server,
        .policy = policies[random_below(random, sizeof policies / sizeof *policies)],
        .maxmemory = random_chance(random, 20) ? 0 : 1000000 + random_below(random, 700000),
        .seed = 1 + random_below(random, 1000),
        .effort = 1 + (uint32_t)random_below(random, 10),
    };
    struct twins twins;

    setup.options.info_every_us = every_us[random_below(random, sizeof every_us / sizeof *every_us)];
    setup.options.interval_us = random_chance(random, 30) ? 700000 : 0;
    setup.options.start_unix_us = INT64_C(1700000000000000) + (int64_t)random_below(random, 5000000);
    setup.options.scenario = scenario;
    twins = open_twins(setup);
    play(twins, random, random_chance(random, 20) ? 40 : 3);
    close_twins(twins);
}

static void empty_time_is_skipped_as_if_it_had_been_walked(void **state)
{
    struct random random = random_start();

    (void)state;
    for (size_t i = 0; i < server_count; i++)
        for (int round = 0; servers[i].profile && round < 2; round++)
            run_twins(servers[i].name, &random, NULL);
}

static void so_it_is_with_a_scenario(void **state)
{
    struct random random = random_start();
    struct scenario *scenario = xcalloc(1, sizeof *scenario);
    struct scenario_event *events = xcalloc(12, sizeof *events);

    (void)state;
    for (size_t i = 0; i < server_count; i++) {
        for (int round = 0; servers[i].profile && round < 2; round++) {
            fill_scenario(scenario, events, random_below(&random, 12), &random);
            run_twins(servers[i].name, &random, scenario);
        }
    }
    free(events);
    free(scenario);
}

/* Keys are found expired one by one, by a cursor that has a long way to go. */
static void ttls_far_apart_are_found_at_the_tick_that_finds_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < server_count; i++) {
        struct random random = random_stream(i);
        struct twins twins;

        if (!servers[i].profile)
            continue;
        twins = open_twins((struct cell_setup){.server = servers[i].name});
        for (uint32_t id = 0; id < 300; id++)
            add(twins, (struct row){.op = OP_SET,
                                    .id = id,
                                    .key_len = 5,
                                    .value_len = 10,
                                    .flags = REQUEST_TTL,
                                    .ttl_ms = (int64_t)random_below(&random, 40000000)});
        for (int gap = 0; gap < 12; gap++) {
            pass(twins, INT64_C(3000000000));
            assert_same(twins);
        }
        assert_true(twins.skips->redis->counters.expired_keys > 200);
        close_twins(twins);
    }
}

/* Buffers of many clients shrink at their own times, and a timeout closes them one after the other. */
static void so_it_is_with_many_clients(void **state)
{
    struct random random = random_start();

    (void)state;
    for (size_t i = 0; i < server_count; i++) {
        struct twins twins;
        uint32_t clients = 1 + (uint32_t)random_below(&random, 120), timeout = (uint32_t)random_below(&random, 90);

        if (!servers[i].profile)
            continue;
        twins = open_twins((struct cell_setup){.server = servers[i].name});
        twins.skips->redis->config.timeout = twins.walks->redis->config.timeout = timeout > 30 ? timeout : 0;
        for (int round = 0; round < 30; round++) {
            for (int row = 0; row < 20; row++)
                add(twins, (struct row){.op = OP_SET,
                                        .id = (uint32_t)random_below(&random, 9),
                                        .key_len = 5,
                                        .value_len = (uint32_t)random_below(&random, 60000),
                                        .client = (uint32_t)random_below(&random, clients)});
            pass(twins, (int64_t)random_below(&random, 40000) * 1000);
            assert_same(twins);
        }
        close_twins(twins);
    }
}

/* A replica's child begins when another has ended, in the middle of a silence that nobody looks into. */
static void a_child_ends_at_its_tick(void **state)
{
    struct scenario_event events[] = {
        {.at_us = 0, .kind = SCENARIO_BGSAVE, .words = {"BGSAVE"}, .word_count = 1, .child_us = 1000000000},
        {.at_us = 10000000, .kind = SCENARIO_REPLICA, .attaches = true, .child_us = 100000000},
        {.at_us = 20000000, .kind = SCENARIO_REPLICA},
        {.at_us = 30000000, .kind = SCENARIO_REPLICA, .attaches = true, .child_us = 100000000},
    };
    struct scenario scenario = {.events = events, .count = 4};
    struct cell_setup setup = {.options = {.scenario = &scenario, .interval_us = INT64_C(86400000000)}};

    (void)state;
    for (int tenths = 10990; tenths < 11015; tenths++) {
        struct twins twins = open_twins(setup);

        add(twins, (struct row){.op = OP_PING, .id = NO_KEY});
        pass(twins, (int64_t)tenths * 100000);
        assert_same(twins);
        assert_int_equal(twins.skips->redis->child, tenths < 11000);
        close_twins(twins);
    }
}

/* 530 years of 10 ticks a second: this test would not end. */
static void centuries_take_no_time(void **state)
{
    static const int64_t every_us[] = {0, 1000000, 60000000};

    (void)state;
    for (size_t i = 0; i < server_count; i++) {
        for (size_t j = 0; servers[i].profile && j < 3; j++) {
            struct cell_setup setup = {.server = servers[i].name, .policy = "allkeys-lru", .maxmemory = 2 << 20};
            struct curve curve;
            struct cell *cell;

            setup.options.info_every_us = every_us[j];
            setup.options.interval_us = j == 1 ? 1000000 : 0;
            cell = cell_open(setup);
            cell->redis->config.timeout = j == 0 ? 100 : 0; /* which closes the only connection */
            cell_run(cell, "set a 10 ex 60; set b 10 ex 3000000000; set c 10; wait 16725225600; get a; get b; get c");
            assert_int_equal(cell->redis->counters.expired_keys, 2);
            assert_int_equal(cell->redis->counters.hits, 1);
            cell_finish(cell, &curve);
            assert_in_range(curve.count, 100, 60000);
            for (size_t k = 1; k < curve.count; k++)
                assert_true(curve.samples[k].time_us >= curve.samples[k - 1].time_us);
            free(curve.samples);
            cell_close(cell);
        }
    }
}

/* What a scenario does in the middle of a century comes at its time, and the curve shows it at once. */
static void an_event_in_a_century_comes_at_its_time(void **state)
{
    const int64_t at_us = INT64_C(1600000000000000);
    struct scenario_event event = {.at_us = at_us + 1, .kind = SCENARIO_CLIENTS, .clients = 500, .line = 1};
    struct scenario scenario = {.events = &event, .count = 1};
    struct cell_setup setup = {.maxmemory = 0};
    struct curve curve;
    struct cell *cell;
    size_t i = 0;

    (void)state;
    setup.options.scenario = &scenario;
    setup.options.info_every_us = 60000000;
    cell = cell_open(setup);
    cell_run(cell, "set a 10; wait 4000000000; get a");
    cell_finish(cell, &curve);
    while (i < curve.count && curve.samples[i].time_us <= at_us)
        i++;
    assert_in_range(curve.samples[i].time_us - at_us, 1, 60000000);
    assert_true(curve.samples[i].used_memory > curve.samples[i - 1].used_memory + 1000000);
    free(curve.samples);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_time_is_skipped_as_if_it_had_been_walked),
        cmocka_unit_test(so_it_is_with_a_scenario),
        cmocka_unit_test(so_it_is_with_many_clients),
        cmocka_unit_test(ttls_far_apart_are_found_at_the_tick_that_finds_them),
        cmocka_unit_test(a_child_ends_at_its_tick),
        cmocka_unit_test(centuries_take_no_time),
        cmocka_unit_test(an_event_in_a_century_comes_at_its_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
