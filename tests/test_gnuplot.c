/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_gnuplot: a program called gnuplot may sleep, leave children behind, or write half a picture. evsim's wait for it
 * can be stopped, does not last forever, and leaves no processes and no half pictures. */
#include "reports/gnuplot.h"
#include "sim/figure_wishes.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

/* Begins a picture, says who it is and whom it has started, and sleeps, or ends and leaves the other one asleep. */
#define STUB "#!/bin/sh\nfor script; do :; done\npicture=.part-${script%.gp}\nsleep 600 &\n"
static const char sleeps[] = STUB "echo half > $picture.svg\n"
                                  "echo $$ $! > \"$PIDS.new\"; mv \"$PIDS.new\" \"$PIDS\"\n"
                                  "wait\n";
static const char draws_half[] = STUB "echo '<svg>' > $picture.svg; echo IEND > $picture.png";
static const char leaves_a_child[] = STUB "echo '</svg>' > $picture.svg; echo IEND > $picture.png\n"
                                          "echo $$ $! > \"$PIDS\"\n";

static void write_text(const char *directory, const char *name, const char *text)
{
    char *path = path_join(directory, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
    free(path);
}

/* A folder with the program and a trace; PATH and PIDS lead there. */
struct place {
    char *folder, *pids, *path_before;
};

static struct place make_place(const char *gnuplot)
{
    struct place place = {.folder = support_directory(), .path_before = strdup(getenv("PATH"))};
    char *program = path_join(place.folder, "gnuplot"), *path;

    place.pids = path_join(place.folder, "pids");
    write_text(place.folder, "gnuplot", gnuplot);
    write_text(place.folder, "t.csv", "1,k,1,100,1,get,0\n2,k,1,100,1,get,0\n");
    assert_int_equal(chmod(program, 0755), 0);
    assert_true(asprintf(&path, "%s:%s", place.folder, place.path_before) > 0);
    setenv("PATH", path, 1);
    setenv("PIDS", place.pids, 1);
    free(path);
    free(program);
    return place;
}

static void leave(struct place *place)
{
    setenv("PATH", place->path_before, 1);
    support_remove(place->folder);
    free(place->folder);
    free(place->pids);
    free(place->path_before);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

/* Gone, or a zombie that nobody reaps. */
static bool is_dead(long process)
{
    char path[64], stat[256] = "";
    const char *state;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    file = fopen(path, "r");
    if (!file)
        return true;
    if (!fgets(stat, sizeof stat, file))
        stat[0] = '\0';
    fclose(file);
    state = strrchr(stat, ')');
    return !state || state[2] == 'Z' || state[2] == 'X';
}

static void expect_all_dead(const struct place *place)
{
    FILE *file = fopen(place->pids, "r");
    long gnuplot, child;
    double until = seconds() + 5;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &gnuplot, &child), 2);
    fclose(file);
    while (!(is_dead(gnuplot) && is_dead(child)) && seconds() < until)
        nap();
    assert_true(is_dead(gnuplot));
    assert_true(is_dead(child));
}

static void expect_no_halves(const struct place *place)
{
    char *found = command_output(place->folder, "find . -name '*.part*'");

    assert_string_equal(found, "");
    free(found);
}

