/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_goals: how goals are written, what is refused with which words, and what they compare. */
#include "sim/advice/goals.h"
#include "sim/advice/ladder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct goal scan_one(const char *text)
{
    struct goals goals;
    struct error error = {0};

    if (goals_scan(&goals, text, &error))
        fail_msg("%s: %s", text, error.text);
    assert_int_equal(goals.count, 1);
    return goals.goals[0];
}

static void refuse(const char *text, const char *because)
{
    struct goals goals;
    struct error error = {0};

    if (!goals_scan(&goals, text, &error))
        fail_msg("'%s' is taken", text);
    assert_int_equal(error.code, ERROR_USAGE);
    if (!strstr(error.text, because))
        fail_msg("'%s': %s", text, error.text);
}

static void test_grammar(void **state)
{
    struct goals goals;
    struct error error = {0};
    struct goal goal;

    (void)state;
    assert_int_equal(goals_scan(&goals, " hit_ratio >= 0.95 ,oom_rejections=0, evicted_keys/s<1e2", &error), 0);
    assert_int_equal(goals.count, 3);
    assert_string_equal(goals.goals[0].text, "hit_ratio>=0.95");
    assert_string_equal(goals.goals[0].name, "hit_ratio");
    assert_int_equal(goals.goals[0].compare, GOAL_AT_LEAST);
    assert_true(goals.goals[0].target == 0.95);
    assert_int_equal(goals.goals[1].counter, COUNTER_oom_rejections);
    assert_int_equal(goals.goals[1].compare, GOAL_EQUAL);
    assert_int_equal(goals.goals[2].measure, GOAL_COUNTER_RATE);
    assert_true(goals.goals[2].target == 100);
    goal = scan_one("byte_hit_ratio>95%");
    assert_int_equal(goal.compare, GOAL_ABOVE);
    assert_true(goal.target == 0.95);
    goal = scan_one("used_memory_peak<=500mb");
    assert_int_equal(goal.compare, GOAL_AT_MOST);
    assert_true(goal.target == 500.0 * 1024 * 1024);
    assert_int_equal(scan_one("evicted_keys/s@p99<5").measure, GOAL_EVICTED_P99);
    assert_int_equal(scan_one("misses/s@p99<5").measure, GOAL_MISSES_P99);
    assert_int_equal(scan_one("oom_rejections==0").compare, GOAL_EQUAL);
    assert_true(scan_one("oom_share<.01").target == 0.01);
}

/* Every counter is a goal by its name, and by its name per second. */
static void test_every_counter(void **state)
{
    char text[128];

    (void)state;
    for (int i = 0; i < COUNTER_COUNT; i++) {
        snprintf(text, sizeof text, "%s<=7", counter_fields[i].name);
        assert_int_equal(scan_one(text).counter, i);
        snprintf(text, sizeof text, "%s/s<=7", counter_fields[i].name);
        assert_int_equal(scan_one(text).counter, i);
        assert_int_equal(scan_one(text).measure, GOAL_COUNTER_RATE);
    }
}

static void test_refused(void **state)
{
    (void)state;
    refuse("", "a goal is empty");
    refuse("hit_ratio>=0.9,", "a goal is empty");
    refuse("hit_ratio", "compares nothing");
    refuse(">=0.5", "compares nothing");
    refuse("hit_ration>=0.5", "nothing is called 'hit_ration'");
    refuse("hit_ratio/s>=0.5", "nothing is called 'hit_ratio/s'");
    refuse("hits/s@p99<5", "rates of minutes are evicted_keys/s@p99");
    refuse("hit_ratio>=", "is not a number");
    refuse("hit_ratio>=x", "is not a number");
    refuse("hit_ratio>=0.9x", "is not a number");
    refuse("hit_ratio>=0x1", "is not a number");
    refuse("hit_ratio>=-0.1", "is not a number");
    refuse("hit_ratio>=nan", "is not a number");
    refuse("hit_ratio>=inf", "is not a number");
    refuse("hits>=1e999", "is not a number");
    refuse("hits>=95%", "is not a number");
    refuse("hits<5mb", "is not a number");
    refuse("used_memory_peak/s<5mb", "is not a number");
    refuse("hit_ratio>=95", "never 95");
    refuse("hit_ratio=<0.5", "is not a number");
    refuse("hit_ratio!=0.5", "nothing is called");
    refuse("hit_ratio>=0.9,hit_ratio>=0.9", "is there twice");
    refuse("oom_rejections<1111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
           "too long");
    refuse("h>1,h>2,h>3,h>4,h>5", "nothing is called 'h'");
    refuse("hits>1,hits>2,hits>3,hits>4,hits>5,hits>6,hits>7,hits>8,hits>9,hits>10,hits>11,hits>12,hits>13,hits>14,"
           "hits>15,hits>16,hits>17",
           "more than 16 goals");
}

