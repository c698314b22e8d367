/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_client: the two buffers of a connection, which count in used_memory. */
#include "sim/server/registry.h"
#include "sim/server/inspect.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { START_S = 1700000000 };

struct connected {
    struct client client;
    uint64_t memory, memory_peak;
    struct memory_peak peak;
    int64_t now_ms, unix_s;
    struct output_limit limit;
};

static void connect_client_to(struct connected *connection, const char *server)
{
    const struct server_profile *profile = server_find(server)->profile;

    *connection = (struct connected){.memory = 20480 + 16384, .now_ms = START_S * INT64_C(1000), .unix_s = START_S};
    connection->peak.highest = &connection->memory_peak;
    client_init(&connection->client, profile, allocator_find(profile->allocator), &connection->memory,
                &connection->peak, &connection->unix_s, &connection->limit);
}

static void connect_client(struct connected *connection)
{
    connect_client_to(connection, "redis-7.0.15");
}

/* Cron, a hundred milliseconds later. */
static void tick(struct connected *connection)
{
    connection->now_ms += 100;
    client_cron(&connection->client, connection->now_ms, connection->now_ms / 1000);
}

static void ticks(struct connected *connection, int count)
{
    while (count--) {
        connection->client.reply_pending = 0;
        tick(connection);
    }
}

/* SET k value, with a key of one byte: what arrives on the wire. */
static uint64_t receive_set(struct connected *connection, uint64_t value)
{
    char header[64];
    int before = snprintf(header, sizeof header, "*3\r\n$3\r\nset\r\n$1\r\nk\r\n$%lu\r\n", value);
    struct reception reception;

    connection->client.last_interaction_s = connection->now_ms / 1000;
    client_begin_reception(&connection->client, &reception, (uint64_t)before + value + 2, 3, 0);
    client_receive_argument(&reception, 3, 0);
    client_receive_argument(&reception, 1, 0);
    return client_receive_argument(&reception, value, 0).bytes;
}

/* A SET of exactly so many bytes in all, the value having five digits' worth of them. */
static void receive_bytes(struct connected *connection, uint64_t bytes)
{
    receive_set(connection, bytes - 30);
}

static void expect_memory_adds_up(const struct connected *connection)
{
    assert_int_equal(connection->memory, connection->client.query_bytes + connection->client.reply_capacity);
}

/* ---- the reply buffer ---- */

static void it_starts_at_sixteen_kilobytes_and_the_second_cron_shrinks_it_to_one(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    assert_int_equal(c.client.reply_capacity, 16384);
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 16384);
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 1024);
    expect_memory_adds_up(&c);
}

static void a_reply_that_fills_it_doubles_it_at_the_next_cron(void **state)
{
    static const uint64_t steps[] = {2048, 4096, 8192, 16384, 16384};
    struct connected c;

    (void)state;
    connect_client(&c);
    ticks(&c, 2);
    for (int i = 0; i < 5; i++) {
        client_reply(&c.client, 100000, REPLY_COPIED);
        tick(&c);
        assert_int_equal(c.client.reply_capacity, steps[i]);
        expect_memory_adds_up(&c);
    }
}

static void a_reply_that_fits_does_not_grow_it(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    ticks(&c, 2);
    client_reply(&c.client, 1023, REPLY_COPIED);
    ticks(&c, 10);
    assert_int_equal(c.client.reply_capacity, 1024);
    client_reply(&c.client, 1024, REPLY_COPIED);
    tick(&c);
    assert_int_equal(c.client.reply_capacity, 2048);
}

static void it_keeps_its_size_until_the_peak_is_reset_after_five_seconds(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    ticks(&c, 1); /* resets: the next is due 5 s later */
    ticks(&c, 1);
    client_reply(&c.client, 100000, REPLY_COPIED);
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 2048);
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 2048); /* the peak, 1024, is half of it: it stays */
    ticks(&c, 47);
    assert_int_equal(c.client.reply_capacity, 2048); /* this one reset the peak */
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 1024);
    expect_memory_adds_up(&c);
}

static void the_reset_leaves_the_reply_that_is_pending(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    client_reply(&c.client, 3000, REPLY_COPIED);
    tick(&c); /* in the turn of the command: not yet written */
    assert_int_equal(c.client.reply_peak, 3000);
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 3072); /* peak + 1, and its class */
}

static void what_does_not_fit_goes_to_a_block_of_at_least_sixteen_kilobytes(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    ticks(&c, 2);
    assert_int_equal(client_reply(&c.client, 1024, REPLY_COPIED), 24); /* a node in the list of writes to do */
    assert_int_equal(client_reply(&c.client, 1025, REPLY_COPIED), 24 + 24 + 20480);
    assert_int_equal(client_reply(&c.client, 1024 + 100000, REPLY_COPIED), 24 + 24 + 114688);
}

