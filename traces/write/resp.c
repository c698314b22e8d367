/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resp: writes commands as clients send them, for redis-cli --pipe: one client, one after the other, a SELECT where the database changes.
 * What a command is written as says resp_command.h.
 *
 * A transaction is written where its commands were executed, when its EXEC has come: MONITOR shows a client's MULTI when it came, and
 * other clients' commands behind it. WATCH is left out: behind it what was another client's would be the same one's.
 *
 * Of a trace of which requests were chosen, or that was changed, no script is written, but what it called: a script does all that it
 * did. */
#include "traces/write/resp_command.h"

#include "sim/alloc.h"
#include "sim/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct resp_writer {
    FILE *out;
    const char *path;
    struct resp_command command; /* so far */
    bool is_left_out;            /* the command cannot be written */
    int db;                      /* selected; -1: not known */
    struct line line;            /* what is complete */

    uint32_t *waiting; /* clients that have sent MULTI and nothing yet behind it */
    uint32_t waiting_count, waiting_capacity;
    bool is_open;     /* a transaction, */
    uint32_t client;  /* of this one; */
    size_t opened_at; /* where in `line` its MULTI belongs */
    bool selects;     /* it has a SELECT */
};

enum { TRANSACTION_MOST = 64 << 20 }; /* bytes: one with more is written as the commands that it consists of */
static const char multi[] = "*1\r\n$5\r\nmulti\r\n";

static int failed(const struct resp_writer *writer, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", writer->path, strerror(errno));
}

/* ---- commands ---- */

static int open_resp(void *state, FILE *out, const char *path, const struct trace_about *about,
                     const struct writer_options *options, struct error *error)
{
    (void)options;
    (void)error;
    *(struct resp_writer *)state =
        (struct resp_writer){.out = out, .path = path, .command.writes_scripts = about->is_whole};
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
    writer->selects = true;
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

/* ---- transactions ---- */

/* Whether the client has sent MULTI and nothing behind it; then it no longer waits. */
static bool stops_waiting(struct resp_writer *writer, uint32_t client)
{
    for (uint32_t i = 0; i < writer->waiting_count; i++)
        if (writer->waiting[i] == client) {
            writer->waiting[i] = writer->waiting[--writer->waiting_count];
            return true;
        }
    return false;
}

static void start_waiting(struct resp_writer *writer, uint32_t client)
{
    if (writer->waiting_count == writer->waiting_capacity)
        writer->waiting =
            xgrow(writer->waiting, &writer->waiting_capacity, writer->waiting_count + 1, sizeof *writer->waiting);
    writer->waiting[writer->waiting_count++] = client;
}

/* Puts MULTI where the transaction begins, and EXEC or DISCARD behind it. */
static void end_transaction(struct resp_writer *writer, enum op op)
{
    size_t rest = writer->line.bytes - writer->opened_at, bytes = sizeof multi - 1;

    line_bytes(&writer->line, multi, bytes); /* room for it */
    memmove(writer->line.text + writer->opened_at + bytes, writer->line.text + writer->opened_at, rest);
    memcpy(writer->line.text + writer->opened_at, multi, bytes);
    line_text(&writer->line, op == OP_EXEC ? "*1\r\n$4\r\nexec\r\n" : "*1\r\n$7\r\ndiscard\r\n");
    writer->is_open = false;
    if (writer->selects) /* which the server may not have executed */
        writer->db = -1;
}

static void open_transaction(struct resp_writer *writer, uint32_t client)
{
    writer->is_open = true;
    writer->client = client;
    writer->opened_at = writer->line.bytes;
    writer->selects = false;
}

/* MULTI, EXEC and DISCARD. False: they belong to no transaction that can be written. */
static bool take_bracket(struct resp_writer *writer, const struct record *record)
{
    uint32_t client = record->client;

    if (record->op == OP_MULTI) {
        stops_waiting(writer, client);
        start_waiting(writer, client);
        return true;
    }
    if (stops_waiting(writer, client) && !writer->is_open)
        open_transaction(writer, client);
    if (!writer->is_open || writer->client != client)
        return false;
    end_transaction(writer, (enum op)record->op);
    return true;
}

/* A client's command, which is the first of its transaction if it has just sent MULTI. */
static void note_command(struct resp_writer *writer, const struct record *record, struct omissions *omissions)
{
    if (!writer->waiting_count || record->client == CLIENT_SCRIPT || !stops_waiting(writer, record->client))
        return;
    if (writer->is_open)
        omissions_add(omissions, "transactions that others lie within", 1);
    else
        open_transaction(writer, record->client);
}

static int flush(struct resp_writer *writer, struct omissions *omissions, struct error *error)
{
    if (writer->is_open && writer->line.bytes - writer->opened_at < TRANSACTION_MOST)
        return 0;
    if (writer->is_open)
        omissions_add(omissions, "transactions that are too long, or do not end", 1);
    writer->is_open = false;
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : 0;
}

/* ---- rows ---- */

static void leave_out(struct resp_writer *writer, enum op op, struct omissions *omissions)
{
    char what[OMISSION_TEXT];

    snprintf(what, sizeof what, "commands: %s", op_name(op));
    omissions_add(omissions, what, 1);
    writer->is_left_out = true;
}

/* Puts the command, of which this was the last row, behind those before. */
static void end_command(struct resp_writer *writer, uint8_t db)
{
    if (!writer->is_left_out) {
        if (db != writer->db)
            write_select(writer, db);
        line_char(&writer->line, '*');
        line_number(&writer->line, writer->command.argument_count);
        line_text(&writer->line, "\r\n");
        line_bytes(&writer->line, writer->command.arguments.text, writer->command.arguments.bytes);
    }
    writer->is_left_out = false;
    resp_command_clear(&writer->command);
}

static int write_resp(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct resp_writer *writer = state;
    const struct record *record = row->record;
    enum op op = (enum op)record->op;
    bool written;

    if (op == OP_SELECT)
        return 1; /* where a command goes says each for itself */
    if (record->client == CLIENT_SCRIPT && writer->command.in_script) {
        omissions_add(omissions, "what scripts call: they call it again", 1);
        return 1;
    }
    writer->command.in_script = false;
    if (op == OP_MULTI || op == OP_EXEC || op == OP_DISCARD) {
        written = take_bracket(writer, record);
        if (written)
            lose(record, omissions);
        else
            leave_out(writer, op, omissions);
        writer->is_left_out = false;
        return flush(writer, omissions, error) ? -1 : written;
    }
    note_command(writer, record, omissions);
    if (command_table[op].skipped || op == OP_WATCH || op == OP_UNWATCH ||
        !resp_command_add(&writer->command, record, omissions))
        leave_out(writer, op, omissions);
    if (!writer->is_left_out)
        lose(record, omissions);
    written = !writer->is_left_out;
    if (record->flags & REQUEST_MORE)
        return written;
    end_command(writer, record->db);
    return flush(writer, omissions, error) ? -1 : written;
}

static int close_resp(void *state, struct omissions *omissions, struct error *error)
{
    struct resp_writer *writer = state;

    if (writer->is_open || writer->waiting_count)
        omissions_add(omissions, "transactions that are too long, or do not end",
                      writer->is_open + writer->waiting_count);
    return line_flush(&writer->line, writer->out) ? failed(writer, error) : 0;
}

static void release_resp(void *state)
{
    struct resp_writer *writer = state;

    resp_command_release(&writer->command);
    free(writer->line.text);
    free(writer->waiting);
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
