/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_size: answers of evsim size on recorded traces. Other seeds meet the goals at the answer, and do not with 3 % less;
 * the answer does not depend on the number of threads; a window's answer is what a curve says of that window. */
#include "policies/registry.h"
#include "sim/advice/ladder.h"
#include "sim/advice/size.h"
#include "sim/alloc.h"
#include "sim/server/registry.h"
#include "traces/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRESH = 6, POLICIES = 3 };

static const char *const names[POLICIES] = {"allkeys-lru", "volatile-ttl", "noeviction"};

/* The trace in EVSIM_SHARED; the running test is skipped if it is not there. */
static char *shared_trace(const char *name)
{
    const char *shared = getenv("EVSIM_SHARED");
    char *path;

    if (asprintf(&path, "%s/%s", shared ? shared : "../shared", name) < 0)
        abort();
    if (access(path, R_OK)) {
        print_message("skipped: %s is not there\n", path);
        free(path);
        skip();
    }
    return path;
}

struct asked {
    struct named_policy policies[POLICIES];
    const struct server *server;
    struct size_request request;
    struct sizing sizing;
};

static struct asked *ask(const char *trace, const char *goals, uint64_t seeds, uint64_t windows, int workers)
{
    struct asked *asked = xcalloc(1, sizeof *asked);
    struct error error = {0};

    asked->server = server_find("redis-7.0.15");
    asked->sizing.version = xstrdup("");
    asked->sizing.run.version = xstrdup("");
    asked->sizing.run.command = xstrdup("");
    for (size_t i = 0; i < POLICIES; i++)
        asked->policies[i].policy = policy_find(names[i]);
    asked->request = (struct size_request){
        .plan = {.trace = {.path = trace}, .choose_format = format_choose, .on_miss = ON_MISS_AUTO, .workers = workers},
        .grid = {.servers = &asked->server,
                 .server_count = 1,
                 .policies = asked->policies,
                 .policy_count = POLICIES,
                 .first_seed = 1,
                 .seeds = seeds},
        .precision = 0.01,
        .windows = windows,
        .headroom = {.save_bytes_per_s = 100 << 20},
        .price = NAN,
    };
    redis_config_init(&asked->request.plan.options.redis);
    assert_int_equal(goals_scan(&asked->request.goals, goals, &error), 0);
    if (size_make(&asked->request, &asked->sizing, &error))
        fail_msg("%s", error.text);
    return asked;
}

static void forget(struct asked *asked)
{
    sizing_release(&asked->sizing);
    free(asked);
}

/* Replays a policy at a size with `count` seeds from `seed` on. */
static struct run replay(const struct asked *asked, size_t policy, uint64_t size, uint64_t seed, uint64_t count)
{
    struct grid grid = asked->request.grid;
    struct replay_plan plan = asked->request.plan;
    struct run run = {0};
    struct cell_config *cells;
    struct error error = {0};

    grid.policies = &asked->policies[policy];
    grid.policy_count = 1;
    grid.sizes = &size;
    grid.size_count = 1;
    grid.first_seed = seed;
    grid.seeds = count;
    cells = grid_cells(&grid);
    plan.cells = cells;
    plan.cell_count = grid_count(&grid);
    if (asked->request.windows)
        plan.options.interval_us =
            (asked->sizing.run.duration_us + (int64_t)asked->request.windows - 1) / (int64_t)asked->request.windows;
    if (replay_run(&plan, &run, &error))
        fail_msg("%s", error.text);
    free(cells);
    return run;
}

static int fresh_that_meet(const struct asked *asked, size_t policy, uint64_t size)
{
    struct run run = replay(asked, policy, size, 5001, FRESH);
    const struct goals *goals = &asked->request.goals;
    int meet = 0;

    for (size_t i = 0; i < run.result_count; i++) {
        bool all = true;

        for (size_t g = 0; g < goals->count; g++)
            all &= goal_meets(&goals->goals[g], goal_value(&goals->goals[g], &run.results[i], run.duration_us));
        meet += all;
    }
    run_release(&run);
    return meet;
}

static void expect_answers(const char *name, const char *goals)
{
    char *trace = shared_trace(name);
    struct asked *asked = ask(trace, goals, 0, 0, 2);

    for (size_t i = 0; i < POLICIES; i++) {
        uint64_t size = asked->sizing.lines[i].maxmemory;
        int at, below;

        assert_true(asked->sizing.lines[i].found);
        at = fresh_that_meet(asked, i, size);
        below = fresh_that_meet(asked, i, (uint64_t)(0.97 * (double)size));
        if (at != FRESH || below)
            fail_msg("%s %s %s: %llu: %d of %d other seeds, 3 %% less: %d", name, goals, names[i],
                     (unsigned long long)size, at, FRESH, below);
    }
    forget(asked);
    free(trace);
}

static void test_cache(void **state)
{
    (void)state;
    expect_answers("golden/d1.csv.zst", "hit_ratio>=0.7,oom_rejections=0");
}

static void test_store(void **state)
{
    (void)state;
    expect_answers("golden/d2.csv.zst", "hit_ratio>=0.55");
}

static void test_large_values(void **state)
{
    (void)state;
    expect_answers("traces/sized/cloudPhysicsIO.oracleGeneral.bin.zst", "hit_ratio>=0.3");
}

static void test_threads(void **state)
{
    char *trace = shared_trace("golden/d1.csv.zst");
    struct asked *one = ask(trace, "hit_ratio>=0.6,evicted_keys/s<5", 2, 0, 1);
    struct asked *three = ask(trace, "hit_ratio>=0.6,evicted_keys/s<5", 2, 0, 3);

    (void)state;
    assert_true(fields_equal(&sizing_layout, &one->sizing, &three->sizing));
    forget(one);
    forget(three);
    free(trace);
}

static double window_ratio(const struct run *run, const struct sized_window *window)
{
    const struct curve *curve = &run->results[0].curve;
    uint64_t hits = 0, misses = 0;

    for (size_t i = 0; i < curve->count; i++) {
        const struct sample *sample = &curve->samples[i];

        if (sample->time_us == window->to_us) {
            hits += sample->hits;
            misses += sample->misses;
        }
        if (sample->time_us == window->from_us) {
            hits -= sample->hits;
            misses -= sample->misses;
        }
    }
    return (double)hits / (double)(hits + misses);
}

static void test_windows(void **state)
{
    char *trace = shared_trace("golden/d1.csv.zst");
    struct asked *asked = ask(trace, "hit_ratio>=0.7", 1, 4, 2);
    const struct sized_line *line = &asked->sizing.lines[0];
    struct ladder ladder = {.precision = 0.01};

    (void)state;
    assert_int_equal(line->window_count, 4);
    assert_false(line->windows[0].found); /* the server is empty when it begins */
    for (size_t w = 1; w < 4; w++) {
        struct run at = replay(asked, 0, line->windows[w].maxmemory, 1, 1);
        struct run below = replay(asked, 0, ladder_below(&ladder, line->windows[w].maxmemory), 1, 1);

        assert_true(line->windows[w].found);
        assert_true(window_ratio(&at, &line->windows[w]) >= 0.7);
        assert_true(window_ratio(&below, &line->windows[w]) < 0.7);
        run_release(&at);
        run_release(&below);
    }
    forget(asked);
    free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cache),   cmocka_unit_test(test_store),   cmocka_unit_test(test_large_values),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
