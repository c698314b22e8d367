/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_transaction: MULTI, the queued commands, and EXEC. Replies and memory are those of real servers: redis 7.0.15
 * and 8.0.2 of Debian, valkey 9.1.2. */
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { OTHER = 1 }; /* another client */

static const char queued[] = "+QUEUED\r\n";
static const char oom[] = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
static const char aborted[] = "-EXECABORT Transaction discarded because of previous errors.\r\n";
static const char aborted_by_oom[] =
    "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n";

static struct row on_key(enum op op, uint32_t id, uint32_t value_len, uint32_t client)
{
    return (struct row){.op = op, .id = id, .key_len = 1, .value_len = value_len, .client = client};
}

static struct row alone(enum op op, uint32_t client)
{
    return (struct row){.op = op, .id = NO_KEY, .client = client};
}

/* Sends the command; its reply is as long as the text. */
static void expect_reply(struct cell *cell, struct row row, const char *text)
{
    cell_do(cell, row);
    assert_int_equal(cell->redis->client.reply_pending, strlen(text));
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
}

/* And used_memory becomes so much more. */
static void expect_weight(struct cell *cell, struct row row, const char *text, int64_t more)
{
    uint64_t before = cell->redis->used;

    expect_reply(cell, row, text);
    assert_int_equal((int64_t)(cell->redis->used - before), more);
}

static bool exists(const struct cell *cell, uint32_t id)
{
    return cell->redis->capacity > id && entry_of(cell->redis, id)->encoding != ENCODING_ABSENT;
}

/* Commands that have been called have their histograms. */
static struct cell *cell_of(const char *server)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .policy = "noeviction"});
    static const enum op called[] = {OP_PING, OP_MULTI, OP_EXEC, OP_MULTI, OP_DISCARD, OP_EXEC};

    cell_do(cell, on_key(OP_SET, 9, 30, 0));
    cell_do(cell, on_key(OP_GET, 9, VALUE_UNKNOWN, 0));
    for (size_t i = 0; i < sizeof called / sizeof *called; i++)
        cell_do(cell, alone(called[i], 0));
    return cell;
}

static void queued_commands_weigh_what_they_weigh_in(const char *server, const int64_t (*weights)[7])
{
    struct cell *cell = cell_of(server);

    expect_weight(cell, alone(OP_MULTI, 0), "+OK\r\n", 0);
    for (int i = 0; i < 5; i++)
        expect_weight(cell, on_key(OP_GET, 1, VALUE_UNKNOWN, 0), queued, (*weights)[i]);
    expect_weight(cell, on_key(OP_SET, 1, 100, 0), queued, (*weights)[5]);
    expect_weight(cell, alone(OP_PING, 0), queued, (*weights)[6]);
    assert_false(exists(cell, 1));
    expect_reply(cell, alone(OP_EXEC, 0), "*7\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n+OK\r\n+PONG\r\n");
    assert_true(exists(cell, 1));
    cell_close(cell);
}

static void queued_commands_weigh_what_they_weigh_in_real_servers(void **state)
{
    static const int64_t redis_7[7] = {128, 80, 128, 80, 176, 224, 40}, redis_8[7] = {112, 80, 128, 80, 176, 224, 40},
                         valkey_9[7] = {112, 48, 112, 48, 176, 176, 24},
                         redis_8_6[7] = {240, 240, 256, 240, 272, 384, 200};

    (void)state;
    queued_commands_weigh_what_they_weigh_in("redis-7.0.15-debian", &redis_7);
    queued_commands_weigh_what_they_weigh_in("redis-8.0.2-debian", &redis_8);
    queued_commands_weigh_what_they_weigh_in("redis-8.6.3-debian", &redis_8_6);
    queued_commands_weigh_what_they_weigh_in("valkey-9.1.2-debian", &valkey_9);
}

static void discard_frees_and_executes_nothing(void **state)
{
    struct cell *cell = cell_of("redis-7.0.15-debian");

    (void)state;
    expect_weight(cell, alone(OP_MULTI, 0), "+OK\r\n", 0);
    expect_weight(cell, on_key(OP_SET, 1, 100, 0), queued, 272);
    expect_weight(cell, alone(OP_DISCARD, 0), "+OK\r\n", -272);
    assert_false(exists(cell, 1));
    expect_reply(cell, alone(OP_DISCARD, 0), "-ERR DISCARD without MULTI\r\n");
    expect_reply(cell, alone(OP_EXEC, 0), "-ERR EXEC without MULTI\r\n");
    expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
    expect_reply(cell, alone(OP_MULTI, 0), "-ERR MULTI calls can not be nested\r\n");
    expect_reply(cell, alone(OP_EXEC, 0), "*0\r\n");
    cell_close(cell);
}

