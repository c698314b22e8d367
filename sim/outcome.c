/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/outcome.h"

#include "sim/advice/comparison.h"
#include "sim/advice/diagnosis.h"
#include "sim/advice/sizing.h"
#include "sim/inspect/portrait.h"
#include "sim/merge.h"
#include "sim/mrc/mrc.h"
#include "sim/result.h"

#include <stdlib.h>

static int check_run(const void *data, struct error *error)
{
    return run_check(data, error);
}

static int check_mrc(const void *data, struct error *error)
{
    return mrc_check(data, error);
}

static int check_sizing(const void *data, struct error *error)
{
    return sizing_check(data, error);
}

static int check_diagnosis(const void *data, struct error *error)
{
    return diagnosis_check(data, error);
}

static int check_comparison(const void *data, struct error *error)
{
    return comparison_check(data, error);
}

static int merge_runs(void *parts, const char *const *names, size_t count, void *merged, struct error *error)
{
    return run_merge(parts, names, count, merged, error);
}

static int check_portrait(const void *data, struct error *error)
{
    return portrait_check(data, error);
}

const struct outcome_type outcome_types[OUTCOME_KINDS] = {
    [OUTCOME_RUN] = {.name = "run",
                     .summary = "results of evsim run",
                     .layout = &run_layout,
                     .rows = "results",
                     .check = check_run,
                     .merge = merge_runs},
    [OUTCOME_MRC] =
        {.name = "mrc", .summary = "curves of evsim mrc", .layout = &mrc_layout, .rows = "curves", .check = check_mrc},
    [OUTCOME_SIZING] = {.name = "size",
                        .summary = "answers of evsim size",
                        .layout = &sizing_layout,
                        .rows = "lines",
                        .check = check_sizing},
    [OUTCOME_DIAGNOSIS] = {.name = "doctor",
                           .summary = "a diagnosis of evsim doctor",
                           .layout = &diagnosis_layout,
                           .rows = "remedies",
                           .check = check_diagnosis},
    [OUTCOME_COMPARISON] = {.name = "comparison",
                            .summary = "a comparison of evsim diff or --what-if",
                            .layout = &comparison_layout,
                            .rows = "variants",
                            .check = check_comparison},
    [OUTCOME_PORTRAIT] = {.name = "inspect",
                          .summary = "a portrait of evsim inspect",
                          .layout = &portrait_layout,
                          .rows = "reuse_cells",
                          .check = check_portrait},
};

const struct warning *outcome_warnings(const struct outcome *outcome, size_t *count)
{
    const struct layout_field *field = layout_find(outcome_types[outcome->kind].layout, "warnings");

    *count = 0;
    return field ? field_array(field, outcome->data, count) : NULL;
}

void outcome_free(struct outcome *outcome)
{
    void *data = (void *)outcome->data;

    if (data)
        fields_release(outcome_types[outcome->kind].layout, data);
    free(data);
    *outcome = (struct outcome){0};
}
