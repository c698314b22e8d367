/* SPDX-License-Identifier: GPL-3.0-or-later */
/* monitor: what `redis-cli MONITOR` prints, or the server sends.
 *
 *     OK
 *     1700000000.123456 [0 127.0.0.1:51234] "SET" "user:1" "caf\xc3\xa9" "EX" "60"
 *     1700000000.123501 [0 unix:/run/my redis.sock] "MGET" "a" "b"
 *     1700000000.123544 [3 lua] "incr" "n"
 *
 * Commands in the order of execution, with exact times; but no replies, so what a GET read is
 * unknown. The path of a unix socket is not escaped, hence the source ends at the last thing that can
 * end it: `] "`. Lines are split into arguments that point into the source's window; only a key with
 * an escape in it is copied, to where the decoded bytes fit (`decoded`, as large as the window).
 *
 * A command of several keys is several records. They are made into a queue first, because they may
 * not fit into what the caller has room for; as long as the queue is not empty nothing else is read.
 *
 * Commands which the model does not execute are counted by name; so are those that the server
 * answered with an error: "set (arity)", "set (syntax)", "incrby (number)". */
#include "sim/format.h"

#include "sim/alloc.h"
#include "traces/digits.h"
#include "traces/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct argument {
    const char *text; /* as in the line, between the quotes */
    uint32_t raw, length; /* bytes of it, and once its escapes are decoded */
};

struct monitor {
    struct lines lines;
    const struct format_options *options;
    struct intake *intake;
    char *decoded; /* keys that had escapes, valid until the next look at the lines */
    size_t decoded_bytes, decoded_capacity;
    struct argument *arguments; /* of the line at hand; [0] is the command */
    size_t argument_count, argument_capacity;
    struct record *queue; /* of the line at hand, from queue_next on still to be handed out */
    size_t queue_next, queue_count, queue_capacity;
};

/* ---- arguments ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes the escape at text[0] = '\\' into *byte; how long it is, 0 when it is none. */
static uint32_t decode_escape(const char *text, size_t bytes, char *byte)
{
    static const char letters[] = "\\\"nrtab", meanings[] = "\\\"\n\r\t\a\b";

    if (bytes >= 4 && text[1] == 'x' && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0) {
        *byte = (char)(hex_digit(text[2]) << 4 | hex_digit(text[3]));
        return 4;
    }
    const char *letter = bytes >= 2 && text[1] ? strchr(letters, text[1]) : NULL;
    if (!letter)
        return 0;
    *byte = meanings[letter - letters];
    return 2;
}

/* Scans the argument whose text begins at text, behind the opening quote. Returns what follows the
 * closing one; NULL when it is damaged. */
static const char *scan_argument(const char *text, const char *end, struct argument *argument)
{
    const char *p = text;
    char byte;

    argument->text = text;
    argument->length = 0;
    while (p < end && *p != '"') {
        uint32_t step = *p == '\\' ? decode_escape(p, (size_t)(end - p), &byte) : 1;
        if (!step)
            return NULL;
        p += step;
        argument->length++;
    }
    if (p == end)
        return NULL;
    argument->raw = (uint32_t)(p - text);
    return p + 1;
}

static void decode(const struct argument *argument, char *to)
{
    for (uint32_t i = 0; i < argument->raw; to++) {
        uint32_t step = 0;
        if (argument->text[i] == '\\')
            step = decode_escape(argument->text + i, argument->raw - i, to);
        else
            *to = argument->text[i++];
        i += step;
    }
}

/* The decoded bytes of an argument that serves as a key. */
static const char *key_text(struct monitor *monitor, const struct argument *argument)
{
    if (argument->length == argument->raw)
        return argument->text;
    char *copy = monitor->decoded + monitor->decoded_bytes;
    decode(argument, copy);
    monitor->decoded_bytes += argument->length;
    return copy;
}

static bool argument_is(const struct argument *argument, const char *word)
{
    return strlen(word) == argument->raw && !strncasecmp(argument->text, word, argument->raw);
}

static bool canonical_integer(const struct argument *argument, int64_t *number)
{
    return digits_canonical(argument->text, argument->text + argument->raw, number);
}

/* ---- commands ---- */

