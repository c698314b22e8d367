/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figures: the curves of a run as pictures, through gnuplot; of a diagnosis, those of the server as it is.
 *
 * Each figure is four files of one name in figures/: data (.dat), script (.gp) and two pictures (.svg, .png). The data
 * and scripts of all figures are written first, so they are there even if gnuplot is not installed. captions.txt says
 * what each figure shows, and why one is missing. */
#include "reports/figure.h"
#include "reports/gnuplot.h"
#include "sim/output.h"
#include "sim/advice/diagnosis.h"
#include "sim/inspect/portrait.h"
#include "sim/report.h"

#include <stdlib.h>

/* In the order of the captions. */
static const struct {
    const struct figure *figures;
    size_t count;
} kinds[] = {
    {figures_over_time, FIGURES_OVER_TIME},       {figures_stacked, FIGURES_STACKED},
    {figures_of_evictions, FIGURES_OF_EVICTIONS}, {figures_heat, FIGURES_HEAT},
    {figures_by_maxmemory, FIGURES_BY_MAXMEMORY}, {figures_of_shards, FIGURES_OF_SHARDS},
};

enum {
    ALL_FIGURES = FIGURES_OVER_TIME + FIGURES_STACKED + FIGURES_OF_EVICTIONS + FIGURES_HEAT + FIGURES_BY_MAXMEMORY +
                  FIGURES_OF_SHARDS
};

const size_t figure_count = ALL_FIGURES;

const struct figure *figure_at(size_t index)
{
    size_t kind = 0;

    for (; index >= kinds[kind].count; kind++)
        index -= kinds[kind].count;
    return &kinds[kind].figures[index];
}

static void write_script(const void *what, const struct figure_frame *frame, FILE *out)
{
    const struct figure_of *drawing = what;

    (void)frame; /* the plan has it */
    drawing->figure->kind->write_script(drawing->plan, drawing->figure, out);
}

static const char *why_not_drawn(const struct plan *plan, const struct figure *figure)
{
    return figure_is_wished(plan->frame->wishes, figure->name) ? figure->kind->why_not(plan, figure)
                                                               : "--figures did not name it";
}

static int write_figure(const struct plan *plan, const struct figure *figure, const char *directory, FILE *captions,
                        struct error *error)
{
    const struct figure_of drawing = {plan, figure};
    const char *why_not = why_not_drawn(plan, figure);

    figure_remove(directory, figure->name);
    if (why_not) {
        fprintf(captions, "%s: not drawn: %s\n", figure->name, why_not);
        return 0;
    }
    figure->kind->write_caption(plan, figure, captions);
    return figure_write_inputs(directory, figure->name, figure_write_data, write_script, &drawing, plan->frame, error);
}

/* Of all figures, or of one kind. */
struct some {
    size_t first, end;
};

static int write_inputs(const struct plan *plan, struct some some, const char *directory, struct error *error)
{
    struct output captions;

    if (output_make_directory(directory, error) != 0 || output_open(&captions, directory, "captions.txt", error) != 0)
        return -1;
    for (size_t i = some.first; i < some.end && !error_is_set(error); i++)
        write_figure(plan, figure_at(i), directory, captions.file, error);
    return output_close(&captions, error);
}

static int draw(const struct plan *plan, struct some some, const char *directory, struct error *error)
{
    int status = 0;

    for (size_t i = some.first; i < some.end && !status; i++)
        if (!why_not_drawn(plan, figure_at(i)))
            status =
                gnuplot_draw(directory, figure_at(i)->name, figure_forms(plan->frame->wishes), GNUPLOT_SECONDS, error);
    return status;
}

static int write_some(const struct outcome *outcome, const struct run *run, struct some some, const char *directory,
                      struct error *error)
{
    const struct figure_frame frame = figure_frame_of(outcome);
    struct plan plan;
    char *figures;
    int status;

    if (run->result_count == 0)
        return 0;
    plan_init(&plan, run);
    plan.frame = &frame;
    figures = output_path(directory, "figures");
    status = write_inputs(&plan, some, figures, error);
    if (status == 0)
        status = draw(&plan, some, figures, error);
    free(figures);
    plan_release(&plan);
    return status;
}

static int write_files(const struct outcome *outcome, const char *directory, struct error *error)
{
    return write_some(outcome, outcome->run, (struct some){0, ALL_FIGURES}, directory, error);
}

/* What fills memory, and why reads miss, as it is. */
static const struct some stacked = {FIGURES_OVER_TIME, FIGURES_OVER_TIME + FIGURES_STACKED};

static int write_stacked(const struct outcome *outcome, const char *directory, struct error *error)
{
    return write_some(outcome, &outcome->diagnosis->run, stacked, directory, error);
}

static int write_unlimited(const struct outcome *outcome, const char *directory, struct error *error)
{
    return write_some(outcome, &outcome->portrait->run, stacked, directory, error);
}

static const char *figure_of_run(size_t index)
{
    return index < ALL_FIGURES ? figure_at(index)->name : NULL;
}

static const char *figure_stacked(size_t index)
{
    return index < FIGURES_STACKED ? figures_stacked[index].name : NULL;
}

const struct report report_figures = {
    .name = "figures",
    .summary = "SVG and PNG figures through gnuplot, with their data and scripts",
    .takes = OUTCOME_RUN,
    .write_files = write_files,
    .figure = figure_of_run,
};

const struct report report_doctor_figures = {
    .name = "figures of the server as it is",
    .summary = "what fills its memory and why its reads miss, stacked over time, as SVG and PNG through gnuplot",
    .takes = OUTCOME_DIAGNOSIS,
    .write_files = write_stacked,
    .figure = figure_stacked,
};

const struct report report_inspect_figures = {
    .name = "figures of a server without a limit",
    .summary = "what fills its memory, by part and by prefix, stacked over time, as SVG and PNG through gnuplot",
    .takes = OUTCOME_PORTRAIT,
    .write_files = write_unlimited,
    .figure = figure_stacked,
};
