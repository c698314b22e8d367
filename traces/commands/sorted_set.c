/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sorted_set: the arguments of the commands on sorted sets (traces/commands/words.h). Source: t_zset.c of Redis 7.0. */
#include "traces/commands/words.h"

#include "sim/digits.h"

#include <string.h>

/* Takes a score and its member. */
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

enum outcome words_zrank(struct words *words)
{
    static const struct named_word withscore = {"withscore", WORD_WITHSCORES};
    enum word word;

    if (!words_left(words) || words_left(words) > 2)
        return ARITY;
    words_take_member(words);
    return !words_left(words) || words_take_name(words, &withscore, 1, &word) ? DONE : SYNTAX;
}

/* ---- ranges ---- */

/* The unit of a range's ends. */
enum range_kind { BY_RANK, BY_SCORE, BY_LEX };

static const struct named_word range_words[] = {{"withscores", WORD_WITHSCORES},
                                                {"limit", WORD_LIMIT},
                                                {"rev", WORD_REV},
                                                {"byscore", WORD_BYSCORE},
                                                {"bylex", WORD_BYLEX}};

/* As zslParseRange: an empty text is 0. */
static enum outcome take_score_bound(struct words *words)
{
    struct argument score = words->list[words->next];
    struct element *element = words_take(words);
    bool excludes = score.bytes && *score.text == '(';
    double number = 0;

    score.text += excludes;
    score.bytes -= excludes;
    if (score.bytes && !argument_double(&score, &number))
        return NUMBER;
    element_set_double(element, number);
    element->flags = ELEMENT_BOUND | (excludes ? ELEMENT_EXCLUDES : 0);
    return DONE;
}

/* As zslParseLexRangeItem. */
static enum outcome take_lex_bound(struct words *words)
{
    const struct argument *text = &words->list[words->next];
    struct named_element *named;

    if (!text->bytes || !strchr("-+([", *text->text) || (strchr("-+", *text->text) && text->bytes > 1))
        return NUMBER;
    named = words_take_named(words);
    named->element.flags = ELEMENT_BOUND | (*text->text == '(' ? ELEMENT_EXCLUDES : 0);
    if (*text->text == '+')
        named->element.flags |= ELEMENT_MOST;
    if (strchr("([", *text->text)) {
        named->text = text->text + 1;
        named->bytes = text->bytes - 1;
    }
    return DONE;
}

/* Takes one end of a range. */
static enum outcome take_bound(struct words *words, enum range_kind kind)
{
    int64_t number;

    switch (kind) {
    case BY_SCORE:
        return take_score_bound(words);
    case BY_LEX:
        return take_lex_bound(words);
    case BY_RANK:
        break;
    }
    return words_take_integer(words, &number) ? DONE : NUMBER;
}

/* Takes the two ends. The lower one becomes the first element, whatever their order in the command. */
static enum outcome take_range(struct words *words, enum range_kind kind, bool reversed)
{
    size_t first = words->next;
    enum outcome outcome;

    words->next = first + reversed;
    outcome = take_bound(words, kind);
    words->next = first + !reversed;
    if (outcome == DONE)
        outcome = take_bound(words, kind);
    words->next = first + 2;
    return outcome;
}

struct range_options {
    enum range_kind kind;
    bool reversed, with_scores, limited;
};

/* The options that follow from the command's name. */
static struct range_options range_options_of(enum op op)
{
    struct range_options options = {.reversed =
                                        op == OP_ZREVRANGE || op == OP_ZREVRANGEBYSCORE || op == OP_ZREVRANGEBYLEX};

    if (op == OP_ZRANGEBYSCORE || op == OP_ZREVRANGEBYSCORE || op == OP_ZCOUNT || op == OP_ZREMRANGEBYSCORE)
        options.kind = BY_SCORE;
    if (op == OP_ZRANGEBYLEX || op == OP_ZREVRANGEBYLEX || op == OP_ZLEXCOUNT || op == OP_ZREMRANGEBYLEX)
        options.kind = BY_LEX;
    return options;
}

static enum outcome take_limit(struct words *words)
{
    int64_t number;

    if (words_left(words) < 2)
        return SYNTAX;
    return words_take_integer(words, &number) && words_take_integer(words, &number) ? DONE : NUMBER;
}

/* Takes the options that come after the two ends. */
static enum outcome take_range_options(struct words *words, bool any_kind, struct range_options *options)
{
    enum word word;
    enum outcome outcome = DONE;

    while (words_left(words) && outcome == DONE) {
        if (!words_take_name(words, range_words, sizeof range_words / sizeof *range_words, &word))
            return SYNTAX;
        if ((word == WORD_REV || word == WORD_BYSCORE || word == WORD_BYLEX) && !any_kind)
            return SYNTAX;
        options->reversed |= word == WORD_REV;
        options->with_scores |= word == WORD_WITHSCORES;
        options->limited |= word == WORD_LIMIT;
        if (word == WORD_BYSCORE || word == WORD_BYLEX)
            options->kind = word == WORD_BYSCORE ? BY_SCORE : BY_LEX;
        if (word == WORD_LIMIT)
            outcome = take_limit(words);
    }
    return outcome;
}

/* The options decide how the ends are read. So the ends are taken last, and are the last elements. */
enum outcome words_zrange(struct words *words)
{
    enum op op = (enum op)words->row->op;
    struct range_options options = range_options_of(op);
    size_t bounds = words->next;
    bool any_kind = op == OP_ZRANGE || op == OP_ZRANGESTORE;
    enum outcome outcome;

