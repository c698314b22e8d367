/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/explain/explain.h"

#include "sim/alloc.h"
#include "sim/crash.h"
#include "sim/explain/listen.h"
#include "sim/hooks.h"
#include "sim/stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys ---- */

static void reserve_keys(struct explain *explain, uint32_t key_count)
{
    uint32_t capacity = grown_capacity(explain->capacity, key_count);

    if (key_count <= explain->capacity)
        return;
    explain->last_us = xrealloc(explain->last_us, capacity * sizeof *explain->last_us);
    for (uint32_t id = explain->capacity; id < capacity; id++)
        explain->last_us[id] = EXPLAIN_ABSENT;
    explain->capacity = capacity;
}

const struct cell_config *explain_cell(const struct explain *explain)
{
    return explain->cell;
}

const char *explain_name(const struct explain *explain, uint32_t id, size_t *length, uint32_t *db)
{
    return reader_key_name(explain->reader, id, length, db);
}

const struct moment_candidate *explain_candidates(const struct explain *explain, const struct moment *moment)
{
    return &explain->candidates[moment->first_candidate];
}

static bool has_name(const struct explain *explain, uint32_t id, const char *name)
{
    size_t length;
    uint32_t db;
    const char *own = explain_name(explain, id, &length, &db);

    return length == strlen(name) && !memcmp(own, name, length);
}

/* Adds new ids of the requested key, which may be in several databases. */
static void watch_new_keys(struct explain *explain, uint32_t key_count)
{
    if (explain->request->what != EXPLAIN_KEY)
        return;
    for (; explain->names_seen < key_count; explain->names_seen++) {
        if (!has_name(explain, explain->names_seen, explain->request->key))
            continue;
        explain->watched = xrealloc(explain->watched, (explain->watched_count + 1) * sizeof *explain->watched);
        explain->watched[explain->watched_count++] = explain->names_seen;
    }
}

/* ---- one command ---- */

static bool asks_for_watched(const struct explain *explain, const struct batch *batch, uint32_t first, uint32_t rows)
{
    for (uint32_t row = first; row < first + rows; row++)
        if (batch->id[row] != NO_KEY && explain_watches(explain, batch->id[row]))
            return true;
    return false;
}

/* Whether a watched key was there when the command looked it up: 1 or 0; -1 if the command looks up none. It follows
 * from the state before the command and the events up to the lookup. */
static int was_found(const struct explain *explain, const struct batch *batch, uint32_t first, uint32_t rows)
{
    bool there = explain->was_there;

    if (!asks_for_watched(explain, batch, first, rows) || !request_looks_up(batch, first))
        return -1;
    for (size_t i = 0; i < explain->count; i++) {
        const struct moment *moment = &explain->moments[i];
        bool before = !moment->command;

        if (moment->kind == MOMENT_ADDED && !before)
            break; /* the key came in after the miss */
        if (moment->kind == MOMENT_ADDED)
            there = true;
        if ((moment->kind == MOMENT_VICTIM && moment->is_evicted && !moment->surplus) ||
            moment->kind == MOMENT_EXPIRED || (moment->kind == MOMENT_REMOVED && before))
            there = false;
    }
    return there;
}

static struct moment moment_of_command(const struct explain *explain, const struct batch *batch, uint32_t first,
                                       uint32_t rows, uint64_t used_before, struct counters *change)
{
    struct model_look seen = explain_look(explain);
    struct moment moment = {
        .kind = MOMENT_COMMAND,
        .time_us = explain->time_us,
        .command = explain->number,
        .id = NO_KEY,
        .used_before = used_before,
        .used_after = seen.used,
        .batch = batch,
        .first = first,
        .rows = rows,
        .change = change,
        .found = was_found(explain, batch, first, rows),
    };

#define X(name, unit, description) change->name = seen.counters->name - explain->before.name;
    COUNTER_LIST(X)
#undef X
    return moment;
}

static bool is_reported(const struct explain *explain, const struct moment *moment)
{
    return moment->is_evicted || explain->request->what != EXPLAIN_EVICTIONS;
}

/* Reports the cell before the first moment, or at the end if there is none. */
static void report_cell(struct explain *explain)
{
    const struct moment begins = {.kind = MOMENT_CELL, .id = NO_KEY};

    if (!explain->has_begun)
        explain->request->tell(explain->request->owner, explain, &begins);
    explain->has_begun = true;
}

static void report_moment(struct explain *explain, const struct moment *moment)
{
    report_cell(explain);
    explain->request->tell(explain->request->owner, explain, moment);
}

/* Reports what came before the command, then the command, then what happened in it. The command is reported if it is
 * wanted or something happened in it. */
static void report_moments(struct explain *explain, const struct moment *command, bool command_is_wanted)
{
    bool command_is_reported = !command;

    for (size_t i = 0; i < explain->count; i++) {
        const struct moment *moment = &explain->moments[i];

        if (!is_reported(explain, moment))
            continue;
        if (moment->command && !command_is_reported) {
            report_moment(explain, command);
            command_is_reported = true;
        }
        report_moment(explain, moment);
    }
    if (!command_is_reported && command_is_wanted)
        report_moment(explain, command);
    explain->count = explain->candidate_count = explain->first_removal = 0;
}

static bool is_any_watched_there(const struct explain *explain)
{
    for (size_t i = 0; i < explain->watched_count; i++)
        if (explain->last_us[explain->watched[i]] != EXPLAIN_ABSENT)
            return true;
    return false;
}