/* ---- the query buffer ---- */

static void requests_below_twenty_kilobytes_fit(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    assert_int_equal(c.client.query_capacity, 20474);
    receive_bytes(&c, 20474);
    assert_int_equal(c.client.query_peak, 20474);
    assert_int_equal(c.client.query_bytes, 20480);
    expect_memory_adds_up(&c);
    receive_bytes(&c, 20475);
    assert_int_equal(c.client.query_bytes, 81920);
}

static void a_longer_request_adds_61440_bytes(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    assert_int_equal(receive_set(&c, 20500), 0);
    assert_int_equal(c.client.query_bytes, 81920);
    assert_int_equal(c.memory, 20480 + 16384 + 61440);
}

static void cron_shrinks_it_to_the_peak_of_the_last_tick(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    receive_set(&c, 20500);
    receive_set(&c, 100);
    ticks(&c, 1); /* capacity over 32 KB and more than twice the peak */
    assert_in_range(c.client.query_capacity, 16384, 20600);
    expect_memory_adds_up(&c);
}

static void after_a_quiet_tick_it_shrinks_to_next_to_nothing_and_grows_back(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    receive_set(&c, 100000); /* adopted: a new one of the same size is expected to be needed */
    assert_int_equal(c.client.query_bytes, 114688);
    ticks(&c, 1);
    assert_int_equal(c.client.query_capacity, 114678); /* the peak is near: it stays */
    ticks(&c, 1);
    assert_int_equal(c.client.query_capacity, 0); /* nothing came: a peak of 0 */
    receive_set(&c, 100);
    assert_int_equal(c.client.query_bytes, 20480); /* 16 KB, not greedily */
    expect_memory_adds_up(&c);
}

static void a_buffer_between_20_and_32_kilobytes_is_left_alone(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    receive_set(&c, 100);
    ticks(&c, 15);
    assert_int_equal(c.client.query_bytes, 20480);
}

static void two_idle_seconds_empty_it(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    receive_set(&c, 100);
    ticks(&c, 29);
    assert_int_equal(c.client.query_bytes, 20480);
    ticks(&c, 1); /* the third second has begun */
    assert_true(c.client.query_bytes <= 16);
    expect_memory_adds_up(&c);
}

/* Measured on Valkey 8.1.1 and 9.1.2 through a real socket. One that has been cut to next to nothing does not count as large
 * when the client has been idle: it grows again with the next request, and only then the client gives it back. */
static void a_buffer_of_its_own_is_given_back_when_it_is_large_and_idle(void **state)
{
    static const char *const shared[] = {"valkey-8.0.1", "valkey-8.1.1-debian", "valkey-9.1.2-debian"};
    struct connected c;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint64_t shared_only, value;

        connect_client_to(&c, shared[i]);
        ticks(&c, 2); /* the reply buffer is small now */
        shared_only = c.memory;
        receive_set(&c, 100);
        assert_int_equal(c.memory, shared_only);
        value = receive_set(&c, 70000); /* the block that it took over */
        assert_true(value == 81920 || value == 73728);
        ticks(&c, 2);
        assert_int_equal(c.client.query_bytes, 8);
        ticks(&c, 40);
        assert_int_equal(c.client.query_bytes, 8);
        receive_set(&c, 100);
        assert_false(c.client.query_is_shared);
        assert_int_equal(c.client.query_bytes, 20480);
        ticks(&c, 40);
        assert_true(c.client.query_is_shared);
        receive_set(&c, 100);
        assert_true(c.client.query_is_shared);
        assert_int_equal(c.memory, shared_only);
    }
}

static void a_value_of_32_kilobytes_takes_the_buffer_over(void **state)
{
    struct connected c;

    (void)state;
    connect_client(&c);
    assert_int_equal(receive_set(&c, 32767), 0);
    connect_client(&c);
    assert_int_equal(receive_set(&c, 32768), 40960);
    assert_int_equal(c.client.query_bytes, 40960); /* and another of the same size */
    assert_int_equal(c.memory, 40960 + 16384);     /* what was adopted is no longer the client's */
}

/* ---- through the server ---- */

