/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/explain.h"

#include "sim/alloc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_SHOWN = 8 }; /* of a command with many keys */

int explain_choose(const char *text, struct explain_request *request, struct error *error)
{
    *request = (struct explain_request){.what = EXPLAIN_KEY, .key = text};
    if (!strcmp(text, "evictions"))
        request->what = EXPLAIN_EVICTIONS;
    else if (scan_uint64(text, &request->number))
        request->what = EXPLAIN_COMMAND;
    else if (!strncmp(text, "key:", 4))
        request->key = text + 4;
    if (request->what == EXPLAIN_COMMAND && !request->number)
        return error_set(error, ERROR_USAGE, "--explain: requests are counted from 1; a key of that name is key:0");
    if (!*text)
        return error_set(error, ERROR_USAGE, "--explain takes a key, the number of a request, or evictions");
    return 0;
}

/* ---- names of keys ---- */

/* The name as redis-cli prints it; quotes are left out if the name does not need them. The caller frees it. */
static char *name_of(const struct explain *explain, uint32_t id)
{
    size_t length;
    uint32_t db;
    const unsigned char *name = (const unsigned char *)explain_name(explain, id, &length, &db);
    char *text = xmalloc(4 * length + 3 + 16), *end = text;
    bool plain = length > 0;

    for (size_t i = 0; i < length; i++)
        plain &= name[i] > ' ' && name[i] != '"' && name[i] != '\\' && name[i] < 0x7f;
    if (!plain)
        *end++ = '"';
    for (size_t i = 0; i < length; i++)
        if (name[i] == '"' || name[i] == '\\')
            end += sprintf(end, "\\%c", name[i]);
        else if (name[i] < ' ' || name[i] >= 0x7f)
            end += sprintf(end, "\\x%02x", name[i]);
        else
            *end++ = (char)name[i];
    if (!plain)
        *end++ = '"';
    *end = '\0';
    if (db)
        sprintf(end, " (database %" PRIu32 ")", db);
    return text;
}

/* ---- the report as text ---- */

static void put_name(FILE *out, const struct explain *explain, uint32_t id)
{
    char *name = name_of(explain, id);

    fputs(name, out);
    free(name);
}

static void put_count(FILE *out, const char *before, uint64_t count, const char *after)
{
    char text[UNITS_TEXT];

    fprintf(out, "%s%s%s", before, print_count(text, count), after);
}

static void put_time(FILE *out, int64_t time_us)
{
    fprintf(out, "%" PRId64 ".%06" PRId64, time_us / 1000000, time_us % 1000000);
}

static void begin_line(FILE *out, const struct moment *moment)
{
    char number[32] = "-";

    if (moment->command)
        snprintf(number, sizeof number, "#%" PRIu64, moment->command);
    fprintf(out, "%8" PRId64 ".%06" PRId64 "  %-10s", moment->time_us / 1000000, moment->time_us % 1000000, number);
    if (moment->kind != MOMENT_COMMAND)
        fprintf(out, "%s", moment->fill ? "    fill: " : "    ");
}

/* Writes a comma and an outcome, with its count if the command has several keys. Writes nothing if the count is 0. */
static void put_outcome(FILE *out, uint64_t count, uint64_t of, const char *one, const char *many)
{
    if (!count)
        return;
    if (of == 1)
        fprintf(out, ", %s", one);
    else
        put_count(out, ", ", count, many);
}

