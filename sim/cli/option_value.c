/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/option_value.h"

#include "sim/alloc.h"
#include "sim/cli/names.h"
#include "sim/units.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- fields of the target ---- */

void *option_member(struct option_place place)
{
    return place.group + place.option->offset;
}

static void store_whole(struct option_place place, uint64_t value)
{
    assert(place.option->bytes == sizeof(uint32_t) || place.option->bytes == sizeof(uint64_t));
    if (place.option->bytes == sizeof(uint64_t))
        *(uint64_t *)option_member(place) = value;
    else
        *(uint32_t *)option_member(place) = (uint32_t)value;
}

static uint64_t load_whole(struct option_place place)
{
    return place.option->bytes == sizeof(uint64_t) ? *(uint64_t *)option_member(place)
                                                   : *(uint32_t *)option_member(place);
}

/* ---- reading and printing values ---- */

static int out_of_bounds(const struct option *option, const char *value, uint64_t number, struct error *error)
{
    if (!option->most && number > option->least)
        return error_set(error, ERROR_USAGE, "'%s' is more than %" PRIu32, value, UINT32_MAX);
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

static int set_number(struct option_place place, const char *value, struct error *error)
{
    uint64_t number;

    if (!scan_uint64(value, &number))
        return error_set(error, ERROR_USAGE, "bad number '%s'", value);
    if (!is_within(place.option, number))
        return out_of_bounds(place.option, value, number, error);
    store_whole(place, number);
    return 0;
}

static int set_size(struct option_place place, const char *value, struct error *error)
{
    uint64_t bytes;

    if (!scan_size(value, &bytes))
        return error_set(error, ERROR_USAGE, "bad size '%s': a number and a unit, as 512mb or 2gb", value);
    if (!is_within(place.option, bytes))
        return out_of_bounds(place.option, value, bytes, error);
    store_whole(place, bytes);
    return 0;
}

static int set_duration(struct option_place place, const char *value, struct error *error)
{
    int64_t *duration_us = option_member(place);
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

static int set_real(struct option_place place, const char *value, struct error *error)
{
    const struct option *option = place.option;
    double *number = option_member(place);
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

static int set_choice(struct option_place place, const char *value, struct error *error)
{
    const char *const *words = place.option->words;
    char names[400];

    assert(place.option->bytes == sizeof(int));
    for (int i = 0; words[i]; i++)
        if (!strcasecmp(words[i], value)) {
            *(int *)option_member(place) = i + (int)place.option->least;
            return 0;
        }
    join_names(names, sizeof names, word_name, words, word_count(words));
    return error_set(error, ERROR_USAGE, "'%s' is not one of %s", value, names);
}

int option_set_value(struct option_place place, const char *value, struct error *error)
{
    const struct option *option = place.option;

    if (option->zero && !strcasecmp(value, option->zero)) {
        memset(option_member(place), 0, option->bytes);
        return 0;
    }
    switch (option->kind) {
    case OPTION_SWITCH:
        *(bool *)option_member(place) = true;
        return 0;
    case OPTION_TEXT:
        if (option->check && option->check(value, error))
            return -1;
        *(const char **)option_member(place) = value;
        return 0;
    case OPTION_LIST:
        *(const char **)option_member(place) = value;
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

/* Prints the fewest digits that read back as the same number. */
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

char *option_print_value(struct option_place place)
{
    const struct option *option = place.option;
    const char *text;

    switch (option->kind) {
    case OPTION_SWITCH:
        return xstrdup(*(bool *)option_member(place) ? "yes" : "no");
    case OPTION_TEXT:
    case OPTION_LIST:
        text = *(const char **)option_member(place);
        return xstrdup(text ? text : "");
    case OPTION_CHOICE:
        return xstrdup(option->words[*(int *)option_member(place) - (int)option->least]);
    case OPTION_NUMBER:
        return option->zero && !load_whole(place) ? xstrdup(option->zero) : print_whole(load_whole(place));
    case OPTION_SIZE:
    case OPTION_DURATION:
        return print_whole(load_whole(place));
    case OPTION_REAL:
        return option->zero && !(*(double *)option_member(place) > 0) ? xstrdup(option->zero)
                                                                      : print_real(*(double *)option_member(place));
    case OPTION_CUSTOM:
        return option->print(place.group, option);
    }
    return NULL;
}
