/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sorted_set: the words of the commands on sorted sets. Source: t_zset.c of Redis 7.0. */
#include "traces/words.h"

/* A score, then the member that has it. */
static enum outcome take_scored(struct words *words)
{
    const struct argument *score = &words->list[words->next++];
    struct element *element = words_take_member(words);
    double number;

    if (!argument_double(score, &number))
        return NUMBER;
    element_set_double(element, number);
    element->flags = ELEMENT_SCORED;
    element->value_len = score->bytes;
    return DONE;
}

enum outcome words_zadd(struct words *words)
{
    static const struct named_word names[] = {{"nx", WORD_NX}, {"xx", WORD_XX}, {"gt", WORD_GT},
                                              {"lt", WORD_LT}, {"ch", WORD_CH}, {"incr", WORD_INCR}};
    unsigned given = 0;
    enum word word;
    enum outcome outcome = DONE;

    if (words_left(words) < 2)
        return ARITY;
    while (words_take_name(words, names, sizeof names / sizeof *names, &word))
        given |= 1u << word;
    if (!words_left(words) || words_left(words) % 2 || (given >> WORD_INCR & 1 && words_left(words) > 2) ||
        (given >> WORD_NX & 1 && given >> WORD_XX & 1) ||
        (given >> WORD_NX & 1) + (given >> WORD_GT & 1) + (given >> WORD_LT & 1) > 1)
        return SYNTAX;
    while (words_left(words) && outcome == DONE)
        outcome = take_scored(words);
    return outcome;
}

enum outcome words_zincrby(struct words *words)
{
    return words_left(words) == 2 ? take_scored(words) : ARITY;
}
