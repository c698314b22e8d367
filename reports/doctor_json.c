/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.json: everything of a diagnosis (sim/advice/diagnosis.h), by the names of its fields; what is not known, or never, is
 * null. */
#include "reports/json_struct.h"
#include "reports/json_values.h"
#include "sim/advice/diagnosis.h"
#include "sim/report.h"

/* What is known of the trace, and how it was replayed. */
static json_t *run_object(const struct run *run)
{
    json_t *object = json_object();

    json_object_set_new(object, "path", json_from_text(run->trace));
    json_object_set_new(object, "format", json_from_text(run->format));
    json_object_set_new(object, "digest", json_from_text(run->trace_digest));
    json_object_set_new(object, "commands", json_from_count(run->commands));
    json_object_set_new(object, "keys", json_from_count(run->key_count));
    json_object_set_new(object, "duration_s", json_from_real((double)run->duration_us / 1e6));
    json_object_set_new(object, "grow", json_from_text(*run->intake.grown ? run->intake.grown : NULL));
    json_object_set_new(object, "on_miss", json_from_text(run->on_miss));
    json_object_set_new(object, "on_miss_reason", json_from_text(run->on_miss_reason));
    return object;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct diagnosis *diagnosis = outcome->diagnosis;
    json_t *object = json_from_struct(&diagnosis_layout, diagnosis);

    json_object_del(object, "run");
    json_object_set_new(object, "command", json_from_text(diagnosis->run.command));
    json_object_set_new(object, "settings", json_from_settings(diagnosis->run.settings, diagnosis->run.setting_count));
    if (diagnosis->cluster) {
        json_object_set_new(object, "cluster", json_from_text(diagnosis->cluster));
        json_object_set_new(object, "shard", json_from_text(diagnosis->shard));
    }
    json_object_set_new(object, "trace", run_object(&diagnosis->run));
    if (!diagnosis->first_refusal.used_memory)
        json_object_set_new(object, "first_refusal", json_null());
    if (!diagnosis->first_eviction.used_memory)
        json_object_set_new(object, "first_eviction", json_null());
    return json_write(object, out, error);
}

const struct report report_doctor_json = {
    .name = "doctor.json",
    .table = "runs",
    .summary = "every number of it (also --json)",
    .takes = OUTCOME_DIAGNOSIS,
    .print = PRINT_JSON,
    .write = write,
};
