/* SPDX-License-Identifier: GPL-3.0-or-later */
/* laws_help: laws that hold for what -h and --help say of every subcommand: -h is a screen, every example works. */
#include "sim/cli/registry.h"
#include "tests/support_command.h"
#include "tests/support_run.h"

#include "sim/alloc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN_LINES = 23, SCREEN_COLUMNS = 80 }; /* the prompt has the 24th line */

static void check_screen(const char *name, const char *text)
{
    int lines = 0;

    for (const char *line = text; *line; line += strcspn(line, "\n") + 1, lines++)
        if (strcspn(line, "\n") > SCREEN_COLUMNS)
            fail_msg("evsim %s -h: %zu columns: %.*s", name, strcspn(line, "\n"), (int)strcspn(line, "\n"), line);
    if (lines > SCREEN_LINES)
        fail_msg("evsim %s -h: %d lines:\n%s", name, lines, text);
}

static void a_screen_has_it(void **state)
{
    char *text = command_output(".", "\"$EVSIM\" -h");

    (void)state;
    check_screen("", text);
    for (size_t s = 0; s < subcommand_count; s++) {
        char *line;

        if (subcommands[s]->about_program)
            continue;
        if (asprintf(&line, "\n  %-12s %s\n", subcommands[s]->name, subcommands[s]->summary) < 0)
            abort();
        assert_non_null(strstr(text, line));
        free(line);
    }
    free(text);
    for (size_t s = 0; s < subcommand_count; s++) {
        text = command_output_of(".", "\"$EVSIM\" %s -h", subcommands[s]->name);
        check_screen(subcommands[s]->name, text);
        free(text);
    }
}

/* What is most asked for: the examples stand before the options, and at least one option is there where there are any. */
static void examples_come_first(void **state)
{
    (void)state;
    for (size_t s = 0; s < subcommand_count; s++) {
        const struct subcommand *subcommand = subcommands[s];
        char *text = command_output_of(".", "\"$EVSIM\" %s -h", subcommand->name);
        const char *option = strstr(text, "    --"), *letter = strstr(text, "  -"), *example;

        option = !option || (letter && letter < option) ? letter : option;
        if (!subcommand->examples || !subcommand->examples[0].line || !subcommand->usage)
            fail_msg("evsim %s: the row has no example, or no usage", subcommand->name);
        if (subcommand->option_groups && !option)
            fail_msg("evsim %s -h has no option:\n%s", subcommand->name, text);
        example = strstr(text, subcommand->examples[0].line);
        if (!example || (option && example > option))
            fail_msg("evsim %s -h does not begin with an example:\n%s", subcommand->name, text);
        free(text);
    }
}

static void for_every_example(void (*law)(const char *folder, const struct subcommand *subcommand, const char *line),
                              const char *folder)
{
    size_t count = 0;

    for (size_t s = 0; s < subcommand_count; s++)
        for (const struct cli_example *example = subcommands[s]->examples; example->line; example++, count++) {
            if (!example->what || !*example->what)
                fail_msg("%s: it does not say what it shows", example->line);
            law(folder, subcommands[s], example->line);
        }
    assert_true(count > 2 * subcommand_count);
}

/* It is one of this subcommand, and its parser takes it: --help, which is printed when all is parsed, comes out. */
static void parse_example(const char *folder, const struct subcommand *subcommand, const char *line)
{
    char *begin, *said, *help = command_output_of(".", "\"$EVSIM\" %s --help", subcommand->name);
    const char *end; /* of what is evsim's */

    (void)folder;
    if (asprintf(&begin, "evsim %s", subcommand->name) < 0)
        abort();
    if (strncmp(line, begin, strlen(begin)) != 0 || (line[strlen(begin)] && line[strlen(begin)] != ' '))
        fail_msg("%s: an example of %s", line, begin);
    end = strstr(line, " | ") ? strstr(line, " | ") : line + strlen(line);
    end = strstr(line, " > ") && strstr(line, " > ") < end ? strstr(line, " > ") : end;
    said = command_output_of(".", "\"$EVSIM\"%.*s --help", (int)(end - line) - 5, line + 5);
    if (strcmp(said, help) != 0)
        fail_msg("%s: the parser does not take it", line);
    free(said);
    free(help);
    free(begin);
}

static void every_example_is_parsed(void **state)
{
    (void)state;
    for_every_example(parse_example, NULL);
}

/* A folder with what the examples name. */
static int make_folder(void **state)
{
    char *folder = support_directory(), *root = realpath(".", NULL);

    free(command_output_of(
        folder,
        "zstd -dcq '%s/tests/data/sample.csv.zst' | head -n 12000 | zstd -q > trace.csv.zst && ln -s "
        "'%s/tests/data/session/monitor.txt' monitor.txt "
        "&& "
        "ln -s '%s/tests/data/dumps/redis-7.0.15.rdb.zst' dump.rdb && ln -s \"$EVSIM_PLUGINS/largest.so\" mine.so && "
        "printf 'maxmemory 2mb\\nmaxmemory-policy noeviction\\n' > redis.conf && "
        "mkdir bin && ln -s \"$EVSIM\" bin/evsim && "
        "for p in lru sieve; do \"$EVSIM\" run trace.csv.zst -m 2mb -p $p -o $p; done >/dev/null 2>&1 && "
        "for n in five ten; do "
        "\"$EVSIM\" run trace.csv.zst -m 2mb -p allkeys-lru --seeds 3 --maxmemory-samples ${#n} -o $n; done >/dev/null "
        "2>&1",
        root, root, root));
    free(root);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    support_remove(*state);
    free(*state);
    return 0;
}

/* evsim speed needs a server that may not be there. */
static void run_example(const char *folder, const struct subcommand *subcommand, const char *line)
{
    char *said, *status;

    if (!strcmp(subcommand->name, "speed"))
        return;
    said =
        command_output_of(folder, "PATH=$PWD/bin:$PATH; set -e; (%s) >said 2>&1 || echo ended $?; tail -3 said", line);
    status = strstr(said, "ended");
    if (status)
        fail_msg("%s: %s", line, said);
    free(said);
}

static void every_example_works(void **state)
{
    for_every_example(run_example, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_screen_has_it),
        cmocka_unit_test(examples_come_first),
        cmocka_unit_test(every_example_is_parsed),
        cmocka_unit_test_setup_teardown(every_example_works, make_folder, remove_folder),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