static void test_values(void **state)
{
    struct result result = {.counters = {.reads = 200,
                                         .hits = 150,
                                         .misses = 50,
                                         .read_bytes = 1000,
                                         .hit_bytes = 900,
                                         .writes = 40,
                                         .oom_rejections = 10,
                                         .evicted_keys = 30},
                            .quality = {.evicted_keys_per_s_p99_minute = 4, .misses_per_s_p99_minute = 5}};
    struct result nothing = {0};
    struct goal goal = scan_one("hit_ratio>=0.75");

    (void)state;
    assert_true(goal_value(&goal, &result, 10000000) == 0.75);
    assert_true(goal_meets(&goal, 0.75));
    assert_false(goal_meets(&goal, 0.7499999));
    assert_true(goal_lack(&goal, 0.5) == 0.25);
    assert_true(isnan(goal_value(&goal, &nothing, 10000000)));
    assert_false(goal_meets(&goal, NAN));
    goal = scan_one("hit_ratio>0.75");
    assert_false(goal_meets(&goal, 0.75));
    goal = scan_one("byte_hit_ratio>=0.9");
    assert_true(goal_value(&goal, &result, 10000000) == 0.9);
    goal = scan_one("oom_share<0.25");
    assert_true(goal_value(&goal, &result, 10000000) == 0.25);
    assert_false(goal_meets(&goal, 0.25));
    goal = scan_one("evicted_keys<=30");
    assert_true(goal_meets(&goal, goal_value(&goal, &result, 10000000)));
    goal = scan_one("evicted_keys/s<=3");
    assert_true(goal_value(&goal, &result, 10000000) == 3);
    assert_true(isnan(goal_value(&goal, &result, 0)));
    goal = scan_one("evicted_keys/s@p99<=4");
    assert_true(goal_value(&goal, &result, 10000000) == 4);
    goal = scan_one("misses/s@p99<=4");
    assert_true(goal_value(&goal, &result, 10000000) == 5);
    goal = scan_one("oom_rejections=0");
    assert_true(goal_lack(&goal, 10) == 10);
    assert_true(goal_meets(&goal, 0));
}

static void test_windows(void **state)
{
    struct sample from = {.time_us = 5000000, .hits = 10, .misses = 10, .evicted_keys = 3, .oom_rejections = 1};
    struct sample to = {.time_us = 15000000, .hits = 40, .misses = 20, .evicted_keys = 23, .oom_rejections = 1};
    struct goal goal = scan_one("hit_ratio>=0.5");

    (void)state;
    assert_true(goal_window_value(&goal, &from, &to) == 0.75);
    assert_true(isnan(goal_window_value(&goal, &from, &from)));
    assert_true(fabs(goal_window_value(&goal, NULL, &to) - 40.0 / 60) < 1e-12);
    goal = scan_one("evicted_keys/s<1");
    assert_true(goal_window_value(&goal, &from, &to) == 2);
    goal = scan_one("oom_rejections=0");
    assert_true(goal_window_value(&goal, &from, &to) == 0);
    assert_true(goal_window_value(&goal, NULL, &to) == 1);
    goal = scan_one("byte_hit_ratio>=0.5");
    assert_false(goal_has_windows(&goal));
    goal = scan_one("writes>=5");
    assert_false(goal_has_windows(&goal));
    goal = scan_one("misses/s@p99<5");
    assert_false(goal_has_windows(&goal));
}

/* Neighbours on a ladder lie no further apart than the precision, both ways name the same sizes, and every one can be
 * typed with a unit and few digits. */
static void test_ladder(void **state)
{
    static const double precisions[] = {0.5, 0.05, 0.01, 0.001};

    (void)state;
    for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++)
        for (int objects = 0; objects < 2; objects++) {
            struct ladder ladder = {precisions[p], objects};
            uint64_t size = 1;

            for (int i = 0; i < 20000 && size < UINT64_C(1) << 45; i++) {
                uint64_t next = ladder_above(&ladder, size);

                assert_true(next > size);
                assert_true(next - size == 1 || (double)(next - size) <= 1.0001 * precisions[p] * (double)next);
                assert_int_equal(ladder_below(&ladder, next), size);
                assert_int_equal(ladder_up_to(&ladder, next), next);
                assert_int_equal(ladder_down_to(&ladder, next), next);
                assert_int_equal(ladder_up_to(&ladder, size + 1), next);
                assert_int_equal(ladder_down_to(&ladder, next - 1), size);
                size = next;
            }
        }
    assert_int_equal(ladder_up_to(&(struct ladder){0.01, false}, 8 << 20), 8200 << 10);
    assert_int_equal(ladder_up_to(&(struct ladder){0.01, false}, 3000000000), UINT64_C(2880) << 20);
    assert_int_equal(ladder_up_to(&(struct ladder){0.01, true}, 123456), 124000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar), cmocka_unit_test(test_every_counter), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_windows),       cmocka_unit_test(test_ladder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
