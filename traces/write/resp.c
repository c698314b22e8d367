/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resp: writes commands as clients send them, for redis-cli --pipe: one client, one after the other, a SELECT where the database changes.
 *
 * A trace knows how long values are, not what they are: values are as many x; integers, and members of values, are what they
 * were. Which arguments a command has says its row (struct command); of those that have words only ZADD and ZINCRBY are
 * written. Transactions and scripts are written as the commands that they consist of. */
#include "traces/write/rows.h"

#include "sim/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct resp_writer {
    FILE *out;
    const char *path;
    struct line arguments; /* of the command so far */
    uint32_t argument_count;
    bool is_left_out; /* the command cannot be written */
    uint8_t db;       /* selected */
    struct line line;
};

static int failed(const struct resp_writer *writer, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", writer->path, strerror(errno));
}

/* ---- arguments ---- */

static void begin_argument(struct resp_writer *writer, size_t bytes)
{
    line_char(&writer->arguments, '$');
    line_number(&writer->arguments, bytes);
    line_text(&writer->arguments, "\r\n");
    writer->argument_count++;
}

static void add_bytes(struct resp_writer *writer, const char *bytes, size_t count)
{
    begin_argument(writer, count);
    line_bytes(&writer->arguments, bytes, count);
    line_text(&writer->arguments, "\r\n");
}

static void add_text(struct resp_writer *writer, const char *text)
{
    add_bytes(writer, text, strlen(text));
}

static void add_number(struct resp_writer *writer, int64_t number)
{
    char text[24];

    add_bytes(writer, text, (size_t)snprintf(text, sizeof text, "%jd", (intmax_t)number));
}

/* A value of so many bytes, or the number that it is. */
static void add_value(struct resp_writer *writer, bool is_integer, int64_t number, uint32_t bytes)
{
    static const char filling[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    if (is_integer) {
        add_number(writer, number);
        return;
    }
    bytes = bytes == VALUE_UNKNOWN ? 0 : bytes;
    begin_argument(writer, bytes);
    for (uint32_t left = bytes; left;) {
        uint32_t piece = left < sizeof filling - 1 ? left : (uint32_t)sizeof filling - 1;

        line_bytes(&writer->arguments, filling, piece);
        left -= piece;
    }
    line_text(&writer->arguments, "\r\n");
}

static void add_key(struct resp_writer *writer, const struct record *record, struct omissions *omissions)
{
    struct line name = {0};

    row_key(&name, record);
    if (record->key_len != name.bytes)
        omissions_add(omissions, "lengths of keys that are not those of their names", 1);
    add_bytes(writer, name.bytes ? name.text : "", name.bytes);
    free(name.text);
}

/* EX 60, PXAT 1700000000000 */
static void add_expiry(struct resp_writer *writer, const struct record *record)
{
    bool absolute = record->flags & REQUEST_ABSOLUTE, millis = record->flags & REQUEST_MILLIS;
    bool whole = record->ttl_ms % 1000 == 0 && !millis;

    if (!(record->flags & REQUEST_TTL))
        return;
    add_text(writer, whole ? absolute ? "EXAT" : "EX" : absolute ? "PXAT" : "PX");
    add_number(writer, whole ? record->ttl_ms / 1000 : record->ttl_ms);
}

static void add_options(struct resp_writer *writer, const struct record *record)
{
    static const struct {
        uint16_t flag;
        const char *of, *word; /* for which kinds of options, a letter each */
    } words[] = {
        {REQUEST_NX, "SE", "NX"},          {REQUEST_XX, "SE", "XX"},          {REQUEST_GT, "E", "GT"},
        {REQUEST_LT, "E", "LT"},           {REQUEST_KEEPTTL, "S", "KEEPTTL"}, {REQUEST_GET, "S", "GET"},
        {REQUEST_PERSIST, "G", "PERSIST"}, {REQUEST_REPLACE, "C", "REPLACE"}, {REQUEST_SYNC, "F", "SYNC"},
        {REQUEST_ASYNC, "F", "ASYNC"},     {REQUEST_LEN, "L", "LEN"},
    };
    static const char letters[] = {[OPTIONS_SET] = 'S',  [OPTIONS_GETEX] = 'G', [OPTIONS_EXPIRE] = 'E',
                                   [OPTIONS_COPY] = 'C', [OPTIONS_LCS] = 'L',   [OPTIONS_FLUSH] = 'F'};
    unsigned options = command_table[record->op].options;
    char letter = options < sizeof letters ? letters[options] : '\0';

    if (letter == 'S' || letter == 'G')
        add_expiry(writer, record);
    for (size_t i = 0; letter && i < sizeof words / sizeof *words; i++)
        if (strchr(words[i].of, letter) && record->flags & words[i].flag)
            add_text(writer, words[i].word);
}

static const struct named_element *element_of(const struct record *record, uint32_t i)
{
    return &record->named[record->first_element + i];
}

static void add_member(struct resp_writer *writer, const struct named_element *named)
{
    add_bytes(writer, named->text ? named->text : "", named->text ? named->bytes : 0);
}

/* Members, each with its value if the command has one. */
static void add_members(struct resp_writer *writer, const struct record *record, const char *letters)
{
    bool valued = letters[0] == 'm' && letters[1] == 'v';

    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = element_of(record, i);

        add_member(writer, named);
        if (valued)
            add_value(writer, named->element.flags & ELEMENT_INTEGER, named->element.number, named->element.value_len);
    }
}

