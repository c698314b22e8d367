/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_size_live: what evsim size answers for the trace d1 holds on the installed redis-server, in virtual time, and 3 %
 * less memory does not do. */
#include "policies/registry.h"
#include "sim/advice/size.h"
#include "sim/live/play.h"
#include "sim/live/script.h"
#include "sim/server/registry.h"
#include "tests/support_installed.h"
#include "tests/support_run.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RUNS = 3, INFO_EVERY_US = 60000000 };

static const struct {
    const char *policy, *goals;
} asked[] = {
    {"allkeys-lru", "hit_ratio>=0.6,oom_rejections=0"},
    {"volatile-ttl", "hit_ratio>=0.65"},
    {"noeviction", "oom_rejections=0"},
};
enum { ASKED = sizeof asked / sizeof *asked };

static uint64_t answer(const char *trace, const char *server_name, size_t which, struct goals *goals)
{
    const struct policy *policy = policy_find(asked[which].policy);
    const struct server *server = server_find(server_name);
    struct named_policy named = {.policy = policy};
    struct size_request request = {
        .plan = {.trace = {.path = trace},
                 .choose_format = format_choose,
                 .options = {.info_every_us = INFO_EVERY_US},
                 .on_miss = ON_MISS_FILL,
                 .workers = 2},
        .grid = {.servers = &server, .server_count = 1, .policies = &named, .policy_count = 1, .first_seed = 1},
        .precision = 0.01,
    };
    struct sizing sizing = {.version = strdup(""), .run = {.version = strdup(""), .command = strdup("")}};
    struct error error = {0};
    uint64_t size;

    assert_int_equal(goals_scan(&request.goals, asked[which].goals, &error), 0);
    *goals = request.goals;
    redis_config_init(&request.plan.options.redis);
    if (size_make(&request, &sizing, &error))
        fail_msg("%s", error.text);
    assert_true(sizing.lines[0].found);
    size = sizing.lines[0].maxmemory;
    sizing_release(&sizing);
    return size;
}

static void write_script(const char *trace, const char *script)
{
    struct trace_request request = {.path = trace};
    struct script_options options = {.fill = true, .info_every_us = INFO_EVERY_US, .hz = 10};
    struct error error = {0};

    if (script_write(script, format_choose, &request, &options, &error))
        fail_msg("%s", error.text);
}

/* How many of the runs meet all goals. */
static int runs_that_meet(const struct play_run *runs, const struct goals *goals)
{
    int meet = 0;

    for (int i = 0; i < RUNS; i++) {
        struct result result = {.counters = runs[i].counters};
        bool all = true;

        for (size_t g = 0; g < goals->count; g++)
            all &= goal_meets(&goals->goals[g], goal_value(&goals->goals[g], &result, 1));
        meet += all;
    }
    return meet;
}

static void answers_hold_on_the_server(void **state)
{
    const char *shared = getenv("EVSIM_SHARED");
    struct program program;
    char trace[4096], *directory, script[4200], runs_in[4200];

    (void)state;
    snprintf(trace, sizeof trace, "%s/golden/d1.csv.zst", shared ? shared : "../shared");
    if (access(trace, R_OK)) {
        print_message("skipped: %s is not there\n", trace);
        skip();
    }
    find_installed_server(&program);
    directory = support_directory();
    snprintf(script, sizeof script, "%s/script", directory);
    write_script(trace, script);
    for (size_t which = 0; which < ASKED; which++) {
        struct goals goals;
        uint64_t size = answer(trace, program.server, which, &goals);
        struct play_run runs[2 * RUNS];
        struct play play = {.program = &program, .parallel = 2, .directory = runs_in};
        struct error error = {0};
        int at, below;

        for (size_t i = 0; i < 2 * RUNS; i++)
            runs[i] = (struct play_run){.script = script,
                                        .policy = asked[which].policy,
                                        .maxmemory = i < RUNS ? size : (uint64_t)(0.97 * (double)size)};
        snprintf(runs_in, sizeof runs_in, "%s/%s", directory, asked[which].policy);
        assert_int_equal(mkdir(runs_in, 0700), 0);
        if (play_runs(&play, runs, 2 * RUNS, &error))
            fail_msg("%s", error.text);
        at = runs_that_meet(runs, &goals);
        below = runs_that_meet(runs + RUNS, &goals);
        print_message("%s %s: %s at %llu: %d of %d runs, 3 %% less: %d\n", program.server, asked[which].policy,
                      asked[which].goals, (unsigned long long)size, at, RUNS, below);
        assert_int_equal(at, RUNS);
        assert_int_equal(below, 0);
        for (size_t i = 0; i < 2 * RUNS; i++)
            play_run_release(&runs[i]);
    }
    support_remove(directory);
    free(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_hold_on_the_server)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
