/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command: which argument of a command is what, in tables.
 *
 * The server's own parser is imitated (its parseExtendedStringArgumentsOrReply and
 * parseExtendedExpireArgumentsOrReply, for the options): what it refuses is refused here. */
#include "traces/command.h"

#include "sim/alloc.h"
#include "traces/digits.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The arguments of the command at hand; [0] is its name. */
struct command {
    const struct argument *arguments;
    size_t count;
};

static bool argument_is(const struct argument *argument, const char *word)
{
    return strlen(word) == argument->bytes && !strncasecmp(argument->text, word, argument->bytes);
}

static bool canonical_integer(const struct argument *argument, int64_t *number)
{
    return digits_canonical(argument->text, argument->text + argument->bytes, number);
}

/* What becomes of a command: its records are queued, or why the server answers with an error. */
enum outcome { DONE, ARITY, SYNTAX, NUMBER };

/* A new record of the queue, like `row`, with this key. */
static struct record *queue_key(struct queue *queue, const struct record *row, const struct argument *key)
{
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? 2 * queue->capacity : 16;
        queue->records = xrealloc(queue->records, queue->capacity * sizeof *queue->records);
    }
    struct record *record = &queue->records[queue->count++];
    *record = *row;
    record->key = key->text;
    record->key_bytes = record->key_len = key->bytes;
    return record;
}

static void set_value(struct record *record, const struct argument *value)
{
    record->value_len = value->bytes;
    if (canonical_integer(value, &record->number))
        record->flags |= REQUEST_INTEGER;
}

/* A time to live or to die: seconds unless REQUEST_MILLIS is among the flags. */
static bool set_ttl(struct record *record, const struct argument *ttl, unsigned flags)
{
    int64_t number;

    if (!canonical_integer(ttl, &number) ||
        (!(flags & REQUEST_MILLIS) && __builtin_mul_overflow(number, 1000, &number)))
        return false;
    record->ttl_ms = number;
    record->flags |= (uint16_t)(flags | REQUEST_TTL);
    return true;
}

struct option {
    const char *word;
    unsigned sets, excludes; /* flags */
    bool takes_ttl;
};

enum { ANY_TTL = REQUEST_TTL | REQUEST_KEEPTTL | REQUEST_PERSIST };

static const struct option set_options[] = {
    {"nx", REQUEST_NX, REQUEST_XX, false},
    {"xx", REQUEST_XX, REQUEST_NX, false},
    {"get", REQUEST_GET, 0, false},
    {"keepttl", REQUEST_KEEPTTL, REQUEST_TTL, false},
    {"ex", 0, ANY_TTL, true},
    {"px", REQUEST_MILLIS, ANY_TTL, true},
    {"exat", REQUEST_ABSOLUTE, ANY_TTL, true},
    {"pxat", REQUEST_ABSOLUTE | REQUEST_MILLIS, ANY_TTL, true},
    {0},
};

static const struct option getex_options[] = {
    {"persist", REQUEST_PERSIST, REQUEST_TTL, false},
    {"ex", 0, ANY_TTL, true},
    {"px", REQUEST_MILLIS, ANY_TTL, true},
    {"exat", REQUEST_ABSOLUTE, ANY_TTL, true},
    {"pxat", REQUEST_ABSOLUTE | REQUEST_MILLIS, ANY_TTL, true},
    {0},
};

static const struct option expire_options[] = {
    {"nx", REQUEST_NX, REQUEST_XX | REQUEST_GT | REQUEST_LT, false},
    {"xx", REQUEST_XX, REQUEST_NX, false},
    {"gt", REQUEST_GT, REQUEST_NX | REQUEST_LT, false},
    {"lt", REQUEST_LT, REQUEST_NX | REQUEST_GT, false},
    {0},
};

static const struct option *option_find(const struct option *option, const struct argument *word)
{
    for (; option->word; option++)
        if (argument_is(word, option->word))
            return option;
    return NULL;
}

/* The options from argument `first` on, in any order, as the server's own parser takes them. */
static enum outcome take_options(const struct command *command, size_t first, const struct option *known,
                                 struct record *record)
{
    for (size_t i = first; i < command->count; i++) {
        const struct option *option = option_find(known, &command->arguments[i]);

        if (!option || record->flags & option->excludes)
            return SYNTAX;
        if (option->takes_ttl) {
            if (++i == command->count)
                return SYNTAX;
            if (!set_ttl(record, &command->arguments[i], option->sets) || record->ttl_ms <= 0)
                return NUMBER;
        }
        record->flags |= (uint16_t)option->sets;
    }
    return DONE;
}

