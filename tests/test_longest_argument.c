/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_longest_argument: proto-max-bulk-len and client-query-buffer-limit, compared with the replies and the
 * used_memory of redis-server 7.0.15. */
#include "sim/server/registry.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const uint32_t HALF_GB = 512 << 20, MB = 1 << 20;

static struct cell *open_server(const char *server)
{
    return cell_open((struct cell_setup){.server = server, .policy = "allkeys-lru"});
}

static void expect(const struct cell *cell, uint64_t closed, uint64_t errors, uint64_t keys)
{
    assert_int_equal(cell->redis->counters.closed_connections, closed);
    assert_int_equal(cell->redis->counters.command_errors, errors);
    assert_int_equal(keyspace_keys(cell->redis), keys);
    assert_int_equal(recount_used_memory(cell->redis), cell->redis->used);
}

static void a_longer_value_is_not_stored_and_closes_the_connection(void **state)
{
    struct cell *cell = open_server(NULL);

    (void)state;
    cell_run(cell,
             "set a 629145600; get a; set b 536870913; getset b 629145600; setex b 9 629145600; append b 629145600");
    expect(cell, 5, 5, 0);
    assert_int_equal(cell->redis->counters.reads, 1); /* GETSET was not executed */
    assert_int_equal(cell->redis->counters.misses, 1);
    cell_run(cell, "set b 536870912; get b");
    expect(cell, 5, 5, 1);
    assert_int_equal(cell->redis->counters.hits, 1);
    cell_close(cell);
}

static void a_longer_key_does_so_with_any_command(void **state)
{
    struct cell *cell = open_server(NULL);

    (void)state;
    cell_do(cell, (struct row){.op = OP_GET, .id = 0, .key_len = HALF_GB + 1, .value_len = VALUE_UNKNOWN});
    cell_do(cell, (struct row){.op = OP_DEL, .id = 0, .key_len = HALF_GB + 1});
    expect(cell, 2, 2, 0);
    assert_int_equal(cell->redis->counters.reads, 0);
    cell_do(cell, (struct row){.op = OP_GET, .id = 0, .key_len = HALF_GB, .value_len = VALUE_UNKNOWN});
    expect(cell, 2, 2, 0);
    assert_int_equal(cell->redis->counters.misses, 1);
    cell_close(cell);
}

static void a_command_of_several_keys_is_taken_whole_or_not_at_all(void **state)
{
    struct cell *cell = open_server(NULL);

    (void)state;
    cell_run(cell, "mset a 10 b 629145600 c 10");
    expect(cell, 1, 1, 0);
    cell_run(cell, "mset a 10 b 536870912 c 10");
    expect(cell, 1, 1, 3);
    cell_close(cell);
}

static void a_string_may_not_grow_beyond(void **state)
{
    struct cell *cell = open_server(NULL);

    (void)state;
    cell_run(cell, "setrange k 536870911 1");
    expect(cell, 0, 0, 1);
    cell_run(cell, "setrange k 536870912 1");
    expect(cell, 0, 1, 1);
    cell_run(cell, "setrange l 536870912 0; setrange k 536870912 0; setrange l 536870912 1");
    expect(cell, 0, 2, 1);
    cell_run(cell, "append k 1");
    expect(cell, 0, 3, 1);
    cell_run(cell, "append k 0; append m 536870912; append m 1");
    expect(cell, 0, 4, 2);
    assert_int_equal(entry_value_length(entry_of(cell->redis, cell_id(cell, "k"))), HALF_GB);
    assert_int_equal(entry_value_length(entry_of(cell->redis, cell_id(cell, "m"))), HALF_GB);
    cell_close(cell);
}

static void bits_lie_within(void **state)
{
    struct cell *cell = open_server(NULL);

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct row row = {.op = i ? OP_GETBIT : OP_SETBIT, .id = 0, .key_len = 1, .number = INT64_C(4294967295)};

        cell_do(cell, row);
        expect(cell, 0, (uint64_t)i, 1);
        row.number++;
        cell_do(cell, row);
        expect(cell, 0, (uint64_t)i + 1, 1);
    }
    cell_close(cell);
}

