/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/cli.h"

#include <stdio.h>
#include <string.h>

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

/* Letters that two names share, in order: good enough to guess what was meant. */
static size_t likeness(const char *a, const char *b)
{
    size_t same = 0;

    for (; *a; a++) {
        const char *at = strchr(b, *a);

        if (at) {
            b = at + 1;
            same++;
        }
    }
    return same;
}

static int unknown(const struct option_set *set, const char *name, struct error *error)
{
    const struct option *nearest = NULL;
    size_t best = strlen(name) / 2;

    for (size_t i = 0; i < set->count; i++) {
        if (likeness(name, set->options[i].name) > best) {
            best = likeness(name, set->options[i].name);
            nearest = &set->options[i];
        }
    }
    if (nearest)
        return error_set(error, ERROR_USAGE, "unknown option '--%s': did you mean '--%s'?", name,
                         nearest->name);
    return error_set(error, ERROR_USAGE, "unknown option '--%s': see --help", name);
}

static int apply(const struct option_set *set, const struct option *option, const char *value,
                 struct error *error)
{
    if (!option->set(set->target, value, error))
        return 0;
    return error_prefix(error, "--%s: ", option->name);
}

/* --name value, --name=value, --switch. Returns how many arguments it took, or -1. */
static int parse_long(const struct option_set *set, const char *text, const char *next,
                      struct error *error)
{
    size_t length = strcspn(text, "=");
    const struct option *option = find(set, text, length);
    const char *value = text[length] ? text + length + 1 : next;
    char name[64];

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
static int parse_short(const struct option_set *set, const char *text, const char *next,
                       struct error *error)
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

int options_parse(const struct option_set *set, int argc, char **argv, int *operands,
                  struct error *error)
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

void options_print(const struct option_set *set, FILE *out)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct option *option = &set->options[i];
        char left[80];

        snprintf(left, sizeof left, "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
                 option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
                 option->argument ? " " : "", option->argument ? option->argument : "");
        fprintf(out, "  %-38s %s", left, option->help);
        if (option->argument && option->initial && *option->initial)
            fprintf(out, " (%s)", option->initial);
        fputc('\n', out);
    }
}

void join_names(char *text, size_t bytes, const char *(*name)(const void *list, size_t i),
                const void *list, size_t count)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count && used < bytes; i++)
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", i ? ", " : "", name(list, i));
}
