/* SPDX-License-Identifier: GPL-3.0-or-later */
/* command: finds by tables what each argument of a command is.
 *
 * It imitates the server's own parser (for the options, parseExtendedStringArgumentsOrReply and
 * parseExtendedExpireArgumentsOrReply) and refuses what that refuses. */
#include "traces/commands/command.h"
#include "traces/commands/options.h"
#include "traces/commands/words.h"

#include "sim/alloc.h"
#include "sim/decimal.h"
#include "sim/digits.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The current command. list[0] is its name. */
struct arguments {
    const struct argument *list;
    size_t count;
};

static void set_value(struct queue *queue, struct record *record, const struct argument *value)
{
    queue->compares |= command_table[record->op].deletes_equal;
    record->value_len = value->bytes;
    if (argument_integer(value, &record->number)) {
        record->flags |= REQUEST_INTEGER;
    } else if (decimal_read(value->text, value->bytes, &record->number, &record->second)) {
        record->flags |= REQUEST_DECIMAL;
        if (queue->compares)
            record->second = decimal_mark(record->second, (uint64_t)argument_digest(value));
    } else if (queue->compares) {
        record->number = argument_digest(value);
    }
}

static bool is_executed(enum op op)
{
    return op < OP_COUNT && !command_table[op].skipped;
}

static bool arity_is_right(const struct command *command, const struct arguments *given)
{
    size_t count = given->count - 1, least = strcspn(command->arguments, "o+*:?w"), each;

    switch (command->arguments[least]) {
    case ':': /* elements repeat */
        each = strlen(command->arguments + least + 1);
        return count >= least + each && (count - least) % each == 0;
    case '\0':
        return count == least;
    case '?':
        each = strlen(command->arguments + least + 1);
        if (command->arguments[least + 1] == ':')
            return count >= least && (count - least) % (each - 1) == 0;
        return count == least || count == least + each;
    case '+': /* groups with a key repeat, */
        assert(least);
        each = strlen(command->arguments + least + 1); /* and these arguments end the command */
        return count >= least + each && (count - each) % least == 0;
    default:
        return count >= least;
    }
}

/* Takes LEFT or BEFORE, RIGHT or AFTER. The second side of a command has a flag of its own. */
static enum outcome take_side(struct record *record, bool is_second, const struct argument *side)
{
    bool is_insert = record->op == OP_LINSERT;

    if (argument_is(side, is_insert ? "after" : "right"))
        record->flags |= is_second ? REQUEST_TO_RIGHT : REQUEST_RIGHT;
    else if (!argument_is(side, is_insert ? "before" : "left"))
        return SYNTAX;
    return DONE;
}

/* Takes a timeout in seconds, rounded up to milliseconds. */
static enum outcome take_wait(struct record *record, const struct argument *seconds)
{
    int64_t digits, places;

    record->value_len = seconds->bytes;
    if (!digits_float(seconds->text, seconds->text + seconds->bytes, &digits, &places) || digits < 0)
        return NUMBER;
    for (; places < 3; places++)
        if (__builtin_mul_overflow(digits, 10, &digits))
            return NUMBER;
    for (; places > 3; places--)
        digits = digits / 10 + (digits % 10 != 0);
    record->ttl_ms = digits;
    return DONE;
}

/* Takes the argument of a letter of command->arguments, other than k, d, m and o. is_second: it is the second n or s in
 * a row. */
static enum outcome take_argument(struct queue *queue, struct record *record, char letter, bool is_second,
                                  const struct argument *argument)
{
    const struct command *command;
    unsigned unit;

    assert(record); /* the letter of a key stands before */
    command = &command_table[record->op];
    unit = (command->millis ? REQUEST_MILLIS : 0) | (command->absolute ? REQUEST_ABSOLUTE : 0);
    switch (letter) {
    case 'v':
        if (command_takes((enum op)record->op, 'n')) /* then the number is another argument */
            record->value_len = argument->bytes;
        else
            set_value(queue, record, argument);
        return DONE;
    case 'n':
        return argument_integer(argument, is_second ? &record->second : &record->number) ? DONE : NUMBER;
    case 'b':
        return take_wait(record, argument);
    case 's':
        return take_side(record, is_second, argument);
    case 'f':
        record->value_len = argument->bytes;
        return decimal_read(argument->text, argument->bytes, &record->number, &record->second) ? DONE : NUMBER;
    case 't':
        if (!record_set_ttl(record, argument, unit))
            return NUMBER;
        return command->retimes || record->ttl_ms > 0 - (int64_t)command->retimes_elements ? DONE : NUMBER;
    default:
        return DONE;
    }
}

