/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/write/rows.h"

#include "sim/policy.h"

#include <string.h>

static void lose(struct omissions *omissions, const char *what)
{
    if (omissions)
        omissions_add(omissions, what, 1);
}

static int lose_command(struct omissions *omissions, const struct record *record)
{
    char what[OMISSION_TEXT];

    snprintf(what, sizeof what, "commands: %s", op_name((enum op)record->op));
    lose(omissions, what);
    return 0;
}

void row_key(struct line *line, const struct record *record)
{
    if (record->key)
        line_bytes(line, record->key, record->key_bytes);
    else
        line_number(line, record->key_number);
}

static void row_time(struct line *line, const struct record *record)
{
    int decimals = line_decimals(record->time_us);

    if (record->origin && record->origin->decimals > decimals)
        decimals = record->origin->decimals;
    line_seconds(line, record->time_us, decimals);
}

/* What a row of one key, one size and one ttl leaves out of what is left of the record, whatever the format. */
static void lose_details(struct omissions *omissions, const struct record *record)
{
    const uint16_t options =
        REQUEST_GT | REQUEST_LT | REQUEST_KEEPTTL | REQUEST_GET | REQUEST_PERSIST | REQUEST_REPLACE;

    if (record->flags & options)
        lose(omissions, "options of commands (KEEPTTL, GET, PERSIST, GT, LT)");
    if (record->flags & REQUEST_MORE)
        lose(omissions, "that a command had several keys: each is one of its own");
    if (record->flags & (REQUEST_INTEGER | REQUEST_DECIMAL))
        lose(omissions, "that a value is a number");
    if (record->behind)
        lose(omissions, "that commands came together, as a pipeline");
    if (record->value_len == 0 && command_table[record->op].fills)
        lose(omissions, "that a read value is empty: 0 is read as an unknown size");
}

static bool has_ttl(const struct record *record)
{
    return record->flags & REQUEST_TTL;
}

/* The ttl in ms, from now on if the row only holds such. False: nobody knows. */
static bool relative_ttl(const struct record *record, int64_t *ttl_ms)
{
    *ttl_ms = record->ttl_ms;
    if (!(record->flags & REQUEST_ABSOLUTE))
        return true;
    *ttl_ms -= record->time_us / 1000;
    return record->time_us >= INT64_C(1000000000000000); /* September 2001: a Unix time */
}

/* ---- twitter ---- */

struct twitter_verb {
    uint16_t op, flags;
    const char *name;
    bool is_own; /* the verb means this command, not one that is like it */
};

static const struct twitter_verb *twitter_verb(const struct record *record)
{
    static const struct twitter_verb verbs[] = {
        {OP_GET, 0, "get", true},          {OP_SET, 0, "set", true},
        {OP_SET, REQUEST_NX, "add", true}, {OP_SET, REQUEST_XX, "replace", true},
        {OP_DEL, 0, "delete", true},       {OP_APPEND, 0, "append", true},
        {OP_INCR, 0, "incr", true},        {OP_DECR, 0, "decr", true},
        {OP_EXPIRE, 0, "expire", true},    {OP_MGET, 0, "get", false},
        {OP_MSET, 0, "set", false},        {OP_SETEX, 0, "set", false},
        {OP_PSETEX, 0, "set", false},      {OP_SETNX, 0, "add", false},
        {OP_UNLINK, 0, "delete", false},   {OP_PEXPIRE, 0, "expire", false},
    };
    uint16_t flags = record->op == OP_SET ? record->flags & (REQUEST_NX | REQUEST_XX) : 0;

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (verbs[i].op == record->op && verbs[i].flags == flags)
            return &verbs[i];
    return NULL;
}

static uint64_t twitter_ttl(const struct record *record, struct omissions *omissions)
{
    int64_t ttl_ms;

    if (!has_ttl(record))
        return 0;
    if (!relative_ttl(record, &ttl_ms)) {
        lose(omissions, "ttls that are a Unix time, where times are not");
        return 0;
    }
    if (record->flags & REQUEST_ABSOLUTE)
        lose(omissions, "that a ttl is a Unix time: what is left of it is written");
    if (ttl_ms < 0 || (!ttl_ms && record->op != OP_EXPIRE)) {
        lose(omissions, "ttls that have ended");
        return 0;
    }
    if (ttl_ms % 1000)
        lose(omissions, "parts of a second of ttls, which are rounded up");
    return (uint64_t)ttl_ms / 1000 + (ttl_ms % 1000 != 0);
}

