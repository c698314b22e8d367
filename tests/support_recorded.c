/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support_recorded.h"

#include "policies/registry.h"
#include "sim/alloc.h"
#include "sim/input/reader.h"
#include "sim/engine/sweep.h"
#include "sim/units.h"
#include "sim/server/profile.h"
#include "sim/server/registry.h"
#include "traces/registry.h"

#include <gsl/gsl_statistics_double.h>
#include <jansson.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const recorded_names[RECORDED_COUNTERS] = {
    "hits", "evicted", "expired", "oom", "keys", "expires", "used_memory", "used_memory_peak",
};

enum { CELL_RUNS = 32 };

/* A cell while it is being filled. */
struct work {
    struct recorded_cell cell;
    double baseline[CELL_RUNS];
    double real[CELL_RUNS][RECORDED_COUNTERS], real_hit_ratio[CELL_RUNS];
    bool lookaside;
};

struct work_list {
    struct work *works;
    size_t count;
};

static double number(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value ? value : "";
}

static const char *fallback; /* see recorded_take_for() */

void recorded_take_for(const char *model)
{
    fallback = model;
}

static const struct server *model_of(const char *server)
{
    const struct server *model = server_find(server);

    return model || !fallback ? model : server_find(fallback);
}

static bool is_modeled(const json_t *row)
{
    return model_of(text(row, "server")) && policy_find(text(row, "policy")) && !*text(row, "options");
}

static struct work *work_of(struct work_list *list, const json_t *row)
{
    struct work *work;
    uint64_t maxmemory = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct recorded_cell *cell = &list->works[i].cell;

        if (!strcmp(cell->server, text(row, "server")) && !strcmp(cell->trace, text(row, "trace")) &&
            !strcmp(cell->policy, text(row, "policy")))
            return &list->works[i];
    }
    list->works = xrealloc(list->works, (list->count + 1) * sizeof *list->works);
    work = &list->works[list->count++];
    memset(work, 0, sizeof *work);
    snprintf(work->cell.server, sizeof work->cell.server, "%s", text(row, "server"));
    snprintf(work->cell.trace, sizeof work->cell.trace, "%s", text(row, "trace"));
    snprintf(work->cell.policy, sizeof work->cell.policy, "%s", text(row, "policy"));
    scan_bytes(text(row, "maxmemory"), &maxmemory);
    work->cell.maxmemory = (double)maxmemory;
    work->lookaside = !strcmp(text(row, "mode"), "lookaside");
    return work;
}

static void add_run(struct work_list *list, const json_t *row)
{
    const json_t *result = json_object_get(row, "result");
    struct work *work = work_of(list, row);
    size_t run = work->cell.runs;

    if (run == CELL_RUNS)
        return;
    work->cell.runs++;
    work->baseline[run] = number(result, "base_memory");
    work->real_hit_ratio[run] = 100 * number(result, "hits") / number(result, "reads");
    for (int i = 0; i < RECORDED_COUNTERS; i++)
        work->real[run][i] = number(result, recorded_names[i]);
}

static int read_rows(const char *shared, struct work_list *list, struct error *error)
{
    char path[4096], *line = NULL;
    size_t capacity = 0;
    FILE *in;

    snprintf(path, sizeof path, "%s/servers.jsonl", shared);
    in = fopen(path, "r");
    if (!in)
        return 1;
    while (getline(&line, &capacity, in) > 0) {
        json_t *row = json_loads(line, 0, NULL);

        if (!row) {
            error_set(error, ERROR_INPUT, "%s: not JSON", path);
            break;
        }
        if (is_modeled(row))
            add_run(list, row);
        json_decref(row);
    }
    free(line);
    fclose(in);
    return error_is_set(error) ? -1 : 0;
}

static struct recorded_moments moments(const double *values, size_t count)
{
    if (gsl_stats_min(values, 1, count) == gsl_stats_max(values, 1, count))
        return (struct recorded_moments){values[0], 0};
    return (struct recorded_moments){gsl_stats_mean(values, 1, count), gsl_stats_sd(values, 1, count)};
}

