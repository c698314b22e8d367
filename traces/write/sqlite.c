/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sqlite: writes a database with a table `requests`, a row for each key of each command, for SQL, DuckDB and pandas.
 *
 *     number  time_us  command  key  key_bytes  value_bytes  ttl_ms  db  client  tenant  more
 *
 * value_bytes and ttl_ms are NULL where the trace has none. A key is TEXT, or a BLOB if it is not UTF-8. more: 1 if the next row is
 * another key of the same command. */
#include "sim/trace_writer.h"

#include "sim/policy.h"

#include <inttypes.h>
#include <jansson.h>
#include <sqlite3.h>
#include <string.h>

struct sqlite_writer {
    const char *path;
    sqlite3 *database;
    sqlite3_stmt *insert;
    int64_t rows;
};

enum { NUMBER = 1, TIME, COMMAND, KEY, KEY_BYTES, VALUE_BYTES, TTL, DB, CLIENT, TENANT, MORE, COLUMNS = MORE };

static int failed(const struct sqlite_writer *writer, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "%s: cannot write: %s", writer->path, sqlite3_errmsg(writer->database));
}

static int open_sqlite(void *state, FILE *out, const char *path, const struct trace_about *about,
                       const struct writer_options *options, struct error *error)
{
    static const char table[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 16384; BEGIN;"
                                "CREATE TABLE requests (number INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, command "
                                "TEXT NOT NULL, key, key_bytes INTEGER, "
                                "value_bytes INTEGER, ttl_ms INTEGER, db INTEGER NOT NULL, client INTEGER, tenant "
                                "TEXT, more INTEGER NOT NULL);";
    struct sqlite_writer *writer = state;

    (void)out;
    (void)about;
    writer->path = path;
    if (sqlite3_open_v2(options->file, &writer->database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_exec(writer->database, table, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(writer->database, "INSERT INTO requests VALUES (?,?,?,?,?,?,?,?,?,?,?)", -1, &writer->insert,
                           NULL) != SQLITE_OK)
        return failed(writer, error);
    return 0;
}

static bool is_text(const char *bytes, size_t count)
{
    bool ascii = true;
    json_t *text;

    for (size_t i = 0; i < count; i++)
        ascii &= bytes[i] > 0;
    if (ascii)
        return true;
    if (memchr(bytes, '\0', count))
        return false;
    text = json_stringn(bytes, count); /* NULL: it is not UTF-8 */
    json_decref(text);
    return text != NULL;
}

static void bind_key(struct sqlite_writer *writer, const struct record *record)
{
    char number[24];

    if (!record->key)
        sqlite3_bind_text(writer->insert, KEY, number, snprintf(number, sizeof number, "%" PRIu64, record->key_number),
                          SQLITE_TRANSIENT);
    else if (is_text(record->key, record->key_bytes))
        sqlite3_bind_text(writer->insert, KEY, record->key, (int)record->key_bytes, SQLITE_STATIC);
    else
        sqlite3_bind_blob(writer->insert, KEY, record->key, (int)record->key_bytes, SQLITE_STATIC);
    sqlite3_bind_int64(writer->insert, KEY_BYTES, record->key_len);
}

static void lose(const struct record *record, struct omissions *omissions)
{
    const uint16_t options = REQUEST_NX | REQUEST_XX | REQUEST_GT | REQUEST_LT | REQUEST_KEEPTTL | REQUEST_GET |
                             REQUEST_PERSIST | REQUEST_REPLACE;

    if (record->elements)
        omissions_add(omissions, "elements of values", 1);
    if (record->number || record->second || record->flags & (REQUEST_INTEGER | REQUEST_DECIMAL))
        omissions_add(omissions, "numbers, as arguments or values", 1);
    if (record->flags & options)
        omissions_add(omissions, "options of commands (NX, XX, KEEPTTL, GET, ...)", 1);
    if (record->behind)
        omissions_add(omissions, "that commands came together, as a pipeline", 1);
}

static int write_sqlite(void *state, const struct trace_row *row, struct omissions *omissions, struct error *error)
{
    struct sqlite_writer *writer = state;
    const struct record *record = row->record;
    sqlite3_stmt *insert = writer->insert;

    sqlite3_clear_bindings(insert);
    sqlite3_bind_int64(insert, NUMBER, ++writer->rows);
    sqlite3_bind_int64(insert, TIME, record->time_us);
    sqlite3_bind_text(insert, COMMAND, op_name((enum op)record->op), -1, SQLITE_STATIC);
    if (row->id != NO_KEY)
        bind_key(writer, record);
    if (record->value_len != VALUE_UNKNOWN && row->id != NO_KEY)
        sqlite3_bind_int64(insert, VALUE_BYTES, record->value_len);
    if (record->flags & REQUEST_TTL)
        sqlite3_bind_int64(insert, TTL, record->ttl_ms);
    sqlite3_bind_int64(insert, DB, record->db);
    if (record->client != CLIENT_SCRIPT)
        sqlite3_bind_int64(insert, CLIENT, record->client);
    if (record->tenant)
        sqlite3_bind_text(insert, TENANT, record->tenant, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, MORE, (record->flags & REQUEST_MORE) != 0);
    lose(record, omissions);
    if (sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
        return failed(writer, error);
    return 1;
}

static int close_sqlite(void *state, struct omissions *omissions, struct error *error)
{
    struct sqlite_writer *writer = state;

    (void)omissions;
    return sqlite3_exec(writer->database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(writer, error);
}

static void release_sqlite(void *state)
{
    struct sqlite_writer *writer = state;

    sqlite3_finalize(writer->insert);
    sqlite3_close(writer->database);
}

extern const struct trace_writer writer_sqlite;
const struct trace_writer writer_sqlite = {
    .name = "sqlite",
    .summary = "a database with a table: requests",
    .suffixes = ".sqlite .db",
    .state_size = sizeof(struct sqlite_writer),
    .needs_file = true,
    .open = open_sqlite,
    .write = write_sqlite,
    .close = close_sqlite,
    .release = release_sqlite,
};
