/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sqlite: a database of an outcome, for SQL, DuckDB and pandas.
 *
 * It has a table for each CSV report of the outcome, called as the report says (struct report), with the same columns and values: an empty
 * field is NULL. The JSON report that says how the numbers came about is a row of the table `runs`: an object in it
 * is spread over columns, "trace_path", and its settings are a table of their own, `settings`. Of a kind without CSV each list of objects in
 * the JSON is a table, too. What is nested deeper is JSON, for json_extract(). */
#include "reports/registry.h"
#include "reports/writer.h"

#include "sim/alloc.h"

#include <csv.h>
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* What a column holds: what all of its fields are. */
enum column_type { COLUMN_EMPTY, COLUMN_INTEGER, COLUMN_REAL, COLUMN_TEXT };
static const char *const column_type_names[] = {"", " INTEGER", " REAL", " TEXT"};

struct column {
    char *name; /* owned */
    enum column_type type;
};

struct sheet {
    sqlite3 *database;
    const char *table;
    struct column *columns; /* owned */
    size_t count, field;
    sqlite3_stmt *insert; /* NULL: the first pass, which finds the names and types */
    bool has_titles, failed;
};

static int failed(sqlite3 *database, struct error *error)
{
    return error_set(error, ERROR_OUTPUT, "SQLite: %s", sqlite3_errmsg(database));
}

static enum column_type type_of(const char *text, size_t bytes)
{
    char *end;

    if (!bytes)
        return COLUMN_EMPTY;
    if (!strchr("-0123456789", text[0]) || text[strspn(text, "-+.0123456789eE")])
        return COLUMN_TEXT; /* "inf" and "0x1" are text */
    errno = 0;
    strtoll(text, &end, 10);
    if (!*end)
        return errno ? COLUMN_TEXT : COLUMN_INTEGER; /* a seed may need 64 bits */
    strtod(text, &end);
    return *end ? COLUMN_TEXT : COLUMN_REAL;
}

static void add_column(struct sheet *sheet, const char *name, enum column_type type)
{
    sheet->columns = xrealloc(sheet->columns, (sheet->count + 1) * sizeof *sheet->columns);
    sheet->columns[sheet->count++] = (struct column){xstrdup(name), type};
}