/* ZADD and ZINCRBY: words, then scores with their members. False: something else is among them. */
static bool add_scores(struct resp_writer *writer, const struct record *record)
{
    static const char *const words[] = {
        [WORD_NX] = "NX", [WORD_XX] = "XX", [WORD_GT] = "GT", [WORD_LT] = "LT", [WORD_CH] = "CH", [WORD_INCR] = "INCR"};

    for (uint32_t i = 0; i < record->elements; i++) {
        const struct named_element *named = element_of(record, i);
        char text[32];
        double score;

        if (named->element.flags & ELEMENT_WORD && named->element.number >= 0 && named->element.number <= WORD_INCR) {
            add_text(writer, words[named->element.number]);
            continue;
        }
        if (!(named->element.flags & ELEMENT_SCORED))
            return false;
        memcpy(&score, &named->element.number, sizeof score);
        if (named->element.flags & ELEMENT_INTEGER)
            add_number(writer, named->element.number);
        else
            add_bytes(writer, text, (size_t)snprintf(text, sizeof text, "%.17g", score));
        add_member(writer, named);
    }
    return true;
}

/* The arguments of this row, behind the name. False: they are not known as they were. */
static bool add_row(struct resp_writer *writer, const struct record *record, struct omissions *omissions)
{
    const char *letters = command_table[record->op].arguments;
    bool first = !writer->argument_count, numbered = false;

    if (strcspn(letters, "*#sbd?") != strlen(letters) ||
        (strchr(letters, 'w') && record->op != OP_ZADD && record->op != OP_ZINCRBY) ||
        command_table[record->op].options == OPTIONS_LIMIT || command_table[record->op].options == OPTIONS_COUNT ||
        command_table[record->op].options == OPTIONS_LPOS || (record->op == OP_SET && record->elements))
        return false;
    if (first) {
        const char *bar = strchr(op_name((enum op)record->op), '|');

        if (bar) {
            add_bytes(writer, op_name((enum op)record->op), (size_t)(bar - op_name((enum op)record->op)));
            add_text(writer, bar + 1);
        } else {
            add_text(writer, op_name((enum op)record->op));
        }
    }
    for (const char *letter = letters; *letter; letter++) {
        if (*letter == 'k' && letter > letters && letter[-1] == 'k')
            continue; /* RENAME a b: a row each */
        if (*letter == 'k') {
            add_key(writer, record, omissions);
        } else if (*letter == 'v' && (letter == letters || letter[-1] != 'm')) {
            add_value(writer, record->flags & REQUEST_INTEGER, record->number, record->value_len);
        } else if (*letter == 'n') {
            add_number(writer, numbered ? record->second : record->number);
            numbered = true;
        } else if (*letter == 't') {
            add_number(writer, command_table[record->op].millis ? record->ttl_ms : record->ttl_ms / 1000);
        } else if (*letter == 'f') {
            return false;
        } else if (*letter == 'o' && !(record->flags & REQUEST_MORE)) {
            add_options(writer, record);
        } else if (*letter == 'm') {
            add_members(writer, record, letter);
        } else if (*letter == 'w' && !add_scores(writer, record)) {
            return false;
        }
    }
    return true;
}

