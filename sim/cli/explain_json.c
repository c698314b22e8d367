/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/explain_json.h"

#include "sim/cli/explain_words.h"

#include "sim/alloc.h"
#include "sim/json_text.h"
#include "sim/printable.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_count(json_t *object, const char *name, uint64_t count)
{
    json_object_set_new(object, name, json_integer((json_int_t)count));
}

static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_from_text(text));
}

static json_t *json_key(const struct explain *explain, uint32_t id)
{
    size_t length;
    uint32_t db;
    const char *name = explain_name(explain, id, &length, &db);
    json_t *text = json_stringn(name, length), *key = json_object();

    if (!text) { /* not UTF-8: quoted as redis-cli does */
        char *shown = explain_shown_name(explain, id);

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
    set_count(gate, "to_free", explain_to_free(&moment->gate));
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
    set_text(object, "policy", explain_label(cell));
    set_count(object, "maxmemory", cell->maxmemory);
    set_count(object, "seed", cell->seed);
    set_text(object, "on_miss", explain_on_miss(cell));
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

void explain_json_put(const struct explain *explain, const struct moment *moment)
{
    json_text_put(json_moment(explain, moment), JSON_COMPACT, stdout);
}

/* ---- as CSV ---- */

/* Members of the objects. A command's keys are one field, with blanks between. */
static const char *const csv_columns[] = {
    "time_us",     "command",    "event",          "fill",          "name",  "key",
    "db",          "bytes",      "hits",           "misses",        "fills", "oom_rejections",
    "used_before", "used_after", "last_access_us", "expire_unix_ms"};
enum { CSV_COLUMNS = sizeof csv_columns / sizeof *csv_columns };

static void put_csv_value(const json_t *value)
{
    if (json_is_string(value))
        printable_put_csv(json_string_value(value), stdout);
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

void explain_csv_put(const struct explain *explain, const struct moment *moment)
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

void explain_csv_titles(void)
{
    for (int i = 0; i < CSV_COLUMNS; i++)
        printf("%s%s", i ? "," : "", csv_columns[i]);
    putchar('\n');
}