/* Whether the server accepts the arguments, as far as they show by themselves. */
static bool is_in_range(const struct record *record)
{
    return !(record->op == OP_DECRBY && record->number == INT64_MIN) &&
           !(record->op == OP_SETBIT && (record->second & ~INT64_C(1))) &&
           !((record->op == OP_SETRANGE || record->op == OP_SPOP) && record->number < 0);
}

/* Takes the arguments from `next` on with the command's own parser. */
static enum outcome take_words(struct queue *queue, const struct arguments *given, const struct record *row,
                               size_t next)
{
    static words_fn *const parsers[OP_COUNT] = {
#define X(symbol, parser) [OP_##symbol] = words_##parser,
        WORD_COMMANDS(X)
#undef X
    };
    struct words words = {queue, row, given->list, given->count, next, queue->count ? queue->count - 1 : 0};

    return parsers[row->op](&words);
}

/* Of arguments that the model does not use, the record has only the number and the sum of the bytes; where they take more
 * than one read to arrive, it has elements, which say how long each is. */
static void sum_arguments(struct queue *queue, struct record *record, const struct argument *arguments, size_t count)
{
    enum { WIRE_BYTES = 13 }; /* $16384\r\n ... \r\n, and a little more */
    uint64_t bytes = 0;

    assert(record);
    for (size_t i = 0; i < count; i++)
        bytes += arguments[i].bytes;
    for (size_t i = 0; bytes + WIRE_BYTES * count >= LISTED_FROM && i < count; i++) {
        struct element *element = &queue_element(queue, record)->element;

        element->flags = ELEMENT_WORD;
        element->value_len = arguments[i].bytes;
    }
    record->number = (int64_t)count;
    record->value_len = bytes < VALUE_UNKNOWN ? (uint32_t)bytes : VALUE_UNKNOWN - 1;
}

/* What the options say to the last of the records says it to all, from number `first` of the queue on. */
static void share_options(struct queue *queue, size_t first)
{
    const uint16_t own = REQUEST_MORE | REQUEST_INTEGER | REQUEST_DECIMAL;
    const struct record *last = &queue->records[queue->count - 1];

    for (struct record *record = &queue->records[first]; record < last; record++) {
        record->flags |= last->flags & (uint16_t)~own;
        record->ttl_ms = last->ttl_ms;
    }
}

/* Queues a record for each key. The arguments after a key belong to its record. */
static enum outcome queue_records(struct queue *queue, const struct arguments *given, const struct record *row)
{
    static const struct argument no_key = {"", 0};
    const struct command *command = &command_table[row->op];
    const char *letter = command->arguments;
    size_t before = queue->count;
    uint32_t named_before = queue->named_count;
    struct record *record = NULL, begun = *row;
    struct named_element *element = NULL;
    enum outcome outcome = DONE;
    int64_t counted = 0, keys_left = 0;
    bool with_values = false; /* each key is followed by its value, and the options are those of all */
    size_t i;

