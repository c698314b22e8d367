/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search: the smallest size that meets every goal, among those of a ladder, by trials that somebody else makes.
 *
 *     size_search_next() ─▶ sizes to be tried, all at once ─▶ size_search_found(), each ─▶ next ... until there are none
 *
 * A trial costs a simulation, and trials of one call are made in one reading of the trace, together with those of other
 * searches. So each call asks for a few: a coarse row of sizes first, or some around a hint; then two where the goal
 * should be crossed if the numbers between the bracket's ends lie on a line, and the bracket's middle whenever that did
 * not halve it. One seed decides until the bracket's ends are neighbours. From then on a size counts only if it meets the
 * goals with all seeds: if the bracket's upper end does not, the search goes up, as far as is missing by the slope there.
 *
 * That a goal which is met stays met with more memory is not taken for granted. The answer is the smallest size that was
 * tried and meets the goals, with a neighbour below that does not; and the search is not over before sizes around it, up
 * to 3 % below and 10 % above, were tried, too. A smaller one that meets the goals becomes the answer. A larger one that
 * does not is found by size_search_misses_again(). */
#ifndef SIM_ADVICE_SEARCH_H
#define SIM_ADVICE_SEARCH_H

#include "sim/advice/goals.h"
#include "sim/advice/ladder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct size_trial {
    uint64_t size;
    uint64_t seeds;      /* so many of them; the first ones */
    bool meets;          /* every goal, with each of them, and a further seed is sure to */
    bool misses;         /* some goal, with some of them */
    double lacks[GOALS]; /* of each goal (goal_lack), allowing for further seeds; NaN: not known */
};

struct size_search {
    struct ladder ladder;
    uint64_t least, most; /* nothing is tried below or above; both are of the ladder */
    uint64_t hint;        /* where the answer may be; 0: nobody knows */
    uint64_t seeds;       /* all there are */
    size_t goals;
    bool is_quick; /* sizes around the answer are not looked at */
    /* Its own; zero at first. */
    struct size_trial *trials; /* by size */
    size_t count;
    double bracket;  /* the ratio of the bracket's ends at the last call; 0: there was none */
    bool is_strict;  /* only what meets the goals with all seeds counts */
    unsigned strict; /* so many sizes were tried on the way up */
};

/* A size to be tried, with the first so many seeds. */
struct size_wanted {
    uint64_t size, seeds;
};
enum { SIZES_WANTED = 16 };

/* What to try next: how many sizes; 0 when the search is over. */
size_t size_search_next(struct size_search *search, struct size_wanted wanted[SIZES_WANTED]);
/* A trial was made; one of that size and fewer seeds is replaced. */
void size_search_found(struct size_search *search, const struct size_trial *trial);

/* Once it is over: the smallest size that meets the goals; NULL: none that was tried does. */
const struct size_trial *size_search_answer(const struct size_search *search);
/* The smallest size above the answer that was tried and misses a goal; NULL: none. */
const struct size_trial *size_search_misses_again(const struct size_search *search);

void size_search_release(struct size_search *search);

#endif