/* The ways in which arguments follow a command's name. */
enum shape {
    NO_KEY,        /* whatever follows: PING */
    ONE_KEY,       /* key */
    MANY_KEYS,     /* key [key ...] */
    KEY_VALUE,     /* key value */
    KEY_VALUE_OPT, /* key value [option ...]: SET */
    KEY_OPT,       /* key [option ...]: GETEX */
    KEY_TTL_VALUE, /* key ttl value: SETEX */
    PAIRS,         /* key value [key value ...]: MSET */
    KEY_NUMBER,    /* key number: INCRBY */
    KEY_AT_VALUE,  /* key offset value: SETRANGE */
    KEY_TTL_OPT,   /* key ttl [option ...]: EXPIRE */
};

/* Arguments after the name: at least, at most (0: any number). */
static const struct {
    uint8_t least, most;
} arities[] = {
    [NO_KEY] = {0, 0},        [ONE_KEY] = {1, 1},      [MANY_KEYS] = {1, 0},     [KEY_VALUE] = {2, 2},
    [KEY_VALUE_OPT] = {2, 0}, [KEY_OPT] = {1, 0},      [KEY_TTL_VALUE] = {3, 3}, [PAIRS] = {2, 0},
    [KEY_NUMBER] = {2, 2},    [KEY_AT_VALUE] = {3, 3}, [KEY_TTL_OPT] = {2, 0},
};

struct grammar {
    uint8_t shape;
    bool reads_value; /* its size is what the trace does not have */
    uint16_t flags;   /* how it states its ttl */
};

static const struct grammar grammars[OP_COUNT] = {
    [OP_GET] = {ONE_KEY, true, 0},
    [OP_MGET] = {MANY_KEYS, true, 0},
    [OP_SET] = {KEY_VALUE_OPT, false, 0},
    [OP_SETEX] = {KEY_TTL_VALUE, false, 0},
    [OP_PSETEX] = {KEY_TTL_VALUE, false, REQUEST_MILLIS},
    [OP_SETNX] = {KEY_VALUE, false, 0},
    [OP_GETSET] = {KEY_VALUE, false, 0},
    [OP_GETEX] = {KEY_OPT, true, 0},
    [OP_GETDEL] = {ONE_KEY, true, 0},
    [OP_MSET] = {PAIRS, false, 0},
    [OP_APPEND] = {KEY_VALUE, false, 0},
    [OP_STRLEN] = {ONE_KEY, true, 0},
    [OP_SETRANGE] = {KEY_AT_VALUE, false, 0},
    [OP_INCR] = {ONE_KEY, false, 0},
    [OP_DECR] = {ONE_KEY, false, 0},
    [OP_INCRBY] = {KEY_NUMBER, false, 0},
    [OP_DECRBY] = {KEY_NUMBER, false, 0},
    [OP_DEL] = {MANY_KEYS, false, 0},
    [OP_UNLINK] = {MANY_KEYS, false, 0},
    [OP_EXISTS] = {MANY_KEYS, false, 0},
    [OP_EXPIRE] = {KEY_TTL_OPT, false, 0},
    [OP_PEXPIRE] = {KEY_TTL_OPT, false, REQUEST_MILLIS},
    [OP_EXPIREAT] = {KEY_TTL_OPT, false, REQUEST_ABSOLUTE},
    [OP_PEXPIREAT] = {KEY_TTL_OPT, false, REQUEST_ABSOLUTE | REQUEST_MILLIS},
    [OP_PERSIST] = {ONE_KEY, false, 0},
    [OP_TTL] = {ONE_KEY, false, 0},
    [OP_PTTL] = {ONE_KEY, false, 0},
    [OP_TYPE] = {ONE_KEY, false, 0},
    [OP_TOUCH] = {MANY_KEYS, false, 0},
    [OP_FLUSHALL] = {NO_KEY, false, 0},
    [OP_FLUSHDB] = {NO_KEY, false, 0},
    [OP_SELECT] = {NO_KEY, false, 0},
    [OP_PING] = {NO_KEY, false, 0},
    [OP_INFO] = {NO_KEY, false, 0},
};

/* All keys, `step` arguments apart; the argument behind a key is its value if step is 2. */
static void queue_keys(struct queue *queue, const struct record *row, const struct command *command, size_t step)
{
    for (size_t i = 1; i < command->count; i += step) {
        struct record *record = queue_key(queue, row, &command->arguments[i]);
        if (step == 2)
            set_value(record, &command->arguments[i + 1]);
        if (i + step < command->count)
            record->flags |= REQUEST_MORE;
    }
}

/* A command of one key: completes `record` from the arguments behind the key. */
static enum outcome take_arguments(const struct command *command, const struct grammar *grammar, struct record *record)
{
    const struct argument *arguments = command->arguments;

