/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_shards: the shards of a cluster add up to the trace, whatever the policy and the server; one shard is a server in cluster
 * mode, to the byte; each shard is a server that gets its part of the trace alone; threads change nothing. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_shards.h"
#include "tests/support_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHARDS = 3 };
static const uint64_t SEED_STEP = UINT64_C(0x9e3779b97f4a7c15); /* from a shard's seed to the next one's */

/* ---- laws ---- */

static void shards_add_up(const char *trace, const struct slot_table *table)
{
    size_t count;
    struct cell_config *cells = shard_cells(&count);
    struct run run = {0};

    replay_shards(trace, cells, count, (struct shard_setup){.table = table}, &run);
    assert_int_equal(run.result_count, count);
    for (size_t i = 0; i < count; i++)
        expect_shard_sums(&run.results[i], run.commands, cells[i].server->profile != NULL);
    run_release(&run);
    free(cells);
}

static void shards_add_up_to_the_trace(void **state)
{
    char *plain = plain_shard_trace(NULL, 0, random_seed()), *mixed = mixed_shard_trace();
    struct slot_table *table = slot_table_deal(SHARDS);

    (void)state;
    shards_add_up(plain, table);
    shards_add_up(mixed, table);
    slot_table_free(table);
    remove_temporary(plain);
    remove_temporary(mixed);
}

static void one_shard_is_the_server(const char *trace)
{
    struct slot_table *table = slot_table_deal(1);
    struct cell_config *cells = xcalloc(server_count, sizeof *cells);
    struct run cluster = {0}, server = {0};

    for (size_t i = 0; i < server_count; i++)
        cells[i] = shard_cell(servers[i].name, policy_find("volatile-lru"), servers[i].profile ? 4200000 : 200000);
    replay_shards(trace, cells, server_count, (struct shard_setup){.table = table}, &cluster);
    replay_shards(trace, cells, server_count, (struct shard_setup){.cluster_mode = true}, &server);
    for (size_t i = 0; i < server_count; i++) {
        assert_int_equal(cluster.results[i].shard_count, 1);
        result_forget_shards(&cluster.results[i]);
        if (!fields_equal(&result_layout, &cluster.results[i], &server.results[i]))
            fail_msg("%s: one shard is not the server in cluster mode", servers[i].name);
    }
    run_release(&cluster);
    run_release(&server);
    slot_table_free(table);
    free(cells);
}

static void one_shard_is_a_server_in_cluster_mode(void **state)
{
    char *plain = plain_shard_trace(NULL, 0, random_seed()), *mixed = mixed_shard_trace();

    (void)state;
    one_shard_is_the_server(plain);
    one_shard_is_the_server(mixed);
    remove_temporary(plain);
    remove_temporary(mixed);
}

static void add(struct counters *to, const struct counters *from)
{
#define X(name, unit, description) to->name += from->name;
    COUNTER_LIST(X)
#undef X
}

static void keep_earlier(int64_t *first, int64_t time_us)
{
    if (time_us >= 0 && (*first < 0 || time_us < *first))
        *first = time_us;
}

/* All of a cell's counters, and when memory was first short, against servers that replay the parts, each cut out of the trace as text. */
static void each_shard_is_a_server_alone(void **state)
{
    uint64_t seed = random_seed();
    char *whole = plain_shard_trace(NULL, 0, seed);
    struct slot_table *table = slot_table_deal(SHARDS);
    static const char *const names[] = {"allkeys-lru", "noeviction", "volatile-random", "allkeys-lfu"};
    struct cell_config cells[4];
    struct counters sums[4] = {{0}};
    struct moments first[4] = {moments_none, moments_none, moments_none, moments_none};
    struct run cluster = {0};
    int moments = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        cells[i] = shard_cell(i % 2 ? "redis-7.0.15" : "redis-8.0.2-debian", policy_find(names[i]), 5200000);
    replay_shards(whole, cells, 4, (struct shard_setup){.table = table}, &cluster);
    for (uint32_t shard = 0; shard < SHARDS; shard++) {
        char *part = plain_shard_trace(table, shard, seed);
        struct run alone = {0};

        for (size_t i = 0; i < 4; i++)
            cells[i].seed = 7 + shard * SEED_STEP;
        replay_shards(part, cells, 4, (struct shard_setup){.cluster_mode = true}, &alone);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(alone.results[i].counters.requests, cluster.results[i].shards[shard].requests);
            assert_int_equal(alone.results[i].counters.used_memory_peak,
                             cluster.results[i].shards[shard].used_memory_peak);
            assert_int_equal(alone.results[i].counters.hits, cluster.results[i].shards[shard].hits);
            assert_int_equal(alone.results[i].moments.first_oom_us, cluster.results[i].shards[shard].first_refusal_us);
            add(&sums[i], &alone.results[i].counters);
            keep_earlier(&first[i].full_after_us, alone.results[i].moments.full_after_us);
            keep_earlier(&first[i].first_eviction_us, alone.results[i].moments.first_eviction_us);
            keep_earlier(&first[i].first_oom_us, alone.results[i].moments.first_oom_us);
        }
        run_release(&alone);
        remove_temporary(part);
    }
    for (size_t i = 0; i < 4; i++)
        for (int field = 0; field < COUNTER_COUNT; field++)
            if (counter_get(&sums[i], field) != counter_get(&cluster.results[i].counters, field))
                fail_msg("%s: %s", names[i], counter_fields[field].name);
    for (size_t i = 0; i < 4; i++)
        for (int field = 0; field < MOMENTS; field++) {
            assert_int_equal(moment_get(&first[i], field), moment_get(&cluster.results[i].moments, field));
            moments += moment_get(&first[i], field) >= 0;
        }
    assert_true(moments >= 2 + 1 + 1); /* some are full; one evicts, one refuses */
    run_release(&cluster);
    slot_table_free(table);
    remove_temporary(whole);
}

