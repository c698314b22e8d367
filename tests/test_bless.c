/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_bless: keys that no policy evicts (Redis 8.12), by example: what they weigh; who goes in their place; how far writes
 * pass where nothing else is met; what keeps a blessing, and what ends it. Under random traffic, every policy and used_memory
 * counted anew. */
#include "sim/server/bless.h"
#include "policies/registry.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct cell *open_cell(const char *policy, uint64_t maxmemory)
{
    return cell_open((struct cell_setup){.server = "redis-8.12", .policy = policy, .maxmemory = maxmemory});
}

static bool is_there(struct cell *cell, const char *name)
{
    uint32_t id = cell_id(cell, name);

    return id < cell->redis->capacity && entry_of(cell->redis, id)->encoding != ENCODING_ABSENT;
}

static bool is_blessed(struct cell *cell, const char *name)
{
    return key_is_blessed(cell->redis, cell_id(cell, name));
}

/* used_memory without what a command's first call allocates. */
static uint64_t dataset(const struct cell *cell)
{
    return cell->redis->used - UINT64_C(24688) * cell->redis->kinds_called;
}

static uint64_t growth(struct cell *cell, const char *command)
{
    uint64_t before = dataset(cell);

    cell_say(cell, command);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    return dataset(cell) - before;
}

/* "k1" with ten bytes: robj 16, sds8 of the value 3 + 10 + 1, a byte, sds5 of the name 1 + 2 + 1: 35, a block of 40. With the
 * field 43, a block of 48. The first blessed key makes the index's dict (64) and its table (4 * 8); each has an entry (24) and a copy
 * of its name (1 + 2 + 1: a block of 8). */
static void weighs_a_field_and_a_place_in_the_index(void **state)
{
    struct cell *cell = open_cell("noeviction", 0);

    (void)state;
    cell_say(cell, "set k1 0123456789");
    cell_say(cell, "set k2 0123456789 keepttl"); /* from now on the client's vector has room for four arguments */
    assert_int_equal(growth(cell, "bless set k1 NO-EVICT"), 8 + 64 + 32 + 24 + 8);
    assert_int_equal(growth(cell, "bless set k2 NO-EVICT"), 8 + 24 + 8);
    assert_int_equal(growth(cell, "bless set k2 NO-EVICT"), 0);
    assert_int_equal(growth(cell, "bless clear k2 NO-EVICT"), -(24 + 8)); /* the field stays */
    assert_int_equal(growth(cell, "bless set k2 NO-EVICT"), 24 + 8);
    cell_close(cell);
}

/* A name of 31 bytes and a value of 10: 16 + 3 + 10 + 1 + 1 + 1 + 31 + 1 = 64; with the field 72, a block of 80. The name's copy has
 * 1 + 31 + 1: a block of 40. */
static void weighs_more_where_a_class_ends(void **state)
{
    struct cell *cell = open_cell("noeviction", 0);

    (void)state;
    cell_say(cell, "set 0123456789012345678901234567890 0123456789 keepttl");
    assert_int_equal(growth(cell, "bless set 0123456789012345678901234567890 no-evict"), 16 + 64 + 32 + 24 + 40);
    cell_close(cell);
}

static void answers_as_the_server_does(void **state)
{
    struct cell *cell = open_cell("noeviction", 0);
    const struct counters *counters = &cell->redis->counters;

    (void)state;
    cell_say(cell, "bless set k no-evict"); /* ERR no such key */
    assert_int_equal(counters->command_errors, 1);
    cell_say(cell, "set k v");
    cell_say(cell, "bless get k");
    cell_say(cell, "bless set k no-evict");
    cell_say(cell, "bless get k");
    cell_say(cell, "bless scan 0 no-evict count 5");
    assert_int_equal(counters->command_errors, 1);
    assert_int_equal(counters->hits, 2);
    assert_true(is_blessed(cell, "k"));
    assert_int_equal(cell_finish(cell, NULL).blessed_keys, 1);
    cell_close(cell);
}

