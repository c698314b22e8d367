/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_doctor_live: what evsim doctor advises for planted causes holds on the installed redis-server, in virtual time: the
 * server as it is refuses writes, with the first remedy and with the least maxmemory it refuses none, with a step less it
 * does; and the hit ratio is the predicted one to 0.3 points. */
#include "policies/registry.h"
#include "sim/advice/doctor.h"
#include "sim/advice/ladder.h"
#include "sim/live/play.h"
#include "sim/live/script.h"
#include "sim/server/registry.h"
#include "sim/units.h"
#include "tests/support_installed.h"
#include "tests/support_run.h"
#include "tests/support_sick.h"
#include "traces/registry.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { INFO_EVERY_US = 60000000, CONFIGURATIONS = 4 };

/* Those that refuse writes, and whose traffic a server can be sent. */
static const char *const played[] = {"noeviction", "few ttls", "outgrown", "large keys", "appends"};
enum { PLAYED = sizeof played / sizeof *played };

static const struct sick *planted_as(const char *name)
{
    for (size_t i = 0; i < sick_count; i++)
        if (!strcmp(sick[i].name, name))
            return &sick[i];
    fail_msg("nothing is planted as %s", name);
    return NULL;
}

static struct diagnosis diagnose(const struct sick *planted, const char *trace, const char *server)
{
    const struct policy *own[32];
    char size[32], name[32];
    struct doctor_request request = {
        .plan = {.trace = {.path = trace},
                 .choose_format = format_choose,
                 .options = {.info_every_us = INFO_EVERY_US},
                 .on_miss = ON_MISS_NONE,
                 .workers = 2},
        .server = server_find(server),
        .first_seed = 1,
        .seeds = 5,
        .separator = ":",
        .policies = own,
    };
    struct diagnosis diagnosis = {.version = strdup(""), .run = {.version = strdup(""), .command = strdup("")}};
    struct error error = {0};

    assert_int_equal(sscanf(planted->options, "-m %31s -p %31s", size, name), 2);
    assert_true(scan_bytes(size, &request.maxmemory));
    request.policy.policy = policy_find(name);
    for (size_t i = 0; i < policy_count; i++)
        if (request.server->model->has_policy(request.server, policies[i]))
            own[request.policy_count++] = policies[i];
    redis_config_init(&request.plan.options.redis);
    if (doctor_make(&request, &diagnosis, &error))
        fail_msg("%s: %s", planted->name, error.text);
    return diagnosis;
}

static void write_files(const struct sick *planted, const char *trace, const char *script)
{
    struct trace_request request = {.path = trace};
    struct script_options options = {.info_every_us = INFO_EVERY_US, .hz = 10};
    FILE *out = fopen(trace, "w");
    struct error error = {0};

    assert_non_null(out);
    planted->write(out);
    assert_int_equal(fclose(out), 0);
    if (script_write(script, format_choose, &request, &options, &error))
        fail_msg("%s: %s", planted->name, error.text);
}

/* The first remedy that is another policy, or more memory: what the server is played with. */
static const struct tried *first_setting(const struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        if (diagnosis->remedies[i].parts == 1 && !strncmp(diagnosis->remedies[i].name, "maxmemory", 9) &&
            strncmp(diagnosis->remedies[i].name, "maxmemory-samples", 17) != 0)
            return &diagnosis->remedies[i];
    return NULL;
}

static const struct tried *of_size(const struct diagnosis *diagnosis, uint64_t maxmemory)
{
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        if (diagnosis->remedies[i].maxmemory == maxmemory)
            return &diagnosis->remedies[i];
    return NULL;
}

static void check_run(const struct sick *planted, const struct play_run *run, const struct tried *predicted)
{
    double ratio;
    uint64_t reads = run->counters.hits + run->counters.misses;

    ratio = reads ? (double)run->counters.hits / (double)reads : NAN;
    print_message("%s: %s %ju: the server refuses %ju (evsim %.0f), hits %.2f %% (evsim %.2f %%)\n", planted->name,
                  run->policy, (uintmax_t)run->maxmemory, (uintmax_t)run->counters.oom_rejections,
                  predicted->oom_rejections.mean, 100 * ratio, 100 * predicted->hit_ratio.mean);
    assert_int_equal(run->counters.oom_rejections > 0, predicted->oom_rejections.mean > 0);
    if (reads)
        assert_true(fabs(ratio - predicted->hit_ratio.mean) < 0.003);
}

static void check_planted(const struct sick *planted, const struct program *program, const char *directory)
{
    const struct ladder ladder = {.precision = 0.01};
    struct play_run runs[CONFIGURATIONS] = {{0}};
    char runs_in[4200], trace[4300], script[4300];
    struct play play = {.program = program, .parallel = 2, .directory = runs_in};
    struct diagnosis diagnosis;
    const struct tried *first, *least;
    struct error error = {0};

    snprintf(runs_in, sizeof runs_in, "%s/%s", directory, planted->name);
    snprintf(trace, sizeof trace, "%s.csv", runs_in);
    snprintf(script, sizeof script, "%s.script", runs_in);
    assert_int_equal(mkdir(runs_in, 0700), 0);
    write_files(planted, trace, script);
    diagnosis = diagnose(planted, trace, program->server);
    first = first_setting(&diagnosis);
    least = of_size(&diagnosis, diagnosis.enough);
    assert_true(first && first->ends_it && least && least->ends_it);
    runs[0] = (struct play_run){.script = script, .policy = diagnosis.policy, .maxmemory = diagnosis.maxmemory};
    runs[1] = (struct play_run){.script = script, .policy = first->policy, .maxmemory = first->maxmemory};
    runs[2] = (struct play_run){.script = script, .policy = least->policy, .maxmemory = least->maxmemory};
    runs[3] = runs[2];
    runs[3].maxmemory = ladder_below(&ladder, least->maxmemory);
    if (play_runs(&play, runs, CONFIGURATIONS, &error))
        fail_msg("%s: %s", planted->name, error.text);
    check_run(planted, &runs[0], &diagnosis.now);
    check_run(planted, &runs[1], first);
    check_run(planted, &runs[2], least);
    print_message("%s: a step less, %ju: the server refuses %ju\n", planted->name, (uintmax_t)runs[3].maxmemory,
                  (uintmax_t)runs[3].counters.oom_rejections);
    assert_true(runs[3].counters.oom_rejections > 0);
    for (size_t i = 0; i < CONFIGURATIONS; i++)
        play_run_release(&runs[i]);
    diagnosis_release(&diagnosis);
}

static void advice_holds_on_the_server(void **state)
{
    struct program program;
    char *directory;

    (void)state;
    find_installed_server(&program);
    directory = support_directory();
    for (size_t i = 0; i < PLAYED; i++)
        check_planted(planted_as(played[i]), &program, directory);
    support_remove(directory);
    free(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(advice_holds_on_the_server)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
