/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_shards: the shards of a cluster add up to the trace, whatever the policy and the server; one shard is a server in cluster
 * mode, to the byte; each shard is a server that gets its part of the trace alone; threads change nothing. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/replay.h"
#include "sim/server/registry.h"
#include "sim/slots.h"
#include "tests/support_random.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHARDS = 3, KEYS = 2500, COMMANDS = 25000, CLIENTS = 5, NAME = 32 };
static const uint64_t SEED_STEP = UINT64_C(0x9e3779b97f4a7c15); /* from a shard's seed to the next one's */

/* ---- traces ---- */

struct writer {
    FILE *out;
    const struct slot_table *table; /* NULL: all of the trace */
    uint32_t shard;                 /* else this one's part */
};

static void key_name(char *name, unsigned key)
{
    snprintf(name, NAME, key % 5 ? "key:%u" : "{tag%u}:%u", key % 5 ? key : key % 40, key);
}

static bool is_here(const struct writer *writer, const char *key)
{
    return !writer->table || !key || writer->table->shard_of[slot_of_name(key, strlen(key))] == writer->shard;
}

/* A line as MONITOR has it, if the key is the part's; NULL: every part has it. `arguments` are in quotes. */
static void put(const struct writer *writer, int at, unsigned client, const char *key, const char *arguments)
{
    if (is_here(writer, key))
        fprintf(writer->out, "17000000%02d.%06d [0 10.0.0.1:%u] %s\n", at / 1000, at % 1000 * 1000 + 7, 5000 + client,
                arguments);
}

/* Commands of one key; now and then one without. Hashes stay listpacks: in which buckets of a table members are depends on their
 * numbers, which are the trace's. The first and the last reach all parts. */
static char *plain_trace(const struct slot_table *table, uint32_t shard, uint64_t seed)
{
    struct random random = random_stream(seed);
    size_t bytes;
    char *text, *path, key[NAME], line[4 * NAME + 2000], value[1200];
    struct writer writer = {open_memstream(&text, &bytes), table, shard};

    memset(value, 'v', sizeof value);
    put(&writer, 0, 0, NULL, "\"ping\"");
    for (int i = 0; i < COMMANDS; i++) {
        double u = random_unit(&random);
        unsigned client = (unsigned)(random_unit(&random) * CLIENTS), kind = (unsigned)(random_unit(&random) * 10);
        int length = 20 + (int)(random_unit(&random) * 900);

        key_name(key, (unsigned)(u * u * KEYS));
        if (kind < 4)
            snprintf(line, sizeof line, "\"get\" \"%s\"", key);
        else if (kind < 7)
            snprintf(line, sizeof line, "\"set\" \"%s\" \"%.*s\"", key, length, value);
        else if (kind < 9)
            snprintf(line, sizeof line, "\"set\" \"%s\" \"%.*s\" \"EX\" \"%u\"", key, length, value, 1 + kind * 2);
        else
            snprintf(line, sizeof line, "\"hset\" \"h%s\" \"f%d\" \"%.*s\"", key, i % 7, length / 15, value);
        if (kind == 9)
            memmove(key + 1, key, strlen(key) + 1), key[0] = 'h';
        put(&writer, 1 + i / 2, client, key, line);
        if (i % 5000 == 4999)
            put(&writer, 1 + i / 2, 0, NULL, "\"client\" \"setname\" \"worker\"");
    }
    put(&writer, 1 + COMMANDS / 2, 0, NULL, "\"ping\"");
    fclose(writer.out);
    path = write_temporary("x.monitor", text, bytes);
    free(text);
    return path;
}

/* What has several keys, or none, or is behind MULTI, or calls. */
static char *mixed_trace(void)
{
    struct random random = random_stream(random_seed());
    size_t bytes;
    char *text, *path, a[NAME], b[NAME], line[4 * NAME + 200];
    struct writer writer = {.out = open_memstream(&text, &bytes)};

    for (int i = 0; i < 6000; i++) {
        unsigned client = (unsigned)(random_unit(&random) * CLIENTS), kind = (unsigned)(random_unit(&random) * 10);

        key_name(a, (unsigned)(random_unit(&random) * 300));
        key_name(b, (unsigned)(random_unit(&random) * 300));
        switch (kind) {
        case 0:
            snprintf(line, sizeof line, "\"mget\" \"%s\" \"%s\" \"%s\"", a, b, a);
            break;
        case 1:
            snprintf(line, sizeof line, "\"mset\" \"%s\" \"1\" \"%s\" \"22\"", a, b);
            break;
        case 2:
            snprintf(line, sizeof line, "\"del\" \"%s\" \"%s\"", a, b);
            break;
        case 3:
            snprintf(line, sizeof line, "\"rename\" \"%s\" \"%s\"", a, b);
            break;
        case 4:
            snprintf(line, sizeof line, "\"eval\" \"return 1\" \"1\" \"%s\"", a);
            break;
        case 5:
            snprintf(line, sizeof line, i % 600 == 5 ? "\"flushall\"" : "\"info\"");
            break;
        default:
            snprintf(line, sizeof line, "\"set\" \"%s\" \"value %d\"", a, i);
        }
        if (kind == 6)
            put(&writer, i, client, NULL, "\"multi\"");
        put(&writer, i, client, NULL, line);
        if (kind == 4) {
            fprintf(writer.out, "17000000%02d.%06d [0 lua] \"set\" \"%s\" \"x\"\n", i / 1000, i % 1000 * 1000 + 8, a);
            fprintf(writer.out, "17000000%02d.%06d [0 lua] \"get\" \"%s\"\n", i / 1000, i % 1000 * 1000 + 9, b);
        }
        if (kind == 6) {
            snprintf(line, sizeof line, "\"incr\" \"n%s\"", b);
            put(&writer, i, client, NULL, line);
            put(&writer, i, client, NULL, "\"exec\"");
        }
    }
    fclose(writer.out);
    path = write_temporary("x.monitor", text, bytes);
    free(text);
    return path;
}

