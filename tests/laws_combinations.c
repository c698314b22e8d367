/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_combinations: shards, a warm-up and what-ifs at once, over every policy and every server. Shards add up to what is left of
 * the trace; every cell and every shard leaves out what came before the warm-up's end, and no more; a cell beside what-ifs is the
 * cell without them, and one with a change is what a run with that change gives, random numbers and all. */
#include "policies/registry.h"
#include "sim/advice/what_if.h"
#include "sim/alloc.h"
#include "sim/input/groups.h"
#include "sim/server/registry.h"
#include "sim/warmup.h"
#include "tests/support_random.h"
#include "tests/support_shards.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHARDS = 3, SHIFTS = 40 };
static const int64_t WARMUP_US = 4000000; /* a third of the plain trace */

/* ---- what is left out ---- */

/* Lines of a trace of MONITOR before this time since its first; calls of a script are with the script. */
static uint64_t lines_before(const char *path, int64_t until_us)
{
    FILE *file = fopen(path, "r");
    char line[4096];
    uint64_t count = 0;
    long long first_us = -1, us = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (!strstr(line, "[0 lua]"))
            us = strtoll(line, NULL, 10) * 1000000 + strtoll(strchr(line, '.') + 1, NULL, 10);
        first_us = first_us < 0 ? us : first_us;
        count += us - first_us < until_us;
    }
    fclose(file);
    return count;
}

/* When the first line at or after this time that has the text comes. */
static int64_t time_of(const char *path, const char *text, int64_t from_us)
{
    FILE *file = fopen(path, "r");
    char line[4096];
    long long first_us = -1, us = -1;

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        us = strtoll(line, NULL, 10) * 1000000 + strtoll(strchr(line, '.') + 1, NULL, 10);
        first_us = first_us < 0 ? us : first_us;
        if (us - first_us >= from_us && strstr(line, text))
            break;
    }
    fclose(file);
    return us - first_us;
}

/* The whole is what is left, and what was left out. */
static void expect_rest(const struct result *whole, const struct result *rest)
{
    for (int i = 0; i < COUNTER_COUNT; i++) {
        uint64_t all = counter_get(&whole->counters, i), left = counter_get(&rest->counters, i);

        if (counter_is_cumulative(i) && all != left + counter_get(&rest->warmup, i))
            fail_msg("%s, %s: %s: %llu of %llu, and %llu left out", rest->server, rest->policy, counter_fields[i].name,
                     (unsigned long long)left, (unsigned long long)all,
                     (unsigned long long)counter_get(&rest->warmup, i));
    }
    assert_true(fields_equal(&curve_layout, &whole->curve, &rest->curve));
}

static void expect_groups(const struct result *result)
{
    struct group sum = {0};

    for (size_t i = 0; i < result->group_count; i++) {
        sum.requests += result->groups[i].requests;
        sum.misses += result->groups[i].misses;
        sum.evicted_keys += result->groups[i].evicted_keys;
        sum.oom_rejections += result->groups[i].oom_rejections;
    }
    assert_int_equal(sum.requests, result->counters.requests);
    assert_int_equal(sum.misses, result->counters.misses);
    assert_int_equal(sum.evicted_keys, result->counters.evicted_keys);
    assert_int_equal(sum.oom_rejections, result->counters.oom_rejections);
}

