/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_key_parts: what samples of the keys say of all of them. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/key_parts.h"
#include "sim/input/selection.h"
#include "sim/server/registry.h"
#include "tests/support_convert.h"
#include "tests/support_random.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLE "tests/data/sample.csv.zst"
enum { PARTS = 4 };

/* All keys in results[0], and all PARTS parts of them behind it. */
struct both {
    struct run whole, parts;
};

static struct both *replay_both(const char *path, const char *server, const char *policy, uint64_t maxmemory,
                                enum on_miss on_miss)
{
    struct both *both = xcalloc(1, sizeof *both);
    struct error error = {0};
    struct cell_config cells[PARTS];
    struct replay_plan plan = {.trace.path = path,
                               .choose_format = format_choose,
                               .cells = cells,
                               .cell_count = 1,
                               .on_miss = on_miss,
                               .workers = 1};

    redis_config_init(&plan.options.redis);
    plan.options.interval_us = 10000000;
    for (uint64_t i = 0; i < PARTS; i++)
        cells[i] = (struct cell_config){
            .server = server_find(server), .policy = policy_find(policy), .maxmemory = maxmemory, .seed = i + 1};
    if (replay_run(&plan, &both->whole, &error))
        fail_msg("%s", error.text);
    plan.cell_count = PARTS;
    if (key_parts_run(&plan, PARTS, &both->parts, &error))
        fail_msg("%s", error.text);
    assert_int_equal(both->parts.result_count, PARTS);
    return both;
}

/* The first two parts of the keys. */
static void replay_parts(const char *path, struct run *run)
{
    struct error error = {0};
    struct cell_config cells[2];
    struct replay_plan plan = {
        .trace.path = path, .choose_format = format_choose, .cells = cells, .cell_count = 2, .workers = 1};

    redis_config_init(&plan.options.redis);
    plan.options.interval_us = 10000000;
    for (uint64_t i = 0; i < 2; i++)
        cells[i] = (struct cell_config){.server = server_find("redis-7.0.15"),
                                        .policy = policy_find("allkeys-lru"),
                                        .maxmemory = 1200 << 10,
                                        .seed = i + 1};
    if (key_parts_run(&plan, 2, run, &error))
        fail_msg("%s: %s", path, error.text);
}

static void end_both(struct both *both)
{
    run_release(&both->whole);
    run_release(&both->parts);
    free(both);
}

static double mean_of(const struct both *both, int field)
{
    double sum = 0;

    for (size_t i = 0; i < PARTS; i++)
        sum += (double)counter_get(&both->parts.results[i].counters, field);
    return sum / PARTS;
}

static double whole_of(const struct both *both, int field)
{
    return (double)counter_get(&both->whole.results[0].counters, field);
}

/* Where nothing is evicted, no key changes what becomes of another. */
static void parts_of_a_cache_without_a_limit_are_the_whole(void **state)
{
    struct both *both = replay_both(SAMPLE, "flat", "lru", 0, ON_MISS_NONE);

    (void)state;
    for (int i = 0; i < COUNTER_COUNT; i++) {
        bool of_means = i == COUNTER_hit_bytes || i == COUNTER_read_bytes || i == COUNTER_used_memory_peak;

        if (!of_means && mean_of(both, i) != whole_of(both, i))
            fail_msg("%s: %.2f, all keys %.2f", counter_fields[i].name, mean_of(both, i), whole_of(both, i));
    }
    assert_true(whole_of(both, COUNTER_misses_expired_lazily) > 1000);
    assert_int_equal(both->parts.commands, both->whole.commands);
    assert_int_equal(both->parts.key_count, both->whole.key_count);
    assert_int_equal(both->parts.duration_us, both->whole.duration_us);
    end_both(both);
}

static void assert_near(double value, double expected, double within, const char *what)
{
    if (!(value >= expected * (1 - within) && value <= expected * (1 + within)))
        fail_msg("%s: %.0f, all keys %.0f", what, value, expected);
}

