/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pool: the eviction pool, by example and against a literal version of its rules. */
#include "policies/pool.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect_pool(const struct pool *pool, const char *expected)
{
    char text[256];
    int length = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < pool->count; i++)
        length += sprintf(text + length, "%s%lu:%c", i ? " " : "", pool->score[i], (int)pool->id[i]);
    assert_string_equal(text, expected);
}

static void the_pool_is_kept_in_ascending_order(void **state)
{
    struct pool pool = {0};

    (void)state;
    pool_offer(&pool, 'a', 5);
    pool_offer(&pool, 'b', 9);
    pool_offer(&pool, 'c', 1);
    pool_offer(&pool, 'd', 7);
    expect_pool(&pool, "1:c 5:a 7:d 9:b");
}

static void a_new_key_goes_before_its_equals(void **state)
{
    struct pool pool = {0};

    (void)state;
    pool_offer(&pool, 'a', 5);
    pool_offer(&pool, 'b', 5);
    pool_offer(&pool, 'c', 5);
    expect_pool(&pool, "5:c 5:b 5:a");
}

static void the_same_key_may_be_there_twice(void **state)
{
    struct pool pool = {0};

    (void)state;
    pool_offer(&pool, 'a', 5);
    pool_offer(&pool, 'a', 8);
    expect_pool(&pool, "5:a 8:a");
}

static struct pool full_pool(void)
{
    struct pool pool = {0};

    for (uint32_t i = 0; i < POOL_SIZE; i++)
        pool_offer(&pool, 'a' + i, 10 * (i + 1));
    return pool;
}

static void a_full_pool_drops_its_lowest(void **state)
{
    struct pool pool = full_pool();

    (void)state;
    pool_offer(&pool, 'z', 25);
    expect_pool(&pool, "20:b 25:z 30:c 40:d 50:e 60:f 70:g 80:h 90:i 100:j 110:k 120:l 130:m "
                       "140:n 150:o 160:p");
    pool_offer(&pool, 'y', 999);
    assert_int_equal(pool.score[POOL_SIZE - 1], 999);
    assert_int_equal(pool.score[0], 25);
}

static void a_full_pool_refuses_what_is_no_better_than_its_lowest(void **state)
{
    struct pool pool = full_pool(), before = pool;

    (void)state;
    pool_offer(&pool, 'z', 10);
    assert_memory_equal(&pool, &before, sizeof pool);
    pool_offer(&pool, 'z', 0);
    assert_memory_equal(&pool, &before, sizeof pool);
}

/* ---- the rules taken literally: sixteen slots, each of which may be empty ---- */

struct slots {
    struct {
        bool taken;
        uint64_t score;
        uint32_t id;
    } slot[POOL_SIZE];
};

static void slots_offer(struct slots *slots, uint32_t id, uint64_t score)
{
    int k = 0;

    while (k < POOL_SIZE && slots->slot[k].taken && slots->slot[k].score < score)
        k++;
    if (k == 0 && slots->slot[POOL_SIZE - 1].taken)
        return;
    if (k == POOL_SIZE || slots->slot[k].taken) {
        if (!slots->slot[POOL_SIZE - 1].taken) {
            for (int i = POOL_SIZE - 1; i > k; i--)
                slots->slot[i] = slots->slot[i - 1];
        } else {
            k--;
            for (int i = 0; i < k; i++)
                slots->slot[i] = slots->slot[i + 1];
        }
    }
    slots->slot[k].taken = true;
    slots->slot[k].score = score;
    slots->slot[k].id = id;
}

/* The highest slot in use is emptied; NO_KEY when there is none. */
static uint32_t slots_pop(struct slots *slots)
{
    for (int k = POOL_SIZE - 1; k >= 0; k--) {
        if (slots->slot[k].taken) {
            slots->slot[k].taken = false;
            return slots->slot[k].id;
        }
    }
    return NO_KEY;
}

static void expect_same(const struct pool *pool, const struct slots *slots)
{
    uint32_t count = 0;

    for (int k = 0; k < POOL_SIZE; k++) {
        if (!slots->slot[k].taken)
            continue;
        assert_int_equal(slots->slot[k].id, pool->id[count]);
        assert_true(slots->slot[k].score == pool->score[count]);
        count++;
    }
    assert_int_equal(pool->count, count);
}

static void the_pool_follows_the_rules_taken_literally(void **state)
{
    struct random random = random_start();
    struct pool pool = {0};
    struct slots slots = {0};

    (void)state;
    for (uint32_t step = 0; step < 300000; step++) {
        uint64_t range = step % 2000 < 1000 ? 8 : 100000; /* many equals, few equals */

        if (random_chance(&random, step % 1000 < 500 ? 80 : 30)) {
            uint64_t score = random_below(&random, range);

            pool_offer(&pool, step, score);
            slots_offer(&slots, step, score);
        } else {
            assert_int_equal(slots_pop(&slots), pool.count ? pool.id[--pool.count] : NO_KEY);
        }
        expect_same(&pool, &slots);
    }
}

/* ---- a keyspace of two databases, to take victims from ---- */

enum { KEYS = 40 };

struct small_keyspace {
    bool there[KEYS]; /* ids below 20 are in database 0, the others in 1 */
    uint64_t score[KEYS];
    struct random random;
    int offered; /* in the last call */
};

