/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.json: everything of a diagnosis (sim/advice/diagnosis.h), by the names of its fields; what is not known, or never, is
 * null. */
#include "reports/json_values.h"
#include "sim/advice/diagnosis.h"
#include "sim/report.h"

#include <math.h>
#include <string.h>

static json_t *struct_object(const struct layout *layout, const void *data);

static json_t *array_of(const struct layout_field *field, const void *data)
{
    json_t *array = json_array();
    size_t count;
    const char *elements = field_array(field, data, &count);

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, struct_object(field->layout, elements + i * field->layout->size));
    return array;
}

static json_t *field_value(const struct layout_field *field, const void *data)
{
    const void *place = (const char *)data + field->offset;
    double real;

    switch (field->kind) {
    case FIELD_BOOL:
        return json_boolean(*(const bool *)place);
    case FIELD_UINT32:
        return json_from_count(*(const uint32_t *)place);
    case FIELD_UINT64:
        return json_from_count(*(const uint64_t *)place);
    case FIELD_INT64:
        return json_integer(*(const int64_t *)place);
    case FIELD_DOUBLE:
        real = *(const double *)place;
        return isfinite(real) ? json_from_real(real) : json_null();
    case FIELD_CHARS:
        return json_from_text(place);
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        return json_from_text(*(const char *const *)place);
    case FIELD_STRUCT:
        return struct_object(field->layout, place);
    case FIELD_ARRAY:
        return array_of(field, data);
    case FIELD_FIXED:
        break;
    }
    return json_null();
}

static json_t *struct_object(const struct layout *layout, const void *data)
{
    json_t *object = json_object();

    for (size_t i = 0; i < layout->field_count; i++)
        json_object_set_new(object, layout->fields[i].name, field_value(&layout->fields[i], data));
    return object;
}

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
    json_t *object = struct_object(&diagnosis_layout, diagnosis);

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
    .summary = "every number of it (also --json)",
    .takes = OUTCOME_DIAGNOSIS,
    .print = PRINT_JSON,
    .write = write,
};
