/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/run_units.h"

#include "sim/alloc.h"
#include "sim/cli/note.h"
#include "sim/cli/run_settings.h"
#include "sim/merge.h"
#include "sim/output.h"
#include "sim/result_file.h"
#include "sim/stop.h"
#include "sim/warnings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASS_CELLS = 64 }; /* of what is kept: reading the trace is shared by so many, and so many can be lost */

/* ---- the files that are kept ---- */

/* "cells-000004-000007.results": names sort in the order of the grid. */
#define UNIT_PREFIX "cells-"
enum { UNIT_NAME = 80 };

static void name_unit(char *name, const struct work_unit *unit)
{
    snprintf(name, UNIT_NAME, UNIT_PREFIX "%06zu-%06zu" RESULT_FILE_SUFFIX, unit->first, unit->first + unit->count - 1);
}

static bool is_unit_name(const char *name)
{
    size_t first, last;
    char sane[UNIT_NAME];
    struct work_unit unit;

    if (sscanf(name, UNIT_PREFIX "%zu-%zu", &first, &last) != 2 || last < first)
        return false;
    unit = (struct work_unit){.first = first, .count = last - first + 1};
    name_unit(sane, &unit);
    return !strcmp(name, sane);
}

/* -1: the file is still there, with an error, unless there is one already. */
static int forget(DIR *folder, const char *directory, const char *name, struct error *error)
{
    if (!unlinkat(dirfd(folder), name, 0) || errno == ENOENT)
        return 0;
    return error_is_set(error)
               ? -1
               : error_set(error, ERROR_OUTPUT, "%s/%s: cannot be removed: %s; the results are complete without it",
                           directory, name, strerror(errno));
}

int run_units_forget(const char *directory, struct error *error)
{
    DIR *folder = directory ? opendir(directory) : NULL;
    int status = 0;

    if (directory && !folder)
        return error_set(error, ERROR_OUTPUT,
                         "%s: cannot be read, to remove what was kept of units: %s; the results are complete",
                         directory, strerror(errno));
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (is_unit_name(entry->d_name) && forget(folder, directory, entry->d_name, error))
            status = -1;
    if (folder)
        closedir(folder);
    return status;
}

/* ---- whether one can be used ---- */

struct kept_file {
    struct timespec written;
    bool is_outdated;
};

/* A file that was changed since, or is not there any more. */
static void compare_with(struct kept_file *kept, const char *path)
{
    struct stat file;

    kept->is_outdated |= stat(path, &file) || file.st_mtim.tv_sec > kept->written.tv_sec ||
                         (file.st_mtim.tv_sec == kept->written.tv_sec && file.st_mtim.tv_nsec > kept->written.tv_nsec);
}

/* Of a setting's value, each text between commas that is the name of a file. */
static void compare_with_named(void *owner, const char *name, const char *value)
{
    char *texts = xstrdup(value), *rest = texts;

    (void)name;
    for (char *text; (text = strsep(&rest, ","));)
        if (*text && !access(text, F_OK))
            compare_with(owner, text);
    free(texts);
}

/* Whether something that the results depend on has changed since the file was written: the trace, what options name, plug-ins, the
 * program. */
static bool is_outdated(const char *path, const struct trace_request *trace, const struct option_set *set,
                        const struct cell_config *cells, size_t count)
{
    struct kept_file kept = {0};
    struct stat file;

    if (stat(path, &file))
        return true;
    kept.written = file.st_mtim;
    for (size_t i = 0; i < (trace->paths ? trace->path_count : 1); i++)
        compare_with(&kept, trace->paths ? trace->paths[i] : trace->path);
    for (size_t i = 0; i < count; i++)
        if (cells[i].policy_path)
            compare_with(&kept, cells[i].policy_path);
    options_echo(set, compare_with_named, &kept);
    compare_with(&kept, "/proc/self/exe");
    return kept.is_outdated;
}

static bool is_of_cell(const struct result *result, const struct cell_config *cell)
{
    return !strcmp(result->server, cell->server->name) && result->maxmemory == cell->maxmemory &&
           result->seed == cell->seed &&
           !strcmp(result->policy, cell->policy_label ? cell->policy_label : cell->policy->name);
}

