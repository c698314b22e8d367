/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/search.h"

#include "sim/alloc.h"
#include "sim/elementary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    COARSE = 7,
    SEEDS_BELOW = 5, /* that many are tried below the answer, too: short traces have as many */
};

static const double around[] = {0.97, 1.03, 1.10}; /* of the answer: sizes that are looked at, too */
static const double hinted[] = {0.95, 1.05};       /* of the hint */
static const double WIDE = 1.12;                   /* a bracket wider than this is not taken for straight */

static uint64_t clamp(const struct size_search *search, uint64_t size)
{
    return size < search->least ? search->least : size > search->most ? search->most : size;
}

static uint64_t place(const struct size_search *search, double size)
{
    return ladder_up_to(&search->ladder, clamp(search, size < 1 ? 1 : (uint64_t)size));
}

static const struct size_trial *find(const struct size_search *search, uint64_t size)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->trials[i].size == size)
            return &search->trials[i];
    return NULL;
}

void size_search_found(struct size_search *search, const struct size_trial *trial)
{
    size_t i = 0;

    while (i < search->count && search->trials[i].size < trial->size)
        i++;
    if (i < search->count && search->trials[i].size == trial->size) {
        search->trials[i] = *trial;
        return;
    }
    search->trials = xrealloc(search->trials, (search->count + 1) * sizeof *search->trials);
    memmove(&search->trials[i + 1], &search->trials[i], (search->count - i) * sizeof *search->trials);
    search->trials[i] = *trial;
    search->count++;
}

/* The first trial that meets the goals, or count. */
static size_t first_that_meets(const struct size_search *search)
{
    size_t i = 0;

    while (i < search->count &&
           !(search->trials[i].meets && (!search->is_strict || search->trials[i].seeds >= search->seeds)))
        i++;
    return i;
}

/* The last trial below the i-th that misses a goal, or SIZE_MAX. What meets the goals with some seeds only is passed
 * over. */
static size_t last_that_misses(const struct size_search *search, size_t i)
{
    while (i--)
        if (!search->trials[i].meets)
            return i;
    return SIZE_MAX;
}

const struct size_trial *size_search_answer(const struct size_search *search)
{
    size_t i = first_that_meets(search);

    return i < search->count ? &search->trials[i] : NULL;
}

const struct size_trial *size_search_misses_again(const struct size_search *search)
{
    for (size_t i = first_that_meets(search); i < search->count; i++)
        if (search->trials[i].misses)
            return &search->trials[i];
    return NULL;
}

void size_search_release(struct size_search *search)
{
    free(search->trials);
    search->trials = NULL;
    search->count = 0;
}

/* ---- what to try next ---- */

struct wish {
    const struct size_search *search;
    struct size_wanted *wanted;
    size_t count;
    uint64_t seeds; /* that are asked for, if nothing else is said */
};

/* Asks for a size with so many seeds, unless it was tried with as many, or is asked for already. */
static void want(struct wish *wish, uint64_t size, uint64_t seeds)
{
    const struct size_trial *known = find(wish->search, size);

    if ((known && known->seeds >= seeds) || wish->count == SIZES_WANTED)
        return;
    for (size_t i = 0; i < wish->count; i++)
        if (wish->wanted[i].size == size) {
            if (wish->wanted[i].seeds < seeds)
                wish->wanted[i].seeds = seeds;
            return;
        }
    wish->wanted[wish->count++] = (struct size_wanted){size, seeds};
}

/* So many sizes that divide the way from low to high into equal ratios, both ends among them. */
static void want_row(struct wish *wish, uint64_t low, uint64_t high, int count)
{
    double ratio = elementary_pow((double)high / (double)low, 1.0 / (count - 1));

    for (int i = 0; i < count; i++)
        want(wish, i == count - 1 ? high : place(wish->search, (double)low * elementary_pow(ratio, i)), wish->seeds);
}

/* Where the goals should be crossed between two trials, the lower of which misses one: the logarithm of the size.
 * `before` is a trial below both; NULL: none. */