static void threads_change_nothing(void **state)
{
    char *mixed = mixed_shard_trace();
    struct slot_table *table = slot_table_deal(7);
    struct cell_config cells[] = {shard_cell("redis-7.0.15", policy_find("allkeys-random"), 2500000),
                                  shard_cell("flat", policy_find("lru"), 20000)};
    struct run one = {0}, many = {0};

    (void)state;
    replay_shards(mixed, cells, 2, (struct shard_setup){.table = table, .workers = 1}, &one);
    replay_shards(mixed, cells, 2, (struct shard_setup){.table = table, .workers = 5}, &many);
    assert_true(fields_equal(&run_layout, &one, &many));
    run_release(&one);
    run_release(&many);
    slot_table_free(table);
    remove_temporary(mixed);
}

/* Of the mixed trace every kind is there: what the other laws say of it is not of nothing. */
static void a_cluster_sends_what_it_can(void **state)
{
    char *mixed = mixed_shard_trace();
    struct slot_table *table = slot_table_deal(SHARDS);
    struct cell_config cell = shard_cell("redis-7.0.15", policy_find("noeviction"), 0);
    struct run run = {0};
    const struct cluster_traffic *traffic;

    (void)state;
    replay_shards(mixed, &cell, 1, (struct shard_setup){.table = table}, &run);
    traffic = &run.results[0].traffic;
    assert_true(traffic->commands_split > 100);
    assert_true(traffic->commands_everywhere > 100);
    assert_true(traffic->transactions_split > 100);
    assert_true(traffic->crossslot > 100);
    assert_true(traffic->calls_elsewhere > 100);
    run_release(&run);
    slot_table_free(table);
    remove_temporary(mixed);
}

static void maxmemory_of_a_cluster_is_divided(void **state)
{
    char *plain = plain_shard_trace(NULL, 0, random_seed());
    struct slot_table *table = slot_table_deal(SHARDS);
    struct cell_config cell = shard_cell("redis-7.0.15", policy_find("allkeys-lru"), 10000001);
    struct cell_config third = shard_cell("redis-7.0.15", policy_find("allkeys-lru"), 10000001 / SHARDS);
    struct run divided = {0}, each = {0};

    (void)state;
    replay_shards(plain, &cell, 1, (struct shard_setup){.table = table, .divides = true}, &divided);
    replay_shards(plain, &third, 1, (struct shard_setup){.table = table}, &each);
    assert_int_equal(divided.results[0].maxmemory, 10000001);
    assert_int_equal(result_maxmemory_in_all(&divided.results[0]), 10000001 / SHARDS * SHARDS);
    assert_memory_equal(&divided.results[0].counters, &each.results[0].counters, sizeof(struct counters));
    run_release(&divided);
    run_release(&each);
    slot_table_free(table);
    remove_temporary(plain);
}

