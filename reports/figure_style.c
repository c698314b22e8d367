/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure_style.h"

#include <stdbool.h>
#include <string.h>

/* Colours are those of Okabe and Ito, without the yellow that is hard to see on white paper, and four darker ones of
 * Paul Tol. Points are gnuplot's numbers: an outline is followed by its filled form; a cross has none. */
struct look {
    const char *family; /* NULL: for families without a look of their own */
    const char *colour, *dashes;
    int open, filled;
    double size; /* triangles and diamonds are larger, as they look smaller than they are */
};

static const struct look looks[] = {
    {"noeviction", "#000000", "(2,3)", 2, 2, 0.75},     {"lru", "#0072B2", "(9,4)", 6, 7, 0.75},
    {"lfu", "#D55E00", "(6,3,2,3)", 4, 5, 0.7},         {"random", "#009E73", "(4,3)", 8, 9, 0.85},
    {"ttl", "#CC79A7", "(11,3,2,3,2,3)", 12, 13, 0.85}, {"lrm", "#661100", "(5,2,1,2)", 10, 11, 0.85},
    {NULL, "#E69F00", "(12,3)", 14, 15, 0.85},          {NULL, "#56B4E9", "(5,2)", 10, 11, 0.85},
    {NULL, "#882255", "(8,2,2,2)", 3, 3, 0.8},          {NULL, "#999933", "(3,2)", 1, 1, 0.8},
    {NULL, "#332288", "(7,2,2,2,2,2)", 8, 9, 0.85},     {NULL, "#7F7F7F", "(10,2,4,2)", 12, 13, 0.85},
};

enum { NAMED = 6, FREE = sizeof looks / sizeof *looks - NAMED };

/* allkeys-lru and volatile-lru are one family; sieve and sieve@volatile are another. The exact lru does not belong to
 * the first. */
struct family {
    const char *name;
    size_t length;
    bool is_redis;
};

static bool has_prefix(const char *policy, const char *prefix)
{
    return strncmp(policy, prefix, strlen(prefix)) == 0;
}

static bool is_volatile(const char *policy)
{
    return has_prefix(policy, "volatile-") || strstr(policy, "@volatile");
}

static struct family family_of(const char *policy)
{
    size_t prefix = has_prefix(policy, "volatile-") ? 9 : has_prefix(policy, "allkeys-") ? 8 : 0;

    return (struct family){.name = policy + prefix,
                           .length = prefix ? strlen(policy + prefix) : strcspn(policy, "@"),
                           .is_redis = prefix || strcmp(policy, "noeviction") == 0};
}

static int named_look(struct family family)
{
    for (int i = 0; i < NAMED && family.is_redis; i++)
        if (strcmp(family.name, looks[i].family) == 0)
            return i;
    return -1;
}

static bool same_family(const char *a, const char *b)
{
    struct family first = family_of(a), second = family_of(b);

    return first.is_redis == second.is_redis && first.length == second.length &&
           memcmp(first.name, second.name, first.length) == 0;
}

/* The number of families without a look of their own that come before the family of policy `index`. */
static int turn_of(const char *const *policies, size_t index)
{
    int turn = 0;

    for (size_t i = 0; i < index && !same_family(policies[i], policies[index]); i++) {
        bool is_new = named_look(family_of(policies[i])) < 0;

        for (size_t j = 0; j < i && is_new; j++)
            is_new = !same_family(policies[i], policies[j]);
        turn += is_new;
    }
    return turn;
}

struct choice {
    const struct look *look;
    bool is_open, is_dashed;
};

/* Families without a look of their own take the free ones in turn. When these run out, they are used again: dashed and open,
 * then dashed and filled, then whole and open, so that 24 families can be told apart, in grey, too. */
static struct choice choose(const char *const *policies, size_t index)
{
    const char *policy = policies[index];
    int named = named_look(family_of(policy)), turn, pass;

    if (named >= 0)
        return (struct choice){&looks[named], is_volatile(policy), is_volatile(policy) || named == 0};
    turn = turn_of(policies, index);
    pass = turn / FREE % 4;
    return (struct choice){&looks[NAMED + turn % FREE], is_volatile(policy) || pass == 1 || pass == 3,
                           is_volatile(policy) || pass == 1 || pass == 2};
}

/* Markers that lie on one another stay visible: the first that is drawn in a panel (figure_lines.h) has up to 1.7 times the usual size,
 * the last two thirds of it. */
static double nested_size(const struct look *look, size_t index, size_t count)
{
    size_t parts = (count + FIGURE_MOST_POLICIES - 1) / FIGURE_MOST_POLICIES, part = (count + parts - 1) / parts;

    return look->size * (0.7 + 0.2 * (double)(part - 1 - index % part));
}

static void put_nested(FILE *out, const struct choice *choice, size_t index, size_t count)
{
    double size = nested_size(choice->look, index, count);

    fprintf(out, "set style line %zu lc rgb '%s' lw 1.4 pt %d ps %.3g\n", FIGURE_STYLE_NESTED + index + 1,
            choice->look->colour, choice->is_open ? choice->look->open : choice->look->filled, size);
    fprintf(out, "set style line %zu lc rgb '#FFFFFF' lw 1.4 pt %d ps %.3g\n",
            FIGURE_STYLE_NESTED + FIGURE_STYLE_BENEATH + index + 1, choice->look->filled, size + 0.1);
}

void figure_styles(FILE *out, const char *const *policies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct choice choice = choose(policies, i);
        const struct look *look = choice.look;

        fprintf(out, "set style line %zu lc rgb '%s' lw %s dt %s pt %d ps %g # %s\n", i + 1, look->colour,
                choice.is_dashed ? "1.7" : "1.4", choice.is_dashed ? look->dashes : "solid",
                choice.is_open ? look->open : look->filled, look->size, policies[i]);
        fprintf(out, "set style line %zu lc rgb '#FFFFFF' pt %d ps %g\n", FIGURE_STYLE_BENEATH + i + 1, look->filled,
                look->size);
        put_nested(out, &choice, i, count);
    }
}

struct figure_look figure_look(const char *const *policies, size_t index)
{
    struct choice choice = choose(policies, index);

    return (struct figure_look){choice.look->colour, choice.is_dashed ? choice.look->dashes : NULL};
}
