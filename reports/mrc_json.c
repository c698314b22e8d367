/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc.json: the curves, and all that is needed to get them again. */
#include "reports/json_values.h"
#include "reports/reading.h"
#include "sim/mrc/mrc.h"
#include "sim/report.h"

static json_t *curve_object(const struct mrc_curve *curve)
{
    json_t *object = json_object(), *points = json_array();

    json_object_set_new(object, "policy", json_from_text(curve->policy));
    json_object_set_new(object, "method", json_from_text(curve->method));
    json_object_set_new(object, "server", json_from_text(curve->server));
    for (size_t i = 0; i < curve->count; i++) {
        json_t *point = json_object();

        json_object_set_new(point, "size", json_from_count(curve->points[i].size));
        json_object_set_new(point, "miss_ratio", json_from_real(curve->points[i].miss_ratio));
        json_object_set_new(point, "low", json_from_real(curve->points[i].low));
        json_object_set_new(point, "high", json_from_real(curve->points[i].high));
        json_object_set_new(point, "oom_rejections", json_from_real(curve->points[i].oom_rejections));
        json_array_append_new(points, point);
    }
    json_object_set_new(object, "points", points);
    return object;
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct mrc *mrc = outcome->mrc;
    json_t *object = json_object(), *curves = json_array();

    json_object_set_new(object, "evsim", json_from_text(mrc->version));
    json_object_set_new(object, "command", json_from_text(mrc->command));
    json_object_set_new(object, "settings", json_from_settings(mrc->settings, mrc->setting_count));
    json_object_set_new(object, "trace", json_from_text(mrc->trace));
    json_object_set_new(object, "format", json_from_text(mrc->format));
    json_object_set_new(object, "assumed", reading_object(&mrc->intake, mrc->start_unix_us != 0));
    json_object_set_new(object, "warnings", json_from_warnings(mrc->warnings, mrc->warning_count, true));
    json_object_set_new(object, "requests", json_from_count(mrc->requests));
    json_object_set_new(object, "reads", json_from_count(mrc->reads));
    json_object_set_new(object, "keys", json_from_count(mrc->keys));
    json_object_set_new(object, "footprint", json_from_count(mrc->footprint));
    json_object_set_new(object, "footprint_is_least", json_boolean(mrc->footprint_is_least));
    json_object_set_new(object, "miss_ratios_are_least", json_boolean(mrc->miss_ratios_are_least));
    json_object_set_new(object, "unit_sizes", json_boolean(mrc->unit_sizes));
    json_object_set_new(object, "rate", json_from_real(mrc->rate));
    json_object_set_new(object, "most_keys", json_from_count(mrc->most_keys));
    json_object_set_new(object, "salts", json_from_count(mrc->salts));
    for (size_t c = 0; c < mrc->curve_count; c++)
        json_array_append_new(curves, curve_object(&mrc->curves[c]));
    json_object_set_new(object, "curves", curves);
    return json_write(object, out, error);
}

const struct report report_mrc_json = {
    .name = "mrc.json",
    .table = "runs",
    .summary = "miss-ratio curves as an object (also --json)",
    .takes = OUTCOME_MRC,
    .print = PRINT_JSON,
    .write = write,
};
