/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hash_ttl: the words of the commands on the ttls of a hash's fields. Source: t_hash.c of Redis 7.4.1, replies of 8.0.2. */
#include "traces/commands/options.h"

static const struct named_word fields_word = {"fields", WORD_FIELDS};

/* FIELDS, how many, and they: each with its value, of HSETEX. */
static enum outcome take_fields(struct words *words, bool with_values)
{
    enum word word;
    int64_t count;

    if (words_left(words) < 3)
        return ARITY;
    if (!words_take_name(words, &fields_word, 1, &word))
        return SYNTAX;
    if (!words_take_integer(words, &count) || count < 1)
        return NUMBER;
    if ((uint64_t)count > words_left(words) || words_left(words) != (uint64_t)count << with_values)
        return SYNTAX;
    while (words_left(words)) {
        struct element *element = words_take_member(words);

        if (with_values) {
            element_set_value(element, &words->list[words->next++]);
            element->flags |= ELEMENT_SCORED;
        }
    }
    return DONE;
}

/* HTTL and its kin, HPERSIST, HGETDEL */
enum outcome words_hfields(struct words *words)
{
    return take_fields(words, false);
}

/* The ttl has been taken. */
enum outcome words_hexpire(struct words *words)
{
    static const struct named_word conditions[] = {{"nx", WORD_NX}, {"xx", WORD_XX}, {"gt", WORD_GT}, {"lt", WORD_LT}};
    enum word word;

    if (words_left(words) < 3)
        return ARITY;
    words_take_name(words, conditions, sizeof conditions / sizeof *conditions, &word);
    return take_fields(words, false);
}

static bool is_ttl(enum word word)
{
    return word == WORD_EX || word == WORD_PX || word == WORD_EXAT || word == WORD_PXAT;
}

/* What follows EX and its kin; the row has it, too. */
static enum outcome take_ttl(struct words *words, enum word word)
{
    unsigned unit = (word == WORD_PX || word == WORD_PXAT ? REQUEST_MILLIS : 0) |
                    (word == WORD_EXAT || word == WORD_PXAT ? REQUEST_ABSOLUTE : 0);
    struct record *record = &words->queue->records[words->record];
    const struct argument *ttl = &words->list[words->next];
    int64_t number;

    if (!words_left(words))
        return SYNTAX;
    if (!words_take_integer(words, &number) || number < 0)
        return NUMBER;
    return record_set_ttl(record, ttl, unit) ? DONE : NUMBER;
}

enum outcome words_hgetex(struct words *words)
{
    static const struct named_word options[] = {
        {"ex", WORD_EX}, {"px", WORD_PX}, {"exat", WORD_EXAT}, {"pxat", WORD_PXAT}, {"persist", WORD_PERSIST}};
    enum word word;
    enum outcome outcome = DONE;

    if (words_left(words) < 3)
        return ARITY;
    if (words_take_name(words, options, sizeof options / sizeof *options, &word) && is_ttl(word))
        outcome = take_ttl(words, word);
    return outcome == DONE ? take_fields(words, false) : outcome;
}

enum outcome words_hsetex(struct words *words)
{
    static const struct named_word options[] = {{"ex", WORD_EX},     {"px", WORD_PX},           {"exat", WORD_EXAT},
                                                {"pxat", WORD_PXAT}, {"keepttl", WORD_KEEPTTL}, {"fnx", WORD_FNX},
                                                {"fxx", WORD_FXX},   {"nx", WORD_NX},           {"xx", WORD_XX}};
    unsigned times = 0, conditions = 0, key_conditions = 0;
    enum word word;
    enum outcome outcome = DONE;

    if (words_left(words) < 4)
        return ARITY;
    while (outcome == DONE && words_take_name(words, options, sizeof options / sizeof *options, &word)) {
        if (word == WORD_FNX || word == WORD_FXX)
            conditions++;
        else if (word == WORD_NX || word == WORD_XX)
            key_conditions++;
        else
            times++;
        if (is_ttl(word))
            outcome = take_ttl(words, word);
    }
    if (outcome == DONE && (times > 1 || conditions > 1 || key_conditions > 1))
        return SYNTAX;
    return outcome == DONE ? take_fields(words, true) : outcome;
}
