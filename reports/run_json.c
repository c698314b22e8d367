/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.json, size_run.json: everything that is needed to get the numbers again: version, command, every setting in force, the trace and
 * its digest, and what was assumed or left out. */
#include "reports/json_struct.h"
#include "reports/json_values.h"
#include "reports/reading.h"
#include "sim/advice/sizing.h"
#include "sim/report.h"
#include "sim/result.h"

/* This is raised when a key of any JSON, or a column of any CSV, changes its meaning or its name, or is removed. */
enum { SCHEMA = 1 };

static json_t *trace_object(const struct run *run)
{
    json_t *object = json_object();

    json_object_set_new(object, "path", json_from_text(run->trace));
    json_object_set_new(object, "format", json_from_text(run->format));
    json_object_set_new(object, "xxh3_128", json_from_text(run->trace_digest));
    json_object_set_new(object, "bytes", json_from_count(run->trace_bytes));
    json_object_set_new(object, "rows", json_from_count(run->intake.rows));
    json_object_set_new(object, "commands", json_from_count(run->commands));
    json_object_set_new(object, "keys", json_from_count(run->key_count));
    json_object_set_new(object, "start_unix_us", json_integer(run->start_unix_us));
    json_object_set_new(object, "duration_us", json_integer(run->duration_us));
    return object;
}

static json_t *run_object(const struct run *run, const struct warning *warnings, size_t warning_count)
{
    json_t *object = json_object();

    json_object_set_new(object, "schema", json_integer(SCHEMA));
    json_object_set_new(object, "version", json_from_text(run->version));
    json_object_set_new(object, "command", json_from_text(run->command));
    json_object_set_new(object, "settings", json_from_settings(run->settings, run->setting_count));
    json_object_set_new(object, "trace", trace_object(run));
    json_object_set_new(object, "assumed", reading_object(&run->intake, run->start_assumed));
    json_object_set_new(object, "weigh", json_from_text(run->weighs_keys ? "key+value" : "value"));
    json_object_set_new(object, "warnings", json_from_warnings(warnings, warning_count, true));
    json_object_set_new(object, "on_miss", json_from_text(run->on_miss));
    json_object_set_new(object, "on_miss_reason", json_from_text(run->on_miss_reason));
    return object;
}

/* What sizes that are shares are of; empty: none is. */
static json_t *from_whole_sizes(const struct run *run)
{
    json_t *array = json_array();

    for (size_t i = 0; i < run->whole_size_count; i++)
        json_array_append_new(array, json_from_struct(&whole_size_layout, &run->whole_sizes[i]));
    return array;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;
    json_t *object = run_object(run, run->warnings, run->warning_count);

    json_object_set_new(object, "whole_sizes", from_whole_sizes(run));
    json_object_set_new(object, "warmup_us", json_integer(run->warmup_us));
    if (run->key_parts)
        json_object_set_new(object, "key_parts", json_from_count(run->key_parts));
    json_object_set_new(object, "results", json_from_count(run->result_count));
    json_object_set_new(object, "seeds", json_from_count(run->seed_count));
    return json_write(object, out, error);
}

const struct report report_run_json = {
    .name = "run.json",
    .table = "runs",
    .summary = "version, command, settings, trace and what was assumed",
    .takes = OUTCOME_RUN,
    .write = write,
};

static int write_sizing(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct sizing *sizing = outcome->sizing;
    json_t *object = run_object(&sizing->run, sizing->warnings, sizing->warning_count);

    json_object_set_new(object, "simulations", json_from_count(sizing->simulations));
    json_object_set_new(object, "readings", json_from_count(sizing->readings));
    json_object_set_new(object, "seeds", json_from_count(sizing->seeds));
    return json_write(object, out, error);
}

const struct report report_size_run_json = {
    .name = "size_run.json",
    .table = "runs",
    .summary = "the same of evsim size",
    .takes = OUTCOME_SIZING,
    .write = write_sizing,
};
