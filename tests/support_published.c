/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_published.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/engine/sweep.h"
#include "tests/support_trace.h"
#include "traces/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void sweep(const char *path, const struct cell_config *configs, size_t count, struct result *results)
{
    struct format_options format_options = {.lenient = false};
    struct intake intake = {0};
    struct error error = {0};
    struct source *source = source_open(path, &error);
    const struct format *format = source ? format_detect(source, &error) : NULL;
    struct reader *reader = format ? reader_open(source, format, &format_options, &intake, &error) : NULL;

    if (!reader || sweep_run(reader, configs, count, 1, NULL, NULL, results, &error))
        fail_msg("%s", error.text);
    reader_close(reader);
    source_close(source);
}

bool published_replay(const char *trace, bool unit_sizes, struct published_cell *cells, size_t count)
{
    struct simulation_options options = {
        .fill = true, .unit_sizes = unit_sizes, .interval_us = INT64_C(1) << 60};
    char *path = shared_path(trace);

    if (!path)
        return false;
    struct cell_config *configs = xcalloc(count, sizeof *configs);
    struct result *results = xcalloc(count, sizeof *results);
    for (size_t i = 0; i < count; i++) {
        configs[i] = (struct cell_config){
            .server = server_find("flat"),
            .policy = policy_find(cells[i].policy),
            .parameters = cells[i].parameters,
            .maxmemory = cells[i].capacity,
            .seed = 1,
            .options = &options,
        };
        assert_non_null(configs[i].policy);
    }
    sweep(path, configs, count, results);
    for (size_t i = 0; i < count; i++) {
        cells[i].counters = results[i].counters;
        free(results[i].curve.samples);
    }
    free(configs);
    free(results);
    free(path);
    return true;
}

FILE *published_figures(const char *name)
{
    char relative[128];

    snprintf(relative, sizeof relative, "published/%s", name);
    char *path = shared_path(relative);
    FILE *file = path ? fopen(path, "r") : NULL;

    free(path);
    return file;
}
