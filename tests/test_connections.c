/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_connections: clients that a trace tells apart: who is there, what they weigh, and whom cron looks at. */
#include "tests/support_server.h"

#include "sim/server/client_eviction.h"
#include "sim/server/connections.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const servers_tried[] = {"redis-7.0.15-debian", "redis-7.2.6",         "redis-7.4.1",
                                            "redis-8.0.2-debian",  "valkey-8.1.1-debian", "valkey-9.1.2-debian"};
enum { SERVERS_TRIED = sizeof servers_tried / sizeof *servers_tried };

static struct cell *cell_with(const char *server, uint32_t timeout)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .policy = "noeviction"});

    cell->redis->config.timeout = timeout;
    cell_do(cell, (struct row){.op = OP_PING, .id = NO_KEY});
    return cell;
}

static void ping(struct cell *cell, uint32_t client)
{
    cell_do(cell, (struct row){.op = OP_PING, .id = NO_KEY, .client = client});
    assert_int_equal(cell->redis->connections.current, client);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
}

static void expect_clients(const struct cell *cell, uint32_t count)
{
    assert_int_equal(cell->redis->connections.count, count);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
}

/* With more than fifty clients each is looked at once a second. What they were sent last may have filled the buffer. */
static void idle_clients_weigh_what_they_weigh_in_a_real_server(void **state)
{
    enum { CLIENTS = 200 };

    (void)state;
    for (size_t i = 0; i < 2 * (size_t)SERVERS_TRIED; i++) {
        struct cell *cell = cell_with(servers_tried[i / 2], 0);
        const uint32_t length = i % 2 ? 20000 : 10;
        uint64_t before;

        cell_do(cell, (struct row){.op = OP_SET, .id = 1, .key_len = 3, .value_len = length});
        cell_do(cell, (struct row){.op = OP_GET, .id = 1, .key_len = 3, .value_len = VALUE_UNKNOWN});
        cell_wait_us(cell, 20000000);
        before = cell->redis->used;
        for (uint32_t client = 1; client <= CLIENTS; client++)
            cell_do(cell,
                    (struct row){.op = OP_GET, .id = 1, .key_len = 3, .value_len = VALUE_UNKNOWN, .client = client});
        assert_true(cell->redis->used - before > CLIENTS * UINT64_C(16000));
        ping(cell, 0);
        cell_wait_us(cell, 20000000);
        expect_clients(cell, CLIENTS + 1);
        assert_int_equal(cell->redis->used - before, CLIENTS * (uint64_t)cell->redis->profile->idle_client_bytes);
        cell_close(cell);
    }
}

/* 101 clients: ten in a tick, the last to come first; and a buffer shrinks when its client is looked at again. */
static void cron_looks_at_a_tenth_of_the_clients(void **state)
{
    struct cell *cell = cell_with("redis-7.0.15", 0);

    (void)state;
    for (uint32_t client = 1; client <= 100; client++)
        ping(cell, client);
    for (int second = 0; second < 2; second++)
        for (int tick = 0; tick < 10; tick++) {
            uint32_t small = 0;

            cell_wait_us(cell, 100000);
            for (uint32_t client = 1; client < 100; client++)
                small += cell->redis->connections.list[cell->redis->connections.places[client]].client.reply_capacity ==
                         1024;
            assert_in_range(small, second ? 10 * (uint32_t)tick : 0, second ? 10 * ((uint32_t)tick + 1) + 1 : 0);
        }
    cell_close(cell);
}

/* Eight clients, five of which are looked at in each tick: those that connected last, and since 7.2 those that connected first. */
static void cron_begins_with_the_first_since_7_2(void **state)
{
    enum { CLIENTS = 8, TICK_US = 100000 };

    (void)state;
    for (size_t i = 0; i < (size_t)SERVERS_TRIED; i++) {
        struct cell *cell = cell_with(servers_tried[i], 0);
        const bool oldest_first = i > 0;
        const struct client *first, *last;

        cell_wait_us(cell, 20000000);
        for (uint32_t client = 1; client < CLIENTS; client++)
            ping(cell, client);
        first = &cell->redis->connections.list[connection_place(&cell->redis->connections, 1)].client;
        cell_wait_us(cell, TICK_US); /* five are looked at, */
        last = &cell->redis->connections.list[connection_place(&cell->redis->connections, CLIENTS - 2)].client;
        cell_wait_us(cell, TICK_US); /* three, and two of the five once more, whose peak has been forgotten */
        assert_int_equal(first->reply_capacity < 16384, oldest_first);
        assert_int_equal(last->reply_capacity < 16384, !oldest_first);
        cell_close(cell);
    }
}

