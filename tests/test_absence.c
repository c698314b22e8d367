/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_absence: every miss has one cause, and it is the right one. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/server/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t causes(const struct counters *counters)
{
    uint64_t sum = 0;

    for (int i = 0; i < MISS_CAUSES; i++)
        sum += counter_get(counters, COUNTER_misses_cold + i);
    return sum;
}

/* One miss more, and of this cause. */
static void expect_miss(struct cell *cell, const char *command, int counter)
{
    struct counters before = cell->redis->counters;

    cell_run(cell, command);
    assert_int_equal(cell->redis->counters.misses - before.misses, 1);
    if (counter_get(&cell->redis->counters, counter) - counter_get(&before, counter) != 1)
        fail_msg("%s: not counted as %s", command, counter_fields[counter].name);
    assert_int_equal(causes(&cell->redis->counters), cell->redis->counters.misses);
}

static void each_way_to_go_is_a_cause(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});

    (void)state;
    expect_miss(cell, "get never", COUNTER_misses_cold);
    cell_run(cell, "set a 10; del a");
    expect_miss(cell, "get a", COUNTER_misses_deleted);
    cell_run(cell, "set b 10 px 5; wait 1");
    expect_miss(cell, "get b", COUNTER_misses_expired_by_cycle);
    cell_run(cell, "set c 10; flushall");
    expect_miss(cell, "get c", COUNTER_misses_flushed);
    expect_miss(cell, "get a", COUNTER_misses_deleted); /* it was not there any more */
    cell_run(cell, "set a 10");
    cell_say(cell, "rename a d");
    expect_miss(cell, "get a", COUNTER_misses_deleted);
    cell_say(cell, "rpush e x");
    cell_say(cell, "lpop e");
    expect_miss(cell, "get e", COUNTER_misses_deleted);
    cell_run(cell, "set c 10; del c; set c 10; wait 1; flushall");
    expect_miss(cell, "exists c", COUNTER_misses_flushed);
    cell_close(cell);
}

/* The active cycle has no time to come by within the same millisecond. */
static void a_command_that_meets_an_expired_key_expires_it(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});

    (void)state;
    cell_run(cell, "set a 10 px 5");
    cell->now_us += 6000;
    expect_miss(cell, "get a", COUNTER_misses_expired_lazily);
    expect_miss(cell, "get a", COUNTER_misses_expired_lazily);
    cell_close(cell);
}

/* Until a write is refused. */
static void fill_up(struct cell *cell)
{
    char set[32];

    cell->redis->counters.oom_rejections = 0;
    for (int i = 0; !cell->redis->counters.oom_rejections; i++) {
        snprintf(set, sizeof set, "set fill%d 9000", i);
        cell_run(cell, set);
    }
}

static void a_refused_write_is_the_cause_from_then_on(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 1100000});

    (void)state;
    fill_up(cell);
    expect_miss(cell, "get a", COUNTER_misses_cold);
    cell_run(cell, "set a 10");
    assert_int_equal(cell->redis->counters.oom_rejections, 2);
    expect_miss(cell, "get a", COUNTER_misses_refused);
    cell_run(cell, "flushall; set a 10; del a");
    expect_miss(cell, "get a", COUNTER_misses_deleted);
    fill_up(cell);
    cell_say(cell, "multi");
    cell_say(cell, "set m 10");
    cell_say(cell, "exec");
    expect_miss(cell, "get m", COUNTER_misses_refused);
    cell_say(cell, "sunionstore to from"); /* a source is no key that the command would have made */
    expect_miss(cell, "get to", COUNTER_misses_refused);
    expect_miss(cell, "get from", COUNTER_misses_cold);
    cell_close(cell);
}

/* And the ttl that it had tells whether more memory would have helped. */
static void an_evicted_key_is_told_from_one_that_would_have_expired(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-lru", .maxmemory = 1000000});
    struct curve curve;
    struct counters counters;

    (void)state;
    cell_run(cell, "set short 10 ex 2; set long 10 ex 3600; set none 10; set big 100000; set big2 60000; ping");
    assert_int_equal(cell->redis->counters.evicted_keys, 3);
    cell_run(cell, "wait 5");
    expect_miss(cell, "get short", COUNTER_misses_evicted);
    expect_miss(cell, "get long", COUNTER_misses_evicted);
    expect_miss(cell, "get none", COUNTER_misses_evicted);
    expect_miss(cell, "get none", COUNTER_misses_evicted);
    assert_int_equal(cell->redis->counters.misses_evicted_expired, 1);
    assert_int_equal(cell->redis->evictions.ttl_left[evictions_bucket(2000)], 1);
    assert_int_equal(cell->redis->evictions.ttl_left[evictions_bucket(3600000)], 1);
    assert_int_equal(cell->redis->evictions.again[evictions_bucket(5000000 >> ABSENCE_SHIFT)], 3); /* each once */
    counters = cell_finish(cell, &curve);
    assert_int_equal(curve.samples[curve.count - 1].misses_evicted, counters.misses_evicted);
    free(curve.samples);
    cell_close(cell);
}

/* ---- every policy, every server: against a reading of its own ---- */

