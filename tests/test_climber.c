/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_climber: the climber finds the top of a hill, and leaves it when the hill moves. */
#include "policies/climber.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { PERIOD = 10000 };

/* Periods in which hits are the fewer the farther the climber is from `top`. A first step is no jump. */
static void climb(struct climber *climber, double top, int periods)
{
    for (int i = 0; i < periods; i++) {
        int hits = (int)(PERIOD * (0.9 - 0.3 * fabs(climber->share - top)));

        for (int request = 0; request < PERIOD; request++)
            climber_note(climber, request < hits, PERIOD);
    }
}

static void it_comes_to_the_top_from_either_side(void **state)
{
    static const double starts[] = {0.01, 0.3, 0.6};

    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct climber climber;

        climber_init(&climber, starts[i], 0.0625);
        climb(&climber, 0.3, 150);
        assert_true(fabs(climber.share - 0.3) < 0.02);
    }
}

static void it_follows_when_the_hit_ratio_jumps(void **state)
{
    struct climber climber;

    (void)state;
    climber_init(&climber, 0.01, 0.0625);
    climb(&climber, 0.1, 300);
    assert_true(fabs(climber.share - 0.1) < 0.02);
    assert_true(fabs(climber.step) < 0.001);
    climb(&climber, 0.6, 150);
    assert_true(fabs(climber.share - 0.6) < 0.02);
}

static void it_stays_within_bounds(void **state)
{
    struct climber climber;

    (void)state;
    climber_init(&climber, 0.7, 0.0625);
    for (int i = 0; i < 100; i++) {
        climb(&climber, 2, 1);
        assert_true(climber.share >= 0 && climber.share <= 0.8);
    }
    assert_true(climber.share > 0.7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_to_the_top_from_either_side),
        cmocka_unit_test(it_follows_when_the_hit_ratio_jumps),
        cmocka_unit_test(it_stays_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