static double simulated_counter(const struct result *result, enum recorded_counter counter)
{
    switch (counter) {
    case RECORDED_HITS:
        return (double)result->counters.hits;
    case RECORDED_EVICTED:
        return (double)result->counters.evicted_keys;
    case RECORDED_EXPIRED:
        return (double)result->counters.expired_keys;
    case RECORDED_OOM:
        return (double)result->counters.oom_rejections;
    case RECORDED_KEYS:
        return (double)result->counters.keys;
    case RECORDED_EXPIRES:
        return (double)result->counters.expires;
    case RECORDED_USED_MEMORY:
        return (double)result->counters.used_memory;
    case RECORDED_USED_MEMORY_PEAK:
        return (double)result->counters.used_memory_peak;
    case RECORDED_COUNTERS:
        break;
    }
    return NAN;
}

static double mean_used_memory(const struct result *results, size_t seeds, int64_t time_us)
{
    double sum = 0;

    for (size_t n = 0; n < seeds; n++) {
        const struct curve *curve = &results[n].curve;
        size_t i = 0;

        while (i + 1 < curve->count && curve->samples[i].time_us < time_us)
            i++;
        sum += (double)curve->samples[i].used_memory;
    }
    return sum / (double)seeds;
}

/* The server's curve is of one run; its columns begin with seconds and used_memory. */
static double curve_error(const char *shared, const struct recorded_cell *cell, const struct result *results)
{
    char path[4096], line[512];
    double seconds, used, sum = 0;
    size_t points = 0;
    FILE *in;

    snprintf(path, sizeof path, "%s/curves/%.*s.%s.%s.csv", shared, (int)strcspn(cell->trace, "."), cell->trace,
             cell->server, cell->policy);
    in = fopen(path, "r");
    if (!in)
        return NAN;
    while (fgets(line, sizeof line, in)) {
        if (sscanf(line, "%lf,%lf", &seconds, &used) != 2)
            continue;
        sum += fabs(mean_used_memory(results, cell->seeds, (int64_t)(seconds * 1e6)) - used);
        points++;
    }
    fclose(in);
    return points ? 100 * sum / (double)points / cell->maxmemory : NAN;
}

static void summarize(const char *shared, struct work *work, const struct result *results)
{
    struct recorded_cell *cell = &work->cell;
    const struct server_profile *profile = model_of(cell->server)->profile;
    double *values = xcalloc(cell->seeds > CELL_RUNS ? cell->seeds : CELL_RUNS, sizeof *values);

    for (int c = 0; c < RECORDED_COUNTERS; c++) {
        for (size_t run = 0; run < cell->runs; run++)
            values[run] = work->real[run][c];
        cell->real[c] = moments(values, cell->runs);
        for (size_t n = 0; n < cell->seeds; n++)
            values[n] = simulated_counter(&results[n], (enum recorded_counter)c);
        cell->simulated[c] = moments(values, cell->seeds);
    }
    for (size_t n = 0; n < cell->seeds; n++)
        values[n] = 100 * result_hit_ratio(&results[n]);
    cell->simulated_hit_ratio = moments(values, cell->seeds);
    cell->real_hit_ratio = moments(work->real_hit_ratio, cell->runs);
    cell->peak_is_chance = profile && profile->peak_by_allocator;
    cell->curve_error = curve_error(shared, cell, results);
    free(values);
}

static void set_options(struct simulation_options *options, const struct work *work, double baseline)
{
    recorded_options(options, baseline, 60000000);
    options->fill = work->lookaside;
}

void recorded_options(struct simulation_options *options, double baseline, int64_t info_every_us)
{
    memset(options, 0, sizeof *options);
    redis_config_init(&options->redis);
    options->baseline_memory = (uint64_t)baseline;
    options->info_every_us = info_every_us;
}