static void an_adopted_value_keeps_its_block_or_is_trimmed(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});

    (void)state;
    cell_run(cell, "set a 40000; set b 100000; set c 66000");
    assert_int_equal(entry_value_bytes(cell->redis, entry_of(cell->redis, 0)), 16 + 40960);
    assert_int_equal(entry_value_bytes(cell->redis, entry_of(cell->redis, 1)), 16 + 114688);
    /* 81,910 bytes for 66,000: over a tenth is free, so it is reallocated, to the same class. */
    assert_int_equal(entry_value_bytes(cell->redis, entry_of(cell->redis, 2)), 16 + 81920);
    assert_int_equal(entry_of(cell->redis, 2)->capacity, 66000);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

/* The buffer has room for 81,910 bytes, because a shorter request has grown it. */
static void a_value_in_a_buffer_grown_before_is_trimmed(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});

    (void)state;
    cell_run(cell, "set a 25000");
    assert_int_equal(cell->redis->client.query_bytes, 81920);
    cell_run(cell, "set a 60939");
    assert_int_equal(entry_value_bytes(cell->redis, entry_of(cell->redis, 0)), 16 + 65536);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

static void the_gate_sees_about_twice_a_long_value(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});
    uint64_t used;

    (void)state;
    cell_run(cell, "set a 10; del a; set a 10; wait 0.3; get a");
    used = cell->redis->used;
    cell->redis->maxmemory = used + 150000;
    cell_run(cell, "set b 100000"); /* 114,688 adopted, and the new buffer beyond the old 20,480 */
    assert_int_equal(cell->redis->counters.oom_rejections, 1);
    cell->redis->maxmemory = used + 2 * 114688 + 2000;
    cell_run(cell, "set b 100000");
    assert_int_equal(cell->redis->counters.oom_rejections, 1);
    cell_close(cell);
}

static void a_long_reply_at_the_limit_has_writes_refused_until_the_buffer_shrinks(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});

    (void)state;
    cell_run(cell, "set a 5000; get a; set b 10; wait 7; get b; wait 0.2; ping; ping");
    assert_int_equal(cell->redis->client.reply_capacity, 1024);
    cell->redis->maxmemory = cell->redis->used + 800;
    cell_run(cell, "set b 10");
    assert_int_equal(cell->redis->counters.oom_rejections, 0);
    cell_run(cell, "get a; wait 0.2; set b 10");
    assert_int_equal(cell->redis->counters.oom_rejections, 1);
    cell_run(cell, "wait 1; set b 10");
    assert_int_equal(cell->redis->counters.oom_rejections, 2);
    for (int i = 0; i < 60; i++)
        cell_run(cell, "wait 0.1; ping");
    cell_run(cell, "set b 10");
    assert_int_equal(cell->redis->counters.oom_rejections, 2);
    cell_close(cell);
}

/* Since Redis 8 the vector stays as long as the longest command that was parsed, also of those that are not
 * executed. */
static void a_skipped_command_leaves_its_vector(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.0.2-debian"});

    (void)state;
    cell_do(cell, (struct row){.op = OP_MIGRATE, .id = NO_KEY, .number = 4, .value_len = 20});
    assert_int_equal(cell->redis->client.vector_count, 5);
    cell_do(cell, (struct row){.op = OP_PING, .id = NO_KEY});
    assert_int_equal(cell->redis->client.vector_count, 5);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

/* INFO memory has two arguments; a command that is refused has arguments, too, and its client is not idle. */
static void every_request_has_a_vector(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.0.2-debian"});

    (void)state;
    cell_wait_us(cell, 6000000);
    assert_int_equal(cell->redis->client.vector_count, 0);
    cell_say(cell, "info memory");
    assert_int_equal(cell->redis->client.vector_count, 2);
    cell_wait_us(cell, 2000000);
    cell_do(cell, (struct row){.op = OP_REFUSED, .id = NO_KEY, .number = 3, .value_len = 7, .second = OP_LTRIM});
    cell_wait_us(cell, 2000000);
    assert_int_equal(cell->redis->client.vector_count, 3);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

/* What a live 7.0.15 and 8.0.2 say of used_memory, MEMORY USAGE after these commands, too. */
static void several_long_arguments_take_the_buffer_over_in_turn(void **state)
{
    static const char *const names[] = {"redis-7.0.15-debian", "redis-8.0.2-debian"};
    char text[200000], *at = text;

    (void)state;
    at += sprintf(at, "mset a %040000d b %070000d c %033000d", 7, 7, 7);
    for (size_t i = 0; i < 2; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = names[i]});
        const struct redis *redis = cell->redis;

        cell_say(cell, text);
        assert_int_equal(redis->adoptions.count, 3);
        assert_int_equal(entry_of(redis, 0)->capacity, 40960 - 5 - 1);
        assert_true(entry_of(redis, 1)->capacity >= 70000 && entry_of(redis, 1)->capacity < 77000);
        assert_int_equal(redis->client.query_bytes, 40960);
        assert_int_equal(redis->used, recount_used_memory(redis));
        cell_close(cell);
    }
}

