/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/options.h"

#include "sim/alloc.h"
#include "sim/cli/names.h"
#include "sim/cli/option_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NAME_BYTES = 64,
};

const struct option options_help = {.name = "help",
                                    .letter = 'h',
                                    .kind = OPTION_SWITCH,
                                    .role = OPTION_OF_OUTPUT,
                                    .help = "-h: a screen of it; --help: this text"};

/* ---- finding an option ---- */

static size_t count_of(const struct option_set *set)
{
    size_t count = 0;

    for (size_t g = 0; g < set->group_count; g++)
        count += set->groups[g].count;
    return count;
}

static struct option_place place_at(const struct option_set *set, size_t i)
{
    const struct option_group *group = set->groups;

    for (; i >= group->count; group++)
        i -= group->count;
    return (struct option_place){&group->options[i], (char *)set->target + group->offset};
}

static const char *name_at(const void *list, size_t i)
{
    const struct option_set *set = list;

    return i < count_of(set) ? place_at(set, i).option->name : options_help.name;
}

static bool is_help(const struct option *option)
{
    return option == &options_help;
}

static bool is_called(const char *option, const char *name, size_t length)
{
    return option && strlen(option) == length && !strncasecmp(option, name, length);
}

/* Names may be in any case, as in redis-server. */
static struct option_place find(const struct option_set *set, const char *name, size_t length)
{
    for (size_t i = 0; i < count_of(set); i++) {
        struct option_place place = place_at(set, i);

        if (is_called(place.option->name, name, length) || is_called(place.option->alias, name, length))
            return place;
    }
    if (is_called(options_help.name, name, length))
        return (struct option_place){.option = &options_help};
    return (struct option_place){0};
}

static struct option_place find_letter(const struct option_set *set, char letter)
{
    for (size_t i = 0; i < count_of(set); i++)
        if (place_at(set, i).option->letter == letter)
            return place_at(set, i);
    return (struct option_place){letter == options_help.letter ? &options_help : NULL, NULL};
}

static int unknown(const struct option_set *set, const char *name, struct error *error)
{
    const char *nearest = nearest_name(name, name_at, set, count_of(set) + 1);

    if (nearest)
        return error_set(error, ERROR_USAGE, "unknown option '--%s': did you mean '--%s'?", name, nearest);
    return error_set(error, ERROR_USAGE, "unknown option '--%s': see evsim %s --help", name, set->subcommand);
}

/* ---- reading the command line ---- */

/* What the command line has given so far. */
struct given {
    const char **values; /* by option, the latest; NULL: not given */
    bool again;          /* this one is a list that goes on */
};

static bool takes_value(const struct option *option)
{
    return option->kind != OPTION_SWITCH;
}

static bool takes_several(const struct option *option)
{
    return option->kind == OPTION_LIST || option->joins || option->repeats;
}

static size_t place_of(const struct option_set *set, struct option_place place)
{
    size_t i = 0;

    while (place_at(set, i).option != place.option || place_at(set, i).group != place.group)
        i++;
    return i;
}

/* "a,b" of "a", which is in force, and "b". */
static const char *join(struct option_set *set, struct option_place place, const char *value)
{
    char *joined;

    if (asprintf(&joined, "%s,%s", *(const char **)option_member(place), value) < 0)
        abort();
    set->joined = xrealloc(set->joined, (set->joined_count + 1) * sizeof *set->joined);
    set->joined[set->joined_count++] = joined;
    return joined;
}

/* Says that the option is given, before it is applied. */
static int give(const struct option_set *set, struct given *given, struct option_place place, const char *value,
                struct error *error)
{
    const char **earlier = is_help(place.option) ? NULL : &given->values[place_of(set, place)];

    if (!earlier)
        return 0;
    if (*earlier && !takes_value(place.option))
        return error_set(error, ERROR_USAGE, "--%s is given twice", place.option->name);
    if (*earlier && !takes_several(place.option))
        return error_set(error, ERROR_USAGE, "--%s is given twice, as '%s' and as '%s': it takes one value",
                         place.option->name, *earlier, value);
    given->again = *earlier && (place.option->kind == OPTION_LIST || place.option->joins);
    *earlier = value ? value : "";
    return 0;
}

static int apply(struct option_set *set, struct option_place place, bool is_letter, const char *value,
                 struct error *error)
{
    if (is_help(place.option)) {
        set->help = set->help == HELP_WHOLE || !is_letter ? HELP_WHOLE : HELP_SCREEN;
        return 0;
    }
    if (!option_set_value(place, value, error))
        return 0;
    return error_prefix(error, "--%s: ", place.option->name);
}

/* What is to stand behind it, as --help has it. */
static const char *value_words(const struct option *option)
{
    return option->argument ? option->argument : "one of those that --help lists";
}

/* As the command line says it: given by name or by letter. */
static int take(struct option_set *set, struct given *given, struct option_place place, bool is_letter,
                const char *value, struct error *error)
{
    given->again = false;
    if (give(set, given, place, value, error))
        return -1;
    return apply(set, place, is_letter, given->again ? join(set, place, value) : value, error);
}