int recorded_replay(const char *path, const struct cell_config *configs, struct simulation_options *options,
                    size_t count, struct result *results, struct error *error)
{
    struct intake intake = {0};
    struct format_options format_options = {0};
    struct source *source = source_open(path, error);
    const struct format *format = source ? format_choose(source, "twitter", NULL, NULL, error) : NULL;
    struct reader *reader = format ? reader_open(source, format, &format_options, &intake, error) : NULL;
    int status = -1;
    bool assumed;

    for (size_t i = 0; reader && i < count; i++)
        options[i].start_unix_us = reader_start_unix_us(reader, &assumed);
    if (reader)
        status =
            sweep_run(reader, configs, count, (int)sysconf(_SC_NPROCESSORS_ONLN), NULL, NULL, results, NULL, error);
    reader_close(reader);
    source_close(source);
    return status;
}

/* No two cells of the table share a seed: their errors are independent. */
static uint64_t seed_of(size_t index, size_t n)
{
    enum { SEEDS_PER_CELL = 1000000 };

    return 1 + index * SEEDS_PER_CELL + n;
}

static size_t choose_seeds(struct work *works, size_t count, size_t seeds)
{
    size_t cells = 0;

    for (size_t i = 0; i < count; i++) {
        size_t per_run = (seeds + works[i].cell.runs - 1) / works[i].cell.runs;

        works[i].cell.seeds = per_run * works[i].cell.runs;
        cells += works[i].cell.seeds;
    }
    return cells;
}

/* Replays `count` works of the list from `first` on, which share a trace. */
static int replay(const char *shared, struct work_list *list, size_t first, size_t count, size_t seeds,
                  struct error *error)
{
    char path[4096];
    struct work *works = &list->works[first];
    size_t cells = choose_seeds(works, count, seeds), next = 0;
    struct cell_config *configs = xcalloc(cells, sizeof *configs);
    struct simulation_options *options = xcalloc(cells, sizeof *options);
    struct result *results = xcalloc(cells, sizeof *results);
    int status;

    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < works[i].cell.seeds; n++, next++) {
            set_options(&options[next], &works[i], works[i].baseline[n % works[i].cell.runs]);
            configs[next] = (struct cell_config){
                .server = model_of(works[i].cell.server),
                .policy = policy_find(works[i].cell.policy),
                .maxmemory = (uint64_t)works[i].cell.maxmemory,
                .seed = seed_of(first + i, n),
                .options = &options[next],
            };
        }
    }
    snprintf(path, sizeof path, "%s/%s.zst", shared, works[0].cell.trace);
    status = recorded_replay(path, configs, options, cells, results, error);
    next = 0;
    for (size_t i = 0; !status && i < count; next += works[i++].cell.seeds)
        summarize(shared, &works[i], &results[next]);
    for (size_t i = 0; i < cells; i++)
        result_release(&results[i]);
    free(configs);
    free(options);
    free(results);
    return status;
}

int recorded_compare(const char *shared, size_t seeds, struct recorded_cell **cells, size_t *count, struct error *error)
{
    struct work_list list = {0};
    char *golden = xmalloc(strlen(shared) + sizeof "/golden");
    int status;

    strcpy(golden, shared);
    strcat(golden, "/golden");
    if (access(golden, X_OK))
        *strrchr(golden, '/') = '\0';
    status = read_rows(golden, &list, error);

    for (size_t first = 0, end; !status && first < list.count; first = end) {
        for (end = first + 1; end < list.count && !strcmp(list.works[end].cell.trace, list.works[first].cell.trace);)
            end++;
        status = replay(golden, &list, first, end - first, seeds, error);
    }
    *count = list.count;
    *cells = xcalloc(list.count ? list.count : 1, sizeof **cells);
    for (size_t i = 0; i < list.count; i++)
        (*cells)[i] = list.works[i].cell;
    free(list.works);
    free(golden);
    return status;
}
