/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ttl_advisor: the curve of hits over the ttl is what simulations with that ttl give, for each prefix; its bytes are those
 * of a life that can be followed by hand; its knee is found. */
#include "sim/advice/change.h"
#include "sim/advice/ttl_advisor.h"
#include "sim/alloc.h"
#include "sim/census.h"
#include "sim/engine/replay.h"
#include "sim/input/groups.h"
#include "sim/output.h"
#include "sim/server/registry.h"
#include "policies/registry.h"
#include "tests/support_random.h"
#include "tests/support_run.h"
#include "traces/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Reads and writes of two prefixes; some writes leave a ttl as it is, some keys have one of their own. */
static void write_trace(const char *path, struct random *random)
{
    FILE *out = fopen(path, "w");
    static const char *const prefixes[] = {"page", "user"};

    assert_non_null(out);
    fputs("time,op,key,value_size,ttl\n", out);
    for (int i = 0; i < 20000; i++) {
        uint64_t draw = random_below(random, 20), key = random_below(random, 300) * random_below(random, 3) / 2;
        const char *prefix = prefixes[random_below(random, 2)];

        if (draw < 13)
            fprintf(out, "%.1f,get,%s:%ju,%ju,\n", i * 0.7, prefix, (uintmax_t)key, (uintmax_t)(100 + key));
        else if (draw < 17)
            fprintf(out, "%.1f,set,%s:%ju,%ju,\n", i * 0.7, prefix, (uintmax_t)key, (uintmax_t)(100 + key));
        else if (draw < 18)
            fprintf(out, "%.1f,append,%s:%ju,3,\n", i * 0.7, prefix, (uintmax_t)key);
        else if (draw < 19)
            fprintf(out, "%.1f,del,%s:%ju,,\n", i * 0.7, prefix, (uintmax_t)key);
        else if (key % 3 == 0)
            fprintf(out, "%.1f,set,%s:%ju,50,900\n", i * 0.7, prefix, (uintmax_t)key);
    }
    assert_int_equal(fclose(out), 0);
}

static const struct group *group_named(const struct result *result, const char *name)
{
    for (size_t i = 0; i < result->group_count; i++)
        if (!strcmp(result->groups[i].name, name))
            return &result->groups[i];
    fail_msg("no group %s", name);
    return NULL;
}

static const struct ttl_curve *curve_named(const struct ttl_curves *curves, const char *name)
{
    for (size_t g = 0; g < curves->group_count; g++)
        if (curves->groups[g].name && !strcmp(curves->groups[g].name, name))
            return &curves->groups[g];
    fail_msg("no curve %s", name);
    return NULL;
}

static int place_of(int64_t seconds)
{
    for (int i = 0; i < TTL_CURVE_POINTS; i++)
        if (ttl_curve_seconds[i] == seconds)
            return i;
    fail_msg("no point at %jd s", (intmax_t)seconds);
    return 0;
}

enum { TTLS = 4 };

static void curves_are_what_simulations_give(enum on_miss on_miss)
{
    static const int64_t ttls[TTLS] = {60, 300, 1800, 7200};
    struct random random = random_stream(random_seed());
    char *folder = support_directory(), *path = output_path(folder, "trace.csv");
    struct error error = {0};
    struct group_rule *rule = group_rule_parse("prefix", ":", &error);
    struct ttl_curves curves;
    struct census census = {.ttls = &curves};
    struct simulation_options options[TTLS + 1] = {{.census = &census}};
    struct change_patterns patterns = {0};
    struct changes changes[TTLS] = {{.count = 0}};
    struct change_rules rules[TTLS];
    struct cell_config cells[TTLS + 1];
    struct replay_plan plan = {.trace = {.path = path},
                               .choose_format = format_choose,
                               .cells = cells,
                               .cell_count = TTLS + 1,
                               .by = rule,
                               .on_miss = on_miss,
                               .workers = 2};
    struct run run = {0};

    write_trace(path, &random);
    ttl_curves_init(&curves, GROUPS_MOST);
    for (int i = 0; i <= TTLS; i++) {
        redis_config_init(&options[i].redis);
        cells[i] = (struct cell_config){.server = server_find("redis-7.0.15"),
                                        .policy = policy_find("noeviction"),
                                        .seed = 1,
                                        .options = &options[i]};
        if (!i)
            continue;
        assert_int_equal(change_ttl(&changes[i - 1], "page:*", ttls[i - 1] * 1000, &patterns, &error), 0);
        change_apply(&changes[i - 1], &cells[i], &options[i], &rules[i - 1]);
    }
    plan.ttl_patterns = patterns.list;
    plan.ttl_pattern_count = patterns.count;
    if (replay_run(&plan, &run, &error))
        fail_msg("%s", error.text);
    for (int i = 0; i <= TTLS; i++) {
        const struct ttl_curve *page = curve_named(&curves, "page"), *user = curve_named(&curves, "user");
        uint64_t hits = group_named(&run.results[i], "page")->hits;

        assert_true(hits == (uint64_t)(i ? page->hits_at[place_of(ttls[i - 1])] : page->hits));
        assert_true(group_named(&run.results[i], "user")->hits == (uint64_t)user->hits);
    }
    for (int i = 0; i < TTLS; i++)
        change_release(&changes[i]);
    run_release(&run);
    ttl_curves_release(&curves);
    census_release(&census);
    group_rule_free(rule);
    support_remove(folder);
    free(path);
    free(folder);
}