/* ---- replays ---- */

struct setup {
    const struct slot_table *table; /* NULL: no shards */
    bool cluster_mode, divides;
    uint32_t only;
    int workers;
};

static void replay(const char *trace, const struct cell_config *cells, size_t count, struct setup setup,
                   struct run *run)
{
    struct replay_plan plan = {
        .trace.path = trace,
        .choose_format = format_choose,
        .cells = cells,
        .cell_count = count,
        .on_miss = ON_MISS_FILL,
        .workers = setup.workers ? setup.workers : 2,
        .sharding = {.tables = &setup.table,
                     .table_count = setup.table != NULL,
                     .only = setup.only,
                     .divides_maxmemory = setup.divides},
    };
    struct error error = {0};

    redis_config_init(&plan.options.redis);
    plan.options.redis.cluster_enabled = setup.cluster_mode;
    if (replay_run(&plan, run, &error))
        fail_msg("%s", error.text);
}

static struct cell_config cell_of(const char *server, const struct policy *policy, uint64_t maxmemory)
{
    return (struct cell_config){.server = server_find(server), .policy = policy, .maxmemory = maxmemory, .seed = 7};
}

/* ---- laws ---- */

static uint64_t sum_of(const struct result *result, size_t offset)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < result->shard_count; i++)
        sum += *(const uint64_t *)((const char *)&result->shards[i] + offset);
    return sum;
}

#define EXPECT_SUM(name) assert_int_equal(sum_of(result, offsetof(struct shard, name)), result->counters.name)

static uint64_t parts_of(const struct sample *sample)
{
    uint64_t sum = 0;

#define ADD(kind, type, name) sum += sample->name;
    MEMORY_FIELDS(ADD)
#undef ADD
    return sum;
}

static void expect_sums(const struct result *result, uint64_t commands, bool has_parts)
{
    const struct counters *counters = &result->counters;
    const struct cluster_traffic *traffic = &result->traffic;

    EXPECT_SUM(requests);
    EXPECT_SUM(reads);
    EXPECT_SUM(hits);
    EXPECT_SUM(misses);
    EXPECT_SUM(writes);
    EXPECT_SUM(oom_rejections);
    EXPECT_SUM(evicted_keys);
    EXPECT_SUM(expired_keys);
    EXPECT_SUM(keys);
    EXPECT_SUM(used_memory);
    EXPECT_SUM(used_memory_peak);
    assert_int_equal(sum_of(result, offsetof(struct shard, slot_count)), SLOT_COUNT);
    assert_int_equal(traffic->commands, commands);
    assert_int_equal(counters->requests,
                     traffic->commands + traffic->commands_added - traffic->crossslot - traffic->calls_elsewhere);
    assert_int_equal(counters->hits + counters->misses, counters->reads);
    assert_int_equal(result_last_sample(result)->used_memory, counters->used_memory);
    for (size_t i = 0; i < result->curve.count && has_parts; i++)
        assert_int_equal(parts_of(&result->curve.samples[i]), result->curve.samples[i].used_memory);
}

static void shards_add_up(const char *trace, const struct slot_table *table)
{
    struct cell_config *cells = xcalloc(policy_count + server_count, sizeof *cells);
    size_t count = 0;
    struct run run = {0};

    for (size_t i = 0; i < policy_count; i++)
        if (!policies[i]->offline)
            cells[count++] = cell_of("redis-7.0.15", policies[i], 2600000);
    for (size_t i = 0; i < server_count; i++)
        cells[count++] = cell_of(servers[i].name, policy_find("allkeys-lru"), servers[i].profile ? 4200000 : 200000);
    replay(trace, cells, count, (struct setup){.table = table}, &run);
    assert_int_equal(run.result_count, count);
    for (size_t i = 0; i < count; i++)
        expect_sums(&run.results[i], run.commands, cells[i].server->profile != NULL);
    run_release(&run);
    free(cells);
}

