/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect_csv: the data of the figures of a portrait, a file each: the columns are the fields of sim/inspect/portrait.h. Times
 * are microseconds since the trace's first request, sizes bytes; what is not known is empty. */
#include "reports/csv.h"
#include "reports/csv_struct.h"
#include "sim/inspect/portrait.h"
#include "sim/report.h"

static void put_lines(const struct layout *layout, const void *array, size_t count, FILE *out)
{
    csv_struct_titles(layout, out);
    for (size_t i = 0; i < count; i++)
        csv_struct_line(layout, (const char *)array + i * layout->size, out);
}

static int write_rate(const struct outcome *outcome, FILE *out, struct error *error)
{
    (void)error;
    put_lines(&rate_point_layout, outcome->portrait->rate_points, outcome->portrait->rate_point_count, out);
    return 0;
}

static int write_working_sets(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct portrait *portrait = outcome->portrait;

    (void)error;
    put_lines(&working_set_point_layout, portrait->working_set_points, portrait->working_set_point_count, out);
    return 0;
}

static int write_reuse(const struct outcome *outcome, FILE *out, struct error *error)
{
    (void)error;
    put_lines(&reuse_cell_layout, outcome->portrait->reuse_cells, outcome->portrait->reuse_cell_count, out);
    return 0;
}

static int write_sizes(const struct outcome *outcome, FILE *out, struct error *error)
{
    (void)error;
    put_lines(&size_point_layout, outcome->portrait->size_points, outcome->portrait->size_point_count, out);
    return 0;
}

static int write_popularity(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct popularity *popularity = &outcome->portrait->popularity;

    (void)error;
    put_lines(&popularity_point_layout, popularity->points, popularity->point_count, out);
    return 0;
}

/* Of all servers: the prefixes at every sample. */
static int write_memory(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = &outcome->portrait->run;

    (void)error;
    fputs("server,time_s,prefix,keys,bytes\n", out);
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t g = 0; g < run->results[i].group_curve_count; g++) {
            const struct group_curve *curve = &run->results[i].group_curves[g];

            for (size_t k = 0; k < curve->count && k < run->results[i].curve.count; k++) {
                csv_text(out, run->results[i].server, false);
                csv_seconds(out, run->results[i].curve.samples[k].time_us, false);
                csv_text(out, curve->name, false);
                csv_count(out, curve->points[k].keys, false);
                csv_count(out, curve->points[k].bytes, true);
            }
        }
    return 0;
}

/* Every number that is not one of many, of the trace and of each server. */
static int write_numbers(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct portrait *portrait = outcome->portrait;

    (void)error;
    fputs("server,name,value\n", out);
    csv_struct_names(&portrait_layout, portrait, "run", "", out);
    for (size_t i = 0; i < portrait->server_count; i++)
        csv_struct_names(&holdings_layout, &portrait->servers[i], "server", portrait->servers[i].server, out);
    return 0;
}

const struct report report_inspect_numbers_csv = {
    .name = "inspect.csv",
    .table = "numbers",
    .summary = "every number of inspect.json that is not one of a list: of the trace, and of each server",
    .takes = OUTCOME_PORTRAIT,
    .print = PRINT_CSV,
    .write = write_numbers,
};

const struct report report_inspect_rate_csv = {
    .name = "rate.csv",
    .table = "rate",
    .summary = "requests over time",
    .takes = OUTCOME_PORTRAIT,
    .write = write_rate,
};

const struct report report_inspect_working_sets_csv = {
    .name = "working-sets.csv",
    .table = "working_sets",
    .summary = "keys that are named in each minute, hour and day, and their bytes",
    .takes = OUTCOME_PORTRAIT,
    .write = write_working_sets,
};

const struct report report_inspect_reuse_csv = {
    .name = "reuse.csv",
    .table = "reuse",
    .summary = "when keys were named again, and how long after",
    .takes = OUTCOME_PORTRAIT,
    .write = write_reuse,
};

const struct report report_inspect_sizes_csv = {
    .name = "value-sizes.csv",
    .table = "value_sizes",
    .summary = "the share of values that are no larger",
    .takes = OUTCOME_PORTRAIT,
    .write = write_sizes,
};

const struct report report_inspect_popularity_csv = {
    .name = "popularity.csv",
    .table = "popularity",
    .summary = "requests by rank, and those of the fitted line",
    .takes = OUTCOME_PORTRAIT,
    .write = write_popularity,
};

const struct report report_inspect_memory_csv = {
    .name = "prefixes.csv",
    .table = "prefixes",
    .summary = "keys and bytes by prefix over time",
    .takes = OUTCOME_PORTRAIT,
    .write = write_memory,
};
