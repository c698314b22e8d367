/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sketch: the errors that the sketch of frequencies may and may not make. */
#include "policies/sketch.h"
#include "tests/support_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 4000, MOST = 15 };

static void a_key_alone_is_counted_up_to_sixteen(void **state)
{
    struct sketch sketch;

    (void)state;
    sketch_init(&sketch, 1000, 4, true);
    assert_int_equal(sketch_count(&sketch, 7), 0);
    for (uint32_t times = 1; times < 40; times++) {
        sketch_add(&sketch, 7);
        assert_int_equal(sketch_count(&sketch, 7), times < 16 ? times : 16);
    }
    assert_int_equal(sketch_count(&sketch, 8), 0);
    sketch_release(&sketch);
}

/* Within a period and up to its limit, a count is never too low, and seldom too high. The number of keys grows
 * meanwhile, and the sketch with it. */
static void counts_are_never_too_low_and_seldom_too_high(void **state)
{
    static uint32_t times[KEYS];
    struct random random = random_start();
    struct sketch sketch;
    int too_high = 0;

    (void)state;
    memset(times, 0, sizeof times);
    sketch_init(&sketch, 1000, 4, false);
    for (uint32_t i = 0; i < 4 * KEYS; i++) {
        double u = random_unit(&random);
        uint32_t id = (uint32_t)(u * u * KEYS);

        sketch_expect(&sketch, 1 + i / 4, 1 + i / 4, KEYS);
        sketch_add(&sketch, id);
        times[id]++;
    }
    for (uint32_t id = 0; id < KEYS; id++) {
        uint32_t count = sketch_count(&sketch, id);

        assert_true(count >= (times[id] < MOST ? times[id] : MOST));
        too_high += count > times[id];
    }
    printf("%d of %d counts are too high\n", too_high, KEYS);
    assert_true(too_high < KEYS / 20);
    sketch_release(&sketch);
}

static void a_period_ends_by_halving_and_empties_the_doorkeeper(void **state)
{
    struct sketch sketch;

    (void)state;
    sketch_init(&sketch, 2, 4, true);
    sketch_expect(&sketch, 100, 100, 100);
    for (uint32_t i = 0; i < 9; i++)
        sketch_add(&sketch, 1);
    sketch_add(&sketch, 2);
    for (uint32_t i = 0; i < 189; i++) {
        assert_int_equal(sketch_count(&sketch, 1), 9);
        sketch_add(&sketch, 3);
    }
    assert_int_equal(sketch_count(&sketch, 2), 1);
    sketch_add(&sketch, 3);                        /* the 200th */
    assert_int_equal(sketch_count(&sketch, 1), 4); /* 8 in the counters */
    assert_int_equal(sketch_count(&sketch, 2), 0);
    sketch_release(&sketch);
}

/* Keys that are asked for once do not reach the counters. */
static void the_doorkeeper_keeps_single_requests_from_the_counters(void **state)
{
    struct sketch sketches[2];
    uint32_t too_high[2] = {0, 0};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        sketch_init(&sketches[i], 1000, 0.5, i);
        sketch_expect(&sketches[i], KEYS, KEYS, KEYS);
        for (uint32_t id = 0; id < KEYS; id++)
            sketch_add(&sketches[i], id);
        for (uint32_t id = 0; id < KEYS; id++)
            too_high[i] += sketch_count(&sketches[i], id) > 1;
        sketch_release(&sketches[i]);
    }
    printf("too high: %u without, %u with a doorkeeper\n", too_high[0], too_high[1]);
    assert_true(too_high[1] * 5 < too_high[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_alone_is_counted_up_to_sixteen),
        cmocka_unit_test(counts_are_never_too_low_and_seldom_too_high),
        cmocka_unit_test(a_period_ends_by_halving_and_empties_the_doorkeeper),
        cmocka_unit_test(the_doorkeeper_keeps_single_requests_from_the_counters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