static double crossing(const struct size_search *search, const struct size_trial *before, const struct size_trial *low,
                       const struct size_trial *high)
{
    double from = elementary_log((double)low->size), to = elementary_log((double)high->size), furthest = -INFINITY;

    for (size_t g = 0; g < search->goals; g++) {
        double lacks = low->lacks[g], has = high->lacks[g], at = NAN;

        if (!(lacks > 0))
            continue;
        if (has < 0)
            at = from + (to - from) * lacks / (lacks - has);
        else if (before && before->lacks[g] > lacks) /* it ends at the target, somewhere below `high` */
            at = from + lacks * (from - elementary_log((double)before->size)) / (before->lacks[g] - lacks);
        if (isnan(at) || at > to)
            at = (from + to) / 2;
        furthest = fmax(furthest, at);
    }
    return isinf(furthest) ? (from + to) / 2 : furthest;
}

/* A size strictly between the two, near `size`. */
static void want_between(struct wish *wish, double size, uint64_t low, uint64_t high)
{
    const struct ladder *ladder = &wish->search->ladder;
    uint64_t chosen = size <= (double)low ? low : size >= (double)high ? high : ladder_up_to(ladder, (uint64_t)size);

    if (chosen <= low)
        chosen = ladder_above(ladder, low);
    if (chosen >= high)
        chosen = ladder_below(ladder, high);
    if (chosen > low && chosen < high)
        want(wish, chosen, wish->seeds);
}

/* The bracket has sizes in between: try some of them. */
static void refine(struct size_search *search, struct wish *wish, size_t low, size_t high)
{
    const struct size_trial *from = &search->trials[low], *to = &search->trials[high];
    double ratio = (double)to->size / (double)from->size, middle = sqrt((double)from->size * (double)to->size);
    double at = elementary_exp(crossing(search, low ? from - 1 : NULL, from, to));
    bool halved = !search->bracket || elementary_log(ratio) <= 0.6 * elementary_log(search->bracket);
    double aside = ratio > WIDE ? elementary_pow(ratio, 0.12) : 1;

    if (aside > 1) {
        want_between(wish, at / aside, from->size, to->size);
        want_between(wish, at * aside, from->size, to->size);
    } else {
        uint64_t above = ladder_up_to(&search->ladder, (uint64_t)at + 1);

        want_between(wish, (double)ladder_below(&search->ladder, above), from->size, to->size);
        want_between(wish, (double)above, from->size, to->size);
    }
    if (!halved)
        want_between(wish, middle, from->size, to->size);
    search->bracket = ratio;
}

/* By how much a goal's lack falls for a unit of the logarithm of the size, about there, by what the first seed says; NaN:
 * it is not known. */
static double slope(const struct size_search *search, size_t goal, uint64_t size)
{
    const struct size_trial *low = NULL, *high = NULL;

    for (size_t i = 0; i < search->count; i++) {
        const struct size_trial *trial = &search->trials[i];

        if (trial->seeds > 1 || (double)trial->size < 0.85 * (double)size || (double)trial->size > 1.2 * (double)size)
            continue;
        low = low ? low : trial;
        high = trial;
    }
    if (!low || low == high || !(low->lacks[goal] > high->lacks[goal]))
        return NAN;
    return (low->lacks[goal] - high->lacks[goal]) / elementary_log((double)high->size / (double)low->size);
}

/* The size at the top of those that miss a goal with some seed: how far up is it likely to be met with all of them? */
static void want_above(struct size_search *search, struct wish *wish, const struct size_trial *top)
{
    uint64_t size = ladder_above(&search->ladder, top->size);
    double furthest = 0;

    for (size_t g = 0; g < search->goals; g++)
        if (top->lacks[g] > 0 && top->seeds >= search->seeds)
            furthest = fmax(furthest, top->lacks[g] / slope(search, g, top->size));
    if (furthest > 0 && place(search, elementary_exp(fmin(furthest, 0.1)) * (double)top->size) > size)
        size = place(search, elementary_exp(fmin(furthest, 0.1)) * (double)top->size);
    else
        for (unsigned steps = 1; search->strict > 1 && steps < 1u << (search->strict < 8 ? search->strict - 1 : 7);
             steps++)
            size = ladder_above(&search->ladder, size);
    search->strict++;
    want(wish, clamp(search, size), search->seeds);
}