/* CREATE TABLE, and the statement that adds a row. 0 or -1. */
static int make_table(struct sheet *sheet, struct error *error)
{
    sqlite3_str *create = sqlite3_str_new(sheet->database), *insert = sqlite3_str_new(sheet->database);
    char *create_text, *insert_text;
    int status = 0;

    sqlite3_str_appendf(create, "CREATE TABLE \"%w\" (", sheet->table);
    sqlite3_str_appendf(insert, "INSERT INTO \"%w\" VALUES (", sheet->table);
    for (size_t i = 0; i < sheet->count; i++) {
        sqlite3_str_appendf(create, "%s\"%w\"%s", i ? ", " : "", sheet->columns[i].name,
                            column_type_names[sheet->columns[i].type]);
        sqlite3_str_appendall(insert, i ? ",?" : "?");
    }
    sqlite3_str_appendall(create, ")");
    sqlite3_str_appendall(insert, ")");
    create_text = sqlite3_str_finish(create);
    insert_text = sqlite3_str_finish(insert);
    if (sqlite3_exec(sheet->database, create_text, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(sheet->database, insert_text, -1, &sheet->insert, NULL) != SQLITE_OK)
        status = failed(sheet->database, error);
    sqlite3_free(create_text);
    sqlite3_free(insert_text);
    return status;
}

static void bind(struct sheet *sheet, size_t field, const char *text, size_t bytes)
{
    int place = (int)field + 1;

    if (!bytes)
        sqlite3_bind_null(sheet->insert, place);
    else if (sheet->columns[field].type == COLUMN_INTEGER)
        sqlite3_bind_int64(sheet->insert, place, strtoll(text, NULL, 10));
    else if (sheet->columns[field].type == COLUMN_REAL)
        sqlite3_bind_double(sheet->insert, place, strtod(text, NULL));
    else
        sqlite3_bind_text(sheet->insert, place, text, (int)bytes, SQLITE_TRANSIENT);
}

static void add_row(struct sheet *sheet)
{
    sheet->failed |= sqlite3_step(sheet->insert) != SQLITE_DONE || sqlite3_reset(sheet->insert) != SQLITE_OK;
    sqlite3_clear_bindings(sheet->insert);
}

static void sheet_release(struct sheet *sheet)
{
    sqlite3_finalize(sheet->insert);
    for (size_t i = 0; i < sheet->count; i++)
        free(sheet->columns[i].name);
    free(sheet->columns);
}

/* ---- CSV ---- */

/* libcsv ends a field with a 0 where it is asked to. */
static void on_field(void *field, size_t bytes, void *state)
{
    struct sheet *sheet = state;
    const char *text = field;
    size_t place = sheet->field++;

    if (!sheet->has_titles) {
        if (!sheet->insert)
            add_column(sheet, text, COLUMN_EMPTY);
    } else if (sheet->insert) {
        bind(sheet, place, text, bytes);
    } else if (place < sheet->count) {
        enum column_type type = type_of(text, bytes);

        sheet->columns[place].type = type > sheet->columns[place].type ? type : sheet->columns[place].type;
    }
}

static void on_row(int end, void *state)
{
    struct sheet *sheet = state;

    (void)end;
    if (sheet->has_titles && sheet->insert)
        add_row(sheet);
    sheet->has_titles = true;
    sheet->field = 0;
}

static int read_csv(struct sheet *sheet, const char *text, size_t bytes, struct error *error)
{
    struct csv_parser parser;
    int status = 0;

    if (csv_init(&parser, CSV_STRICT | CSV_APPEND_NULL))
        return error_set(error, ERROR_INTERNAL, "out of memory");
    sheet->has_titles = false;
    sheet->field = 0;
    if (csv_parse(&parser, text, bytes, on_field, on_row, sheet) != bytes || csv_fini(&parser, on_field, on_row, sheet))
        status = error_set(error, ERROR_INTERNAL, "%s: %s", sheet->table, csv_strerror(csv_error(&parser)));
    csv_free(&parser);
    return status;
}

static int add_csv(sqlite3 *database, const char *table, const char *text, size_t bytes, struct error *error)
{
    struct sheet sheet = {.database = database, .table = table};
    int status = read_csv(&sheet, text, bytes, error);

    if (!status)
        status = make_table(&sheet, error);
    if (!status)
        status = read_csv(&sheet, text, bytes, error);
    if (!status && sheet.failed)
        status = failed(database, error);
    sheet_release(&sheet);
    return status;
}

/* ---- JSON ---- */

/* What the table's column has of it: to be freed; NULL for null. */
static char *text_of(const json_t *value)
{
    if (!value || json_is_null(value))
        return NULL;
    if (json_is_string(value))
        return xstrdup(json_string_value(value));
    if (json_is_boolean(value))
        return xstrdup(json_is_true(value) ? "1" : "0");
    return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(17));
}

static enum column_type type_of_json(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        return COLUMN_EMPTY;
    case JSON_INTEGER:
    case JSON_TRUE:
    case JSON_FALSE:
        return COLUMN_INTEGER;
    case JSON_REAL:
        return COLUMN_REAL;
    case JSON_STRING:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return COLUMN_TEXT;
}

static size_t column_named(struct sheet *sheet, const char *name)
{
    size_t place = 0;

    while (place < sheet->count && strcmp(sheet->columns[place].name, name))
        place++;
    if (place == sheet->count)
        add_column(sheet, name, COLUMN_EMPTY);
    return place;
}

typedef void visit_fn(struct sheet *sheet, const char *name, const json_t *value);

static void note_column(struct sheet *sheet, const char *name, const json_t *value)
{
    size_t place = column_named(sheet, name);
    enum column_type type = type_of_json(value);

    if (type > sheet->columns[place].type)
        sheet->columns[place].type = type;
}

static void bind_column(struct sheet *sheet, const char *name, const json_t *value)
{
    char *text = text_of(value);

    bind(sheet, column_named(sheet, name), text, text ? strlen(text) : 0);
    free(text);
}