static void multi_within_multi_aborts_in_valkey(void **state)
{
    struct cell *cell = cell_of("valkey-9.1.2-debian");

    (void)state;
    expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
    expect_reply(cell, alone(OP_MULTI, 0), "-ERR Command 'multi' not allowed inside a transaction\r\n");
    expect_reply(cell, on_key(OP_SET, 1, 100, 0), queued);
    expect_reply(cell, alone(OP_EXEC, 0), aborted);
    assert_false(exists(cell, 1));
    cell_close(cell);
}

static void another_client_is_not_in_the_transaction(void **state)
{
    struct cell *cell = cell_of("redis-7.0.15-debian");

    (void)state;
    expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
    expect_reply(cell, on_key(OP_SET, 1, 100, 0), queued);
    expect_reply(cell, on_key(OP_SET, 2, 100, OTHER), "+OK\r\n");
    expect_reply(cell, alone(OP_MULTI, OTHER), "+OK\r\n");
    expect_reply(cell, on_key(OP_SET, 3, 100, OTHER), queued);
    expect_reply(cell, alone(OP_EXEC, 0), "*1\r\n+OK\r\n");
    assert_true(exists(cell, 1) && exists(cell, 2) && !exists(cell, 3));
    expect_reply(cell, alone(OP_EXEC, OTHER), "*1\r\n+OK\r\n");
    assert_true(exists(cell, 3));
    cell_close(cell);
}

/* A 7.0 refuses whatever would be queued; later ones what memory is denied to. */
static void what_is_refused_when_memory_is_full(void **state)
{
    static const char *const servers[] = {"redis-7.0.15-debian", "redis-8.0.2-debian", "valkey-9.1.2-debian"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct cell *cell = cell_of(servers[i]);

        cell->redis->maxmemory = 1000;
        expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
        expect_reply(cell, on_key(OP_GET, 9, VALUE_UNKNOWN, 0), i ? queued : oom);
        expect_reply(cell, on_key(OP_SET, 1, 1, 0), oom);
        expect_reply(cell, on_key(OP_GET, 9, VALUE_UNKNOWN, 0), i ? queued : oom);
        expect_reply(cell, alone(OP_EXEC, 0), aborted);
        expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
        expect_reply(cell, alone(OP_DISCARD, 0), "+OK\r\n");
        assert_int_equal(cell->redis->counters.oom_rejections, i ? 1 : 3);
        cell_close(cell);
    }
}

static void exec_is_as_strict_as_its_strictest_command(void **state)
{
    struct cell *cell = cell_of("redis-7.0.15-debian");

    (void)state;
    expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
    expect_reply(cell, on_key(OP_SET, 1, 1, 0), queued);
    cell->redis->maxmemory = 1000;
    expect_reply(cell, alone(OP_EXEC, 0), aborted_by_oom);
    assert_false(exists(cell, 1));
    cell->redis->maxmemory = 0;
    expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
    expect_reply(cell, on_key(OP_STRLEN, 9, VALUE_UNKNOWN, 0), queued);
    cell->redis->maxmemory = 1000;
    expect_reply(cell, alone(OP_EXEC, 0), "*1\r\n:30\r\n");
    assert_int_equal(cell->redis->counters.oom_rejections, 0);
    cell_close(cell);
}

/* The gate is asked before EXEC, and not again before it is over. */
static void a_transaction_exceeds_maxmemory(void **state)
{
    struct cell *cell = cell_of("redis-7.0.15-debian");

    (void)state;
    cell->redis->maxmemory = cell->redis->used + 10000;
    expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
    for (uint32_t id = 10; id < 14; id++) {
        struct row row = on_key(OP_SETRANGE, id, 1, 0);

        row.number = 1000000;
        expect_reply(cell, row, queued);
    }
    expect_reply(cell, alone(OP_EXEC, 0), "*4\r\n:1000001\r\n:1000001\r\n:1000001\r\n:1000001\r\n");
    assert_true(cell->redis->used > cell->redis->maxmemory + 4000000);
    expect_reply(cell, on_key(OP_SET, 1, 1, 0), oom);
    cell_close(cell);
}

/* More rows than a batch has. */
static void a_transaction_may_be_long(void **state)
{
    enum { COMMANDS = 10000 };
    struct cell *cell = cell_of("redis-7.0.15-debian");

    (void)state;
    cell_do(cell, alone(OP_MULTI, 0));
    for (uint32_t id = 0; id < COMMANDS; id++)
        cell_do(cell, on_key(OP_SET, id, 5, 0));
    cell_do(cell, alone(OP_EXEC, 0));
    for (uint32_t id = 0; id < COMMANDS; id++)
        assert_true(exists(cell, id));
    assert_int_equal(cell->redis->transactions.open, 0);
    cell_close(cell);
}

