/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figure.h"

#include "reports/gnuplot.h"
#include "reports/json_values.h"
#include "sim/alloc.h"
#include "sim/output.h"
#include "sim/output_stage.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The run is divided into this many windows: enough to show a day's wave, and few enough that each has steady
 * ratios. */
enum { WINDOWS = 25 };

static double duration_of(const struct run *run)
{
    int64_t end_us = 0;

    for (size_t i = 0; i < run->result_count; i++) {
        const struct curve *curve = &run->results[i].curve;

        if (curve->count && curve->samples[curve->count - 1].time_us > end_us)
            end_us = curve->samples[curve->count - 1].time_us;
    }
    return (double)end_us / 1e6;
}

struct time_unit figure_time_unit(double duration_s)
{
    static const struct {
        double up_to_s;
        struct time_unit unit;
    } units[] = {
        {180, {1, "seconds"}}, {10800, {60, "minutes"}}, {259200, {3600, "hours"}}, {INFINITY, {86400, "days"}}};
    size_t i = 0;

    while (duration_s >= units[i].up_to_s && i + 1 < sizeof units / sizeof *units)
        i++;
    return units[i].unit;
}

static void choose_units(struct plan *plan)
{
    double duration = duration_of(plan->run);
    struct time_unit unit = figure_time_unit(duration);

    plan->time_unit_s = unit.seconds;
    plan->time_name = unit.name;
    plan->time_is_made_up = intake_is_untimed(&plan->run->intake, plan->run->commands);
    plan->rate_unit_s = duration < 600 ? 1 : 60;
    plan->rate_name = duration < 600 ? "second" : "minute";
}

void plan_time_title(const struct plan *plan, char text[FIGURE_TEXT])
{
    snprintf(text, FIGURE_TEXT, "time since the first request (%s)%s", plan->time_name,
             plan->time_is_made_up ? ", made up" : "");
}

static uint64_t highest_bytes(const struct group_curve *curve)
{
    uint64_t highest = 0;

    for (size_t i = 0; i < curve->count; i++)
        highest = curve->points[i].bytes > highest ? curve->points[i].bytes : highest;
    return highest;
}

size_t plan_group(const struct plan *plan, const char *name)
{
    size_t at = 0;

    while (at < plan->group_count && strcmp(plan->groups[at], name) != 0)
        at++;
    return at;
}

/* Puts the group where it belongs by its bytes; one that is there may rise. */
static void place_group(struct plan *plan, uint64_t *bytes, const char *name, uint64_t highest)
{
    size_t at = plan_group(plan, name);

    if (at == plan->group_count) {
        if (plan->group_count < PLAN_GROUPS)
            plan->group_count++;
        else if (bytes[--at] >= highest)
            return;
        bytes[at] = 0;
    }
    if (at < plan->group_count && bytes[at] >= highest && plan->groups[at])
        return;
    for (; at && bytes[at - 1] < highest; at--) {
        plan->groups[at] = plan->groups[at - 1];
        bytes[at] = bytes[at - 1];
    }
    plan->groups[at] = name;
    bytes[at] = highest;
}

static void choose_groups(struct plan *plan)
{
    uint64_t bytes[PLAN_GROUPS] = {0};

    for (size_t i = 0; i < plan->run->result_count; i++)
        for (size_t j = 0; j < plan->run->results[i].group_curve_count; j++) {
            const struct group_curve *curve = &plan->run->results[i].group_curves[j];

            if (strcmp(curve->name, GROUP_CURVES_REST) != 0)
                place_group(plan, bytes, curve->name, highest_bytes(curve));
        }
}

static void place_groups(struct plan *plan)
{
    const struct run *run = plan->run;

    for (size_t i = 0; i < run->result_count; i++)
        if (run->results[i].group_curve_count > plan->group_stride)
            plan->group_stride = run->results[i].group_curve_count;
    plan->group_places = xcalloc(run->result_count * plan->group_stride + 1, sizeof *plan->group_places);
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t j = 0; j < run->results[i].group_curve_count; j++)
            plan->group_places[i * plan->group_stride + j] =
                (uint8_t)plan_group(plan, run->results[i].group_curves[j].name);
}

