/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_numbers.h"

#include "sim/alloc.h"

#include <jansson.h>

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What the JSON has. */
struct known {
    double *values;
    const char **texts; /* that are no sentences */
    size_t value_count, text_count;
};

/* Fields that hold sentences: their numbers must be elsewhere. */
static bool is_sentence(const char *name)
{
    static const char *const names[] = {"verdict", "first", "says", "evidence", "text", "says_why", NULL};

    for (int i = 0; name && names[i]; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static void learn(struct known *known, const char *name, const json_t *value)
{
    const char *key;
    json_t *child;
    size_t i;

    if (json_is_number(value)) {
        known->values = xrealloc(known->values, (known->value_count + 1) * sizeof *known->values);
        known->values[known->value_count++] = json_number_value(value);
    } else if (json_is_string(value) && !is_sentence(name)) {
        known->texts = xrealloc(known->texts, (known->text_count + 1) * sizeof *known->texts);
        known->texts[known->text_count++] = json_string_value(value);
    }
    json_object_foreach((json_t *)value, key, child) learn(known, key, child);
    json_array_foreach(value, i, child) learn(known, name, child);
}

/* ---- numbers of a text ---- */

struct unit {
    const char *name;
    double factor;
};

static const struct unit byte_units[] = {{"B", 1},     {"KiB", 1024},   {"MiB", 1048576},     {"GiB", 1073741824.0},
                                         {"kb", 1024}, {"mb", 1048576}, {"gb", 1073741824.0}, {NULL, 0}};
static const struct unit time_units[] = {{"days", 86400}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {NULL, 0}};

/* How many characters of a unit stand here, a blank before it among them; 0: none. */
static size_t unit_at(const char *text, const struct unit *units, double *factor)
{
    size_t blank = *text == ' ';

    for (; units->name; units++) {
        size_t length = strlen(units->name);

        if (!strncmp(text + blank, units->name, length) && !isalnum((unsigned char)text[blank + length])) {
            *factor = units->factor;
            return blank + length;
        }
    }
    return 0;
}

/* A plain number: its value, and half of its last place. Returns its end. */
static const char *scan_number(const char *text, double *value, double *half)
{
    char digits[64];
    size_t length = 0;
    int places = -1;

    for (; length < sizeof digits - 1; text++) {
        if (isdigit((unsigned char)*text) || (*text == '.' && places < 0 && isdigit((unsigned char)text[1]))) {
            places += places >= 0 || *text == '.';
            digits[length++] = *text;
        } else if (*text != ',' || !isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]) ||
                   !isdigit((unsigned char)text[3])) {
            break;
        }
    }
    digits[length] = '\0';
    *value = strtod(digits, NULL);
    *half = 0.5 * pow(10, -fmax(places, 0));
    return text;
}

static bool has(const struct known *known, double value, double half, double scale)
{
    for (size_t i = 0; i < known->value_count; i++)
        if (fabs(fabs(known->values[i]) * scale - value) <= half * 1.001 + 1e-9 * value)
            return true;
    return false;
}

/* In a name: as a whole, with nothing of a number on either side. */
static bool is_in_name(const struct known *known, const char *from, const char *to)
{
    size_t length = (size_t)(to - from);

    for (size_t i = 0; i < known->text_count; i++)
        for (const char *at = known->texts[i]; *at; at++)
            if (!strncmp(at, from, length) && (at == known->texts[i] || !isalnum((unsigned char)at[-1])) &&
                !isdigit((unsigned char)at[length]))
                return true;
    return false;
}

/* "1h 02m": the parts together; the last is whole, or rounded down. */
static const char *scan_time(const char *text, double *value, double *half)
{
    double factor, part, place;
    const char *end = scan_number(text, &part, &place);
    size_t unit = unit_at(end, time_units, &factor);

    if (!unit)
        return NULL;
    *value = part * factor;
    *half = place * 2 * factor;
    end += unit;
    while (*end == ' ' && isdigit((unsigned char)end[1])) {
        const char *next = scan_number(end + 1, &part, &place);

        unit = unit_at(next, time_units, &factor);
        if (!unit || *next == ' ')
            break;
        *value += part * factor;
        *half = place * 2 * factor;
        end = next + unit;
    }
    return end;
}

static bool is_known_time(const struct known *known, double value, double half)
{
    return has(known, value, half, 1) || has(known, value, half, 1e-6) || has(known, value, half, 3600) ||
           has(known, value, half, 1e-3);
}

/* The number that begins here, with what belongs to it; *is_known. Returns its end. */
static const char *look_at(const struct known *known, const char *text, bool *is_known)
{
    double value, half, factor;
    const char *end = scan_number(text, &value, &half), *time;
    size_t unit = unit_at(end, byte_units, &factor);

    if (unit) {
        *is_known = has(known, value * factor, fmax(half * 2 * factor, 1), 1) || is_in_name(known, text, end + unit);
        return end + unit;
    }
    if (!strncmp(end, " %", 2) || *end == '%') {
        *is_known = has(known, value, half, 100) || has(known, value, half, 1) || is_in_name(known, text, end);
        return end;
    }
    time = scan_time(text, &value, &half);
    if (time) {
        *is_known = is_known_time(known, value, half) || is_in_name(known, text, time);
        return time;
    }
    scan_number(text, &value, &half);
    *is_known = has(known, value, half, 1) || has(known, value, half, 100) || is_in_name(known, text, end);
    return end;
}

/* With one blank for each break of a line and its indentation. */
static char *joined(const char *text)
{
    char *line = xmalloc(strlen(text) + 1), *end = line;

    for (; *text; text++)
        if (!isspace((unsigned char)*text))
            *end++ = *text;
        else if (end > line && end[-1] != ' ')
            *end++ = ' ';
    *end = '\0';
    return line;
}

size_t support_numbers_found(const char *text, const char *json, size_t *count, char *missing, size_t bytes)
{
    json_t *object = json_loads(json, 0, NULL);
    struct known known = {0};
    char *line = joined(text);
    size_t found = 0;

    learn(&known, NULL, object);
    *count = 0;
    *missing = '\0';
    for (const char *at = line; *at;) {
        bool is_known,
            begins = isdigit((unsigned char)*at) && (at == line || (!isalnum((unsigned char)at[-1]) && at[-1] != '.'));
        const char *end;

        if (!begins) {
            at++;
            continue;
        }
        end = look_at(&known, at, &is_known);
        ++*count;
        found += is_known;
        if (!is_known)
            snprintf(missing + strlen(missing), bytes - strlen(missing), " [%.*s]", (int)(end - at), at);
        at = end;
    }
    json_decref(object);
    free(known.values);
    free(known.texts);
    free(line);
    return found;
}
