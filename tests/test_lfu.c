/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lfu: the LFU counter of allkeys-lfu, as OBJECT FREQ shows it on a server. */
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { KEYS = 1000 };

/* The policy's entry: 16 bits of minutes above 8 of counter. */
static uint32_t word_of(const struct cell *cell, uint32_t id)
{
    return *(const uint32_t *)policy_entry(&cell->redis->eviction, id);
}

static uint32_t counter(const struct cell *cell, uint32_t id)
{
    return word_of(cell, id) & 255;
}

static struct cell *open_lfu(int64_t start_unix_s)
{
    return cell_open((struct cell_setup){
        .policy = "allkeys-lfu",
        .maxmemory = UINT64_C(1) << 40,
        .options = {.start_unix_us = start_unix_s * 1000000},
    });
}

static void access_all(struct cell *cell, enum op op, int times)
{
    for (int i = 0; i < times; i++)
        for (uint32_t id = 0; id < KEYS; id++)
            cell_add(cell, (struct row){.op = op, .id = id, .key_len = 8, .value_len = 10});
    cell_flush(cell);
}

static double mean(const struct cell *cell)
{
    double sum = 0;

    for (uint32_t id = 0; id < KEYS; id++)
        sum += counter(cell, id);
    return sum / KEYS;
}

/* Measured on a server, 500 keys each: means 6, 6.73, 9.77, 19.4 with standard deviations 0, 0.71,
 * 1.2, 2.1. Two such means differ by less than four times sd * sqrt(1/500 + 1/1000). */
