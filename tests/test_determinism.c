/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_determinism: the same inputs give the same bytes: in a second run, with other numbers of threads, with another
 * order of the grid, and cell by cell. An interrupted run leaves nothing behind. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACE    "../trace.csv"
#define GRID     "--server redis-7.0.15,flat --policy all,lru --maxmemory 1mb,1200kb --seeds 2"
#define REVERSED "--server flat,redis-7.0.15 --policy lru,all --maxmemory 1200kb,1mb --seeds 2"
#define OTHER_ORDER                                                                                                    \
    "--seeds 2 --maxmemory 1mb,1200kb --server redis-7.0.15,flat --policy "                                            \
    "volatile-ttl,lru,allkeys-random,noeviction,all"
enum { CELLS = 2 * 9 * 2 * 2 };

/* A folder with a trace that expires, evicts and deletes. */
static int make_trace(void **state)
{
    char *folder = support_directory();

    free(command_output(folder, "\"$EVSIM\" gen -n 12000 -k 3000 --duration 20m --ttl-share 0.5 --ttl-max 10m "
                                "--writes 4 --deletes 0.5 -o trace.csv"));
    *state = folder;
    return 0;
}

static int remove_trace(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

/* Runs the grid in a folder of its own, so that every command line says the same, with -o out.
 * What it printed, to be freed. */
static char *run_grid(const char *folder, const char *name, const char *grid, const char *more)
{
    char *line, *text;

    if (asprintf(&line, "mkdir '%s' && cd '%s' && \"$EVSIM\" run " TRACE " %s --json -o out --figure-format svg %s",
                 name, name, grid, more) < 0)
        abort();
    text = command_output(folder, line);
    free(line);
    return text;
}

static void curves_do_not_depend_on_threads(void **state)
{
    static const char *const curves[] = {"-p lru,sieve,allkeys-lru --sample 0.5 --salts 4", "-p sieve --points 5",
                                         "-s redis-7.0.15 -p allkeys-lru,sieve --points 6 --seeds 2"};

    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        char *one = command_output_of(*state, "\"$EVSIM\" mrc trace.csv %s --json -j1 2>/dev/null", curves[i]);
        char *many = command_output_of(*state, "\"$EVSIM\" mrc trace.csv %s --json -j 5 2>/dev/null", curves[i]);

        assert_string_equal(one, many);
        free(one);
        free(many);
    }
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
    static const char *const ways[] = {"-j1", "-j 2", "--jobs=5", "-j 200"};
    char *first = run_grid(*state, "way", GRID, "");

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char name[16], *line, *text;

        snprintf(name, sizeof name, "way%zu", i);
        text = run_grid(*state, name, GRID, ways[i]);
        assert_string_equal(text, first);
        if (asprintf(&line, "diff -r way %s && find %s -type f | wc -l", name, name) < 0)
            abort();
        free(text);
        text = command_output(*state, line); /* fails on a difference */
        assert_true(atoi(text) >= 6);
        free(line);
        free(text);
    }
    free(first);
}

static bool same_cell(const json_t *a, const json_t *b)
{
    static const char *const names[] = {"server", "policy", "maxmemory", "seed"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!json_equal(json_object_get(a, names[i]), json_object_get(b, names[i])))
            return false;
    return true;
}

/* Every object of `some` is among `all`, byte for byte. */
static void assert_among(const json_t *some, const json_t *all)
{
    for (size_t i = 0; i < json_array_size(some); i++) {
        const json_t *one = json_array_get(some, i);
        size_t found = 0;

        for (size_t j = 0; j < json_array_size(all); j++)
            if (same_cell(one, json_array_get(all, j))) {
                char *want = json_dumps(json_array_get(all, j), JSON_INDENT(1));
                char *have = json_dumps(one, JSON_INDENT(1));

                assert_string_equal(have, want);
                free(have);
                free(want);
                found++;
            }
        assert_int_equal(found, 1);
    }
}

static json_t *load(char *text)
{
    json_t *results = json_loads(text, 0, NULL);

    assert_true(json_is_array(results));
    free(text);
    return results;
}

static void the_order_of_the_grid_changes_only_the_order(void **state)
{
    json_t *first = load(run_grid(*state, "order", GRID, ""));
    json_t *reversed = load(run_grid(*state, "reversed", REVERSED, ""));
    json_t *other = load(run_grid(*state, "other", OTHER_ORDER, ""));

    assert_int_equal(json_array_size(first), CELLS);
    assert_int_equal(json_array_size(reversed), CELLS);
    assert_int_equal(json_array_size(other), CELLS);
    assert_among(reversed, first);
    assert_among(other, first);
    free(command_output(*state, "for i in order reversed other; do for file in summary.csv curves.csv; do "
                                "sort $i/out/$file > $i/$file; cmp $i/$file order/$file || exit 1; done; done"));
    json_decref(first);
    json_decref(reversed);
    json_decref(other);
}

