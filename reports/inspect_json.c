/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect.json: everything of a portrait (sim/inspect/portrait.h), by the names of its fields; what is not known is null. Times
 * are microseconds, sizes bytes, shares 0..1. */
#include "reports/json_struct.h"
#include "reports/json_values.h"
#include "reports/reading.h"
#include "sim/inspect/portrait.h"
#include "sim/report.h"

/* What is known of the trace, and how it was replayed. */
static json_t *trace_object(const struct run *run)
{
    json_t *object = json_object();

    json_object_set_new(object, "path", json_from_text(run->trace));
    json_object_set_new(object, "format", json_from_text(run->format));
    json_object_set_new(object, "digest", json_from_text(run->trace_digest));
    json_object_set_new(object, "bytes", json_from_count(run->trace_bytes));
    json_object_set_new(object, "start_unix_us", json_integer(run->start_unix_us));
    json_object_set_new(object, "start_assumed", json_boolean(run->start_assumed));
    json_object_set_new(object, "on_miss", json_from_text(run->on_miss));
    json_object_set_new(object, "on_miss_reason", json_from_text(run->on_miss_reason));
    json_object_set_new(object, "read", reading_object(&run->intake, run->start_assumed));
    return object;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct portrait *portrait = outcome->portrait;
    json_t *object = json_from_struct(&portrait_layout, portrait);

    json_object_del(object, "run");
    json_object_set_new(object, "trace", trace_object(&portrait->run));
    json_object_set_new(object, "command", json_from_text(portrait->run.command));
    json_object_set_new(object, "settings", json_from_settings(portrait->run.settings, portrait->run.setting_count));
    return json_write(object, out, error);
}

const struct report report_inspect_json = {
    .name = "inspect.json",
    .table = "runs",
    .summary = "every number of it (also --json)",
    .takes = OUTCOME_PORTRAIT,
    .print = PRINT_JSON,
    .write = write,
};