/* As the doctor looks at one. */
static void a_shard_can_be_replayed_alone(void **state)
{
    char *mixed = mixed_shard_trace();
    struct slot_table *table = slot_table_deal(SHARDS);
    struct cell_config cell = shard_cell("redis-7.0.15", policy_find("allkeys-lru"), 1700000);
    struct run all = {0};

    (void)state;
    replay_shards(mixed, &cell, 1, (struct shard_setup){.table = table}, &all);
    for (uint32_t i = 0; i < SHARDS; i++) {
        struct run alone = {0};

        replay_shards(mixed, &cell, 1, (struct shard_setup){.table = table, .only = i + 1}, &alone);
        assert_int_equal(alone.results[0].shard_count, 0);
        assert_int_equal(alone.results[0].counters.requests, all.results[0].shards[i].requests);
        assert_int_equal(alone.results[0].counters.hits, all.results[0].shards[i].hits);
        assert_int_equal(alone.results[0].counters.used_memory_peak, all.results[0].shards[i].used_memory_peak);
        run_release(&alone);
    }
    run_release(&all);
    slot_table_free(table);
    remove_temporary(mixed);
}

/* Jobs, each with a connection of its own, which sends its commands on one key, a transaction or a script among them: so that not
 * who comes first in the trace comes first to its shard. Somebody stays; a minute later all cron has done is done. */
static char *jobs_trace(void)
{
    enum { JOBS = 600, JOB_US = 20000 };
    char *text = NULL, *path;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    assert_non_null(out);
    for (int job = 0; job < JOBS; job++) {
        int at_us = job * JOB_US, second = 1700000000 + at_us / 1000000;

        fprintf(out, "%d.%06d [0 10.0.0.1:%d] \"%s\"\n", second, at_us % 1000000, job,
                job % 3 == 0   ? "MULTI"
                : job % 3 == 1 ? "EVAL\" \"return 1\" \"0"
                               : "PING");
        if (job % 3 == 1)
            fprintf(out, "%d.%06d [0 lua] \"SET\" \"k%d\" \"v\"\n", second, at_us % 1000000, job);
        fprintf(out, "%d.%06d [0 10.0.0.2:1] \"GET\" \"k%d\"\n", second, at_us % 1000000 + 1000, job);
        fprintf(out, "%d.%06d [0 10.0.0.1:%d] \"SET\" \"k%d\" \"v\"\n", second, at_us % 1000000 + 2000, job, job);
        if (job % 3 == 0)
            fprintf(out, "%d.%06d [0 10.0.0.1:%d] \"EXEC\"\n", second, at_us % 1000000 + 3000, job);
    }
    fprintf(out, "1700000090.000000 [0 10.0.0.2:1] \"GET\" \"k0\"\n");
    fclose(out);
    path = write_temporary("monitor.txt", text, bytes);
    free(text);
    return path;
}

static double closed_connections_weigh(const char *trace, const char *server, const struct slot_table *table)
{
    struct cell_config cell = shard_cell(server, policy_find("noeviction"), 0);
    struct run stay = {0}, leave = {0};
    double bytes;

    replay_shards(trace, &cell, 1, (struct shard_setup){.table = table, .clients_stay = true}, &stay);
    replay_shards(trace, &cell, 1, (struct shard_setup){.table = table}, &leave);
    assert_int_equal(stay.intake.clients_gone, 0);
    assert_true(leave.intake.clients_gone > 500);
    bytes = ((double)stay.results[0].counters.used_memory - (double)leave.results[0].counters.used_memory) /
            leave.intake.clients_gone;
    run_release(&stay);
    run_release(&leave);
    return bytes;
}

/* Who closes a connection closes those to all shards. */
static void connections_that_close_leave_the_shards(void **state)
{
    static const char *const names[] = {"redis-7.0.15", "redis-8.0.2-debian", "valkey-8.1.1-debian"};
    char *trace = jobs_trace();
    struct slot_table *one = slot_table_deal(1), *three = slot_table_deal(SHARDS);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        double alone = closed_connections_weigh(trace, names[i], NULL);

        assert_true(alone > 1500);
        assert_float_equal(closed_connections_weigh(trace, names[i], one), alone, 1);
        assert_float_equal(closed_connections_weigh(trace, names[i], three), alone * 5 / 3,
                           alone / 50); /* PING to all */
    }
    slot_table_free(one);
    slot_table_free(three);
    remove_temporary(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_add_up_to_the_trace),    cmocka_unit_test(one_shard_is_a_server_in_cluster_mode),
        cmocka_unit_test(each_shard_is_a_server_alone),  cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_cluster_sends_what_it_can),   cmocka_unit_test(maxmemory_of_a_cluster_is_divided),
        cmocka_unit_test(a_shard_can_be_replayed_alone), cmocka_unit_test(connections_that_close_leave_the_shards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