void plan_init(struct plan *plan, const struct run *run)
{
    size_t samples;

    *plan = (struct plan){.run = run, .list = cell_list_make(run)};
    plan->table = cell_table_make(&plan->list);
    samples = cell_samples(plan->list.cells[0]);
    plan->window_us = run->results[0].curve.interval_us * (int64_t)(samples / WINDOWS ? samples / WINDOWS : 1);
    choose_units(plan);
    choose_groups(plan);
    place_groups(plan);
}

void plan_release(struct plan *plan)
{
    free(plan->group_places);
    cell_table_release(&plan->table);
    cell_list_release(&plan->list);
}

size_t plan_group_count(const struct plan *plan)
{
    size_t count = 0;

    for (size_t first = 0; first < plan->list.count; first = cell_list_group_end(&plan->list, first))
        count++;
    return count;
}

struct legend plan_legend(const struct plan *plan)
{
    return (struct legend){.names = plan->table.policies, .entries = plan->table.policy_count};
}

size_t plan_policy(const struct plan *plan, const struct cell *cell)
{
    size_t i = 0;

    while (strcmp(plan->table.policies[i], cell->results->policy) != 0)
        i++;
    return i;
}

size_t plan_window(const struct plan *plan, const struct cell *cell)
{
    int64_t interval_us = cell->results->curve.interval_us;

    return interval_us && plan->window_us > interval_us ? (size_t)(plan->window_us / interval_us) : 1;
}

double plan_duration_s(const struct plan *plan)
{
    return duration_of(plan->run);
}

void plan_window_text(const struct plan *plan, char *text)
{
    char *last;

    print_duration(text, plan->window_us);
    last = strrchr(text, ' ');
    if (last && strncmp(last, " 00", 3) == 0)
        *last = '\0';
}

void plan_panel_title(const struct result *result, char *text)
{
    char maxmemory[UNITS_TEXT], server[CELL_SERVER_TEXT];

    if (result->unit_sizes)
        print_count(maxmemory, result->maxmemory);
    else
        print_maxmemory(maxmemory, result->maxmemory);
    cell_server_print(result, server, sizeof server);
    snprintf(text, FIGURE_TEXT, "%s, %s%s", server, result->maxmemory ? "maxmemory " : "no limit",
             result->maxmemory ? maxmemory : "");
}

void plan_panel_name(const struct plan *plan, const struct result *result, char *text)
{
    char whole[FIGURE_TEXT], server[CELL_SERVER_TEXT];

    plan_panel_title(result, whole);
    cell_server_print(result, server, sizeof server);
    snprintf(text, FIGURE_TEXT, "%s", whole + (cell_list_has_servers(&plan->list) ? 0 : strlen(server) + 2));
}

void figure_write_data(const void *figure_of, FILE *out)
{
    const struct figure_of *of = figure_of;

    of->figure->kind->write_data(of->plan, of->figure, out);
}

struct range range_empty(void)
{
    return (struct range){INFINITY, -INFINITY};
}

json_t *figure_layout(const char *title, const char *x_name, const char *y_name)
{
    json_t *layout = json_object(), *axes = json_object();

    json_object_set_new(axes, "x", json_from_text(x_name));
    json_object_set_new(axes, "y", json_from_text(y_name));
    json_object_set_new(layout, "title", json_from_text(title));
    json_object_set_new(layout, "axes", axes);
    json_object_set_new(layout, "panels", json_array());
    return layout;
}

json_t *figure_layout_panel(json_t *layout, const char *title)
{
    json_t *panel = json_object();

    json_object_set_new(panel, "title", json_from_text(title));
    json_array_append_new(json_object_get(layout, "panels"), panel);
    return panel;
}

void figure_layout_series(json_t *panel, size_t policy)
{
    if (!json_object_get(panel, "series"))
        json_object_set_new(panel, "series", json_array());
    json_array_append_new(json_object_get(panel, "series"), json_integer((json_int_t)policy));
}

