/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_readme: the output that the READMEs show is the program's, and the code that they show is tested. */
#include "sim/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *read_all(FILE *in)
{
    enum { MOST = 1 << 20 };
    char *text = xcalloc(1, MOST);

    assert_non_null(in);
    assert_true(fread(text, 1, MOST - 1, in) < MOST - 1);
    return text;
}

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = read_all(in);

    fclose(in);
    return text;
}

/* The first block between `fence` and a closing fence. To be freed. */
static char *first_block(const char *path, const char *fence)
{
    char *text = read_file(path), *start = strstr(text, fence), *end, *block;

    assert_non_null(start);
    start += strlen(fence);
    end = strstr(start, "```\n");
    assert_non_null(end);
    block = strndup(start, (size_t)(end - start));
    free(text);
    return block;
}

static void the_table_is_what_the_program_prints(void **state)
{
    const char *evsim = getenv("EVSIM");
    char *shown = first_block("README.md", "\n\n```\n"), *printed, command[4200];
    FILE *out;

    (void)state;
    snprintf(command, sizeof command, "%s run tests/data/sample.csv.zst --maxmemory 2mb",
             evsim ? evsim : "build/release/evsim");
    out = popen(command, "r");
    printed = read_all(out);
    assert_int_equal(pclose(out), 0);
    assert_string_equal(shown, printed);
    free(shown);
    free(printed);
}

/* The answers that it begins with are how the program's begin. */
static void expect_answer(const char *begins, const char *arguments)
{
    const char *evsim = getenv("EVSIM");
    char *readme = read_file("README.md"), *start = strstr(readme, begins), *end, *printed, command[4200];
    FILE *out;

    assert_non_null(strstr(readme, arguments)); /* the command that is shown */
    assert_non_null(start);
    end = strstr(start, "```\n");
    assert_non_null(end);
    *end = '\0';
    snprintf(command, sizeof command, "%s %s 2>/dev/null", evsim ? evsim : "build/release/evsim", arguments);
    out = popen(command, "r");
    printed = read_all(out);
    assert_int_equal(pclose(out), 0);
    printed[strlen(start)] = '\0';
    assert_string_equal(start, printed);
    free(readme);
    free(printed);
}

static void the_answers_are_what_the_program_prints(void **state)
{
    (void)state;
    expect_answer("verdict  ", "doctor tests/data/sample.csv.zst --maxmemory 2mb --policy noeviction");
    expect_answer("allkeys-lru needs", "size tests/data/sample.csv.zst --goal 'hit_ratio>=0.7,oom_rejections=0'");
}

/* The walk-through's file is tests/plugins/largest.c but for that one's first line, which says so. */
static void the_policy_that_it_writes_is_under_test(void **state)
{
    char *shown = first_block("policies/README.md", "```c\n"), *tested = read_file("tests/plugins/largest.c");

    (void)state;
    assert_string_equal(shown, strchr(tested, '\n') + 1);
    free(shown);
    free(tested);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_what_the_program_prints),
        cmocka_unit_test(the_answers_are_what_the_program_prints),
        cmocka_unit_test(the_policy_that_it_writes_is_under_test),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
