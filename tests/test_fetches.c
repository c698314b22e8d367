/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_fetches: what misses cost, and how many ask for one key at once (--miss-cost). */
#include "sim/fetches.h"
#include "sim/policy.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_load(const struct miss_load *load, uint64_t fetches, uint64_t repeated, uint64_t at_once)
{
    assert_int_equal(load->fetches, fetches);
    assert_int_equal(load->repeated_fetches, repeated);
    assert_int_equal(load->fetches_at_once, at_once);
}

/* The picture at the head of fetches.h. */
static void reads_of_a_window_are_at_once(void **state)
{
    struct fetches fetches;

    (void)state;
    fetches_init(&fetches, 5000, true);
    fetches_note(&fetches, 1, 0, false);
    fetches_note(&fetches, 1, 2000, true);
    fetches_note(&fetches, 1, 4000, true);
    fetches_note(&fetches, 1, 5000, true); /* the value has come */
    fetches_note(&fetches, 1, 7000, true);
    assert_load(&fetches.load, 3, 2, 3);
    assert_int_equal(fetches.load.cost_us, 15000);
    fetches_note(&fetches, 2, 7000, true); /* never missed */
    fetches_note(&fetches, 1, 8000, false);
    fetches_note(&fetches, 2, 8000, false);
    assert_load(&fetches.load, 5, 2, 3);
    fetches_release(&fetches);
}

/* Then the trace has the application's own writes, with the time that they took. */
static void without_fills_hits_are_hits(void **state)
{
    struct fetches fetches;

    (void)state;
    fetches_init(&fetches, 5000, false);
    fetches_note(&fetches, 1, 0, false);
    fetches_note(&fetches, 1, 1000, false);
    fetches_note(&fetches, 1, 2000, true);
    fetches_note(&fetches, 1, 4999, false);
    assert_load(&fetches.load, 3, 2, 3);
    fetches_release(&fetches);
}

static int64_t clock_of(int64_t first_us, int64_t second_us)
{
    struct fetches fetches;
    int64_t clock_us;

    fetches_init(&fetches, 1, false);
    fetches_note(&fetches, 1, first_us, false);
    fetches_note(&fetches, 1, second_us, true);
    clock_us = fetches.load.clock_us;
    fetches_release(&fetches);
    return clock_us;
}

static void the_clock_of_the_trace_is_seen(void **state)
{
    (void)state;
    assert_int_equal(clock_of(0, 7000000), 1000000);
    assert_int_equal(clock_of(1000000, 7001000), 1000);
    assert_int_equal(clock_of(1001, 7000000), 1);
    assert_int_equal(clock_of(1000000, 7000001), 1);
}

/* ---- by group ---- */

static void note_key(struct key_groups *groups, uint32_t id, const char *key)
{
    struct record record = {.key = key, .key_bytes = (uint32_t)strlen(key)};

    key_groups_note(groups, id, &record);
}