/* On a server without the command it is an unknown command, and nothing is blessed. */
static void is_unknown_elsewhere(void **state)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-8.10"});

    (void)state;
    cell_say(cell, "set k v");
    cell_say(cell, "bless set k no-evict");
    cell_say(cell, "bless get k");
    assert_int_equal(cell->redis->counters.command_errors, 2);
    assert_int_equal(cell->redis->counters.hits, 0);
    assert_false(cell->redis->blessings);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

static void a_blessing_follows_its_key(void **state)
{
    struct cell *cell = open_cell("noeviction", 0);

    (void)state;
    cell_run(cell, "set a 9; set b 9; set c 9; set d 9; set e 9 ex 5");
    cell_say(cell, "bless set a no-evict");
    cell_say(cell, "bless set e no-evict");
    cell_say(cell, "set a 0123456789012345678901234567890123456789012345678901234567890123456789");
    assert_true(is_blessed(cell, "a"));
    cell_say(cell, "copy a b replace");
    assert_true(is_blessed(cell, "a") && is_blessed(cell, "b"));
    cell_say(cell, "rename a c");
    assert_true(is_blessed(cell, "c") && !is_there(cell, "a"));
    cell_say(cell, "set a 9");
    assert_false(is_blessed(cell, "a"));
    cell_say(cell, "bless set d no-evict");
    cell_say(cell, "rename a d"); /* the key that was d is gone, and its blessing */
    assert_false(is_blessed(cell, "d"));
    cell_say(cell, "del c");
    cell_say(cell, "set c 9");
    assert_false(is_blessed(cell, "c"));
    cell_run(cell, "wait 6"); /* it may not be evicted, but expires */
    assert_false(is_there(cell, "e"));
    assert_int_equal(bless_count(cell->redis), 1);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_say(cell, "flushall");
    assert_int_equal(bless_count(cell->redis), 0);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

/* Of 20 keys of one size all but k7 are blessed: whatever the policy would say, k7 goes. */
static void what_is_not_blessed_goes(void **state)
{
    static const char *const names[] = {"allkeys-lru", "allkeys-lfu", "allkeys-lrm", "allkeys-random", "sieve",
                                        "lru",         "random-two",  "size",        "k-lru"};

    (void)state;
    for (size_t p = 0; p < sizeof names / sizeof *names; p++) {
        struct cell *cell = open_cell(names[p], 0);
        char command[64];

        for (int i = 0; i < 20; i++) {
            snprintf(command, sizeof command, "set k%d 0123456789", i);
            cell_say(cell, command);
            snprintf(command, sizeof command, "bless set k%d no-evict", i);
            if (i != 7)
                cell_say(cell, command);
        }
        cell_say(cell, "get k7");
        cell->redis->maxmemory = cell->redis->used;
        cell_say(cell, "set k0 012345678901234567890123456789012345678901234567890123456789012345678901234567890");
        cell_say(cell, "get k1");
        if (is_there(cell, "k7") || cell->redis->counters.evicted_keys != 1)
            fail_msg("%s: k7 is there, or another went", names[p]);
        cell_close(cell);
    }
}

/* Everything is blessed, and the values of those keys grow. A command passes as long as used_memory with its arguments is at most
 * 1.25 times maxmemory when it comes, and is refused above; under noeviction above maxmemory. */
static void writes_pass_up_to_a_quarter_more(void **state)
{
    enum { KEYS = 60, BYTES = 6000 };
    static const char *const names_of_policies[] = {"allkeys-lru", "allkeys-random", "noeviction"};

    (void)state;
    for (size_t p = 0; p < 3; p++) {
        struct cell *cell = open_cell(names_of_policies[p], 0);
        struct redis *redis = cell->redis;
        uint64_t most;
        int next = 0;

        for (int i = 0; i < KEYS; i++) {
            char text[64];

            snprintf(text, sizeof text, "set k%d v", i);
            cell_say(cell, text);
            snprintf(text, sizeof text, "bless set k%d no-evict", i);
            cell_say(cell, text);
        }
        redis->maxmemory = redis->used + 30000;
        most = names_of_policies[p][0] == 'n' ? redis->maxmemory : redis->maxmemory + redis->maxmemory / 4;
        while (!redis->counters.oom_rejections && next < KEYS) {
            uint64_t before = redis->used;
            char text[BYTES + 16];
            int head = snprintf(text, sizeof text, "set k%d ", next++);

            memset(text + head, 'x', BYTES);
            text[head + BYTES] = '\0';
            cell_say(cell, text);
            if (redis->counters.oom_rejections)
                assert_in_range(before, most - 2 * BYTES, most + 2 * BYTES);
            else
                assert_true(before <= most);
        }
        assert_int_equal(redis->counters.oom_rejections, 1);
        assert_int_equal(redis->counters.evicted_keys, 0);
        redis->maxmemory -= 2 * BYTES;
        cell_say(cell, "bless set k0 no-evict"); /* denied, too */
        assert_int_equal(redis->counters.oom_rejections, 2);
        cell_say(cell, "bless clear k1 no-evict"); /* it is not, and then k1 goes for the next command */
        assert_int_equal(redis->counters.oom_rejections, 2);
        cell_say(cell, "ping");
        assert_int_equal(redis->counters.evicted_keys, p != 2);
        cell_close(cell);
    }
}

/* Random commands on 40 keys, a third of the time over maxmemory. */
static void one_run(const char *policy, struct random *random)
{
    static const char *const commands[] = {
        "set k%d 012345678901234567890123456789",
        "set k%d 0123 ex 20",
        "get k%d",
        "get k%d",
        "bless set k%d no-evict",
        "bless clear k%d no-evict",
        "append k%d abcde",
        "del k%d",
        "expire k%d 30",
        "persist k%d",
        "rpush k%d 0 1 2",
        "set k%d 7",
        "rename k%d k3",
        "copy k%d k4 replace",
        "ping",
        "bless get k%d",
        "set k%d 0123456789012345678901234567890123456789012345678901234567890123456789 keepttl"};
    struct cell *cell = open_cell(policy, 0);
    struct redis *redis = cell->redis;
    uint64_t blessed_before;

    for (int step = 0; step < 600; step++) {
        char text[160];
        const char *format = commands[random_below(random, sizeof commands / sizeof *commands)];
        bool evicts = step % 3 == 0 && step > 60;

        snprintf(text, sizeof text, format, (int)random_below(random, 40));
        blessed_before = bless_count(redis);
        redis->maxmemory = evicts ? redis->used - random_below(random, 200) : 0;
        if (evicts && !strncmp(text, "ping", 4)) {
            cell_say(cell, text);
            assert_int_equal(bless_count(redis), blessed_before);
        } else {
            cell_say(cell, text);
        }
        redis->maxmemory = 0;
        if (step % 7 == 0)
            cell_wait_us(cell, 900000);
        assert_true(redis->used == recount_used_memory(redis));
    }
    cell_close(cell);
}

static void every_policy_spares_them(void **state)
{
    struct random random = random_start();

    (void)state;
    for (size_t i = 0; i < policy_count; i++) {
        if (policies[i]->offline)
            continue;
        print_message("under %s\n", policies[i]->name);
        one_run(policies[i]->name, &random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weighs_a_field_and_a_place_in_the_index),
        cmocka_unit_test(weighs_more_where_a_class_ends),
        cmocka_unit_test(answers_as_the_server_does),
        cmocka_unit_test(is_unknown_elsewhere),
        cmocka_unit_test(a_blessing_follows_its_key),
        cmocka_unit_test(what_is_not_blessed_goes),
        cmocka_unit_test(writes_pass_up_to_a_quarter_more),
        cmocka_unit_test(every_policy_spares_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
