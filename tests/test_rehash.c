/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_rehash: while a table is being rehashed, every lookup moves a bucket. The number of buckets per command is known
 * from the server's source, and for SET from a measurement (3.0 buckets per new key). */
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KEYS = 4096 };

static int buckets_left(const struct dict *dict)
{
    int left = 0;

    for (uint64_t bucket = 0; bucket < dict->size[0]; bucket++)
        left += dict_head(dict, 0, bucket) != DICT_END;
    return left;
}

/* A server whose table of keys has just begun to move to a larger one. Its keys' ids begin at 100. */
static struct cell *open_rehashing(int64_t ttl_ms)
{
    struct cell *cell = cell_open((struct cell_setup){.maxmemory = 0});

    for (uint32_t id = 100; id < 100 + KEYS + 1; id++)
        cell_add(cell, (struct row){.op = OP_SET,
                                    .id = id,
                                    .key_len = 10,
                                    .value_len = 10,
                                    .flags = ttl_ms ? REQUEST_TTL : 0,
                                    .ttl_ms = ttl_ms});
    cell_flush(cell);
    assert_true(table_is_rehashing(&cell->redis->databases[0].keys));
    return cell;
}

struct steps {
    int keys, expires;
};

static struct steps steps_of(struct cell *cell, enum op op, uint32_t id)
{
    const struct database *database = &cell->redis->databases[0];
    struct steps before = {buckets_left(&database->keys.dict), buckets_left(&database->expires.dict)};

    cell_do(cell, (struct row){.op = op, .id = id, .key_len = 10, .value_len = 10});
    return (struct steps){before.keys - buckets_left(&database->keys.dict),
                          before.expires - buckets_left(&database->expires.dict)};
}

static void expect_steps(int64_t ttl_ms, enum op op, uint32_t id, struct steps expected)
{
    struct cell *cell = open_rehashing(ttl_ms);

    for (int i = 0; i < 3; i++) { /* some buckets before those of the keys in question */
        struct steps steps = steps_of(cell, op, id + (uint32_t)i);

        assert_int_equal(steps.keys, expected.keys);
        assert_int_equal(steps.expires, expected.expires);
    }
    cell_close(cell);
}

static void without_any_ttl_only_the_table_of_keys_moves(void **state)
{
    (void)state;
    expect_steps(0, OP_GET, 1000, (struct steps){1, 0});
    expect_steps(0, OP_GET, 1, (struct steps){1, 0}); /* a miss */
    expect_steps(0, OP_SET, 1, (struct steps){3, 0}); /* new: look-up, insertion, ttl */
    expect_steps(0, OP_SET, 1000, (struct steps){3, 0});
    expect_steps(0, OP_DEL, 1, (struct steps){1, 0}); /* nothing there to delete */
    expect_steps(0, OP_PING, 1, (struct steps){0, 0});
}

static void with_ttls_the_other_table_moves_too(void **state)
{
    (void)state;
    expect_steps(100000, OP_GET, 1000, (struct steps){2, 1});
    expect_steps(100000, OP_GET, 1, (struct steps){1, 0});
    expect_steps(100000, OP_SET, 1, (struct steps){3, 1});
    expect_steps(100000, OP_DEL, 1, (struct steps){1, 2});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_any_ttl_only_the_table_of_keys_moves),
        cmocka_unit_test(with_ttls_the_other_table_moves_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
