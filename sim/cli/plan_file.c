/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/plan_file.h"

#include "sim/alloc.h"
#include "sim/fields.h"
#include "sim/host_memory.h"
#include "sim/json_text.h"
#include "sim/line_file.h"
#include "sim/result_file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PLAN_FORMAT = 1 };

char *plan_unit_name(char *name, size_t unit)
{
    snprintf(name, PLAN_UNIT_NAME, "unit-%06zu" RESULT_FILE_SUFFIX, unit);
    return name;
}

/* ---- writing ---- */

/* What was found in the trace. */
static void tell_found(const struct plan_file *plan, json_t *head)
{
    json_t *sizes = json_array();

    for (size_t i = 0; i < plan->whole_size_count; i++)
        json_array_append_new(sizes, fields_to_json(&whole_size_layout, &plan->whole_sizes[i], NULL));
    if (plan->whole_size_count)
        json_object_set(head, "whole_sizes", sizes);
    json_decref(sizes);
    if (plan->has_warmup)
        json_object_set_new(head, "warmup",
                            json_pack("{s:I, s:b}", "us", (json_int_t)plan->warmup_us, "missed", plan->warmup_missed));
}

void plan_file_write(const struct plan_file *plan, FILE *out)
{
    json_t *arguments = json_array(), *head;

    for (int i = 0; i < plan->argument_count; i++)
        json_array_append_new(arguments, fields_text_to_json(plan->arguments[i]));
    head = json_pack("{s:i, s:s, s:o, s:{s:s, s:I, s:I, s:I}, s:I}", "evsim-plan", PLAN_FORMAT, "version",
                     plan->version, "arguments", arguments, "trace", "digest", plan->trace.digest, "bytes",
                     (json_int_t)plan->trace.bytes, "requests", (json_int_t)plan->trace.requests, "keys",
                     (json_int_t)plan->trace.keys, "units", (json_int_t)plan->unit_count);
    tell_found(plan, head);
    json_text_put(head, JSON_COMPACT, out);
    for (size_t i = 0; i < plan->unit_count; i++) {
        const struct work_unit *unit = &plan->units[i];
        uint64_t cost = plan->trace.requests * unit->count;

        json_text_put(json_pack("{s:I, s:I, s:I, s:I, s:I}", "unit", (json_int_t)i, "first", (json_int_t)unit->first,
                                "cells", (json_int_t)unit->count, "memory", (json_int_t)unit->bytes, "cost",
                                (json_int_t)cost),
                      JSON_COMPACT, out);
    }
}

/* ---- reading ---- */

struct plan_reader {
    const char *path;
    struct line_file file;
};

static int spoiled(const struct plan_reader *reader, const char *why, struct error *error)
{
    return error_set(error, ERROR_INPUT, "%s:%d: %s: make it again with evsim plan", reader->path, reader->file.number,
                     why);
}

/* The next line; NULL with an error: there is none, or it is not JSON. */
static json_t *read_line(struct plan_reader *reader, struct error *error)
{
    int more = line_file_next(&reader->file, error);
    json_error_t where;
    json_t *line;

    if (more < 0 || line_file_may_take(&reader->file, json_text_memory(reader->file.text, reader->file.bytes),
                                       "what this line says", error))
        return NULL;
    if (!more) {
        spoiled(reader, "the plan is cut off here", error);
        return NULL;
    }
    line = json_loadb(reader->file.text, reader->file.bytes, JSON_REJECT_DUPLICATES, &where);
    if (!line)
        spoiled(reader, "this is no line of a plan", error);
    return line;
}

static int take_whole_sizes(const struct plan_reader *reader, json_t *sizes, struct plan_file *plan,
                            struct error *error)
{
    size_t place;
    json_t *size;

    if (sizes && (!json_is_array(sizes) || !json_array_size(sizes)))
        return spoiled(reader, "what its sizes are shares of is no list", error);
    plan->whole_sizes = xcalloc(json_array_size(sizes) + 1, sizeof *plan->whole_sizes);
    json_array_foreach(sizes, place, size)
    {
        struct error why = {0};

        if (fields_from_json(&whole_size_layout, size, &plan->whole_sizes[plan->whole_size_count], NULL, &why))
            return spoiled(reader, why.text, error);
        plan->whole_size_count++;
        if (plan->whole_sizes[place].empty > plan->whole_sizes[place].used_memory ||
            plan->whole_sizes[place].used_memory > INT64_MAX / 1024)
            return spoiled(reader, "what its sizes are shares of cannot be", error);
    }
    return 0;
}