/* The tables double together: 8,192 buckets of all keys, 2,048 of each part. */
static void used_memory_of_parts_is_that_of_the_whole(void **state)
{
    struct both *both = replay_both(SAMPLE, "redis-7.0.15", "noeviction", 0, ON_MISS_NONE);

    (void)state;
    assert_near(mean_of(both, COUNTER_used_memory), whole_of(both, COUNTER_used_memory), 0.001, "used_memory");
    assert_true(mean_of(both, COUNTER_baseline_memory) == whole_of(both, COUNTER_baseline_memory));
    end_both(both);
}

static void a_budget_presses_on_parts_as_on_the_whole(void **state)
{
    static const char *const names[] = {"redis-7.0.15", "valkey-8.1.1-debian", "redis-8.6.3-debian"};
    uint64_t maxmemory = 2000000;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct both *both = replay_both(SAMPLE, names[i], "allkeys-lru", maxmemory, ON_MISS_FILL);

        assert_true(whole_of(both, COUNTER_evicted_keys) > 200);
        assert_near(mean_of(both, COUNTER_keys), whole_of(both, COUNTER_keys), 0.1, "keys");
        assert_near(mean_of(both, COUNTER_evicted_keys), whole_of(both, COUNTER_evicted_keys), 0.25, "evicted_keys");
        assert_near(mean_of(both, COUNTER_misses), whole_of(both, COUNTER_misses), 0.05, "misses");
        assert_near(mean_of(both, COUNTER_used_memory), whole_of(both, COUNTER_used_memory), 0.02, "used_memory");
        for (size_t p = 0; p < PARTS; p++) {
            assert_int_equal(both->parts.results[p].maxmemory, maxmemory);
            assert_int_equal(result_last_sample(&both->parts.results[p])->maxmemory, maxmemory);
        }
        end_both(both);
    }
}

/* 8,000 keys that nobody asks for again are found by the active expiry cycle alone: after the same time in a part,
 * though it has fewer. */
static void expired_keys_linger_as_long(void **state)
{
    static char text[8001 * 40];
    size_t length = 0;
    struct both *both;
    char *path;

    (void)state;
    for (int i = 0; i < 8000; i++)
        length += (size_t)sprintf(text + length, "%d,key:%d,8,10,0,set,%d\n", i / 100, i, 100 + i % 400);
    length += (size_t)sprintf(text + length, "900,last,4,10,0,get,0\n");
    path = write_temporary("trace.csv", text, length);
    both = replay_both(path, "redis-7.0.15", "noeviction", 0, ON_MISS_NONE);
    for (size_t i = 0; i < both->whole.results[0].curve.count; i++) {
        const struct sample *all = &both->whole.results[0].curve.samples[i];
        double sum = 0;

        assert_int_equal(both->parts.results[0].curve.count, both->whole.results[0].curve.count);
        if (all->time_us < 150000000 || all->time_us > 500000000)
            continue;
        for (size_t p = 0; p < PARTS; p++)
            sum += (double)both->parts.results[p].curve.samples[i].keys;
        assert_near(sum / PARTS, (double)all->keys, 0.05, "keys after a while");
    }
    remove_temporary(path);
    end_both(both);
}

/* A key is in one part, and in the same whatever else is asked. */
static void each_key_is_in_one_part(void **state)
{
    (void)state;
    for (int key = 0; key < 1000; key++) {
        char name[20];
        struct record record = {.op = OP_GET, .key = name};
        int takers = 0;

        record.key_bytes = (uint32_t)snprintf(name, sizeof name, "key:%d", key);
        for (uint32_t part = 0; part < 8; part++) {
            struct selection selection = {.parts = 8, .part = part};
            struct selection half = {.parts = 2, .part = part / 4};
            bool is_taken = selection_takes(&selection, &record, 0);

            takers += is_taken;
            if (is_taken)
                assert_true(selection_takes(&half, &record, 0));
            assert_int_equal(selection.whole[1].commands, 1);
            assert_int_equal(selection.whole[1].reads_refused, !is_taken);
        }
        assert_int_equal(takers, 1);
    }
}

