/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_size_search: the search finds planted answers, in few trials, where more memory is always better and where it is
 * not; and it does not depend on a hint but for the number of trials. */
#include "sim/advice/search.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* What a size lacks of the goals, with a seed; above 0: it misses one. */
typedef double lack_fn(uint64_t size, uint64_t seed, size_t goal);

struct found {
    const struct size_trial *answer, *again;
    size_t trials, rounds;
};

/* Searches as size.c does. */
static struct found seek(struct size_search *search, lack_fn *lack)
{
    struct size_wanted wanted[SIZES_WANTED];
    struct found found = {0};
    size_t count;

    while ((count = size_search_next(search, wanted))) {
        found.rounds++;
        assert_true(found.rounds < 200);
        for (size_t i = 0; i < count; i++) {
            struct size_trial trial = {.size = wanted[i].size, .seeds = wanted[i].seeds, .meets = true};

            assert_true(wanted[i].size >= search->least && wanted[i].size <= search->most);
            assert_int_equal(ladder_up_to(&search->ladder, wanted[i].size), wanted[i].size);
            for (size_t g = 0; g < search->goals; g++)
                for (uint64_t s = 0; s < trial.seeds; s++) {
                    trial.lacks[g] = s ? fmax(trial.lacks[g], lack(trial.size, s, g)) : lack(trial.size, s, g);
                    trial.meets &= lack(trial.size, s, g) <= 0;
                }
            trial.misses = !trial.meets;
            found.trials++;
            size_search_found(search, &trial);
        }
    }
    found.answer = size_search_answer(search);
    found.again = size_search_misses_again(search);
    return found;
}

static struct size_search new_search(uint64_t hint, size_t goals)
{
    struct ladder ladder = {.precision = 0.01};

    return (struct size_search){.ladder = ladder,
                                .least = ladder_up_to(&ladder, 1 << 20),
                                .most = ladder_up_to(&ladder, UINT64_C(8) << 30),
                                .hint = hint,
                                .seeds = 3,
                                .goals = goals};
}

/* The smallest size of the ladder that meets the goals with every seed: by trying all. */
static uint64_t smallest(const struct size_search *search, lack_fn *lack)
{
    for (uint64_t size = search->least; size <= search->most; size = ladder_above(&search->ladder, size)) {
        bool meets = true;

        for (uint64_t s = 0; s < search->seeds; s++)
            for (size_t g = 0; g < search->goals; g++)
                meets &= lack(size, s, g) <= 0;
        if (meets)
            return size;
    }
    return 0;
}

/* A hit ratio that saturates, below 0.9 by so much. */
static double smooth(uint64_t size, uint64_t seed, size_t goal)
{
    (void)seed;
    (void)goal;
    return 0.9 - (1 - 1 / (1 + (double)size / (300 << 20)));
}

/* Likewise, and seeds differ. */
static double noisy(uint64_t size, uint64_t seed, size_t goal)
{
    return smooth(size, seed, goal) + 0.002 * (double)seed;
}

/* Refusals that end at a size: 0 and no less above it. */
static double kinked(uint64_t size, uint64_t seed, size_t goal)
{
    (void)seed;
    (void)goal;
    return size < 777000000 ? ceil((777000000.0 - (double)size) / 1000) : 0;
}

/* Two goals, the second of which decides. */
static double both(uint64_t size, uint64_t seed, size_t goal)
{
    return goal ? kinked(size, seed, 0) : (size < 100 << 20 ? 1 : -1);
}

/* All or nothing: no number between the ends says where. */
static double cliff(uint64_t size, uint64_t seed, size_t goal)
{
    (void)seed;
    (void)goal;
    return size < 123456789 ? 1 : -1;
}

static double never(uint64_t size, uint64_t seed, size_t goal)
{
    return smooth(size, seed, goal) + 0.5;
}

static double always(uint64_t size, uint64_t seed, size_t goal)
{
    (void)size;
    (void)seed;
    (void)goal;
    return -1;
}