static void curves_of_a_store(void **state)
{
    (void)state;
    curves_are_what_simulations_give(ON_MISS_NONE);
}

static void curves_of_a_cache(void **state)
{
    (void)state;
    curves_are_what_simulations_give(ON_MISS_FILL);
}

static struct ttl_event event_at(int64_t seconds, uint64_t bytes)
{
    return (struct ttl_event){.id = 7, .now_us = seconds * 1000000, .bytes = bytes};
}

/* Written at 0 with 1000 bytes, read at 50 and 55, written anew at 100 with 500 bytes, deleted at 400. */
static void a_life_by_hand(void **state)
{
    struct ttl_curves curves;
    struct ttl_event event = event_at(0, 1000);
    const struct ttl_curve *curve;

    (void)state;
    ttl_curves_init(&curves, 1);
    assert_true(ttl_curves_follow(&curves, 7));
    event.is_write = event.takes_ttl = true;
    ttl_curves_see(&curves, &event);
    for (int i = 0; i < 2; i++) {
        event = event_at(50 + 5 * i, 1000);
        event.is_read = true;
        ttl_curves_see(&curves, &event);
    }
    event = event_at(100, 500);
    event.is_write = event.takes_ttl = true;
    ttl_curves_see(&curves, &event);
    event = event_at(400, 0);
    ttl_curves_see(&curves, &event);
    ttl_curves_finish(&curves, 1000 * 1000000);
    curve = &curves.groups[0];
    assert_true(curve->keys == 1 && curve->reads == 2 && curve->hits == 2);
    assert_true(curve->byte_us == 1e6 * (100 * 1000 + 300 * 500));
    assert_true(curve->byte_us_at[place_of(30)] == 1e6 * (30 * 1000 + 30 * 500));
    assert_true(curve->hits_at[place_of(30)] == 0 && curve->hits_at[place_of(60)] == 2);
    assert_true(curve->byte_us_at[place_of(300)] == curve->byte_us);
    assert_true(ttl_curve_gap(curve, 0.99) >= 50 && ttl_curve_gap(curve, 0.99) < 55);
    assert_true(ttl_curve_gap(curve, 0.5) >= 5 && ttl_curve_gap(curve, 0.5) < 5.5);
    ttl_curves_release(&curves);
}

/* Nearly all reads come within 20 s of the write, and keys stay for an hour: the knee is at 20 s. */
static void the_knee_is_found(void **state)
{
    struct ttl_curves curves;
    struct diagnosis diagnosis = {0};

    (void)state;
    ttl_curves_init(&curves, GROUPS_MOST);
    for (uint32_t id = 0; id < 1000; id++) {
        for (int64_t age = 0; age <= 3600; age = age ? age * 200 : 18) {
            struct ttl_event event = {.id = id,
                                      .group = GROUP_FIRST_NAMED,
                                      .now_us = (id + age) * 1000000,
                                      .bytes = 100,
                                      .is_write = !age,
                                      .takes_ttl = !age,
                                      .is_read = age > 0};

            assert_true(ttl_curves_follow(&curves, id));
            if (age < 3600 || id % 10 == 0)
                ttl_curves_see(&curves, &event);
        }
    }
    ttl_curves_finish(&curves, 5000 * INT64_C(1000000));
    curves.groups[GROUP_FIRST_NAMED].name = xstrdup("odd*name");
    ttl_advisor_advise(&diagnosis, &curves, ":", 5000 * INT64_C(1000000));
    assert_int_equal(diagnosis.ttl_count, 1);
    assert_string_equal(diagnosis.ttls[0].pattern, "odd\\*name:*");
    assert_int_equal(diagnosis.ttls[0].knee_s, 20);
    ttl_curves_release(&curves);
    fields_release(&ttl_advice_layout, &diagnosis.ttls[0]);
    free(diagnosis.ttls);
}

/* Of many keys a sample is followed, which stands for all of them. */
static void a_sample_stands_for_all(void **state)
{
    struct ttl_curves curves;
    uint32_t keys = 5 * TTL_CURVE_KEYS;

    (void)state;
    ttl_curves_init(&curves, 1);
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t id = 0; id < keys; id++) {
            struct ttl_event event = {
                .id = id, .now_us = pass * INT64_C(10000000), .bytes = 100, .is_write = !pass, .is_read = pass};

            if (ttl_curves_follow(&curves, id))
                ttl_curves_see(&curves, &event);
        }
    assert_true(curves.count <= TTL_CURVE_KEYS && curves.share < 0.25);
    assert_true(fabs(curves.groups[0].reads / keys - 1) < 0.03);
    assert_true(curves.groups[0].hits_at[place_of(5)] == 0);
    assert_true(fabs(curves.groups[0].hits_at[place_of(20)] / keys - 1) < 0.03);
    ttl_curves_release(&curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_by_hand),          cmocka_unit_test(curves_of_a_store),
        cmocka_unit_test(curves_of_a_cache),       cmocka_unit_test(the_knee_is_found),
        cmocka_unit_test(a_sample_stands_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
