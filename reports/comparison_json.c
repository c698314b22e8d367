/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison.json: every number of two runs, or of each what-if, with its difference.
 *
 * Of two runs it is an object: the settings that differ, the cells, those without a partner. With what-ifs it is
 * {"trace", "requests", "what_if": [...]}, an array of one such object for each, with "change" and "command" before. */
#include "reports/json_values.h"
#include "sim/advice/comparison.h"
#include "sim/report.h"

#include <math.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_from_real(value) : json_null();
}

static json_t *cell_object(const struct compared_cell *cell)
{
    json_t *object = json_object();

    json_object_set_new(object, "server", json_from_text(cell->server));
    json_object_set_new(object, "policy", json_from_text(cell->policy));
    json_object_set_new(object, "maxmemory", json_from_count(cell->maxmemory));
    return object;
}

static json_t *setting_object(const struct compared_setting *setting)
{
    json_t *object = json_object();

    json_object_set_new(object, "a", json_from_text(setting->a));
    json_object_set_new(object, "b", json_from_text(setting->b));
    return object;
}

static json_t *pair_object(const struct compared_pair *pair)
{
    json_t *object = json_object(), *all = json_object();

    json_object_set_new(object, "a", cell_object(&pair->a));
    json_object_set_new(object, "b", cell_object(&pair->b));
    json_object_set_new(object, "seeds", json_from_count(pair->seeds));
    for (size_t i = 0; i < pair->measure_count; i++) {
        const struct compared_measure *measure = &pair->measures[i];
        json_t *one = json_object();

        json_object_set_new(one, "a", number(measure->a));
        json_object_set_new(one, "b", number(measure->b));
        json_object_set_new(one, "difference", number(measure->difference));
        json_object_set_new(one, "half_width", number(measure->half_width));
        json_object_set_new(one, "verdict", json_from_text(measure->verdict));
        json_object_set_new(all, measure->name, one);
    }
    json_object_set_new(object, "measures", all);
    return object;
}

static json_t *cells_array(const struct compared_cell *cells, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, cell_object(&cells[i]));
    return array;
}

/* Adds what is different in the variant. */
static json_t *fill(json_t *object, const struct variant *variant)
{
    json_t *list = json_array(), *settings = json_object();

    for (size_t i = 0; i < variant->setting_count; i++)
        json_object_set_new(settings, variant->settings[i].name, setting_object(&variant->settings[i]));
    for (size_t i = 0; i < variant->pair_count; i++)
        json_array_append_new(list, pair_object(&variant->pairs[i]));
    json_object_set_new(object, "settings", settings);
    json_object_set_new(object, "cells", list);
    json_object_set_new(object, "only_in_a", cells_array(variant->only_a, variant->only_a_count));
    json_object_set_new(object, "only_in_b", cells_array(variant->only_b, variant->only_b_count));
    return object;
}

static json_t *what_if_object(const struct variant *variant)
{
    json_t *object = json_object();

    json_object_set_new(object, "change", json_from_text(variant->name));
    json_object_set_new(object, "command", json_from_text(variant->command));
    return fill(object, variant);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct comparison *comparison = outcome->comparison;
    json_t *object = json_object(), *array;

    json_object_set_new(object, "warmup_us", json_integer(comparison->run.warmup_us));
    if (!comparison->is_what_if)
        return json_write(comparison->variant_count ? fill(object, comparison->variants) : object, out, error);
    array = json_array();
    for (size_t i = 0; i < comparison->variant_count; i++)
        json_array_append_new(array, what_if_object(&comparison->variants[i]));
    json_object_set_new(object, "version", json_from_text(comparison->version));
    json_object_set_new(object, "command", json_from_text(comparison->run.command));
    json_object_set_new(object, "trace", json_from_text(comparison->run.trace));
    json_object_set_new(object, "requests", json_from_count(comparison->run.commands));
    json_object_set_new(object, "grow",
                        json_from_text(*comparison->run.intake.grown ? comparison->run.intake.grown : NULL));
    json_object_set_new(object, "warnings", json_from_warnings(comparison->warnings, comparison->warning_count, true));
    json_object_set_new(object, "what_if", array);
    return json_write(object, out, error);
}

const struct report report_comparison_json = {
    .name = "comparison.json",
    .summary = "every number with its difference, its interval, and whether it is noise (also --json)",
    .takes = OUTCOME_COMPARISON,
    .print = PRINT_JSON,
    .write = write,
};