    switch ((enum shape)grammar->shape) {
    case KEY_VALUE:
        set_value(record, &arguments[2]);
        return DONE;
    case KEY_VALUE_OPT:
        set_value(record, &arguments[2]);
        return take_options(command, 3, set_options, record);
    case KEY_OPT:
        return take_options(command, 2, getex_options, record);
    case KEY_TTL_VALUE:
        set_value(record, &arguments[3]);
        return set_ttl(record, &arguments[2], grammar->flags) && record->ttl_ms > 0 ? DONE : NUMBER;
    case KEY_NUMBER:
        if (!canonical_integer(&arguments[2], &record->number) ||
            (record->op == OP_DECRBY && record->number == INT64_MIN))
            return NUMBER;
        return DONE;
    case KEY_AT_VALUE:
        record->value_len = arguments[3].bytes;
        return canonical_integer(&arguments[2], &record->number) && record->number >= 0 ? DONE : NUMBER;
    case KEY_TTL_OPT:
        if (!set_ttl(record, &arguments[2], grammar->flags))
            return NUMBER;
        return take_options(command, 3, expire_options, record);
    case ONE_KEY:
    case NO_KEY:
    case MANY_KEYS:
    case PAIRS:
        break;
    }
    return DONE;
}

static bool arity_is_right(const struct command *command, enum shape shape)
{
    size_t given = command->count - 1;

    return given >= arities[shape].least && (!arities[shape].most || given <= arities[shape].most) &&
           (shape != PAIRS || given % 2 == 0);
}

static enum outcome queue_records(struct queue *queue, const struct command *command, struct record *row)
{
    static const struct argument no_key = {"", 0};
    const struct grammar *grammar = &grammars[row->op];
    enum shape shape = (enum shape)grammar->shape;

    row->value_len = grammar->reads_value ? VALUE_UNKNOWN : 0;
    if (!arity_is_right(command, shape))
        return ARITY;
    if (shape == MANY_KEYS || shape == PAIRS) {
        queue_keys(queue, row, command, shape == PAIRS ? 2 : 1);
        return DONE;
    }
    enum outcome outcome = take_arguments(command, grammar, row);
    if (outcome == DONE)
        queue_key(queue, row, shape == NO_KEY ? &no_key : &command->arguments[1]);
    return outcome;
}

static void count_unknown(struct intake *intake, const struct argument *name, enum outcome outcome)
{
    static const char *const why[] = {
        [DONE] = "", [ARITY] = " (arity)", [SYNTAX] = " (syntax)", [NUMBER] = " (number)"};
    char text[2 * UNKNOWN_NAME];
    size_t shown = name->bytes < UNKNOWN_NAME ? name->bytes : UNKNOWN_NAME;

    memcpy(text, name->text, shown); /* it may hold any byte */
    strcpy(text + shown, why[outcome]);
    intake_unknown(intake, text, shown + strlen(why[outcome]));
}

void command_queue(struct queue *queue, const struct record *row, const struct argument *arguments, size_t count,
                   struct intake *intake)
{
    struct command command = {arguments, count};
    struct record record = *row;
    enum op op = op_find(arguments[0].text, arguments[0].bytes);
    enum outcome outcome = DONE;

    if (op < OP_COUNT) {
        record.op = (uint8_t)op;
        outcome = queue_records(queue, &command, &record);
    }
    if (op == OP_COUNT || outcome != DONE)
        count_unknown(intake, &arguments[0], outcome);
}

int command_parse(const char *const *words, size_t count, struct record *records, int room, struct error *error)
{
    static const char *const why[] = {
        [ARITY] = "wrong number of arguments", [SYNTAX] = "syntax error", [NUMBER] = "bad number"};
    struct argument *arguments = xcalloc(count, sizeof *arguments);
    struct command command = {arguments, count};
    struct queue queue = {0};
    enum op op = op_find(words[0], strlen(words[0]));
    struct record row = {.op = (uint8_t)op};
    enum outcome outcome = DONE;
    int queued = -1;

    for (size_t i = 0; i < count; i++)
        arguments[i] = (struct argument){words[i], (uint32_t)strlen(words[i])};
    if (op < OP_COUNT)
        outcome = queue_records(&queue, &command, &row);
    if (op == OP_COUNT)
        error_set(error, ERROR_USAGE, "'%s' is not modeled", words[0]);
    else if (outcome != DONE)
        error_set(error, ERROR_USAGE, "'%s': %s", words[0], why[outcome]);
    else
        queued = queue_hand_out(&queue, records, room);
    queue_release(&queue);
    free(arguments);
    return queued;
}

int queue_hand_out(struct queue *queue, struct record *records, int room)
{
    size_t left = queue->count - queue->next;
    size_t count = left < (size_t)room ? left : (size_t)room;

    if (count)
        memcpy(records, queue->records + queue->next, count * sizeof *records);
    queue->next += count;
    if (queue->next == queue->count)
        queue->next = queue->count = 0;
    return (int)count;
}

void queue_release(struct queue *queue)
{
    free(queue->records);
}
