/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/commands/options.h"

#include "sim/digits.h"

#include <xxhash.h>

bool argument_integer(const struct argument *argument, int64_t *number)
{
    return digits_canonical(argument->text, argument->text + argument->bytes, number);
}

int64_t argument_digest(const struct argument *argument)
{
    uint64_t digest = XXH3_64bits(argument->text, argument->bytes);

    return digest ? (int64_t)digest : 1;
}

static int hexadecimal(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | ' ') >= 'a' && (c | ' ') <= 'f' ? (c | ' ') - 'a' + 10 : -1;
}

void element_set_text(struct element *element, const struct argument *text)
{
    element->value_len = text->bytes;
    if (argument_integer(text, &element->number))
        element->flags |= ELEMENT_INTEGER;
    else
        element->number = argument_digest(text);
}

/* The server compares the texts of digests, in any case: what is no digest differs from all of them, if it is as long. */
void element_set_digest(struct element *element, const struct argument *digits)
{
    uint64_t number = 0;

    element->value_len = digits->bytes;
    element->flags |= ELEMENT_DIGEST;
    for (uint32_t i = 0; i < digits->bytes; i++) {
        int digit = hexadecimal(digits->text[i]);

        if (digit < 0)
            element->flags |= ELEMENT_INVALID;
        number = number << 4 | (uint64_t)(digit < 0 ? 0 : digit);
    }
    element->number = (int64_t)number;
}

bool record_set_ttl(struct record *record, const struct argument *ttl, unsigned flags)
{
    int64_t number;
    bool is_negative;

    if (!argument_integer(ttl, &number))
        return false;
    is_negative = number < 0;
    if (!(flags & REQUEST_MILLIS) && __builtin_mul_overflow(number, 1000, &number)) {
        if (is_negative || flags & REQUEST_ABSOLUTE)
            return false;
        number = INT64_MAX; /* too large, so the model refuses it, as the server does */
    }
    record->ttl_ms = number;
    record->flags |= (uint16_t)(flags | REQUEST_TTL);
    return true;
}

bool record_set_db(struct record *record, const struct argument *db)
{
    int64_t number;

    if (!argument_integer(db, &number) || number < 0 || number >= DB_MAX)
        return false;
    record->db = (uint8_t)number;
    return true;
}

struct option {
    const char *word;
    unsigned sets, excludes; /* flags of the record */
    enum {
        TAKES_NOTHING,
        TAKES_TTL,
        TAKES_DB,
        TAKES_NUMBER,
        TAKES_SECOND,
        TAKES_COUNT,
        TAKES_RANK,
        TAKES_MAXLEN,
        TAKES_EQUAL, /* what a value is compared with, likewise the next three */
        TAKES_DIFFERENT,
        TAKES_DIGEST,
        TAKES_OTHER_DIGEST,
    } takes;
};

enum { ANY_TTL = REQUEST_TTL | REQUEST_KEEPTTL | REQUEST_PERSIST };

/* clang-format off */
#define TTL_OPTIONS \
    {"ex", 0, ANY_TTL, TAKES_TTL}, \
    {"px", REQUEST_MILLIS, ANY_TTL, TAKES_TTL}, \
    {"exat", REQUEST_ABSOLUTE, ANY_TTL, TAKES_TTL}, \
    {"pxat", REQUEST_ABSOLUTE | REQUEST_MILLIS, ANY_TTL, TAKES_TTL}
/* Those of MSETEX, which SET has as well. */
#define WRITE_OPTIONS \
    {"nx", REQUEST_NX, REQUEST_XX, TAKES_NOTHING}, \
    {"xx", REQUEST_XX, REQUEST_NX, TAKES_NOTHING}, \
    {"keepttl", REQUEST_KEEPTTL, REQUEST_TTL, TAKES_NOTHING}, \
    TTL_OPTIONS
/* clang-format on */

static const struct option set_options[] = {
    WRITE_OPTIONS,
    {"get", REQUEST_GET, 0, TAKES_NOTHING},
    /* What may follow these depends on the server. */
    {"ifeq", 0, REQUEST_NX | REQUEST_XX, TAKES_EQUAL},
    {"ifne", 0, REQUEST_NX | REQUEST_XX, TAKES_DIFFERENT},
    {"ifdeq", 0, REQUEST_NX | REQUEST_XX, TAKES_DIGEST},
    {"ifdne", 0, REQUEST_NX | REQUEST_XX, TAKES_OTHER_DIGEST},
    {0},
};

static const struct option msetex_options[] = {
    WRITE_OPTIONS,
    {0},
};

static const struct option getex_options[] = {
    {"persist", REQUEST_PERSIST, REQUEST_TTL, TAKES_NOTHING},
    TTL_OPTIONS,
    {0},
};

static const struct option expire_options[] = {
    {"nx", REQUEST_NX, REQUEST_XX | REQUEST_GT | REQUEST_LT, TAKES_NOTHING},
    {"xx", REQUEST_XX, REQUEST_NX, TAKES_NOTHING},
    {"gt", REQUEST_GT, REQUEST_NX | REQUEST_LT, TAKES_NOTHING},
    {"lt", REQUEST_LT, REQUEST_NX | REQUEST_GT, TAKES_NOTHING},
    {0},
};

static const struct option copy_options[] = {
    {"replace", REQUEST_REPLACE, 0, TAKES_NOTHING},
    {"db", 0, 0, TAKES_DB},
    {0},
};

