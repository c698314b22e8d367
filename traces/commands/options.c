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
    return (int64_t)(XXH3_64bits(argument->text, argument->bytes) | 1);
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
        TAKES_COMPARISON,
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
    {"ifeq", 0, REQUEST_NX | REQUEST_XX, TAKES_COMPARISON}, /* what may follow it depends on the server */
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

/* What the value is compared with is an element of the row. From here on the queue tells texts apart. */
static void take_comparison(struct queue *queue, struct record *record, const struct argument *text)
{
    struct element *element = &queue_element(queue, record)->element;

    queue->compares = true;
    element_set_value(element, text);
    if (!element->flags)
        element->number = argument_digest(text);
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
    case TAKES_COMPARISON:
        take_comparison(queue, record, operand);
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

        if (!option || record->flags & option->excludes)
            return SYNTAX;
        if (option->takes != TAKES_NOTHING && ++i == count)
            return SYNTAX;
        if (!take_operand(queue, record, option, &list[i]))
            return NUMBER;
        record->flags |= (uint16_t)option->sets;
    }
    return DONE;
}