int row_twitter(struct line *line, const struct trace_row *row, struct omissions *omissions)
{
    const struct record *record = row->record;
    const struct record_origin *origin = record->origin;
    const struct twitter_verb *verb = twitter_verb(record);

    if (!verb || row->id == NO_KEY)
        return lose_command(omissions, record);
    if (record->key && (!record->key_bytes || memchr(record->key, '\n', record->key_bytes))) {
        lose(omissions, "commands on keys that are empty, or have a line feed");
        return 0;
    }
    if (!verb->is_own)
        lose(omissions, "names of commands: mget is get, mset, setex and psetex are set, setnx is add ...");
    lose_details(omissions, record);
    if (record->db)
        lose(omissions, "databases");
    if (record->tenant)
        lose(omissions, "tenants");
    row_time(line, record);
    line_char(line, ',');
    row_key(line, record);
    line_char(line, ',');
    line_number(line, record->key_len);
    line_char(line, ',');
    line_number(line, record->value_len == VALUE_UNKNOWN ? 0 : record->value_len);
    line_char(line, ',');
    if (origin && origin->caller)
        line_bytes(line, origin->caller, origin->caller_bytes);
    else
        line_number(line, record->client);
    line_char(line, ',');
    if (origin && origin->verb)
        line_bytes(line, origin->verb, origin->verb_bytes);
    else
        line_text(line, verb->name);
    line_char(line, ',');
    line_number(line, twitter_ttl(record, omissions));
    line_char(line, '\n');
    return 1;
}

/* ---- csv ---- */

/* A column, in quotes if it needs them. */
static void quoted(struct line *line, const char *text, size_t bytes)
{
    bool needs = false;

    for (size_t i = 0; i < bytes && !needs; i++)
        needs = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (!needs) {
        line_bytes(line, text, bytes);
        return;
    }
    line_char(line, '"');
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '"')
            line_char(line, '"');
        line_char(line, text[i]);
    }
    line_char(line, '"');
}

/* Commands of one key whose arguments are a value's size and a ttl. */
static const char *csv_verb(const struct record *record)
{
    const struct command *command = &command_table[record->op];

    if (record->op == OP_SET && record->flags & (REQUEST_NX | REQUEST_XX))
        return record->flags & REQUEST_NX ? "add" : "replace";
    if (record->op == OP_SET && record->elements)
        return NULL; /* IFEQ */
    if (command->type > TYPE_STRING || command->transfer || command->skipped || record->elements ||
        strcspn(command->arguments, "nwmfsb#*d") != strlen(command->arguments) || strstr(command->arguments, "kk"))
        return NULL;
    return op_name((enum op)record->op);
}

/* The ttl column of the command: a Unix time if that is what the command takes. */
static void csv_ttl(struct line *line, const struct record *record, struct omissions *omissions)
{
    int64_t ttl_ms = record->ttl_ms;

    if (!has_ttl(record))
        return;
    if (!command_table[record->op].absolute && record->flags & REQUEST_ABSOLUTE) {
        if (!relative_ttl(record, &ttl_ms)) {
            lose(omissions, "ttls that are a Unix time, where times are not");
            return;
        }
        lose(omissions, "that a ttl is a Unix time: what is left of it is written");
    }
    if (ttl_ms <= 0 && !command_takes((enum op)record->op, 't')) {
        lose(omissions, "ttls that have ended");
        return;
    }
    line_signed(line, ttl_ms);
}

int row_csv(struct line *line, const struct trace_row *row, struct omissions *omissions)
{
    const struct record *record = row->record;
    const char *verb = csv_verb(record);
    bool has_key = row->id != NO_KEY;

    if (!verb)
        return lose_command(omissions, record);
    if (has_key && record->key && !record->key_bytes) {
        lose(omissions, "commands on the empty key");
        return 0;
    }
    lose_details(omissions, record);
    if (record->client || (record->origin && record->origin->caller))
        lose(omissions, "clients");
    row_time(line, record);
    line_char(line, ',');
    if (has_key && record->key)
        quoted(line, record->key, record->key_bytes);
    else if (has_key)
        line_number(line, record->key_number);
    line_char(line, ',');
    if (has_key)
        line_number(line, record->key_len);
    line_char(line, ',');
    line_text(line, verb);
    line_char(line, ',');
    if (record->value_len != VALUE_UNKNOWN && has_key)
        line_number(line, record->value_len);
    line_char(line, ',');
    csv_ttl(line, record, omissions);
    line_char(line, ',');
    line_number(line, record->db);
    line_char(line, ',');
    if (record->tenant)
        quoted(line, record->tenant, strlen(record->tenant));
    line_char(line, '\n');
    return 1;
}
