/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_man: the pages have every option with its help, and man and mandoc find nothing wrong with them. */
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

/* The text of the page as man prints it, without the gaps between its words: "what is there" is "whatisthere". */
static char *without_gaps(const char *text)
{
    char *plain = xmalloc(strlen(text) + 1), *end = plain;

    for (; *text; text++)
        if (*text != ' ' && *text != '\n')
            *end++ = *text;
    *end = '\0';
    return plain;
}

/* What a page's source says when it is read: \- is a dash, \e a backslash, \(aq a quote; no macros. */
static char *read_source(const char *source)
{
    static const struct {
        const char *written, *read;
    } escapes[] = {{"\\-", "-"},   {"\\e", "\\"}, {"\\(aq", "'"}, {"\\(ga", "`"}, {"\\(ha", "^"},
                   {"\\(ti", "~"}, {"\\&", ""},   {"\\fI", ""},   {"\\fR", ""}};
    char *text = xmalloc(strlen(source) + 1), *end = text;
    bool is_line_start = true;

    while (*source) {
        size_t i = 0;

        if (is_line_start && *source == '.')
            source += strcspn(source, " \n");
        while (i < sizeof escapes / sizeof *escapes &&
               strncmp(source, escapes[i].written, strlen(escapes[i].written)) != 0)
            i++;
        is_line_start = *source == '\n';
        if (i == sizeof escapes / sizeof *escapes) {
            *end++ = *source++;
            continue;
        }
        end = stpcpy(end, escapes[i].read);
        source += strlen(escapes[i].written);
    }
    *end = '\0';
    return text;
}

static char *page_of(const char *subcommand)
{
    char *source = command_output_of(".", "\"$EVSIM\" man %s", subcommand), *text = read_source(source),
         *plain = without_gaps(text);

    free(source);
    free(text);
    return plain;
}

static void check_has(const char *page, const char *subcommand, const char *text)
{
    char *wanted = without_gaps(text);

    if (!strcasestr(page, wanted)) /* a heading begins with a capital letter */
        fail_msg("evsim man %s has no '%s'", subcommand, text);
    free(wanted);
}

static void check_option(const char *page, const char *subcommand, const struct option *option)
{
    char *text;

    if (asprintf(&text, "--%s%s%s%s%s", option->name, option->argument ? option->argument : "",
                 option->kind == OPTION_CHOICE && !option->argument ? option->words[0] : "",
                 option->kind == OPTION_CHOICE && !option->argument && option->words[1] ? "|" : "",
                 option->kind == OPTION_SWITCH ? option->help : "") < 0)
        abort();
    check_has(page, subcommand, text);
    check_has(page, subcommand, option->help);
    free(text);
}

static void every_page_has_every_option(void **state)
{
    (void)state;
    for (size_t s = 0; s < subcommand_count; s++) {
        char *page = page_of(subcommands[s]->name);

        check_has(page, subcommands[s]->name, subcommands[s]->summary);
        for (size_t g = 0; g < subcommands[s]->option_groups; g++)
            for (size_t i = 0; i < subcommands[s]->options[g].count; i++)
                check_option(page, subcommands[s]->name, &subcommands[s]->options[g].options[i]);
        free(page);
    }
}

/* Word by word, whatever the order of its parts. */
static void a_page_has_what_help_says(void **state)
{
    (void)state;
    for (size_t s = 0; s < subcommand_count; s++) {
        char *help = command_output_of(".", "\"$EVSIM\" %s --help", subcommands[s]->name), *rest = help, *word,
             *page = page_of(subcommands[s]->name);

        while ((word = strsep(&rest, " \n")))
            if (strlen(word) > 2 && strcmp(word, "usage:") != 0 && strcmp(word, "examples:") != 0 &&
                word[strlen(word) - 1] != ':' && !strchr("([", *word) && !strchr(")]", word[strlen(word) - 1]))
                check_has(page, subcommands[s]->name, word);
        free(page);
        free(help);
    }
}

static void the_overview_names_every_page(void **state)
{
    char *page = page_of(""), *folder = support_directory(), *pages;

    (void)state;
    for (size_t s = 0; s < subcommand_count; s++) {
        char *name;

        if (asprintf(&name, "evsim-%s(1)%s", subcommands[s]->name, subcommands[s]->summary) < 0)
            abort();
        check_has(page, "", name);
        free(name);
    }
    pages = command_output_of(folder, "\"$EVSIM\" man --output pages && ls pages | wc -l");
    assert_int_equal(atoi(pages), subcommand_count + 1);
    free(pages);
    support_remove(folder);
    free(folder);
    free(page);
}

/* Whoever formats a page without a word finds nothing wrong with it: "LINTER PAGE". */
static void check_pages(const char *program, const char *line)
{
    char *folder = support_directory(), *found = command_output_of(".", "command -v %s || true", program), *said;
    bool is_there = *found;

    free(found);
    if (is_there) {
        said = command_output_of(folder, "\"$EVSIM\" man --output . && for page in *.1; do %s; done", line);
        if (*said)
            fail_msg("%s: %s", program, said);
        free(said);
    }
    support_remove(folder);
    free(folder);
    if (is_there)
        return;
    printf("skipped: there is no %s here\n", program);
    skip();
}

static void mandoc_finds_nothing(void **state)
{
    (void)state;
    check_pages("mandoc", "mandoc -T lint -W all \"$page\" || true");
}

static void man_warns_of_nothing(void **state)
{
    (void)state;
    check_pages("groff", "LC_ALL=C.UTF-8 MANWIDTH=80 groff -man -Tutf8 -ww -z \"$page\" 2>&1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_has_every_option),   cmocka_unit_test(a_page_has_what_help_says),
        cmocka_unit_test(the_overview_names_every_page), cmocka_unit_test(mandoc_finds_nothing),
        cmocka_unit_test(man_warns_of_nothing),
    };

    command_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