static void the_limit_is_an_option(void **state)
{
    struct cell *cell = open_server(NULL);

    (void)state;
    cell->redis->config.proto_max_bulk_len = MB;
    cell_run(cell, "set a 1048577; set a 1048576; setrange k 1048575 1; setrange k 1048576 1; append a 1");
    expect(cell, 1, 3, 2);
    cell->redis->config.proto_max_bulk_len = UINT64_C(1) << 40;
    cell_run(cell, "set a 4294967294"); /* more than the query buffer may hold */
    expect(cell, 2, 3, 2);
    cell->redis->config.client_query_buffer_limit = UINT64_C(1) << 40;
    cell_run(cell, "set a 4294967294");
    expect(cell, 2, 3, 2);
    assert_int_equal(entry_value_length(entry_of(cell->redis, cell_id(cell, "a"))), 4294967294);
    cell_close(cell);
}

/* 1,048,574 was stored, 1,048,575 closed the connection without an answer. */
static void the_query_buffer_has_a_limit_too(void **state)
{
    struct cell *cell = open_server(NULL);

    (void)state;
    cell->redis->config.client_query_buffer_limit = MB;
    cell_run(cell, "set a 1048574; mset b 1000000 c 1000000 d 1000000");
    expect(cell, 0, 0, 4);
    cell_run(cell, "set a 1048575; set e 1048577");
    expect(cell, 2, 0, 4);
    assert_int_equal(entry_value_length(entry_of(cell->redis, cell_id(cell, "a"))), MB - 2);
    cell_close(cell);
}

static void what_an_application_loads_is_refused_likewise(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-lru", .options.fill = true});
    struct row row = {.op = OP_GET, .id = 0, .key_len = 1, .value_len = HALF_GB + 1};

    (void)state;
    cell_do(cell, row);
    expect(cell, 1, 1, 0);
    assert_int_equal(cell->redis->counters.fills, 1);
    assert_int_equal(cell->redis->counters.writes, 1);
    row.value_len--;
    cell_do(cell, row);
    expect(cell, 1, 1, 1);
    cell_close(cell);
}

static void get_twice_a_second(struct cell *cell, int seconds)
{
    for (int i = 0; i < 2 * seconds; i++) {
        cell_run(cell, "get a");
        cell_wait_us(cell, 500000);
    }
}

/* used_memory of the server, asked before and after: 15,392 more at once, 32 more after seven seconds, and the second
 * time 15,360 and nothing. 32 bytes are for the first error; the new connection's reply buffer begins at 16 KB, and
 * shrinks. */
static void the_new_connection_has_new_buffers(void **state)
{
    struct cell *cell = open_server(NULL);
    uint64_t before;

    (void)state;
    cell_run(cell, "set a 1");
    get_twice_a_second(cell, 7);
    before = cell->redis->used;
    cell_run(cell, "set k 629145600");
    assert_int_equal(cell->redis->used - before, 15392);
    get_twice_a_second(cell, 7);
    assert_int_equal(cell->redis->used - before, 32);
    cell_run(cell, "set k 629145600");
    assert_int_equal(cell->redis->used - before, 15360 + 32);
    get_twice_a_second(cell, 7);
    assert_int_equal(cell->redis->used - before, 32);
    cell_close(cell);
}

/* With a query buffer that was the client's own when it went. */
static void every_servers_memory_adds_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < server_count; i++) {
        struct cell *cell;
        uint64_t before;

        if (!servers[i].profile)
            continue;
        cell = open_server(servers[i].name);
        cell_run(cell, "set a 1");
        get_twice_a_second(cell, 7);
        before = cell->redis->used;
        cell_run(cell, "set b 100000; set k 629145600");
        expect(cell, 1, 1, 2);
        cell_run(cell, "set c 25000; set k 629145600; del b c");
        get_twice_a_second(cell, 7);
        expect(cell, 2, 2, 1);
        cell_run(cell, "get a");
        assert_in_range(cell->redis->used, before, before + 3 * 24688); /* histograms of SET, DEL; the first error */
        cell_close(cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_longer_value_is_not_stored_and_closes_the_connection),
        cmocka_unit_test(a_longer_key_does_so_with_any_command),
        cmocka_unit_test(a_command_of_several_keys_is_taken_whole_or_not_at_all),
        cmocka_unit_test(a_string_may_not_grow_beyond),
        cmocka_unit_test(bits_lie_within),
        cmocka_unit_test(the_limit_is_an_option),
        cmocka_unit_test(the_query_buffer_has_a_limit_too),
        cmocka_unit_test(what_an_application_loads_is_refused_likewise),
        cmocka_unit_test(the_new_connection_has_new_buffers),
        cmocka_unit_test(every_servers_memory_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
