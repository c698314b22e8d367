/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_expire: expired keys, found by a lookup, by DEL or by the active cycle, or not found yet. */
#include "tests/support_linger.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_keys(const struct cell *cell, uint64_t keys, uint64_t expires, uint64_t expired)
{
    assert_int_equal(keyspace_keys(cell->redis), keys);
    assert_int_equal(keyspace_expires(cell->redis), expires);
    assert_int_equal(cell->redis->counters.expired_keys, expired);
}

/* Without cron nothing but look-ups can expire a key. */
static struct cell *open_without_cron(void)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});

    event_cancel(&cell->redis->events, &cell->redis->cron);
    cell->redis->cron_due_us = INT64_MAX;
    return cell;
}

static void a_key_is_expired_when_its_time_is_over_not_when_it_is_reached(void **state)
{
    struct cell *cell = open_without_cron();

    (void)state;
    cell_run(cell, "set a 10 px 1000; wait 1; get a");
    expect_keys(cell, 1, 1, 0);
    assert_int_equal(cell->redis->counters.hits, 1);
    cell_run(cell, "wait 0.001; get a");
    expect_keys(cell, 0, 0, 1);
    assert_int_equal(cell->redis->counters.misses, 1);
    cell_close(cell);
}

static void reads_and_writes_find_expired_keys_alike(void **state)
{
    static const char *const commands[] = {
        "get a",  "set a 10",   "append a 5",  "incr a",    "strlen a",  "exists a",    "ttl a",
        "type a", "touch a",    "expire a 10", "persist a", "getdel a",  "getex a",     "setrange a 0 5",
        "mget a", "setnx a 10", "del a",       "unlink a",  "mset a 10", "getset a 10", "set a 10 xx"};

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct cell *cell = open_without_cron();

        cell_run(cell, "set a 100 ex 10; wait 11");
        expect_keys(cell, 1, 1, 0);
        cell_run(cell, commands[i]);
        assert_int_equal(cell->redis->counters.expired_keys, 1);
        assert_int_equal(keyspace_expires(cell->redis), 0);
        assert_int_equal(cell->redis->counters.hits, 0);
        cell_close(cell);
    }
}

static void del_of_an_expired_key_counts_as_expiry(void **state)
{
    struct cell *cell = open_without_cron();

    (void)state;
    cell_run(cell, "set a 10 ex 10; set b 10 ex 100; wait 11; del a b");
    expect_keys(cell, 0, 0, 1);
    assert_int_equal(cell->redis->counters.deleted_keys, 1);
    cell_close(cell);
}

static void a_time_in_the_past_deletes(void **state)
{
    struct cell *cell = open_without_cron();

    (void)state;
    cell_run(cell, "set a 10; set b 10; set c 10; expire a -1; expireat b 1; pexpire c 0");
    expect_keys(cell, 0, 0, 0);
    assert_int_equal(cell->redis->counters.deleted_keys, 3);
    cell_close(cell);
}

static void set_drops_a_ttl_unless_told_to_keep_it(void **state)
{
    struct cell *cell = open_without_cron();

    (void)state;
    cell_run(cell, "set a 10 ex 10; set b 10 ex 10; set a 20; set b 20 keepttl");
    expect_keys(cell, 2, 1, 0);
    cell_run(cell, "append b 5; getex b; getset b 5");
    expect_keys(cell, 2, 0, 0);
    cell_close(cell);
}

static void expire_takes_its_conditions(void **state)
{
    struct cell *cell = open_without_cron();

    (void)state;
    cell_run(cell, "set a 10; expire a 10 xx; expire a 10 gt");
    expect_keys(cell, 1, 0, 0);
    cell_run(cell, "expire a 50 lt; expire a 100 lt; expire a 20 gt; expire a 70 nx");
    assert_int_equal(entry_of(cell->redis, 0)->expire_ms, cell->redis->unix_ms + 50000);
    cell_run(cell, "expire a 60 gt; persist a; persist a");
    expect_keys(cell, 1, 0, 0);
    cell_close(cell);
}

/* ---- the active cycle ---- */

