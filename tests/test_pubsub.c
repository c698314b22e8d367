/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pubsub: what subscriptions, tracked keys and the slow log weigh, against used_memory of real servers: each number is the
 * difference that one command made there (Debian's builds, read by another connection). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support_server.h"

#include <stdio.h>
#include <string.h>

enum { SUBSCRIBER = 1, ANOTHER = 2, WRITER = 3 };

/* By how much used_memory grows. */
static int64_t grows(struct cell *cell, uint32_t client, const char *words)
{
    uint64_t before;

    cell->client = client;
    cell_say(cell, "ping"); /* the client's buffers are as they will be, and it is the one that speaks */
    before = cell->redis->used;
    cell_say(cell, words);
    return (int64_t)(cell->redis->used - before);
}

static struct cell *open_with_clients(const char *server)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server});

    cell->redis->config.latency_tracking = 0;
    for (cell->client = SUBSCRIBER; cell->client <= WRITER; cell->client++)
        cell_say(cell, "mset a v b v c v");
    return cell;
}

static void a_subscription_weighs_what_it_does_in_a_server(void **state)
{
    static const struct {
        const char *server;
        int64_t channel, pattern;                 /* the first subscriber's */
        int64_t another_channel, another_pattern; /* a second one's */
        int64_t varies; /* of a second one's, by as much: whether two clients meet in a table */
    } cases[] = {
        {"redis-7.0.15-debian", 176, 176, 96, 96, 0},
        {"redis-8.0.2-debian", 192, 192, 32, 64, 16},
        {"valkey-8.1.1-debian", 176, 208, 48, 80, 0},
        {"valkey-9.1.2-debian", 192, 224, 0, 32, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell *cell = open_with_clients(cases[i].server);
        uint64_t before;
        int64_t more;

        for (cell->client = SUBSCRIBER; cell->client <= ANOTHER; cell->client++)
            cell_say(cell, "subscribe first"), cell_say(cell, "psubscribe first"), cell_say(cell, "ssubscribe first");
        before = cell->redis->used;
        assert_int_equal(grows(cell, SUBSCRIBER, "subscribe channel:001"), cases[i].channel);
        assert_int_equal(grows(cell, SUBSCRIBER, "psubscribe channel:001"), cases[i].pattern);
        assert_int_equal(grows(cell, SUBSCRIBER, "ssubscribe channel:001"), cases[i].channel);
        assert_int_equal(grows(cell, SUBSCRIBER, "subscribe channel:001"), 0);
        more = grows(cell, ANOTHER, "subscribe channel:001") - cases[i].another_channel;
        assert_true(more == 0 || more == cases[i].varies);
        more = grows(cell, ANOTHER, "psubscribe channel:001") - cases[i].another_pattern;
        assert_true(more == 0 || more == cases[i].varies);
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
        for (cell->client = SUBSCRIBER; cell->client <= ANOTHER; cell->client++) {
            cell_say(cell, "unsubscribe channel:001");
            cell_say(cell, "punsubscribe channel:001");
            cell_say(cell, "sunsubscribe channel:001");
        }
        assert_true(cell->redis->used == before);
        grows(cell, SUBSCRIBER, "unsubscribe");
        grows(cell, ANOTHER, "quit");
        grows(cell, WRITER, "publish first text");
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
        cell_close(cell);
    }
}

/* A message is in the reply buffers of its receivers until the end of the turn. */
static void a_message_waits_for_each_of_its_receivers(void **state)
{
    struct cell *cell = open_with_clients("redis-7.0.15-debian");
    char words[40100] = "publish news ";
    uint64_t before;

    (void)state;
    cell->client = SUBSCRIBER;
    cell_say(cell, "subscribe news");
    cell->client = ANOTHER;
    cell_say(cell, "psubscribe n[a-f]ws");
    memset(words + strlen(words), 'v', 40000);
    cell->client = WRITER;
    before = cell->redis->used;
    cell_say(cell, words);
    assert_int_equal(cell->redis->client.reply_pending, strlen(":2\r\n"));
    assert_true(cell->redis->counters.used_memory_peak > before + 2 * 24000);
    cell_say(cell, "publish other text");
    assert_int_equal(cell->redis->client.reply_pending, strlen(":0\r\n"));
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

static void a_tracked_key_weighs_what_it_does_in_a_server(void **state)
{
    static const char *const servers_measured[] = {"redis-7.0.15-debian", "redis-8.0.2-debian", "valkey-8.1.1-debian",
                                                   "valkey-9.1.2-debian"};
    static const int64_t first[] = {112, 120, 88, 104, 104, 88, 104, 88, 104, 88, 136, 104};
    char words[64];

    (void)state;
    for (size_t i = 0; i < sizeof servers_measured / sizeof *servers_measured; i++) {
        struct cell *cell = open_with_clients(servers_measured[i]);

        grows(cell, SUBSCRIBER, "hello 3");
        grows(cell, SUBSCRIBER, "client tracking on");
        for (int key = 0; key < 12; key++) {
            snprintf(words, sizeof words, "get key:%03d", key);
            assert_int_equal(grows(cell, SUBSCRIBER, words), first[key]);
        }
        grows(cell, ANOTHER, "hello 3");
        grows(cell, ANOTHER, "client tracking on");
        for (int key = 0; key < 4; key++) {
            snprintf(words, sizeof words, "get key:%03d", key);
            assert_int_equal(grows(cell, ANOTHER, words), 72);
        }
        assert_int_equal(cell->redis->tracking.key_count, 12);
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
        cell->redis->config.tracking_table_max_keys = 10;
        grows(cell, WRITER, "set key:003 v");
        assert_int_equal(cell->redis->tracking.key_count, 10 - (cell->redis->tracking.key_count == 9));
        grows(cell, WRITER, "flushall");
        assert_int_equal(cell->redis->tracking.key_count, 0);
        grows(cell, SUBSCRIBER, "client tracking on bcast prefix foo: prefix bar");
        grows(cell, WRITER, "set foo:1 v");
        grows(cell, ANOTHER, "client tracking off");
        grows(cell, SUBSCRIBER, "client tracking off");
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
        cell_close(cell);
    }
}

static void a_slow_command_is_kept_as_in_a_server(void **state)
{
    static const struct {
        const char *server, *words;
        int64_t bytes;
    } cases[] = {
        {"redis-7.0.15-debian", "set k vvvvvvvvvv", 264},
        {"redis-7.0.15-debian", "set k 123456", 248},
        {"redis-7.0.15-debian", "get k", 216},
        {"redis-7.0.15-debian", "config get port", 264},
        {"valkey-9.1.2-debian", "set k vvvvvvvvvv", 232},
        {"valkey-9.1.2-debian", "get k", 184},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell *cell = open_with_clients(cases[i].server);

        cell->client = WRITER;
        cell_say(cell, "set k 123456");
        cell_say(cell, cases[i].words);
        cell->redis->config.slowlog_log_slower_than = 0;
        cell_say(cell, "ping"); /* the text of the client's address is made */
        assert_int_equal(grows(cell, WRITER, cases[i].words), cases[i].bytes);
        for (int more = 0; more < 200; more++)
            cell_say(cell, "get k");
        assert_int_equal(cell->redis->logs[LOG_SLOW].count, 128);
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
        cell->redis->config.slowlog_log_slower_than = 10000;
        cell_say(cell, "slowlog reset");
        assert_int_equal(cell->redis->logs[LOG_SLOW].count, 0);
        cell_close(cell);
    }
}

static void replies_that_nobody_wants_are_not_sent(void **state)
{
    struct cell *cell = open_with_clients("redis-7.0.15-debian");

    (void)state;
    cell->client = WRITER;
    cell_say(cell, "ping");
    cell->redis->client.reply_pending = 0;
    cell_say(cell, "client reply off");
    cell_say(cell, "ping");
    assert_int_equal(cell->redis->client.reply_pending, 0);
    cell_say(cell, "client reply on");
    assert_int_equal(cell->redis->client.reply_pending, strlen("+OK\r\n"));
    cell_say(cell, "client reply skip");
    cell->redis->client.reply_pending = 0;
    cell_say(cell, "ping");
    assert_int_equal(cell->redis->client.reply_pending, 0);
    cell_say(cell, "ping");
    assert_int_equal(cell->redis->client.reply_pending, strlen("+PONG\r\n"));
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_weighs_what_it_does_in_a_server),
        cmocka_unit_test(a_message_waits_for_each_of_its_receivers),
        cmocka_unit_test(a_tracked_key_weighs_what_it_does_in_a_server),
        cmocka_unit_test(a_slow_command_is_kept_as_in_a_server),
        cmocka_unit_test(replies_that_nobody_wants_are_not_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