/* 80 pairs: each read of 16 KB ends within an argument, and what was parsed by then is dropped. */
static void many_arguments_are_dropped_as_they_are_parsed(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});
    char text[40000], *at = text + sprintf(text, "mset");

    (void)state;
    for (int i = 0; i < 60; i++)
        at += sprintf(at, " k%d %0500d", i, 7);
    cell_say(cell, text);
    assert_int_equal(cell->redis->client.query_bytes, 20480);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

/* A value that took a large buffer over keeps the buffer's header, of 9 bytes; it has no room to spare. */
static void what_is_adopted_has_no_room_for_more(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});
    char text[100000];

    (void)state;
    snprintf(text, sizeof text, "set large %070000d", 7);
    cell_say(cell, text);
    snprintf(text, sizeof text, "set a %065535d", 7);
    cell_say(cell, text);
    assert_true(entry_of(cell->redis, 1)->has_wide_header);
    assert_int_equal(entry_of(cell->redis, 1)->capacity, 65535);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_say(cell, "append a x");
    assert_int_equal(inspect_key(cell->state, 1).memory_usage, 163888);
    assert_false(entry_of(cell->redis, 1)->has_wide_header);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

/* RIGHT is an argument, and COUNT 11 two; the flags that say so are others' options. */
static void a_side_is_one_argument(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.0.2-debian"});

    (void)state;
    cell_say(cell, "lmpop 1 absent right count 11");
    assert_int_equal(cell->redis->client.vector_count, 6);
    cell_close(cell);
}

/* INCRBYFLOAT key 1 becomes SET key 1 KEEPTTL in the vector that there is. */
static void an_argument_more_extends_the_vector(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.0.2-debian"});

    (void)state;
    cell_say(cell, "incrbyfloat a 1.5");
    assert_int_equal(cell->redis->client.vector_count, 4);
    cell_say(cell, "mset a 1 b 2 c 3");
    cell_say(cell, "incrbyfloat a 1.5");
    assert_int_equal(cell->redis->client.vector_count, 7);
    assert_int_equal(cell->redis->used, recount_used_memory(cell->redis));
    cell_close(cell);
}

/* ---- pipelines ---- */

/* Since Redis 8.6 the reply refers to a value of 16 KB, which widens nothing: 47 bytes; where MGET's header is there before, a block. */
static void a_reply_that_refers_to_its_value_leaves_the_buffer_alone(void **state)
{
    static const struct {
        const char *server, *command;
        unsigned long peak;
    } cases[] = {
        {"redis-8.6.3-debian", "get a", 47},   {"redis-8.6.3-debian", "get b", 1024},
        {"redis-8.6.3-debian", "mget a b", 0}, {"redis-8.0.2-debian", "get a", 1024},
        {"valkey-9.1.2-debian", "get a", 36},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = cases[i].server});

        cell_run(cell, "set a 16384; set b 16383");
        cell->redis->client.reply_capacity = 1024; /* as it is a second later */
        cell->redis->client.reply_peak = 0;
        cell_run(cell, cases[i].command);
        assert_int_equal(cell->redis->client.reply_peak, cases[i].peak);
        cell_close(cell);
    }
}

/* GETs of one pipeline, all in one read: the reply of each stays until the last has been executed. */
static void replies_of_a_pipeline_stay_until_its_end(void **state)
{
    enum { REPLIES = 40, REPLY = 10008 };
    struct connected c;
    uint64_t before, room = 16384, blocks = 0;

    (void)state;
    connect_client(&c);
    before = c.memory;
    for (int i = 0; i < REPLIES; i++) {
        uint64_t rest = REPLY;

        client_pipeline(&c.client, i > 0, i + 1 < REPLIES);
        assert_false(client_request_is_small(&c.client, 100));
        client_receive(&c.client, 25);
        assert_int_equal(client_reply(&c.client, REPLY, REPLY_COPIED), 0);
        if (rest > room) {
            rest -= room;
            blocks++;
            room = 20480 - 16; /* the class of 16 KB and the block's header */
        }
        room -= rest;
        assert_int_equal(c.memory - before, 24 + blocks * (20480 + 24)); /* the node in the list of pending writes */
    }
    assert_int_equal(c.client.query_peak, 25 * REPLIES);
    client_write(&c.client);
    client_pipeline(&c.client, false, false);
    assert_int_equal(c.memory, before);
    assert_true(client_request_is_small(&c.client, 100));
}