static void a_cell_alone_gives_what_it_gives_in_the_grid(void **state)
{
    json_t *all = load(run_grid(*state, "grid", GRID, ""));

    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *cell = json_array_get(all, i);
        char *line;

        if (asprintf(&line,
                     "cd grid && \"$EVSIM\" run " TRACE " --json --server %s --policy %s --maxmemory %" PRIdMAX
                     " --seed %" PRIdMAX,
                     json_string_value(json_object_get(cell, "server")),
                     json_string_value(json_object_get(cell, "policy")),
                     (intmax_t)json_integer_value(json_object_get(cell, "maxmemory")),
                     (intmax_t)json_integer_value(json_object_get(cell, "seed"))) < 0)
            abort();
        json_t *alone = load(command_output(*state, line));
        assert_int_equal(json_array_size(alone), 1);
        assert_among(alone, all);
        json_decref(alone);
        free(line);
    }
    json_decref(all);
}

/* ---- interruption ---- */

/* Starts `evsim run - ... -o out` in the folder, its outputs in files there; *trace is its standard
 * input. */
static pid_t start_run(const char *folder, int *trace)
{
    int ends[2];
    pid_t child;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(folder) != 0 || dup2(ends[0], STDIN_FILENO) < 0 || !freopen("stdout", "w", stdout) ||
            !freopen("stderr", "w", stderr))
            _exit(126);
        signal(SIGPIPE, SIG_DFL);
        execl(getenv("EVSIM"), "evsim", "run", "-", "--maxmemory", "1mb,2mb", "-o", "out/put", (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    *trace = ends[1];
    return child;
}

/* Writes rows until the reader is gone or `rows` are written. How many. */
static int64_t write_rows(int trace, int64_t first, int64_t rows)
{
    char block[16 << 10];
    int64_t row = first;

    while (row < first + rows) {
        size_t bytes = 0;

        while (bytes + 100 < sizeof block) {
            bytes += (size_t)sprintf(block + bytes, "%" PRId64 ".0,key%" PRId64 ",8,300,1,%s,600\n", row / 100,
                                     row * 7919 % 5003, row % 10 ? "get" : "set");
            row++;
        }
        for (size_t done = 0; done < bytes;) {
            ssize_t wrote = write(trace, block + done, bytes - done);

            if (wrote < 0 && errno != EINTR)
                return row - first;
            done += wrote > 0 ? (size_t)wrote : 0;
        }
    }
    return row - first;
}

/* The pipe holds a few thousand rows, so a run that has taken half a million is well under way; it
 * is then interrupted, and given more rows until it ends. */
static void interrupt(int signal_number, int expected_status)
{
    char *folder = support_directory(), *said;
    const char *newline;
    int trace, status;
    pid_t child;
    int64_t written;

    signal(SIGPIPE, SIG_IGN);
    child = start_run(folder, &trace);
    written = write_rows(trace, 0, 500000);
    assert_true(written >= 500000);
    kill(child, signal_number);
    assert_true(write_rows(trace, written, 100000000) < 100000000);
    close(trace);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected_status);

    said = support_read_file(folder, "stderr", NULL);
    newline = strchr(said, '\n');
    assert_string_equal(said, "evsim: interrupted\n");
    assert_true(newline && !newline[1]);
    free(said);
    said = support_read_file(folder, "stdout", NULL);
    assert_string_equal(said, "");
    free(said);
    said = command_output(folder, "ls -A");
    assert_string_equal(said, "stderr\nstdout\n");
    free(said);
    support_remove(folder);
    free(folder);
}

static void ctrl_c_leaves_nothing_behind(void **state)
{
    (void)state;
    interrupt(SIGINT, 130);
}

static void so_does_being_told_to_end(void **state)
{
    (void)state;
    interrupt(SIGTERM, 143);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
        cmocka_unit_test(curves_do_not_depend_on_threads),
        cmocka_unit_test(the_order_of_the_grid_changes_only_the_order),
        cmocka_unit_test(a_cell_alone_gives_what_it_gives_in_the_grid),
        cmocka_unit_test(ctrl_c_leaves_nothing_behind),
        cmocka_unit_test(so_does_being_told_to_end),
    };

    command_init();
    return cmocka_run_group_tests(tests, make_trace, remove_trace);
}
