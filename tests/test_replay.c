/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_replay: a trace through cells, without a command line. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/grid.h"
#include "sim/engine/replay.h"
#include "sim/server/registry.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* timestamp,key,key size,value size,client,operation,ttl: a read of a, then of b, then both again */
#define TRACE "0,a,1,100,1,get,0\n1,b,1,100,1,get,0\n2,a,1,100,1,get,0\n3,b,1,100,1,get,0\n"

struct trial {
    struct replay_plan plan;
    struct run run;
    struct error error;
    char *path;
    int status;
};

static struct trial *plan_trial(const char *text, const struct cell_config *cells, size_t count)
{
    struct trial *trial = xcalloc(1, sizeof *trial);

    trial->path = write_temporary("trace.csv", text, strlen(text));
    trial->plan = (struct replay_plan){
        .trace.path = trial->path,
        .choose_format = format_choose,
        .cells = cells,
        .cell_count = count,
        .on_miss = ON_MISS_AUTO,
        .workers = 2,
    };
    redis_config_init(&trial->plan.options.redis);
    return trial;
}

static void run_trial(struct trial *trial)
{
    trial->status = replay_run(&trial->plan, &trial->run, &trial->error);
}

static void end_trial(struct trial *trial)
{
    run_release(&trial->run);
    remove_temporary(trial->path);
    free(trial);
}

static struct cell_config flat_cell(const char *policy, uint64_t maxmemory)
{
    return (struct cell_config){
        .server = server_find("flat"), .policy = policy_find(policy), .maxmemory = maxmemory, .seed = 1};
}

static void a_run_says_what_was_found_of_trace_and_cells(void **state)
{
    struct cell_config cells[] = {flat_cell("lru", 100), flat_cell("lru", 200)};
    struct trial *trial = plan_trial(TRACE, cells, 2);
    const struct run *run = &trial->run;

    (void)state;
    run_trial(trial);
    assert_string_equal(trial->error.text, "");
    assert_int_equal(trial->status, 0);
    assert_string_equal(run->trace, trial->path);
    assert_string_equal(run->format, "twitter");
    assert_int_equal(run->trace_bytes, strlen(TRACE));
    assert_int_equal(run->commands, 4);
    assert_int_equal(run->key_count, 2);
    assert_int_equal(run->duration_us, 3000000);
    assert_string_equal(run->on_miss, "fill");
    assert_string_equal(run->on_miss_reason, "auto: 0 writes to 4 reads in the first 4 requests");
    assert_true(run->start_assumed);
    assert_int_equal(run->result_count, 2);
    assert_int_equal(run->results[0].counters.hits, 0);
    assert_int_equal(run->results[1].counters.hits, 2);
    assert_null(run->bounds);
    end_trial(trial);
}

static void a_cell_may_have_options_of_its_own(void **state)
{
    struct simulation_options own = {.interval_us = 1000000};
    struct cell_config cells[] = {flat_cell("lru", 100), flat_cell("lru", 100)};
    struct trial *trial = plan_trial(TRACE, cells, 2);

    (void)state;
    redis_config_init(&own.redis);
    cells[1].options = &own;
    trial->plan.options.interval_us = 3000000;
    run_trial(trial);
    assert_string_equal(trial->error.text, "");
    assert_int_equal(trial->run.results[0].curve.count, 2);
    assert_int_equal(trial->run.results[1].curve.count, 4);
    assert_int_equal(trial->run.results[1].counters.fills, 4); /* settled for it too */
    end_trial(trial);
}

static void bounds_are_for_the_sizes_asked_for_and_for_none(void **state)
{
    static const uint64_t sizes[] = {100};
    struct cell_config cells[] = {flat_cell("lru", 100)};
    struct trial *trial = plan_trial(TRACE, cells, 1);

    (void)state;
    trial->plan.bounded_at = sizes;
    trial->plan.bounded_count = 1;
    run_trial(trial);
    assert_int_equal(trial->run.bound_count, 2);
    assert_int_equal(trial->run.bounds[0].maxmemory, 100);
    assert_int_equal(trial->run.bounds[1].maxmemory, 0);
    assert_int_equal(trial->run.bounds[1].hits, 2);
    end_trial(trial);
}