static void quit_and_a_timeout_close_a_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < SERVERS_TRIED; i++) {
        struct cell *cell = cell_with(servers_tried[i], 60);

        ping(cell, 1);
        ping(cell, 2);
        cell_do(cell, (struct row){.op = OP_CLIENT_SETNAME, .id = NO_KEY, .number = 1, .value_len = 9, .client = 2});
        cell_do(cell, (struct row){.op = OP_MULTI, .id = NO_KEY, .client = 2});
        cell_do(cell, (struct row){.op = OP_SET, .id = 1, .key_len = 3, .value_len = 300, .client = 2});
        expect_clients(cell, 3);
        cell_do(cell, (struct row){.op = OP_QUIT, .id = NO_KEY, .client = 1});
        expect_clients(cell, 2);
        cell_wait_us(cell, 50000000);
        ping(cell, 0);
        expect_clients(cell, 2);
        cell_wait_us(cell, 15000000);
        expect_clients(cell, 1); /* and what it had queued has gone */
        assert_int_equal(cell->redis->transactions.open, 0);
        cell_wait_us(cell, 600000000);
        expect_clients(cell, 0);
        ping(cell, 1);
        ping(cell, 2);
        expect_clients(cell, 2);
        cell_close(cell);
    }
}

static void of_too_many_the_longest_silent_has_gone(void **state)
{
    struct cell *cell = cell_with("redis-7.0.15", 0);

    (void)state;
    cell->redis->config.maxclients = 3;
    for (uint32_t client = 1; client < 3; client++)
        ping(cell, client);
    ping(cell, 0);
    ping(cell, 7);
    expect_clients(cell, 3);
    assert_int_equal(cell->redis->connections.places[1], 0);
    ping(cell, 1);
    assert_int_equal(cell->redis->connections.places[2], 0);
    assert_int_not_equal(cell->redis->connections.places[0], 0);
    expect_clients(cell, 3);
    cell_close(cell);
}

/* A long value makes a query buffer of the client's own, which the next client does not get. */
static void each_client_has_its_own_buffers(void **state)
{
    (void)state;
    for (size_t i = 0; i < SERVERS_TRIED; i++) {
        struct cell *cell = cell_with(servers_tried[i], 0);

        for (uint32_t round = 0; round < 300; round++) {
            uint32_t client = round * 7 % 5, length = round % 3 ? 40 : 15000 + round * 97;

            cell_do(cell,
                    (struct row){.op = OP_SET, .id = round % 20, .key_len = 3, .value_len = length, .client = client});
            assert_true(cell->redis->used == recount_used_memory(cell->redis));
            cell_do(cell,
                    (struct row){
                        .op = OP_GET, .id = round % 20, .key_len = 3, .value_len = VALUE_UNKNOWN, .client = client});
            cell_wait_us(cell, 70000);
            assert_true(cell->redis->used == recount_used_memory(cell->redis));
        }
        cell_close(cell);
    }
}

/* Measured on 7.0.15 and 8.0.2: of a pipeline of GETs so many are executed before the client is closed, and the rest is
 * lost. */
static const struct output_row {
    const char *server, *limit;
    uint32_t gets, length, executed;
} output_rows[] = {
    {"redis-7.0.15-debian", "normal 1mb 0 0", 300, 10000, 106},
    {"redis-7.0.15-debian", "normal 1mb 0 0", 300, 20000, 53},
    {"redis-7.0.15-debian", "normal 1mb 0 0", 80, 10000, 80},
    {"redis-7.0.15-debian", "normal 20kb 0 0", 3, 10000, 2},
    {"redis-7.0.15-debian", "normal 1mb 0 0", 1, 1100000, 1},
    {"redis-7.0.15-debian", "normal 0 10kb 0", 3, 10000, 3}, /* the first that is over it begins the time */
    {"redis-8.0.2-debian", "normal 1mb 0 0", 300, 10000, 106},
    {"redis-8.0.2-debian", "normal 1mb 0 0", 1, 1000000, 1},
    {"valkey-9.1.2-debian", "normal 1mb 0 0", 300, 10000, 106},
    {"valkey-9.1.2-debian", "normal 1mb 0 0", 300, 20000, 300}, /* sent from where it lies */
};

