/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/help.h"

#include <stdio.h>
#include <string.h>

enum {
    COLUMNS = 80,
    LEFT_COLUMNS = 30,       /* width of the names and arguments in --help */
    BRIEF_LEFT_COLUMNS = 33, /* and in -h, where the lines are short */
    LEFT_BYTES = 120,
};

/* Prints the words from `column` on, broken where they would pass COLUMNS, further lines from `indent` on. */
static void put_words(const char *text, int column, int indent, FILE *out)
{
    while (*text) {
        int length = (int)strcspn(text, " ");

        if (column + 1 + length > COLUMNS && column > indent)
            column = fprintf(out, "\n%*s", indent, "") - 1;
        column += fprintf(out, "%s%.*s", column > 0 ? " " : "", length, text);
        text += length;
        text += *text == ' ';
    }
    fputc('\n', out);
}

/* ---- the lines of options ---- */

/* "-m, --maxmemory SIZE[,SIZE...]" */
static void print_left(const struct option *option, char left[LEFT_BYTES])
{
    size_t used = (size_t)snprintf(left, LEFT_BYTES, "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
                                   option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
                                   option->argument ? " " : "", option->argument ? option->argument : "");

    if (option->kind == OPTION_CHOICE && !option->argument)
        for (size_t i = 0; option->words[i] && used < LEFT_BYTES; i++)
            used += (size_t)snprintf(left + used, LEFT_BYTES - used, "%c%s", i ? '|' : ' ', option->words[i]);
}

/* One option per line, or more lines where the help is long; then "(initial)". */
static void put_option(const struct option *option, FILE *out)
{
    const char *initial = option->initial ? option->initial : option->shown;
    char left[LEFT_BYTES], text[400];

    print_left(option, left);
    snprintf(text, sizeof text, initial ? "%s (%s)" : "%s", option->help, initial);
    put_words(text, fprintf(out, "  %-*s", LEFT_COLUMNS - 2, left), LEFT_COLUMNS, out);
}

void help_options(const struct option_set *set, FILE *out)
{
    for (size_t g = 0; g < set->group_count; g++) {
        if (set->groups[g].heading)
            fprintf(out, "%s%s:\n", g ? "\n" : "", set->groups[g].heading);
        for (size_t i = 0; i < set->groups[g].count; i++)
            put_option(&set->groups[g].options[i], out);
    }
    if (set->group_count && set->groups[0].heading)
        fputc('\n', out);
    put_option(&options_help, out);
}

/* How many options there are, for the last line. */
static size_t put_briefs(const struct option_set *set, FILE *out)
{
    size_t count = 0;

    for (size_t g = 0; g < set->group_count; g++) {
        for (size_t i = 0; i < set->groups[g].count; i++) {
            const struct option *option = &set->groups[g].options[i];
            char left[LEFT_BYTES];

            if (!option->brief)
                continue;
            print_left(option, left);
            fprintf(out, "  %-*s %s\n", BRIEF_LEFT_COLUMNS - 2, left, option->brief);
        }
        count += set->groups[g].count;
    }
    return count;
}

/* ---- the whole ---- */

static void put_usage(const char *usage, FILE *out)
{
    const char *label = "usage: ";

    for (;;) {
        int length = (int)strcspn(usage, "\n");

        fprintf(out, "%s%.*s\n", label, length, usage);
        if (!usage[length])
            return;
        usage += length + 1;
        label = "       ";
    }
}

void help_examples(const struct cli_example *examples, FILE *out)
{
    size_t width = 0;

    for (size_t i = 0; examples[i].line; i++)
        width = strlen(examples[i].line) > width ? strlen(examples[i].line) : width;
    for (size_t i = 0; examples[i].line; i++)
        fprintf(out, "  %-*s  # %s\n", (int)width, examples[i].line, examples[i].what);
}

static void put_screen(const struct subcommand *self, const struct option_set *set, FILE *out)
{
    size_t count;

    fprintf(out, "evsim %s: %s\n", self->name, self->summary);
    put_usage(self->usage, out);
    fputc('\n', out);
    help_examples(self->examples, out);
    fputc('\n', out);
    count = put_briefs(set, out);
    if (count > 1)
        fprintf(out, "\nevsim %s --help: all %zu options\n", self->name, count);
    else
        fprintf(out, "%sevsim %s --help: the rest\n", count ? "\n" : "", self->name);
}

static void put_whole(const struct subcommand *self, const struct catalog *catalog, const struct option_set *set,
                      FILE *out)
{
    put_usage(self->usage, out);
    fputc('\n', out);
    put_words(self->about ? self->about : self->summary, 0, 0, out);
    fputc('\n', out);
    help_options(set, out);
    if (self->more)
        self->more(catalog, out);
    fprintf(out, "\nexamples:\n");
    help_examples(self->examples, out);
}

void help_print(const struct subcommand *self, const struct catalog *catalog, const struct option_set *set, FILE *out)
{
    if (set->help == HELP_SCREEN)
        put_screen(self, set, out);
    else if (set->help == HELP_WHOLE)
        put_whole(self, catalog, set, out);
}