static void fill(struct cell *cell, uint32_t keys, int64_t ttl_ms)
{
    for (uint32_t id = 0; id < keys; id++)
        cell_add(cell, (struct row){.op = OP_SET,
                                    .id = id,
                                    .key_len = 10,
                                    .value_len = 30,
                                    .flags = ttl_ms ? REQUEST_TTL | REQUEST_MILLIS : 0,
                                    .ttl_ms = ttl_ms});
    cell_flush(cell);
}

static void cron_expires_a_small_database_whole(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});

    (void)state;
    fill(cell, 20, 950);
    cell_wait_us(cell, 900000);
    expect_keys(cell, 20, 20, 0);
    cell_wait_us(cell, 100000); /* cron runs at one second sharp */
    expect_keys(cell, 0, 0, 20);
    cell_close(cell);
}

static void cron_goes_on_while_more_than_a_tenth_has_expired(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});

    (void)state;
    fill(cell, 100000, 500);
    cell_wait_us(cell, 500000);
    expect_keys(cell, 100000, 100000, 0);
    cell_wait_us(cell, 100000); /* until the table is so sparse that it must shrink first */
    assert_true(keyspace_keys(cell->redis) < 131072 / 100 + 1);
    cell_wait_us(cell, 1000000);
    expect_keys(cell, 0, 0, 100000);
    cell_close(cell);
}

static void cron_looks_at_twenty_keys_and_leaves_when_few_have_expired(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});
    uint64_t before = 0;

    (void)state;
    fill(cell, 1000, 3600000);
    cell_run(cell, "wait 0.2");
    for (uint32_t id = 0; id < 50; id++) /* one in twenty: below the threshold */
        cell_do(
            cell,
            (struct row){
                .op = OP_PEXPIRE, .id = id * 20, .key_len = 10, .flags = REQUEST_TTL | REQUEST_MILLIS, .ttl_ms = 5});
    for (int tick = 0; tick < 50; tick++) {
        cell_wait_us(cell, 100000);
        /* A window may hold many of them by chance, and then there is another. */
        assert_true(cell->redis->counters.expired_keys - before <= 15);
        before = cell->redis->counters.expired_keys;
    }
    assert_true(before > 0 && before <= 50);
    cell_close(cell);
}

static void a_sparse_table_is_not_scanned_until_it_has_shrunk(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});
    struct dict *expires = &cell->redis->databases[0].expires.dict;

    (void)state;
    fill(cell, 4096, 60000);
    cell_wait_us(cell, 1000000);
    for (uint32_t id = 20; id < 4096; id++)
        cell_add(cell, (struct row){.op = OP_DEL, .id = id, .key_len = 10});
    cell_flush(cell);
    assert_int_equal(expires->size[0], 4096);
    for (uint32_t id = 0; id < 20; id++)
        cell_do(cell,
                (struct row){
                    .op = OP_PEXPIRE, .id = id, .key_len = 10, .flags = REQUEST_TTL | REQUEST_MILLIS, .ttl_ms = 1});
    cell_wait_us(cell, 100000); /* sparse: skipped, but shrunk right after */
    expect_keys(cell, 20, 20, 0);
    cell_wait_us(cell, 200000);
    expect_keys(cell, 0, 0, 20);
    cell_close(cell);
}

static void every_database_has_its_turn(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});

    (void)state;
    cell_run(cell, "set a 1 ex 1; select 3; set b 1 ex 1; select 15; set c 1 ex 1; wait 2");
    expect_keys(cell, 0, 0, 3);
    cell_close(cell);
}

/* ---- the time limit ---- */

/* Keys that all expire after 5 s. */
static void set_crowd(struct cell *cell, uint32_t keys)
{
    for (uint32_t id = 0; id < keys; id++)
        cell_add(cell, (struct row){.op = OP_SET,
                                    .id = id,
                                    .key_len = 8,
                                    .value_len = 8,
                                    .flags = REQUEST_TTL | REQUEST_MILLIS,
                                    .ttl_ms = 5000});
    cell_flush(cell);
}

/* 25 ms of a cycle, at a million keys a second, are 25,000 keys, to the next look at the clock. The server then sleeps
 * for a while, and before that there is the fast cycle, for a millisecond: 1,000 more. The next cycle is due 100 ms after
 * the first one ended. */
