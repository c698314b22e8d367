/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_trials: laws over policies that crash, exit or never return, and the message of a run that meets one. */
#include "sim/confine.h"
#include "sim/plugin.h"
#include "sim/scope.h"
#include "sim/server/registry.h"
#include "sim/trials.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- confine ---- */

struct errand {
    void (*act)(void);
    int *shared;
    int own;
};

static void nothing(void)
{
}

static void crash(void)
{
    raise(SIGSEGV);
}

static void leave(void)
{
    exit(7);
}

static void leave_quietly(void)
{
    _exit(0);
}

static void stay(void)
{
    for (;;)
        pause();
}

static void stop(void)
{
    raise(SIGSTOP);
}

static void run_errand(void *owner)
{
    struct errand *errand = owner;

    *errand->shared = 1;
    errand->own = 1;
    errand->act();
}

static void the_ending_of_a_child_is_told(void **state)
{
    static const struct {
        void (*act)(void);
        struct confined expected;
    } cases[] = {
        {nothing, {ENDING_DONE, 0}}, {crash, {ENDING_SIGNAL, SIGSEGV}}, {abort, {ENDING_SIGNAL, SIGABRT}},
        {leave, {ENDING_EXIT, 7}},   {leave_quietly, {ENDING_EXIT, 0}}, {stay, {ENDING_LATE, 0}},
        {stop, {ENDING_LATE, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct errand errand = {.act = cases[i].act, .shared = confine_share(sizeof(int))};
        struct confined confined = {ENDING_DONE, -1};
        struct error error = {0};

        assert_non_null(errand.shared);
        assert_int_equal(*errand.shared, 0);
        assert_int_equal(confine(run_errand, &errand, 500000, &confined, &error), 0);
        assert_int_equal(confined.ending, cases[i].expected.ending);
        assert_int_equal(confined.number, cases[i].expected.number);
        assert_int_equal(*errand.shared, 1);
        assert_int_equal(errand.own, 0);
        confine_unshare(errand.shared, sizeof(int));
    }
}

/* ---- policies that do not come back ---- */

/* In the order of the plug-in's faults: in which hook, and what is said of it. */
static const struct {
    const char *hook, *word;
    const char *run_says; /* what a run says; NULL: it is not tried, for it would not end, or end without a word */
} faults[] = {
    {NULL, NULL, NULL},
    {"init", "SIGSEGV", "SIGSEGV"},
    {"added", "SIGSEGV", "SIGSEGV"},
    {"read", "SIGSEGV", "SIGSEGV"},
    {"victim", "SIGSEGV", "SIGSEGV"},
    {"evicted", "SIGSEGV", "SIGSEGV"},
    {"release", "SIGSEGV", "SIGSEGV"},
    {"victim", "SIGABRT", "SIGABRT"},
    {"victim", "exit status 0", "exit() was called"},
    {"victim", "exit status 3", "exit() was called"},
    {"victim", "exit status 0", NULL},
    {"victim", "not done after 500ms", NULL},
    {"victim", "not done after 500ms", NULL},
    {"victim", "not done after 500ms", NULL},
    {"victim", "SIGSEGV", "SIGSEGV"},
    {"victim", "SIGFPE", "SIGFPE"},
};
enum { FAULTS = sizeof faults / sizeof *faults };

static char *crasher_path(void)
{
    const char *folder = getenv("EVSIM_PLUGINS");

    return path_join(folder ? folder : "build/release/tests/plugins", "crasher.so");
}

static const struct policy *load_crasher(void)
{
    char *path = crasher_path();
    struct error error = {0};
    const struct policy *policy = plugin_load(path, &error);

    free(path);
    if (!policy)
        fail_msg("%s", error.text);
    assert_int_equal(policy->parameters[0].most, FAULTS - 1);
    return policy;
}

/* The first law, in one world. */
static int try_first_law(const char *world, const struct policy *policy, double fault, int64_t limit_us,
                         struct error *error)
{
    const struct server *server = server_find(world);
    struct trials trials = {
        .worlds = &server, .world_count = 1, .seeds = 1, .policy = policy, .parameters = &fault, .limit_us = limit_us};

    return trials_run(&trials, &laws[0], error);
}

static void expect_broken(const char *world, const struct policy *policy, int fault)
{
    struct error error = {0};
    char hook[32];

    snprintf(hook, sizeof hook, " in %s()", faults[fault].hook);
    assert_int_equal(
        try_first_law(world, policy, fault, strstr(faults[fault].word, "500ms") ? 500000 : 60000000, &error), -1);
    print_message("fault %d: %s\n", fault, error.text);
    assert_int_equal(error.code, ERROR_LAW);
    assert_int_equal(strncmp(error.text, world, strlen(world)), 0);
    assert_non_null(strstr(error.text, hook));
    assert_non_null(strstr(error.text, faults[fault].word));
}

static void a_law_says_in_which_hook_a_policy_went(void **state)
{
    const struct policy *crasher = load_crasher();
    struct policy narrowed;

    (void)state;
    scope_narrow(crasher, &narrowed);
    for (int fault = 1; fault < FAULTS; fault++) {
        expect_broken("flat", crasher, fault);
        expect_broken("redis-7.0.15", &narrowed, fault);
    }
}

static void one_that_comes_back_breaks_nothing(void **state)
{
    const struct policy *crasher = load_crasher();
    struct error error = {0};

    (void)state;
    assert_int_equal(try_first_law("flat", crasher, 0, 60000000, &error), 0);
}

/* ---- a run ---- */

/* The first line on standard error: a sanitizer has more to say. */
static void expect_word(int fault, const char *arguments)
{
    char *scratch = support_directory(), *results = support_directory(), *path = crasher_path(), *error, *output, *line;
    char command[512], expected[512];
    size_t bytes;

    snprintf(command, sizeof command,
             "ulimit -c 0; cp \"$EVSIM_PLUGINS\"/crasher.so .; $EVSIM run - -p ./crasher.so:fault=%d %s <<'END'\n"
             "1,a,1,400,1,set,0\n2,b,1,400,1,set,0\n3,c,1,400,1,set,0\n4,b,1,400,1,get,0\n5,c,1,400,1,get,0\nEND",
             fault, arguments);
    snprintf(expected, sizeof expected,
             "evsim: ./crasher.so: %s while this policy was at work: see evsim check-policy "
             "./crasher.so",
             faults[fault].run_says);
    assert_int_not_equal(command_run(scratch, results, command), 0);
    error = support_read_file(results, "stderr", NULL);
    output = support_read_file(results, "stdout", &bytes);
    line = strtok(error, "\n");
    assert_non_null(line);
    assert_string_equal(line, expected);
    assert_int_equal(bytes, 0);
    free(error);
    free(output);
    free(path);
    support_remove(scratch);
    support_remove(results);
    free(scratch);
    free(results);
}

static void a_run_that_dies_of_a_policy_names_it(void **state)
{
    (void)state;
    for (int fault = 1; fault < FAULTS; fault++) {
        if (!faults[fault].run_says)
            continue;
        expect_word(fault, "--server flat -m 1000 -j 1");
        expect_word(fault, "--server flat -m 1000,900,800 -j 3");
    }
}

/* In glibc before 2.41 several threads may be in exit() at a time. */
static void several_threads_that_die_at_once_leave_one_word(void **state)
{
    (void)state;
    for (int fault = 1; fault < FAULTS; fault++)
        for (int repeat = 0; repeat < 10 && faults[fault].run_says; repeat++)
            expect_word(fault, "--server flat -m 1000,950,900,850,800,750 -j 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ending_of_a_child_is_told),
        cmocka_unit_test(a_law_says_in_which_hook_a_policy_went),
        cmocka_unit_test(one_that_comes_back_breaks_nothing),
        cmocka_unit_test(a_run_that_dies_of_a_policy_names_it),
        cmocka_unit_test(several_threads_that_die_at_once_leave_one_word),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