static void a_client_with_too_long_replies_is_closed(void **state)
{
    struct error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof output_rows / sizeof *output_rows; i++) {
        const struct output_row *row = &output_rows[i];
        struct cell *cell = cell_with(row->server, 0);
        struct redis *redis = cell->redis;
        bool is_closed = row->executed < row->gets || row->length > 999999;
        uint64_t alone;

        redis_option_set(&redis->config, redis_option_find("client-output-buffer-limit"), row->limit, &error);
        cell_do(cell, (struct row){.op = OP_SET, .id = 1, .key_len = 1, .value_len = row->length, .client = 1});
        cell_do(cell, (struct row){.op = OP_MULTI, .id = NO_KEY, .client = 2});
        ping(cell, 1);
        alone = redis->used;
        for (uint32_t n = 0; n < row->gets; n++)
            cell_add(
                cell,
                (struct row){
                    .op = OP_GET, .id = 1, .key_len = 1, .value_len = VALUE_UNKNOWN, .client = 1, .behind = n > 0});
        cell_flush(cell);
        assert_int_equal(redis->counters.reads, row->executed);
        assert_int_equal(redis->counters.client_output_buffer_limit_disconnections, is_closed);
        assert_int_equal(redis->counters.unread_commands, row->gets - row->executed);
        assert_true(redis->used <= alone + 24688 + 16384); /* GET's histogram; a new connection */
        ping(cell, 1);
        assert_int_equal(redis->transactions.open, 1);
        cell_close(cell);
    }
}

/* What was over the soft limit once is closed when another one is, longer than the seconds after, and none between. */
static void a_soft_limit_remembers(void **state)
{
    struct cell *cell = cell_with("redis-7.0.15-debian", 0);
    struct redis *redis = cell->redis;
    const uint64_t *closed = &redis->counters.client_output_buffer_limit_disconnections;
    struct error error = {0};

    (void)state;
    redis_option_set(&redis->config, redis_option_find("client-output-buffer-limit"), "normal 0 100kb 5", &error);
    cell_run(cell, "set a 200000; set b 50000; get a; wait 4; get a; wait 4");
    assert_int_equal(*closed, 0);
    cell_run(cell, "get a");
    assert_int_equal(*closed, 1);
    cell_run(cell, "get a; wait 4; get b; wait 4; get a");
    assert_int_equal(*closed, 1);
    cell_close(cell);
}

/* ---- maxmemory-clients ---- */

/* Measured. One client says CLIENT NO-EVICT on; then so many connect, one behind the other, each with a pipeline of GETs of
 * a value of so many bytes, or a PING: how many were closed, and how many GETs were executed. */
static const struct evicted_row {
    const char *server, *limit;
    uint32_t clients, gets, length;
    uint64_t evicted, executed;
} evicted_rows[] = {
    {"redis-7.0.15-debian", "1mb", 100, 0, 0, 74, 0},        {"redis-8.0.2-debian", "1mb", 100, 0, 0, 41, 0},
    {"valkey-8.1.1-debian", "1mb", 100, 0, 0, 40, 0},        {"valkey-9.1.2-debian", "1mb", 100, 0, 0, 40, 0},
    {"redis-7.0.15-debian", "10%", 100, 0, 0, 74, 0}, /* of 10 MB */
    {"redis-7.0.15-debian", "3mb", 200, 1, 20000, 118, 200}, {"redis-8.0.2-debian", "3mb", 200, 1, 20000, 19, 200},
    {"valkey-8.1.1-debian", "3mb", 200, 1, 20000, 17, 200},  {"valkey-9.1.2-debian", "3mb", 200, 1, 20000, 17, 200},
    {"redis-7.0.15-debian", "500kb", 5, 300, 10000, 5, 225}, {"redis-8.0.2-debian", "500kb", 5, 300, 10000, 5, 235},
    {"valkey-8.1.1-debian", "500kb", 5, 300, 10000, 5, 235}, {"valkey-9.1.2-debian", "500kb", 5, 300, 10000, 5, 245},
};

static struct cell *cell_with_limit(const char *server, const char *limit)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .policy = "noeviction", .maxmemory = 10 << 20});
    struct error error = {0};

    redis_option_set(&cell->redis->config, redis_option_find("maxmemory-clients"), limit, &error);
    client_eviction_settle(cell->redis);
    cell_do(cell, (struct row){.op = OP_CLIENT_NO_EVICT, .id = NO_KEY, .number = 1, .value_len = 2});
    return cell;
}

static void speak(struct cell *cell, const struct evicted_row *row, uint32_t client)
{
    if (!row->gets)
        cell_do(cell, (struct row){.op = OP_PING, .id = NO_KEY, .client = client});
    for (uint32_t n = 0; n < row->gets; n++)
        cell_add(
            cell,
            (struct row){
                .op = OP_GET, .id = 1, .key_len = 1, .value_len = VALUE_UNKNOWN, .client = client, .behind = n > 0});
    cell_flush(cell);
}

