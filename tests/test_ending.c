/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ending: how a command ends that is told to end, or whose output nobody reads: with the shell's status for that, at once, and
 * with files that are whole or not there. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* Starts the arguments in the folder; standard input is a pipe whose other end is returned. */
static pid_t start(const char *folder, const char *const *arguments, int *input)
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
        execv(getenv("EVSIM"), (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(ends[0]);
    *input = ends[1];
    return child;
}

/* Whether it catches signals as one that is at work does, which may take a while on a busy machine. */
static bool listens(pid_t child)
{
    char path[64], line[256];
    unsigned long caught = 0;
    FILE *in;

    snprintf(path, sizeof path, "/proc/%d/status", (int)child);
    in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "SigCgt: %lx", &caught) == 1)
            break;
    if (in)
        fclose(in);
    return caught >> (SIGALRM - 1) & 1;
}

/* Once it listens, and a file of that name is there, or after some time without one, the signal is sent. */
static void stop(const char *const *arguments, const char *once, int signal_number, int expected_status)
{
    char *folder = support_directory(), *path = path_join(folder, once), *said;
    double began = seconds(), told;
    int input, status;
    pid_t child = start(folder, arguments, &input);

    while (!listens(child) && seconds() < began + 60)
        nap();
    began = seconds();
    while (access(path, F_OK) != 0 && seconds() < began + 2)
        nap();
    for (int i = 0; i < 40; i++) /* until it is at work */
        nap();
    told = seconds();
    kill(child, signal_number);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(seconds() - told < 5); /* under a sanitizer on a busy machine; else some milliseconds */
    close(input);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected_status);
    said = support_read_file(folder, "stderr", NULL);
    assert_string_equal(said, "evsim: interrupted\n");
    free(said);
    said = command_output(folder, "ls -A");
    assert_string_equal(said, "stderr\nstdout\n");
    free(said);
    free(path);
    support_remove(folder);
    free(folder);
}

static void a_generator_is_stopped(void **state)
{
    static const char *const text[] = {"evsim", "gen", "-n", "300000000", "-k", "1000", "-o", "x.csv", NULL};
    static const char *const compiled[] = {"evsim", "gen", "-n", "300000000", "-k", "1000", "-o", "x.evt", NULL};

    (void)state;
    stop(text, ".x.csv.part", SIGTERM, 143);
    stop(text, ".x.csv.part", SIGINT, 130);
    stop(compiled, ".x.evt.part", SIGTERM, 143);
}

/* It waits for a trace that does not come. */
static void so_are_curves(void **state)
{
    static const char *const curves[] = {"evsim", "mrc", "-", "-p", "lru", "-m", "1mb", "-o", "out", NULL};

    (void)state;
    stop(curves, "out", SIGTERM, 143);
    stop(curves, "out", SIGINT, 130);
}

/* A hook that never returns looks at nothing: fault=12 of crasher.c. */
static void so_is_what_never_looks(void **state)
{
    char *sample = realpath("tests/data/sample.csv.zst", NULL), *plugins = realpath(getenv("EVSIM_PLUGINS"), NULL),
         *policy = path_join(plugins, "crasher.so:fault=12");
    const char *const run[] = {"evsim", "run", sample, "-m", "100kb", "-s", "flat", "-p", policy, "-o", "out", NULL};

    (void)state;
    stop(run, "stderr", SIGTERM, 143);
    free(policy);
    free(plugins);
    free(sample);
}

/* ---- nobody reads ---- */

static void expect(const char *line, const char *expected)
{
    char *folder = support_directory(), *said;

    said = command_output_of(folder, "exec 2>&1; sample='%s'; %s", realpath("tests/data/sample.csv.zst", NULL), line);
    assert_string_equal(said, expected);
    free(said);
    support_remove(folder);
    free(folder);
}

#define RUN "\"$EVSIM\" run \"$sample\" -m 1mb,2mb -p allkeys-lru,allkeys-lfu "
#define FILES                                                                                                          \
    "; for file in out/table.txt out/summary.csv out/run.results x.db; do test -s $file || echo $file is missing; "    \
    "done; ls -A | grep part; true"

/* `true` reads nothing: the status is that of SIGPIPE, and the files are there, where notes go to the pipe, too. */
static void files_are_written_though_nobody_reads(void **state)
{
    (void)state;
    expect("{ " RUN "-o out --sqlite x.db; echo $? >status; } | true; cat status" FILES,
           "evsim: results and figures are in out\nevsim: x.db is written\n141\n");
    expect("{ " RUN "-o out --sqlite x.db 2>&1; echo $? >status; } | true; cat status" FILES, "141\n");
    expect("{ " RUN "2>&1; echo $? >status; } | true; cat status", "141\n");
}

/* No file of ours takes the place of standard output, or error. */
static void files_are_written_though_output_is_closed(void **state)
{
    (void)state;
    expect(RUN "-o out --sqlite x.db >&-; echo $?" FILES,
           "evsim: results and figures are in out\nevsim: x.db is written\n"
           "evsim: standard output: cannot write: Bad file descriptor\n4\n");
    expect(RUN "-o out --sqlite x.db >/dev/null 2>&-; echo $?" FILES, "0\n");
    expect(RUN "-o out --sqlite x.db <&- >&- 2>&-; echo $?" FILES, "4\n");
    expect(RUN "-o out --sqlite x.db >/dev/full; echo $?" FILES,
           "evsim: results and figures are in out\nevsim: x.db is written\n"
           "evsim: standard output: cannot write: No space left on device\n4\n");
}

#define GENERATE "\"$EVSIM\" gen -n 300000000 -k 1000 -o x.csv"

/* Whoever sends them; at once, for nobody looks at these. The loop ends when its reader has. */
static void other_signals_leave_no_files(void **state)
{
    (void)state;
    expect("ulimit -c 0; for signal in PIPE HUP XCPU; do " GENERATE
           " & until test -e .x.csv.part; do sleep 0.02; done; "
           "kill -s $signal $!; wait $!; echo $?; done 2>/dev/null; ls -A",
           "141\n129\n152\n");
    expect("\"$EVSIM\" gen -n 300 -k 40 -o a.csv; "
           "{ while (echo); do :; done; \"$EVSIM\" gen --like a.csv -o x.csv 2>&1 >&3; echo $? >&3; } 3>said | true; "
           "cat said; ls -A",
           "141\na.csv\nsaid\n");
}

static void a_file_that_gets_too_large_is_no_signal(void **state)
{
    (void)state;
    expect("(ulimit -f 64; " GENERATE "; echo $?); ls -A", "evsim: cannot write the trace: File too large\n4\n");
}

/* What is closed is not an empty trace. */
static void closed_input_cannot_be_read(void **state)
{
    (void)state;
    expect(
        "for command in 'run - -m 1mb' 'inspect -' 'convert - x.evt'; do \"$EVSIM\" $command <&-; echo $?; done; ls -A",
        "evsim: standard input: cannot read: Bad file descriptor\n3\n"
        "evsim: standard input: cannot read: Bad file descriptor\n3\n"
        "evsim: standard input: cannot read: Bad file descriptor\n3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_generator_is_stopped),
        cmocka_unit_test(so_are_curves),
        cmocka_unit_test(so_is_what_never_looks),
        cmocka_unit_test(files_are_written_though_nobody_reads),
        cmocka_unit_test(files_are_written_though_output_is_closed),
        cmocka_unit_test(other_signals_leave_no_files),
        cmocka_unit_test(a_file_that_gets_too_large_is_no_signal),
        cmocka_unit_test(closed_input_cannot_be_read),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
