/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_applications_live: captures of applications (tests/data/applications) with too little memory, in the installed
 * redis-server (or REDIS_SERVER) and in its model. This is a short run of what fidelity/live_server does with captures. */
#include "sim/server/profile.h"
#include "sim/server/registry.h"
#include "tests/fidelity/support_live.h"
#include "tests/support_installed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 4, SEEDS = 12, SEED = 20231114 };

static const char *const tested_policies[] = {"noeviction", "allkeys-lru", "volatile-ttl", NULL};

static void report_differences(const struct live_workload *workload, const struct live_cell *cell, unsigned seed)
{
    for (int which = 0; which < LIVE_COUNTS; which++)
        if (cell->significant[which])
            printf("%s %s %s: server %.1f +- %.1f, evsim %.1f +- %.1f, p %.2g (seed %u)\n", workload->name,
                   cell->policy, live_count_names[which], cell->server[which].mean, cell->server[which].sd,
                   cell->evsim[which].mean, cell->evsim[which].sd, cell->tests[which].p, seed);
}

static bool counts_lua(const char *server)
{
    const struct server_profile *profile = server_find(server)->profile;

    return profile->counts_lua;
}

/* The capture lasts `stretch` times as long as it did, so that keys expire. Of a server in whose used_memory the heap of Lua
 * is, scripts are left out: how large that is, until its collector runs, is only estimated. */
static void compare(const char *capture, double stretch, bool has_scripts)
{
    const char *seed = getenv("EVSIM_TEST_SEED");
    struct live_options options = {
        .policies = tested_policies,
        .runs = RUNS,
        .seeds = SEEDS,
        .seed = seed ? (uint32_t)strtoul(seed, NULL, 10) : SEED,
        .captures = (const char *[]){capture, NULL},
        .stretch = stretch,
        .share = 0.45,
        .level = 0.001,
    };
    struct live_report report;
    struct error error = {0};

    find_installed_server(&options.program);
    if (has_scripts && counts_lua(options.program.server)) {
        printf("skipped: %s counts the heap of Lua\n", options.program.server);
        skip();
    }
    options.model = options.program.server;
    if (live_run(&options, &report, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < report.cell_count; i++) {
        const struct live_cell *cell = &report.workloads[0].cells[i];

        report_differences(&report.workloads[0], cell, options.seed);
        assert_true(cell->reads > 0);
        assert_true(cell->evsim[LIVE_EVICTED].mean + cell->evsim[LIVE_OOM].mean > 0);
    }
    assert_int_equal(report.significant, 0);
    live_report_release(&report);
}

static void sessions(void **state)
{
    (void)state;
    compare("tests/data/applications/sessions.monitor.zst", 10, false);
}

static void rate_limiter(void **state)
{
    (void)state;
    compare("tests/data/applications/rate_limiter.monitor.zst", 5, true);
}

static void job_queue(void **state)
{
    (void)state;
    compare("tests/data/applications/job_queue.monitor.zst", 1, true);
}

static void cache_aside(void **state)
{
    (void)state;
    compare("tests/data/applications/cache_aside.monitor.zst", 5, false);
}

/* A feed's entries are acknowledged by their ids, which have the time in them. */
static void leaderboard(void **state)
{
    (void)state;
    compare("tests/data/applications/leaderboard.monitor.zst", 1, false);
}

/* Libraries whose scripts do nearly all, on hashes, sorted sets and strings with ttls; some subscribe. */
static void limits(void **state)
{
    (void)state;
    compare("tests/data/applications/limits.monitor.zst", 2, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions),    cmocka_unit_test(rate_limiter), cmocka_unit_test(job_queue),
        cmocka_unit_test(cache_aside), cmocka_unit_test(leaderboard),  cmocka_unit_test(limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
