/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure: what a figure is, and what all figures of a run have in common.
 *
 * There are six kinds: over time (figure_over_time.c), with one panel per server and maxmemory; stacked over time
 * (figure_stacked.c), with one panel per cell; by maxmemory (figure_by_maxmemory.c), with one panel per server; of
 * evictions (figure_evictions.c) and of shards (figure_shards.c), with one panel per server and maxmemory; of who evicts whom
 * (figure_heat.c). A new figure of a kind is a line in the table at
 * the end of that file. figures.c writes the files of all of them and has them drawn. */
#ifndef REPORTS_FIGURE_H
#define REPORTS_FIGURE_H

#include "reports/figure_axis.h"
#include "reports/figure_lines.h"
#include "reports/figure_page.h"
#include "reports/grid.h"
#include "reports/histogram.h"

#include <jansson.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { FIGURE_TEXT = 512 }; /* a buffer for any title, axis name or caption */

enum { PLAN_GROUPS = 14 };

struct plan {
    const struct run *run;            /* not owned, with at least one result */
    const struct figure_frame *frame; /* likewise; NULL: nothing is drawn */
    struct cell_list list;
    struct cell_table table;
    int64_t window_us;               /* over which rates and ratios are taken */
    double time_unit_s, rate_unit_s; /* units that keep the numbers on the axes small */
    const char *time_name, *rate_name;
    bool time_is_made_up; /* the trace has none */
    /* Groups of keys (--by) that figures tell apart, the largest first: by the most that they have in any cell. */
    const char *groups[PLAN_GROUPS];
    size_t group_count;
    /* Which of them each curve of a group is: of the result at [i * group_stride] and on, in the order of its curves;
     * group_count: none of them. Owned. */
    uint8_t *group_places;
    size_t group_stride;
};

/* One that keeps the numbers on an axis of so much time small. */
struct time_unit {
    double seconds;
    const char *name;
};
struct time_unit figure_time_unit(double duration_s);

void plan_init(struct plan *plan, const struct run *run);
void plan_release(struct plan *plan);
size_t plan_group_count(const struct plan *plan);   /* of panels: servers and sizes */
struct legend plan_legend(const struct plan *plan); /* of its policies */
/* A policy's place in the legend, from 0: its style line is one more. */
size_t plan_policy(const struct plan *plan, const struct cell *cell);
/* The place of this group among the plan's; group_count: it is none of them. */
size_t plan_group(const struct plan *plan, const char *name);
double plan_duration_s(const struct plan *plan); /* of the longest curve */
/* "time since the first request (minutes)". */
void plan_time_title(const struct plan *plan, char text[FIGURE_TEXT]);
/* "48m" for a window of 48m 00s; into UNITS_TEXT bytes. */
void plan_window_text(const struct plan *plan, char *text);
/* "redis-7.2.6, maxmemory 4mb"; into FIGURE_TEXT bytes. */
void plan_panel_title(const struct result *result, char *text);
/* As short as it can be above a panel: without the server if there is no other. */
void plan_panel_name(const struct plan *plan, const struct result *result, char *text);
/* The window in samples of the cell's curves, at least 1. */
size_t plan_window(const struct plan *plan, const struct cell *cell);

/* What is stacked in a figure, from the bottom up. */
struct stack {
    size_t parts;             /* 0: as many as the plan has groups, and two: what is under them, and all other groups */
    const char *const *names; /* in the legend; of groups: of those two */
    const char *const *columns; /* in the data; likewise */
    const char *const *colours; /* of groups: of all that there may be */
    double (*value)(const struct plan *plan, struct cell cell, size_t sample, size_t window, size_t part);
};

/* Those that there are (stacks.c). */
extern const struct stack stack_misses_by_cause, stack_memory_by_part, stack_memory_by_group, stack_misses_by_group;

enum figure_scale { FIGURE_BYTES, FIGURE_PERCENT, FIGURE_RATE };

struct figure {
    const struct figure_kind *kind;
    const char *name;      /* of the files */
    const char *subject;   /* on the axis */
    const char *along;     /* on the other axis, of evictions */
    const char *column;    /* in the data */
    const char *when_zero; /* why it is not drawn when every value is 0; NULL: it is drawn */
    bool needs_rss;        /* it is drawn only with --rss */
    enum figure_scale scale;
    size_t is_least; /* offset of the bool in struct result that makes its values lower bounds; 0: none */
    double (*value)(struct cell cell, size_t sample, size_t window); /* over time */
    double (*ratio)(const struct result *result);                    /* by maxmemory */
    const struct stack *stack;                                       /* stacked */
    histogram_fn *histogram;                                         /* of evictions */
    double (*of_shard)(const struct shard *shard);                   /* of shards */
};

