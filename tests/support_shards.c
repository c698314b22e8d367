/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_shards.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 2500, CLIENTS = 5, NAME = 32 };

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

/* A line as MONITOR has it, some microseconds after a millisecond. */
static void put_at(const struct writer *writer, int at, int us, unsigned client, const char *arguments)
{
    fprintf(writer->out, "17000000%02d.%06d [0 10.0.0.1:%u] %s\n", at / 1000, at % 1000 * 1000 + us, 5000 + client,
            arguments);
}

/* Likewise, if the key is the part's; NULL: every part has it. `arguments` are in quotes. */
static void put(const struct writer *writer, int at, unsigned client, const char *key, const char *arguments)
{
    if (is_here(writer, key))
        put_at(writer, at, 7, client, arguments);
}

char *plain_shard_trace(const struct slot_table *table, uint32_t shard, uint64_t seed)
{
    struct random random = random_stream(seed);
    size_t bytes;
    char *text, *path, key[NAME], line[4 * NAME + 2000], value[1200];
    struct writer writer = {open_memstream(&text, &bytes), table, shard};

    memset(value, 'v', sizeof value);
    put(&writer, 0, 0, NULL, "\"ping\"");
    for (int i = 0; i < SHARD_TRACE_COMMANDS; i++) {
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
    put(&writer, 1 + SHARD_TRACE_COMMANDS / 2, 0, NULL, "\"ping\"");
    fclose(writer.out);
    path = write_temporary("x.monitor", text, bytes);
    free(text);
    return path;
}

char *mixed_shard_trace(void)
{
    struct random random = random_stream(random_seed());
    size_t bytes;
    char *text, *path, a[NAME], b[NAME], line[4 * NAME + 200];
    struct writer writer = {.out = open_memstream(&text, &bytes)};

    put_at(&writer, 0, 0, 0, "\"ping\"");
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
            put_at(&writer, i, 2, client, "\"multi\"");
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

struct replay_plan shard_plan(const char *trace, const struct cell_config *cells, size_t count,
                              const struct shard_setup *setup)
{
    struct replay_plan plan = {
        .trace.path = trace,
        .choose_format = format_choose,
        .cells = cells,
        .cell_count = count,
        .on_miss = ON_MISS_FILL,
        .by = setup->by,
        .workers = setup->workers ? setup->workers : 2,
        .sharding = {.tables = &setup->table,
                     .table_count = setup->table != NULL,
                     .only = setup->only,
                     .divides_maxmemory = setup->divides},
    };

    redis_config_init(&plan.options.redis);
    plan.options.redis.cluster_enabled = setup->cluster_mode;
    plan.options.warmup_us = setup->warmup_us;
    plan.options.clients_stay = setup->clients_stay;
    return plan;
}

void replay_shards(const char *trace, const struct cell_config *cells, size_t count, struct shard_setup setup,
                   struct run *run)
{
    struct replay_plan plan = shard_plan(trace, cells, count, &setup);
    struct error error = {0};

    if (replay_run(&plan, run, &error))
        fail_msg("%s", error.text);
}

struct cell_config shard_cell(const char *server, const struct policy *policy, uint64_t maxmemory)
{
    return (struct cell_config){.server = server_find(server), .policy = policy, .maxmemory = maxmemory, .seed = 7};
}

struct cell_config *shard_cells(size_t *count)
{
    struct cell_config *cells = xcalloc(policy_count + server_count, sizeof *cells);

    *count = 0;
    for (size_t i = 0; i < policy_count; i++)
        if (!policies[i]->offline)
            cells[(*count)++] = shard_cell("redis-7.0.15", policies[i], 2600000);
    for (size_t i = 0; i < server_count; i++)
        cells[(*count)++] =
            shard_cell(servers[i].name, policy_find("allkeys-lru"), servers[i].profile ? 4200000 : 200000);
    return cells;
}

/* ---- sums ---- */

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

void expect_shard_sums(const struct result *result, uint64_t commands, bool has_parts)
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
