/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_version: one file has evsim's version, and everything that says a version says that one. */
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is in .release/version, without the line's end; to be freed. */
static char *version(void)
{
    char *text = support_read_file(".release", "version", NULL);

    assert_non_null(text);
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void it_is_three_numbers(void **state)
{
    char *text = version(), after;
    unsigned parts[3];

    (void)state;
    assert_int_equal(sscanf(text, "%u.%u.%u%c", &parts[0], &parts[1], &parts[2], &after), 3);
    free(text);
}

/* "## 0.2.0 - 2026-11-28": the newest is the one that the file says. */
static void the_changelog_begins_with_it(void **state)
{
    char *text = version(), *log = support_read_file(".release", "CHANGELOG.md", NULL);
    const char *heading = strstr(log, "\n## ");

    (void)state;
    assert_non_null(heading);
    heading += strlen("\n## ");
    if (strncmp(heading, text, strlen(text)) != 0 || strncmp(heading + strlen(text), " - 20", 5) != 0)
        fail_msg("CHANGELOG.md begins with %.20s, .release/version has %s", heading, text);
    free(log);
    free(text);
}

/* The commit may stand behind it. */
static void the_program_and_its_results_say_it(void **state)
{
    char *text = version(), *said = command_output(".", "\"$EVSIM\" --version"), *begin;
    json_t *results = json_loads(
        command_output(".", "\"$EVSIM\" mrc tests/data/twelve.csv --unit-sizes --sizes 3 --json 2>/dev/null"), 0, NULL);
    const char *of_results;

    (void)state;
    if (asprintf(&begin, "evsim %s", text) < 0)
        abort();
    assert_int_equal(strncmp(said, begin, strlen(begin)), 0);
    assert_true(said[strlen(begin)] == '\n' || said[strlen(begin)] == ' ');
    of_results = json_string_value(json_object_get(results, "evsim"));
    assert_non_null(of_results);
    assert_int_equal(strncmp(of_results, text, strlen(text)), 0);
    assert_true(!of_results[strlen(text)] || of_results[strlen(text)] == '+');
    json_decref(results);
    free(begin);
    free(said);
    free(text);
}

/* Every library of the Makefile's LDLIBS, but for libmd, which does not say, and the C library's mathematics; each with a
 * number. */
static void the_libraries_have_a_line_each(void **state)
{
    static const char *const names[] = {"gsl",    "libcsv",     "zstd",    "zlib",   "libarchive", "libpcap", "jansson",
                                        "xxhash", "libhiredis", "sqlite3", "liblzf", "liblzma",    "lua"};
    char *said = command_output(".", "\"$EVSIM\" --version");
    char *linked = command_output(".", "sed -n 's/^LDLIBS *:= //p' Makefile | tr -s ' ' '\\n' | "
                                       "grep -vxE -- '-l(gslcblas|md|m)' | wc -l");

    (void)state;
    assert_int_equal(atoi(linked), sizeof names / sizeof *names);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *line;

        if (asprintf(&line, "\n%-11s ", names[i]) < 0)
            abort();
        if (!strstr(said, line) || !isdigit((unsigned char)strstr(said, line)[strlen(line)]))
            fail_msg("evsim --version has no version of %s:\n%s", names[i], said);
        free(line);
    }
    free(linked);
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_three_numbers),
        cmocka_unit_test(the_changelog_begins_with_it),
        cmocka_unit_test(the_program_and_its_results_say_it),
        cmocka_unit_test(the_libraries_have_a_line_each),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