/* The cells as they are, with each table of slots; those with changes follow from them. */
static bool has_cells(const struct run_request *request, const struct cell_config *cells, size_t count,
                      const struct run *run)
{
    size_t plain = count * (request->clusters.table_count ? request->clusters.table_count : 1);
    bool has = run->result_count == count * run_request_layers(request);

    for (size_t i = 0; i < plain && has; i++)
        has = is_of_cell(&run->results[i], &cells[i % count]);
    return has;
}

static bool has_settings(struct run_request *request, const struct option_set *set, const struct run *run)
{
    struct run wanted = {.format = run->format};
    bool has;

    if (request->scenario)
        wanted.scenario = scenario_print(request->scenario);
    run_settings_record(request, set, &wanted);
    has = wanted.setting_count == run->setting_count;
    for (size_t i = 0; i < wanted.setting_count && has; i++)
        has = !strcmp(wanted.settings[i].name, run->settings[i].name) &&
              !strcmp(wanted.settings[i].value, run->settings[i].value);
    wanted.format = NULL;
    run_release(&wanted);
    return has;
}

static bool is_of_cells(struct run_request *request, const struct option_set *set, const struct cell_config *cells,
                        size_t count, const struct run *run)
{
    return !strcmp(run->command, set->command) && !strcmp(run->version, request->catalog->version) &&
           has_cells(request, cells, count, run) && has_settings(request, set, run);
}

bool run_is_of_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                    const struct run *run)
{
    size_t all;
    struct cell_config *cells = run_request_cells(request, &all);
    bool is = is_of_cells(request, set, cells + unit->first, unit->count, run);

    free(cells);
    return is;
}

/* Takes what an earlier call of the same command has kept of the unit, of all cells. False: there is nothing that can be used. */
static bool take_kept(struct run_request *request, const struct option_set *set, const struct cell_config *cells,
                      const struct work_unit *unit, const char *directory, const char *name, struct run *run)
{
    char *path = output_path(directory, name);
    struct outcome outcome = {0};
    struct error damaged = {0};
    bool is_taken = !access(path, F_OK) && !is_outdated(path, &request->trace, set, cells + unit->first, unit->count) &&
                    !result_file_read(path, &outcome, &damaged);

    free(path);
    if (!is_taken)
        return false;
    if (outcome.kind != OUTCOME_RUN || !is_of_cells(request, set, cells + unit->first, unit->count, outcome.run)) {
        outcome_free(&outcome);
        return false;
    }
    *run = *outcome.run;
    free((void *)(uintptr_t)outcome.data);
    return true;
}

void run_units_forget_written(struct run_request *request, const struct option_set *set)
{
    struct work_unit all = {0};
    struct cell_config *cells = run_request_cells(request, &all.count);
    struct run run = {0};
    struct error ignored = {0};

    if (request->output.directory &&
        take_kept(request, set, cells, &all, request->output.directory, "run" RESULT_FILE_SUFFIX, &run))
        run_units_forget(request->output.directory, &ignored);
    run_release(&run);
    free(cells);
}

static int keep(const char *directory, const char *name, const struct run *run, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_RUN, .run = run};
    struct output output;

    if (output_make_directory(directory, error) || output_open(&output, directory, name, error))
        return -1;
    result_file_write(&outcome, output.file);
    return output_close(&output, error);
}

/* ---- a plan's units ---- */

int run_get_unit(struct run_request *request, const struct option_set *set, const struct work_unit *unit,
                 const struct unit_place *place, struct run *run, bool *is_kept, struct error *error)
{
    size_t all;
    struct cell_config *cells = run_request_cells(request, &all);

    *is_kept = take_kept(request, set, cells, unit, place->directory, place->name, run);
    free(cells);
    if (*is_kept && !strcmp(run->trace_digest, place->digest))
        return 0;
    *is_kept = false;
    run_release(run);
    *run = (struct run){0};
    if (run_replay_unit(request, set, unit, NULL, run, error))
        return -1;
    if (strcmp(run->trace_digest, place->digest) != 0)
        return error_set(error, ERROR_INPUT, "%s is not the trace that %s was made of: make the plan again", run->trace,
                         place->plan);
    return keep(place->directory, place->name, run, error);
}

struct work_limits run_unit_limits(const struct run_request *request)
{
    struct work_limits limits = request->limits;

    limits.together = request->sample.parts ? request->seeds : 1; /* of a sample: parts of one whole */
    limits.changed = request->what_if.list_count;
    return limits;
}

/* ---- passes, one after the other ---- */

/* The cells that have ended, as runs of some each: from the folder, or from a pass. */
struct pieces {
    struct run *runs;
    struct work_unit *units;
    size_t count;
};