/* What an application finds missing in EXEC's reply it loads and stores. */
static void misses_of_a_transaction_are_filled_behind_it(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.options = {.fill = true}});

    (void)state;
    cell_do(cell, alone(OP_MULTI, 0));
    cell_do(cell, on_key(OP_GET, 1, 50, 0));
    cell_do(cell, on_key(OP_GET, 2, 60, 0));
    assert_int_equal(cell->redis->counters.fills, 0);
    cell_do(cell, alone(OP_EXEC, 0));
    assert_int_equal(cell->redis->counters.fills, 2);
    assert_int_equal(entry_value_length(entry_of(cell->redis, 2)), 60);
    cell_close(cell);
}

/* ---- WATCH ---- */

static struct row watch(uint32_t id, uint32_t client)
{
    return on_key(OP_WATCH, id, 0, client);
}

static void watched_keys_weigh_what_they_weigh_in_a_real_server(void **state)
{
    struct cell *cell = cell_of("redis-7.0.15-debian");

    (void)state;
    cell_do(cell, alone(OP_PING, OTHER)); /* it connects */
    cell_do(cell, watch(8, 0));
    cell_do(cell, alone(OP_UNWATCH, 0));
    expect_weight(cell, watch(1, 0), "+OK\r\n", 208);
    expect_weight(cell, watch(1, 0), "+OK\r\n", 0);
    expect_weight(cell, watch(2, 0), "+OK\r\n", 208);
    expect_weight(cell, watch(1, OTHER), "+OK\r\n", 64 + 32); /* another who watches the same key */
    expect_weight(cell, alone(OP_UNWATCH, 0), "+OK\r\n", -208 - 64 - 32);
    cell_close(cell);
}

static const char none[] = "*-1\r\n", one[] = "*1\r\n+OK\r\n";

/* Between WATCH and EXEC of one client `row` comes from another. */
static void expect_exec(struct row row, const char *reply)
{
    struct cell *cell = cell_of("redis-7.0.15-debian");

    row.client = OTHER;
    expect_reply(cell, watch(9, 0), "+OK\r\n");
    cell_do(cell, row);
    expect_reply(cell, alone(OP_MULTI, 0), "+OK\r\n");
    expect_reply(cell, on_key(OP_SET, 1, 5, 0), queued);
    expect_reply(cell, alone(OP_EXEC, 0), reply);
    assert_int_equal(exists(cell, 1), reply == one);
    assert_int_equal(cell->redis->watches.count, 0);
    cell_close(cell);
}

static void exec_executes_nothing_if_a_watched_key_has_changed(void **state)
{
    (void)state;
    expect_exec(on_key(OP_GET, 9, VALUE_UNKNOWN, 0), one);
    expect_exec(on_key(OP_SET, 8, 5, 0), one);
    expect_exec(on_key(OP_SETNX, 9, 5, 0), one);
    expect_exec(on_key(OP_SET, 9, 5, 0), none);
    expect_exec(on_key(OP_APPEND, 9, 5, 0), none);
    expect_exec(on_key(OP_DEL, 9, 0, 0), none);
    expect_exec(alone(OP_FLUSHALL, 0), none);
    expect_exec(on_key(OP_DEL, 8, 0, 0), one);
}

static void a_watched_key_is_evicted_or_expires(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian", .policy = "allkeys-random"});
    struct row with_ttl = on_key(OP_SET, 1, 5, OTHER);

    (void)state;
    with_ttl.flags = REQUEST_TTL;
    with_ttl.ttl_ms = 1;
    cell_do(cell, with_ttl);
    cell_do(cell, watch(1, 0));
    cell_wait_us(cell, 10000);
    cell_do(cell, alone(OP_MULTI, 0));
    expect_reply(cell, alone(OP_EXEC, 0), none);
    cell_do(cell, on_key(OP_SET, 2, 5, OTHER));
    cell_do(cell, watch(2, 0));
    cell->redis->maxmemory = 1000;
    cell_do(cell, alone(OP_PING, OTHER));
    cell_do(cell, alone(OP_MULTI, 0));
    expect_reply(cell, alone(OP_EXEC, 0), none);
    cell_close(cell);
}

