/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_score: evsim score. Its figures are those of evsim run; and whatever a policy does, there is one line for it, in its
 * place, and nothing else happens. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"
#include "sim/sanitizer.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VARIANTS = 997 };

static int make_folder(void **state)
{
    char *folder = support_directory(), *data = realpath("tests/data", NULL);

    free(command_output_of(
        folder,
        "mkdir one two variants && ln -s '%s/sample.csv.zst' one/sample.csv.zst && "
        "ln -s '%s/sample.csv.zst' two/b.csv.zst && ln -s '%s/twelve.csv' two/a.csv && touch two/.hidden && "
        "cp \"$EVSIM_PLUGINS\"/*.so .",
        data, data, data));
    free(data);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

/* The lines, whatever standard error says. The caller drops the reference. */
static json_t *lines_of(const char *folder, const char *arguments)
{
    char *text = command_output_of(folder, "{ \"$EVSIM\" score %s || true; } 2>said", arguments), *rest = text, *line;
    json_t *lines = json_array();

    while ((line = strsep(&rest, "\n")) && *line) {
        json_t *object = json_loads(line, 0, NULL);

        assert_true(json_is_object(object));
        json_array_append_new(lines, object);
    }
    free(text);
    return lines;
}

static const char *text_in(const json_t *lines, size_t line, const char *name)
{
    const char *text = json_string_value(json_object_get(json_array_get(lines, line), name));

    return text ? text : "";
}

static double real_in(const json_t *lines, size_t line, const char *name)
{
    const json_t *value = json_object_get(json_array_get(lines, line), name);

    if (!json_is_number(value))
        fail_msg("line %zu has no %s: %s", line, name, text_in(lines, line, "message"));
    return json_number_value(value);
}

/* ---- figures ---- */

/* The means that evsim run has of these sizes. */
static void expect_means(const char *folder, const json_t *lines, size_t line, const char *run)
{
    char *text = command_output_of(folder, "\"$EVSIM\" run %s --server flat --on-miss fill --json", run);
    json_t *results = json_loads(text, 0, NULL);
    double misses = 0, bytes = 0;
    size_t count = json_array_size(results);

    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        misses += 1 - json_number_value(json_object_get(json_array_get(results, i), "hit_ratio"));
        bytes += 1 - json_number_value(json_object_get(json_array_get(results, i), "byte_hit_ratio"));
    }
    assert_true(fabs(real_in(lines, line, "miss_ratio") - misses / (double)count) < 1e-8);
    assert_true(fabs(real_in(lines, line, "byte_miss_ratio") - bytes / (double)count) < 1e-8);
    assert_int_equal((int)real_in(lines, line, "cells"), (int)count);
    json_decref(results);
    free(text);
}

static void its_figures_are_those_of_a_run(void **state)
{
    json_t *lines = lines_of(*state, "lru 's3fifo:small=0.2' sieve ./largest.so --traces one -m 100kb,0.4mb");

    expect_means(*state, lines, 0, "one/sample.csv.zst -m 100kb,0.4mb -p lru");
    expect_means(*state, lines, 1, "one/sample.csv.zst -m 100kb,0.4mb -p s3fifo:small=0.2");
    expect_means(*state, lines, 2, "one/sample.csv.zst -m 100kb,0.4mb -p sieve");
    expect_means(*state, lines, 3, "one/sample.csv.zst -m 100kb,0.4mb -p ./largest.so");
    json_decref(lines);
    lines = lines_of(*state, "lru --traces one/sample.csv.zst -m 10% --unit-sizes --seed 3");
    expect_means(*state, lines, 0, "one/sample.csv.zst -m 677 -p lru --unit-sizes"); /* of 6,771 keys */
    json_decref(lines);
}

static void it_is_the_mean_over_the_traces(void **state)
{
    json_t *both = lines_of(*state, "lru --traces two -m 5% --unit-sizes"),
           *first = lines_of(*state, "lru --traces two/a.csv -m 5% --unit-sizes"),
           *second = lines_of(*state, "lru --traces two/b.csv.zst -m 5% --unit-sizes");

    assert_int_equal((int)real_in(both, 0, "cells"), 2);
    assert_true(fabs(2 * real_in(both, 0, "miss_ratio") - real_in(first, 0, "miss_ratio") -
                     real_in(second, 0, "miss_ratio")) < 1e-8);
    json_decref(both);
    json_decref(first);
    json_decref(second);
}