static bool is_list_of_objects(const json_t *value)
{
    return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

/* Each field of the object, those of the objects in it with its name in front. At the top the tables that are of their own are
 * left out. */
static void visit(struct sheet *sheet, json_t *object, bool is_top, visit_fn *each)
{
    const char *key, *below;
    json_t *value, *inner;
    char name[256];

    json_object_foreach(object, key, value)
    {
        if (is_top && (!strcmp(key, "settings") || is_list_of_objects(value)))
            continue;
        if (!json_is_object(value)) {
            each(sheet, key, value);
            continue;
        }
        json_object_foreach(value, below, inner)
        {
            snprintf(name, sizeof name, "%s_%s", key, below);
            each(sheet, name, inner);
        }
    }
}

/* A table of the objects. */
static int add_objects(sqlite3 *database, const char *table, json_t *const *objects, size_t count, bool is_top,
                       struct error *error)
{
    struct sheet sheet = {.database = database, .table = table};
    int status;

    for (size_t i = 0; i < count; i++)
        visit(&sheet, objects[i], is_top, note_column);
    status = make_table(&sheet, error);
    for (size_t i = 0; i < count && !status; i++) {
        visit(&sheet, objects[i], is_top, bind_column);
        add_row(&sheet);
    }
    if (!status && sheet.failed)
        status = failed(database, error);
    sheet_release(&sheet);
    return status;
}

static int add_settings(sqlite3 *database, json_t *settings, struct error *error)
{
    struct sheet sheet = {.database = database, .table = "settings"};
    const char *name;
    json_t *value;
    int status;

    add_column(&sheet, "name", COLUMN_TEXT);
    add_column(&sheet, "value", COLUMN_TEXT);
    status = make_table(&sheet, error);
    json_object_foreach(settings, name, value)
    {
        if (status)
            break;
        bind(&sheet, 0, name, strlen(name));
        bind_column(&sheet, "value", value);
        add_row(&sheet);
    }
    if (!status && sheet.failed)
        status = failed(database, error);
    sheet_release(&sheet);
    return status;
}

static int add_lists(sqlite3 *database, json_t *object, struct error *error)
{
    const char *key;
    json_t *value;
    int status = 0;

    json_object_foreach(object, key, value)
    {
        size_t count = json_array_size(value);
        json_t **objects;

        if (status || !is_list_of_objects(value))
            continue;
        objects = xcalloc(count, sizeof *objects);
        for (size_t i = 0; i < count; i++)
            objects[i] = json_array_get(value, i);
        status = add_objects(database, key, objects, count, false, error);
        free(objects);
    }
    return status;
}

static int add_json(sqlite3 *database, const char *table, const char *text, size_t bytes, bool with_lists,
                    struct error *error)
{
    json_error_t cause;
    json_t *object = json_loadb(text, bytes, 0, &cause);
    int status;

    if (!json_is_object(object)) {
        json_decref(object);
        return error_set(error, ERROR_INTERNAL, "%s: %s", table, cause.text);
    }
    status = add_objects(database, table, &object, 1, true, error);
    if (!status && json_object_get(object, "settings"))
        status = add_settings(database, json_object_get(object, "settings"), error);
    if (!status && with_lists)
        status = add_lists(database, object, error);
    json_decref(object);
    return status;
}

/* ---- the outcome ---- */

static bool is_csv(const struct report *report)
{
    size_t bytes = strlen(report->name);

    return bytes > 4 && !strcmp(report->name + bytes - 4, ".csv");
}

static bool has_csv(enum outcome_kind kind)
{
    for (size_t i = 0; i < report_count; i++)
        if (reports[i]->takes == kind && is_csv(reports[i]))
            return true;
    return false;
}

static int add_report(sqlite3 *database, const struct report *report, const struct outcome *outcome,
                      struct error *error)
{
    size_t bytes;
    char *text = report_text(report, outcome, &bytes, error);
    int status;

    if (!text)
        return -1;
    if (is_csv(report))
        status = add_csv(database, report->table, text, bytes, error);
    else
        status = add_json(database, report->table, text, bytes, !has_csv(outcome->kind), error);
    free(text);
    return status;
}

static int fill(sqlite3 *database, const struct outcome *outcome, struct error *error)
{
    if (sqlite3_exec(database, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return failed(database, error);
    for (size_t i = 0; i < report_count; i++)
        if (reports[i]->takes == outcome->kind && reports[i]->table && add_report(database, reports[i], outcome, error))
            return -1;
    return sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(database, error);
}

/* The database is made in memory: it goes to `out` when it is whole. */
static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    sqlite3 *database;
    sqlite3_int64 bytes = 0;
    unsigned char *image = NULL;
    int status;

    if (sqlite3_open(":memory:", &database) != SQLITE_OK)
        status = failed(database, error);
    else
        status = fill(database, outcome, error);
    if (!status && !(image = sqlite3_serialize(database, "main", &bytes, 0)))
        status = error_set(error, ERROR_INTERNAL, "out of memory");
    if (!status)
        fwrite(image, 1, (size_t)bytes, out); /* who closes the stream finds out whether it went well */
    sqlite3_free(image);
    sqlite3_close(database);
    return status;
}

extern const struct export_form export_sqlite;
const struct export_form export_sqlite = {
    .name = "sqlite",
    .summary = "a database: runs, cells, curves, groups ...",
    .takes = {[OUTCOME_RUN] = true,
              [OUTCOME_MRC] = true,
              [OUTCOME_SIZING] = true,
              [OUTCOME_DIAGNOSIS] = true,
              [OUTCOME_COMPARISON] = true,
              [OUTCOME_PORTRAIT] = true},
    .write = write,
};