static void the_largest_clients_are_evicted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof evicted_rows / sizeof *evicted_rows; i++) {
        const struct evicted_row *row = &evicted_rows[i];
        struct cell *cell = cell_with_limit(row->server, row->limit);
        const struct counters *counters = &cell->redis->counters;

        if (row->length)
            cell_do(cell, (struct row){.op = OP_SET, .id = 1, .key_len = 1, .value_len = row->length});
        for (uint32_t client = 1; client <= row->clients; client++)
            speak(cell, row, client);
        assert_int_equal(counters->evicted_clients, row->evicted);
        assert_int_equal(counters->reads, row->executed);
        assert_int_equal(counters->unread_commands, row->clients * (uint64_t)row->gets - row->executed);
        expect_clients(cell, row->clients + 1 - (uint32_t)row->evicted);
        assert_int_not_equal(connection_place(&cell->redis->connections, 0), 0); /* it was spared */
        cell_close(cell);
    }
}

/* Who has more goes first, whoever speaks; what it has queued goes with it; a client that was closed connects again. */
static void the_largest_goes_whoever_speaks(void **state)
{
    struct cell *cell = cell_with_limit("redis-7.0.15-debian", "200kb");
    struct redis *redis = cell->redis;

    (void)state;
    ping(cell, 1);
    cell_do(cell, (struct row){.op = OP_MULTI, .id = NO_KEY, .client = 2});
    for (uint32_t id = 1; id <= 10; id++) {
        cell_do(cell, (struct row){.op = OP_SET, .id = id, .key_len = 3, .value_len = 15000, .client = 2});
        if (redis->counters.evicted_clients)
            break;
        assert_int_equal(redis->transactions.open, 1);
    }
    assert_int_equal(redis->counters.evicted_clients, 1);
    assert_int_equal(redis->transactions.open, 0);
    assert_int_equal(connection_place(&redis->connections, 2), 0);
    expect_clients(cell, 2);
    ping(cell, 2);
    expect_clients(cell, 3);
    assert_int_equal(redis->counters.evicted_clients, 1);
    redis->config.maxmemory_clients = 0;
    client_eviction_settle(redis);
    for (uint32_t client = 3; client < 60; client++)
        ping(cell, client);
    assert_int_equal(redis->counters.evicted_clients, 1);
    cell_close(cell);
}

/* What may have been closed long ago is counted as what used_memory loses when it is closed. */
static void the_silent_weigh_what_closing_them_frees(void **state)
{
    enum { CLIENTS = 30 };

    (void)state;
    for (size_t i = 0; i < SERVERS_TRIED; i++) {
        struct cell *cell = cell_with(servers_tried[i], 0);
        uint64_t clients, bytes, used;

        cell_do(cell, (struct row){.op = OP_SET, .id = 1, .key_len = 3, .value_len = 900});
        for (uint32_t client = 1; client <= CLIENTS; client++)
            cell_do(cell,
                    (struct row){.op = OP_GET, .id = 1, .key_len = 3, .value_len = VALUE_UNKNOWN, .client = client});
        cell_wait_us(cell, 500000);
        connections_silent(cell->redis, 1, &clients, &bytes);
        assert_int_equal(clients, 0);
        cell_wait_us(cell, 10000000);
        ping(cell, 0);
        connections_silent(cell->redis, 1, &clients, &bytes);
        assert_int_equal(clients, CLIENTS);
        used = cell->redis->used;
        for (uint32_t client = 1; client <= CLIENTS; client++)
            connections_kill(cell->redis, client);
        assert_int_equal(used - cell->redis->used, bytes);
        expect_clients(cell, 1);
        cell_close(cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_silent_weigh_what_closing_them_frees),
        cmocka_unit_test(idle_clients_weigh_what_they_weigh_in_a_real_server),
        cmocka_unit_test(cron_looks_at_a_tenth_of_the_clients),
        cmocka_unit_test(cron_begins_with_the_first_since_7_2),
        cmocka_unit_test(quit_and_a_timeout_close_a_connection),
        cmocka_unit_test(of_too_many_the_longest_silent_has_gone),
        cmocka_unit_test(each_client_has_its_own_buffers),
        cmocka_unit_test(a_client_with_too_long_replies_is_closed),
        cmocka_unit_test(a_soft_limit_remembers),
        cmocka_unit_test(the_largest_clients_are_evicted),
        cmocka_unit_test(the_largest_goes_whoever_speaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