    if (!arity_is_right(command, given))
        return ARITY;
    if (!command_has_key((enum op)row->op))
        record = queue_key(queue, row, &no_key);
    for (i = 1; i < given->count && outcome == DONE; i++, letter++) {
        if (*letter == '+')
            letter = i + strlen(letter + 1) == given->count && letter[1] ? letter + 1 : command->arguments;
        if (*letter == '?') {
            assert(record); /* a key stands before it */
            record->second = 1;
            letter++;
        }
        if (*letter == ':' || (!*letter && strchr(command->arguments, ':')))
            letter = strchr(command->arguments, ':') + 1;
        if (*letter == '*' || *letter == 'w') {
            if (*letter == '*')
                sum_arguments(queue, record, given->list + i, given->count - i);
            break;
        }
        if (*letter == '#') {
            if (!argument_integer(&given->list[i], &counted) || counted < 1)
                outcome = NUMBER;
            else if ((uint64_t)counted >= (given->count - i + (letter[2] == 'v')) >> (letter[2] == 'v'))
                outcome = SYNTAX;
            keys_left = counted;
            with_values = letter[2] == 'v';
            if (record)
                record->number = counted;
            continue;
        }
        if (*letter == 'b' && !record) { /* the timeout is that of all keys */
            outcome = take_wait(&begun, &given->list[i]);
            continue;
        }
        if (*letter == 'o') {
            outcome = options_take(queue, given->list, given->count, i, (enum options)command->options, record);
            if (with_values)
                share_options(queue, before);
            break;
        }
        if (*letter == 'm') {
            element = queue_element(queue, record);
            element->text = given->list[i].text;
            element->bytes = given->list[i].bytes;
            continue;
        }
        if (*letter == 'v' && element) {
            element_set_value(&element->element, &given->list[i]);
            continue;
        }
        if (*letter != 'k' && *letter != 'd') {
            outcome = take_argument(queue, record, *letter, letter > command->arguments && letter[-1] == *letter,
                                    &given->list[i]);
            letter -= with_values && keys_left ? 2 : 0;
            continue;
        }
        if (record)
            record->flags |= REQUEST_MORE;
        record = queue_key(queue, &begun, &given->list[*letter == 'd' ? i - 1 : i]);
        if (*letter == 'd' && !record_set_db(record, &given->list[i]))
            outcome = NUMBER;
        if (keys_left) {
            record->number = counted;
            letter -= --keys_left > 0 && !with_values;
        }
    }
    if (outcome == DONE && (*letter == 's' || keys_left))
        outcome = SYNTAX;                    /* a key stands where the command's last arguments must be */
    if (outcome == DONE && *letter == 'w') { /* may have no arguments left */
        outcome = take_words(queue, given, row, i);
        record = queue->count > before ? &queue->records[queue->count - 1] : NULL;
    }
    assert(record || outcome != DONE); /* the arity is right, so there is a key, or a record without one */
    if (outcome == DONE && !is_in_range(record))
        outcome = NUMBER;
    if (outcome != DONE && outcome != PARTLY) {
        queue->count = before;
        queue->named_count = named_before;
    }
    return outcome;
}

static void count_unknown(struct intake *intake, const struct argument *name, enum outcome outcome)
{
    static const char *const why[] = {
        [DONE] = "", [PARTLY] = " (in part)", [ARITY] = " (arity)", [SYNTAX] = " (syntax)", [NUMBER] = " (number)"};
    char text[2 * UNKNOWN_NAME];
    size_t shown = name->bytes < UNKNOWN_NAME ? name->bytes : UNKNOWN_NAME;

    memcpy(text, name->text, shown); /* the name may hold any byte */
    strcpy(text + shown, why[outcome]);
    intake_unknown(intake, text, shown + strlen(why[outcome]));
}

enum { LONGEST_NAME = 64 }; /* longer than the name of any command */

/* A subcommand is looked up by both words. */
static enum op find_op(const struct argument *arguments, size_t count)
{
    char both[LONGEST_NAME];
    enum op op = op_find(arguments[0].text, arguments[0].bytes);
    size_t length = (size_t)arguments[0].bytes + 1 + (count > 1 ? arguments[1].bytes : 0);

    if ((op != OP_COUNT && op != OP_COMMAND) || count < 2 || length > sizeof both)
        return op;
    memcpy(both, arguments[0].text, arguments[0].bytes);
    both[arguments[0].bytes] = '|';
    memcpy(both + arguments[0].bytes + 1, arguments[1].text, arguments[1].bytes);
    return op_find(both, length) == OP_COUNT ? op : op_find(both, length);
}

/* Leaves out the container if the command is a subcommand. */
static struct arguments arguments_of(enum op op, const struct argument *arguments, size_t count)
{
    bool is_subcommand = op != OP_COUNT && strchr(op_name(op), '|');

    return (struct arguments){arguments + is_subcommand, count - is_subcommand};
}

/* A command that is not executed gives a record with the sum of its arguments, which the server still receives. */
static struct record *queue_sum(struct queue *queue, const struct record *row, const struct argument *arguments,
                                size_t count)
{
    static const struct argument no_key = {"", 0};
    struct record *record = queue_key(queue, row, &no_key);

    sum_arguments(queue, record, arguments, count);
    return record;
}