static void put_command(FILE *out, const struct explain *explain, const struct moment *moment)
{
    const struct batch *batch = moment->batch;
    const struct counters *change = moment->change;
    enum op op = (enum op)batch->op[moment->first];
    uint32_t shown = moment->rows > KEYS_SHOWN ? KEYS_SHOWN : moment->rows, size = batch->value_len[moment->first];

    fprintf(out, "%s", op_name(op));
    for (uint32_t row = moment->first; row < moment->first + shown; row++) {
        if (batch->id[row] == NO_KEY)
            continue;
        putc(' ', out);
        put_name(out, explain, batch->id[row]);
    }
    if (shown < moment->rows)
        put_count(out, " and ", moment->rows - shown, " more");
    if (moment->rows == 1 && command_takes(op, 'v') && size != VALUE_UNKNOWN)
        put_count(out, " (", size, " bytes)");
    put_outcome(out, change->hits, moment->rows, "hit", " hits");
    put_outcome(out, change->misses, moment->rows, "miss", " misses");
    if (moment->rows > 1 && moment->found >= 0)
        fprintf(out, ", the key was %s", moment->found ? "there" : "not there");
    if (!change->oom_rejections && moment->rows == 1 && change->fills && size != VALUE_UNKNOWN)
        put_count(out, ", filled with ", size, " bytes");
    else if (!change->oom_rejections)
        put_outcome(out, change->fills, moment->rows, "filled", " filled");
    put_outcome(out, change->unfilled_misses, moment->rows, "not filled: no size is known",
                " not filled: no size is known");
    put_outcome(out, change->not_admitted, moment->rows, "not admitted", " not admitted");
    put_outcome(out, change->oom_rejections, 1, change->fills ? "the fill is refused (OOM)" : "refused (OOM)", "");
    put_outcome(out, change->command_errors, 1, "an error reply", "");
    put_count(out, "; used ", moment->used_before, "");
    put_count(out, " -> ", moment->used_after, "\n");
}

static uint64_t to_free(const struct gate *gate)
{
    uint64_t needed = gate->used + gate->wanted;

    return needed > gate->maxmemory ? needed - gate->maxmemory : 0;
}

/* Writes the gate once, before the first of its victims. */
static void put_gate(FILE *out, struct explain_printer *printer, const struct moment *moment)
{
    const struct gate *gate = &moment->gate;

    if (moment->surplus || gate->number == printer->gate)
        return;
    printer->gate = gate->number;
    begin_line(out, moment);
    put_count(out, "gate: used ", gate->used, "");
    if (gate->wanted)
        put_count(out, " and ", gate->wanted, " to come");
    put_count(out, " of ", gate->maxmemory, "");
    put_count(out, ", to free ", to_free(gate), "\n");
}

static void put_candidates(FILE *out, const struct explain *explain, const struct moment *moment)
{
    const struct moment_candidate *candidates = explain_candidates(explain, moment);

    if (!moment->candidate_count)
        return;
    begin_line(out, moment);
    fprintf(out, "candidates by %s:", moment->score);
    for (int i = 0; i < moment->candidate_count; i++) {
        fprintf(out, "%s", i ? ", " : " ");
        put_name(out, explain, candidates[i].id);
        fprintf(out, " %.15g%s", candidates[i].score, candidates[i].is_gone ? " (gone)" : "");
    }
    putc('\n', out);
}

static void put_victim(FILE *out, struct explain_printer *printer, const struct explain *explain,
                       const struct moment *moment)
{
    put_gate(out, printer, moment);
    put_candidates(out, explain, moment);
    begin_line(out, moment);
    fprintf(out, "%s ", !moment->is_evicted ? "victim" : moment->surplus ? "evicted (surplus)" : "evicted");
    put_name(out, explain, moment->id);
    put_count(out, ": ", moment->bytes, explain_cell(explain)->options->unit_sizes ? "" : " bytes");
    fprintf(out, ", last access at ");
    put_time(out, moment->last_us);
    if (!moment->is_evicted) {
        fprintf(out, "; it stays: the admission rule was told of it, and lets nobody in\n");
        return;
    }
    put_count(out, "; used ", moment->used_before, "");
    put_count(out, " -> ", moment->used_after, "\n");
}

static void put_key(FILE *out, const struct explain *explain, const struct moment *moment, const char *what)
{
    begin_line(out, moment);
    fprintf(out, "%s ", what);
    put_name(out, explain, moment->id);
    if (moment->kind == MOMENT_ADDED || moment->kind == MOMENT_WRITTEN)
        put_count(out, ": ", moment->bytes, " bytes");
    putc('\n', out);
}