/* The same requests in every cell, and in every shard those that are its own: counted as text. */
static void every_cell_and_shard_leaves_out_the_same(void **state)
{
    const uint64_t seed = random_seed();
    char *trace = plain_shard_trace(NULL, 0, seed);
    struct slot_table *table = slot_table_deal(SHARDS);
    struct error error = {0};
    struct group_rule *by = group_rule_parse("prefix", ":", &error);
    size_t count;
    struct cell_config *cells = shard_cells(&count);
    struct run whole = {0}, rest = {0};
    uint64_t before[SHARDS], lines[SHARDS], everywhere;

    (void)state;
    for (uint32_t i = 0; i < SHARDS; i++) {
        char *part = plain_shard_trace(table, i, seed);

        before[i] = lines_before(part, WARMUP_US);
        lines[i] = lines_before(part, INT64_MAX);
        remove_temporary(part);
    }
    everywhere = before[0] + before[1] + before[2] - lines_before(trace, WARMUP_US);
    assert_true(everywhere >= 2);
    replay_shards(trace, cells, count, (struct shard_setup){.table = table, .by = by}, &whole);
    replay_shards(trace, cells, count, (struct shard_setup){.table = table, .by = by, .warmup_us = WARMUP_US}, &rest);
    for (size_t i = 0; i < count; i++) {
        const struct result *result = &rest.results[i];

        expect_rest(&whole.results[i], result);
        expect_groups(result);
        expect_shard_sums(result, rest.commands - lines_before(trace, WARMUP_US), cells[i].server->profile != NULL);
        assert_int_equal(result->warmup.requests, before[0] + before[1] + before[2]);
        for (uint32_t shard = 0; shard < SHARDS; shard++)
            assert_int_equal(result->shards[shard].requests, lines[shard] - before[shard]);
        assert_int_equal(result->slots_by_requests_count, whole.results[i].slots_by_requests_count);
        assert_true(result->slots_by_requests[0].requests < whole.results[i].slots_by_requests[0].requests);
    }
    run_release(&whole);
    run_release(&rest);
    free(cells);
    group_rule_free(by);
    slot_table_free(table);
    remove_temporary(trace);
}

/* Wherever the warm-up ends: between MULTI and the first command behind it, too, and between a script and its calls. A MULTI is sent
 * with that command. */
static void what_is_sent_adds_up_wherever_the_warmup_ends(void **state)
{
    char *trace = mixed_shard_trace();
    struct slot_table *table = slot_table_deal(SHARDS);
    struct cell_config cells[] = {shard_cell("redis-7.0.15", policy_find("allkeys-lru"), 2000000),
                                  shard_cell("flat", policy_find("lru"), 3000)};
    struct random random = random_stream(random_seed());
    struct run whole = {0};
    size_t later = 0;

    (void)state;
    replay_shards(trace, cells, 2, (struct shard_setup){.table = table}, &whole);
    for (int i = 0; i < SHIFTS; i++) {
        static const struct {
            const char *text;
            int us;
        } places[] = {
            {"multi", 3}, {"exec", 0}, {"eval", 1}, {"eval", 2}, {"mget", 0}}; /* behind MULTI; amid a script's calls */
        int64_t from_us = 1000 * (int64_t)random_below(&random, 5000);
        int64_t warmup_us = time_of(trace, places[i % 5].text, from_us) + places[i % 5].us;
        uint64_t after = whole.commands - lines_before(trace, warmup_us);
        struct run rest = {0};

        replay_shards(trace, cells, 2, (struct shard_setup){.table = table, .warmup_us = warmup_us}, &rest);
        for (int cell = 0; cell < 2; cell++) {
            const struct result *result = &rest.results[cell];
            uint64_t sent = result->traffic.commands;

            assert_true(sent == after || sent == after + 1);
            expect_shard_sums(result, sent, cells[cell].server->profile != NULL);
            later += sent == after + 1;
        }
        run_release(&rest);
    }
    assert_true(later > 0);
    run_release(&whole);
    slot_table_free(table);
    remove_temporary(trace);
}