/* What becomes of a command: its records are queued, or why the server answers with an error. */
enum outcome { DONE, ARITY, SYNTAX, NUMBER };

/* A new record of the queue, as `proto`, with this key. */
static struct record *queue_key(struct monitor *monitor, const struct record *proto, size_t argument)
{
    if (monitor->queue_count == monitor->queue_capacity) {
        monitor->queue_capacity = monitor->queue_capacity ? 2 * monitor->queue_capacity : 16;
        monitor->queue =
            xrealloc(monitor->queue, monitor->queue_capacity * sizeof *monitor->queue);
    }
    struct record *record = &monitor->queue[monitor->queue_count++];
    *record = *proto;
    record->key = key_text(monitor, &monitor->arguments[argument]);
    record->key_bytes = record->key_len = monitor->arguments[argument].length;
    return record;
}

static void set_value(struct record *record, const struct argument *value)
{
    record->value_len = value->length;
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
static enum outcome take_options(const struct monitor *monitor, size_t first,
                                 const struct option *known, struct record *record)
{
    for (size_t i = first; i < monitor->argument_count; i++) {
        const struct option *option = option_find(known, &monitor->arguments[i]);

        if (!option || record->flags & option->excludes)
            return SYNTAX;
        if (option->takes_ttl) {
            if (++i == monitor->argument_count)
                return SYNTAX;
            if (!set_ttl(record, &monitor->arguments[i], option->sets) || record->ttl_ms <= 0)
                return NUMBER;
        }
        record->flags |= (uint16_t)option->sets;
    }
    return DONE;
}

/* The ways in which arguments follow a command's name. */
enum shape {
    NO_KEY_SHAPE,  /* no key */
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
static const struct { uint8_t least, most; } arities[] = {
    [NO_KEY_SHAPE] = {0, 0},  [ONE_KEY] = {1, 1},       [MANY_KEYS] = {1, 0},
    [KEY_VALUE] = {2, 2},     [KEY_VALUE_OPT] = {2, 0}, [KEY_OPT] = {1, 0},
    [KEY_TTL_VALUE] = {3, 3}, [PAIRS] = {2, 0},         [KEY_NUMBER] = {2, 2},
    [KEY_AT_VALUE] = {3, 3},  [KEY_TTL_OPT] = {2, 0},
};

struct command {
    uint8_t shape;
    bool reads_value; /* its size is what the trace does not have */
    uint16_t flags;   /* how it states its ttl */
};

static const struct command commands[OP_COUNT] = {
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
    [OP_FLUSHALL] = {NO_KEY_SHAPE, false, 0},
    [OP_FLUSHDB] = {NO_KEY_SHAPE, false, 0},
    [OP_SELECT] = {NO_KEY_SHAPE, false, 0},
    [OP_PING] = {NO_KEY_SHAPE, false, 0},
    [OP_INFO] = {NO_KEY_SHAPE, false, 0},
};

/* All keys of a command, `step` arguments apart; the argument behind a key is its value if step is 2. */
static void queue_keys(struct monitor *monitor, const struct record *proto, size_t step)
{
    for (size_t i = 1; i < monitor->argument_count; i += step) {
        struct record *record = queue_key(monitor, proto, i);
        if (step == 2)
            set_value(record, &monitor->arguments[i + 1]);
        if (i + step < monitor->argument_count)
            record->flags |= REQUEST_MORE;
    }
}

/* A command of one key: completes `record` from the arguments behind the key. */
static enum outcome take_arguments(const struct monitor *monitor, const struct command *command,
                                   struct record *record)
{
    const struct argument *arguments = monitor->arguments;

    switch ((enum shape)command->shape) {
    case KEY_VALUE:
        set_value(record, &arguments[2]);
        return DONE;
    case KEY_VALUE_OPT:
        set_value(record, &arguments[2]);
        return take_options(monitor, 3, set_options, record);
    case KEY_OPT:
        return take_options(monitor, 2, getex_options, record);
    case KEY_TTL_VALUE:
        set_value(record, &arguments[3]);
        return set_ttl(record, &arguments[2], command->flags) && record->ttl_ms > 0 ? DONE : NUMBER;
    case KEY_NUMBER:
        if (!canonical_integer(&arguments[2], &record->number) ||
            (record->op == OP_DECRBY && record->number == INT64_MIN))
            return NUMBER;
        return DONE;
    case KEY_AT_VALUE:
        record->value_len = arguments[3].length;
        return canonical_integer(&arguments[2], &record->number) && record->number >= 0 ? DONE
                                                                                        : NUMBER;
    case KEY_TTL_OPT:
        if (!set_ttl(record, &arguments[2], command->flags))
            return NUMBER;
        return take_options(monitor, 3, expire_options, record);
    case ONE_KEY:
    case NO_KEY_SHAPE:
    case MANY_KEYS:
    case PAIRS:
        break;
    }
    return DONE;
}

/* Queues the records of the command in monitor->arguments. */
static enum outcome queue_command(struct monitor *monitor, struct record *proto)
{
    const struct command *command = &commands[proto->op];
    size_t given = monitor->argument_count - 1;

    proto->value_len = command->reads_value ? VALUE_UNKNOWN : 0;
    if (given < arities[command->shape].least ||
        (arities[command->shape].most && given > arities[command->shape].most))
        return ARITY;
    if (command->shape == PAIRS && given % 2)
        return ARITY;
    if (command->shape == MANY_KEYS || command->shape == PAIRS) {
        queue_keys(monitor, proto, command->shape == PAIRS ? 2 : 1);
        return DONE;
    }
    if (command->shape == NO_KEY_SHAPE) {
        struct record *record = queue_key(monitor, proto, 0);
        record->key = "";
        record->key_bytes = record->key_len = 0;
        return DONE;
    }
    enum outcome outcome = take_arguments(monitor, command, proto);
    if (outcome == DONE)
        queue_key(monitor, proto, 1);
    return outcome;
}

static void count_unknown(struct monitor *monitor, enum outcome outcome)
{
    static const char *const why[] = {
        [DONE] = "", [ARITY] = " (arity)", [SYNTAX] = " (syntax)", [NUMBER] = " (number)"};
    const struct argument *name = &monitor->arguments[0];
    char text[2 * UNKNOWN_NAME];
    int length = snprintf(text, sizeof text, "%.*s%s",
                          name->raw < UNKNOWN_NAME ? (int)name->raw : UNKNOWN_NAME, name->text,
                          why[outcome]);

    intake_unknown(monitor->intake, text, (size_t)length);
}

/* ---- lines ---- */

static int bad(struct monitor *monitor, struct error *error, const char *what, const char *text,
               const char *end)
{
    int length = end - text < 60 ? (int)(end - text) : 60;

    return intake_bad_row(monitor->intake, monitor->options, monitor->lines.source,
                          monitor->lines.number, error, "bad %s '%.*s'", what, length, text);
}

/* `"GET" "k"` into monitor->arguments; false at the first damaged one, which *text then is at. */
static bool split_arguments(struct monitor *monitor, const char **text, const char *end)
{
    monitor->argument_count = 0;
    while (*text < end) {
        if (monitor->argument_count == monitor->argument_capacity) {
            monitor->argument_capacity =
                monitor->argument_capacity ? 2 * monitor->argument_capacity : 16;
            monitor->arguments = xrealloc(
                monitor->arguments, monitor->argument_capacity * sizeof *monitor->arguments);
        }
        if (**text != '"')
            return false;
        const char *after =
            scan_argument(*text + 1, end, &monitor->arguments[monitor->argument_count]);
        if (!after || (after < end && *after != ' '))
            return false;
        monitor->argument_count++;
        *text = after < end ? after + 1 : end;
    }
    return monitor->argument_count > 0;
}

/* The head of a line, `1700000000.123456 [0 127.0.0.1:51234] `: where it ends, NULL when it is damaged
 * and *what says which part. */
static const char *scan_head(const char *line, const char *end, int64_t *time_us, uint64_t *db,
                             const char **what)
{
    const char *space = memchr(line, ' ', (size_t)(end - line));

    *what = "time";
    if (!space || !digits_decimal(line, space, 6, time_us))
        return NULL;
    *what = "source";
    if (end - space < 2 || space[1] != '[')
        return NULL;
    const char *after_db = memchr(space + 2, ' ', (size_t)(end - space - 2));
    const char *close = memmem(space, (size_t)(end - space), "] \"", 3);
    if (!after_db || !close || close < after_db)
        return NULL;
    *what = "db";
    return digits_scan(space + 2, after_db, db) && *db < DB_COUNT ? close + 2 : NULL;
}

/* Queues the records of a line: 0 also when it gives none, -1 on error. */
static int parse(struct monitor *monitor, const char *line, const char *end, struct error *error)
{
    struct record proto = {.line = monitor->lines.number};
    const char *what;
    uint64_t db = 0;

    line += line < end && *line == '+';
    if (line == end || (end - line == 2 && !memcmp(line, "OK", 2)))
        return 0;
    monitor->intake->rows++;
    const char *text = scan_head(line, end, &proto.time_us, &db, &what);
    if (!text)
        return bad(monitor, error, what, line, end);
    if (!split_arguments(monitor, &text, end))
        return bad(monitor, error, "argument", text, end);
    proto.db = (uint8_t)db;
    enum op op = op_find(monitor->arguments[0].text, monitor->arguments[0].raw);
    enum outcome outcome = DONE;
    if (op < OP_COUNT) {
        proto.op = (uint8_t)op;
        outcome = queue_command(monitor, &proto);
    }
    if (op == OP_COUNT || outcome != DONE)
        count_unknown(monitor, outcome);
    return 0;
}

static int open_monitor(void *state, struct source *source, const struct format_options *options,
                        struct intake *intake, struct error *error)
{
    struct monitor *monitor = state;

    (void)error;
    monitor->options = options;
    monitor->intake = intake;
    lines_init(&monitor->lines, source);
    return 0;
}

/* Moves queued records to the caller. */
static int hand_out(struct monitor *monitor, struct record *records, int room)
{
    size_t left = monitor->queue_count - monitor->queue_next;
    size_t count = left < (size_t)room ? left : (size_t)room;

    if (count)
        memcpy(records, monitor->queue + monitor->queue_next, count * sizeof *records);
    monitor->queue_next += count;
    if (monitor->queue_next == monitor->queue_count)
        monitor->queue_next = monitor->queue_count = 0;
    return (int)count;
}

/* A window of lines, with room to decode all their keys. */
static int look(struct monitor *monitor, struct error *error)
{
    int status = lines_look(&monitor->lines, error);
    size_t bytes = (size_t)(monitor->lines.end - monitor->lines.begin);

    monitor->decoded_bytes = 0;
    if (status > 0 && bytes > monitor->decoded_capacity) {
        free(monitor->decoded);
        monitor->decoded = xmalloc(bytes);
        monitor->decoded_capacity = bytes;
    }
    return status;
}

static int read_monitor(void *state, struct record *records, int room, struct error *error)
{
    struct monitor *monitor = state;
    int count = hand_out(monitor, records, room);
    const char *line, *end;

    while (count == 0) {
        int status = look(monitor, error);
        if (status <= 0)
            return status;
        while (count < room && lines_next(&monitor->lines, &line, &end)) {
            if (parse(monitor, line, end, error) < 0)
                return -1;
            count += hand_out(monitor, records + count, room - count);
        }
        lines_done(&monitor->lines);
    }
    return count;
}

static void close_monitor(void *state)
{
    struct monitor *monitor = state;

    free(monitor->decoded);
    free(monitor->arguments);
    free(monitor->queue);
}

/* The head of a line is like nothing else. */
static int detect(const char *head, size_t bytes)
{
    const char *end = head + bytes;

    for (int line = 0; line < 3 && head < end; line++) {
        const char *newline = memchr(head, '\n', (size_t)(end - head));
        const char *stop = newline ? newline : end, *what;
        int64_t time_us;
        uint64_t db;

        if (scan_head(head + (*head == '+'), stop, &time_us, &db, &what))
            return 3;
        head = newline ? newline + 1 : end;
    }
    return 0;
}

const struct format format_monitor = {
    .name = "monitor",
    .summary = "output of Redis MONITOR: every command with its time, no replies",
    .state_size = sizeof(struct monitor),
    .detect = detect,
    .open = open_monitor,
    .read = read_monitor,
    .close = close_monitor,
};