static void keys_that_expire_at_once_take_their_time(void **state)
{
    enum { CROWD = 100000, WINDOW = 16 * 20 * 3 };

    struct cell *cell = cell_open((struct cell_setup){.options.speed.expirations = 1000000});
    const struct counters *counters = &cell->redis->counters;

    (void)state;
    set_crowd(cell, CROWD);
    cell_wait_us(cell, 5000000);
    assert_int_equal(counters->expired_keys, 0);
    cell_wait_us(cell, 110000);
    assert_in_range(counters->expired_keys, 26000, 26000 + 2 * WINDOW);
    cell_wait_us(cell, 125000);
    assert_in_range(counters->expired_keys, 2 * 26000, 2 * 26000 + 4 * WINDOW);
    cell_wait_us(cell, 3000000);
    assert_int_equal(counters->expired_keys, CROWD);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

/* Behind a cycle that was stopped, each turn of the event loop may run a fast one, half of the time. */
static void requests_bring_fast_cycles(void **state)
{
    enum { CROWD = 100000 };

    struct cell *cell = cell_open((struct cell_setup){.options.speed.expirations = 100000});
    const struct counters *counters = &cell->redis->counters;
    uint64_t before;

    (void)state;
    set_crowd(cell, CROWD);
    cell_wait_us(cell, 5140000);
    before = counters->expired_keys; /* 25 ms, 2,500 keys, and one fast cycle */
    assert_in_range(before, 2500, 4000);
    for (int i = 0; i < 50; i++) {
        cell_run(cell, "ping");
        cell_wait_us(cell, 1000);
    }
    assert_true(counters->expired_keys - before > 20 * 100); /* 100 a millisecond, every other one */
    cell_close(cell);
}

/* ---- how many linger ---- */

static double mean_share(uint32_t effort)
{
    double share = linger_mean(&(struct linger_setup){NULL, effort, 0}, random_seed(), 3);

    printf("effort %u: %.4f of the keys present have expired\n", effort, share);
    return share;
}

/* A server measured 0.236 on a quiet machine and 0.059 at effort 10. Now and then the time limit of
 * its cycle stopped it, which makes more keys linger. */
static void a_quarter_lingers_as_on_a_server(void **state)
{
    double share = mean_share(1);

    (void)state;
    assert_true(share > 0.236 - 0.02 && share < 0.236 + 0.02);
}

static void with_the_highest_effort_one_in_eighteen_lingers(void **state)
{
    double share = mean_share(10);

    (void)state;
    assert_true(share > 0.059 - 0.01 && share < 0.059 + 0.01);
}

/* Since Redis 8.10 the estimate of expired keys makes fast cycles run behind slow ones: fewer linger. Before, nothing did but a cycle whose
 * time was up. */
static void fast_cycles_run_when_keys_are_stale_since_8_10(void **state)
{
    const struct linger_setup before = {"redis-8.8", 1, 0}, since = {"redis-8.10", 1, 0};
    double share = linger_mean(&before, random_seed(), 3), less = linger_mean(&since, random_seed(), 3);

    (void)state;
    printf("lingering: 8.8 %.2f %%, 8.10 %.2f %%\n", 100 * share, 100 * less);
    assert_true(share > 0.22 && less < share - 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_cycles_run_when_keys_are_stale_since_8_10),
        cmocka_unit_test(a_key_is_expired_when_its_time_is_over_not_when_it_is_reached),
        cmocka_unit_test(reads_and_writes_find_expired_keys_alike),
        cmocka_unit_test(del_of_an_expired_key_counts_as_expiry),
        cmocka_unit_test(a_time_in_the_past_deletes),
        cmocka_unit_test(set_drops_a_ttl_unless_told_to_keep_it),
        cmocka_unit_test(expire_takes_its_conditions),
        cmocka_unit_test(cron_expires_a_small_database_whole),
        cmocka_unit_test(cron_goes_on_while_more_than_a_tenth_has_expired),
        cmocka_unit_test(cron_looks_at_twenty_keys_and_leaves_when_few_have_expired),
        cmocka_unit_test(a_sparse_table_is_not_scanned_until_it_has_shrunk),
        cmocka_unit_test(every_database_has_its_turn),
        cmocka_unit_test(keys_that_expire_at_once_take_their_time),
        cmocka_unit_test(requests_bring_fast_cycles),
        cmocka_unit_test(a_quarter_lingers_as_on_a_server),
        cmocka_unit_test(with_the_highest_effort_one_in_eighteen_lingers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
