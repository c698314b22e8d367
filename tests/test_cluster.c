/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_cluster: cluster mode, in which each slot's keys weigh a table of their own. */
#include "sim/server/registry.h"
#include "sim/server/tables/cluster_slots.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEYS = 60000 };

/* The bytes of a slot's table with so many keys that came one after the other. */
static uint64_t plain_slot(bool has_hashtables, uint64_t object, uint32_t keys)
{
    uint64_t buckets = has_hashtables ? 1 : 4;

    if (!keys)
        return 0;
    while (has_hashtables ? keys > 7 * buckets : keys > buckets)
        buckets *= 2;
    return object + buckets * (has_hashtables ? 64 : 8);
}

/* Keys that share a bucket, as they are expected: one after the other, each finds a bucket empty with the share that is. */
static uint64_t plain_nodes(uint32_t keys, uint32_t buckets)
{
    double empty = buckets, nodes = 0;

    for (uint32_t i = 0; i < keys; i++) {
        nodes += 1 - empty / buckets;
        empty -= empty / buckets;
    }
    return (uint64_t)(nodes + 0.5);
}

static uint64_t plain_bytes(const struct cluster_slots *slots)
{
    uint64_t bytes = 0;

    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        bytes += plain_slot(slots->has_hashtables, slots->object_bytes, slots->keys[slot]) +
                 slots->node_bytes * plain_nodes(slots->keys[slot], slots->buckets[slot]);
    return bytes;
}

static uint32_t slots_with_keys(const struct cluster_slots *slots)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        count += slots->keys[slot] > 0;
    return count;
}

static void slots_weigh_what_their_tables_weigh(void **state)
{
    (void)state;
    for (int has_hashtables = 0; has_hashtables < 2; has_hashtables++) {
        uint64_t memory = 0;
        struct cluster_slots *slots = cluster_slots_new(NULL, 7, 96, has_hashtables, &memory);

        for (uint32_t id = 0; id < KEYS; id++) {
            cluster_slots_add(slots, id);
            if (id == SLOT_COUNT) /* 1 - 1/e of the slots, as keys fall on them at random */
                assert_in_range(slots_with_keys(slots), 10157, 10557);
        }
        assert_int_equal(memory, plain_bytes(slots));
        for (uint32_t id = 0; id < KEYS; id++)
            cluster_slots_remove(slots, id);
        assert_int_equal(memory, 0);
        for (uint32_t id = 0; id < 100; id++)
            cluster_slots_add(slots, id);
        cluster_slots_clear(slots);
        assert_int_equal(memory, 0);
        free(slots);
    }
}

static uint64_t weight_of_key(const char *server, bool is_cluster)
{
    struct cell *cell =
        cell_open((struct cell_setup){.server = server, .policy = "noeviction", .is_cluster = is_cluster});
    uint64_t before;

    for (uint32_t id = 0; id < 5; id++)
        cell_do(cell, (struct row){.op = OP_SET, .id = id, .key_len = 5, .value_len = 20});
    cell_wait_us(cell, 10000000); /* nothing is rehashed any more, and the client's buffers are small */
    before = cell->redis->used;
    cell_do(cell, (struct row){.op = OP_SET, .id = 7, .key_len = 5, .value_len = 20});
    before = cell->redis->used - before;
    cell_do(cell, (struct row){.op = OP_FLUSHALL, .id = NO_KEY});
    if (is_cluster && cell->redis->databases[0].keys.slots)
        assert_int_equal(slots_with_keys(cell->redis->databases[0].keys.slots), 0);
    cell_close(cell);
    return before;
}

/* A key that is the first of its slot. */
static void a_key_weighs_more(void **state)
{
    (void)state;
    assert_int_equal(weight_of_key("redis-7.0.15-debian", true) - weight_of_key("redis-7.0.15-debian", false), 16);
    assert_int_equal(weight_of_key("redis-8.0.2-debian", true) - weight_of_key("redis-8.0.2-debian", false), 2560 + 32);
    assert_int_equal(weight_of_key("valkey-9.1.2-debian", true) - weight_of_key("valkey-9.1.2-debian", false), 96 + 64);
}

/* Whether they are deleted or evicted, the last key of a slot takes its table along, of keys and of ttls. */
static void no_key_leaves_a_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < server_count; i++) {
        struct cell *cell = cell_open((struct cell_setup){
            .server = servers[i].name, .policy = "allkeys-lru", .maxmemory = 0, .is_cluster = true});
        const struct database *database = cell->redis ? &cell->redis->databases[0] : NULL;

        if (database && database->keys.slots) {
            for (uint32_t id = 0; id < 2000; id++)
                cell_do(cell, (struct row){.op = OP_SET,
                                           .id = id,
                                           .key_len = 5,
                                           .value_len = 100,
                                           .flags = REQUEST_TTL,
                                           .ttl_ms = 900000});
            assert_true(cluster_slots_bytes(database->keys.slots) > 1000 &&
                        cluster_slots_bytes(database->expires.slots) > 1000);
            cell->redis->maxmemory = cell->redis->used - 100000;
            cell_do(cell, (struct row){.op = OP_SET, .id = 0, .key_len = 5, .value_len = 100});
            assert_true(cell->redis->counters.evicted_keys > 10);
            assert_int_equal(cluster_slots_bytes(database->keys.slots), plain_bytes(database->keys.slots));
            cell->redis->maxmemory = 0;
            for (uint32_t id = 0; id < 2000; id++)
                cell_do(cell, (struct row){.op = id % 2 ? OP_DEL : OP_UNLINK, .id = id, .key_len = 5});
            assert_int_equal(cluster_slots_bytes(database->keys.slots), 0);
            assert_int_equal(cluster_slots_bytes(database->expires.slots), 0);
        }
        cell_close(cell);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_weigh_what_their_tables_weigh),
        cmocka_unit_test(a_key_weighs_more),
        cmocka_unit_test(no_key_leaves_a_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