/* Parses --name value, --name=value or --switch. Returns the number of arguments used, or -1. */
static int parse_long(struct option_set *set, struct given *given, const char *text, const char *next,
                      struct option const **found, struct error *error)
{
    size_t length = strcspn(text, "=");
    struct option_place place = find(set, text, length);
    const char *value = text[length] ? text + length + 1 : next;
    char name[NAME_BYTES];

    snprintf(name, sizeof name, "%.*s", (int)length, text);
    *found = place.option;
    if (!place.option)
        return unknown(set, name, error);
    if (!takes_value(place.option) && text[length])
        return error_set(error, ERROR_USAGE, "--%s takes no value", name);
    if (takes_value(place.option) && !value)
        return error_set(error, ERROR_USAGE, "--%s wants a value: %s", name, value_words(place.option));
    if (take(set, given, place, false, value, error))
        return -1;
    return takes_value(place.option) && !text[length] ? 2 : 1;
}

/* Parses -o value or -ovalue. */
static int parse_short(struct option_set *set, struct given *given, const char *text, const char *next,
                       struct option const **found, struct error *error)
{
    struct option_place place = find_letter(set, text[0]);
    const char *value = text[1] ? text + 1 : next;

    *found = place.option;
    if (!place.option)
        return error_set(error, ERROR_USAGE, "unknown option '-%c': see evsim %s --help", text[0], set->subcommand);
    if (takes_value(place.option) && !value)
        return error_set(error, ERROR_USAGE, "-%c, --%s, wants a value: %s", text[0], place.option->name,
                         value_words(place.option));
    if (take(set, given, place, true, value, error))
        return -1;
    return takes_value(place.option) && !text[1] ? 2 : 1;
}

static void put_quoted(const char *text, FILE *out)
{
    bool plain = *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-_=,./:+@%") == strlen(text);

    fputc(' ', out);
    if (plain) {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (const char *c = text; *c; c++)
        fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, out);
    fputc('\'', out);
}

static int parse_arguments(struct option_set *set, struct given *given, int argc, char **argv, FILE *command,
                           struct error *error)
{
    bool only_operands = false;

    for (int i = 0, took; i < argc; i += took) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        const struct option *option = NULL;
        char *operand = NULL;

        took = 1;
        if (only_operands || argv[i][0] != '-' || !argv[i][1])
            operand = argv[i];
        else if (!strcmp(argv[i], "--"))
            only_operands = true;
        else if (argv[i][1] == '-')
            took = parse_long(set, given, argv[i] + 2, next, &option, error);
        else
            took = parse_short(set, given, argv[i] + 1, next, &option, error);
        if (took < 0)
            return -1;
        for (int j = i; j < i + took && !(option && option->role == OPTION_OF_HOST); j++)
            put_quoted(argv[j], command);
        if (operand)
            argv[set->operands++] = operand;
    }
    return 0;
}

int options_parse(struct option_set *set, const char *subcommand, int argc, char **argv, struct error *error)
{
    struct given given = {0};
    size_t bytes;
    FILE *command;
    int status = 0;

    for (size_t i = 0; i < count_of(set); i++) {
        struct option_place place = place_at(set, i);

        if (place.option->initial && apply(set, place, false, place.option->initial, error))
            return -1;
    }
    set->subcommand = subcommand;
    command = open_memstream(&set->command, &bytes);
    fprintf(command, "evsim %s", subcommand);
    given.values = xcalloc(count_of(set) + 1, sizeof *given.values);
    status = parse_arguments(set, &given, argc, argv, command, error);
    free(given.values);
    fclose(command);
    return status;
}

void options_release(struct option_set *set)
{
    for (size_t i = 0; i < set->joined_count; i++)
        free(set->joined[i]);
    free(set->joined);
    free(set->command);
}

static int fill_list(struct option_place place, struct error *error)
{
    const char *list = *(const char **)option_member(place);
    char *copy = xstrdup(list), *rest = copy, *item;
    int status = 0;

    while (!status && (item = strsep(&rest, ",")))
        status = *item ? place.option->add(place.group, item, error)
                       : error_set(error, ERROR_USAGE, "empty item in '%s'", list);
    free(copy);
    return status ? error_prefix(error, "--%s: ", place.option->name) : 0;
}

int options_fill_lists(const struct option_set *set, struct error *error)
{
    for (size_t i = 0; i < count_of(set); i++) {
        struct option_place place = place_at(set, i);

        if (place.option->kind == OPTION_LIST && *(const char **)option_member(place) && fill_list(place, error))
            return -1;
    }
    return 0;
}

/* ---- the settings in force ---- */

void options_echo(const struct option_set *set, void (*tell)(void *owner, const char *name, const char *value),
                  void *owner)
{
    for (size_t i = 0; i < count_of(set); i++) {
        struct option_place place = place_at(set, i);
        char name[NAME_BYTES], *value;

        if (place.option->role != OPTION_OF_RESULTS)
            continue;
        value = option_print_value(place);
        snprintf(name, sizeof name, "%s%s", place.option->name, place.option->kind == OPTION_DURATION ? "-us" : "");
        tell(owner, name, value);
        free(value);
    }
}
