/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/advice/hints.h"

#include "sim/advice/search.h"
#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

bool hints_are_possible(const struct size_request *request)
{
    for (size_t i = 0; i < request->grid.policy_count; i++)
        if (request->grid.policies[i].policy->offline || request->grid.policies[i].path)
            return false;
    return !request->plan.scenario && !request->plan.sharding.table_count;
}

/* A trial that is to be made, of a line. */
struct miniature {
    size_t line;
    uint64_t size;
};

struct hints {
    const struct simulations *simulations;
    const struct key_sample *sample;
    int64_t duration_us; /* of what the sample has seen */
    struct simulation_options options;
    struct counters *wholes;      /* by line: of what the sample has seen, without a limit */
    struct size_search *searches; /* likewise */
    struct miniature *miniatures;
    size_t count;
};

static const struct counters *whole_of(const struct hints *hints, size_t line)
{
    return &hints->wholes[line];
}

static struct size_search new_search(const struct hints *hints, size_t line)
{
    const struct size_request *request = hints->simulations->request;
    const struct counters *whole = whole_of(hints, line);
    uint64_t peak = whole->used_memory_peak, least = whole->baseline_memory + (peak - whole->baseline_memory) / 64;
    struct ladder ladder = {request->precision, hints->simulations->sizing->unit_sizes};

    return (struct size_search){.ladder = ladder,
                                .least = ladder_up_to(&ladder, least + 1),
                                .most = ladder_up_to(&ladder, peak + peak / 50 + 1),
                                .seeds = 1,
                                .goals = request->goals.count,
                                .is_quick = true};
}

static void ask(struct hints *hints)
{
    struct size_wanted wanted[SIZES_WANTED];

    hints->count = 0;
    for (size_t line = 0; line < hints->simulations->line_count; line++) {
        size_t count = size_search_next(&hints->searches[line], wanted);

        hints->miniatures = xrealloc(hints->miniatures, (hints->count + count + 1) * sizeof *hints->miniatures);
        for (size_t i = 0; i < count; i++)
            hints->miniatures[hints->count++] = (struct miniature){line, wanted[i].size};
    }
}

/* A size of 0 has no limit. */
static struct cell_config cell_of(const struct hints *hints, const struct miniature *miniature)
{
    const struct grid *grid = &hints->simulations->request->grid;
    const struct simulated_line *line = &hints->simulations->lines[miniature->line];

    return (struct cell_config){
        .server = line->server,
        .policy = line->policy->policy,
        .parameters = line->policy->parameters,
        .policy_label = line->policy->label,
        .admission = grid->admission,
        .admission_parameters = grid->admission_parameters,
        .maxmemory = miniature->size ? key_sample_size(hints->sample, miniature->size,
                                                       whole_of(hints, miniature->line)->baseline_memory)
                                     : 0,
        .seed = grid->first_seed,
        .options = &hints->options,
    };
}

static void answer(struct hints *hints, const struct miniature *miniature, struct result *result)
{
    const struct goals *goals = &hints->simulations->request->goals;
    struct size_trial trial = {.size = miniature->size, .seeds = 1, .meets = true};

    key_sample_scale(hints->sample, whole_of(hints, miniature->line), result);
    for (size_t g = 0; g < goals->count; g++) {
        double value = goal_value(&goals->goals[g], result, hints->duration_us);

        trial.lacks[g] = goal_lack(&goals->goals[g], value);
        trial.meets &= goal_meets(&goals->goals[g], value);
    }
    trial.misses = !trial.meets;
    size_search_found(&hints->searches[miniature->line], &trial);
}

static int simulate(struct hints *hints, struct error *error)
{
    struct cell_config *cells = xcalloc(hints->count, sizeof *cells);
    struct result *results = xcalloc(hints->count, sizeof *results);
    int status;

    for (size_t i = 0; i < hints->count; i++)
        cells[i] = cell_of(hints, &hints->miniatures[i]);
    status = key_sample_replay(hints->sample, cells, hints->count, hints->simulations->plan.workers, results, error);
    for (size_t i = 0; i < hints->count; i++) {
        if (!status)
            answer(hints, &hints->miniatures[i], &results[i]);
        result_release(&results[i]);
    }
    free(cells);
    free(results);
    return status;
}