static void put_retimed(FILE *out, const struct explain *explain, const struct moment *moment)
{
    begin_line(out, moment);
    fprintf(out, "retimed ");
    put_name(out, explain, moment->id);
    if (moment->expire_ms == INT64_MAX) {
        fprintf(out, ": no ttl any more\n");
        return;
    }
    fprintf(out, ": expires at ");
    put_time(out, moment->expire_ms * 1000 - explain_cell(explain)->options->start_unix_us);
    putc('\n', out);
}

static const char *on_miss(const struct cell_config *cell)
{
    return cell->options->fill ? "fill" : "none";
}

static const char *label(const struct cell_config *cell)
{
    return cell->policy_label ? cell->policy_label : cell->policy->name;
}

static void put_cell(FILE *out, const struct cell_config *cell)
{
    char maxmemory[UNITS_TEXT];

    fprintf(out, "# %s, %s, maxmemory %s, seed %" PRIu64 ", on-miss %s; seconds, request, what happens\n",
            cell->server->name, label(cell), print_maxmemory(maxmemory, cell->maxmemory), cell->seed, on_miss(cell));
}

static void put_moment(FILE *out, struct explain_printer *printer, const struct explain *explain,
                       const struct moment *moment)
{
    switch (moment->kind) {
    case MOMENT_CELL:
        put_cell(out, explain_cell(explain));
        break;
    case MOMENT_COMMAND:
        begin_line(out, moment);
        put_command(out, explain, moment);
        break;
    case MOMENT_VICTIM:
        put_victim(out, printer, explain, moment);
        break;
    case MOMENT_NOBODY:
        put_gate(out, printer, moment);
        begin_line(out, moment);
        fprintf(out, "the policy names nobody\n");
        break;
    case MOMENT_ADDED:
        put_key(out, explain, moment, "added");
        break;
    case MOMENT_WRITTEN:
        put_key(out, explain, moment, "written");
        break;
    case MOMENT_RETIMED:
        put_retimed(out, explain, moment);
        break;
    case MOMENT_EXPIRED:
        put_key(out, explain, moment, "expired");
        break;
    case MOMENT_REMOVED:
        put_key(out, explain, moment, "removed");
        break;
    }
}

/* ---- the report as JSON ---- */

static void set_count(json_t *object, const char *name, uint64_t count)
{
    json_object_set_new(object, name, json_integer((json_int_t)count));
}

static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_string(text));
}