    if (words_left(words) < 2)
        return ARITY;
    words->next += 2;
    outcome = take_range_options(words, any_kind, &options);
    if (outcome != DONE)
        return outcome;
    if ((options.limited && options.kind == BY_RANK) || (options.with_scores && options.kind == BY_LEX) ||
        (options.with_scores && op == OP_ZRANGESTORE))
        return SYNTAX;
    words->next = bounds;
    return take_range(words, options.kind, options.reversed && options.kind != BY_RANK);
}

/* For commands that have only the two ends. */
enum outcome words_zcount(struct words *words)
{
    return words_left(words) == 2 ? take_range(words, range_options_of((enum op)words->row->op).kind, false) : ARITY;
}

/* ---- pops, random members and scans ---- */

enum outcome words_zpop(struct words *words)
{
    int64_t count;

    if (words_left(words) > 1)
        return SYNTAX;
    return !words_left(words) || (words_take_integer(words, &count) && count >= 0) ? DONE : NUMBER;
}

/* For ZRANDMEMBER and HRANDFIELD. */
enum outcome words_zrandmember(struct words *words)
{
    static const struct named_word with_values = {"withvalues", WORD_WITHVALUES};
    const struct named_word *with = words->row->op == OP_HRANDFIELD ? &with_values : range_words;
    int64_t count;
    enum word word;

    if (words_left(words) > 2)
        return SYNTAX;
    if (words_left(words) && !words_take_integer(words, &count))
        return NUMBER;
    return !words_left(words) || words_take_name(words, with, 1, &word) ? DONE : SYNTAX;
}

/* COUNT, MATCH and NOVALUES of HSCAN, SSCAN, ZSCAN. */
static enum outcome take_scan_options(struct words *words)
{
    static const struct named_word names[] = {
        {"count", WORD_COUNT}, {"match", WORD_MATCH}, {"novalues", WORD_NOVALUES}};
    const size_t known = words->row->op == OP_HSCAN ? 3 : 2;
    int64_t count;
    enum word word;

    while (words_left(words)) {
        if (!words_take_name(words, names, known, &word))
            return SYNTAX;
        if (word == WORD_NOVALUES)
            continue;
        if (!words_left(words))
            return SYNTAX;
        if (word == WORD_MATCH)
            words_take_member(words)->flags = ELEMENT_TEXT;
        else if (!words_take_integer(words, &count) || count < 1)
            return NUMBER;
    }
    return DONE;
}

/* A cursor, which is beyond int64 at times, then options. The server finds the key before it reads them: what is wrong with them
 * it may never see. */
enum outcome words_zscan(struct words *words)
{
    const struct argument *cursor = &words->list[words->next];
    uint64_t number;

    if (!words_left(words))
        return ARITY;
    if (!digits_scan(cursor->text, cursor->text + cursor->bytes, &number))
        return NUMBER;
    words_take(words)->number = (int64_t)number;
    if (take_scan_options(words) != DONE) {
        words->queue->named[words->queue->named_count - 1].element.flags |= ELEMENT_INVALID;
        while (words_left(words))
            words_take(words);
    }
    return DONE;
}

/* ---- several keys ---- */

enum outcome words_bzpop(struct words *words)
{
    double seconds;

    if (!words_left(words))
        return ARITY;
    while (words_left(words) > 1)
        words_take_key(words);
    return words_take_double(words, &seconds) && seconds >= 0 ? DONE : NUMBER;
}

enum outcome words_zmpop(struct words *words)
{
    static const struct named_word ends[] = {{"min", WORD_MIN}, {"max", WORD_MAX}}, count = {"count", WORD_COUNT};
    enum word word;
    int64_t most;

    if (!words_take_name(words, ends, 2, &word))
        return SYNTAX;
    if (!words_left(words))
        return DONE;
    if (!words_take_name(words, &count, 1, &word) || words_left(words) != 1)
        return SYNTAX;
    return words_take_integer(words, &most) && most > 0 ? DONE : NUMBER;
}

/* Takes a weight for each source. The last row is one of the sources and has their number. */
static enum outcome take_weights(struct words *words)
{
    double weight;

    for (int64_t left = words->queue->records[words->record].number; left; left--)
        if (!words_left(words))
            return SYNTAX;
        else if (!words_take_double(words, &weight))
            return NUMBER;
    return DONE;
}

static enum outcome take_operand(struct words *words, enum word word)
{
    static const struct named_word aggregates[] = {{"sum", WORD_SUM}, {"min", WORD_MIN}, {"max", WORD_MAX}};
    int64_t limit;

    if (word == WORD_WEIGHTS)
        return take_weights(words);
    if (word == WORD_AGGREGATE)
        return words_take_name(words, aggregates, 3, &word) ? DONE : SYNTAX;
    if (word != WORD_LIMIT)
        return DONE;
    if (!words_left(words))
        return SYNTAX;
    return words_take_integer(words, &limit) && limit >= 0 ? DONE : NUMBER;
}

/* Takes the options that the command has. */
enum outcome words_zcombine(struct words *words)
{
    static const struct named_word names[] = {{"weights", WORD_WEIGHTS},
                                              {"aggregate", WORD_AGGREGATE},
                                              {"withscores", WORD_WITHSCORES},
                                              {"limit", WORD_LIMIT}};
    enum op op = (enum op)words->row->op;
    bool stores = command_table[op].stores, counts = op == OP_ZINTERCARD;
    bool differs = op == OP_ZDIFF || op == OP_ZDIFFSTORE;
    enum outcome outcome = DONE;
    enum word word;

    while (words_left(words) && outcome == DONE) {
        if (!words_take_name(words, names, 4, &word) || (word == WORD_LIMIT && !counts) ||
            (word == WORD_WITHSCORES && (stores || counts)) ||
            ((word == WORD_WEIGHTS || word == WORD_AGGREGATE) && (differs || counts)))
            return SYNTAX;
        outcome = take_operand(words, word);
    }
    return outcome;
}
