/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_headroom: what is written in the worst time, the parts of headroom and their sum, rules and machines. */
#include "sim/advice/headroom.h"
#include "sim/advice/instances.h"
#include "sim/alloc.h"
#include "sim/command.h"
#include "sim/config.h"
#include "sim/server/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- what the trace writes ---- */

static void see(struct write_load *load, struct batch *batch, int64_t time_us, enum op op, uint32_t bytes)
{
    batch->count = 1;
    batch->time_us[0] = time_us;
    batch->op[0] = (uint16_t)op;
    batch->key_len[0] = 10;
    batch->value_len[0] = bytes;
    write_load_see(load, batch);
}

static void test_writes(void **state)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct write_load load;
    struct write_bucket worst;

    (void)state;
    write_load_open(&load);
    see(&load, batch, 0, OP_GET, 100000); /* reads touch nothing */
    assert_int_equal(write_load_worst(&load, 1000000, 0).pages, 0);
    see(&load, batch, 10000000, OP_SET, 100);   /* 4 pages */
    see(&load, batch, 10200000, OP_SET, 40960); /* 14 */
    see(&load, batch, 60000000, OP_DEL, 0);     /* 4 */
    worst = write_load_worst(&load, 1000000, 0);
    assert_int_equal(worst.pages, 18);
    assert_int_equal(worst.bytes, 2 * 58 + 100 + 40960);
    assert_int_equal(write_load_worst(&load, 1000, 0).pages, 14);
    assert_int_equal(write_load_worst(&load, 100000000, 0).pages, 22);
    assert_int_equal(write_load_worst(&load, 1000000, 30000000).pages, 4); /* saves at 0, 30 and 60 s */
    assert_int_equal(write_load_worst(&load, 1000000, 10000000).pages, 18);
    /* A year later buckets are wider, and nothing is lost. */
    see(&load, batch, INT64_C(31536000000000), OP_SET, 100);
    assert_int_equal(write_load_worst(&load, INT64_C(40000000000000), 0).pages, 26);
    assert_true(write_load_worst(&load, 1000, 0).pages >= 14);
    write_load_release(&load);
    free(batch);
}

/* ---- the parts ---- */

static const struct sized_headroom *part(const struct sized_line *line, const char *name)
{
    for (size_t i = 0; i < line->headroom_count; i++)
        if (!strcmp(line->headroom[i].name, name))
            return &line->headroom[i];
    return NULL;
}

static void test_parts(void **state)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    struct headroom_request request = {.save_bytes_per_s = 1 << 20, .replicas = 1};
    struct headroom_facts facts = {
        .used_memory_peak = 8 << 20, .table_bytes = 1000, .above_used = 5000, .removals = 10};
    struct sized_line line = {.found = true, .maxmemory = 8 << 20};
    struct simulation_options options = {.rss = true};
    struct write_load load;
    uint64_t sum = line.maxmemory;

    (void)state;
    redis_config_init(&options.redis);
    write_load_open(&load);
    for (int i = 0; i < 100; i++)
        see(&load, batch, 1000 * i, OP_SET, 20000);
    headroom_tell(&request, &load, &facts, server_find("redis-7.0.15"), &options, &line);
    /* 100 writes of 4 + 4 pages; 10 removals of 3, a mean value's 4 and one more */
    assert_int_equal(part(&line, "fork")->bytes, 4096 * (100 * 8 + 10 * 8));
    assert_false(part(&line, "fork")->is_counted);
    assert_int_equal(part(&line, "backlog")->bytes, 1 << 20);
    assert_true(part(&line, "backlog")->is_counted);
    assert_int_equal(part(&line, "replicas")->bytes, 100 * 20058 - (1 << 20));
    assert_int_equal(part(&line, "table")->bytes, 2000);
    assert_int_equal(part(&line, "fragmentation")->bytes, 5000);
    for (size_t i = 0; i < line.headroom_count; i++)
        sum += line.headroom[i].bytes;
    assert_int_equal(line.needed_memory, sum);
    fields_release(&sized_line_layout, &line);

    /* No more pages are copied than there are; no replica, no buffers; no pages, no headroom. */
    line = (struct sized_line){.found = true, .maxmemory = 8 << 20};
    facts.used_memory_peak = 100000;
    request.replicas = 0;
    options.rss = false;
    headroom_tell(&request, &load, &facts, server_find("valkey-8.0.1"), &options, &line);
    assert_int_equal(part(&line, "fork")->bytes, 100000);
    assert_int_equal(line.headroom_count, 2);
    fields_release(&sized_line_layout, &line);
    line = (struct sized_line){.found = true, .maxmemory = 8 << 20};
    headroom_tell(&request, &load, &facts, server_find("flat"), &options, &line);
    assert_int_equal(line.headroom_count, 0);
    assert_int_equal(line.needed_memory, 0);
    fields_release(&sized_line_layout, &line);
    write_load_release(&load);
    free(batch);
}

