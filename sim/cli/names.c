/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/names.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 64 };

/* The edit distance of Damerau and Levenshtein, one row at a time: how many letters must be added, dropped, changed, or
 * swapped with their neighbor. Names of more than NAME_BYTES are never alike. */
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

/* Whether it is a part that somebody may have had in mind: four letters, or a whole word: "ttl" of "volatile-ttl", not "foo" of
 * "no-footer". */
static bool is_part(const char *candidate, const char *wrong)
{
    size_t length = strlen(wrong);
    const char *at = strstr(candidate, wrong);

    if (!at || length < 3)
        return false;
    return length > 3 || ((at == candidate || at[-1] == '-') && (!at[length] || at[length] == '-'));
}

const char *nearest_name(const char *wrong, name_of_fn *name, const void *list, size_t count)
{
    const char *nearest = NULL;
    size_t best = strlen(wrong) / 3 + 2; /* names that differ more are not suggested */

    for (size_t i = 0; i < count; i++) {
        const char *candidate = name(list, i);
        size_t away = distance(wrong, candidate);

        if (*wrong && !strncmp(candidate, wrong, strlen(wrong)))
            away = 0; /* `wrong` is an abbreviation of it */
        else if (is_part(candidate, wrong) && away > 1)
            away = 1;
        if (away < best) {
            best = away;
            nearest = candidate;
        }
    }
    return nearest;
}

void join_names(char *text, size_t bytes, name_of_fn *name, const void *list, size_t count)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count && used < bytes; i++)
        used += (size_t)snprintf(text + used, bytes - used, "%s%s", i ? ", " : "", name(list, i));
}