static int take_found(const struct plan_reader *reader, const json_t *line, struct plan_file *plan, struct error *error)
{
    json_t *warmup = json_object_get(line, "warmup");
    json_int_t us;
    int missed;

    if (take_whole_sizes(reader, json_object_get(line, "whole_sizes"), plan, error))
        return -1;
    if (!warmup)
        return 0;
    if (json_unpack(warmup, "{s:I, s:b}", "us", &us, "missed", &missed) || us < 0)
        return spoiled(reader, "its warm-up is none", error);
    plan->has_warmup = true;
    plan->warmup_us = us;
    plan->warmup_missed = missed;
    return 0;
}

static int take_head(const struct plan_reader *reader, const json_t *line, struct plan_file *plan, struct error *error)
{
    int format;
    const char *version, *digest;
    json_t *arguments;
    json_int_t bytes, requests, keys, units;
    size_t place;
    json_t *argument;

    if (json_unpack((json_t *)line, "{s:i, s:s, s:o, s:{s:s, s:I, s:I, s:I}, s:I}", "evsim-plan", &format, "version",
                    &version, "arguments", &arguments, "trace", "digest", &digest, "bytes", &bytes, "requests",
                    &requests, "keys", &keys, "units", &units) ||
        !json_is_array(arguments) || strlen(digest) >= sizeof plan->trace.digest || units < 1 || units > UINT32_MAX ||
        bytes < 0 || requests < 0 || keys < 0)
        return spoiled(reader, "this is no plan", error);
    if (format != PLAN_FORMAT)
        return spoiled(reader, "the plan is of another version of evsim", error);
    plan->version = xstrdup(version);
    plan->arguments = xcalloc(json_array_size(arguments) + 1, sizeof *plan->arguments);
    json_array_foreach(arguments, place, argument)
    {
        struct error why = {0};
        char *text = fields_text_from_json(argument, &why);

        if (!text)
            return spoiled(reader, "an argument is no text", error);
        plan->arguments[plan->argument_count++] = text;
    }
    plan->trace = (struct work_trace){.requests = (uint64_t)requests, .keys = (uint64_t)keys, .bytes = (uint64_t)bytes};
    memcpy(plan->trace.digest, digest, strlen(digest) + 1);
    plan->unit_count = (size_t)units;
    return take_found(reader, line, plan, error);
}

static int take_unit(const struct plan_reader *reader, const json_t *line, struct plan_file *plan, size_t number,
                     size_t first, struct error *error)
{
    json_int_t unit, begin, cells, memory;

    if (json_unpack((json_t *)line, "{s:I, s:I, s:I, s:I}", "unit", &unit, "first", &begin, "cells", &cells, "memory",
                    &memory) ||
        cells < 1 || memory < 0)
        return spoiled(reader, "this is no unit", error);
    if (unit != (json_int_t)number || begin != (json_int_t)first)
        return spoiled(reader, "the units are not in a row", error);
    plan->units[number] = (struct work_unit){.first = first, .count = (size_t)cells, .bytes = (uint64_t)memory};
    return 0;
}

static int read_plan(struct plan_reader *reader, struct plan_file *plan, struct error *error)
{
    json_t *line = read_line(reader, error);
    int status = line ? take_head(reader, line, plan, error) : -1;

    json_decref(line);
    for (size_t i = 0, first = 0; i < plan->unit_count && !status; i++) {
        struct work_unit *grown = xrealloc(plan->units, (i + 1) * sizeof *grown);

        plan->units = grown;
        line = read_line(reader, error);
        status = line ? take_unit(reader, line, plan, i, first, error) : -1;
        first += status ? 0 : plan->units[i].count;
        json_decref(line);
    }
    return status;
}

int plan_file_read(const char *path, struct plan_file *plan, struct error *error)
{
    struct plan_reader reader = {.path = path};
    int status;

    *plan = (struct plan_file){0};
    if (line_file_open(&reader.file, path, HOST_MEMORY_ALL))
        return error_set(error, ERROR_INPUT, "%s: cannot be opened: give the file that evsim plan has written", path);
    status = read_plan(&reader, plan, error);
    line_file_close(&reader.file);
    return status;
}

void plan_file_release(struct plan_file *plan)
{
    for (int i = 0; i < plan->argument_count; i++)
        free(plan->arguments[i]);
    free(plan->arguments);
    for (size_t i = 0; i < plan->whole_size_count; i++)
        fields_release(&whole_size_layout, &plan->whole_sizes[i]);
    free(plan->whole_sizes);
    free(plan->version);
    free(plan->units);
}

int plan_file_check_version(const struct plan_file *plan, const char *path, const char *version, struct error *error)
{
    if (!strcmp(plan->version, version))
        return 0;
    return error_set(error, ERROR_INPUT,
                     "%s: evsim %s wrote it, and this is %s: use one version for plan, units and merge", path,
                     plan->version, version);
}