static struct pieces pieces_of(size_t most)
{
    return (struct pieces){.runs = xcalloc(most, sizeof(struct run)), .units = xcalloc(most, sizeof(struct work_unit))};
}

static void pieces_release(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++)
        run_release(&pieces->runs[i]);
    free(pieces->runs);
    free(pieces->units);
}

/* The cells, so many in a row at a time, that the folder has. */
static struct pieces find_kept(struct run_request *request, const struct option_set *set,
                               const struct cell_config *cells, size_t count, size_t together)
{
    struct pieces kept = pieces_of(count / together + 1);

    for (size_t i = 0; i < count && request->output.directory; i += together) {
        struct work_unit unit = {.first = i, .count = together};
        char name[UNIT_NAME];

        name_unit(name, &unit);
        kept.units[kept.count] = unit;
        kept.count += take_kept(request, set, cells, &unit, request->output.directory, name, &kept.runs[kept.count]);
    }
    return kept;
}

/* Keeps the cells of a piece, so many in a row in a file. */
static int keep_cells(const char *directory, const struct run *run, const struct work_unit *unit, size_t together,
                      struct error *error)
{
    size_t layers = run->result_count / unit->count;
    int status = 0;

    for (size_t i = 0; i < unit->count && !status; i += together) {
        struct work_unit few = {.first = unit->first + i, .count = together};
        struct run part = *run;
        char name[UNIT_NAME];

        part.result_count = layers * together;
        part.results = xcalloc(part.result_count, sizeof *part.results);
        for (size_t layer = 0; layer < layers; layer++)
            memcpy(&part.results[layer * together], &run->results[layer * unit->count + i],
                   together * sizeof *part.results);
        part.warnings = NULL;
        part.warning_count = 0;
        warnings_find(&part);
        name_unit(name, &few);
        status = keep(directory, name, &part, error);
        for (size_t w = 0; w < part.warning_count; w++)
            fields_release(&warning_layout, &part.warnings[w]);
        free(part.warnings);
        free(part.results);
    }
    return status;
}

/* What is missing between the kept pieces, cut into units of the limits; in the order of the grid. */
static int cut_missing(const struct cell_config *cells, size_t cell_count, const struct pieces *kept, uint64_t keys,
                       const struct work_limits *limits, struct work_unit **units, size_t *count, struct error *error)
{
    *units = xcalloc(cell_count + 1, sizeof **units);
    *count = 0;
    for (size_t at = 0, k = 0; at < cell_count;) {
        size_t end = k < kept->count ? kept->units[k].first : cell_count, few;
        struct work_unit *some;

        if (at < end) {
            if (work_units_cut(cells + at, end - at, keys, limits, &some, &few, error))
                return -1;
            for (size_t i = 0; i < few; i++) {
                (*units)[*count] = some[i];
                (*units)[(*count)++].first += at;
            }
            free(some);
        }
        at = end < cell_count ? end + kept->units[k].count : cell_count;
        k++;
    }
    return 0;
}

/* A grid that is kept, and that nobody limits, is cut into passes of like length. */
static struct work_limits pass_limits(const struct run_request *request, size_t cell_count, bool keeps)
{
    struct work_limits limits = run_unit_limits(request);
    uint64_t most = PASS_CELLS / (1 + limits.changed);

    most = most > limits.together ? most : limits.together;
    if (!limits.cells && !limits.bytes && keeps && !request->bounds && cell_count > most) {
        uint64_t passes = (cell_count + most - 1) / most, groups = cell_count / limits.together;

        limits.cells = (groups + passes - 1) / passes * limits.together;
    }
    return limits;
}

/* Of kept cells and new ones, in the order of the grid. */
static int join(struct pieces *kept, struct pieces *fresh, const char *trace, size_t cell_count, struct run *run,
                struct error *error)
{
    size_t count = kept->count + fresh->count;
    struct run *parts = xcalloc(count, sizeof *parts);
    struct span *spans = xcalloc(count, sizeof *spans);
    const char **names = xcalloc(count, sizeof *names);
    int status = 0;

