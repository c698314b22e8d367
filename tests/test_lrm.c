/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lrm: allkeys-lrm and volatile-lrm of Redis 8.6: which key goes, by example; what is a modification; a naive twin
 * under random traffic; and the same as lru where no read touches. */
#include "sim/hooks.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint32_t field_of(const struct cell *cell, uint32_t id)
{
    return *(const uint32_t *)policy_entry(&cell->redis->eviction, id);
}

/* The key that would go now, of all that are there. The sample has room for them, but it may end before it has seen
 * them: so the worst of several. */
static uint32_t victim_of(struct cell *cell)
{
    struct policy_context *eviction = &cell->redis->eviction;
    uint32_t worst = NO_KEY;

    memset(eviction->state, 0, eviction->policy->state_size); /* an empty pool */
    for (int i = 0; i < 30; i++) {
        uint32_t id = eviction->policy->victim(eviction);

        if (worst == NO_KEY || field_of(cell, id) < field_of(cell, worst))
            worst = id;
    }
    return worst;
}

static void expect_victim(const char *policy, const char *traffic, const char *key)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = policy, .samples = 64});

    cell_run(cell, traffic);
    if (victim_of(cell) != (key ? cell_id(cell, key) : NO_KEY))
        fail_msg("%s: %s: the victim is not %s", policy, traffic, key ? key : "none");
    cell_close(cell);
}

/* Three keys are made, ten seconds apart. What is done to them afterwards decides who goes. */
static void a_key_that_is_read_and_not_written_goes(void **state)
{
    (void)state;
    expect_victim("allkeys-lru", "set a 9; wait 10; set b 9; wait 10; set c 9; wait 10; get a", "b");
    expect_victim("allkeys-lrm", "set a 9; wait 10; set b 9; wait 10; set c 9; wait 10; get a", "a");
    expect_victim("allkeys-lrm", "set a 9; wait 10; set b 9; wait 10; set c 9; wait 10; append a 1", "b");
    expect_victim("allkeys-lrm", "set a 9; wait 10; set b 9; wait 10; set c 9; wait 10; expire a 99", "b");
    expect_victim("allkeys-lrm", "set a 9; wait 10; set b 9; wait 10; setnx a 5; strlen a; touch a", "a");
}

static void volatile_lrm_looks_at_keys_with_a_ttl_alone(void **state)
{
    (void)state;
    expect_victim("volatile-lrm", "set a 9; wait 9; set b 9 ex 99; wait 9; set c 9 ex 99; get b", "b");
    expect_victim("volatile-lru", "set a 9; wait 9; set b 9 ex 99; wait 9; set c 9 ex 99; wait 9; get b", "c");
    expect_victim("volatile-lrm", "set b 9 ex 99; wait 9; set c 9 ex 99; persist b", "c");
    expect_victim("volatile-lrm", "set a 9; set b 9", NULL);
}

/* Of each command whether it modifies k, as keyModified(val) of Redis 8.6.3 has it. */
static void expect_modifies(const char *before, const char *command, bool modifies)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.0.2-debian", .policy = "allkeys-lrm"});
    uint32_t id = cell_id(cell, "k"), field;

    cell_say(cell, before);
    field = field_of(cell, id);
    cell_wait_us(cell, 10000000);
    cell_say(cell, command);
    if ((field_of(cell, id) != field) != modifies)
        fail_msg("%s, %s: %s", before, command, modifies ? "not noted" : "noted");
    cell_close(cell);
}

