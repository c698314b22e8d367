/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_waiting: what clients who wait for a sorted set or a stream are given, and what that leaves in it. What a Redis 7.0.15 did
 * with the same commands is in the assertions. */
#include "sim/alloc.h"
#include "sim/server/connections.h"
#include "sim/server/values/stream.h"
#include "sim/server/values/zset.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void say_as(struct cell *cell, uint32_t client, const char *words)
{
    cell->client = client;
    cell_say(cell, words);
}

static struct entry *entry_named(struct cell *cell, const char *name)
{
    return entry_of(cell->redis, cell_id(cell, name));
}

static void who_came_first_is_given_the_first_element(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});

    (void)state;
    say_as(cell, 1, "bzpopmin z1 z2 0");
    say_as(cell, 2, "bzpopmax z1 0");
    say_as(cell, 3, "bzmpop 0 1 z3 max count 2");
    say_as(cell, 4, "bzpopmin z1 0.2");
    cell_wait_us(cell, 300000);
    say_as(cell, 0, "zadd z1 1 a");
    assert_int_equal(entry_named(cell, "z1")->encoding, ENCODING_ABSENT);
    say_as(cell, 0, "zadd z1 1 b 2 c");
    assert_int_equal(zset_of(entry_named(cell, "z1"))->count, 1);
    say_as(cell, 0, "zadd z3 1 x 2 y 3 z");
    assert_int_equal(zset_of(entry_named(cell, "z3"))->count, 1);
    say_as(cell, 0, "zadd z2 1 stays");
    assert_int_equal(zset_of(entry_named(cell, "z2"))->count, 1);
    assert_int_equal(cell->redis->blocked.count, 0);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

static void an_entry_is_pending_for_the_consumer_that_waited(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});
    struct stream *stream;

    (void)state;
    say_as(cell, 0, "xgroup create s g $ mkstream");
    say_as(cell, 1, "xreadgroup group g one count 1 block 0 streams s >");
    say_as(cell, 2, "xreadgroup group g two block 9000 streams s >");
    say_as(cell, 3, "xreadgroup group g late block 100 streams s >");
    say_as(cell, 4, "xread block 0 streams s $");
    cell_wait_us(cell, 200000);
    say_as(cell, 0, "xadd s 1-1 f v");
    stream = stream_of(entry_named(cell, "s"));
    assert_int_equal(stream->group[0].pending.count, 1);
    assert_int_equal(cell->redis->blocked.count, 1); /* two */
    say_as(cell, 0, "xadd s 2-1 f v");
    say_as(cell, 0, "xadd s 3-1 f v");
    assert_int_equal(stream->group[0].pending.count, 2);
    assert_int_equal(stream->group[0].consumer_count, 2);
    assert_int_equal(stream->group[0].last.ms, 2);
    say_as(cell, 1, "xack s g 1-1 2-1");
    assert_int_equal(stream->group[0].pending.count, 0);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

/* The error is counted. The client waits no longer. */
static void a_group_that_goes_ends_the_wait(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){0});

    (void)state;
    say_as(cell, 0, "xgroup create s g $ mkstream");
    say_as(cell, 1, "xreadgroup group g one block 0 streams s >");
    say_as(cell, 0, "xgroup destroy s g");
    assert_int_equal(cell->redis->blocked.count, 0);
    assert_int_equal(cell->redis->counters.command_errors, 1);
    cell_close(cell);
}

/* From its first wait on a client has a state for it, where it is no part of the client. Measured: 144 bytes on both Valkeys,
 * once. */
static void who_has_waited_keeps_a_state(void **state)
{
    static const struct {
        const char *server;
        uint64_t bytes;
    } servers[] = {{"redis-7.0.15-debian", 0},
                   {"redis-8.0.2-debian", 0},
                   {"valkey-8.1.1-debian", 144},
                   {"valkey-9.1.2-debian", 144}};

    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = servers[i].server, .policy = "noeviction"});
        uint64_t before;

        say_as(cell, 1, "ping");
        before = cell->redis->client.wait_bytes;
        assert_int_equal(before, 0);
        for (int times = 0; times < 2; times++) {
            say_as(cell, 1, "blpop a 0.01");
            cell_wait_us(cell, 20000);
            say_as(cell, 1, "ping");
            assert_int_equal(cell->redis->client.wait_bytes, servers[i].bytes);
            assert_int_equal(recount_used_memory(cell->redis), cell->redis->used);
        }
        cell_close(cell);
    }
}

