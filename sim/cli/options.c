/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/cli.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_BYTES = 64,
    LEFT_COLUMNS = 38, /* of --help: names and arguments */
    HELP_COLUMNS = 110,
};

static const struct option *find(const struct option_set *set, const char *name, size_t length)
{
    for (size_t i = 0; i < set->count; i++)
        if (strlen(set->options[i].name) == length && !strncmp(set->options[i].name, name, length))
            return &set->options[i];
    return NULL;
}

static const struct option *find_letter(const struct option_set *set, char letter)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->options[i].letter == letter)
            return &set->options[i];
    return NULL;
}

/* How many letters have to be added, dropped, changed or swapped with their neighbour to make one
 * of the other (Damerau and Levenshtein, one row at a time). Names beyond NAME_BYTES are never
 * alike. */
static size_t distance(const char *a, const char *b)
{
    size_t before[NAME_BYTES], row[NAME_BYTES], next[NAME_BYTES] = {0};
    size_t width = strlen(b);

    if (strlen(a) >= NAME_BYTES || width >= NAME_BYTES)
        return SIZE_MAX;
    for (size_t j = 0; j <= width; j++)
        before[j] = row[j] = j;
    for (size_t i = 1; i <= strlen(a); i++) {
        next[0] = i;
        for (size_t j = 1; j <= width; j++) {
            next[j] = row[j - 1] + (a[i - 1] != b[j - 1]);
            if (next[j] > row[j] + 1)
                next[j] = row[j] + 1;
            if (next[j] > next[j - 1] + 1)
                next[j] = next[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && next[j] > before[j - 2] + 1)
                next[j] = before[j - 2] + 1;
        }
        memcpy(before, row, sizeof before);
        memcpy(row, next, sizeof row);
    }
    return row[width];
}

const char *nearest_name(const char *wrong, const char *(*name)(const void *list, size_t i), const void *list,
                         size_t count)
{
    const char *nearest = NULL;
    size_t best = strlen(wrong) / 3 + 2; /* further away it is another word */

    for (size_t i = 0; i < count; i++) {
        const char *candidate = name(list, i);
        size_t away = distance(wrong, candidate);

        if (*wrong && !strncmp(candidate, wrong, strlen(wrong)))
            away = 0; /* an abbreviation */
        else if (strlen(wrong) > 2 && strstr(candidate, wrong) && away > 1)
            away = 1; /* a part of it */
        if (away < best) {
            best = away;
            nearest = candidate;
        }
    }
    return nearest;
}

/* The names of the table, then those that are not in it. */
static const char *any_name(const void *list, size_t i)
{
    const struct option_set *set = list;

    return i < set->count ? set->options[i].name : set->other_name(i - set->count);
}

static int unknown(const struct option_set *set, const char *name, struct error *error)
{
    const char *nearest = nearest_name(name, any_name, set, set->count + set->other_count);

    if (nearest)
        return error_set(error, ERROR_USAGE, "unknown option '--%s': did you mean '--%s'?", name, nearest);
    return error_set(error, ERROR_USAGE, "unknown option '--%s': see --help", name);
}

static int apply(const struct option_set *set, const struct option *option, const char *value, struct error *error)
{
    if (!option->set(set->target, value, error))
        return 0;
    return error_prefix(error, "--%s: ", option->name);
}

/* --name value, --name=value, --switch. Returns how many arguments it took, or -1. */
static int parse_long(const struct option_set *set, const char *text, const char *next, struct error *error)
{
    size_t length = strcspn(text, "=");
    const struct option *option = find(set, text, length);
    const char *value = text[length] ? text + length + 1 : next;
    char name[NAME_BYTES];

    snprintf(name, sizeof name, "%.*s", (int)length, text);
    if (option && !option->argument) {
        if (text[length])
            return error_set(error, ERROR_USAGE, "--%s takes no value", name);
        return apply(set, option, "yes", error) ? -1 : 1;
    }
    if (!option && !(set->other && set->other(set->target, name, NULL, error)))
        return unknown(set, name, error);
    if (!value)
        return error_set(error, ERROR_USAGE, "--%s wants a value", name);
    if (option && apply(set, option, value, error))
        return -1;
    if (!option && (set->other(set->target, name, value, error), error_is_set(error)))
        return error_prefix(error, "--");
    return text[length] ? 1 : 2;
}