static int replay_command(struct explain *explain, const struct batch *batch, uint32_t first, uint32_t rows,
                          struct batch *one, struct error *error)
{
    struct model_look seen = explain_look(explain);
    bool wanted = explain->request->what == EXPLAIN_KEY ? asks_for_watched(explain, batch, first, rows)
                                                        : explain_wants(explain, MOMENT_COMMAND, NO_KEY);
    struct counters change;
    struct moment command;
    int status;

    explain->time_us = batch->time_us[first];
    explain->before = *seen.counters;
    explain->was_there = is_any_watched_there(explain);
    explain->gate_is_open = false;
    batch_clear(one);
    batch_append(one, batch, first, rows);
    memcpy(one->next_access, &batch->next_access[first], rows * sizeof *one->next_access);
    one->first_row = batch->first_row + first;
    one->key_count = batch->key_count;
    status = explain->model->replay(explain->state, one, error);
    explain_settle_removals(explain);
    command = moment_of_command(explain, batch, first, rows, seen.used, &change);
    report_moments(explain, &command, wanted);
    return status;
}

/* ---- the whole trace ---- */

/* Returns 1 when no more is wanted, 0, or -1 on error. `one` is room for a command. */
static int replay_batch(struct explain *explain, const struct batch *batch, struct batch *one, struct error *error)
{
    uint32_t rows;

    reserve_keys(explain, batch->key_count);
    watch_new_keys(explain, batch->key_count);
    for (uint32_t first = 0; first < batch->count; first += rows) {
        rows = 1;
        while (batch->flags[first + rows - 1] & REQUEST_MORE)
            rows++;
        explain->number++;
        if (explain->request->what == EXPLAIN_COMMAND && explain->number > explain->request->number + EXPLAIN_AROUND)
            return 1;
        if (replay_command(explain, batch, first, rows, one, error))
            return -1;
    }
    return 0;
}

static int replay_trace(struct explain *explain, struct reader *reader, const char *blamed,
                        explain_progress_fn *progress, void *owner, struct error *error)
{
    struct batch *batch = xcalloc(1, sizeof *batch), *one = xcalloc(1, sizeof *one);
    int status;

    reserve_keys(explain, reader_key_count(reader)); /* keys of the scenario */
    watch_new_keys(explain, reader_key_count(reader));
    while ((status = reader_next(reader, batch, error)) > 0) {
        crash_blame(blamed);
        status = replay_batch(explain, batch, one, error);
        crash_blame(NULL);
        if (status)
            break;
        if (progress && !progress(owner, reader_commands(reader))) {
            status = stop_error(error);
            break;
        }
    }
    batch_release(batch);
    batch_release(one);
    free(batch);
    free(one);
    return status;
}

/* Runs the events after the last command. */
static int finish(struct explain *explain, int64_t end_us, struct result *result, struct error *error)
{
    struct model_look seen = explain_look(explain);

    explain->before = *seen.counters;
    explain->is_over = true;
    if (explain->model->finish(explain->state, end_us, result, error))
        return -1;
    explain_settle_removals(explain);
    report_moments(explain, NULL, false);
    return 0;
}

static int check_found(const struct explain *explain, const struct reader *reader, struct error *error)
{
    const struct explain_request *request = explain->request;

    if (request->what == EXPLAIN_KEY && !explain->watched_count)
        return error_set(error, ERROR_INPUT, "--explain: there is no key '%s' in the trace", request->key);
    if (request->what == EXPLAIN_COMMAND && reader_commands(reader) < request->number)
        return error_set(error, ERROR_INPUT,
                         "--explain: the trace has %" PRIu64 " requests, not %" PRIu64
                         "; a key of that name is key:%" PRIu64,
                         reader_commands(reader), request->number, request->number);
    return 0;
}

static void describe(const struct cell_config *cell, struct result *result)
{
    result->server = xstrdup(cell->server->name);
    result->policy = xstrdup(cell->policy_label ? cell->policy_label : cell->policy->name);
    result->maxmemory = cell->maxmemory;
    result->seed = cell->seed;
    result->unit_sizes = cell->options->unit_sizes;
}

int explain_run(struct reader *reader, const struct cell_config *cell, const struct explain_request *request,
                explain_progress_fn *progress, void *owner, struct result *result, struct error *error)
{
    struct explain explain = {.request = request, .cell = cell, .reader = reader, .model = cell->server->model};
    struct policy_wrap wrap = {.wrap = explain_stand_in_front, .owner = &explain};
    struct simulation_options options = *cell->options;
    struct cell_config explained = *cell;
    int status;

    options.wrap = &wrap;
    explained.options = &options;
    explain.state = xcalloc(1, explain.model->state_size);
    crash_blame(cell->policy_path);
    status = explain.model->init(explain.state, &explained, error);
    crash_blame(NULL);
    if (!status)
        status = replay_trace(&explain, reader, cell->policy_path, progress, owner, error);
    crash_blame(cell->policy_path);
    if (!status && !(status = finish(&explain, reader_last_time_us(reader), result, error)))
        describe(cell, result);
    explain.model->release(explain.state);
    crash_blame(NULL);
    if (status >= 0)
        status = check_found(&explain, reader, error);
    if (!status)
        report_cell(&explain);
    free(explain.state);
    free(explain.last_us);
    free(explain.watched);
    free(explain.moments);
    free(explain.candidates);
    return status;
}
