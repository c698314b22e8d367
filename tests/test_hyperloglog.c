/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_hyperloglog: PFADD of e0, e1, ... one by one, compared with STRLEN, PFCOUNT and MEMORY USAGE of a redis 7.0.15
 * of Debian; and other commands on a HyperLogLog. */
#include "sim/server/inspect.h"
#include "sim/server/values/encoding.h"
#include "sim/server/values/hyperloglog.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { KEY, OTHER, KEYS };

static struct cell *open_cell(void)
{
    struct cell *cell = cell_open((struct cell_setup){.server = "redis-7.0.15-debian"});

    cell->key_count = KEYS;
    cell_flush(cell);
    return cell;
}

/* e<from> to e<to - 1>. */
static void add(struct cell *cell, uint32_t key, int from, int to)
{
    for (int i = from; i < to; i++) {
        char text[16];
        struct element element = {0};

        snprintf(text, sizeof text, "e%d", i);
        element.member = cell_member(cell, text);
        cell_do(cell,
                (struct row){.op = OP_PFADD, .id = key, .key_len = 1, .elements = 1, .second = 1, .list = &element});
    }
}

static const struct hll *hll_of(const struct cell *cell, uint32_t key)
{
    assert_int_equal(entry_of(cell->redis, key)->encoding, ENCODING_HLL);
    return entry_of(cell->redis, key)->structure;
}

static uint64_t count(const struct hll *hll)
{
    uint8_t ranks[HLL_REGISTERS] = {0};

    hll_raise(hll, ranks);
    return hll_estimate(ranks);
}

static void lengths_and_counts_are_the_servers(void **state)
{
    static const struct {
        int members;
        uint32_t length;
        uint64_t count, usage;
    } recorded[] = {{0, 18, 0, 80},
                    {1, 21, 1, 96},
                    {2, 24, 2, 96},
                    {3, 27, 3, 96},
                    {10, 48, 10, 144},
                    {100, 285, 100, 432},
                    {500, 1068, 506, 1584},
                    {1000, 1906, 1008, 3120},
                    {1200, 2235, 1207, 3120},
                    {1500, 2719, 1509, 3120},
                    {5000, 12304, 4968, 14384},
                    {100000, 12304, 100853, 14384}};
    struct cell *cell = open_cell();
    int members = 0;

    (void)state;
    cell_do(cell, (struct row){.op = OP_PFADD, .id = KEY, .key_len = 1});
    for (size_t i = 0; i < sizeof recorded / sizeof *recorded; i++) {
        add(cell, KEY, members, recorded[i].members);
        members = recorded[i].members;
        assert_int_equal(hll_of(cell, KEY)->length, recorded[i].length);
        assert_int_equal(count(hll_of(cell, KEY)), recorded[i].count);
        assert_int_equal(inspect_key(cell->redis, KEY).memory_usage, recorded[i].usage);
        assert_true(cell->redis->used == recount_used_memory(cell->redis));
    }
    cell_close(cell);
}

static void merge(struct cell *cell, uint32_t to, uint32_t from)
{
    cell_add(cell, (struct row){.op = OP_PFMERGE, .id = to, .key_len = 1, .flags = REQUEST_MORE});
    cell_do(cell, (struct row){.op = OP_PFMERGE, .id = from, .key_len = 1});
}

static void a_merge_counts_the_members_of_both(void **state)
{
    struct cell *cell = open_cell();

    (void)state;
    add(cell, KEY, 0, 1000);
    merge(cell, OTHER, KEY);
    assert_null(hll_of(cell, OTHER)->dense);
    assert_int_equal(count(hll_of(cell, OTHER)), 1008);
    add(cell, OTHER, 1000, 5000);
    merge(cell, KEY, OTHER);
    assert_non_null(hll_of(cell, KEY)->dense);
    assert_int_equal(count(hll_of(cell, KEY)), 4968);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

/* It is a string: it can be read, and written to, and then it is no HyperLogLog any more. */
static void it_is_a_string(void **state)
{
    struct cell *cell = open_cell();
    struct counters *counters = &cell->redis->counters;
    uint64_t used;

    (void)state;
    add(cell, KEY, 0, 100);
    cell_do(cell, (struct row){.op = OP_GET, .id = KEY, .key_len = 1, .value_len = VALUE_UNKNOWN});
    assert_int_equal(counters->hits, 1);
    assert_int_equal(counters->command_errors, 0);
    used = cell->redis->used;
    cell_do(cell, (struct row){.op = OP_SETRANGE, .id = KEY, .key_len = 1, .number = 280, .value_len = 5});
    assert_int_equal(entry_of(cell->redis, KEY)->encoding, ENCODING_RAW);
    assert_int_equal(entry_of(cell->redis, KEY)->length, 285);
    assert_true(cell->redis->used == used + 24688);
    add(cell, KEY, 0, 1);
    assert_int_equal(counters->command_errors, 1);
    assert_true(cell->redis->used == recount_used_memory(cell->redis));
    cell_close(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_and_counts_are_the_servers),
        cmocka_unit_test(a_merge_counts_the_members_of_both),
        cmocka_unit_test(it_is_a_string),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
