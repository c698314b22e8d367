/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_script: EVAL with the commands that it calls, and the cache of scripts. The calls that are refused when memory
 * is full are those that real servers refused: redis 7.0.15 and 8.0.2 of Debian, valkey 9.1.2. */
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct row called(enum op op, uint32_t id, uint32_t value_len)
{
    return (struct row){.op = op, .id = id, .key_len = 1, .value_len = value_len, .client = CLIENT_SCRIPT};
}

/* Of a script of so many bytes, whose name is the text. */
static struct row script(struct cell *cell, enum op op, const char *name, uint32_t bytes, int64_t flags,
                         struct element *element)
{
    *element =
        (struct element){.member = cell_member(cell, name),
                         .value_len = bytes,
                         .number = flags,
                         .flags = ELEMENT_SCRIPT | (op == OP_EVALSHA ? ELEMENT_SCRIPT_SHA1 : ELEMENT_SCRIPT_TEXT)};
    return (struct row){.op = op, .id = NO_KEY, .elements = 1, .list = element};
}

static void send_script(struct cell *cell, enum op op, const char *name, uint32_t bytes, int64_t flags)
{
    struct element element;

    cell_do(cell, script(cell, op, name, bytes, flags, &element));
}

static bool exists(const struct cell *cell, uint32_t id)
{
    return cell->redis->capacity > id && entry_of(cell->redis, id)->encoding != ENCODING_ABSENT;
}

/* Whatever is not called ends the script. */
static void end_script(struct cell *cell)
{
    cell_do(cell, (struct row){.op = OP_PING, .id = NO_KEY});
    assert_false(cell->redis->script.is_open);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
}

static struct cell *full_cell(const char *server)
{
    struct cell *cell = cell_open((struct cell_setup){.server = server, .policy = "noeviction"});

    cell_do(cell, (struct row){.op = OP_SET, .id = 1, .key_len = 1, .value_len = 1});
    cell->redis->maxmemory = 1000;
    return cell;
}

static const char *const servers[] = {"redis-7.0.15-debian", "redis-8.0.2-debian", "valkey-9.1.2-debian"};

static void the_first_write_of_a_script_is_refused_when_memory_is_full(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct cell *cell = full_cell(servers[i]);
        const struct counters *counters = &cell->redis->counters;

        send_script(cell, OP_EVAL, "reads", 30, 0);
        cell_do(cell, called(OP_GET, 1, VALUE_UNKNOWN));
        end_script(cell);
        assert_int_equal(counters->oom_rejections, 0);
        assert_int_equal(counters->hits, 1);
        send_script(cell, OP_EVAL, "writes", 30, 0);
        cell_do(cell, called(OP_SET, 2, 1));
        cell_do(cell, called(OP_DEL, 1, 0)); /* it was stopped before that */
        end_script(cell);
        assert_int_equal(counters->oom_rejections, 1);
        assert_true(!exists(cell, 2) && exists(cell, 1));
        send_script(cell, OP_EVAL, "deletes and writes", 30, 0);
        cell_do(cell, called(OP_DEL, 1, 0));
        cell_do(cell, called(OP_SET, 2, 1));
        end_script(cell);
        assert_int_equal(counters->oom_rejections, 1);
        assert_true(exists(cell, 2) && !exists(cell, 1));
        cell_close(cell);
    }
}

static void a_script_says_what_it_needs(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct cell *cell = full_cell(servers[i]);
        const struct counters *counters = &cell->redis->counters;

        send_script(cell, OP_EVAL, "says nothing", 30, SCRIPT_DECLARES);
        assert_false(cell->redis->script.is_open);
        assert_int_equal(counters->oom_rejections, 1);
        send_script(cell, OP_EVAL, "no-writes", 30, SCRIPT_DECLARES | SCRIPT_WRITES_NOTHING);
        cell_do(cell, called(OP_GET, 1, VALUE_UNKNOWN));
        end_script(cell);
        send_script(cell, OP_EVAL, "allow-oom", 30, SCRIPT_DECLARES | SCRIPT_ALLOWS_OOM);
        cell_do(cell, called(OP_SET, 2, 1));
        end_script(cell);
        assert_true(exists(cell, 2));
        send_script(cell, OP_EVALSHA, "allow-oom", 40, 0); /* it is known what that said */
        cell_do(cell, called(OP_SET, 3, 1));
        end_script(cell);
        assert_true(exists(cell, 3));
        assert_int_equal(counters->oom_rejections, 1);
        cell_close(cell);
    }
}