/* ---- commands ---- */

static int open_resp(void *state, FILE *out, const char *path, const struct trace_about *about,
                     const struct writer_options *options, struct error *error)
{
    (void)about;
    (void)options;
    (void)error;
    *(struct resp_writer *)state = (struct resp_writer){.out = out, .path = path};
    return 0;
}

static void write_select(struct resp_writer *writer, uint8_t db)
{
    char number[4];
    int bytes = snprintf(number, sizeof number, "%d", db);

    line_text(&writer->line, "*2\r\n$6\r\nSELECT\r\n$");
    line_number(&writer->line, (uint64_t)bytes);
    line_text(&writer->line, "\r\n");
    line_text(&writer->line, number);
    line_text(&writer->line, "\r\n");
    writer->db = db;
}

static void lose(const struct record *record, struct omissions *omissions)
{
    if (!(record->flags & REQUEST_UNTIMED))
        omissions_add(omissions, "times", 1);
    if (record->client || (record->origin && record->origin->caller))
        omissions_add(omissions, "clients", 1);
    if (record->tenant)
        omissions_add(omissions, "tenants", 1);
    if (command_takes((enum op)record->op, 'v') && !(record->flags & REQUEST_INTEGER))
        omissions_add(omissions, "what values are: they are as long as they were, of x", 1);
    if (command_table[record->op].measures && record->value_len != VALUE_UNKNOWN)
        omissions_add(omissions, "what reads have found", 1);
    if (!command_table[record->op].retimes && !command_table[record->op].sets && record->flags & REQUEST_TTL)
        omissions_add(omissions, "the ttl of what an application stores after a miss", 1);
}

static bool is_of_a_transaction(enum op op)
{
    return op == OP_MULTI || op == OP_EXEC || op == OP_DISCARD || op == OP_WATCH || op == OP_UNWATCH;
}

static int write_resp(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct resp_writer *writer = state;
    const struct record *record = row->record;
    char what[OMISSION_TEXT];
    bool written = true;

    if (record->op == OP_SELECT)
        return 1; /* where a command goes says each for itself */
    if (command_table[record->op].skipped || is_of_a_transaction((enum op)record->op) ||
        !add_row(writer, record, omissions)) {
        snprintf(what, sizeof what, "commands: %s", op_name((enum op)record->op));
        omissions_add(omissions, what, 1);
        writer->is_left_out = true;
    }
    if (!writer->is_left_out)
        lose(record, omissions);
    if (record->flags & REQUEST_MORE)
        return !writer->is_left_out;
    if (!writer->is_left_out) {
        if (record->db != writer->db)
            write_select(writer, record->db);
        line_char(&writer->line, '*');
        line_number(&writer->line, writer->argument_count);
        line_text(&writer->line, "\r\n");
        line_bytes(&writer->line, writer->arguments.text, writer->arguments.bytes);
    }
    written = !writer->is_left_out;
    writer->is_left_out = false;
    writer->argument_count = 0;
    writer->arguments.bytes = 0;
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : written;
}

static int close_resp(void *state, struct omissions *omissions, struct error *error)
{
    (void)state;
    (void)omissions;
    (void)error;
    return 0;
}

static void release_resp(void *state)
{
    struct resp_writer *writer = state;

    free(writer->arguments.text);
    free(writer->line.text);
}

extern const struct trace_writer writer_resp;
const struct trace_writer writer_resp = {
    .name = "resp",
    .summary = "commands for redis-cli --pipe; values are as long as they were, of x",
    .suffixes = ".resp",
    .state_size = sizeof(struct resp_writer),
    .open = open_resp,
    .write = write_resp,
    .close = close_resp,
    .release = release_resp,
};