void range_widen(struct range *range, double value)
{
    if (isfinite(value)) {
        range->lowest = fmin(range->lowest, value);
        range->highest = fmax(range->highest, value);
    }
}

void figure_put_value(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.17g", value);
    else
        fputs("NaN", out);
}

void figure_remove(const char *directory, const char *name)
{
    static const char *const kinds[] = {"dat", "gp", "svg", "png", "pdf"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char file[256];

        snprintf(file, sizeof file, "%s.%s", name, kinds[i]);
        output_stale(directory, file);
    }
}

static int open_file(struct output *output, const char *directory, const char *name, const char *suffix,
                     struct error *error)
{
    char file[256];

    snprintf(file, sizeof file, "%s.%s", name, suffix);
    return output_open(output, directory, file, error);
}

int figure_write_inputs(const char *directory, const char *name, figure_write_fn *data, figure_script_fn *script,
                        const void *what, const struct figure_frame *frame, struct error *error)
{
    struct output output;

    if (open_file(&output, directory, name, "dat", error))
        return -1;
    data(what, output.file);
    if (output_close(&output, error) || open_file(&output, directory, name, "gp", error))
        return -1;
    script(what, frame, output.file);
    return output_close(&output, error);
}

int figure_write(const char *directory, const char *name, figure_write_fn *data, figure_script_fn *script,
                 const void *what, const struct outcome *outcome, struct error *error)
{
    const struct figure_frame frame = figure_frame_of(outcome);

    if (!figure_is_wished(frame.wishes, name))
        return 0;
    if (figure_write_inputs(directory, name, data, script, what, &frame, error))
        return -1;
    return gnuplot_draw(directory, name, figure_forms(frame.wishes), GNUPLOT_SECONDS, error);
}

const char *figure_subject(const struct figure *figure, const struct run *run, char *text, size_t bytes)
{
    bool is_least = false;

    for (size_t i = 0; i < run->result_count; i++)
        is_least |= figure->is_least && *(const bool *)((const char *)&run->results[i] + figure->is_least);
    snprintf(text, bytes, "%s%s", figure->subject, is_least ? ", lower bounds" : "");
    return text;
}

void figure_put_warmup(const struct run *run, FILE *out)
{
    char warmup[UNITS_TEXT];

    if (run->warmup_us)
        fprintf(out, "; without the first %s", print_duration(warmup, run->warmup_us));
}

void figure_name_warmup(const struct run *run, const struct figure *figure, FILE *out)
{
    char warmup[UNITS_TEXT];

    if (run->warmup_us)
        fprintf(out, "; %s: the warm-up of %s, which totals leave out", figure->stack ? "paler" : "shaded",
                print_duration(warmup, run->warmup_us));
}

/* Areas are paler there. The label is where less is drawn: bytes and areas have room at the foot, lines at the top; on the side
 * that is wider. */
void figure_shade_warmup(const struct plan *plan, const struct figure *figure, FILE *out)
{
    double end = (double)plan->run->warmup_us / 1e6 / plan->time_unit_s;
    bool is_late = end > plan_duration_s(plan) / plan->time_unit_s / 2;
    bool is_low = figure->stack || figure->scale == FIGURE_BYTES;

    if (!plan->run->warmup_us)
        return;
    fprintf(out, "set object 9 rectangle from graph 0, graph 0 to first %.9g, graph 1 %s noborder\n", end,
            figure->stack ? "front fc rgb '#FFFFFF' fs transparent solid 0.6" : "behind fc rgb '#EBEBEB' fs solid 1");
    fprintf(out,
            "set arrow 9 from first %.9g, graph 0 to first %.9g, graph 1 nohead front lc rgb '#303030' lw 0.9 dt "
            "(3,3)\n",
            end, end);
    fprintf(out,
            "set label 9 'warm-up ends' at first %.9g, graph %d %s offset %s0.5,%s0.7 textcolor rgb '#303030' front\n",
            end, !is_low, is_late ? "right" : "left", is_late ? "-" : "", is_low ? "" : "-");
}