static void counters_after_n_accesses_are_those_of_a_server(void **state)
{
    static const struct {
        int accesses;
        double mean, deviation;
    } cases[] = {{1, 6, 0}, {10, 6.73, 0.71}, {100, 9.77, 1.2}, {1000, 19.4, 2.1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell *cell = open_lfu(1700000000);
        double got;

        access_all(cell, OP_SET, 1);
        access_all(cell, OP_GET, cases[i].accesses);
        got = mean(cell);
        printf("%d accesses: mean counter %.3f\n", cases[i].accesses, got);
        assert_true(got - cases[i].mean <= 4 * cases[i].deviation * 0.0548);
        assert_true(cases[i].mean - got <= 4 * cases[i].deviation * 0.0548);
        cell_close(cell);
    }
}

static void a_new_key_starts_at_five(void **state)
{
    struct cell *cell = open_lfu(1700000000);

    (void)state;
    cell_run(cell, "set a 10; set b 10 ex 100");
    assert_int_equal(counter(cell, cell_id(cell, "a")), 5);
    assert_int_equal(counter(cell, cell_id(cell, "b")), 5);
    cell_run(cell, "get a; del a; set a 10");
    assert_int_equal(counter(cell, cell_id(cell, "a")), 5);
    cell_close(cell);
}

static void overwriting_keeps_the_counter_and_is_an_access(void **state)
{
    struct cell *cell = open_lfu(1700000000);

    (void)state;
    cell_run(cell, "set a 10; set a 20");
    assert_int_equal(counter(cell, cell_id(cell, "a")), 6);
    cell_close(cell);
}

static void looking_at_a_key_without_touching_it_is_no_access(void **state)
{
    struct cell *cell = open_lfu(1700000000);

    (void)state;
    cell_run(cell, "set a 10; exists a; ttl a; pttl a; type a; get nothing");
    assert_int_equal(counter(cell, cell_id(cell, "a")), 5);
    cell_run(cell, "strlen a");
    assert_int_equal(counter(cell, cell_id(cell, "a")), 6);
    cell_close(cell);
}

/* 1,700,000,000 s is 20 s into a calendar minute: it turns at 40 s. What counts is how often the
 * minute has turned, not how long ago the access was. */
static void counters_decay_by_one_per_calendar_minute(void **state)
{
    struct cell *cell = open_lfu(1700000000);

    (void)state;
    access_all(cell, OP_SET, 1);
    access_all(cell, OP_GET, 1); /* all are at 6 */
    cell_wait_us(cell, 39900000);
    assert_true(mean(cell) == 6);
    cell_wait_us(cell, 200000); /* 40.1 s: a minute has turned */
    access_all(cell, OP_GET, 1);
    assert_true(mean(cell) == 6); /* down to 5, and from 5 the next is certain */
    cell_wait_us(cell, 180000000);
    access_all(cell, OP_GET, 1);
    assert_true(mean(cell) == 4); /* three minutes: 3, and up */
    cell_wait_us(cell, INT64_C(3600000000));
    access_all(cell, OP_GET, 1);
    assert_true(mean(cell) == 1); /* never below 0 */
    cell_close(cell);
}

static void a_decay_time_of_zero_means_never(void **state)
{
    struct cell *cell = open_lfu(1700000000);

    (void)state;
    cell->redis->config.policy.lfu_decay_time = 0;
    cell_run(cell, "set a 10; get a; wait 360000");
    cell_run(cell, "exists a");
    assert_int_equal(counter(cell, cell_id(cell, "a")), 6);
    cell_run(cell, "get a");
    assert_true(counter(cell, cell_id(cell, "a")) >= 6);
    cell_close(cell);
}

static void a_longer_decay_time_counts_whole_periods(void **state)
{
    struct cell *cell = open_lfu(1700000000);

    (void)state;
    cell->redis->config.policy.lfu_decay_time = 10;
    access_all(cell, OP_SET, 1);
    cell_wait_us(cell, INT64_C(19) * 60000000);
    access_all(cell, OP_GET, 1);
    assert_true(mean(cell) == 5); /* 19 minutes: one period, 4, and up */
    cell_close(cell);
}

/* The clock wraps after 65,536 minutes; across the wrap the server counts one too few. */
static void across_the_wrap_one_minute_is_lost(void **state)
{
    const int64_t last_minute = (INT64_C(65536) * 433 - 1) * 60;
    struct cell *cell = open_lfu(last_minute);

    (void)state;
    access_all(cell, OP_SET, 1);
    assert_int_equal(word_of(cell, 0) >> 8 & 65535, 65535);
    cell_wait_us(cell, 60000000);
    access_all(cell, OP_GET, 1);
    assert_int_equal(word_of(cell, 0) >> 8 & 65535, 0);
    assert_true(mean(cell) == 6); /* no decay although a minute has turned */
    cell_close(cell);

    cell = open_lfu(last_minute);
    access_all(cell, OP_SET, 1);
    cell_wait_us(cell, 4 * 60000000);
    access_all(cell, OP_GET, 1);
    assert_true(mean(cell) == 3); /* four minutes count as three: 2, and up */
    cell_close(cell);
}

static void a_counter_stops_at_255(void **state)
{
    struct cell *cell = open_lfu(1700000000);

    (void)state;
    cell->redis->config.policy.lfu_log_factor = 0; /* every access counts */
    access_all(cell, OP_SET, 1);
    access_all(cell, OP_GET, 300);
    assert_true(mean(cell) == 255);
    cell_close(cell);
}

/* OBJECT FREQ of the key k on 7.0.15 with lfu-log-factor 0, which counts every use: 5 at first. Who makes a key does not use it; who
 * looks it up twice uses it twice. */
static void uses_are_those_of_a_server(void **state)
{
    static const struct {
        const char *before, *command; /* before: "" when there is no key k */
        uint32_t counter;
    } cases[] = {
        {"", "hset k f v", 5},
        {"", "hincrby k f 1", 5},
        {"", "lpush k a b", 5},
        {"", "sadd k a", 5},
        {"", "sadd k 1", 5},
        {"", "zadd k 1 a", 5},
        {"", "geoadd k 1 1 a", 5},
        {"", "pfadd k a", 5},
        {"", "xadd k 1-1 f v", 5},
        {"", "xgroup create k g $ mkstream", 5},
        {"", "incr k", 5},
        {"rpush other a b", "rpoplpush other k", 5},
        {"sadd other a b", "smove other k a", 5},
        {"hset k f v", "hset k f w", 6},
        {"hset k f v", "hget k f", 6},
        {"rpush k a b", "lpop k", 6},
        {"rpush k a b", "blpop k 1", 6},
        {"rpush k a b", "lmove k other left left", 6},
        {"rpush k a b", "blmove k other left left 1", 7},
        {"sadd k a b", "spop k", 6},
        {"sadd k a b", "smove k other a", 6},
        {"zadd k 1 a 2 b", "zpopmin k", 6},
        {"zadd k 1 a 2 b", "bzpopmin k 1", 7},
        {"zadd k 1 a 2 b", "bzpopmax k 1", 7},
        {"zadd k 1 a 2 b", "zmpop 1 k min", 6},
        {"zadd k 1 a 2 b", "bzmpop 1 1 k min", 7},
        {"xadd k 1-1 f v", "xadd k 2-1 f v", 6},
        {"xadd k 1-1 f v", "xdel k 1-1", 6},
        {"xadd k 1-1 f v", "xtrim k maxlen 0", 6},
        {"xadd k 1-1 f v", "xsetid k 5-5", 6},
        {"xadd k 1-1 f v", "xgroup create k g 0", 6},
        {"xadd k 1-1 f v", "xread streams k 0", 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell *cell = open_lfu(1700000000);
        uint32_t id = cell_id(cell, "k");

        cell->redis->config.policy.lfu_log_factor = 0;
        if (*cases[i].before)
            cell_say(cell, cases[i].before);
        cell_say(cell, cases[i].command);
        if (counter(cell, id) != cases[i].counter)
            fail_msg("%s; %s: %u, not %u", cases[i].before, cases[i].command, counter(cell, id), cases[i].counter);
        cell_close(cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uses_are_those_of_a_server),
        cmocka_unit_test(counters_after_n_accesses_are_those_of_a_server),
        cmocka_unit_test(a_new_key_starts_at_five),
        cmocka_unit_test(overwriting_keeps_the_counter_and_is_an_access),
        cmocka_unit_test(looking_at_a_key_without_touching_it_is_no_access),
        cmocka_unit_test(counters_decay_by_one_per_calendar_minute),
        cmocka_unit_test(a_decay_time_of_zero_means_never),
        cmocka_unit_test(a_longer_decay_time_counts_whole_periods),
        cmocka_unit_test(across_the_wrap_one_minute_is_lost),
        cmocka_unit_test(a_counter_stops_at_255),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
