/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/options.h"

#include "sim/alloc.h"
#include "sim/cli/names.h"
#include "sim/units.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NAME_BYTES = 64,
    LEFT_COLUMNS = 38, /* of --help: names and arguments */
    HELP_COLUMNS = 110,
};

static const struct option help_option = {
    .name = "help", .letter = 'h', .kind = OPTION_SWITCH, .role = OPTION_OF_OUTPUT, .help = "this text"};

/* ---- members ---- */

/* An option, and the struct that has its member. */
struct place {
    const struct option *option; /* NULL: there is no such option */
    char *group;
};

static void *member_of(struct place place)
{
    return place.group + place.option->offset;
}

static void store_whole(struct place place, uint64_t value)
{
    assert(place.option->bytes == sizeof(uint32_t) || place.option->bytes == sizeof(uint64_t));
    if (place.option->bytes == sizeof(uint64_t))
        *(uint64_t *)member_of(place) = value;
    else
        *(uint32_t *)member_of(place) = (uint32_t)value;
}

static uint64_t load_whole(struct place place)
{
    return place.option->bytes == sizeof(uint64_t) ? *(uint64_t *)member_of(place) : *(uint32_t *)member_of(place);
}

/* ---- values ---- */

static int out_of_bounds(const struct option *option, const char *value, struct error *error)
{
    if (!option->most)
        return error_set(error, ERROR_USAGE, "'%s' is less than %" PRIu64, value, option->least);
    return error_set(error, ERROR_USAGE, "'%s' is not between %" PRIu64 " and %" PRIu64, value, option->least,
                     option->most);
}

static bool is_within(const struct option *option, uint64_t value)
{
    uint64_t most = option->most ? option->most : option->bytes == sizeof(uint32_t) ? UINT32_MAX : UINT64_MAX;

    return value >= option->least && value <= most;
}

static int set_number(struct place place, const char *value, struct error *error)
{
    uint64_t number;

    if (!scan_uint64(value, &number))
        return error_set(error, ERROR_USAGE, "bad number '%s'", value);
    if (!is_within(place.option, number))
        return out_of_bounds(place.option, value, error);
    store_whole(place, number);
    return 0;
}

static int set_size(struct place place, const char *value, struct error *error)
{
    uint64_t bytes;

    if (!scan_bytes(value, &bytes))
        return error_set(error, ERROR_USAGE, "bad size '%s': a whole number and a unit, as 512mb or 2gb", value);
    if (!is_within(place.option, bytes))
        return out_of_bounds(place.option, value, error);
    store_whole(place, bytes);
    return 0;
}

static int set_duration(struct place place, const char *value, struct error *error)
{
    int64_t *duration_us = member_of(place);
    char least[UNITS_TEXT], most[UNITS_TEXT];

    if (!scan_duration(value, duration_us))
        return error_set(error, ERROR_USAGE, "bad duration '%s': a number and a unit, as 90s or 1.5h", value);
    if (is_within(place.option, (uint64_t)*duration_us))
        return 0;
    print_duration(least, (int64_t)place.option->least);
    if (!place.option->most)
        return error_set(error, ERROR_USAGE, "'%s' is less than %s", value, least);
    return error_set(error, ERROR_USAGE, "'%s' is not between %s and %s", value, least,
                     print_duration(most, (int64_t)place.option->most));
}

static int set_real(struct place place, const char *value, struct error *error)
{
    const struct option *option = place.option;
    double *number = member_of(place);
    char *end;

    *number = strtod(value, &end);
    if (!*value || *end)
        return error_set(error, ERROR_USAGE, "bad number '%s'", value);
    if (option->above_lowest && !(*number > option->lowest && *number <= option->highest))
        return error_set(error, ERROR_USAGE, "'%s' is not above %g and at most %g", value, option->lowest,
                         option->highest);
    if (!(*number >= option->lowest && *number <= option->highest))
        return error_set(error, ERROR_USAGE, "'%s' is not between %g and %g", value, option->lowest, option->highest);
    return 0;
}

static const char *word_name(const void *list, size_t i)
{
    return ((const char *const *)list)[i];
}

static size_t word_count(const char *const *words)
{
    size_t count = 0;

    while (words[count])
        count++;
    return count;
}

static int set_choice(struct place place, const char *value, struct error *error)
{
    const char *const *words = place.option->words;
    char names[400];

    assert(place.option->bytes == sizeof(int));
    for (int i = 0; words[i]; i++)
        if (!strcasecmp(words[i], value)) {
            *(int *)member_of(place) = i + (int)place.option->least;
            return 0;
        }
    join_names(names, sizeof names, word_name, words, word_count(words));
    return error_set(error, ERROR_USAGE, "'%s' is not one of %s", value, names);
}

