/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/column_choice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_between(char c)
{
    return c == ' ' || c == '-' || c == '_';
}

/* A title may end with blanks, for the look of it, and with a " %". */
static bool is_same(const char *name, const char *title)
{
    size_t length = strlen(title);

    while (length && title[length - 1] == ' ')
        length--;
    if (strlen(name) + 2 == length && !strncmp(title + length - 2, " %", 2))
        length -= 2;
    if (strlen(name) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char)name[i]) != tolower((unsigned char)title[i]) &&
            !(is_between(name[i]) && is_between(title[i])))
            return false;
    return true;
}

int column_choice_scan(struct column_choice *choice, const char *text, struct error *error)
{
    choice->count = 0;
    for (const char *name = text;; name++) {
        size_t length = strcspn(name, ",");

        if (!length || length >= COLUMN_NAME)
            return error_set(error, ERROR_USAGE, "'%s': names of columns with commas between, as policy,hit-ratio",
                             text);
        if (choice->count == COLUMN_CHOICES)
            return error_set(error, ERROR_USAGE, "more than %d columns", COLUMN_CHOICES);
        snprintf(choice->names[choice->count], COLUMN_NAME, "%.*s", (int)length, name);
        if (column_choice_place(choice, choice->names[choice->count]) >= 0)
            return error_set(error, ERROR_USAGE, "column '%s' is wanted twice", choice->names[choice->count]);
        choice->count++;
        name += length;
        if (!*name)
            return 0;
    }
}

int column_choice_place(const struct column_choice *choice, const char *title)
{
    for (size_t i = 0; i < choice->count; i++)
        if (is_same(choice->names[i], title))
            return (int)i;
    return -1;
}

int column_choice_check(const struct column_choice *choice, const char *const *titles, struct error *error)
{
    enum { ROOM = 340 }; /* error_prefix() keeps a little more */
    char there[ROOM + COLUMN_NAME + 32] = "";

    for (size_t i = 0; i < choice->count; i++) {
        size_t k = 0;

        while (titles[k] && !is_same(choice->names[i], titles[k]))
            k++;
        if (titles[k])
            continue;
        for (k = 0; titles[k] && strlen(there) < ROOM; k++)
            snprintf(there + strlen(there), sizeof there - strlen(there), "%s%s", k ? ", " : "", titles[k]);
        if (titles[k])
            strcat(there, " ...");
        return error_set(error, ERROR_USAGE, "there is no column '%s': they are %s", choice->names[i], there);
    }
    return 0;
}
