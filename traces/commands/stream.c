/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream: the arguments of the stream commands, one element for each but a field and its value, which are one.
 *
 *     XADD key MAXLEN ~ 1000 * field value      word MAXLEN, word ~, number 1000, id *, field with value
 *
 * XREAD and XREADGROUP give a record for each key. The arguments before STREAMS are elements of the first record.
 *
 * Source: t_stream.c of Redis 7.0 (streamParseAddOrTrimArgsOrReply and the commands' own loops). */
#include "sim/digits.h"
#include "sim/stream_words.h"
#include "traces/commands/words.h"

#include <string.h>

static const char *const stream_words[STREAM_WORD_COUNT] = {
#define W(name, word) [STREAM_##name] = word,
    STREAM_WORDS(W)
#undef W
};

/* The arguments are taken one after the other until one is wrong. */
struct scan {
    struct words *words;
    enum outcome outcome; /* DONE, or the first fault */
};

static size_t left(const struct scan *scan)
{
    return words_left(scan->words);
}

static bool fail(struct scan *scan, enum outcome outcome)
{
    if (scan->outcome == DONE)
        scan->outcome = outcome;
    return false;
}

static const struct argument *next(const struct scan *scan)
{
    return &scan->words->list[scan->words->next];
}

/* Takes the next argument, which must exist, as an element that is not a member. */
static struct element *add_element(struct scan *scan, uint32_t flags)
{
    uint32_t bytes = next(scan)->bytes;
    struct element *element = words_take(scan->words);

    element->value_len = bytes;
    element->flags = flags;
    return element;
}

/* Fails if there is no argument left. */
static bool expect_argument(struct scan *scan)
{
    return left(scan) || fail(scan, SYNTAX);
}

/* Takes the word if it comes next. */
static bool word(struct scan *scan, enum stream_word which)
{
    if (!left(scan) || !argument_is(next(scan), stream_words[which]))
        return false;
    add_element(scan, ELEMENT_WORD)->number = which;
    return true;
}

static bool number(struct scan *scan)
{
    int64_t value;

    return expect_argument(scan) && (words_take_integer(scan->words, &value) || fail(scan, NUMBER));
}

static bool member(struct scan *scan)
{
    if (!expect_argument(scan))
        return false;
    words_take_member(scan->words);
    return true;
}

/* Takes an id in one of its forms. */
static bool id(struct scan *scan)
{
    static const char short_forms[] = "*$>-+";
    static const enum id_form forms[] = {ID_AUTO, ID_LAST, ID_NEW, ID_LEAST, ID_MOST};
    const struct argument *argument = next(scan);
    const char *text, *end, *dash;
    uint64_t ms = 0, seq = 0;
    enum id_form form = ID_WHOLE;
    struct element *element;
    bool is_exclusive;

    if (!expect_argument(scan))
        return false;
    text = argument->text;
    end = text + argument->bytes;
    if (argument->bytes == 1 && strchr(short_forms, *text) && *text) {
        element = add_element(scan, ELEMENT_ID);
        element->flags |= (uint32_t)forms[strchr(short_forms, *text) - short_forms] << ID_FORM_SHIFT;
        element->member = element->value_len = 0;
        return true;
    }
    is_exclusive = text < end && *text == '(';
    text += is_exclusive;
    dash = memchr(text, '-', (size_t)(end - text));
    if (!digits_scan(text, dash ? dash : end, &ms) || ms > INT64_MAX)
        return fail(scan, NUMBER);
    if (!dash)
        form = ID_MS;
    else if (end - dash == 2 && dash[1] == '*')
        form = ID_AUTO_SEQ;
    else if (!digits_scan(dash + 1, end, &seq))
        return fail(scan, NUMBER);
    element = add_element(scan, ELEMENT_ID | (uint32_t)form << ID_FORM_SHIFT);
    element->flags |= is_exclusive ? ELEMENT_EXCLUDES : 0;
    element->number = (int64_t)ms;
    element->member = (uint32_t)(seq >> 32);
    element->value_len = (uint32_t)seq;
    return true;
}

/* Takes MAXLEN or MINID and their arguments. False if neither comes next. */
static bool trimming(struct scan *scan)
{
    bool by_length = word(scan, STREAM_MAXLEN);

    if (!by_length && !word(scan, STREAM_MINID))
        return false;
    if (!word(scan, STREAM_APPROXIMATELY))
        word(scan, STREAM_EXACTLY);
    if (by_length ? number(scan) : id(scan))
        if (word(scan, STREAM_LIMIT))
            number(scan);
    return true;
}

/* Takes fields with their values, up to the end. */
static void fields(struct scan *scan)
{
    if (!left(scan) || left(scan) % 2)
        fail(scan, ARITY);
    while (left(scan) && scan->outcome == DONE) {
        struct element *element = words_take_member(scan->words);

        element_set_value(element, next(scan));
        element->flags |= ELEMENT_SCORED;
        scan->words->next++;
    }
}

/* An invalid id is taken as an element: the server looks at ids only after it has found the key, and the group. */
static void ids(struct scan *scan)
{
    do {
        if (id(scan) || scan->outcome != NUMBER)
            continue;
        add_element(scan, ELEMENT_ID | ELEMENT_INVALID);
        scan->outcome = DONE;
    } while (left(scan) && scan->outcome == DONE);
}

/* Takes the word, if it comes next, and the number after it. */
static bool counted(struct scan *scan, enum stream_word which)
{
    return word(scan, which) && number(scan);
}

/* ---- the commands ---- */

static void xadd(struct scan *scan)
{
    while (word(scan, STREAM_NOMKSTREAM) || trimming(scan))
        ;
    if (scan->outcome == DONE && id(scan))
        fields(scan);
}

static void xrange(struct scan *scan)
{
    if (id(scan) && id(scan))
        counted(scan, STREAM_COUNT);
}

static void xpending(struct scan *scan)
{
    if (!member(scan) || !left(scan))
        return;
    counted(scan, STREAM_IDLE);
    if (id(scan) && id(scan) && number(scan) && left(scan))
        member(scan);
}

static struct element *last_element(const struct scan *scan)
{
    return &scan->words->queue->named[scan->words->queue->named_count - 1].element;
}

/* Takes an id that is a number, and no shorthand for one. */
static bool strict_id(struct scan *scan)
{
    if (!id(scan))
        return false;
    if (element_id_form(last_element(scan)) != ID_WHOLE && element_id_form(last_element(scan)) != ID_MS)
        last_element(scan)->flags |= ELEMENT_INVALID;
    return true;
}

/* XCLAIM has its options after the ids. What is neither is taken as an invalid id, at which the server looks once it has
 * found the group. */
static void xclaim(struct scan *scan)
{
    static const enum stream_word with_number[] = {STREAM_IDLE, STREAM_TIME, STREAM_RETRYCOUNT};
    bool has_options = false;

    if (!member(scan) || !member(scan) || !number(scan) || !expect_argument(scan))
        return;
    while (left(scan)) {
        bool is_option = word(scan, STREAM_FORCE) || word(scan, STREAM_JUSTID);

        for (size_t i = 0; i < sizeof with_number / sizeof *with_number && !is_option; i++)
            is_option = counted(scan, with_number[i]);
        if (!is_option && word(scan, STREAM_LASTID))
            is_option = strict_id(scan);
        has_options |= is_option;
        if (is_option || (scan->outcome == DONE && !has_options && strict_id(scan)))
            continue;
        scan->outcome = DONE;
        if (left(scan))
            add_element(scan, ELEMENT_ID | ELEMENT_INVALID);
        else
            last_element(scan)->flags |= ELEMENT_INVALID;
    }
}

static void xautoclaim(struct scan *scan)
{
    if (!member(scan) || !member(scan) || !number(scan) || !id(scan))
        return;
    for (;;) {
        if (counted(scan, STREAM_COUNT)) {
            if (scan->words->queue->named[scan->words->queue->named_count - 1].element.number <= 0)
                fail(scan, NUMBER);
        } else if (!word(scan, STREAM_JUSTID)) {
            return;
        }
    }
}

static void xtrim(struct scan *scan)
{
    if (!trimming(scan))
        fail(scan, SYNTAX);
}

static void xdel(struct scan *scan)
{
    ids(scan);
}

static void xack(struct scan *scan)
{
    if (member(scan))
        ids(scan);
}

static void xgroup(struct scan *scan)
{
    enum op op = (enum op)scan->words->row->op;

    member(scan);
    if (op == OP_XGROUP_CREATECONSUMER || op == OP_XGROUP_DELCONSUMER) {
        member(scan);
    } else if (op == OP_XGROUP_CREATE || op == OP_XGROUP_SETID) {
        id(scan);
        while (word(scan, STREAM_MKSTREAM) || counted(scan, STREAM_ENTRIESREAD))
            ;
    }
}

static void xinfo(struct scan *scan)
{
    if (scan->words->row->op == OP_XINFO_CONSUMERS)
        member(scan);
    else if (scan->words->row->op == OP_XINFO_STREAM && word(scan, STREAM_FULL))
        counted(scan, STREAM_COUNT);
}

static void xsetid(struct scan *scan)
{
    id(scan);
    while (counted(scan, STREAM_ENTRIESADDED) || (word(scan, STREAM_MAXDELETEDID) && id(scan)))
        ;
}

/* XREAD and XREADGROUP. The first key's row has the options. The ids follow the keys in the same order. */
static void xread(struct scan *scan)
{
    struct words *words = scan->words;
    size_t streams = words->next, keys;

    while (streams < words->count && !argument_is(&words->list[streams], stream_words[STREAM_STREAMS]))
        streams++;
    keys = (words->count - streams) / 2;
    if (streams == words->count || !keys || (words->count - streams) % 2 == 0) {
        fail(scan, SYNTAX);
        return;
    }
    for (size_t key = 0; key < keys && scan->outcome == DONE; key++) {
        if (key)
            words->queue->records[words->record].flags |= REQUEST_MORE;
        queue_key(words->queue, words->row, &words->list[streams + 1 + key]);
        words->record = words->queue->count - 1;
        if (!key) {
            if (word(scan, STREAM_GROUP) && member(scan))
                member(scan);
            while (counted(scan, STREAM_COUNT) || counted(scan, STREAM_BLOCK) || word(scan, STREAM_NOACK))
                ;
            if (!word(scan, STREAM_STREAMS))
                fail(scan, SYNTAX);
        }
        words->next = streams + 1 + keys + key;
        id(scan);
    }
    words->next = words->count;
}

/* ---- the parsers ---- */

#define PARSER(name)                                                                                                   \
    enum outcome words_##name(struct words *words)                                                                     \
    {                                                                                                                  \
        struct scan scan = {.words = words};                                                                           \
                                                                                                                       \
        name(&scan);                                                                                                   \
        return scan.outcome == DONE && left(&scan) ? SYNTAX : scan.outcome;                                            \
    }

PARSER(xadd)
PARSER(xrange)
PARSER(xread)
PARSER(xtrim)
PARSER(xdel)
PARSER(xsetid)
PARSER(xack)
PARSER(xpending)
PARSER(xclaim)
PARSER(xautoclaim)
PARSER(xgroup)
PARSER(xinfo)
