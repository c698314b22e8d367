/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_units: a grid in pieces is the grid, to the byte: in one process, over crashes, and by plan, unit and merge. */
#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/cli/plan_file.h"
#include "sim/engine/work_units.h"
#include "sim/server/registry.h"
#include "tests/support_command.h"
#include "tests/support_random.h"
#include "tests/support_run.h"
#include "tests/support_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int make_trace(void **state)
{
    char *folder = support_directory();

    free(command_output(
        folder, "\"$EVSIM\" gen -n 20000 -k 3000 --duration 20m --ttl-share 0.5 --ttl-max 10m "
                "--writes 4 --deletes 0.5 -o trace.csv 2>/dev/null && printf 'at 5m CONFIG SET maxmemory 1mb\\n' "
                ">scenario.txt"));
    *state = folder;
    return 0;
}

static int remove_trace(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

static const char *const grids[] = {
    "trace.csv -s redis-7.0.15,flat -p allkeys-lru,sieve,lfu -m 1mb,1200kb --seeds 2",
    "trace.csv -s valkey -p allkeys-lfu,lru -m 1mb,0 --scenario scenario.txt --warmup 10% --by prefix",
    "trace.csv -p allkeys-lru,volatile-ttl -m 1mb,2mb --shards 1,3 --seeds 2",
    "trace.csv -s flat -p lru,belady,fifo -m 100kb,500kb --bounds --admission bloom",
    "trace.csv -m 1mb --rss --miss-cost 5ms",
    "trace.csv -s redis-7.0.15,flat,valkey -p lru,sieve -m 900kb,40%,10%,20% --warmup 1000requests",
    "trace.csv -s flat -p lru,belady -m 10%,50% --bounds",
    "trace.csv -p lru,sieve,allkeys-lfu -m 1mb,1200kb --sample 1/4 --seeds 2",
    "trace.csv -p allkeys-lru -m 1mb,50% --what-if 'maxmemory x1.5' --what-if 'EXPIRE * 60' --warmup auto --interval "
    "10s",
    "trace.csv -p allkeys-lru,lfu -m 1mb --shards 1,3 --what-if 'maxmemory x1.5' --seeds 2",
    "trace.csv -s flat -p lru,lfu,fifo -m 20kb,200kb --warmup auto --interval 10s",
};
enum { GRIDS = sizeof grids / sizeof *grids };

/* What a grid answers, without the command line that asked for it. */
static char *answer(const char *folder, const char *grid)
{
    return command_output_of(
        folder, "\"$EVSIM\" run %s --json >answer.json && grep -v '\"command\": \"evsim ' answer.json", grid);
}

static void units_one_after_the_other_are_the_grid(void **state)
{
    for (int i = 0; i < GRIDS; i++) {
        char *whole = command_output_of(*state, "\"$EVSIM\" run %s --json", grids[i]);

        for (int cells = i ? 3 : 1; cells <= 3; cells += 2) {
            char *pieces =
                command_output_of(*state, "\"$EVSIM\" run %s --json --unit-cells %d -j %d", grids[i], cells, cells);

            assert_string_equal(pieces, whole);
            free(pieces);
        }
        free(whole);
    }
}

static void plan_unit_and_merge_are_the_grid(void **state)
{
    for (int i = 0; i < GRIDS; i++) {
        char *whole = answer(*state, grids[i]);
        char *pieces = command_output_of(*state,
                                         "rm -rf units; \"$EVSIM\" plan %s --unit-cells 3 2>/dev/null >grid.plan && "
                                         "for i in $(seq $(($(wc -l <grid.plan) - 2)) -1 0); do \"$EVSIM\" unit "
                                         "grid.plan -i $i -o units -q || exit; "
                                         "done && \"$EVSIM\" merge grid.plan units --json >answer.json && "
                                         "grep -v '\"command\": \"evsim ' answer.json",
                                         grids[i]);

        assert_string_equal(pieces, whole);
        free(pieces);
        free(whole);
    }
}

/* Every file of a folder, its name and contents; to be freed. */
static char *contents(const char *folder, const char *name)
{
    return command_output_of(folder, "cd '%s' && find . -type f ! -name '*.png' | LC_ALL=C sort | xargs tail -n +1",
                             name);
}

/* The command is killed at random moments until it ends, and then has written what one that was let alone writes. */
static void a_killed_run_goes_on_where_it_was(void **state)
{
    static const char line[] =
        "exec \"$EVSIM\" run ../trace.csv -p allkeys-lru,sieve,lfu,lru -m 1mb,1200kb,1300kb --seeds 2 "
        "--unit-cells 2 -j 1 -o out --figures hit-ratio --figure-format svg -q >table";
    struct random random = random_stream(random_seed());
    int kills = 0, status;
    char *wanted, *got;

    free(command_output_of(*state, "mkdir alone killed && cd alone && %s", line));
    do {
        pid_t child = fork();

        assert_true(child >= 0);
        if (!child) {
            if (chdir(*state) || chdir("killed"))
                _exit(99);
            execl("/bin/sh", "sh", "-c", line, (char *)NULL);
            _exit(99);
        }
        usleep(20000 + (useconds_t)random_below(&random, 200000) + (useconds_t)(kills * kills) * 2000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        kills += WIFSIGNALED(status);
        assert_true(kills < 200);
    } while (WIFSIGNALED(status));
    assert_int_equal(status, 0);
    assert_true(kills > 0);
    wanted = contents(*state, "alone");
    got = contents(*state, "killed");
    assert_string_equal(got, wanted);
    free(wanted);
    free(got);
}

/* Nobody asks for pieces, and the run is killed as it draws: its cells have ended, and are not replayed again, but the one whose
 * file is damaged. Where a file that the run reads was changed since, all are. */
static void cells_that_have_ended_are_kept(void **state)
{
    static const char run[] = "\"$EVSIM\" run ../trace.csv -p lru,sieve -m 1mb,2mb --scenario ../scenario.txt -o out "
                              "--figures hit-ratio --figure-format svg 2>said >table";
    char *wanted, *got;

    free(command_output_of(
        *state,
        "rm -rf alone && mkdir bin alone drawn && printf '#!/bin/sh\nkill -9 $PPID\n' >bin/gnuplot && "
        "chmod +x bin/gnuplot && cd alone && %s && rm said",
        run));
    got = command_output_of(*state, "cd drawn && (PATH=$PWD/../bin:$PATH; %s) 2>/dev/null; echo $? && ls out", run);
    assert_string_equal(got, "137\ncells-000000-000000.results\ncells-000001-000001.results\n"
                             "cells-000002-000002.results\ncells-000003-000003.results\n");
    free(got);
    got = command_output_of(*state,
                            "cp -a drawn changed && cd drawn && printf x >>out/cells-000002-000002.results && %s && "
                            "grep -c '3 of 4 cells of the grid were in out already' said; rm said",
                            run);
    assert_string_equal(got, "1\n");
    free(got);
    got = command_output_of(*state, "touch scenario.txt && cd changed && %s && grep -c already said; rm said", run);
    assert_string_equal(got, "0\n");
    free(got);
    wanted = contents(*state, "alone");
    got = contents(*state, "drawn");
    assert_string_equal(got, wanted);
    free(got);
    got = contents(*state, "changed");
    assert_string_equal(got, wanted);
    free(wanted);
    free(got);
}

/* A unit dies of a signal: parallel stops, and called again it goes on. EVSIM of the script is one that dies, and writes down which units it
 * was called for. */
static void gnu_parallel_goes_on_behind_a_crash(void **state)
{
    static const char grid[] = "trace.csv -p lru,sieve -m 1mb,2mb --unit-cells 1";
    char *wanted, *got = command_output(*state, "command -v parallel || true");
    bool is_there = *got != '\0';

    free(got);
    if (!is_there) {
        print_message("skipped: no GNU parallel: apt-get install parallel\n");
        skip();
    }
    wanted = answer(*state, "trace.csv -p lru,sieve -m 1mb,2mb");
    got = command_output_of(
        *state,
        "rm -rf units && \"$EVSIM\" plan %s >grid.plan 2>/dev/null && "
        "printf '#!/bin/sh\necho $4 >>called\n[ $4 != 1 ] || [ -e died ] || { : >died; kill -9 $$; }\n"
        "exec \"$EVSIM_BINARY\" \"$@\"\n' >dying && chmod +x dying && script=\"$EVSIM_TREE/sim/cluster/parallel.sh\" "
        "&& "
        "export EVSIM_BINARY=\"$EVSIM\" EVSIM=\"$PWD/dying\" PARALLEL=-j1 && "
        "{ sh \"$script\" grid.plan units >first 2>&1 && exit 9; true; } && "
        "sh \"$script\" grid.plan units >second 2>&1 && tr '\\n' ' ' <called && "
        "\"$EVSIM_BINARY\" merge grid.plan units --json >answer.json && grep -v '\"command\": \"evsim ' answer.json",
        grid);
    assert_memory_equal(got, "0 1 1 2 3 ", 10);
    assert_string_equal(got + 10, wanted);
    free(wanted);
    free(got);
}

static void expect_error(const char *folder, const char *line, const char *word)
{
    char *results = support_directory(), *path = path_join(results, "stderr"), *text;

    assert_int_not_equal(command_run(folder, results, line), 0);
    text = command_output_of(folder, "cat '%s'", path);
    if (!strstr(text, word))
        fail_msg("'%s' says: %s", line, text);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    free(text);
    free(path);
    support_remove(results);
    free(results);
}

static void what_is_missing_or_not_of_the_plan_is_said(void **state)
{
    free(command_output(*state,
                        "rm -rf units; \"$EVSIM\" plan trace.csv -p lru,sieve -m 1mb,2mb --unit-cells 2 2>/dev/null "
                        ">grid.plan && \"$EVSIM\" unit grid.plan -i 0 -o units -q"));
    expect_error(*state, "\"$EVSIM\" merge grid.plan units", "1 of 2 units are not there, the first is 1");
    expect_error(*state, "\"$EVSIM\" unit grid.plan -i 2 -o units", "has units 0 to 1");
    expect_error(*state, "head -n 2 grid.plan >cut.plan; \"$EVSIM\" unit cut.plan -i 0 -o units", "cut.plan:3: ");
    expect_error(*state, "\"$EVSIM\" unit trace.csv -i 0 -o units", "trace.csv:1: ");
    expect_error(*state, "sed 's/\"version\":\"/&x/' grid.plan >old.plan; \"$EVSIM\" unit old.plan -i 0 -o units",
                 "use one version");
    expect_error(*state,
                 "cp units/unit-000000.results units/unit-000001.results; \"$EVSIM\" merge grid.plan units --json",
                 "unit 1");
    /* another trace under the same name: nothing of it is kept, also not beside what was kept of the right one */
    expect_error(*state,
                 "cp trace.csv right.csv; head -n 9000 right.csv >trace.csv; rm -f units/unit-000001.results; "
                 "\"$EVSIM\" unit grid.plan -i 1 -o units",
                 "make the plan again");
    free(command_output(*state, "test ! -e units/unit-000001.results && mv right.csv trace.csv"));
    expect_error(*state, "\"$EVSIM\" plan trace.csv -p lru -m 1mb -o out", "evsim merge");
    expect_error(*state, "\"$EVSIM\" run trace.csv -p lru -m 1mb --memory-limit 1mb", "raise it");
    expect_error(*state, "cat trace.csv | \"$EVSIM\" run - -p lru -m 1mb --unit-cells 1", "give a file");
    expect_error(*state, "\"$EVSIM\" run trace.csv -p lru -m 1mb --unit-cells 1 --explain evictions", "--explain");
    expect_error(*state, "\"$EVSIM\" plan trace.csv -p lru -m 1mb --timing", "--timing");
}

/* ---- memory ---- */

/* Most memory of a run of one cell, in bytes. */
static uint64_t peak_of(const char *folder, const char *server, const char *policy)
{
    struct rusage usage;
    pid_t child = fork();
    char *line;
    int status;

    if (asprintf(&line, "exec \"$EVSIM\" run keys.evt -s %s -p %s -m %s -j 1 --json >/dev/null", server, policy,
                 strcmp(server, "flat") ? "1gb" : "60000 --unit-sizes") < 0)
        abort();
    if (!child) {
        if (chdir(folder))
            _exit(99);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(99);
    }
    free(line);
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_int_equal(status, 0);
    return (uint64_t)usage.ru_maxrss * 1024;
}

static void no_cell_takes_more_memory_than_forecast(void **state)
{
    enum { KEYS = 100000 };
    free(command_output(
        *state,
        "\"$EVSIM\" gen -n 200000 -k 100000 --popularity uniform --format oracleGeneral -o keys.bin 2>/dev/null "
        "&& \"$EVSIM\" convert keys.bin keys.evt 2>/dev/null"));
    for (size_t s = 0; model_server(s); s++)
        for (size_t i = 0; i < policy_count; i++) {
            const char *server = model_server(s);
            struct cell_config cell = {.server = server_find(server), .policy = policies[i]};
            uint64_t forecast = work_cell_bytes(&cell, KEYS) + work_reading_bytes(KEYS), peak;

            if ((i + 5 * s) % 16) /* some will do, of each server others */
                continue;
            peak = peak_of(*state, server, policies[i]->name);
            if (peak > forecast)
                fail_msg("%s %s: %llu bytes, of a forecast of %llu", server, policies[i]->name,
                         (unsigned long long)peak, (unsigned long long)forecast);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_one_after_the_other_are_the_grid),
        cmocka_unit_test(plan_unit_and_merge_are_the_grid),
        cmocka_unit_test(a_killed_run_goes_on_where_it_was),
        cmocka_unit_test(cells_that_have_ended_are_kept),
        cmocka_unit_test(gnu_parallel_goes_on_behind_a_crash),
        cmocka_unit_test(what_is_missing_or_not_of_the_plan_is_said),
        cmocka_unit_test(no_cell_takes_more_memory_than_forecast),
    };

    char *tree = getcwd(NULL, 0);

    command_init();
    setenv("EVSIM_TREE", tree, 1);
    free(tree);
    return cmocka_run_group_tests(tests, make_trace, remove_trace);
}