static int set_value(struct place place, const char *value, struct error *error)
{
    const struct option *option = place.option;

    if (option->zero && !strcasecmp(value, option->zero)) {
        memset(member_of(place), 0, option->bytes);
        return 0;
    }
    switch (option->kind) {
    case OPTION_SWITCH:
        *(bool *)member_of(place) = true;
        return 0;
    case OPTION_TEXT:
        if (option->check && option->check(value, error))
            return -1;
        *(const char **)member_of(place) = value;
        return 0;
    case OPTION_LIST:
        *(const char **)member_of(place) = value;
        return 0;
    case OPTION_CHOICE:
        return set_choice(place, value, error);
    case OPTION_NUMBER:
        return set_number(place, value, error);
    case OPTION_REAL:
        return set_real(place, value, error);
    case OPTION_SIZE:
        return set_size(place, value, error);
    case OPTION_DURATION:
        return set_duration(place, value, error);
    case OPTION_CUSTOM:
        return option->set(place.group, option, value, error);
    }
    return 0;
}

/* The fewest digits that read back as the same number. */
static char *print_real(double number)
{
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return xstrdup(text);
}

static char *print_whole(uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number);
    return xstrdup(text);
}

/* To be freed. */
static char *print_value(struct place place)
{
    const struct option *option = place.option;
    const char *text;

    switch (option->kind) {
    case OPTION_SWITCH:
        return xstrdup(*(bool *)member_of(place) ? "yes" : "no");
    case OPTION_TEXT:
    case OPTION_LIST:
        text = *(const char **)member_of(place);
        return xstrdup(text ? text : "");
    case OPTION_CHOICE:
        return xstrdup(option->words[*(int *)member_of(place) - (int)option->least]);
    case OPTION_NUMBER:
        return option->zero && !load_whole(place) ? xstrdup(option->zero) : print_whole(load_whole(place));
    case OPTION_SIZE:
    case OPTION_DURATION:
        return print_whole(load_whole(place));
    case OPTION_REAL:
        return option->zero && !(*(double *)member_of(place) > 0) ? xstrdup(option->zero)
                                                                  : print_real(*(double *)member_of(place));
    case OPTION_CUSTOM:
        return option->print(place.group, option);
    }
    return NULL;
}

/* ---- all options of a set ---- */

static size_t count_of(const struct option_set *set)
{
    size_t count = 0;

    for (size_t g = 0; g < set->group_count; g++)
        count += set->groups[g].count;
    return count;
}

static struct place place_at(const struct option_set *set, size_t i)
{
    const struct option_group *group = set->groups;

    for (; i >= group->count; group++)
        i -= group->count;
    return (struct place){&group->options[i], (char *)set->target + group->offset};
}

static const char *name_at(const void *list, size_t i)
{
    const struct option_set *set = list;

    return i < count_of(set) ? place_at(set, i).option->name : help_option.name;
}

static bool is_help(const struct option *option)
{
    return option == &help_option;
}

/* Names are taken in any case, as redis-server takes its own. */
static struct place find(const struct option_set *set, const char *name, size_t length)
{
    for (size_t i = 0; i < count_of(set); i++) {
        struct place place = place_at(set, i);

        if (strlen(place.option->name) == length && !strncasecmp(place.option->name, name, length))
            return place;
    }
    if (length == strlen(help_option.name) && !strncasecmp(help_option.name, name, length))
        return (struct place){.option = &help_option};
    return (struct place){0};
}

static struct place find_letter(const struct option_set *set, char letter)
{
    for (size_t i = 0; i < count_of(set); i++)
        if (place_at(set, i).option->letter == letter)
            return place_at(set, i);
    return (struct place){letter == help_option.letter ? &help_option : NULL, NULL};
}

static int unknown(const struct option_set *set, const char *name, struct error *error)
{
    const char *nearest = nearest_name(name, name_at, set, count_of(set) + 1);

    if (nearest)
        return error_set(error, ERROR_USAGE, "unknown option '--%s': did you mean '--%s'?", name, nearest);
    return error_set(error, ERROR_USAGE, "unknown option '--%s': see --help", name);
}

/* ---- the command line ---- */

static bool takes_value(const struct option *option)
{
    return option->kind != OPTION_SWITCH;
}

