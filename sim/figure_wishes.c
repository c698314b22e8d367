/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/figure_wishes.h"

#include "sim/glob.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The next item of a list and behind it; its length. */
static size_t item_of(const char **list)
{
    size_t length = strcspn(*list, ",");

    *list += length + ((*list)[length] == ',');
    return length;
}

static bool is_length(double mm)
{
    return mm >= FIGURE_LEAST_MM && mm <= FIGURE_MOST_MM;
}

int figure_wishes_size(struct figure_wishes *wishes, const char *text, struct error *error)
{
    char *end;
    double width = strtod(text, &end), height = 0;

    if (*end == 'x')
        height = strtod(end + 1, &end);
    if (end != text && !strcmp(end, "mm"))
        end += 2;
    if (*end || !is_length(width) || (strchr(text, 'x') && !is_length(height)))
        return error_set(error, ERROR_USAGE,
                         "bad size '%s': millimetres in print, the width, or width and height: 80, 120x90 (%d to %d)",
                         text, FIGURE_LEAST_MM, FIGURE_MOST_MM);
    wishes->width_mm = width;
    wishes->height_mm = height;
    return 0;
}

int figure_wishes_forms(struct figure_wishes *wishes, const char *text, struct error *error)
{
    static const struct {
        const char *name;
        unsigned form;
    } forms[] = {{"svg", FIGURE_SVG}, {"png", FIGURE_PNG}, {"pdf", FIGURE_PDF}};

    for (const char *at = text; *at;) {
        const char *item = at;
        size_t length = item_of(&at), i = 0;

        while (i < 3 && (strlen(forms[i].name) != length || strncmp(forms[i].name, item, length) != 0))
            i++;
        if (i == 3)
            return error_set(error, ERROR_USAGE, "unknown format '%.*s': it is svg, png or pdf, or several: svg,pdf",
                             (int)length, item);
        wishes->forms |= forms[i].form;
    }
    return wishes->forms ? 0 : error_set(error, ERROR_USAGE, "no format: it is svg, png or pdf, or several: svg,pdf");
}

static bool is_none(const struct figure_wishes *wishes)
{
    return !strcmp(wishes->names, "none");
}

static bool has_match(const char *pattern, size_t length, const char *(*name)(const void *of, size_t index),
                      const void *of)
{
    const char *one;

    for (size_t i = 0; (one = name(of, i)) != NULL; i++)
        if (glob_matches(pattern, length, one, strlen(one)))
            return true;
    return false;
}

int figure_wishes_check(const struct figure_wishes *wishes, const char *(*name)(const void *of, size_t index),
                        const void *of, struct error *error)
{
    if (!wishes->names || is_none(wishes))
        return 0;
    for (const char *at = wishes->names; *at;) {
        const char *item = at, *one;
        size_t length = item_of(&at), used = 0;
        char all[900] = "";

        if (length && has_match(item, length, name, of))
            continue;
        for (size_t i = 0; (one = name(of, i)) != NULL && used < sizeof all; i++)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", one);
        return error_set(error, ERROR_USAGE,
                         "there is no figure '%.*s': it is one of %s; * stands for any letters, none for no figure",
                         (int)length, item, all);
    }
    return 0;
}

bool figure_is_wished(const struct figure_wishes *wishes, const char *name)
{
    if (!wishes || !wishes->names)
        return true;
    if (is_none(wishes))
        return false;
    for (const char *at = wishes->names; *at;) {
        const char *item = at;
        size_t length = item_of(&at);

        if (glob_matches(item, length, name, strlen(name)))
            return true;
    }
    return false;
}

unsigned figure_forms(const struct figure_wishes *wishes)
{
    return wishes && wishes->forms ? wishes->forms : FIGURE_SVG | FIGURE_PNG;
}
