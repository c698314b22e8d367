/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/result_file.h"

#include "sim/alloc.h"
#include "sim/host_memory.h"
#include "sim/json_text.h"
#include "sim/line_file.h"
#include "sim/output.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define CHECK "{\"check\":\"" /* how each line begins; 16 digits and "\"," follow */

enum { CHECK_DIGITS = 16, PREFIX = sizeof CHECK - 1 + CHECK_DIGITS + 2 };

static const struct layout_field *rows_of(const struct outcome_type *type)
{
    return layout_find(type->layout, type->rows);
}

/* A digest of all fields of the layout, as 16 digits. */
static void print_fields(const struct layout *layout, char digits[CHECK_DIGITS + 1])
{
    char *text = layout_print(layout);

    snprintf(digits, CHECK_DIGITS + 1, "%016" PRIx64, (uint64_t)XXH3_64bits(text, strlen(text)));
    free(text);
}

/* ---- writing ---- */

struct writer {
    FILE *out;
    uint64_t check; /* check of the last line */
};

/* Writes {"check":"...","name":value}. Takes over the reference to value. */
static void put_line(struct writer *writer, const char *name, json_t *value)
{
    json_t *line = json_pack("{s:o}", name, value);
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(17)), *rest = text + 1; /* text behind the { */

    writer->check = XXH3_64bits_withSeed(rest, strlen(rest), writer->check);
    fprintf(writer->out, CHECK "%016" PRIx64 "\",%s\n", writer->check, rest);
    free(text);
    json_decref(line);
}

void result_file_write(const struct outcome *outcome, FILE *out)
{
    const struct outcome_type *type = &outcome_types[outcome->kind];
    const struct layout_field *rows = rows_of(type);
    struct writer writer = {.out = out};
    json_t *head = fields_to_json(type->layout, outcome->data, rows);
    char fields[CHECK_DIGITS + 1];
    size_t count;
    const char *row = field_array(rows, outcome->data, &count);

    print_fields(type->layout, fields);
    put_line(&writer, "evsim",
             json_pack("{s:i, s:s, s:s, s:O}", "format", RESULT_FILE_FORMAT, "kind", type->name, "fields", fields,
                       "version", json_object_get(head, "version")));
    put_line(&writer, type->layout->name, head);
    for (size_t i = 0; i < count; i++, row += rows->layout->size)
        put_line(&writer, rows->layout->name, fields_to_json(rows->layout, row, NULL));
    put_line(&writer, "end", json_pack("{s:I}", "rows", (json_int_t)count));
}

/* ---- reading ---- */

struct reader {
    const char *path;
    struct line_file file; /* the line, without its end */
    uint64_t check;
};

static int fail(const struct reader *reader, struct error *error, const char *why)
{
    return error_set(error, ERROR_INPUT, "%s:%d: %s", reader->path, reader->file.number, why);
}

/* Whether the line has the check that its text and the last line's check give. Stores its check. */
static bool is_as_written(const char *text, size_t length, uint64_t before, uint64_t *check)
{
    char prefix[PREFIX + 1];

    if (length <= PREFIX)
        return false;
    *check = XXH3_64bits_withSeed(text + PREFIX, length - PREFIX, before);
    snprintf(prefix, sizeof prefix, CHECK "%016" PRIx64 "\",", *check);
    return !memcmp(text, prefix, PREFIX);
}

static int cannot_read(const char *path, struct error *error)
{
    return error_set(error, ERROR_INPUT, "%s: cannot read: %s", path, strerror(errno));
}

/* Reads the next line and checks it. Returns the object without the check; NULL with an error, or NULL without one at
 * the end of the file. */
static json_t *next_line(struct reader *reader, struct error *error)
{
    int more = line_file_next(&reader->file, error);
    char *text = reader->file.text;
    size_t length = reader->file.bytes;
    uint64_t check;
    json_t *line;

    if (reader->file.reason) {
        errno = reader->file.reason;
        cannot_read(reader->path, error);
    }
    if (more <= 0)
        return NULL;
    if (text[length - 1] != '\n') {
        fail(reader, error, "the file is cut off in this line: make it again");
        return NULL;
    }
    text[--length] = '\0';
    if (!is_as_written(text, length, reader->check, &check)) {
        fail(reader, error,
             reader->file.number == 1 && strncmp(text, CHECK, sizeof CHECK - 1)
                 ? "is not a file of results, which evsim run -o DIR leaves"
                 : "the line is damaged, or does not belong here: make the file again");
        return NULL;
    }
    reader->check = check;
    if (line_file_may_take(&reader->file, json_text_memory(text, length), "what this line says", error))
        return NULL;
    line = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    if (!line || json_object_del(line, "check")) {
        json_decref(line);
        fail(reader, error, "is not JSON");
        return NULL;
    }
    return line;
}