/* An entry of each key, and what the policy allocates: fifo's queue has 4 bytes a record, and room for no more than twice
 * the records it needs. */
static void the_memory_of_a_key_is_its_entry_and_its_share_of_the_state(void **state)
{
    json_t *lines = lines_of(*state, "./largest.so fifo --traces one --unit-sizes");

    assert_true(real_in(lines, 0, "bytes_per_key") == 0);
    assert_true(real_in(lines, 1, "bytes_per_key") > 4);
    assert_true(real_in(lines, 1, "bytes_per_key") < 13);
    json_decref(lines);
}

/* ---- policies that misbehave ---- */

static const struct {
    const char *policy, *error, *message; /* NULL: it is scored */
} misdeeds[] = {
    {"./hostile.so", NULL, NULL},
    {"./crasher.so:fault=1", "crash", "crashed (SIGSEGV)"}, /* in init, ... */
    {"./crasher.so:fault=4", "crash", "crashed (SIGSEGV)"},
    {"./crasher.so:fault=6", "crash", "crashed (SIGSEGV)"}, /* in release */
    {"./crasher.so:fault=7", "crash", "crashed (SIGABRT)"},
    {"./crasher.so:fault=8", "exit", "ended the process (exit status 0)"},
    {"./crasher.so:fault=9", "exit", "ended the process (exit status 3)"},
    {"./crasher.so:fault=10", "exit", "ended the process (exit status 0)"},
    {"./crasher.so:fault=11", "time", "not done after 2.0s"},
    {"./crasher.so:fault=12", "system call", "pause"},
    {"./crasher.so:fault=13", "time", "not done after 2.0s"}, /* it stops itself */
    {"./crasher.so:fault=14", "crash", "crashed (SIGSEGV)"},  /* a stack that is full */
/* A sanitizer's allocator has its address space from the beginning: no limit of it bounds what is taken. */
#if defined __SANITIZE_ADDRESS__
    {"./hostile.so:fault=2", "system call", "open"}, /* which malloc() needs for its report */
#elif defined HAS_SANITIZER
    {"./hostile.so:fault=2", "crash", "crashed (SIGSEGV)"}, /* malloc() returns NULL */
#else
    {"./hostile.so:fault=1", "memory", "took more than 128 MiB of memory"},
    {"./hostile.so:fault=2", "memory", "took more than 128 MiB of memory"},
#endif
    {"./hostile.so:fault=3", NULL, NULL},
    {"./hostile.so:fault=4", "system call", "openat"},
    {"./hostile.so:fault=5", "system call", "openat"},
    {"./hostile.so:fault=6", "system call", "socket"},
    {"./hostile.so:fault=7", "system call", "clone"},
    {"./hostile.so:fault=8", "system call", "execve"},
    {"./hostile.so:fault=9", "system call", "kill"},
    {"./hostile.so:fault=10", "system call", "nanosleep"},
    {"./hostile.so:fault=11", NULL, NULL},
    {"./hostile.so:fault=12", "exit", "ended the process (exit status 0)"},
    {"./liar.so:fault=1", "law", "which is not in the cache"},
    {"./stale.so", "load", "version 999"},
    {"./absent.so", "load", "cannot load"},
    {"./hostile.so:fault=99", "load", "fault is between"},
    {"./hostile.so", NULL, NULL},
};
enum { MISDEEDS = sizeof misdeeds / sizeof *misdeeds };

static void expect_line(const json_t *lines, size_t line, const char *policy, const char *error, const char *message)
{
    assert_string_equal(text_in(lines, line, "policy"), policy);
    if (!error) {
        assert_true(real_in(lines, line, "miss_ratio") > 0.3);
        return;
    }
    if (strcmp(text_in(lines, line, "error"), error) != 0 || !strstr(text_in(lines, line, "message"), message))
        fail_msg("%s: %s: '%s'", policy, text_in(lines, line, "error"), text_in(lines, line, "message"));
}