    for (size_t i = 0, k = 0, f = 0; i < count; i++) {
        bool from_kept = f == fresh->count || (k < kept->count && kept->units[k].first < fresh->units[f].first);
        struct pieces *from = from_kept ? kept : fresh;
        size_t *next = from_kept ? &k : &f;

        parts[i] = from->runs[*next];
        from->runs[*next] = (struct run){0};
        spans[i] = (struct span){from->units[*next].first, from->units[*next].count};
        names[i] = trace;
        ++*next;
    }
    if (count == 1) {
        *run = parts[0];
        parts[0] = (struct run){0};
    } else {
        status = run_join(parts, names, spans, count, cell_count, run, error);
    }
    for (size_t i = 0; i < count; i++)
        run_release(&parts[i]);
    free(parts);
    free(spans);
    free(names);
    return status;
}

/* The units that are missing, pass by pass; `keeps`: each cell has a file then. */
static int replay_missing(struct run_request *request, const struct option_set *set, const struct work_unit *units,
                          size_t count, const struct work_limits *limits, size_t kept, size_t cell_count, bool keeps,
                          struct pieces *fresh, struct error *error)
{
    size_t ended = kept;
    int status = 0;

    for (size_t i = 0; i < count && !status; i++) {
        char what[80];

        snprintf(what, sizeof what, "%zu of %zu cells have ended; ", ended, cell_count);
        fresh->units[fresh->count] = units[i];
        status = run_replay_unit(request, set, &units[i], count > 1 || kept ? what : NULL, &fresh->runs[fresh->count],
                                 error);
        fresh->count++;
        if (!status && keeps)
            status = keep_cells(request->output.directory, &fresh->runs[i], &units[i], (size_t)limits->together, error);
        ended += units[i].count;
    }
    if (status && keeps && (kept || fresh->count > 1))
        stop_explains(error, ": what has ended is kept; the same command goes on behind it");
    else if (status)
        stop_explains(error, "");
    return status;
}

static int replay_cells(struct run_request *request, const struct option_set *set, bool keeps, struct run *run,
                        struct error *error)
{
    size_t cell_count, count = 0, kept_cells = 0;
    struct cell_config *cells = run_request_cells(request, &cell_count);
    struct work_limits limits = pass_limits(request, cell_count, keeps);
    struct pieces kept = keeps ? find_kept(request, set, cells, cell_count, (size_t)limits.together) : pieces_of(1);
    struct pieces fresh = pieces_of(cell_count + 1);
    struct work_unit *units = NULL;
    struct work_trace trace = {0};
    int status = 0;

    for (size_t i = 0; i < kept.count; i++)
        kept_cells += kept.units[i].count;
    if (limits.bytes && kept_cells < cell_count) {
        stop_on_signals();
        status = run_request_measure(request, &trace, error);
    }
    if (!status)
        status = cut_missing(cells, cell_count, &kept, trace.keys, &limits, &units, &count, error);
    if (!status && kept.count) {
        request->warmup.is_found = true;
        request->warmup.found_us = kept.runs[0].warmup_us;
        request->warmup.found_none = kept.runs[0].warmup_missed;
        note("%zu of %zu cells of the grid were in %s already", kept_cells, cell_count, request->output.directory);
    }
    if (!status && count > 1)
        status = run_request_find_warmup(request, units, count, error);
    if (!status)
        status = replay_missing(request, set, units, count, &limits, kept_cells, cell_count, keeps, &fresh, error);
    if (!status)
        status = join(&kept, &fresh, request->trace.path, cell_count, run, error);
    pieces_release(&kept);
    pieces_release(&fresh);
    free(units);
    free(cells);
    return status;
}

int run_check_units(const struct run_request *request, struct error *error)
{
    const char *other = request->budget ? "--budget" : request->explain_text ? "--explain" : NULL;

    if (!other)
        return 0;
    return error_set(error, ERROR_USAGE,
                     "%s needs all cells in one reading: not with --unit-cells, --memory-limit or a plan", other);
}

int run_replay(struct run_request *request, const struct option_set *set, struct run *run, struct error *error)
{
    bool is_limited = request->limits.cells || request->limits.bytes;
    bool is_rereadable = trace_is_rereadable(request->trace.path);
    struct error ignored = {0};

    if (is_limited && run_check_units(request, error))
        return -1;
    if (is_limited && !is_rereadable)
        return error_set(error, ERROR_USAGE,
                         "--unit-cells and --memory-limit read the trace more than once: give a file, or leave them "
                         "out");
    if (run_request_find_sizes(request, error)) {
        stop_explains(error, "");
        return -1;
    }
    return replay_cells(request, set, request->output.directory && is_rereadable && !run_check_units(request, &ignored),
                        run, error);
}