/* For captions of what is not over time: how much of the trace's beginning is left out, if it is. */
void figure_put_warmup(const struct run *run, FILE *out);
/* Likewise of what is over time, which leaves out nothing: what the shaded span is. */
void figure_name_warmup(const struct run *run, const struct figure *figure, FILE *out);
/* Shades the warm-up in a panel over time of such a figure, with its end labelled. Nothing without. */
void figure_shade_warmup(const struct plan *plan, const struct figure *figure, FILE *out);

/* The functions of a kind. They write; failed writes are found by whoever closes the stream. */
struct figure_kind {
    const char *(*why_not)(const struct plan *plan, const struct figure *figure); /* NULL: draw it */
    void (*write_data)(const struct plan *plan, const struct figure *figure, FILE *out);
    void (*write_script)(const struct plan *plan, const struct figure *figure, FILE *out);
    void (*write_caption)(const struct plan *plan, const struct figure *figure, FILE *out);
    /* For pages: "title", "axes" with the names of x and y, and "panels", each with a "title" and, unless it is one block of data,
     * as many "series" as it has blocks, in their order: places of policies. A kind may add more. A new reference. */
    const char *name;
    json_t *(*layout)(const struct plan *plan, const struct figure *figure);
};

/* What every layout begins with; likewise a panel, to which policies' places are added. `title`s are copied. */
json_t *figure_layout(const char *title, const char *x_name, const char *y_name);
json_t *figure_layout_panel(json_t *layout, const char *title);
void figure_layout_series(json_t *panel, size_t policy);

/* A figure of a plan; writes its data. */
struct figure_of {
    const struct plan *plan;
    const struct figure *figure;
};
void figure_write_data(const void *figure_of, FILE *out);

enum {
    FIGURES_OVER_TIME = 5,
    FIGURES_STACKED = 4,
    FIGURES_BY_MAXMEMORY = 2,
    FIGURES_OF_EVICTIONS = 2,
    FIGURES_HEAT = 1,
    FIGURES_OF_SHARDS = 3
};
extern const struct figure figures_over_time[FIGURES_OVER_TIME];
extern const struct figure figures_stacked[FIGURES_STACKED];
extern const struct figure figures_by_maxmemory[FIGURES_BY_MAXMEMORY];
extern const struct figure figures_of_evictions[FIGURES_OF_EVICTIONS];
extern const struct figure figures_heat[FIGURES_HEAT];
extern const struct figure figures_of_shards[FIGURES_OF_SHARDS];

/* All of them, in the order of the captions (figures.c). */
extern const size_t figure_count;
const struct figure *figure_at(size_t index);

/* A range that grows with the values it is shown; what is not finite is passed over. */
struct range {
    double lowest, highest; /* lowest > highest: nothing yet */
};
struct range range_empty(void);
void range_widen(struct range *range, double value);

/* As gnuplot reads it back identically; NaN is NaN, and leaves a gap. */
void figure_put_value(FILE *out, double value);

/* Removes the data, script and pictures that an earlier run wrote of a figure. If this run does not draw the
 * figure, the old one would be taken for its own. */
void figure_remove(const char *directory, const char *name);

/* Writes NAME.dat and NAME.gp. `what` is passed on. 0, or -1. */
typedef void figure_write_fn(const void *what, FILE *out);
typedef void figure_script_fn(const void *what, const struct figure_frame *frame, FILE *out);
int figure_write_inputs(const char *directory, const char *name, figure_write_fn *data, figure_script_fn *script,
                        const void *what, const struct figure_frame *frame, struct error *error);
/* Likewise, and has the pictures drawn (gnuplot_draw() says what it returns), if the outcome's wishes have the figure. */
int figure_write(const char *directory, const char *name, figure_write_fn *data, figure_script_fn *script,
                 const void *what, const struct outcome *outcome, struct error *error);

/* The subject, with ", lower bounds" behind it if any of the run's results is one (warnings.h). */
const char *figure_subject(const struct figure *figure, const struct run *run, char *text, size_t bytes);

#endif
