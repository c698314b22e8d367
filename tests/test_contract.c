/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_contract: a broken promise ends the program with a line, before anything is printed; only those of the build's strength are looked at. */
#include "sim/contract.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Runs it in a child, whose standard error goes to said[]. Returns what waitpid() says. */
static int run(void (*work)(void), char *said, size_t room)
{
    int pipes[2], status;
    size_t count = 0;
    ssize_t got;

    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        signal(SIGABRT, SIG_DFL); /* cmocka's, or a sanitizer's */
        dup2(pipes[1], STDERR_FILENO);
        work();
        _exit(0);
    }
    close(pipes[1]);
    while (count + 1 < room && (got = read(pipes[0], said + count, room - 1 - count)) > 0)
        count += (size_t)got;
    said[count] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void break_one(void)
{
    int keys = 3, id = 3;

    CONTRACT(id < keys, "ids are below the number of keys");
}

static void keep_one(void)
{
    CONTRACT(sizeof(char) == 1, "a char is a byte");
}

static void break_a_dear_one(void)
{
    CONTRACT_DEAR(sizeof(char) == 2, "a char is two bytes");
}

static void a_broken_promise_ends_the_program(void **state)
{
    char said[512];
    int status = run(break_one, said, sizeof said);

    (void)state;
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_ptr_equal(strstr(said, "evsim: bug: tests/test_contract.c:"), said);
    assert_non_null(strstr(said, ": ids are below the number of keys (id < keys): please report it\n"));
}

static void a_kept_promise_costs_nothing(void **state)
{
    char said[512];

    (void)state;
    assert_int_equal(run(keep_one, said, sizeof said), 0);
    assert_string_equal(said, "");
}

static void dear_ones_are_for_debug_builds(void **state)
{
    char said[512];
    int status = run(break_a_dear_one, said, sizeof said);

    (void)state;
    assert_int_equal(WIFSIGNALED(status), EVSIM_CONTRACTS >= 2);
    assert_int_equal(!!*said, EVSIM_CONTRACTS >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_promise_ends_the_program),
        cmocka_unit_test(a_kept_promise_costs_nothing),
        cmocka_unit_test(dear_ones_are_for_debug_builds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