static void one_shard_is_a_server_in_cluster_mode(void **state)
{
    char *trace = mixed_shard_trace();
    struct slot_table *table = slot_table_deal(1);
    size_t count;
    struct cell_config *cells = shard_cells(&count);
    struct run cluster = {0}, server = {0};

    (void)state;
    replay_shards(trace, cells, count, (struct shard_setup){.table = table, .warmup_us = 2000005}, &cluster);
    replay_shards(trace, cells, count, (struct shard_setup){.cluster_mode = true, .warmup_us = 2000005}, &server);
    for (size_t i = 0; i < count; i++) {
        result_forget_shards(&cluster.results[i]);
        if (!fields_equal(&result_layout, &cluster.results[i], &server.results[i]))
            fail_msg("%s, %s: one shard is not the server", server.results[i].server, server.results[i].policy);
    }
    run_release(&cluster);
    run_release(&server);
    free(cells);
    slot_table_free(table);
    remove_temporary(trace);
}

/* ---- what-ifs ---- */

static const char *const changes[] = {"maxmemory x1.5; hz 100", "maxmemory-samples 10", "EXPIRE key:* 3"};
enum { CHANGES = sizeof changes / sizeof *changes };

static int find_no_server(void *owner, const char *name, const struct server **server, struct error *error)
{
    (void)owner;
    (void)name;
    *server = NULL;
    return error_set(error, ERROR_USAGE, "none");
}

static int find_no_policy(void *owner, const char *name, struct named_policy *policy, struct error *error)
{
    (void)owner;
    (void)name;
    *policy = (struct named_policy){0};
    return error_set(error, ERROR_USAGE, "none");
}

/* The same by hand: a run of cells that have the change. */
static void replay_changed(struct replay_plan plan, const struct what_if *what_if, size_t change, struct run *run)
{
    struct cell_config *cells = xcalloc(plan.cell_count, sizeof *cells);
    struct simulation_options options = plan.options;
    struct change_rules rules;
    struct error error = {0};

    for (size_t i = 0; i < plan.cell_count; i++) {
        cells[i] = plan.cells[i];
        change_apply(&what_if->list[change], &cells[i], &options, &rules);
    }
    plan.cells = cells;
    plan.ttl_patterns = what_if->patterns->list;
    plan.ttl_pattern_count = what_if->patterns->count;
    if (replay_run(&plan, run, &error))
        fail_msg("%s", error.text);
    free(cells);
}

static void expect_results(const struct run *expected, const struct result *results, const char *what)
{
    for (size_t i = 0; i < expected->result_count; i++)
        if (!fields_equal(&result_layout, &expected->results[i], &results[i]))
            fail_msg("%s, %s, %s, %s: another result than by hand", what, results[i].server, results[i].policy,
                     results[i].cluster);
}

/* One in three of the policies and servers: what a change is applied to does not depend on them, and all of them took a minute. */
static struct cell_config *some_cells(size_t *count)
{
    struct cell_config *cells = shard_cells(count);
    size_t kept = 0;

    for (size_t i = 0; i < *count; i += 3)
        cells[kept++] = cells[i];
    *count = kept;
    return cells;
}