enum { KEYS = 60, COMMANDS = 4000, EITHER = -1 };

/* What is known of a key from outside: whether it is there, and why not. */
struct known {
    bool is_there;
    int counter; /* of its misses */
    int64_t expire_ms;
};

static bool is_there(const struct cell *cell, uint32_t id)
{
    return entry_of(cell->redis, id)->encoding != ENCODING_ABSENT;
}

/* Keys that were there before the command and are not now: the counters say why. */
static void look_again(const struct cell *cell, struct known *known, const struct counters *before, enum op op,
                       uint32_t id)
{
    const struct counters *now = &cell->redis->counters;

    for (uint32_t i = 0; i < KEYS; i++) {
        bool was_there = known[i].is_there;

        known[i].is_there = is_there(cell, i);
        if (known[i].is_there || !was_there)
            continue;
        if (i == id && op == OP_DEL && now->deleted_keys > before->deleted_keys)
            known[i].counter = COUNTER_misses_deleted;
        else if (op == OP_FLUSHALL)
            known[i].counter = now->evicted_keys > before->evicted_keys ? EITHER : COUNTER_misses_flushed;
        else if (now->evicted_keys > before->evicted_keys)
            known[i].counter = COUNTER_misses_evicted;
        else if (i == id && op == OP_DEL)
            known[i].counter = COUNTER_misses_expired_lazily;
        else
            known[i].counter = COUNTER_misses_expired_by_cycle;
    }
    if (now->oom_rejections > before->oom_rejections && !known[id].is_there)
        known[id].counter = COUNTER_misses_refused;
}

static void causes_are_those_seen_from_outside(const char *server, const char *policy)
{
    struct cell *cell = cell_open(
        (struct cell_setup){.server = server, .policy = policy, .maxmemory = 1060000, .seed = (uint64_t)random_seed()});
    struct random random = random_stream(random_seed());
    struct known known[KEYS];

    for (uint32_t i = 0; i < KEYS; i++)
        known[i] = (struct known){.counter = COUNTER_misses_cold};
    cell->key_count = KEYS;
    for (int n = 0; n < COMMANDS; n++) {
        uint32_t id = (uint32_t)random_below(&random, KEYS);
        uint64_t kind = random_below(&random, 100);
        struct row row = {.op = OP_GET, .id = id, .key_len = 8, .value_len = VALUE_UNKNOWN};
        struct counters before;
        bool expires = false;

        if (kind < 40) {
            row.op = OP_SET;
            row.value_len = (uint32_t)random_below(&random, 9000);
            if (kind < 15) {
                row.flags = REQUEST_TTL;
                row.ttl_ms = 1 + (int64_t)random_below(&random, 3000);
            }
        } else if (kind < 50) {
            row.op = OP_DEL;
        } else if (kind == 50 && n % 5 == 0) {
            row = (struct row){.op = OP_FLUSHALL, .id = NO_KEY, .value_len = VALUE_UNKNOWN};
        }
        before = cell->redis->counters;
        cell_wait_us(cell, (int64_t)random_below(&random, 60000));
        if (n)
            look_again(cell, known, &before, OP_GET, id);
        before = cell->redis->counters;
        if (row.op == OP_GET && n && known[id].is_there)
            expires = entry_of(cell->redis, id)->expire_ms < (cell->options.start_unix_us + cell->now_us) / 1000;
        cell_do(cell, row);
        if (row.op == OP_GET && cell->redis->counters.misses > before.misses) {
            int counter = n ? known[id].counter : COUNTER_misses_cold;

            if (n && known[id].is_there) { /* it went in this very command */
                counter = cell->redis->counters.expired_keys > before.expired_keys && expires
                              ? COUNTER_misses_expired_lazily
                              : COUNTER_misses_evicted;
                known[id].counter = counter;
                known[id].is_there = false;
            }
            if (counter != EITHER && counter_get(&cell->redis->counters, counter) != counter_get(&before, counter) + 1)
                fail_msg("command %d: not counted as %s", n, counter_fields[counter].name);
        }
        look_again(cell, known, &before, row.op, id);
        assert_int_equal(causes(&cell->redis->counters), cell->redis->counters.misses);
    }
    cell_close(cell);
}

static void causes_hold_on_every_server(void **state)
{
    static const char *const some[] = {"noeviction", "allkeys-lru", "volatile-lfu", "volatile-ttl", "allkeys-random"};

    (void)state;
    printf("seed %lu\n", random_seed());
    for (size_t i = 0; i < server_count; i++)
        for (size_t j = 0; j < sizeof some / sizeof *some && servers[i].profile; j++) {
            print_message("%s, %s\n", servers[i].name, some[j]);
            causes_are_those_seen_from_outside(servers[i].name, some[j]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_go_is_a_cause),
        cmocka_unit_test(a_command_that_meets_an_expired_key_expires_it),
        cmocka_unit_test(a_refused_write_is_the_cause_from_then_on),
        cmocka_unit_test(an_evicted_key_is_told_from_one_that_would_have_expired),
        cmocka_unit_test(causes_hold_on_every_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
