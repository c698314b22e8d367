/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/first_answer.h"

#include "sim/advice/phrase.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <stdlib.h>
#include <string.h>

enum { CELLS = 40 };

struct cells {
    struct cell_config list[CELLS];
    const char *names[CELLS];
    size_t count;
};

static void add(struct cells *cells, const char *name, struct cell_config cell)
{
    if (cells->count == CELLS)
        return;
    cells->names[cells->count] = name;
    cells->list[cells->count++] = cell;
}

/* The server as it is, each of its policies, and twice the memory. */
static struct cells cells_of(const struct doctor_request *request, const struct key_sample *sample, uint64_t baseline,
                             const struct simulation_options *options)
{
    struct cells cells = {.count = 0};
    struct cell_config now = {
        .server = request->server,
        .policy = request->policy.policy,
        .parameters = request->policy.parameters,
        .policy_label = request->policy.label,
        .policy_path = request->policy.path,
        .maxmemory = key_sample_size(sample, request->maxmemory, baseline),
        .seed = request->first_seed,
        .options = options,
    };

    add(&cells, "now", now);
    for (size_t i = 0; i < request->policy_count; i++) {
        struct cell_config cell = now;

        if (request->policies[i] == request->policy.policy)
            continue;
        cell.policy = request->policies[i];
        cell.parameters = NULL;
        cell.policy_label = cell.policy_path = NULL;
        add(&cells, request->policies[i]->name, cell);
    }
    now.maxmemory = key_sample_size(sample, 2 * request->maxmemory, baseline);
    add(&cells, "maxmemory x2", now);
    return cells;
}

static void tell_one(const struct doctor_request *request, const char *name, const struct result *result)
{
    char refused[UNITS_TEXT], evicted[UNITS_TEXT];
    double ratio = result_hit_ratio(result);
    char *text = text_of("  %-18s %12s refused  %12s evicted  %.1f %% hits", name,
                         print_count(refused, result->counters.oom_rejections),
                         print_count(evicted, result->counters.evicted_keys), ratio > 0 ? 100 * ratio : 0);

    request->tell_first(request->tell_owner, text);
    free(text);
}

static void tell_all(const struct doctor_request *request, const struct key_sample *sample, const struct cells *cells,
                     const struct result *results, bool is_end)
{
    char commands[UNITS_TEXT];
    char *text =
        is_end ? text_of("from a sample of %.2g %% of the keys, of the whole trace (refined below by all of them):",
                         100.0 / sample->parts)
               : text_of("first answer, from the trace's first %s commands and %.2g %% of their keys (refined below):",
                         print_count(commands, sample->commands), 100.0 / sample->parts);

    request->tell_first(request->tell_owner, text);
    free(text);
    for (size_t i = 0; i < cells->count; i++)
        tell_one(request, cells->names[i], &results[i]);
}

static bool is_possible(const struct doctor_request *request)
{
    return request->tell_first && !request->plan.scenario && !request->policy.policy->offline && !request->policy.path;
}

static struct simulation_options options_of(const struct doctor_request *request, const struct run *run)
{
    struct simulation_options options = request->plan.options;

    options.fill = !strcmp(run->on_miss, "fill");
    options.start_unix_us = run->start_unix_us;
    return options;
}

/* `whole` is of all that the sample has seen. */
static int simulate(const struct doctor_request *request, const struct key_sample *sample, const struct run *run,
                    const struct counters *whole, bool is_end, struct error *error)
{
    const struct simulation_options options = options_of(request, run);
    const struct cells cells = cells_of(request, sample, whole->baseline_memory, &options);
    struct result results[CELLS] = {{0}};
    int status = key_sample_replay(sample, cells.list, cells.count, request->plan.workers, results, error);

    for (size_t i = 0; i < cells.count && !status; i++)
        key_sample_scale(sample, whole, &results[i]);
    if (!status)
        tell_all(request, sample, &cells, results, is_end);
    for (size_t i = 0; i < cells.count; i++)
        result_release(&results[i]);
    return status;
}

/* What has been read so far, without a limit. */
static int find_whole(const struct doctor_request *request, const struct key_sample *sample, const struct run *run,
                      struct counters *whole, struct error *error)
{
    const struct simulation_options options = options_of(request, run);
    const struct cells cells = cells_of(request, sample, 0, &options);
    struct cell_config unlimited = cells.list[0];
    struct result result = {0};
    int status;

    unlimited.maxmemory = 0;
    status = key_sample_replay(sample, &unlimited, 1, 1, &result, error);
    if (!status)
        *whole = key_sample_whole(sample, &result);
    result_release(&result);
    return status;
}

int first_answer_so_far(const struct doctor_request *request, const struct key_sample *sample, const struct run *run,
                        struct error *error)
{
    struct key_sample so_far;
    struct counters whole;
    int status = 0;

    if (!is_possible(request))
        return 0;
    if (key_sample_so_far(sample, &so_far))
        status =
            find_whole(request, &so_far, run, &whole, error) || simulate(request, &so_far, run, &whole, false, error)
                ? -1
                : 0;
    key_sample_release(&so_far);
    return status;
}

int first_answer_tell(const struct doctor_request *request, struct key_sample *sample, const struct run *run,
                      struct error *error)
{
    if (!is_possible(request) || run->commands < FIRST_ANSWER_FROM || !key_sample_close(sample, run->duration_us))
        return 0;
    return simulate(request, sample, run, &run->results[1].counters, true, error);
}