static bool in_database(uint32_t id, int db)
{
    return (id >= KEYS / 2) == db;
}

static uint32_t candidates(const void *owner, int db, enum scope scope)
{
    const struct small_keyspace *keyspace = owner;
    uint32_t count = 0;

    (void)scope;
    for (uint32_t id = 0; id < KEYS; id++)
        count += keyspace->there[id] && in_database(id, db);
    return count;
}

static bool is_candidate(const void *owner, uint32_t id, enum scope scope)
{
    (void)scope;
    return ((const struct small_keyspace *)owner)->there[id];
}

static int sample(void *owner, int db, enum scope scope, int want, uint32_t *ids)
{
    struct small_keyspace *keyspace = owner;
    int got = 0;

    assert_int_not_equal(candidates(owner, db, scope), 0);
    while (got < want) {
        uint32_t id = (uint32_t)random_below(&keyspace->random, KEYS);

        if (!keyspace->there[id] || !in_database(id, db))
            continue;
        ids[got++] = id;
    }
    keyspace->offered += got;
    return got;
}

static uint64_t score_of(const struct policy_context *context, uint32_t id)
{
    return ((const struct small_keyspace *)context->keyspace)->score[id];
}

static const struct keyspace_view view = {.candidates = candidates, .is_candidate = is_candidate, .sample = sample};
static const struct policy_options five_samples = {.maxmemory_samples = 5};

static struct policy_context context_of(struct small_keyspace *keyspace, struct pool *pool)
{
    return (struct policy_context){.state = pool,
                                   .scope = SCOPE_ALLKEYS,
                                   .options = &five_samples,
                                   .keyspace = keyspace,
                                   .view = &view,
                                   .database_count = 2};
}

static void every_database_is_sampled_for_every_victim(void **state)
{
    struct small_keyspace keyspace = {.random = random_stream(random_seed())};
    struct pool pool = {0};
    struct policy_context context = context_of(&keyspace, &pool);

    (void)state;
    memset(keyspace.there, true, sizeof keyspace.there);
    for (int i = 0; i < 10; i++) {
        keyspace.offered = 0;
        assert_int_not_equal(pool_victim(&context, score_of), NO_KEY);
        assert_int_equal(keyspace.offered, 10);
    }
    memset(keyspace.there, false, KEYS / 2 * sizeof *keyspace.there);
    keyspace.offered = 0;
    pool_victim(&context, score_of);
    assert_true(keyspace.offered >= 5);
    memset(keyspace.there, false, sizeof keyspace.there);
    assert_int_equal(pool_victim(&context, score_of), NO_KEY);
}

/* More than fit on the stack; a sample holds no more keys than there are. */
static void a_sample_may_be_as_large_as_the_keyspace(void **state)
{
    static const struct policy_options many = {.maxmemory_samples = 1000000};
    struct small_keyspace keyspace = {.random = random_stream(random_seed())};
    struct pool pool = {0};
    struct policy_context context = context_of(&keyspace, &pool);

    (void)state;
    context.options = &many;
    memset(keyspace.there, true, sizeof keyspace.there);
    assert_int_not_equal(pool_victim(&context, score_of), NO_KEY);
    assert_int_equal(keyspace.offered, KEYS);
    context.parameters[0] = 100; /* of the policy: before maxmemory-samples */
    keyspace.offered = 0;
    assert_int_not_equal(pool_victim(&context, score_of), NO_KEY);
    assert_int_equal(keyspace.offered, KEYS);
}

static void ghosts_are_passed_over(void **state)
{
    struct small_keyspace keyspace = {.random = random_stream(random_seed())};
    struct pool pool = {0};
    struct policy_context context = context_of(&keyspace, &pool);
    struct pool ghosts = {.count = 3, .score = {100, 200, 300}, .id = {1, 2, 3}};

    (void)state;
    keyspace.there[2] = keyspace.there[7] = true;
    pool = ghosts;
    assert_int_equal(pool_victim(&context, score_of), 2); /* 3 is gone */
    keyspace.there[2] = false;
    pool = ghosts;
    assert_int_equal(pool_victim(&context, score_of), 7); /* all three are */
}

static void a_score_stays_what_it_was_when_its_key_was_offered(void **state)
{
    struct small_keyspace keyspace = {.random = random_stream(random_seed())};
    struct pool pool = {.count = 1, .score = {500}, .id = {9}};
    struct policy_context context = context_of(&keyspace, &pool);

    (void)state;
    keyspace.there[9] = keyspace.there[10] = true;
    keyspace.score[10] = 400; /* 9 has been touched: its score would now be 0 */
    assert_int_equal(pool_victim(&context, score_of), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pool_is_kept_in_ascending_order),
        cmocka_unit_test(a_new_key_goes_before_its_equals),
        cmocka_unit_test(the_same_key_may_be_there_twice),
        cmocka_unit_test(a_full_pool_drops_its_lowest),
        cmocka_unit_test(a_full_pool_refuses_what_is_no_better_than_its_lowest),
        cmocka_unit_test(the_pool_follows_the_rules_taken_literally),
        cmocka_unit_test(every_database_is_sampled_for_every_victim),
        cmocka_unit_test(a_sample_may_be_as_large_as_the_keyspace),
        cmocka_unit_test(ghosts_are_passed_over),
        cmocka_unit_test(a_score_stays_what_it_was_when_its_key_was_offered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