static void print_object(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static json_t *json_key(const struct explain *explain, uint32_t id)
{
    size_t length;
    uint32_t db;
    const char *name = explain_name(explain, id, &length, &db);
    json_t *text = json_stringn(name, length), *key = json_object();

    if (!text) { /* not UTF-8: quoted as redis-cli does */
        char *shown = name_of(explain, id);

        text = json_string(shown);
        free(shown);
    }
    json_object_set_new(key, "key", text);
    set_count(key, "db", db);
    return key;
}

static void set_key(json_t *object, const struct explain *explain, uint32_t id)
{
    json_t *key = json_key(explain, id);

    json_object_update(object, key);
    json_decref(key);
}

static void set_command(json_t *object, const struct explain *explain, const struct moment *moment)
{
    static const int listed[] = {
        COUNTER_hits,           COUNTER_misses,       COUNTER_fills,         COUNTER_unfilled_misses,
        COUNTER_oom_rejections, COUNTER_not_admitted, COUNTER_command_errors};
    const struct batch *batch = moment->batch;
    json_t *keys = json_array();

    set_text(object, "name", op_name((enum op)batch->op[moment->first]));
    for (uint32_t row = moment->first; row < moment->first + moment->rows; row++)
        if (batch->id[row] != NO_KEY)
            json_array_append_new(keys, json_key(explain, batch->id[row]));
    json_object_set_new(object, "keys", keys);
    if (batch->value_len[moment->first] != VALUE_UNKNOWN)
        set_count(object, "value_len", batch->value_len[moment->first]);
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        set_count(object, counter_fields[listed[i]].name, counter_get(moment->change, listed[i]));
    if (moment->found >= 0)
        json_object_set_new(object, "found", json_boolean(moment->found));
    set_count(object, "used_before", moment->used_before);
    set_count(object, "used_after", moment->used_after);
}

static void set_gate(json_t *object, const struct moment *moment)
{
    json_t *gate = json_object();

    set_count(gate, "number", moment->gate.number);
    set_count(gate, "used", moment->gate.used);
    set_count(gate, "wanted", moment->gate.wanted);
    set_count(gate, "maxmemory", moment->gate.maxmemory);
    set_count(gate, "to_free", to_free(&moment->gate));
    json_object_set_new(object, "gate", gate);
}

static void set_candidates(json_t *object, const struct explain *explain, const struct moment *moment)
{
    const struct moment_candidate *candidates = explain_candidates(explain, moment);
    json_t *list = json_array();

    if (moment->candidate_count)
        set_text(object, "score", moment->score);
    for (int i = 0; i < moment->candidate_count; i++) {
        json_t *candidate = json_key(explain, candidates[i].id);

        json_object_set_new(candidate, "score", json_real(candidates[i].score));
        json_object_set_new(candidate, "gone", json_boolean(candidates[i].is_gone));
        json_array_append_new(list, candidate);
    }
    json_object_set_new(object, "candidates", list);
}

static void set_victim(json_t *object, const struct explain *explain, const struct moment *moment)
{
    set_key(object, explain, moment->id);
    set_count(object, "bytes", moment->bytes);
    json_object_set_new(object, "last_access_us", json_integer(moment->last_us));
    json_object_set_new(object, "surplus", json_boolean(moment->surplus));
    set_count(object, "used_before", moment->used_before);
    if (moment->is_evicted)
        set_count(object, "used_after", moment->used_after);
    if (!moment->surplus)
        set_gate(object, moment);
    set_candidates(object, explain, moment);
}

static void set_cell(json_t *object, const struct cell_config *cell)
{
    set_text(object, "server", cell->server->name);
    set_text(object, "policy", label(cell));
    set_count(object, "maxmemory", cell->maxmemory);
    set_count(object, "seed", cell->seed);
    set_text(object, "on_miss", on_miss(cell));
    json_object_set_new(object, "start_unix_us", json_integer(cell->options->start_unix_us));
}

static json_t *json_moment(const struct explain *explain, const struct moment *moment)
{
    static const char *const names[] = {
        [MOMENT_CELL] = "cell",       [MOMENT_COMMAND] = "command", [MOMENT_VICTIM] = "evicted",
        [MOMENT_NOBODY] = "nobody",   [MOMENT_ADDED] = "added",     [MOMENT_WRITTEN] = "written",
        [MOMENT_RETIMED] = "retimed", [MOMENT_EXPIRED] = "expired", [MOMENT_REMOVED] = "removed"};
    json_t *object = json_object();

    set_text(object, "event", moment->kind == MOMENT_VICTIM && !moment->is_evicted ? "victim" : names[moment->kind]);
    if (moment->kind == MOMENT_CELL) {
        set_cell(object, explain_cell(explain));
        return object;
    }
    json_object_set_new(object, "time_us", json_integer(moment->time_us));
    json_object_set_new(object, "command", moment->command ? json_integer((json_int_t)moment->command) : json_null());
    if (moment->kind == MOMENT_COMMAND)
        set_command(object, explain, moment);
    else
        json_object_set_new(object, "fill", json_boolean(moment->fill));
    if (moment->kind == MOMENT_VICTIM)
        set_victim(object, explain, moment);
    else if (moment->kind == MOMENT_NOBODY)
        set_gate(object, moment);
    else if (moment->id != NO_KEY)
        set_key(object, explain, moment->id);
    if (moment->kind == MOMENT_ADDED || moment->kind == MOMENT_WRITTEN)
        set_count(object, "bytes", moment->bytes);
    if (moment->kind == MOMENT_RETIMED)
        json_object_set_new(object, "expire_unix_ms",
                            moment->expire_ms == INT64_MAX ? json_null() : json_integer(moment->expire_ms));
    return object;
}

/* ---- the report as CSV and as Markdown ---- */

/* Members of the objects. A command's keys are one field, with blanks between. */
static const char *const csv_columns[] = {
    "time_us",     "command",    "event",          "fill",          "name",  "key",
    "db",          "bytes",      "hits",           "misses",        "fills", "oom_rejections",
    "used_before", "used_after", "last_access_us", "expire_unix_ms"};
enum { CSV_COLUMNS = sizeof csv_columns / sizeof *csv_columns };

static void put_csv_text(const char *text)
{
    bool is_plain = !text[strcspn(text, ",\"\r\n")];

    if (!is_plain)
        putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    if (!is_plain)
        putchar('"');
}

static void put_csv_value(const json_t *value)
{
    if (json_is_string(value))
        put_csv_text(json_string_value(value));
    else if (json_is_integer(value))
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        putchar(json_is_true(value) ? '1' : '0');
}

/* The names of a command's keys, as one text. To be freed. */
static char *join_keys(const json_t *keys)
{
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    for (size_t i = 0; i < json_array_size(keys); i++)
        fprintf(file, "%s%s", i ? " " : "", json_string_value(json_object_get(json_array_get(keys, i), "key")));
    fclose(file);
    return text;
}

static void put_csv(const struct explain *explain, const struct moment *moment)
{
    json_t *object = json_moment(explain, moment);
    char *keys = join_keys(json_object_get(object, "keys"));

    if (moment->kind == MOMENT_COMMAND)
        set_text(object, "key", keys);
    for (int i = 0; i < CSV_COLUMNS; i++) {
        if (i)
            putchar(',');
        put_csv_value(json_object_get(object, csv_columns[i]));
    }
    putchar('\n');
    json_decref(object);
    free(keys);
}

static void put_csv_titles(void)
{
    for (int i = 0; i < CSV_COLUMNS; i++)
        printf("%s%s", i ? "," : "", csv_columns[i]);
    putchar('\n');
}

/* A line of the text: seconds, request, what happens. */
static void put_markdown_line(char *line)
{
    char *time = line + strspn(line, " "), *number, *rest;

    time[strcspn(time, " ")] = '\0';
    number = time + strlen(time) + 1;
    number += strspn(number, " ");
    rest = number + strcspn(number, " ");
    if (*rest)
        *rest++ = '\0';
    rest += strspn(rest, " ");
    printf("| %s | %s | ", time, number);
    for (; *rest; rest++) {
        if (strchr("*|_<`\\", *rest))
            putchar('\\');
        putchar(*rest);
    }
    printf(" |\n");
}

static void put_markdown(struct explain_printer *printer, const struct explain *explain, const struct moment *moment)
{
    char *text = NULL, *rest, *line;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    put_moment(file, printer, explain, moment);
    fclose(file);
    rest = text;
    while ((line = strsep(&rest, "\n")) && *line)
        if (moment->kind == MOMENT_CELL)
            printf("%.*s\n\n| seconds | request | what happens |\n|---:|---|---|\n", (int)strcspn(line, ";"), line);
        else
            put_markdown_line(line);
    free(text);
}

void explain_print(void *owner, const struct explain *explain, const struct moment *moment)
{
    struct explain_printer *printer = owner;

    switch (printer->form) {
    case EXPLAIN_LINES:
        put_moment(stdout, printer, explain, moment);
        break;
    case EXPLAIN_JSON:
        print_object(json_moment(explain, moment));
        break;
    case EXPLAIN_CSV:
        if (moment->kind == MOMENT_CELL)
            put_csv_titles();
        else
            put_csv(explain, moment);
        break;
    case EXPLAIN_MARKDOWN:
        put_markdown(printer, explain, moment);
        break;
    }
}
