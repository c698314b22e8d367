/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/score/traces.h"

#include "sim/alloc.h"
#include "sim/mrc/footprint.h"
#include "sim/stop.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int is_shown(const struct dirent *file)
{
    return file->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_path(struct held_traces *traces, char *path)
{
    traces->list = xrealloc(traces->list, (traces->count + 1) * sizeof *traces->list);
    traces->list[traces->count++] = (struct held_trace){.path = path};
}

static int list_folder(struct held_traces *traces, const char *path, struct error *error)
{
    struct dirent **files;
    int count = scandir(path, &files, is_shown, by_name);

    if (count < 0)
        return error_set(error, ERROR_INPUT, "%s: cannot read: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        size_t bytes = strlen(path) + strlen(files[i]->d_name) + 2;
        char *file = xmalloc(bytes);
        struct stat status;

        snprintf(file, bytes, "%s/%s", path, files[i]->d_name);
        if (!stat(file, &status) && S_ISREG(status.st_mode))
            add_path(traces, file);
        else
            free(file);
        free(files[i]);
    }
    free(files);
    return traces->count ? 0 : error_set(error, ERROR_INPUT, "%s: there is no file in it", path);
}

/* What points into the reader goes with it: a cache of sizes does not ask. */
static void hold(struct held_trace *trace, struct batch *batch)
{
    batch->members = NULL;
    batch->names = NULL;
    batch->keys = NULL;
    if (trace->batch_count == trace->batch_capacity) {
        trace->batch_capacity = trace->batch_capacity ? 2 * trace->batch_capacity : 64;
        trace->batches = xrealloc(trace->batches, trace->batch_capacity * sizeof(struct batch *));
    }
    trace->batches[trace->batch_count++] = batch;
    trace->rows += batch->count;
    if (batch->count)
        trace->end_us = batch->time_us[batch->count - 1];
}

static int read_rows(struct held_trace *held, struct trace *trace, const struct simulation_options *options,
                     struct error *error)
{
    struct footprint footprint = {0};
    uint64_t reads = 0;
    int status;

    do {
        struct batch *batch = xcalloc(1, sizeof *batch); /* columns that stay zero take no memory */

        status = reader_next(trace->reader, batch, error);
        if (status <= 0) {
            batch_release(batch);
            free(batch);
            break;
        }
        footprint_measure(&footprint, options, batch);
        for (uint32_t row = 0; row < batch->count; row++)
            reads += command_table[batch->op[row]].returns;
        hold(held, batch);
        if (stop_signal())
            status = stop_error(error);
    } while (status > 0);
    held->keys = reader_key_count(trace->reader);
    held->footprint = options->unit_sizes ? held->keys : footprint.bytes;
    footprint_release(&footprint);
    if (!status && !reads)
        return error_set(error, ERROR_INPUT, "%s: nothing is read: there is no miss ratio", held->path);
    if (!status && !held->footprint)
        return error_set(error, ERROR_INPUT, "%s: no size is known: try --unit-sizes", held->path);
    return status;
}

static int read_trace(struct held_trace *held, const struct trace_request *request, format_choose_fn *choose,
                      const struct simulation_options *options, struct error *error)
{
    struct trace_request one = *request;
    struct intake intake = {0};
    struct reader_mix mix;
    struct trace trace;
    bool assumed;
    int status;

    one.path = held->path;
    if (trace_open(&trace, choose, &one, &intake, error))
        return -1;
    status = trace_look_ahead(&trace, &intake, &mix, error);
    if (!status) {
        held->start_unix_us = reader_start_unix_us(trace.reader, &assumed);
        status = read_rows(held, &trace, options, error);
    }
    trace_close(&trace);
    return status;
}

int held_traces_read(struct held_traces *traces, const char *path, const struct trace_request *request,
                     format_choose_fn *choose, const struct simulation_options *options, struct error *error)
{
    struct stat status;

    if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
        if (list_folder(traces, path, error))
            return -1;
    } else {
        add_path(traces, xstrdup(path));
    }
    for (size_t i = 0; i < traces->count; i++)
        if (read_trace(&traces->list[i], request, choose, options, error))
            return -1;
    return 0;
}

void held_traces_release(struct held_traces *traces)
{
    for (size_t i = 0; i < traces->count; i++) {
        for (uint32_t k = 0; k < traces->list[i].batch_count; k++) {
            batch_release(traces->list[i].batches[k]);
            free(traces->list[i].batches[k]);
        }
        free(traces->list[i].batches);
        free(traces->list[i].path);
    }
    free(traces->list);
    *traces = (struct held_traces){0};
}
