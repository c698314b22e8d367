/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_style.h"

#include <stdbool.h>
#include <string.h>

/* Colours of Okabe and Ito, without the yellow that white paper swallows, and three darker ones of Paul
 * Tol. Points are gnuplot's numbers; a closed shape is followed by its filled form, a cross has none. */
struct look {
    const char *family;   /* NULL: for whoever comes */
    const char *colour, *dashes;
    int open, filled;
    double size; /* triangles and diamonds look smaller than they are */
};

static const struct look looks[] = {
    {"noeviction", "#000000", "(2,3)", 2, 2, 0.75},
    {"lru", "#0072B2", "(9,4)", 6, 7, 0.75},
    {"lfu", "#D55E00", "(6,3,2,3)", 4, 5, 0.7},
    {"random", "#009E73", "(4,3)", 8, 9, 0.85},
    {"ttl", "#CC79A7", "(11,3,2,3,2,3)", 12, 13, 0.85},
    {NULL, "#E69F00", "(12,3)", 14, 15, 0.85},
    {NULL, "#56B4E9", "(5,2)", 10, 11, 0.85},
    {NULL, "#882255", "(8,2,2,2)", 3, 3, 0.8},
    {NULL, "#999933", "(3,2)", 1, 1, 0.8},
    {NULL, "#332288", "(7,2,2,2,2,2)", 8, 9, 0.85},
    {NULL, "#7F7F7F", "(10,2,4,2)", 12, 13, 0.85},
};

enum { LOOKS = sizeof looks / sizeof *looks, NAMED = 5 };

static bool is_volatile(const char *policy)
{
    return strncmp(policy, "volatile-", 9) == 0;
}

static const char *family_of(const char *policy)
{
    if (is_volatile(policy))
        return policy + 9;
    return strncmp(policy, "allkeys-", 8) == 0 ? policy + 8 : policy;
}

static int named_look(const char *family)
{
    for (int i = 0; i < NAMED; i++)
        if (strcmp(family, looks[i].family) == 0)
            return i;
    return -1;
}

/* Families that have no look of their own take the free ones in turn; after the last, the first again. */
static int look_of(const char *const *policies, size_t index)
{
    int free_look = NAMED, look = named_look(family_of(policies[index]));

    if (look >= 0)
        return look;
    for (size_t i = 0; i < index; i++) {
        bool is_first = named_look(family_of(policies[i])) < 0;

        if (is_first && strcmp(family_of(policies[i]), family_of(policies[index])) == 0)
            return look_of(policies, i);
        for (size_t j = 0; j < i && is_first; j++)
            is_first = strcmp(family_of(policies[i]), family_of(policies[j])) != 0;
        free_look += is_first;
    }
    return NAMED + (free_look - NAMED) % (LOOKS - NAMED);
}

void figure_styles(FILE *out, const char *const *policies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct look *look = &looks[look_of(policies, i)];
        bool is_dashed = is_volatile(policies[i]) || look == looks;

        int point = is_volatile(policies[i]) ? look->open : look->filled;

        fprintf(out, "set style line %zu lc rgb '%s' lw %s dt %s pt %d ps %g # %s\n", i + 1,
                look->colour, is_dashed ? "1.7" : "1.4", is_dashed ? look->dashes : "solid", point,
                look->size, policies[i]);
        fprintf(out, "set style line %zu lc rgb '#FFFFFF' pt %d ps %g\n",
                FIGURE_STYLE_BENEATH + i + 1, look->filled, look->size);
    }
}