/* Ten removals in each second; a second in which a save of two seconds begins sees thirty at most. */
static void test_removals(void **state)
{
    struct headroom_request request = {.save_bytes_per_s = 1 << 20};
    struct sample samples[60];
    struct result result = {.maxmemory = 2 << 20, .curve = {1000000, 60, samples}};
    struct headroom_facts facts;

    (void)state;
    memset(samples, 0, sizeof samples);
    for (int i = 0; i < 60; i++)
        samples[i] = (struct sample){.time_us = (i + 1) * 1000000,
                                     .evicted_keys = (uint64_t)(10 * (i + 1)),
                                     .misses = (uint64_t)(i + 1),
                                     .memory_tables = (uint64_t)(1000 - i),
                                     .used_memory = 100,
                                     .used_memory_rss = (uint64_t)(100 + i)};
    facts = headroom_facts(&request, &result, false);
    assert_true(facts.removals >= 20 && facts.removals <= 50);
    assert_int_equal(facts.table_bytes, 1000);
    assert_int_equal(facts.above_used, 59);
    assert_int_equal(headroom_facts(&request, &result, true).removals, facts.removals / 10 * 11);
}

/* ---- rules ---- */

static void refuse(const char *text, const char *because)
{
    struct instance_table table = {0};
    struct error error = {0};

    assert_int_equal(instance_table_scan(&table, "t", text, &error), -1);
    if (!strstr(error.text, because))
        fail_msg("%s", error.text);
    instance_table_release(&table);
}

static void test_tables(void **state)
{
    struct instance_table table = {0};
    struct error error = {0};
    double reserve;

    (void)state;
    assert_int_equal(instance_table_scan(&table, "published", published_instances, &error), 0);
    assert_true(table.count >= 4);
    for (size_t i = 0; i < table.count; i++) /* each has a source with a date */
        assert_non_null(strstr(table.rules[i].source, "20"));
    assert_true(instance_table_find(&table, "elasticache", &error)->reserve == 0.25);
    assert_null(instance_table_find(&table, "nobody", &error));
    assert_non_null(strstr(error.text, "memorystore-cluster"));
    instance_table_release(&table);
    refuse("rule a", "t:1: a rule is");
    refuse("# x\n\nrule a 25%", "t:3: a rule is");
    refuse("rule a 100% b", "no share");
    refuse("rule a x b", "no share");
    refuse("rule a 1% b\nrule a 2% c", "t:2: there is a rule a already");
    refuse("size a b 4gb", "no rule a stands above it");
    refuse("rule a 1% b\nsize a b", "a size is");
    refuse("rule a 1% b\nsize a b 4xb", "no size of memory");
    refuse("machine a", "not with 'machine'");
    assert_true(scan_reserve("25%", &reserve) && reserve == 0.25);
    assert_true(scan_reserve("0.5", &reserve) && reserve == 0.5);
    assert_false(scan_reserve("-1", &reserve));
    assert_false(scan_reserve("1", &reserve));
    assert_false(scan_reserve("x", &reserve));
}

static struct sized_instance chosen(const struct instance_rule *rule, double price, uint64_t maxmemory, uint64_t needed)
{
    struct sized_line line = {.found = true, .maxmemory = maxmemory, .needed_memory = needed};
    struct sized_instance instance;

    instance_choose(rule, price, line.maxmemory, 1, &line);
    instance = line.instance;
    return instance;
}

static void test_machines(void **state)
{
    struct instance_table table = {0};
    struct error error = {0};
    const struct instance_rule *rule;
    struct sized_instance instance;

    (void)state;
    assert_int_equal(
        instance_table_scan(&table, "t", "rule a 25% b\nsize a large 8gb\nsize a small 2gb\nrule c 0% d e\n", &error),
        0);
    rule = instance_table_find(&table, "a", &error);
    /* The share decides, */
    instance = chosen(rule, 10, 1536 << 20, 1600 << 20);
    assert_true(instance.needs == UINT64_C(2) << 30 && instance.memory == UINT64_C(2) << 30 && instance.cost == 20);
    assert_string_equal(instance.name, "small");
    fields_release(&sized_instance_layout, &instance);
    /* or the headroom; */
    instance = chosen(rule, NAN, 1536 << 20, UINT64_C(3) << 30);
    assert_true(instance.needs == UINT64_C(3) << 30 && instance.memory == UINT64_C(8) << 30 && isnan(instance.cost));
    assert_string_equal(instance.name, "large");
    fields_release(&sized_instance_layout, &instance);
    /* no machine is that large; the rule names none. */
    instance = chosen(rule, 1, UINT64_C(7) << 30, UINT64_C(8) << 30);
    assert_null(instance.name);
    assert_int_equal(instance.memory, instance.needs);
    fields_release(&sized_instance_layout, &instance);
    instance = chosen(instance_table_find(&table, "c", &error), 2, 1 << 30, 1 << 30);
    assert_null(instance.name);
    assert_string_equal(instance.source, "d e");
    assert_true(instance.cost == 2);
    fields_release(&sized_instance_layout, &instance);
    instance_table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes), cmocka_unit_test(test_parts),    cmocka_unit_test(test_removals),
        cmocka_unit_test(test_tables), cmocka_unit_test(test_machines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