static pid_t begin(const struct place *place, const char *line)
{
    pid_t child = fork();

    if (child == 0) {
        char *exec;

        if (chdir(place->folder) != 0 || !freopen("said", "w", stderr) || !freopen("/dev/null", "w", stdout) ||
            asprintf(&exec, "exec %s", line) < 0)
            _exit(126);
        execl("/bin/sh", "sh", "-c", exec, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

/* The signal goes to evsim alone, once gnuplot sleeps. */
static void stop(const char *line, int signal_number, int expected_status)
{
    struct place place = make_place(sleeps);
    double started = seconds(), signaled;
    const char *message, *newline;
    int status;
    pid_t evsim;
    char *said;

    unlink(place.pids);
    evsim = begin(&place, line);
    while (access(place.pids, F_OK) != 0 && seconds() < started + 60)
        nap();
    signaled = seconds();
    kill(evsim, signal_number);
    assert_int_equal(waitpid(evsim, &status, 0), evsim);
    assert_true(seconds() - signaled < 5);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected_status);
    expect_all_dead(&place);
    expect_no_halves(&place);
    said = support_read_file(place.folder, "said", NULL);
    message = strstr(said, "evsim: interrupted: the files in out are as they were\n");
    assert_non_null(message);
    newline = strchr(message, '\n');
    assert_int_equal(newline[1], '\0');
    free(said);
    leave(&place);
}

static void a_run_is_stopped(void **state)
{
    (void)state;
    stop("\"$EVSIM\" run t.csv -f twitter -m 2mb -o out", SIGTERM, 143);
    stop("\"$EVSIM\" run t.csv -f twitter -m 2mb -o out", SIGINT, 130);
}

static void so_are_curves(void **state)
{
    (void)state;
    stop("\"$EVSIM\" mrc t.csv -f twitter -o out", SIGTERM, 143);
    stop("\"$EVSIM\" mrc t.csv -f twitter -o out", SIGINT, 130);
}

static void so_is_a_report(void **state)
{
    char *results = support_directory(), *line;

    (void)state;
    write_text(results, "t.csv", "1,k,1,100,1,get,0\n2,k,1,100,1,get,0\n");
    free(command_output(results, "PATH=/nowhere \"$EVSIM\" run t.csv -f twitter -m 2mb -o out >table 2>&1 || :"));
    assert_true(asprintf(&line, "\"$EVSIM\" report %s/out/run.results -o out", results) > 0);
    stop(line, SIGTERM, 143);
    stop(line, SIGINT, 130);
    free(line);
    support_remove(results);
    free(results);
}

/* Nobody is left who would end gnuplot: the kernel does. What gnuplot has started besides is not evsim's. */
static void with_evsim_killed_gnuplot_ends(void **state)
{
    struct place place = make_place(sleeps);
    double until = seconds() + 60;
    long gnuplot, child;
    FILE *file;
    int status;
    pid_t evsim;

    (void)state;
    unlink(place.pids);
    evsim = begin(&place, "\"$EVSIM\" run t.csv -f twitter -m 2mb -o out");
    while (access(place.pids, F_OK) != 0 && seconds() < until)
        nap();
    file = fopen(place.pids, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &gnuplot, &child), 2);
    fclose(file);
    assert_false(is_dead(gnuplot));
    kill(evsim, SIGKILL);
    assert_int_equal(waitpid(evsim, &status, 0), evsim);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    until = seconds() + 5;
    while (!is_dead(gnuplot) && seconds() < until)
        nap();
    kill((pid_t)child, SIGKILL);
    assert_true(is_dead(gnuplot));
    leave(&place);
}

/* A gnuplot that cannot be run, and none at all. */
static void a_missing_gnuplot_is_said(void **state)
{
    struct place place = make_place(sleeps);
    struct error error = {0};
    char *program = path_join(place.folder, "gnuplot");

    (void)state;
    setenv("PATH", place.folder, 1);
    assert_int_equal(chmod(program, 0644), 0);
    assert_int_equal(gnuplot_draw(place.folder, "figure", FIGURE_SVG, 1, &error), REPORT_UNDRAWN);
    assert_non_null(strstr(error.text, strerror(EACCES)));
    error = (struct error){0};
    unlink(program);
    assert_int_equal(gnuplot_draw(place.folder, "figure", FIGURE_SVG, 1, &error), REPORT_UNDRAWN);
    assert_non_null(strstr(error.text, "gnuplot"));
    assert_null(strchr(error.text, '\n'));
    free(program);
    leave(&place);
}

static void a_gnuplot_that_sleeps_is_ended(void **state)
{
    struct place place = make_place(sleeps);
    struct error error = {0};
    double started = seconds();

    (void)state;
    assert_int_equal(gnuplot_draw(place.folder, "figure", FIGURE_SVG | FIGURE_PNG, 1, &error), REPORT_UNDRAWN);
    assert_true(seconds() - started >= 1 && seconds() - started < 6);
    assert_int_equal(error.code, ERROR_OUTPUT);
    assert_non_null(strstr(error.text, "gnuplot did not finish '"));
    assert_non_null(strstr(error.text, "/figure.gp' within 1 s"));
    assert_null(strchr(error.text, '\n'));
    expect_all_dead(&place);
    expect_no_halves(&place);
    leave(&place);
}

/* Who holds the standard error that it was given does not hold up evsim. */
static void what_gnuplot_leaves_behind_is_not_waited_for(void **state)
{
    struct place place = make_place(leaves_a_child);
    struct error error = {0};
    double started = seconds();
    char *picture;

    (void)state;
    assert_int_equal(gnuplot_draw(place.folder, "figure", FIGURE_SVG | FIGURE_PNG, 60, &error), 0);
    assert_true(seconds() - started < 5);
    expect_all_dead(&place);
    expect_no_halves(&place);
    picture = support_read_file(place.folder, "figure.png", NULL);
    assert_string_equal(picture, "IEND\n");
    free(picture);
    leave(&place);
}

/* Its disk is full, say, and it ends with status 0. */
static void half_a_picture_is_none(void **state)
{
    struct place place = make_place(draws_half);
    struct error error = {0};

    (void)state;
    assert_int_equal(gnuplot_draw(place.folder, "figure", FIGURE_SVG | FIGURE_PNG, 60, &error), REPORT_UNDRAWN);
    assert_non_null(strstr(error.text, "gnuplot did not draw all of it"));
    expect_no_halves(&place);
    leave(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_stopped),
        cmocka_unit_test(so_are_curves),
        cmocka_unit_test(so_is_a_report),
        cmocka_unit_test(with_evsim_killed_gnuplot_ends),
        cmocka_unit_test(a_missing_gnuplot_is_said),
        cmocka_unit_test(a_gnuplot_that_sleeps_is_ended),
        cmocka_unit_test(what_gnuplot_leaves_behind_is_not_waited_for),
        cmocka_unit_test(half_a_picture_is_none),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