/* INFO latencystats of live servers (7.0.15, 8.0.6, 8.6.3, Redict 7.3.6, Valkey 8.1.1 and 9.1.2): BRPOP, BZPOPMIN, XREAD and BLMPOP whose
 * time is over are in it on all but the first. */
static void a_wait_that_is_given_up_is_measured_since_7_2(void **state)
{
    static const struct {
        const char *server;
        bool is_measured;
    } servers[] = {{"redis-7.0.15-debian", false},
                   {"redis-7.2.6", true},
                   {"redis-8.6.3-debian", true},
                   {"valkey-8.1.1-debian", true}};

    (void)state;
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = servers[i].server, .policy = "noeviction"});

        say_as(cell, 1, "brpop a 0.01");
        cell_wait_us(cell, 20000);
        say_as(cell, 2, "ping");
        assert_int_equal(cell->redis->blocked.count, 0);
        assert_int_equal(cell->redis->was_called[OP_BRPOP], servers[i].is_measured);
        say_as(cell, 1, "brpop a 10"); /* who sends something else before that was served, or unblocked */
        say_as(cell, 1, "ping");
        assert_true(cell->redis->was_called[OP_BRPOP]);
        cell_close(cell);
    }
}

/* Who is told that its time is over has been written to, and cron takes it for silent only from then on. A 7.0.15 with five clients of
 * Sidekiq, whose BRPOP had ended after two seconds, held 81,752 bytes of query buffers more than the model did. */
static void who_is_told_is_not_silent(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian", .policy = "noeviction"});
    const struct client *waiter;

    (void)state;
    say_as(cell, 1, "brpop a 2");
    say_as(cell, 2, "ping");
    waiter = connections_client(cell->redis, 1);
    cell_wait_us(cell, 2500000);
    say_as(cell, 2, "ping");
    assert_int_equal(cell->redis->blocked.count, 0);
    cell_wait_us(cell, 1900000); /* 4.4 s behind its command, 2.4 s behind the reply */
    say_as(cell, 2, "ping");
    assert_true(waiter->query_bytes > 16384);
    cell_wait_us(cell, 1500000);
    say_as(cell, 2, "ping");
    assert_true(waiter->query_bytes < 64);
    assert_int_equal(recount_used_memory(cell->redis), cell->redis->used);
    cell_close(cell);
}

/* What 200 clients of a 7.0.15 weighed in the mean while they waited, each for keys of its own, less what they weighed
 * before: 448 bytes for BLMOVE (the table had grown before), 612 for BLPOP of two keys with a time limit. */
static void who_waits_keeps_arguments_and_entries(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});
    const struct redis *redis = cell->redis;
    uint64_t before;

    (void)state;
    say_as(cell, 1, "blpop bl0 0");
    before = redis->blocked.bytes;
    say_as(cell, 2, "blmove bl10 dst left right 0");
    assert_int_equal(redis->blocked.bytes - before, 448);
    before = redis->blocked.bytes;
    say_as(cell, 3, "blpop bl20 bm20 1000");
    assert_int_equal(redis->blocked.bytes - before, 592);
    before = redis->blocked.bytes;
    say_as(cell, 4, "blpop bl0 0");
    assert_int_equal(redis->blocked.bytes - before, 256);
    assert_true(redis->used == recount_used_memory(redis));
    say_as(cell, 0, "rpush bl0 a b");
    say_as(cell, 0, "rpush bl10 a b");
    say_as(cell, 0, "rpush bm20 a b");
    assert_int_equal(redis->blocked.count, 0);
    assert_int_equal(redis->blocked.bytes, 32); /* the table, of four slots */
    assert_true(redis->used == recount_used_memory(redis));
    cell_close(cell);
}

/* Real servers, with 200,000 to 230,000 bytes of room: LPUSH of 100,000 bytes was refused; then it was accepted and BLMOVE was given
 * an element by 7.0.15, and an OOM error by 8.0.2 and Valkey 8.1.1, while the arguments of LPUSH were still there; with more room all
 * gave it an element. */