/* The value of a line that has only a member of this name, as a new reference. NULL with an error. */
static json_t *expect(struct reader *reader, const char *name, struct error *error)
{
    json_t *line = next_line(reader, error), *value = json_object_get(line, name);

    if (!line && !error_is_set(error))
        fail(reader, error, "the file is cut off: this line is missing: make it again");
    else if (line && (!value || json_object_size(line) != 1))
        fail(reader, error, "is not the line that comes next");
    json_incref(value);
    json_decref(line);
    return error_is_set(error) ? (json_decref(value), NULL) : value;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "?";
}

/* Reads the first line, which shows whether this program can read the others. */
static int read_first_line(struct reader *reader, enum outcome_kind *kind, struct error *error)
{
    json_t *first = expect(reader, "evsim", error);
    json_int_t format = json_integer_value(json_object_get(first, "format"));
    char fields[CHECK_DIGITS + 1];
    int found = 0;

    if (!first)
        return -1;
    while (found < OUTCOME_KINDS && strcmp(outcome_types[found].name, text_of(first, "kind")))
        found++;
    if (found < OUTCOME_KINDS)
        print_fields(outcome_types[found].layout, fields);
    if (format != RESULT_FILE_FORMAT)
        error_set(error, ERROR_INPUT,
                  "%s:1: was written by %s evsim, %s, in format %lld of such files; this one reads %d: %s",
                  reader->path, format > RESULT_FILE_FORMAT ? "a newer" : "an older", text_of(first, "version"),
                  (long long)format, RESULT_FILE_FORMAT,
                  format > RESULT_FILE_FORMAT ? "use that one" : "make it again, or use that one");
    else if (found == OUTCOME_KINDS)
        error_set(error, ERROR_INPUT, "%s:1: holds '%s', which this evsim does not know", reader->path,
                  text_of(first, "kind"));
    else if (strcmp(fields, text_of(first, "fields")))
        error_set(error, ERROR_INPUT,
                  "%s:1: was written by evsim %s, whose results have other fields: make it again, or use that one",
                  reader->path, text_of(first, "version"));
    json_decref(first);
    *kind = (enum outcome_kind)found;
    return error_is_set(error) ? -1 : 0;
}

/* Fills a zeroed struct from the next line. */
static int read_struct(struct reader *reader, const struct layout *layout, void *object, const struct layout_field *but,
                       struct error *error)
{
    json_t *value = expect(reader, layout->name, error);

    if (!value)
        return -1;
    if (fields_from_json(layout, value, object, but, error))
        error_prefix(error, "%s:%d: %s: ", reader->path, reader->file.number, layout->name);
    json_decref(value);
    return error_is_set(error) ? -1 : 0;
}

/* Reads rows until the end into the array of the field. */
static int read_rows(struct reader *reader, const struct layout_field *rows, void *data, struct error *error)
{
    size_t size = rows->layout->size, *count = (size_t *)(void *)((char *)data + rows->count_offset), room = 0;
    char **array = (char **)(void *)((char *)data + rows->offset);

    for (;;) {
        json_t *line = next_line(reader, error), *row, *end;
        bool is_end = false;

        if (!line)
            return error_is_set(error) ? -1
                                       : fail(reader, error, "the file is cut off: lines are missing: make it again");
        row = json_object_get(line, rows->layout->name);
        end = json_object_get(line, "end");
        if (*count == room && row) {
            *array = xrealloc_zero(*array, room * size, (room ? 2 * room : 8) * size);
            room = room ? 2 * room : 8;
        }
        if (row && !fields_from_json(rows->layout, row, *array + *count * size, NULL, error))
            ++*count;
        else if (row)
            error_prefix(error, "%s:%d: %s: ", reader->path, reader->file.number, rows->layout->name);
        else if (end && json_integer_value(json_object_get(end, "rows")) == (json_int_t)*count)
            is_end = true;
        else
            fail(reader, error, "is not the line that comes next");
        json_decref(line);
        if (is_end || error_is_set(error))
            return is_end ? 0 : -1;
    }
}

static int read_outcome(struct reader *reader, struct outcome *outcome, struct error *error)
{
    const struct outcome_type *type;
    void *data;
    json_t *more;

    if (read_first_line(reader, &outcome->kind, error))
        return -1;
    type = &outcome_types[outcome->kind];
    outcome->data = data = xcalloc(1, type->layout->size);
    if (read_struct(reader, type->layout, data, rows_of(type), error) || read_rows(reader, rows_of(type), data, error))
        return -1;
    more = next_line(reader, error);
    if (more)
        fail(reader, error, "follows the end of the file");
    json_decref(more);
    if (error_is_set(error))
        return -1;
    return type->check(data, error) ? error_prefix(error, "%s: ", reader->path) : 0;
}

