/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_demo: make demo says last what to look at, which is there, and what to type next, which works. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, COMMANDS = 3 };

/* What it prints last, from "Look at" on; to be freed. */
static char *last_words(const char *folder)
{
    char *root = realpath(".", NULL), *text, *words;

    assert_non_null(root);
    text =
        command_output_of(folder, "ln -s '%s/tests' tests && ln -s \"$EVSIM\" evsim && sh tests/demo.sh ./evsim", root);
    words = strstr(text, "\nLook at");
    assert_non_null(words);
    words = strdup(words + 1);
    free(text);
    free(root);
    return words;
}

static void what_it_names_is_there_and_works(void **state)
{
    char *folder = support_directory(), *words, *rest, *line;
    int files = 0, commands = 0;

    (void)state;
    words = rest = last_words(folder);
    while ((line = strsep(&rest, "\n"))) {
        if (strncmp(line, "Look at", 7) != 0 && strlen(line) > COLUMNS) /* its folder may have a long name */
            fail_msg("more than %d columns: %s", COLUMNS, line);
        if (!strncmp(line, "  out/", 6) && (support_has_gnuplot() || !strchr(line, '*'))) {
            free(command_output_of(folder, "ls %.*s", (int)strcspn(line + 2, " "), line + 2));
            files++;
        }
        if (!strncmp(line, "    ", 4)) {
            free(command_output_of(folder, "%s", line));
            commands++;
        }
    }
    assert_int_equal(files, support_has_gnuplot() ? 2 : 1);
    assert_int_equal(commands, COMMANDS);
    free(words);
    support_remove(folder);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_it_names_is_there_and_works)};

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