/* A miss of user costs 5 ms, one of a key without a prefix 1 ms, any other 2 ms; and each has a window as long. */
static void groups_have_costs_of_their_own(void **state)
{
    struct miss_costs costs = {0};
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("prefix", ":", &error);
    struct key_groups *groups = key_groups_new(rule);
    struct group_account *account = group_account_new(groups);
    struct result result = {0};
    struct fetches fetches;
    uint64_t sum[3] = {0};

    (void)state;
    assert_int_equal(miss_costs_add(&costs, "user", 5000, 1), 0);
    assert_int_equal(miss_costs_add(&costs, "(no prefix)", 1000, 2), 0);
    assert_int_equal(miss_costs_add(&costs, "*", 2000, 3), 0);
    assert_int_equal(miss_costs_add(&costs, "user", 1, 4), 1); /* it has one, in line 1 */
    note_key(groups, 0, "user:1");
    note_key(groups, 1, "plain");
    note_key(groups, 2, "cart:1");
    note_key(groups, 3, "user:2");
    fetches_init(&fetches, 1000, true);
    fetches_by_group(&fetches, account, &costs);
    for (uint32_t id = 0; id < 4; id++)
        fetches_note(&fetches, id, 0, false);
    for (uint32_t id = 0; id < 4; id++)
        fetches_note(&fetches, id, 1500, true); /* not plain */
    for (uint32_t id = 0; id < 3; id++)
        fetches_note(&fetches, id, 4999, true); /* user:1 only */
    assert_load(&fetches.load, 8, 4, 3);
    assert_int_equal(fetches.load.cost_us, 5 * 5000 + 1000 + 2 * 2000);
    group_account_finish(account, &result);
    for (size_t i = 0; i < result.group_count; i++) {
        const struct group *group = &result.groups[i];

        if (!strcmp(group->name, "user"))
            assert_int_equal(group->miss_cost_us, 25000);
        sum[0] += group->fetches;
        sum[1] += group->repeated_fetches;
        sum[2] += group->miss_cost_us;
    }
    assert_int_equal(sum[0], 8);
    assert_int_equal(sum[1], 4);
    assert_int_equal(sum[2], fetches.load.cost_us);
    result.server = result.policy = NULL;
    result_release(&result);
    fetches_release(&fetches);
    miss_costs_release(&costs);
    group_account_free(account);
    key_groups_free(groups);
    group_rule_free(rule);
}

/* ---- a second reading ---- */

enum { KEYS = 3000, READS = 60000 };

struct naive {
    int64_t cost_us, begin_us[KEYS];
    bool hits_are_early, is_open[KEYS];
    uint64_t fetches, repeated, at_once, in_window[KEYS];
};

static void naive_note(struct naive *naive, uint32_t id, int64_t now_us, bool found)
{
    bool is_within = naive->is_open[id] && now_us - naive->begin_us[id] < naive->cost_us;

    if (found && !(is_within && naive->hits_are_early))
        return;
    if (!is_within) {
        naive->is_open[id] = true;
        naive->begin_us[id] = now_us;
        naive->in_window[id] = 0;
    }
    naive->fetches++;
    naive->repeated += is_within;
    naive->in_window[id]++;
    if (naive->in_window[id] > naive->at_once)
        naive->at_once = naive->in_window[id];
}

/* Of any length of windows, so that few are open or nearly all keys' are; the table stays as small as it can. */
static void windows_are_those_of_a_second_reading(void **state)
{
    static const int64_t costs[] = {1, 300, 50000, 10000000, INT64_C(100000000000)};
    struct random random = random_start();

    (void)state;
    for (size_t c = 0; c < sizeof costs / sizeof *costs; c++)
        for (int early = 0; early < 2; early++) {
            static struct naive naive;
            struct fetches fetches;
            int64_t now_us = 0;

            naive = (struct naive){.cost_us = costs[c], .hits_are_early = early};
            fetches_init(&fetches, costs[c], early);
            for (int i = 0; i < READS; i++) {
                uint32_t id = (uint32_t)(random_unit(&random) * random_unit(&random) * KEYS);
                bool found = random_chance(&random, 60);

                now_us += (int64_t)random_below(&random, 200);
                naive_note(&naive, id, now_us, found);
                fetches_note(&fetches, id, now_us, found);
            }
            assert_load(&fetches.load, naive.fetches, naive.repeated, naive.at_once);
            assert_int_equal(fetches.load.cost_us, naive.fetches * (uint64_t)costs[c]);
            assert_in_range(fetches.capacity, 64, costs[c] == 1 ? 64 : 8192);
            fetches_release(&fetches);
        }
}

/* ---- in the models ---- */

enum { MODEL_KEYS = 400, COMMANDS = 6000 };

/* Reads, writes and deletions of few keys in little memory. */
static struct counters play(const char *server, bool fill, int64_t cost_us, struct miss_load *load)
{
    struct random random = random_stream(random_seed());
    struct cell *cell = cell_open((struct cell_setup){.server = server,
                                                      .policy = "allkeys-lru",
                                                      .maxmemory = strcmp(server, "flat") ? 1050000 : 30000,
                                                      .seed = 3,
                                                      .options = {.fill = fill, .miss_cost_us = cost_us}});
    struct result result = {0};
    struct counters counters;