static void each_misdeed_gets_its_line_and_disturbs_nobody(void **state)
{
    char arguments[4096] = "--traces one --time-limit 2s --memory-limit 128mb -j 3";
    json_t *lines;

    for (size_t i = 0; i < MISDEEDS; i++)
        snprintf(arguments + strlen(arguments), sizeof arguments - strlen(arguments), " %s", misdeeds[i].policy);
    lines = lines_of(*state, arguments);
    assert_int_equal(json_array_size(lines), MISDEEDS);
    for (size_t i = 0; i < MISDEEDS; i++)
        expect_line(lines, i, misdeeds[i].policy, misdeeds[i].error, misdeeds[i].message);
    json_decref(lines);
    free(command_output(*state, "test ! -e hostile.was.here && test $(wc -l < said) = 1"));
}

/* In the object's constructor. Files may be read then: that is what loading is. */
static void nor_does_one_that_misbehaves_while_it_is_loaded(void **state)
{
    static const struct {
        int fault;
        const char *error, *message;
    } cases[] = {
#ifndef HAS_SANITIZER
        {1, "memory", "128 MiB"},
#endif
        {3, NULL, NULL},
        {4, "system call", "openat"},
        {5, NULL, NULL},
        {6, "system call", "socket"},
        {7, "system call", "clone"},
        {8, "system call", "execve"},
        {9, "system call", "kill"},
        {10, "system call", "nanosleep"},
        {12, "exit", "ended the process"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char fault[16];
        json_t *lines;

        snprintf(fault, sizeof fault, "%d", cases[i].fault);
        setenv("HOSTILE_AT_LOAD", fault, 1);
        lines = lines_of(*state, "./hostile.so sieve --traces one --memory-limit 128mb");
        assert_int_equal(json_array_size(lines), 2);
        expect_line(lines, 0, "./hostile.so", cases[i].error, cases[i].message);
        expect_line(lines, 1, "sieve", NULL, NULL);
        json_decref(lines);
    }
    unsetenv("HOSTILE_AT_LOAD");
    free(command_output(*state, "test ! -e hostile.was.here"));
}

/* ---- a thousand ---- */

static void drop_times(json_t *lines)
{
    size_t i;
    json_t *line;

    json_array_foreach(lines, i, line) json_object_del(line, "ns_per_request");
}

static void a_thousand_are_answered_in_their_order_however_many_at_a_time(void **state)
{
    const char *arguments = "'variants/v*.so' ./crasher.so:fault=4 ./crasher.so:fault=11 ./hostile.so:fault=1 "
                            "--traces two/a.csv --unit-sizes --time-limit 2s --memory-limit 64mb -j";
    char line[1024];
    json_t *few, *many;

    free(command_output_of(*state,
                           "cd variants && cp ../largest.so v000.so && for i in $(seq %d); do "
                           "ln v000.so v$(printf %%03d $i).so; done",
                           VARIANTS - 1));
    snprintf(line, sizeof line, "%s 1", arguments);
    few = lines_of(*state, line);
    snprintf(line, sizeof line, "%s 7", arguments);
    many = lines_of(*state, line);
    assert_int_equal(json_array_size(few), VARIANTS + 3);
    for (size_t i = 0; i < VARIANTS; i++) {
        snprintf(line, sizeof line, "variants/v%03zu.so", i);
        assert_string_equal(text_in(few, i, "policy"), line);
        assert_true(real_in(few, i, "miss_ratio") > 0);
    }
    assert_string_equal(text_in(few, VARIANTS, "error"), "crash");
    assert_string_equal(text_in(few, VARIANTS + 1, "error"), "time");
#ifdef HAS_SANITIZER
    assert_string_equal(text_in(few, VARIANTS + 2, "error"), "time");
#else
    assert_string_equal(text_in(few, VARIANTS + 2, "error"), "memory");
#endif
    drop_times(few);
    drop_times(many);
    assert_true(json_equal(few, many));
    json_decref(few);
    json_decref(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_figures_are_those_of_a_run),
        cmocka_unit_test(it_is_the_mean_over_the_traces),
        cmocka_unit_test(the_memory_of_a_key_is_its_entry_and_its_share_of_the_state),
        cmocka_unit_test(each_misdeed_gets_its_line_and_disturbs_nobody),
        cmocka_unit_test(nor_does_one_that_misbehaves_while_it_is_loaded),
        cmocka_unit_test(a_thousand_are_answered_in_their_order_however_many_at_a_time),
    };

    command_init();
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