/* -o value, -ovalue. */
static int parse_short(const struct option_set *set, const char *text, const char *next, struct error *error)
{
    const struct option *option = find_letter(set, text[0]);
    const char *value = text[1] ? text + 1 : next;

    if (!option)
        return error_set(error, ERROR_USAGE, "unknown option '-%c': see --help", text[0]);
    if (!option->argument)
        value = "yes";
    else if (!value)
        return error_set(error, ERROR_USAGE, "-%c wants a value", text[0]);
    if (apply(set, option, value, error))
        return -1;
    return option->argument && !text[1] ? 2 : 1;
}

int options_parse(const struct option_set *set, int argc, char **argv, int *operands, struct error *error)
{
    bool only_operands = false;

    *operands = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->options[i].initial && apply(set, &set->options[i], set->options[i].initial, error))
            return -1;
    for (int i = 0; i < argc;) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        int took = 1;

        if (only_operands || argv[i][0] != '-' || !argv[i][1])
            argv[(*operands)++] = argv[i];
        else if (!strcmp(argv[i], "--"))
            only_operands = true;
        else if (argv[i][1] == '-')
            took = parse_long(set, argv[i] + 2, next, error);
        else
            took = parse_short(set, argv[i] + 1, next, error);
        if (took < 0)
            return -1;
        i += took;
    }
    return 0;
}

/* "left", and from column LEFT_COLUMNS on the help and "(initial)", broken between words. */
void options_print_line(FILE *out, const char *left, const char *help, const char *initial)
{
    int column = fprintf(out, "  %-*s", LEFT_COLUMNS - 2, left);
    char text[400];
    const char *word = text;

    snprintf(text, sizeof text, initial ? "%s (%s)" : "%s", help, initial);
    while (*word) {
        int length = (int)strcspn(word, " ");

        if (column + 1 + length > HELP_COLUMNS && column > LEFT_COLUMNS)
            column = fprintf(out, "\n%*s", LEFT_COLUMNS, "") - 1;
        column += fprintf(out, " %.*s", length, word);
        word += length;
        word += *word == ' ';
    }
    fputc('\n', out);
}

void options_print(const struct option_set *set, FILE *out)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct option *option = &set->options[i];
        char left[80];

        snprintf(left, sizeof left, "%c%c%s--%s%s%s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
                 option->letter ? ", " : "  ", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        options_print_line(out, left, option->help, option->argument ? option->initial : NULL);
    }
}

void join_names(char *text, size_t bytes, const char *(*name)(const void *list, size_t i), const void *list,
                size_t count)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count && used < bytes; i++)
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", i ? ", " : "", name(list, i));
}

char *quote_command(const char *subcommand, int argc, char **argv)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    fprintf(out, "evsim %s", subcommand);
    for (int i = 0; i < argc; i++) {
        bool plain = argv[i][0] && strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                   "0123456789-_=,./:+@%") == strlen(argv[i]);

        if (!strncmp(argv[i], "-j", 2) || !strncmp(argv[i], "--jobs", 6)) {
            i += !strcmp(argv[i], "-j") || !strcmp(argv[i], "--jobs");
            continue;
        }
        fputc(' ', out);
        if (plain) {
            fputs(argv[i], out);
            continue;
        }
        fputc('\'', out);
        for (const char *c = argv[i]; *c; c++)
            fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, out);
        fputc('\'', out);
    }
    fclose(out);
    return text;
}