static void a_trace_of_few_keys_is_refused(void **state)
{
    char *path = write_temporary("trace.csv", "0,a,1,100,1,get,0\n1,a,1,100,1,get,0\n", 36);
    struct cell_config cells[PARTS];
    struct replay_plan plan = {
        .trace.path = path, .choose_format = format_choose, .cells = cells, .cell_count = PARTS, .workers = 1};
    struct error error = {0};
    struct run run = {0};

    (void)state;
    redis_config_init(&plan.options.redis);
    for (uint64_t i = 0; i < PARTS; i++)
        cells[i] = (struct cell_config){.server = server_find("flat"), .policy = policy_find("lru"), .seed = i};
    assert_int_equal(key_parts_run(&plan, PARTS, &run, &error), -1);
    if (!strstr(error.text, "none of its keys is in part"))
        fail_msg("%s", error.text);
    run_release(&run);
    remove_temporary(path);
}

static void parts_are_powers_of_two(void **state)
{
    (void)state;
    assert_true(key_parts_is_count(2) && key_parts_is_count(8) && key_parts_is_count(KEY_PARTS_MOST));
    assert_false(key_parts_is_count(1) || key_parts_is_count(0) || key_parts_is_count(3) || key_parts_is_count(2.5) ||
                 key_parts_is_count(-8) || key_parts_is_count(2.0 * KEY_PARTS_MOST));
}

/* RENAME goes by its first key, so that a key that no name is kept of comes into the part nevertheless. */
static void a_compiled_trace_tells_of_a_part_what_its_source_does(void **state)
{
    struct random random = random_stream(random_seed());
    char *text, *path, *compiled_path;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    struct converted *compiled;
    struct run source = {0}, evt = {0};

    (void)state;
    for (int i = 0; i < 8000; i++) {
        unsigned key = (unsigned)random_below(&random, 600), other = (unsigned)random_below(&random, 600);
        unsigned what = (unsigned)random_below(&random, 10);

        fprintf(out, "%d.%03d000 [0 127.0.0.1:5000] ", 1700000000 + i / 100, i % 100 * 10);
        if (what < 4)
            fprintf(out, "\"get\" \"key:%u\"\n", key);
        else if (what < 7)
            fprintf(out, "\"set\" \"key:%u\" \"%0*u\"\n", key, 200 + (int)other, other);
        else if (what < 8)
            fprintf(out, "\"mset\" \"key:%u\" \"a\" \"key:%u\" \"b\"\n", key, other);
        else
            fprintf(out, "\"%s\" \"key:%u\" \"key:%u\"\n", what < 9 ? "rename" : "copy", key, other);
    }
    fclose(out);
    path = write_temporary("parts.txt", text, bytes);
    compiled = convert_file((struct how){0}, path, "evt", true);
    compiled_path = write_temporary("parts.evt", compiled->bytes, compiled->count);
    replay_parts(path, &source);
    replay_parts(compiled_path, &evt);
    assert_int_equal(evt.key_count, source.key_count);
    assert_int_equal(evt.commands, 8000);
    assert_true(source.results[0].counters.evicted_keys > 0);
    for (size_t i = 0; i < 2; i++)
        assert_true(fields_equal(&result_layout, &source.results[i], &evt.results[i]));
    run_release(&source);
    run_release(&evt);
    converted_free(compiled);
    remove_temporary(path);
    remove_temporary(compiled_path);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_is_in_one_part),
        cmocka_unit_test(parts_of_a_cache_without_a_limit_are_the_whole),
        cmocka_unit_test(used_memory_of_parts_is_that_of_the_whole),
        cmocka_unit_test(a_budget_presses_on_parts_as_on_the_whole),
        cmocka_unit_test(expired_keys_linger_as_long),
        cmocka_unit_test(a_compiled_trace_tells_of_a_part_what_its_source_does),
        cmocka_unit_test(a_trace_of_few_keys_is_refused),
        cmocka_unit_test(parts_are_powers_of_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
