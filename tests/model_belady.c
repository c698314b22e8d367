/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model_belady: belady and belady-size against searches of all keys, and their knowledge of the future against the
 * trace. */
#include "policies/farthest.h"
#include "policies/registry.h"
#include "sim/alloc.h"
#include "tests/support_random.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 300, ROWS = 200000 };

static struct row *rows;
static uint32_t sizes[KEYS];

static bool deletes(enum op op)
{
    return op == OP_DEL || op == OP_UNLINK;
}

/* From the end to the beginning: where each key comes next. */
static void foresee(void)
{
    int64_t next[KEYS];

    for (int id = 0; id < KEYS; id++)
        next[id] = NEXT_NEVER;
    for (int i = ROWS - 1; i >= 0; i--) {
        rows[i].next_access = next[rows[i].id];
        next[rows[i].id] = deletes(rows[i].op) ? NEXT_NEVER : i;
    }
}

/* Low ids are asked for more often, and what is popular moves. */
static uint32_t draw_key(struct random *random, int row)
{
    double u = random_unit(random);

    return ((uint32_t)(u * u * KEYS) + (uint32_t)row / 5000) % KEYS;
}

static void draw_rows(struct random *random, const enum op *ops, size_t op_count, uint32_t largest)
{
    rows = xcalloc(ROWS, sizeof *rows);
    for (uint32_t id = 0; id < KEYS; id++)
        sizes[id] = 1 + (uint32_t)random_below(random, largest);
    for (int i = 0; i < ROWS; i++) {
        uint32_t id = draw_key(random, i);

        rows[i] =
            (struct row){.op = ops[random_below(random, op_count)], .id = id, .key_len = 5, .value_len = sizes[id]};
        if (rows[i].op == OP_EXPIRE || (rows[i].op == OP_SET && random_chance(random, 30))) {
            rows[i].flags = REQUEST_TTL;
            rows[i].ttl_ms = 1 + (int64_t)random_below(random, 5000);
        }
    }
    foresee();
}

/* ---- twins ---- */

static struct twin {
    uint32_t resident[KEYS]; /* its size, 0: absent */
    int64_t next[KEYS];
    uint64_t used, misses;
    int64_t row;
    bool by_size;
} twin;

static double worth(uint32_t id)
{
    double distance = twin.next[id] == NEXT_NEVER ? 1e18 : (double)(twin.next[id] - twin.row);

    return twin.by_size ? distance * twin.resident[id] : distance;
}

/* Of equals the smaller goes, as ours does it. */
static bool goes_before(uint32_t a, uint32_t b)
{
    return worth(a) > worth(b) || (worth(a) == worth(b) && twin.resident[a] < twin.resident[b]);
}

static uint32_t twin_victim(void)
{
    uint32_t best = NO_KEY;

    for (uint32_t id = 0; id < KEYS; id++)
        if (twin.resident[id] && (best == NO_KEY || goes_before(id, best)))
            best = id;
    return best;
}

static void twin_request(const struct row *row, uint64_t capacity)
{
    bool absent = !twin.resident[row->id];

    if (absent) {
        twin.misses++;
        while (twin.used + row->value_len > capacity) {
            uint32_t id = twin_victim();

            twin.used -= twin.resident[id];
            twin.resident[id] = 0;
        }
        twin.used += row->value_len;
        twin.resident[row->id] = row->value_len;
    }
    twin.next[row->id] = row->next_access;
    twin.row++;
}

static uint64_t misses_of_twin(bool by_size, uint64_t capacity)
{
    twin = (struct twin){.by_size = by_size};
    for (int i = 0; i < ROWS; i++)
        twin_request(&rows[i], capacity);
    return twin.misses;
}

static uint64_t misses_of(const char *policy, uint64_t capacity)
{
    struct cell *cell = cell_open((struct cell_setup){
        .server = "flat",
        .policy = policy,
        .maxmemory = capacity,
        .options = {.fill = true, .interval_us = INT64_C(1) << 60},
    });
    struct counters counters;

    for (int i = 0; i < ROWS; i++)
        cell_add(cell, rows[i]);
    counters = cell_finish(cell, NULL);
    assert_int_equal(counters.reads, ROWS);
    cell_close(cell);
    return counters.misses;
}

