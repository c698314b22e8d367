/* SPDX-License-Identifier: GPL-3.0-or-later */
/* traces: traces that are read once and kept in memory, for many policies one after the other, each in a process of its
 * own. Costs some 60 to 80 bytes of host memory a request. */
#ifndef SIM_SCORE_TRACES_H
#define SIM_SCORE_TRACES_H

#include "sim/input/trace.h"
#include "sim/options.h"
#include "sim/request.h"

#include <stddef.h>
#include <stdint.h>

struct held_trace {
    char *path; /* owned, as are the batches */
    struct batch **batches;
    uint32_t batch_count, batch_capacity;
    uint32_t keys;
    uint64_t rows;
    uint64_t
        footprint; /* bytes of all keys, each with the largest value that it ever had; with unit sizes their number */
    int64_t start_unix_us, end_us;
};

struct held_traces {
    struct held_trace *list;
    size_t count;
};

/* Reads the file, or every file of the folder, by name, but those whose name begins with a dot. `request` says how, but
 * for the path; `options` what an object weighs. 0; or -1, also when there is none, or one of which nothing is read. To be
 * released either way. */
int held_traces_read(struct held_traces *traces, const char *path, const struct trace_request *request,
                     format_choose_fn *choose, const struct simulation_options *options, struct error *error);
void held_traces_release(struct held_traces *traces);

#endif