/* Room for two of three keys that come in turn: lru has always just lost what is asked for. */
static void a_policy_that_knows_the_future_gets_it(void **state)
{
    struct cell_config cells[] = {flat_cell("lru", 200), flat_cell("belady", 200)};
    struct trial *trial = plan_trial("0,a,1,100,1,get,0\n1,b,1,100,1,get,0\n2,c,1,100,1,get,0\n"
                                     "3,a,1,100,1,get,0\n4,b,1,100,1,get,0\n5,c,1,100,1,get,0\n",
                                     cells, 2);

    (void)state;
    run_trial(trial);
    assert_string_equal(trial->error.text, "");
    assert_int_equal(trial->run.results[0].counters.hits, 0);
    assert_int_equal(trial->run.results[1].counters.hits, 2);
    end_trial(trial);
}

static void what_cannot_be_replayed_is_said(void **state)
{
    struct cell_config lru[] = {flat_cell("lru", 100)}, belady[] = {flat_cell("belady", 100)};
    struct trial *trial = plan_trial("", lru, 1);
    pid_t writer;

    (void)state;
    run_trial(trial);
    assert_int_equal(trial->status, -1);
    assert_int_equal(trial->error.code, ERROR_INPUT);
    end_trial(trial);

    trial = plan_trial("0,a,1,x,1,get,0\n1,b,1,x,1,get,0\n", lru, 1);
    trial->plan.trace.format = "twitter";
    trial->plan.trace.options.lenient = true;
    run_trial(trial);
    assert_int_equal(trial->status, -1);
    assert_non_null(strstr(trial->error.text, "no row could be used, the first: "));
    end_trial(trial);

    trial = plan_trial(TRACE, belady, 1);
    unlink(trial->path);
    assert_int_equal(mkfifo(trial->path, 0600), 0);
    writer = fork();
    assert_true(writer >= 0);
    if (!writer) {
        FILE *out = fopen(trial->path, "w");

        _exit(!out || fputs(TRACE, out) < 0 || fclose(out));
    }
    run_trial(trial);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_string_equal(trial->error.text,
                        "belady reads the trace twice: give a file, or what evsim convert --next-access has written");
    end_trial(trial);
}

static bool stop_at_once(void *owner, const struct replay_progress *progress)
{
    assert_int_equal(progress->commands, 0);
    ++*(int *)owner;
    return false;
}

static void whoever_watches_may_stop_it(void **state)
{
    struct cell_config cells[] = {flat_cell("lru", 100)};
    struct trial *trial = plan_trial(TRACE, cells, 1);
    int calls = 0;

    (void)state;
    trial->plan.progress = stop_at_once;
    trial->plan.progress_owner = &calls;
    run_trial(trial);
    assert_int_equal(trial->error.code, ERROR_INTERRUPTED);
    assert_int_equal(calls, 1);
    end_trial(trial);
}

static void a_grid_is_server_major_then_maxmemory_policy_seed(void **state)
{
    const struct server *servers_of_grid[] = {server_find("flat"), server_find("redis-7.0.15")};
    const uint64_t sizes[] = {1, 2};
    const struct named_policy policies_of_grid[] = {{.policy = policy_find("lru"), .label = "one"},
                                                    {.policy = policy_find("fifo"), .label = "two"}};
    struct grid grid = {
        .servers = servers_of_grid,
        .server_count = 2,
        .sizes = sizes,
        .size_count = 2,
        .policies = policies_of_grid,
        .policy_count = 2,
        .first_seed = 7,
        .seeds = 2,
    };
    struct cell_config *cells = grid_cells(&grid);

    (void)state;
    assert_int_equal(grid_count(&grid), 16);
    for (size_t i = 0; i < 16; i++) {
        assert_ptr_equal(cells[i].server, servers_of_grid[i / 8]);
        assert_int_equal(cells[i].maxmemory, sizes[i / 4 % 2]);
        assert_string_equal(cells[i].policy_label, i / 2 % 2 ? "two" : "one");
        assert_int_equal(cells[i].seed, 7 + i % 2);
    }
    free(cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_says_what_was_found_of_trace_and_cells),
        cmocka_unit_test(a_cell_may_have_options_of_its_own),
        cmocka_unit_test(bounds_are_for_the_sizes_asked_for_and_for_none),
        cmocka_unit_test(a_policy_that_knows_the_future_gets_it),
        cmocka_unit_test(what_cannot_be_replayed_is_said),
        cmocka_unit_test(whoever_watches_may_stop_it),
        cmocka_unit_test(a_grid_is_server_major_then_maxmemory_policy_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
