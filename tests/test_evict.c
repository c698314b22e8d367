/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_evict: how many keys the eviction loop takes, where a thread frees large values (Valkey) and where none does. */
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MEMBERS = 300, KEYS = 56, VALUE = 2000 };

/* How many keys a value of so many bytes evicts: first the sorted set, then strings in the order of their ttls. Without a limit it
 * fits. */
static uint64_t evicted_for(const char *server, uint64_t maxmemory, unsigned value, uint64_t *used)
{
    struct cell *cell = cell_open(
        (struct cell_setup){.server = server, .policy = "volatile-ttl", .maxmemory = maxmemory, .samples = 64});
    uint64_t evicted;
    char text[80];

    for (int i = 0; i < MEMBERS; i++) {
        snprintf(text, sizeof text, "zadd z %d member:%06d", i, i);
        cell_say(cell, text);
    }
    cell_run(cell, "expire z 100");
    for (int i = 0; i < KEYS; i++) {
        snprintf(text, sizeof text, "set k%02d %d ex %d", i, VALUE, 1000 + i);
        cell_run(cell, text);
    }
    *used = cell->redis->used;
    assert_int_equal(cell->redis->counters.evicted_keys, 0);
    snprintf(text, sizeof text, "set x %u", value);
    cell_run(cell, text);
    evicted = cell->redis->counters.evicted_keys;
    cell_finish(cell, NULL);
    cell_close(cell);
    return evicted;
}

/* The loop sees nothing of the sorted set behind 16 keys, and all of it behind 32. */
static void what_a_thread_frees_is_seen_late(void **state)
{
    enum { SLACK = 10000, LITTLE = 14000, MUCH = 34000 };
    uint64_t used;

    (void)state;
    evicted_for("redis-7.0.15-debian", 0, MUCH, &used);
    assert_int_equal(evicted_for("redis-7.0.15-debian", used + SLACK, LITTLE, &used), 1);
    assert_int_equal(evicted_for("redis-7.0.15-debian", used + SLACK, MUCH, &used), 8);
    evicted_for("valkey-8.1.1-debian", 0, MUCH, &used);
    assert_int_equal(evicted_for("valkey-8.1.1-debian", used + SLACK, LITTLE, &used), 4);
    assert_int_equal(evicted_for("valkey-8.1.1-debian", used + SLACK, MUCH, &used), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_thread_frees_is_seen_late)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