static void shards_add_up_to_the_trace(void **state)
{
    char *plain = plain_trace(NULL, 0, random_seed()), *mixed = mixed_trace();
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
        cells[i] = cell_of(servers[i].name, policy_find("volatile-lru"), servers[i].profile ? 4200000 : 200000);
    replay(trace, cells, server_count, (struct setup){.table = table}, &cluster);
    replay(trace, cells, server_count, (struct setup){.cluster_mode = true}, &server);
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
    char *plain = plain_trace(NULL, 0, random_seed()), *mixed = mixed_trace();

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

/* All of a cell's counters, against servers that replay the parts, each cut out of the trace as text. */
static void each_shard_is_a_server_alone(void **state)
{
    uint64_t seed = random_seed();
    char *whole = plain_trace(NULL, 0, seed);
    struct slot_table *table = slot_table_deal(SHARDS);
    static const char *const names[] = {"allkeys-lru", "noeviction", "volatile-random", "allkeys-lfu"};
    struct cell_config cells[4];
    struct counters sums[4] = {{0}};
    struct run cluster = {0};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        cells[i] = cell_of(i % 2 ? "redis-7.0.15" : "redis-8.0.2-debian", policy_find(names[i]), 5200000);
    replay(whole, cells, 4, (struct setup){.table = table}, &cluster);
    for (uint32_t shard = 0; shard < SHARDS; shard++) {
        char *part = plain_trace(table, shard, seed);
        struct run alone = {0};

        for (size_t i = 0; i < 4; i++)
            cells[i].seed = 7 + shard * SEED_STEP;
        replay(part, cells, 4, (struct setup){.cluster_mode = true}, &alone);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(alone.results[i].counters.requests, cluster.results[i].shards[shard].requests);
            assert_int_equal(alone.results[i].counters.used_memory_peak,
                             cluster.results[i].shards[shard].used_memory_peak);
            assert_int_equal(alone.results[i].counters.hits, cluster.results[i].shards[shard].hits);
            add(&sums[i], &alone.results[i].counters);
        }
        run_release(&alone);
        remove_temporary(part);
    }
    for (size_t i = 0; i < 4; i++)
        for (int field = 0; field < COUNTER_COUNT; field++)
            if (counter_get(&sums[i], field) != counter_get(&cluster.results[i].counters, field))
                fail_msg("%s: %s", names[i], counter_fields[field].name);
    run_release(&cluster);
    slot_table_free(table);
    remove_temporary(whole);
}

static void threads_change_nothing(void **state)
{
    char *mixed = mixed_trace();
    struct slot_table *table = slot_table_deal(7);
    struct cell_config cells[] = {cell_of("redis-7.0.15", policy_find("allkeys-random"), 2500000),
                                  cell_of("flat", policy_find("lru"), 20000)};
    struct run one = {0}, many = {0};

    (void)state;
    replay(mixed, cells, 2, (struct setup){.table = table, .workers = 1}, &one);
    replay(mixed, cells, 2, (struct setup){.table = table, .workers = 5}, &many);
    assert_true(fields_equal(&run_layout, &one, &many));
    run_release(&one);
    run_release(&many);
    slot_table_free(table);
    remove_temporary(mixed);
}

/* Of the mixed trace every kind is there: what the other laws say of it is not of nothing. */
static void a_cluster_sends_what_it_can(void **state)
{
    char *mixed = mixed_trace();
    struct slot_table *table = slot_table_deal(SHARDS);
    struct cell_config cell = cell_of("redis-7.0.15", policy_find("noeviction"), 0);
    struct run run = {0};
    const struct cluster_traffic *traffic;

    (void)state;
    replay(mixed, &cell, 1, (struct setup){.table = table}, &run);
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
    char *plain = plain_trace(NULL, 0, random_seed());
    struct slot_table *table = slot_table_deal(SHARDS);
    struct cell_config cell = cell_of("redis-7.0.15", policy_find("allkeys-lru"), 10000001);
    struct cell_config third = cell_of("redis-7.0.15", policy_find("allkeys-lru"), 10000001 / SHARDS);
    struct run divided = {0}, each = {0};

    (void)state;
    replay(plain, &cell, 1, (struct setup){.table = table, .divides = true}, &divided);
    replay(plain, &third, 1, (struct setup){.table = table}, &each);
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
    char *mixed = mixed_trace();
    struct slot_table *table = slot_table_deal(SHARDS);
    struct cell_config cell = cell_of("redis-7.0.15", policy_find("allkeys-lru"), 1700000);
    struct run all = {0};

    (void)state;
    replay(mixed, &cell, 1, (struct setup){.table = table}, &all);
    for (uint32_t i = 0; i < SHARDS; i++) {
        struct run alone = {0};

        replay(mixed, &cell, 1, (struct setup){.table = table, .only = i + 1}, &alone);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_add_up_to_the_trace),    cmocka_unit_test(one_shard_is_a_server_in_cluster_mode),
        cmocka_unit_test(each_shard_is_a_server_alone),  cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_cluster_sends_what_it_can),   cmocka_unit_test(maxmemory_of_a_cluster_is_divided),
        cmocka_unit_test(a_shard_can_be_replayed_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