static void expect_smallest(const char *name, lack_fn *lack, size_t goals, size_t most_trials,
                            size_t most_trials_hinted)
{
    uint64_t expected;

    for (int hinted = 0; hinted < 4; hinted++) {
        struct size_search search = new_search(0, goals);
        struct found found;

        expected = smallest(&search, lack);
        search.hint = (uint64_t)((hinted == 1 ? 1.0 : hinted == 2 ? 0.6 : 2.5) * (double)expected) * (hinted > 0);
        if (search.hint > search.most)
            search.hint = search.most;
        found = seek(&search, lack);
        assert_non_null(found.answer);
        assert_int_equal(found.answer->size, expected);
        assert_int_equal(found.answer->seeds, 3);
        assert_null(found.again);
        if (found.trials > (hinted == 1 ? most_trials_hinted : most_trials))
            fail_msg("%s, hint %d: %zu trials in %zu rounds", name, hinted, found.trials, found.rounds);
        size_search_release(&search);
    }
}

static void test_more_is_better(void **state)
{
    (void)state;
    expect_smallest("smooth", smooth, 1, 26, 11);
    expect_smallest("noisy", noisy, 1, 34, 20);
    expect_smallest("kinked", kinked, 1, 40, 22);
    expect_smallest("both", both, 2, 40, 22);
    expect_smallest("cliff", cliff, 1, 46, 26);
}

static void test_ends(void **state)
{
    struct size_search search = new_search(0, 1);
    struct found found = seek(&search, never);

    (void)state;
    assert_null(found.answer);
    assert_true(found.trials >= 7); /* the whole range was looked at */
    size_search_release(&search);
    search = new_search(UINT64_C(1) << 30, 1);
    found = seek(&search, never);
    assert_null(found.answer);
    assert_true(found.trials >= 7);
    size_search_release(&search);
    for (uint64_t hint = 0; hint <= 1 << 30; hint += 1 << 30) {
        search = new_search(hint, 1);
        found = seek(&search, always);
        assert_int_equal(found.answer->size, search.least);
        size_search_release(&search);
    }
}

/* It is met from 400 MB on, but not between 410 and 424 MB: what is 3 % above the answer misses again. */
static double hole(uint64_t size, uint64_t seed, size_t goal)
{
    (void)seed;
    (void)goal;
    return size < UINT64_C(400) << 20 || (size > UINT64_C(410) << 20 && size < UINT64_C(424) << 20) ? 1 : -1;
}

/* It is met from 400 MB on, and between 386 and 392 MB, too, which a search that halves may step over. */
static double island(uint64_t size, uint64_t seed, size_t goal)
{
    (void)seed;
    (void)goal;
    return size < UINT64_C(400) << 20 && !(size >= UINT64_C(386) << 20 && size < UINT64_C(392) << 20) ? 1 : -1;
}

/* It is met at small sizes only. */
static double inverse(uint64_t size, uint64_t seed, size_t goal)
{
    (void)seed;
    (void)goal;
    return size < UINT64_C(40) << 20 ? -1 : 1;
}

static void test_more_is_not_better(void **state)
{
    struct size_search search = new_search(0, 1);
    struct found found = seek(&search, hole);

    (void)state;
    assert_int_equal(found.answer->size, UINT64_C(400) << 20);
    assert_non_null(found.again);
    assert_true(found.again->size > UINT64_C(410) << 20 && found.again->size < UINT64_C(424) << 20);
    size_search_release(&search);

    search = new_search(0, 1);
    found = seek(&search, island);
    assert_int_equal(found.answer->size, UINT64_C(386) << 20);
    assert_non_null(found.again);
    assert_true(found.again->size >= UINT64_C(392) << 20 && found.again->size < UINT64_C(400) << 20);
    size_search_release(&search);

    search = new_search(0, 1);
    found = seek(&search, inverse);
    assert_int_equal(found.answer->size, search.least);
    assert_non_null(found.again);
    size_search_release(&search);
}

/* One seed meets the goal at sizes where the others do not: those are no answer. */
static double unlucky(uint64_t size, uint64_t seed, size_t goal)
{
    return smooth(size, seed, goal) + (seed == 2 ? 0.01 : 0);
}

static void test_every_seed(void **state)
{
    struct size_search search = new_search(0, 1);
    struct found found = seek(&search, unlucky);

    (void)state;
    assert_int_equal(found.answer->size, smallest(&search, unlucky));
    assert_int_equal(found.answer->seeds, 3);
    size_search_release(&search);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_is_better),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_more_is_not_better),
        cmocka_unit_test(test_every_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