/* What does not fit into the read ends it: the replies are written, and the rest is read into a buffer that has grown. */
static void a_pipeline_longer_than_a_read_is_several(void **state)
{
    enum { VALUE = 6000 - 29 }; /* a request of 6,000 bytes */
    struct connected c;
    uint64_t before;

    (void)state;
    connect_client(&c);
    before = c.memory;
    for (int i = 0; i < 4; i++) {
        client_pipeline(&c.client, i > 0, true);
        receive_set(&c, VALUE);
        if (i < 3)
            client_reply(&c.client, 20000, REPLY_COPIED);
    }
    /* 20,474 - 3 * 6,000 bytes of the fourth were read; without its head they leave room enough for 16 KB more. */
    assert_int_equal(c.client.query_bytes, 20480);
    assert_int_equal(c.memory, before);
    assert_int_equal(c.client.query_peak, 20474);
    for (int i = 0; i < 3; i++)
        receive_set(&c, 12000 - 30);
    assert_int_equal(c.client.query_bytes, 57344); /* twice what is wanted: 8,474 bytes of the third and 16 KB */
}

/* addReplyDeferredLen: in CLIENT LIST rbp stayed 0 after a KEYS that replied with 2,007 bytes, and was 1024 after a SCAN. */
static void a_reply_whose_length_comes_last_leaves_the_buffer_alone(void **state)
{
    struct connected c;
    struct cell *cell = cell_open((struct cell_setup){0});

    (void)state;
    connect_client(&c);
    ticks(&c, 60);
    assert_int_equal(c.client.reply_capacity, 1024);
    assert_int_equal(client_reply(&c.client, 1024, REPLY_IN_BLOCKS), 24 + 24 + 20480);
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 1024);
    client_reply(&c.client, 1024, REPLY_COPIED);
    ticks(&c, 1);
    assert_int_equal(c.client.reply_capacity, 2048);

    for (uint32_t id = 0; id < 200; id++)
        cell_do(cell, (struct row){.op = OP_SET, .id = id, .key_len = 20, .value_len = 10});
    cell_wait_us(cell, 20000000);
    cell_say(cell, "keys *");
    assert_true(cell->redis->client.reply_peak < 100);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_whose_length_comes_last_leaves_the_buffer_alone),
        cmocka_unit_test(every_request_has_a_vector),
        cmocka_unit_test(several_long_arguments_take_the_buffer_over_in_turn),
        cmocka_unit_test(many_arguments_are_dropped_as_they_are_parsed),
        cmocka_unit_test(what_is_adopted_has_no_room_for_more),
        cmocka_unit_test(a_reply_that_refers_to_its_value_leaves_the_buffer_alone),
        cmocka_unit_test(replies_of_a_pipeline_stay_until_its_end),
        cmocka_unit_test(a_pipeline_longer_than_a_read_is_several),
        cmocka_unit_test(a_side_is_one_argument),
        cmocka_unit_test(an_argument_more_extends_the_vector),
        cmocka_unit_test(a_skipped_command_leaves_its_vector),
        cmocka_unit_test(it_starts_at_sixteen_kilobytes_and_the_second_cron_shrinks_it_to_one),
        cmocka_unit_test(a_reply_that_fills_it_doubles_it_at_the_next_cron),
        cmocka_unit_test(a_reply_that_fits_does_not_grow_it),
        cmocka_unit_test(it_keeps_its_size_until_the_peak_is_reset_after_five_seconds),
        cmocka_unit_test(the_reset_leaves_the_reply_that_is_pending),
        cmocka_unit_test(what_does_not_fit_goes_to_a_block_of_at_least_sixteen_kilobytes),
        cmocka_unit_test(requests_below_twenty_kilobytes_fit),
        cmocka_unit_test(a_longer_request_adds_61440_bytes),
        cmocka_unit_test(cron_shrinks_it_to_the_peak_of_the_last_tick),
        cmocka_unit_test(after_a_quiet_tick_it_shrinks_to_next_to_nothing_and_grows_back),
        cmocka_unit_test(a_buffer_between_20_and_32_kilobytes_is_left_alone),
        cmocka_unit_test(two_idle_seconds_empty_it),
        cmocka_unit_test(a_buffer_of_its_own_is_given_back_when_it_is_large_and_idle),
        cmocka_unit_test(a_value_of_32_kilobytes_takes_the_buffer_over),
        cmocka_unit_test(an_adopted_value_keeps_its_block_or_is_trimmed),
        cmocka_unit_test(a_value_in_a_buffer_grown_before_is_trimmed),
        cmocka_unit_test(the_gate_sees_about_twice_a_long_value),
        cmocka_unit_test(a_long_reply_at_the_limit_has_writes_refused_until_the_buffer_shrinks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