static void what_ifs_are_runs_by_hand(void **state)
{
    char *trace = plain_shard_trace(NULL, 0, random_seed());
    struct slot_table *tables[] = {slot_table_deal(SHARDS), slot_table_deal(2)};
    size_t count, one = 0;
    struct cell_config *cells = some_cells(&count);
    const struct shard_setup setup = {.warmup_us = WARMUP_US};
    struct replay_plan plan = shard_plan(trace, cells, count, &setup);
    const struct warmup_wish warmup = {.kind = WARMUP_TIME, .time_us = WARMUP_US};
    const struct change_names names = {.find_server = find_no_server, .find_policy = find_no_policy};
    struct changes list[CHANGES];
    struct change_patterns patterns = {0};
    const struct what_if what_if = {list, CHANGES, &patterns, 1, NULL};
    struct run all = {0};
    struct comparison comparison = {0};
    struct error error = {0};

    (void)state;
    plan.sharding.tables = (const struct slot_table *const *)tables;
    plan.sharding.table_count = 2;
    for (size_t i = 0; i < CHANGES; i++)
        if (change_parse(&list[i], changes[i], &names, &patterns, &error))
            fail_msg("%s", error.text);
    if (what_if_check(&what_if, &plan, &error) || what_if_replay(&what_if, &plan, &warmup, &all, &error))
        fail_msg("%s", error.text);
    assert_int_equal(all.result_count, 2 * count * (1 + CHANGES));
    for (size_t i = 0; i <= CHANGES; i++) {
        struct run by_hand = {0};

        if (i)
            replay_changed(plan, &what_if, i - 1, &by_hand);
        else if (replay_run(&plan, &by_hand, &error))
            fail_msg("%s", error.text);
        assert_int_equal(by_hand.result_count, 2 * count);
        expect_results(&by_hand, all.results + i * 2 * count, i ? changes[i - 1] : "as it is");
        run_release(&by_hand);
    }
    for (size_t i = 1; i <= CHANGES; i++)
        for (size_t c = 0; c < 2 * count; c++) {
            const struct result *then = &all.results[i * 2 * count + c], *now = &all.results[c];

            assert_int_equal(then->warmup.requests, now->warmup.requests);
            assert_int_equal(then->counters.requests, now->counters.requests);
            one += then->counters.hits != now->counters.hits;
        }
    assert_true(one > 2 * count); /* the changes change something */
    what_if_compare(&what_if, &all, &comparison);
    assert_int_equal(comparison.variants[0].pair_count, 2 * count);
    comparison_release(&comparison);
    for (size_t i = 0; i < CHANGES; i++)
        change_release(&list[i]);
    run_release(&all);
    free(cells);
    slot_table_free(tables[0]);
    slot_table_free(tables[1]);
    remove_temporary(trace);
}

/* The end is one for all cells, those with changes, too: the latest. In this trace they differ. */
static void auto_looks_at_what_is_changed(void **state)
{
    char *trace = plain_shard_trace(NULL, 0, 11);
    struct cell_config cell = shard_cell("flat", policy_find("lru"), 10000);
    const struct shard_setup setup = {0};
    struct replay_plan plan = shard_plan(trace, &cell, 1, &setup), changed = plan, both = plan;
    const struct warmup_wish wish = {.kind = WARMUP_AUTO};
    const struct change_names names = {.find_server = find_no_server, .find_policy = find_no_policy};
    struct cell_config other = cell;
    struct changes list[1];
    struct change_patterns patterns = {0};
    const struct what_if what_if = {list, 1, &patterns, 1, NULL};
    struct run run = {0};
    struct error error = {0};
    bool missed, other_missed;

    (void)state;
    other.maxmemory *= 20;
    changed.cells = &other;
    if (change_parse(&list[0], "maxmemory x20", &names, &patterns, &error) ||
        warmup_wish_settle(&wish, &plan, &missed, &error) ||
        warmup_wish_settle(&wish, &changed, &other_missed, &error) ||
        what_if_replay(&what_if, &both, &wish, &run, &error))
        fail_msg("%s", error.text);
    assert_int_equal(run.warmup_missed, missed || other_missed);
    if (!run.warmup_missed)
        assert_int_equal(run.warmup_us, plan.options.warmup_us > changed.options.warmup_us ? plan.options.warmup_us
                                                                                           : changed.options.warmup_us);
    print_message("auto: %lld and %lld us, together %lld us\n", (long long)plan.options.warmup_us,
                  (long long)changed.options.warmup_us, (long long)run.warmup_us);
    assert_true(plan.options.warmup_us != changed.options.warmup_us || missed != other_missed);
    change_release(&list[0]);
    run_release(&run);
    remove_temporary(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_and_shard_leaves_out_the_same),
        cmocka_unit_test(what_is_sent_adds_up_wherever_the_warmup_ends),
        cmocka_unit_test(one_shard_is_a_server_in_cluster_mode),
        cmocka_unit_test(what_ifs_are_runs_by_hand),
        cmocka_unit_test(auto_looks_at_what_is_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