/* Nothing is evicted between the calls of a script; then as much as is too much. */
static void a_script_is_one_turn(void **state)
{
    enum { CALLS = 6000 }; /* more than a batch */
    struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-lru"});
    const struct counters *counters = &cell->redis->counters;

    (void)state;
    cell->redis->maxmemory = cell->redis->used + 500000;
    send_script(cell, OP_EVAL, "fills", 30, 0);
    for (uint32_t id = 0; id < CALLS; id++)
        cell_do(cell, called(OP_SET, id, 500));
    assert_int_equal(counters->evicted_keys, 0);
    assert_true(cell->redis->used > cell->redis->maxmemory + 2000000);
    end_script(cell);
    assert_true(counters->evicted_keys > 3000);
    assert_true(cell->redis->used <= cell->redis->maxmemory + 24688); /* a histogram came behind the gate */
    cell_close(cell);
}

static void a_script_is_queued_with_its_calls(void **state)
{
    struct cell *cell = full_cell("redis-8.0.2-debian");

    (void)state;
    cell->redis->maxmemory = 0;
    cell_do(cell, (struct row){.op = OP_MULTI, .id = NO_KEY});
    send_script(cell, OP_EVAL, "writes", 30, 0);
    cell_do(cell, called(OP_SET, 2, 1));
    cell_do(cell, called(OP_SET, 3, 1));
    cell_do(cell, (struct row){.op = OP_GET, .id = 1, .key_len = 1, .value_len = VALUE_UNKNOWN});
    assert_false(exists(cell, 2));
    cell_do(cell, (struct row){.op = OP_EXEC, .id = NO_KEY});
    assert_true(exists(cell, 2) && exists(cell, 3));
    assert_int_equal(cell->redis->client.reply_pending, strlen("*2\r\n:1\r\n$1\r\nv\r\n"));
    assert_false(cell->redis->script.is_open);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

/* Two of one text are one. Weights: an entry, the SHA1, what is known of the script, its text, and now and then a
 * table. */
static void the_cache_keeps_texts(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});
    uint64_t before;

    (void)state;
    send_script(cell, OP_SCRIPT_LOAD, "first", 160, 0);
    before = cell->redis->used;
    send_script(cell, OP_SCRIPT_LOAD, "second", 160, 0);
    assert_int_equal(cell->redis->used - before, 32 + 48 + 16 + 16 + 192);
    before = cell->redis->used;
    send_script(cell, OP_SCRIPT_LOAD, "second", 160, 0);
    assert_int_equal(cell->redis->used - before, 0);
    assert_int_equal(cell->redis->scripts.count, 2);
    cell_do(cell, (struct row){.op = OP_SCRIPT_FLUSH, .id = NO_KEY});
    assert_int_equal(cell->redis->scripts.count, 0);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

static void later_servers_keep_the_500_that_eval_used_last(void **state)
{
    char name[16];

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct cell *cell = cell_open((struct cell_setup){.server = servers[i]});

        send_script(cell, OP_SCRIPT_LOAD, "loaded", 100, 0);
        send_script(cell, OP_EVAL, "used", 100, 0);
        for (int number = 0; number < 600; number++) {
            snprintf(name, sizeof name, "%d", number);
            send_script(cell, OP_EVAL, name, 100, 0);
            send_script(cell, OP_EVAL, "used", 100, 0);
        }
        end_script(cell);
        assert_int_equal(cell->redis->scripts.count, i ? 501 : 602);
        assert_true(script_known(&cell->redis->scripts, cell_member(cell, "loaded")).is_cached);
        assert_true(script_known(&cell->redis->scripts, cell_member(cell, "used")).is_cached);
        assert_int_equal(script_known(&cell->redis->scripts, cell_member(cell, "100")).is_cached, !i);
        assert_true(script_known(&cell->redis->scripts, cell_member(cell, "101")).is_cached);
        cell_close(cell);
    }
}