    cell->key_count = MODEL_KEYS;
    for (int i = 0; i < COMMANDS; i++) {
        double u = random_unit(&random);
        uint32_t id = (uint32_t)(u * u * MODEL_KEYS), kind = (uint32_t)random_below(&random, 100);
        struct row row = {.op = kind < 20   ? OP_SET
                                : kind < 25 ? OP_DEL
                                            : OP_GET,
                          .id = id,
                          .key_len = 4,
                          .value_len = 1 + id * 37 % 600};

        cell_do(cell, row);
        cell->now_us += (int64_t)random_below(&random, 3000);
    }
    assert_int_equal(cell->config.server->model->finish(cell->state, cell->now_us, &result, &cell->error), 0);
    counters = result.counters;
    *load = result.load;
    result_release(&result);
    cell_close(cell);
    return counters;
}

static void a_miss_cost_changes_nothing_else(void **state)
{
    const char *server;

    (void)state;
    for (size_t i = 0; (server = model_server(i)); i++)
        for (int fill = 0; fill < 2; fill++) {
            struct miss_load load, none;
            struct counters with = play(server, fill, 20000, &load), without = play(server, fill, 0, &none);

            assert_memory_equal(&with, &without, sizeof with);
            assert_load(&none, 0, 0, 0);
            assert_true(load.fetches >= with.misses);
            assert_true(fill || load.fetches == with.misses);
            assert_true(load.repeated_fetches > 0 && load.repeated_fetches < load.fetches);
            assert_int_equal(load.cost_us, load.fetches * 20000);
        }
}

/* Reads alone, one after the other: whether each hit is seen from outside. */
static void models_note_every_read(void **state)
{
    const char *server;

    (void)state;
    for (size_t i = 0; (server = model_server(i)); i++)
        for (int fill = 0; fill < 2; fill++) {
            struct random random = random_stream(random_seed());
            struct cell *cell = cell_open((struct cell_setup){.server = server,
                                                              .policy = "allkeys-lru",
                                                              .maxmemory = strcmp(server, "flat") ? 1050000 : 30000,
                                                              .options = {.fill = fill, .miss_cost_us = 20000}});
            static struct naive naive;
            struct result result = {0};
            bool is_there[MODEL_KEYS] = {false};

            naive = (struct naive){.cost_us = 20000, .hits_are_early = fill};
            cell->key_count = MODEL_KEYS;
            for (int j = 0; j < COMMANDS; j++) {
                uint32_t id = (uint32_t)random_below(&random, 40); /* all fit */
                bool writes = random_chance(&random, 2);
                struct row row = {.op = writes ? OP_SET : OP_GET, .id = id, .key_len = 4, .value_len = 20};

                cell_add(cell, row);
                cell_flush(cell);
                if (!writes)
                    naive_note(&naive, id, cell->now_us, is_there[id]);
                is_there[id] |= writes || fill;
                cell->now_us += (int64_t)random_below(&random, 3000);
            }
            assert_int_equal(cell->config.server->model->finish(cell->state, cell->now_us, &result, &cell->error), 0);
            assert_int_equal(result.counters.evicted_keys, 0);
            assert_load(&result.load, naive.fetches, naive.repeated, naive.at_once);
            assert_true(naive.at_once > 2);
            result_release(&result);
            cell_close(cell);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_of_a_window_are_at_once),
        cmocka_unit_test(without_fills_hits_are_hits),
        cmocka_unit_test(the_clock_of_the_trace_is_seen),
        cmocka_unit_test(groups_have_costs_of_their_own),
        cmocka_unit_test(windows_are_those_of_a_second_reading),
        cmocka_unit_test(a_miss_cost_changes_nothing_else),
        cmocka_unit_test(models_note_every_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