static void belady_misses_as_often_as_a_search_of_all_keys(void **state)
{
    static const enum op reads[] = {OP_GET};
    struct random random = random_start();

    (void)state;
    for (uint32_t largest = 1; largest <= 100; largest += 99) {
        draw_rows(&random, reads, 1, largest);
        for (uint64_t capacity = 3 * largest; capacity < KEYS * largest / 2; capacity *= 4)
            assert_int_equal(misses_of("belady", capacity), misses_of_twin(false, capacity));
        free(rows);
    }
}

/* Sizes below 16 have a class each: then it is a search of all keys; else within a per mille of it. */
static void belady_size_misses_as_often_as_a_search_of_all_keys(void **state)
{
    static const enum op reads[] = {OP_GET};
    struct random random = random_start();

    (void)state;
    draw_rows(&random, reads, 1, 15);
    for (uint64_t capacity = 50; capacity < 2000; capacity *= 3)
        assert_int_equal(misses_of("belady-size", capacity), misses_of_twin(true, capacity));
    free(rows);
    draw_rows(&random, reads, 1, 1000);
    for (uint64_t capacity = 3000; capacity < 100000; capacity *= 3) {
        uint64_t ours = misses_of("belady-size", capacity), exact = misses_of_twin(true, capacity);

        printf("capacity %llu: %llu misses, %llu by a search of all keys\n", (unsigned long long)capacity,
               (unsigned long long)ours, (unsigned long long)exact);
        assert_true(ours < exact + ROWS / 1000 && exact < ours + ROWS / 1000);
    }
    free(rows);
}

/* ---- the future is known, whatever the command does ---- */

static const struct policy *watched;
static struct policy_context *seen;

static void watch(struct policy_context *context, uint32_t id)
{
    seen = context;
    watched->read(context, id);
}

static void expect_known(uint32_t id, int64_t next)
{
    const struct farthest_entry *entry = policy_entry(seen, id);

    if (seen->view->is_candidate(seen->keyspace, id, SCOPE_ALLKEYS))
        assert_int_equal(entry->next, next == NEXT_NEVER ? FARTHEST_NEVER : next);
    else
        assert_int_equal(entry->next, 0);
}

static void run_and_look(const char *server, const char *policy, uint64_t maxmemory)
{
    struct policy wrapper = *policy_find(policy);
    int64_t next[KEYS];
    struct counters counters;
    struct cell *cell;

    watched = policy_find(policy);
    seen = NULL;
    wrapper.read = watch;
    cell = cell_open(
        (struct cell_setup){.server = server, .wrapped = &wrapper, .maxmemory = maxmemory, .options = {.fill = true}});
    for (int i = 0; i < ROWS / 4; i++) {
        cell_do(cell, rows[i]);
        next[rows[i].id] = rows[i].next_access;
        if (seen && i > 100)
            expect_known(rows[i].id, rows[i].next_access);
        if (i % 1000 == 999)
            for (int j = i - 500; j <= i; j++)
                expect_known(rows[j].id, next[rows[j].id]);
        cell->now_us += 2000;
    }
    counters = cell_finish(cell, NULL);
    printf("%s %s: %llu evicted, %llu expired, %llu hits\n", server, policy, (unsigned long long)counters.evicted_keys,
           (unsigned long long)counters.expired_keys, (unsigned long long)counters.hits);
    assert_true(counters.evicted_keys > 1000);
    assert_true(counters.expired_keys > 100);
    cell_close(cell);
}

static void what_it_knows_never_lies_in_the_past(void **state)
{
    static const enum op ops[] = {OP_GET, OP_GET,    OP_GET,  OP_SET,   OP_SET,  OP_DEL,    OP_EXPIRE,
                                  OP_TTL, OP_APPEND, OP_INCR, OP_SETNX, OP_TYPE, OP_GETDEL, OP_PERSIST};
    struct random random = random_start();

    (void)state;
    draw_rows(&random, ops, sizeof ops / sizeof *ops, 600);
    run_and_look("redis-7.0.15", "belady", 1272000);
    run_and_look("redis-7.0.15", "belady-size", 1272000);
    run_and_look("flat", "belady", 20000);
    run_and_look("flat", "belady-size", 20000);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(belady_misses_as_often_as_a_search_of_all_keys),
        cmocka_unit_test(belady_size_misses_as_often_as_a_search_of_all_keys),
        cmocka_unit_test(what_it_knows_never_lies_in_the_past),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