static void who_waited_passes_the_gate_again_since_7_2(void **state)
{
    static const char *const tried[] = {"redis-7.0.15-debian", "redis-7.2.6", "redis-8.0.2-debian",
                                        "valkey-8.1.1-debian", "valkey-9.1.2-debian"};
    enum { VALUE = 100000, STEP = 10000, STEPS = 14 };
    char *push = xcalloc(1, VALUE + 16);

    (void)state;
    memset(push + sprintf(push, "lpush a "), 'v', VALUE);
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        uint64_t pushed = 0, refused = 0;

        for (uint64_t step = 0; step < STEPS; step++) {
            struct cell *cell = cell_open((struct cell_setup){.server = tried[i], .policy = "noeviction"});
            const struct counters *counters = &cell->redis->counters;

            say_as(cell, 0, push);
            say_as(cell, 0, "del a");
            say_as(cell, 1, "blmove a b left left 0");
            cell->redis->maxmemory = cell->redis->used + 2 * VALUE + STEP * step;
            say_as(cell, 0, push);
            if (entry_named(cell, "b")->encoding != ENCODING_ABSENT) {
                assert_int_equal(counters->oom_rejections, 0);
                pushed++;
            } else if (entry_named(cell, "a")->encoding != ENCODING_ABSENT) {
                assert_int_equal(counters->oom_rejections, 1);
                assert_int_equal(cell->redis->blocked.count, 0);
                refused++;
            }
            assert_true(cell->redis->used == recount_used_memory(cell->redis));
            cell_close(cell);
        }
        assert_true(pushed > 5);
        assert_int_equal(refused > 0, i > 0);
    }
    free(push);
}

/* The keys of 1,000 bytes that go when so many clients that wait with XREAD are given an entry, at the limit. */
static int64_t evicted_for(const char *server, uint32_t waiters)
{
    enum { KEYS = 60, VALUE = 1000 };
    struct cell *cell = cell_open((struct cell_setup){.server = server, .policy = "allkeys-lru"});
    char *set = xcalloc(1, VALUE + 32);
    int64_t evicted;

    for (int key = 0; key < KEYS; key++) {
        int length = sprintf(set, "set k%d ", key);

        memset(set + length, 'v', VALUE);
        set[length + VALUE] = 0;
        say_as(cell, 0, set);
    }
    say_as(cell, 1, "xread block 0 streams other $");
    say_as(cell, 0, "xadd other 1-1 f v"); /* the histograms of both are there from here on */
    for (uint32_t client = 1; client <= waiters; client++)
        say_as(cell, client, "xread block 0 streams s $");
    cell_wait_us(cell, 7000000); /* they are older than the stream */
    say_as(cell, 0, "get k0");
    cell->redis->maxmemory = cell->redis->used + 4000;
    say_as(cell, 0, "xadd s 1-1 f v");
    assert_int_equal(cell->redis->blocked.count, 0);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    evicted = (int64_t)cell->redis->counters.evicted_keys;
    cell_close(cell);
    free(set);
    return evicted;
}

/* Real servers, with one, two and three waiters: 7.0.15 evicted 67, 66, 69 such keys (three histograms, which are new, and little
 * else); 8.0.2 67, 88, 107; Valkey 8.1.1 71, 91, 106, 9.1.2 71, 91, 110. A reply of XREAD takes a block of 20,480 bytes, which
 * is written at the end of the turn: who is served next passes the gate with it. */
static void replies_of_those_served_before_count_at_the_gate(void **state)
{
    static const char *const tried[] = {"redis-7.2.6", "redis-8.0.2-debian", "valkey-8.1.1-debian",
                                        "valkey-9.1.2-debian"};

    (void)state;
    assert_int_equal(evicted_for("redis-7.0.15-debian", 3), evicted_for("redis-7.0.15-debian", 1));
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        int64_t one = evicted_for(tried[i], 1), two = evicted_for(tried[i], 2), three = evicted_for(tried[i], 3);

        assert_in_range(two - one, 15, 22);
        assert_in_range(three - two, 15, 22);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_came_first_is_given_the_first_element),
        cmocka_unit_test(an_entry_is_pending_for_the_consumer_that_waited),
        cmocka_unit_test(a_group_that_goes_ends_the_wait),
        cmocka_unit_test(who_has_waited_keeps_a_state),
        cmocka_unit_test(a_wait_that_is_given_up_is_measured_since_7_2),
        cmocka_unit_test(who_is_told_is_not_silent),
        cmocka_unit_test(who_waits_keeps_arguments_and_entries),
        cmocka_unit_test(who_waited_passes_the_gate_again_since_7_2),
        cmocka_unit_test(replies_of_those_served_before_count_at_the_gate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