static void what_modifies_a_key_is_noted(void **state)
{
    static const struct {
        const char *before, *command;
        bool modifies;
    } cases[] = {
        {"set k 12345", "get k", false},
        {"set k 12345", "set k 6", true},
        {"set k 12345", "set k 6 nx", false},
        {"set k 12345", "getset k 6", true},
        {"set k 12345", "getex k", false},
        {"set k 12345", "getex k ex 100", true},
        {"set k 12345 ex 100", "getex k persist", true},
        {"set k 12345", "getex k persist", false},
        {"set k 12345", "incr k", true},
        {"set k 12345", "append k x", true},
        {"set k 12345", "setrange k 2 x", true},
        {"set k 12345", "setbit k 2 1", true},
        {"set k 12345", "getbit k 2", false},
        {"set k 12345", "expire k 100", true},
        {"set k 12345", "expire k 100 xx", false},
        {"set k 12345", "persist k", false},
        {"set k 12345 ex 100", "persist k", true},
        {"set k 12345", "dump k", false},
        {"set k 12345", "touch k", false},
        {"set k 12345", "lpush k x", false}, /* WRONGTYPE */
        {"rpush k a b", "rpush k c", true},
        {"rpush k a b", "lrange k 0 -1", false},
        {"rpush k a b", "lrem k 0 z", false},
        {"rpush k a b", "lpop k", true},
        {"sadd k a", "sadd k a", false},
        {"sadd k a", "sadd k b", true},
        {"sadd k a b", "srem k z", false},
        {"sadd k a b", "smembers k", false},
        {"hset k f v", "hset k f v", true},
        {"hset k f v", "hget k f", false},
        {"hset k f v", "hdel k z", false},
        {"hset k f v", "hincrby k n 1", true},
        {"hset k f v", "hpexpire k 100000 fields 1 f", true},
        {"zadd k 1 a", "zadd k 1 a", false},
        {"zadd k 1 a", "zadd k 2 a", true},
        {"zadd k 1 a", "zrange k 0 -1", false},
        {"xadd k 1-1 f v", "xlen k", false},
        {"xadd k 1-1 f v", "xadd k 2-1 f v", true},
        {"xadd k 1-1 f v", "xgroup create k g 0", true},
        {"xadd k 1-1 f v", "xdel k 9-9", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_modifies(cases[i].before, cases[i].command, cases[i].modifies);
}

static void a_group_that_reads_modifies_its_stream(void **state)
{
    static const char *const commands[] = {"xreadgroup group g c streams k >", "xack k g 1-1",
                                           "xreadgroup group g c streams k >", "xgroup setid k g 0",
                                           "xgroup createconsumer k g d"};
    static const bool modifies[] = {true, true, true, true, true};
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.0.2-debian", .policy = "allkeys-lrm"});
    uint32_t id = cell_id(cell, "k");

    (void)state;
    cell_say(cell, "xadd k 1-1 f v");
    cell_say(cell, "xgroup create k g 0");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        uint32_t field = field_of(cell, id);

        cell_wait_us(cell, 10000000);
        cell_say(cell, commands[i]);
        assert_int_equal(field_of(cell, id) != field, modifies[i]);
    }
    cell_close(cell);
}

/* A child, or NO-TOUCH, keeps lookups from touching; LRM is not told by them. */
static void writes_are_noted_while_uses_are_not(void **state)
{
    static const char *const policies[] = {"allkeys-lru", "allkeys-lrm"};

    (void)state;
    for (int is_lrm = 0; is_lrm < 2; is_lrm++)
        for (int has_child = 0; has_child < 2; has_child++) {
            struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.2.6", .policy = policies[is_lrm]});
            uint32_t id = cell_id(cell, "k"), field;

            cell_say(cell, "set k 12345");
            field = field_of(cell, id);
            if (!has_child)
                cell_say(cell, "client no-touch on");
            cell->redis->child = has_child;
            cell->redis->child_until_us = INT64_MAX;
            redis_settle_untouched(cell->redis);
            cell_wait_us(cell, 10000000);
            cell_say(cell, "append k x");
            assert_int_equal(field_of(cell, id) != field, is_lrm);
            cell_close(cell);
        }
}

/* ---- random traffic ---- */

enum { KEYS = 12, STEPS = 20000 };

/* One of the commands that are the same to the naive twin: it knows only when a key was last made or modified. */
struct step {
    const char *format;
    bool makes, modifies, deletes, reads;
};

static const struct step steps[] = {
    {"set %c 10", true, true, false, false},   {"set %c 20 ex 500", true, true, false, false},
    {"append %c 3", true, true, false, false}, {"expire %c 700", false, true, false, false},
    {"del %c", false, false, true, false},     {"get %c", false, false, false, true},
    {"strlen %c", false, false, false, true},  {"touch %c", false, false, false, true},
    {"exists %c", false, false, false, true},  {"mget %c", false, false, false, true},
};
enum { STEP_KINDS = sizeof steps / sizeof *steps, STEPS_THAT_DO_NOT_READ = 5 };

/* Runs a step on a key; which. */
static int run_step(struct cell *cell, struct random *random, size_t kinds, const struct step **step)
{
    int key = (int)random_below(random, KEYS);
    char text[64];

    *step = &steps[random_below(random, kinds)];
    snprintf(text, sizeof text, (*step)->format, 'a' + key);
    cell_run(cell, text);
    if (random_chance(random, 30)) {
        snprintf(text, sizeof text, "wait %d", 1 + (int)random_below(random, 5));
        cell_run(cell, text);
    }
    return key;
}

struct twin {
    bool is_there[KEYS];
    uint32_t modified[KEYS];
};

static void note(struct twin *twin, int key, const struct step *step, uint32_t clock)
{
    bool changes = step->makes || (step->modifies && twin->is_there[key]);

    twin->is_there[key] |= step->makes;
    if (changes)
        twin->modified[key] = clock;
    if (step->deletes)
        twin->is_there[key] = false;
}

static void compare(struct cell *cell, struct twin *twin, int after)
{
    uint32_t victim = victim_of(cell), oldest = UINT32_MAX;

    for (int key = 0; key < KEYS; key++) {
        uint32_t id = cell_id(cell, (char[]){(char)('a' + key), 0});

        twin->is_there[key] &= entry_of(cell->redis, id)->encoding != ENCODING_ABSENT; /* it may have expired */
        if (!twin->is_there[key])
            continue;
        if (field_of(cell, id) != twin->modified[key])
            fail_msg("step %d: key %c: %u, the twin has %u", after, 'a' + key, field_of(cell, id), twin->modified[key]);
        if (twin->modified[key] < oldest)
            oldest = twin->modified[key];
    }
    if (oldest == UINT32_MAX)
        assert_int_equal(victim, NO_KEY);
    else
        assert_int_equal(field_of(cell, victim), oldest);
}

static void the_victim_is_the_naive_twins(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.policy = "allkeys-lrm", .samples = 64});
    struct random random = random_start();
    struct twin twin = {0};

    (void)state;
    for (int key = 0; key < KEYS; key++)
        cell_id(cell, (char[]){(char)('a' + key), 0});
    cell_run(cell, "ping");
    for (int i = 0; i < STEPS; i++) {
        const struct step *step;
        uint32_t clock = cell->redis->eviction.clock.lru_clock; /* cron may move it behind the command */
        int key = run_step(cell, &random, STEP_KINDS, &step);

        note(&twin, key, step, clock);
        compare(cell, &twin, i);
    }
    cell_close(cell);
}