/* The answer's neighbours: whether a goal is met earlier, or missed again. */
static void look_around(const struct size_search *search, struct wish *wish, const struct size_trial *answer)
{
    const struct ladder *ladder = &search->ladder;

    for (const struct size_trial *trial = search->trials; trial < answer; trial++)
        if (trial->meets) /* with some seeds */
            want(wish, trial->size, search->seeds);
    want(wish, clamp(search, ladder_above(ladder, answer->size)), 1);
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        double size = around[i] * (double)answer->size;

        if (around[i] < 1)
            want(wish, clamp(search, ladder_down_to(ladder, (uint64_t)fmax(size, 1))),
                 search->seeds >= SEEDS_BELOW ? search->seeds : 1);
        else
            want(wish, place(search, size), 1);
    }
}

static void start(const struct size_search *search, struct wish *wish)
{
    if (!search->hint)
        want_row(wish, search->least, search->most, COARSE);
    for (size_t i = 0; search->hint && i < sizeof hinted / sizeof *hinted; i++)
        want(wish, place(search, hinted[i] * (double)search->hint), 1);
}

/* Where the hint was too low, somewhat above; in the end the whole range is looked at. */
static void want_higher(const struct size_search *search, struct wish *wish)
{
    uint64_t top = search->trials[search->count - 1].size;

    if (top < search->most && search->count <= sizeof hinted / sizeof *hinted) {
        want(wish, place(search, 1.15 * (double)top), 1);
        want(wish, place(search, 1.5 * (double)top), 1);
        want(wish, search->most, 1);
    }
    if (!wish->count)
        want_row(wish, search->least, search->most, COARSE);
}

static void want_lower(const struct size_search *search, struct wish *wish, uint64_t size)
{
    want(wish, search->count > 4 ? search->least : place(search, 0.8 * (double)size), 1);
    want(wish, place(search, 0.9 * (double)size), 1);
    want(wish, place(search, 0.5 * (double)size), 1);
}

static bool are_neighbours(const struct size_search *search, size_t low, size_t high)
{
    return ladder_above(&search->ladder, search->trials[low].size) >= search->trials[high].size;
}

/* By the first seed, until the bracket's ends are neighbours. False: they are. */
static bool want_by_one_seed(struct size_search *search, struct wish *wish)
{
    size_t first = first_that_meets(search);

    if (!search->count)
        start(search, wish);
    else if (first == search->count)
        want_higher(search, wish);
    else if (!first && search->trials[0].size > search->least)
        want_lower(search, wish, search->trials[0].size);
    else if (first && !are_neighbours(search, first - 1, first))
        refine(search, wish, first - 1, first);
    else
        return false;
    return true;
}

/* By all seeds: up, until a size meets the goals with each; then between it and the last that does not. False: they are
 * neighbours. */
static bool want_by_all_seeds(struct size_search *search, struct wish *wish)
{
    size_t met = first_that_meets(search), missed = last_that_misses(search, met);

    if (met < search->count) {
        if (missed == SIZE_MAX || are_neighbours(search, missed, met))
            return false;
        refine(search, wish, missed, met);
        return true;
    }
    while (missed && search->trials[missed].seeds < search->seeds)
        missed--;
    if (search->trials[missed].size < search->most)
        want_above(search, wish, &search->trials[missed]);
    return true;
}

size_t size_search_next(struct size_search *search, struct size_wanted wanted[SIZES_WANTED])
{
    struct wish wish = {.search = search, .wanted = wanted, .seeds = 1};

    if (!search->is_strict && !want_by_one_seed(search, &wish)) {
        want(&wish, size_search_answer(search)->size, search->seeds);
        search->is_strict = true;
        search->bracket = 0;
    }
    wish.seeds = search->seeds;
    if (!wish.count && search->is_strict && !want_by_all_seeds(search, &wish) && !search->is_quick)
        look_around(search, &wish, size_search_answer(search));
    return wish.count;
}