static void watch_within_multi(void **state)
{
    struct cell *redis = cell_of("redis-8.0.2-debian"), *valkey = cell_of("valkey-9.1.2-debian");

    (void)state;
    cell_do(redis, alone(OP_MULTI, 0));
    expect_reply(redis, watch(9, 0), "-ERR WATCH inside MULTI is not allowed\r\n");
    expect_reply(redis, alone(OP_EXEC, 0), "*0\r\n");
    cell_do(valkey, alone(OP_MULTI, 0));
    expect_reply(valkey, watch(9, 0), "-ERR Command 'watch' not allowed inside a transaction\r\n");
    expect_reply(valkey, alone(OP_EXEC, 0), aborted);
    cell_close(redis);
    cell_close(valkey);
}

/* ---- replicas ---- */

/* The transaction of a SET for each database lengthens the stream by so many bytes. */
static void expect_sent(struct cell *cell, const uint8_t *dbs, int sets, uint64_t bytes)
{
    uint64_t before = cell->redis->replication.offset;

    cell_do(cell, alone(OP_MULTI, 0));
    for (int i = 0; i < sets; i++) {
        struct row row = on_key(OP_SET, dbs[i], 1, 0);

        row.db = dbs[i];
        cell_do(cell, row);
    }
    cell_do(cell, on_key(OP_GET, 0, VALUE_UNKNOWN, 0));
    cell_do(cell, alone(OP_EXEC, 0));
    assert_int_equal(cell->redis->replication.offset - before, bytes);
}

/* As master_repl_offset of redis 7.0.15 and 8.0.2: several commands go in MULTI and EXEC, a SELECT within them. */
static void replicas_are_sent_one_unit(void **state)
{
    enum { SET = 27, SELECT = 23, MULTI_AND_EXEC = 15 + 14 };
    static const uint8_t dbs[3] = {0, 0, 1};
    struct cell *cell = cell_of("redis-7.0.15-debian");
    uint64_t before;

    (void)state;
    assert_true(replication_attach(&cell->redis->replication, 0, REPLICA_READS_ALL));
    cell_do(cell, on_key(OP_SET, 0, 1, 0));
    expect_sent(cell, dbs, 0, 0);
    expect_sent(cell, dbs, 1, SET);
    expect_sent(cell, dbs, 2, MULTI_AND_EXEC + 2 * SET);
    expect_sent(cell, dbs + 1, 2, MULTI_AND_EXEC + 2 * SET + SELECT);
    before = cell->redis->replication.offset;
    cell_do(cell, alone(OP_EVAL, 0));
    cell_do(cell, on_key(OP_SET, 0, 1, CLIENT_SCRIPT));
    cell_do(cell, on_key(OP_GET, 0, VALUE_UNKNOWN, CLIENT_SCRIPT));
    cell_do(cell, on_key(OP_SET, 0, 1, CLIENT_SCRIPT));
    cell_do(cell, alone(OP_PING, 0));
    assert_int_equal(cell->redis->replication.offset - before, MULTI_AND_EXEC + SELECT + 2 * SET);
    cell_close(cell);
}

/* ---- the end of a connection ---- */

static void reset_and_quit_discard(void **state)
{
    static const enum op ends[] = {OP_RESET, OP_QUIT};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct cell *cell = cell_of("redis-7.0.15-debian");

        cell_do(cell, watch(9, 0));
        cell_do(cell, alone(OP_MULTI, 0));
        cell_do(cell, on_key(OP_SET, 1, 100, 0));
        cell_do(cell, alone(ends[i], 0));
        assert_int_equal(cell->redis->transactions.open, 0);
        assert_int_equal(cell->redis->watches.count, 0);
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
        expect_reply(cell, on_key(OP_SET, 2, 100, 0), "+OK\r\n");
        assert_true(exists(cell, 2) && !exists(cell, 1));
        cell_close(cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queued_commands_weigh_what_they_weigh_in_real_servers),
        cmocka_unit_test(discard_frees_and_executes_nothing),
        cmocka_unit_test(multi_within_multi_aborts_in_valkey),
        cmocka_unit_test(another_client_is_not_in_the_transaction),
        cmocka_unit_test(what_is_refused_when_memory_is_full),
        cmocka_unit_test(exec_is_as_strict_as_its_strictest_command),
        cmocka_unit_test(a_transaction_exceeds_maxmemory),
        cmocka_unit_test(a_transaction_may_be_long),
        cmocka_unit_test(misses_of_a_transaction_are_filled_behind_it),
        cmocka_unit_test(watched_keys_weigh_what_they_weigh_in_a_real_server),
        cmocka_unit_test(exec_executes_nothing_if_a_watched_key_has_changed),
        cmocka_unit_test(a_watched_key_is_evicted_or_expires),
        cmocka_unit_test(watch_within_multi),
        cmocka_unit_test(replicas_are_sent_one_unit),
        cmocka_unit_test(reset_and_quit_discard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
