/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/work_units.h"

#include "sim/alloc.h"
#include "sim/input/selection.h"
#include "sim/units.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    READING_BYTES = 40 << 20, /* batches, and what is read ahead */
};

int work_measure(const struct replay_plan *plan, struct work_trace *measured, struct error *error)
{
    struct intake intake = {0};
    struct trace trace;
    int status;

    if (!trace_is_rereadable(plan->trace.path))
        return error_set(
            error, ERROR_USAGE,
            "this reads the trace more than once, and standard input or a pipe can be read only once: give "
            "a file");
    if (trace_open(&trace, plan->choose_format, &plan->trace, &intake, error))
        return -1;
    if (plan->selection)
        reader_select(trace.reader, plan->selection);
    status = reader_read_all(trace.reader, NULL, NULL, error);
    if (!status) {
        measured->requests = plan->selection ? plan->selection->whole[0].commands + plan->selection->whole[1].commands
                                             : reader_commands(trace.reader);
        measured->keys = reader_key_count(trace.reader);
        reader_made_from(trace.reader, measured->digest, &measured->bytes);
    }
    trace_close(&trace);
    return status;
}

uint64_t work_reading_bytes(uint64_t keys)
{
    return READING_BYTES + reader_key_bytes(keys);
}

static int refuse_cell(const struct cell_config *cell, uint64_t keys, uint64_t bytes, uint64_t limit,
                       struct error *error)
{
    char needed[UNITS_TEXT], most[UNITS_TEXT], count[UNITS_TEXT];

    return error_set(
        error, ERROR_USAGE,
        "--memory-limit %s: %s with %s would take %s for the trace's %s keys: raise it, or replay a sample "
        "(evsim convert --sample)",
        print_bytes(most, limit), cell->server->name, cell->policy_label ? cell->policy_label : cell->policy->name,
        print_bytes(needed, bytes), print_count(count, keys));
}

int work_units_cut(const struct cell_config *cells, size_t count, uint64_t keys, const struct work_limits *limits,
                   struct work_unit **units, size_t *unit_count, struct error *error)
{
    const uint64_t base = work_reading_bytes(keys);
    const size_t together = limits->together ? (size_t)limits->together : 1;
    struct work_unit *unit = NULL;

    assert(count % together == 0);
    *units = xcalloc(count ? count : 1, sizeof **units);
    *unit_count = 0;
    for (size_t i = 0; i < count; i += together) {
        uint64_t bytes = work_cell_bytes(&cells[i], keys) * (1 + limits->changed);

        if (limits->bytes && base + bytes > limits->bytes) {
            free(*units);
            *units = NULL;
            return refuse_cell(&cells[i], keys, base + bytes, limits->bytes, error);
        }
        if (!unit || (limits->cells && unit->count + together > limits->cells) ||
            (limits->bytes && unit->bytes + bytes > limits->bytes)) {
            unit = &(*units)[(*unit_count)++];
            *unit = (struct work_unit){.first = i, .bytes = base};
        }
        unit->count += together;
        unit->bytes += bytes;
    }
    return 0;
}