static void tell(const struct hints *hints, uint64_t *sizes, bool is_end)
{
    const struct size_request *request = hints->simulations->request;

    for (size_t i = 0; i < hints->simulations->line_count; i++) {
        const struct simulated_line *line = &hints->simulations->lines[i];
        const struct size_trial *found = size_search_answer(&hints->searches[i]);

        sizes[i] = found ? found->size : 0;
        if (request->tell_first)
            request->tell_first(request->tell_owner, line->server->name,
                                line->policy->label ? line->policy->label : line->policy->policy->name, sizes[i],
                                1.0 / hints->sample->parts, is_end ? 0 : hints->sample->commands);
    }
}

static struct hints open_hints(const struct simulations *simulations, const struct key_sample *sample,
                               const struct run *run)
{
    struct hints hints = {.simulations = simulations,
                          .sample = sample,
                          .duration_us = sample->end_us,
                          .options = simulations->plan.options};

    hints.options.fill = !strcmp(run->on_miss, "fill");
    hints.options.weighs_keys = run->weighs_keys;
    hints.options.start_unix_us = run->start_unix_us;
    hints.wholes = xcalloc(simulations->line_count + 1, sizeof *hints.wholes);
    hints.searches = xcalloc(simulations->line_count + 1, sizeof *hints.searches);
    return hints;
}

static void close_hints(struct hints *hints)
{
    for (size_t i = 0; i < hints->simulations->line_count; i++)
        size_search_release(&hints->searches[i]);
    free(hints->searches);
    free(hints->wholes);
    free(hints->miniatures);
}

static int search(struct hints *hints, uint64_t *sizes, bool is_end, struct error *error)
{
    int status = 0;

    for (size_t i = 0; i < hints->simulations->line_count; i++)
        hints->searches[i] = new_search(hints, i);
    for (ask(hints); hints->count && !status; ask(hints))
        status = simulate(hints, error);
    if (!status)
        tell(hints, sizes, is_end);
    return status;
}

int hints_find(const struct simulations *simulations, const struct key_sample *sample, uint64_t *sizes,
               struct error *error)
{
    struct hints hints = open_hints(simulations, sample, &simulations->sizing->run);
    int status;

    for (size_t i = 0; i < simulations->line_count; i++)
        hints.wholes[i] = simulated_find(&simulations->lines[i], 0, 0)->counters;
    status = search(&hints, sizes, true, error);
    close_hints(&hints);
    return status;
}

/* What has been read so far, without a limit, of each line. */
static int find_wholes(struct hints *hints, struct error *error)
{
    size_t count = hints->simulations->line_count;
    struct cell_config *cells = xcalloc(count + 1, sizeof *cells);
    struct result *results = xcalloc(count + 1, sizeof *results);
    int status;

    for (size_t i = 0; i < count; i++)
        cells[i] = cell_of(hints, &(struct miniature){.line = i});
    status = key_sample_replay(hints->sample, cells, count, hints->simulations->plan.workers, results, error);
    for (size_t i = 0; i < count; i++) {
        if (!status)
            hints->wholes[i] = key_sample_whole(hints->sample, &results[i]);
        result_release(&results[i]);
    }
    free(cells);
    free(results);
    return status;
}

int hints_so_far(const struct simulations *simulations, const struct key_sample *sample, const struct run *run,
                 struct error *error)
{
    struct key_sample so_far;
    int status = 0;

    if (key_sample_so_far(sample, &so_far)) {
        struct hints hints = open_hints(simulations, &so_far, run);
        uint64_t *sizes = xcalloc(simulations->line_count + 1, sizeof *sizes);

        status = find_wholes(&hints, error) || search(&hints, sizes, false, error) ? -1 : 0;
        free(sizes);
        close_hints(&hints);
    }
    key_sample_release(&so_far);
    return status;
}