/* Whether the server's table of commands refuses this number of arguments. The table has a fixed number or a least one.
 * Other faults are found only when the command is called. */
static bool is_refused_by_table(const struct command *command, const struct arguments *given)
{
    size_t least = strcspn(command->arguments, "o+*:?w");
    const char *rest = command->arguments + least;

    if (*rest == ':' || *rest == '+')
        least += strlen(rest + 1);
    return !*rest || *rest == 'w' || given->count - 1 < least;
}

/* A refused command of a script is not called at all, so it gives no record. */
static void queue_refused(struct queue *queue, const struct record *row, const struct argument *arguments, size_t count,
                          bool is_called)
{
    struct record *record;

    if (!is_called && row->client == CLIENT_SCRIPT)
        return;
    record = queue_sum(queue, row, arguments, count);
    record->op = !is_called ? OP_REFUSED : command_table[row->op].denyoom ? OP_FAILED_WRITE : OP_FAILED;
    record->second = row->op;
}

/* Whether names are compared with one of the queue's elements from `first` on, a pattern. */
static bool asks_for_names(const struct queue *queue, uint32_t first, enum op op)
{
    bool has_pattern = op == OP_SCAN || op == OP_KEYS || op == OP_HSCAN || op == OP_SSCAN || op == OP_ZSCAN ||
                       op == OP_SORT || op == OP_SORT_RO;

    for (uint32_t i = first; has_pattern && i < queue->named_count; i++)
        if (queue->named[i].element.flags & ELEMENT_TEXT)
            return true;
    return false;
}

void command_queue(struct queue *queue, const struct record *row, const struct argument *arguments, size_t count,
                   struct intake *intake)
{
    struct record record = *row;
    enum op op = find_op(arguments, count);
    struct arguments given = arguments_of(op, arguments, count);
    enum outcome outcome = DONE;
    uint32_t named_before = queue->named_count;

    record.op = (uint16_t)op;
    if (is_executed(op)) {
        record.value_len = command_table[op].measures ? VALUE_UNKNOWN : 0;
        outcome = queue_records(queue, &given, &record);
        intake->wants_names |= op == OP_CLIENT_TRACKING || asks_for_names(queue, named_before, op);
        intake->element_commands += command_table[op].type > TYPE_STRING || command_table[op].unsized ||
                                    (op == OP_SET && queue->named_count > named_before);
        if (outcome == PARTLY)
            intake->skipped_writes += command_table[op].denyoom;
        else if (outcome != DONE)
            queue_refused(queue, &record, arguments, count,
                          outcome != ARITY || !is_refused_by_table(&command_table[op], &given));
    } else if (op != OP_COUNT) {
        queue_sum(queue, &record, arguments + 1, count - 1);
    }
    if (!is_executed(op) || outcome != DONE)
        count_unknown(intake, &arguments[0], outcome);
}

int command_parse(const char *const *words, size_t count, struct record *records, int room, struct error *error)
{
    static const char *const why[] = {[PARTLY] = "not modeled in this form",
                                      [ARITY] = "wrong number of arguments",
                                      [SYNTAX] = "syntax error",
                                      [NUMBER] = "bad number"};
    struct argument *arguments = xcalloc(count, sizeof *arguments);
    struct arguments given;
    struct queue queue = {0};
    struct record row = {0};
    enum op op;
    enum outcome outcome = DONE;
    int queued = -1;

    for (size_t i = 0; i < count; i++)
        arguments[i] = (struct argument){words[i], (uint32_t)strlen(words[i])};
    op = find_op(arguments, count);
    given = arguments_of(op, arguments, count);
    row.op = (uint16_t)op;
    if (is_executed(op)) {
        row.value_len = command_table[op].measures ? VALUE_UNKNOWN : 0;
        outcome = queue_records(&queue, &given, &row);
    }
    if (!is_executed(op) || command_table[op].holds_payload)
        error_set(error, ERROR_USAGE, "'%s' is not modeled%s", words[0], is_executed(op) ? " in a scenario" : "");
    else if (outcome != DONE)
        error_set(error, ERROR_USAGE, "'%s': %s", words[0], why[outcome]);
    else
        queued = queue_end(&queue, records, queue_hand_out(&queue, records, room));
    if (queued > 0)
        queue.named = NULL; /* they belong to the caller now */
    queue_release(&queue);
    free(arguments);
    return queued;
}