int result_file_read(const char *path, struct outcome *outcome, struct error *error)
{
    struct reader reader = {.path = path};
    int status;

    *outcome = (struct outcome){0};
    if (line_file_open(&reader.file, path, HOST_MEMORY_ALL))
        return cannot_read(path, error);
    status = read_outcome(&reader, outcome, error);
    if (status)
        outcome_free(outcome);
    line_file_close(&reader.file);
    return status;
}

/* ---- several files ---- */

struct paths {
    char **paths;
    size_t count;
};

static void add_path(struct paths *paths, char *path)
{
    paths->paths = xrealloc(paths->paths, (paths->count + 1) * sizeof *paths->paths);
    paths->paths[paths->count++] = path;
}

static void free_paths(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->paths[i]);
    free(paths->paths);
}

static int is_result_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), suffix = sizeof RESULT_FILE_SUFFIX - 1;

    return entry->d_name[0] != '.' && length > suffix && !strcmp(entry->d_name + length - suffix, RESULT_FILE_SUFFIX);
}

/* Byte order, so that the locale does not matter. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_directory(struct paths *paths, const char *directory, struct error *error)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_result_file, by_name);

    if (count < 0)
        return cannot_read(directory, error);
    for (int i = 0; i < count; i++) {
        add_path(paths, output_path(directory, entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
    if (!count)
        return error_set(error, ERROR_INPUT,
                         "%s: there are no results, no file *" RESULT_FILE_SUFFIX ": evsim run -o DIR writes one",
                         directory);
    return 0;
}

static int find_files(const char *const *paths, size_t count, struct paths *files, struct error *error)
{
    struct stat status;

    for (size_t i = 0; i < count; i++) {
        if (stat(paths[i], &status))
            return cannot_read(paths[i], error);
        if (!S_ISDIR(status.st_mode))
            add_path(files, xstrdup(paths[i]));
        else if (add_directory(files, paths[i], error))
            return -1;
    }
    return 0;
}

/* Moves the data of the outcomes, which are of one type, into an array. The outcomes are left zeroed. */
static void *gather(struct outcome *outcomes, size_t count, const struct outcome_type *type)
{
    char *parts = xcalloc(count, type->layout->size);

    for (size_t i = 0; i < count; i++) {
        memcpy(parts + i * type->layout->size, outcomes[i].data, type->layout->size);
        memset((void *)outcomes[i].data, 0, type->layout->size);
    }
    return parts;
}

static int merge(struct outcome *outcomes, const struct paths *files, struct outcome *merged, struct error *error)
{
    const struct outcome_type *type = &outcome_types[outcomes[0].kind];
    void *data;
    char *parts;
    int status;

    assert(files->count > 1);
    for (size_t i = 1; i < files->count; i++)
        if (outcomes[i].kind != outcomes[0].kind)
            return error_set(error, ERROR_INPUT, "%s has %s, %s has %s: name the files, or folders, of one kind",
                             files->paths[0], type->summary, files->paths[i], outcome_types[outcomes[i].kind].summary);
    if (!type->merge)
        return error_set(error, ERROR_INPUT, "cannot merge %s and %s: %s are reported one at a time", files->paths[0],
                         files->paths[1], type->summary);
    data = xcalloc(1, type->layout->size);
    parts = gather(outcomes, files->count, type);
    status = type->merge(parts, (const char *const *)files->paths, files->count, data, error);
    for (size_t i = 0; i < files->count; i++)
        fields_release(type->layout, parts + i * type->layout->size);
    free(parts);
    *merged = (struct outcome){.kind = outcomes[0].kind, .data = data};
    if (status)
        outcome_free(merged);
    return status;
}

static int read_and_merge(const struct paths *files, struct outcome *outcome, struct error *error)
{
    struct outcome *outcomes = xcalloc(files->count, sizeof *outcomes);
    size_t count = 0;
    int status = 0;

    while (!status && count < files->count)
        status = result_file_read(files->paths[count], &outcomes[count], error) ? -1 : (count++, 0);
    if (!status)
        status = merge(outcomes, files, outcome, error);
    for (size_t i = 0; i < count; i++)
        outcome_free(&outcomes[i]);
    free(outcomes);
    return status;
}

int result_files_read(const char *const *paths, size_t count, struct outcome *outcome, struct error *error)
{
    struct paths files = {0};
    int status = find_files(paths, count, &files, error);

    *outcome = (struct outcome){0};
    if (!status && files.count == 1)
        status = result_file_read(files.paths[0], outcome, error);
    else if (!status)
        status = read_and_merge(&files, outcome, error);
    free_paths(&files);
    return status;
}
