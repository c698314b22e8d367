/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.json: an array with one object per result, the keys named as the columns of summary.csv.
 *
 * A ratio without a denominator is null. */

#include "reports/json_values.h"
#include "sim/report.h"

static json_t *result_object(const struct result *result)
{
    json_t *object = json_object();

    json_object_set_new(object, "server", json_from_text(result->server));
    json_object_set_new(object, "policy", json_from_text(result->policy));
    json_object_set_new(object, "maxmemory", json_from_count(result->maxmemory));
    json_object_set_new(object, "seed", json_from_count(result->seed));
    json_object_set_new(object, "hit_ratio", json_from_real(result_hit_ratio(result)));
    json_object_set_new(object, "byte_hit_ratio", json_from_real(result_byte_hit_ratio(result)));
    json_object_set_new(object, "oom_share", json_from_real(result_oom_share(result)));
    for (int i = 0; i < COUNTER_COUNT; i++)
        json_object_set_new(object, counter_fields[i].name,
                            json_from_count(counter_get(&result->counters, i)));
    return object;
}

static int write(const struct run *run, FILE *out, struct error *error)
{
    json_t *array = json_array();

    for (size_t i = 0; i < run->result_count; i++)
        json_array_append_new(array, result_object(&run->results[i]));
    return json_write(array, out, error);
}

const struct report report_summary_json = {
    .name = "summary.json",
    .summary = "an array of one object per result (also --json)",
    .write = write,
};
