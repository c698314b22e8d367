/* SPDX-License-Identifier: GPL-3.0-or-later */
/* geo: the arguments of the geo commands (traces/commands/words.h). Source: geo.c of Redis 7.0. */
#include "traces/commands/words.h"

#include "sim/geohash.h"

static const struct named_word units[] = {{"m", WORD_M}, {"km", WORD_KM}, {"ft", WORD_FT}, {"mi", WORD_MI}};

static enum outcome take_unit(struct words *words)
{
    enum word word;

    return words_take_name(words, units, sizeof units / sizeof *units, &word) ? DONE : SYNTAX;
}

static enum outcome take_point(struct words *words, struct geo_point *point)
{
    if (words_left(words) < 2)
        return SYNTAX;
    if (!words_take_double(words, &point->longitude) || !words_take_double(words, &point->latitude) ||
        !geo_is_valid(*point))
        return NUMBER;
    return DONE;
}

/* Takes `count` lengths and their unit. */
static enum outcome take_lengths(struct words *words, size_t count)
{
    double length;

    if (words_left(words) < count + 1)
        return SYNTAX;
    for (; count; count--)
        if (!words_take_double(words, &length) || length < 0)
            return NUMBER;
    return take_unit(words);
}

/* The longitude is an element of its own. The next element is the member, with its score and with the bytes of the
 * latitude. */
enum outcome words_geoadd(struct words *words)
{
    static const struct named_word names[] = {{"nx", WORD_NX}, {"xx", WORD_XX}, {"ch", WORD_CH}};
    unsigned given = 0;
    enum word word;

    if (words_left(words) < 3)
        return ARITY;
    while (words_take_name(words, names, sizeof names / sizeof *names, &word))
        given |= 1u << word;
    if (!words_left(words) || words_left(words) % 3 || (given >> WORD_NX & 1 && given >> WORD_XX & 1))
        return SYNTAX;
    while (words_left(words)) {
        struct geo_point point;
        struct element *element;
        uint32_t bytes = words->list[words->next + 1].bytes;

        if (!words_take_double(words, &point.longitude) ||
            !argument_double(&words->list[words->next++], &point.latitude) || !geo_is_valid(point))
            return NUMBER;
        element = words_take_member(words);
        element_set_double(element, (double)geohash_encode(point));
        element->flags = ELEMENT_SCORED;
        element->value_len = bytes;
    }
    return DONE;
}

enum outcome words_geodist(struct words *words)
{
    if (words_left(words) < 2)
        return ARITY;
    if (words_left(words) > 3)
        return SYNTAX;
    words_take_member(words);
    words_take_member(words);
    return words_left(words) ? take_unit(words) : DONE;
}

/* ---- searches ---- */

struct search {
    bool from, by, counts, any, with, stores;
    size_t store_at; /* place of the argument with the key to store under; 0: none */
};

static const struct named_word search_words[] = {{"withdist", WORD_WITHDIST},
                                                 {"withhash", WORD_WITHHASH},
                                                 {"withcoord", WORD_WITHCOORD},
                                                 {"any", WORD_ANY},
                                                 {"asc", WORD_ASC},
                                                 {"desc", WORD_DESC},
                                                 {"count", WORD_COUNT},
                                                 {"store", WORD_STORE},
                                                 {"storedist", WORD_STOREDIST},
                                                 {"frommember", WORD_FROMMEMBER},
                                                 {"fromlonlat", WORD_FROMLONLAT},
                                                 {"byradius", WORD_BYRADIUS},
                                                 {"bybox", WORD_BYBOX}};

static bool is_by_name(enum op op)
{
    return op == OP_GEOSEARCH || op == OP_GEOSEARCHSTORE;
}

/* Whether the command has this option. */
static bool has_option(enum op op, enum word word)
{
    switch ((int)word) {
    case WORD_STORE:
        return op == OP_GEORADIUS || op == OP_GEORADIUSBYMEMBER;
    case WORD_STOREDIST:
        return op == OP_GEORADIUS || op == OP_GEORADIUSBYMEMBER || op == OP_GEOSEARCHSTORE;
    case WORD_FROMMEMBER:
    case WORD_FROMLONLAT:
    case WORD_BYRADIUS:
    case WORD_BYBOX:
        return is_by_name(op);
    default:
        return true;
    }
}

static enum outcome take_count(struct words *words)
{
    int64_t count;

    if (!words_left(words))
        return SYNTAX;
    return words_take_integer(words, &count) && count > 0 ? DONE : NUMBER;
}

/* Takes the arguments of an option. The key to store under has a row of its own and is taken last. */
static enum outcome take_operand(struct words *words, enum word word, struct search *search)
{
    struct geo_point point;

    switch ((int)word) {
    case WORD_WITHDIST:
    case WORD_WITHHASH:
    case WORD_WITHCOORD:
        search->with = true;
        return DONE;
    case WORD_ANY:
        search->any = true;
        return DONE;
    case WORD_COUNT:
        search->counts = true;
        return take_count(words);
    case WORD_FROMMEMBER:
        if (!words_left(words) || search->from)
            return SYNTAX;
        search->from = true;
        words_take_member(words);
        return DONE;
    case WORD_FROMLONLAT:
        if (search->from)
            return SYNTAX;
        search->from = true;
        return take_point(words, &point);
    case WORD_BYRADIUS:
    case WORD_BYBOX:
        if (search->by)
            return SYNTAX;
        search->by = true;
        return take_lengths(words, 1 + (word == WORD_BYBOX));
    case WORD_STORE:
    case WORD_STOREDIST:
        search->stores = true;
        if (words->row->op == OP_GEOSEARCHSTORE)
            return DONE;
        search->store_at = words->next++;
        return words->next <= words->count ? DONE : SYNTAX;
    default:
        return DONE;
    }
}

static enum outcome take_search(struct words *words, struct search *search)
{
    enum op op = (enum op)words->row->op;
    enum outcome outcome = DONE;
    enum word word;

    while (words_left(words) && outcome == DONE) {
        if (!words_take_name(words, search_words, sizeof search_words / sizeof *search_words, &word) ||
            !has_option(op, word))
            return SYNTAX;
        outcome = take_operand(words, word, search);
    }
    if (outcome == DONE && ((search->any && !search->counts) || (search->stores && search->with)))
        return SYNTAX;
    return outcome;
}

/* For GEOSEARCH and GEOSEARCHSTORE. */
enum outcome words_geosearch(struct words *words)
{
    struct search search = {.stores = words->row->op == OP_GEOSEARCHSTORE};
    enum outcome outcome = take_search(words, &search);

    return outcome == DONE && !(search.from && search.by) ? SYNTAX : outcome;
}

/* For GEORADIUS, GEORADIUSBYMEMBER and their _RO forms. */
enum outcome words_georadius(struct words *words)
{
    enum op op = (enum op)words->row->op;
    bool by_member = op == OP_GEORADIUSBYMEMBER || op == OP_GEORADIUSBYMEMBER_RO;
    struct search search = {0};
    struct geo_point point;
    enum outcome outcome = DONE;

    if (words_left(words) < 4 - (size_t)by_member)
        return ARITY;
    if (by_member)
        words_take_member(words);
    else
        outcome = take_point(words, &point);
    if (outcome == DONE)
        outcome = take_lengths(words, 1);
    if (outcome == DONE)
        outcome = take_search(words, &search);
    if (outcome == DONE && search.store_at) {
        words->next = search.store_at;
        words_take_key(words);
    }
    return outcome;
}