static const struct option lcs_options[] = {
    {"len", REQUEST_LEN, 0, TAKES_NOTHING},
    {"idx", 0, REQUEST_LEN, TAKES_NOTHING},
    {"minmatchlen", 0, 0, TAKES_NUMBER},
    {"withmatchlen", 0, 0, TAKES_NOTHING},
    {0},
};

static const struct option limit_options[] = {
    {"limit", 0, 0, TAKES_SECOND},
    {0},
};

static const struct option count_options[] = {
    {"count", 0, 0, TAKES_COUNT},
    {0},
};

static const struct option lpos_options[] = {
    {"rank", REQUEST_RANK, 0, TAKES_RANK},
    {"count", REQUEST_COUNT, 0, TAKES_SECOND},
    {"maxlen", REQUEST_MAXLEN, 0, TAKES_MAXLEN},
    {0},
};

static const struct option flush_options[] = {
    {"sync", REQUEST_SYNC, REQUEST_SYNC | REQUEST_ASYNC, TAKES_NOTHING},
    {"async", REQUEST_ASYNC, REQUEST_SYNC | REQUEST_ASYNC, TAKES_NOTHING},
    {0},
};

static const struct option *option_find(const struct option *option, const struct argument *word)
{
    for (; option->word; option++)
        if (argument_is(word, option->word))
            return option;
    return NULL;
}

/* The flags of the element that a comparison is. */
static uint32_t condition_of(const struct option *option)
{
    return (option->takes == TAKES_DIGEST || option->takes == TAKES_OTHER_DIGEST ? ELEMENT_DIGEST : 0) |
           (option->takes == TAKES_DIFFERENT || option->takes == TAKES_OTHER_DIGEST ? ELEMENT_DIFFERS : 0);
}

/* What the value is compared with is an element of the row. From here on the queue tells texts apart. */
static void take_comparison(struct queue *queue, struct record *record, uint32_t condition, const struct argument *text)
{
    struct element *element = &queue_element(queue, record)->element;

    queue->compares = true;
    if (condition & ELEMENT_DIGEST)
        element_set_digest(element, text);
    else
        element_set_text(element, text);
    element->flags |= condition;
}

/* Behind another condition, of which a SET has one: it may be said again. */
static bool contradicts(const struct queue *queue, const struct record *record, const struct option *option)
{
    const uint32_t conditions = ELEMENT_DIFFERS | ELEMENT_DIGEST;

    return option->takes >= TAKES_EQUAL && record->elements &&
           (queue->named[queue->named_count - 1].element.flags & conditions) != condition_of(option);
}

/* Takes the argument of an option that has one. */
static bool take_operand(struct queue *queue, struct record *record, const struct option *option,
                         const struct argument *operand)
{
    int64_t number;

    switch (option->takes) {
    case TAKES_TTL:
        if (record_set_ttl(record, operand, option->sets) && record->ttl_ms > 0)
            return true;
        record->ttl_ms = 0; /* of GETEX: the server finds the key before it looks at the time */
        record->flags |= REQUEST_TTL;
        return record->op == OP_GETEX;
    case TAKES_DB:
        return record_set_db(record, operand);
    case TAKES_NUMBER:
        return argument_integer(operand, &number);
    case TAKES_SECOND:
        return argument_integer(operand, &record->second) && record->second >= 0;
    case TAKES_COUNT:
        return argument_integer(operand, &record->second) && record->second > 0;
    case TAKES_RANK:
        return argument_integer(operand, &record->number) && record->number && record->number != INT64_MIN;
    case TAKES_MAXLEN:
        return argument_integer(operand, &queue->named[queue->named_count - 1].element.number) &&
               queue->named[queue->named_count - 1].element.number >= 0;
    case TAKES_EQUAL:
    case TAKES_DIFFERENT:
    case TAKES_DIGEST:
    case TAKES_OTHER_DIGEST:
        take_comparison(queue, record, condition_of(option), operand);
        return true;
    case TAKES_NOTHING:
        break;
    }
    return true;
}

/* The options of each group of commands. */
static const struct option *const option_lists[] = {
    [OPTIONS_NONE] = NULL,
    [OPTIONS_SET] = set_options,
    [OPTIONS_GETEX] = getex_options,
    [OPTIONS_EXPIRE] = expire_options,
    [OPTIONS_COPY] = copy_options,
    [OPTIONS_LCS] = lcs_options,
    [OPTIONS_LIMIT] = limit_options,
    [OPTIONS_LPOS] = lpos_options,
    [OPTIONS_COUNT] = count_options,
    [OPTIONS_FLUSH] = flush_options,
    [OPTIONS_MSETEX] = msetex_options,
};

enum outcome options_take(struct queue *queue, const struct argument *list, size_t count, size_t first,
                          enum options options, struct record *record)
{
    for (size_t i = first; i < count; i++) {
        const struct option *option = option_find(option_lists[options], &list[i]);

        if (!option || record->flags & option->excludes || contradicts(queue, record, option))
            return SYNTAX;
        if (option->takes != TAKES_NOTHING && ++i == count)
            return SYNTAX;
        if (!take_operand(queue, record, option, &list[i]))
            return NUMBER;
        record->flags |= (uint16_t)option->sets;
    }
    return DONE;
}