static int apply(struct option_set *set, struct place place, const char *value, struct error *error)
{
    if (is_help(place.option)) {
        set->help = true;
        return 0;
    }
    if (!set_value(place, value, error))
        return 0;
    return error_prefix(error, "--%s: ", place.option->name);
}

/* --name value, --name=value, --switch. Returns how many arguments it took, or -1. */
static int parse_long(struct option_set *set, const char *text, const char *next, struct option const **found,
                      struct error *error)
{
    size_t length = strcspn(text, "=");
    struct place place = find(set, text, length);
    const char *value = text[length] ? text + length + 1 : next;
    char name[NAME_BYTES];

    snprintf(name, sizeof name, "%.*s", (int)length, text);
    *found = place.option;
    if (!place.option)
        return unknown(set, name, error);
    if (!takes_value(place.option) && text[length])
        return error_set(error, ERROR_USAGE, "--%s takes no value", name);
    if (takes_value(place.option) && !value)
        return error_set(error, ERROR_USAGE, "--%s wants a value", name);
    if (apply(set, place, value, error))
        return -1;
    return takes_value(place.option) && !text[length] ? 2 : 1;
}

/* -o value, -ovalue. */
static int parse_short(struct option_set *set, const char *text, const char *next, struct option const **found,
                       struct error *error)
{
    struct place place = find_letter(set, text[0]);
    const char *value = text[1] ? text + 1 : next;

    *found = place.option;
    if (!place.option)
        return error_set(error, ERROR_USAGE, "unknown option '-%c': see --help", text[0]);
    if (takes_value(place.option) && !value)
        return error_set(error, ERROR_USAGE, "-%c wants a value", text[0]);
    if (apply(set, place, value, error))
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

static int parse_arguments(struct option_set *set, int argc, char **argv, FILE *command, struct error *error)
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
            took = parse_long(set, argv[i] + 2, next, &option, error);
        else
            took = parse_short(set, argv[i] + 1, next, &option, error);
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
    size_t bytes;
    FILE *command;
    int status = 0;

    for (size_t i = 0; i < count_of(set); i++) {
        struct place place = place_at(set, i);

        if (place.option->initial && apply(set, place, place.option->initial, error))
            return -1;
    }
    command = open_memstream(&set->command, &bytes);
    fprintf(command, "evsim %s", subcommand);
    status = parse_arguments(set, argc, argv, command, error);
    fclose(command);
    return status;
}

static int fill_list(struct place place, struct error *error)
{
    const char *list = *(const char **)member_of(place);
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
        struct place place = place_at(set, i);

        if (place.option->kind == OPTION_LIST && *(const char **)member_of(place) && fill_list(place, error))
            return -1;
    }
    return 0;
}

/* ---- help ---- */

/* "left", and from column LEFT_COLUMNS on the help and "(initial)", broken between words. */
static void print_line(FILE *out, const char *left, const char *help, const char *initial)
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

static void print_option(const struct option *option, FILE *out)
{
    char left[120];
    size_t used = (size_t)snprintf(left, sizeof left, "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
                                   option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
                                   option->argument ? " " : "", option->argument ? option->argument : "");

    if (option->kind == OPTION_CHOICE && !option->argument)
        for (size_t i = 0; option->words[i] && used < sizeof left; i++)
            used += (size_t)snprintf(left + used, sizeof left - used, "%c%s", i ? '|' : ' ', option->words[i]);
    print_line(out, left, option->help, option->initial ? option->initial : option->shown);
}

void options_print(const struct option_set *set, FILE *out)
{
    for (size_t g = 0; g < set->group_count; g++) {
        if (set->groups[g].heading)
            fprintf(out, "%s%s:\n", g ? "\n" : "", set->groups[g].heading);
        for (size_t i = 0; i < set->groups[g].count; i++)
            print_option(&set->groups[g].options[i], out);
    }
    if (set->group_count && set->groups[0].heading)
        fputc('\n', out);
    print_option(&help_option, out);
}

/* ---- the echo ---- */

void options_echo(const struct option_set *set, void (*tell)(void *owner, const char *name, const char *value),
                  void *owner)
{
    for (size_t i = 0; i < count_of(set); i++) {
        struct place place = place_at(set, i);
        char name[NAME_BYTES], *value;

        if (place.option->role != OPTION_OF_RESULTS)
            continue;
        value = print_value(place);
        snprintf(name, sizeof name, "%s%s", place.option->name, place.option->kind == OPTION_DURATION ? "-us" : "");
        tell(owner, name, value);
        free(value);
    }
}