/* EVALSHA of a script that nobody has brought is an error, unless it is seen to call something. */
static void evalsha_of_an_unknown_script(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});

    (void)state;
    send_script(cell, OP_EVALSHA, "unknown", 40, 0);
    end_script(cell);
    assert_int_equal(cell->redis->counters.command_errors, 1);
    send_script(cell, OP_EVALSHA, "unknown", 40, 0);
    cell_do(cell, called(OP_SET, 2, 1));
    end_script(cell);
    assert_int_equal(cell->redis->counters.command_errors, 1);
    assert_true(exists(cell, 2));
    cell_close(cell);
}

/* HSET keeps four words and their vector; SET EX makes another vector, and only its key stays, and the "v" of HSET, which is too short
 * for "EX"; GET needs a name and a vector again. */
static void arguments_of_calls_are_kept_for_the_next(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian", .policy = "noeviction"});
    struct element field = {.member = cell_member(cell, "f"), .value_len = 1};
    struct row row = called(OP_HSET, 1, VALUE_UNKNOWN);

    (void)state;
    row.elements = 1;
    row.list = &field;
    send_script(cell, OP_EVAL, "script", 30, 0);
    cell_do(cell, row);
    assert_int_equal(cell->redis->script_arguments.bytes, 4 * 32 + 32);
    row = called(OP_SET, 2, 1);
    row.flags = REQUEST_TTL;
    row.ttl_ms = 5000;
    cell_do(cell, row);
    assert_int_equal(cell->redis->script_arguments.bytes, 2 * 32);
    cell_do(cell, called(OP_GET, 2, VALUE_UNKNOWN));
    assert_int_equal(cell->redis->script_arguments.bytes, 3 * 32 + 16);
    end_script(cell);
    cell_close(cell);
}

/* SET key value: a refused one keeps three words and the vector; one that is executed gives the value away. Measured with used_memory
 * of 7.0.15. */
static void a_refused_call_keeps_its_value_too(void **state)
{
    struct cell *cell = full_cell("redis-7.0.15-debian");
    uint64_t executed, refused;

    (void)state;
    cell->redis->maxmemory = 0;
    send_script(cell, OP_EVAL, "script", 30, 0);
    cell_do(cell, called(OP_SET, 2, 1));
    end_script(cell);
    executed = cell->redis->script_arguments.bytes;
    assert_int_equal(executed, 2 * 32 + 32);
    cell->redis->maxmemory = 1000;
    send_script(cell, OP_EVAL, "script", 30, 0);
    cell_do(cell, called(OP_SET, 2, 1));
    end_script(cell);
    refused = cell->redis->script_arguments.bytes;
    assert_int_equal(refused, executed + 32);
    cell->redis->maxmemory = 0;
    send_script(cell, OP_EVAL, "script", 30, 0);
    cell_do(cell, called(OP_SET, 2, 1));
    end_script(cell);
    assert_int_equal(cell->redis->script_arguments.bytes, executed);
    cell_close(cell);
}

static void valkey_9_1_keeps_no_arguments_of_calls(void **state)
{
    struct cell *cell = full_cell("valkey-9.1.2-debian");

    (void)state;
    send_script(cell, OP_EVAL, "script", 30, 0);
    cell_do(cell, called(OP_SET, 2, 1));
    end_script(cell);
    assert_int_equal(cell->redis->counters.oom_rejections, 1);
    assert_int_equal(cell->redis->script_arguments.bytes, 0);
    cell->redis->maxmemory = 0;
    send_script(cell, OP_EVAL, "script", 30, 0);
    cell_do(cell, called(OP_SET, 2, 1));
    end_script(cell);
    assert_int_equal(cell->redis->script_arguments.bytes, 0);
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_of_calls_are_kept_for_the_next),
        cmocka_unit_test(a_refused_call_keeps_its_value_too),
        cmocka_unit_test(valkey_9_1_keeps_no_arguments_of_calls),
        cmocka_unit_test(the_first_write_of_a_script_is_refused_when_memory_is_full),
        cmocka_unit_test(a_script_says_what_it_needs),
        cmocka_unit_test(a_script_is_one_turn),
        cmocka_unit_test(a_script_is_queued_with_its_calls),
        cmocka_unit_test(the_cache_keeps_texts),
        cmocka_unit_test(later_servers_keep_the_500_that_eval_used_last),
        cmocka_unit_test(evalsha_of_an_unknown_script),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