/* The totals of a cell that is too small for its keys. */
static struct counters totals(const char *policy, size_t kinds)
{
    struct cell *cell =
        cell_open((struct cell_setup){.server = "redis-7.2.6", .policy = policy, .maxmemory = 1040000, .seed = 7});
    struct random random = random_stream(random_seed());
    struct counters counters;

    for (int i = 0; i < STEPS; i++) {
        uint32_t id = (uint32_t)random_below(&random, 1500);
        enum op op = kinds == STEP_KINDS && random_chance(&random, 40) ? OP_GET : OP_SET;

        cell_add(cell, (struct row){.op = op,
                                    .id = id,
                                    .key_len = 8,
                                    .value_len = (uint32_t)random_below(&random, 200),
                                    .flags = op == OP_SET && id % 2 ? REQUEST_TTL : 0,
                                    .ttl_ms = op == OP_SET && id % 2 ? 600000 : 0});
        if (i % 10 == 0)
            cell_wait_us(cell, 1000000);
    }
    cell_flush(cell);
    counters = cell_finish(cell, NULL);
    cell_close(cell);
    return counters;
}

/* And it is another policy where reads do: otherwise this would say nothing. */
static void it_is_lru_where_no_read_touches(void **state)
{
    static const char *const pairs[][2] = {{"allkeys-lru", "allkeys-lrm"}, {"volatile-lru", "volatile-lrm"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct counters lru = totals(pairs[i][0], STEPS_THAT_DO_NOT_READ);
        struct counters lrm = totals(pairs[i][1], STEPS_THAT_DO_NOT_READ);

        assert_true(lru.evicted_keys > 1000);
        assert_memory_equal(&lru, &lrm, sizeof lru);
        lru = totals(pairs[i][0], STEP_KINDS);
        lrm = totals(pairs[i][1], STEP_KINDS);
        assert_true(lru.hits > 1000 && lru.hits != lrm.hits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_read_and_not_written_goes),
        cmocka_unit_test(volatile_lrm_looks_at_keys_with_a_ttl_alone),
        cmocka_unit_test(what_modifies_a_key_is_noted),
        cmocka_unit_test(a_group_that_reads_modifies_its_stream),
        cmocka_unit_test(writes_are_noted_while_uses_are_not),
        cmocka_unit_test(the_victim_is_the_naive_twins),
        cmocka_unit_test(it_is_lru_where_no_read_touches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
