/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_stacked: what adds up to a whole, stacked over time: one panel per cell, the mean of the seeds.
 *
 * Rates are taken over a sliding window, as in the other figures over time. Areas have steps: a rate is that of the time
 * since the sample before. Bytes are those at the sample, under a line for maxmemory; a dotted line says when a write was first refused.
 * All panels have one scale. Parts that never occur are not in the legend.
 *
 * Where all policies of a server and maxmemory agree, one panel stands for them. A page shows MOST_PANELS, from the smallest
 * maxmemory on, where causes matter most; the caption says that there were more. */
#include "reports/figure.h"
#include "reports/figure_page.h"
#include "reports/json_values.h"
#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PANELS = 24, MOST_PARTS = 16 };

/* Of the first seed: when a write was first refused, in seconds; NaN: never. */
static double first_refusal(const struct cell *cell)
{
    const struct curve *curve = &cell->results[0].curve;

    for (size_t i = 0; i < curve->count; i++)
        if (curve->samples[i].oom_rejections)
            return (double)(i ? curve->samples[i - 1].time_us : 0) / 1e6;
    return NAN;
}

static double factor_of(const struct plan *plan, const struct figure *figure)
{
    return figure->scale == FIGURE_BYTES ? 1 : plan->rate_unit_s;
}

static size_t parts_of(const struct plan *plan, const struct stack *stack)
{
    return stack->parts ? stack->parts : plan->group_count + 2;
}

/* One of its names or columns. */
static const char *part_name(const struct plan *plan, const struct stack *stack, const char *const *names, size_t part)
{
    if (stack->parts)
        return names[part];
    if (part && part <= plan->group_count)
        return plan->groups[part - 1];
    return names[part != 0];
}

/* All other groups have the last colour. */
static const char *part_colour(const struct plan *plan, const struct stack *stack, size_t part)
{
    return stack->colours[!stack->parts && part == plan->group_count + 1 ? PLAN_GROUPS + 1 : part];
}

static double sum_at(const struct plan *plan, struct cell cell, const struct stack *stack, size_t index, size_t window)
{
    double sum = 0;

    for (size_t part = 0; part < parts_of(plan, stack); part++)
        sum += stack->value(plan, cell, index, window, part);
    return sum;
}

/* Whether both have the same curves of this figure. */
static bool same_curves(const struct plan *plan, struct cell a, struct cell b, const struct stack *stack)
{
    size_t samples = cell_samples(a);

    if (samples != cell_samples(b))
        return false;
    for (size_t i = 0; i < samples; i++)
        for (size_t part = 0; part < parts_of(plan, stack); part++)
            if (stack->value(plan, a, i, 1, part) != stack->value(plan, b, i, 1, part))
                return false;
    return true;
}

/* Where all policies of a server and maxmemory agree, one panel says it. */
static bool is_alike(const struct plan *plan, const struct stack *stack, size_t first, size_t end)
{
    for (size_t i = first + 1; i < end; i++)
        if (!same_curves(plan, plan->list.cells[first], plan->list.cells[i], stack))
            return false;
    return end - first > 1;
}

/* The cells that are drawn. */
struct choice {
    const struct cell *cells[MOST_PANELS];
    bool for_all[MOST_PANELS]; /* all policies agree with this one */
    size_t count;
    size_t left_out; /* for which there is no panel */
};

/* From the smallest maxmemory on. */
static struct choice choose(const struct plan *plan, const struct stack *stack)
{
    struct choice choice = {0};

    for (size_t size = 0; size < plan->table.size_count; size++)
        for (size_t first = 0, end; first < plan->list.count; first = end) {
            bool all;

            end = cell_list_group_end(&plan->list, first);
            if (plan->list.cells[first].results->maxmemory != plan->table.sizes[size])
                continue;
            all = is_alike(plan, stack, first, end);
            for (size_t i = first; i < (all ? first + 1 : end); i++) {
                if (!cell_samples(plan->list.cells[i]))
                    continue;
                if (choice.count == MOST_PANELS) {
                    choice.left_out++;
                    continue;
                }
                choice.for_all[choice.count] = all;
                choice.cells[choice.count++] = &plan->list.cells[i];
            }
        }
    return choice;
}

static struct range range_of(const struct plan *plan, const struct figure *figure, const struct choice *choice)
{
    struct range range = range_empty();

    for (size_t i = 0; i < choice->count; i++) {
        size_t window = plan_window(plan, choice->cells[i]), samples = cell_samples(*choice->cells[i]);

        for (size_t j = 0; j < samples; j++) {
            range_widen(&range, sum_at(plan, *choice->cells[i], figure->stack, j, window));
            if (figure->scale == FIGURE_BYTES)
                range_widen(&range, (double)choice->cells[i]->results->curve.samples[j].maxmemory);
        }
    }
    return range;
}

static bool occurs(const struct plan *plan, const struct figure *figure, const struct choice *choice, size_t part)
{
    for (size_t i = 0; i < choice->count; i++) {
        size_t window = plan_window(plan, choice->cells[i]), samples = cell_samples(*choice->cells[i]);

        for (size_t j = 0; j < samples; j++)
            if (figure->stack->value(plan, *choice->cells[i], j, window, part) > 0)
                return true;
    }
    return false;
}

/* A row begins at from_s and holds up to the next one; the last one ends the curve. */
static void write_row(const struct plan *plan, struct cell cell, const struct figure *figure, double from_s,
                      size_t index, size_t window, FILE *out)
{
    fprintf(out, "%.6f", from_s);
    for (size_t part = 0; part < parts_of(plan, figure->stack); part++) {
        putc(' ', out);
        figure_put_value(out, figure->stack->value(plan, cell, index, window, part));
    }
    if (figure->scale == FIGURE_BYTES)
        fprintf(out, " %" PRIu64, cell.results->curve.samples[index].maxmemory);
    putc('\n', out);
}

static double time_of(struct cell cell, size_t index)
{
    return (double)cell.results->curve.samples[index].time_us / 1e6;
}

/* The name of a group may have anything in it. */
static void put_column(const char *name, FILE *out)
{
    putc(' ', out);
    for (; *name; name++)
        putc(*name <= ' ' ? '_' : *name, out);
}

static void write_data(const struct plan *plan, const struct figure *figure, FILE *out)
{
    struct choice choice = choose(plan, figure->stack);

    for (size_t i = 0; i < choice.count; i++) {
        struct cell cell = *choice.cells[i];
        size_t window = plan_window(plan, &cell), samples = cell_samples(cell);

        fprintf(out, "%s# %s %s maxmemory %" PRIu64 "\n# from_s", i ? "\n\n" : "", cell.results->server,
                cell.results->policy, cell.results->maxmemory);
        for (size_t part = 0; part < parts_of(plan, figure->stack); part++)
            put_column(part_name(plan, figure->stack, figure->stack->columns, part), out);
        fputs(figure->scale == FIGURE_BYTES ? " maxmemory\n" : "\n", out);
        for (size_t j = 0; j < samples; j++)
            write_row(plan, cell, figure, j ? time_of(cell, j - 1) : 0, j, window, out);
        write_row(plan, cell, figure, time_of(cell, samples - 1), samples - 1, window, out);
    }
}

/* "$2+$3": from the bottom up to this part. */
static void put_sum(size_t part, FILE *out)
{
    for (size_t i = 0; i <= part; i++)
        fprintf(out, "%s$%zu", i ? "+" : "", i + 2);
}

static void put_areas(const struct plan *plan, const struct figure *figure, size_t block, const bool *is_shown,
                      FILE *out)
{
    const char *before = "plot";

    for (size_t part = parts_of(plan, figure->stack); part-- > 0;) {
        if (!is_shown[part])
            continue;
        fprintf(out, "%s data index %zu using ($1/%g):((", before, block, plan->time_unit_s);
        put_sum(part, out);
        fprintf(out, ")*%g) with fillsteps fs solid 1 noborder lc rgb '%s' notitle", factor_of(plan, figure),
                part_colour(plan, figure->stack, part));
        before = ", \\\n    ";
    }
    /* neighbours that are alike in grey are parted by a fine white line */
    for (size_t part = 0; part + 1 < parts_of(plan, figure->stack); part++) {
        if (!is_shown[part])
            continue;
        fprintf(out, "%s data index %zu using ($1/%g):((", before, block, plan->time_unit_s);
        put_sum(part, out);
        fprintf(out, ")*%g) with steps lc rgb '#FFFFFF' lw 0.5 notitle", factor_of(plan, figure));
    }
    /* the whole has a line of its own, so that its shape is seen in print */
    fprintf(out, "%s data index %zu using ($1/%g):((", before, block, plan->time_unit_s);
    put_sum(parts_of(plan, figure->stack) - 1, out);
    fprintf(out, ")*%g) with steps lc rgb '#303030' lw 0.8 notitle", factor_of(plan, figure));
    if (figure->scale == FIGURE_BYTES)
        fprintf(out,
                ", \\\n     data index %zu using ($1/%g):($%zu > 0 ? $%zu : NaN) with steps lc rgb '#606060' lw 1.2 dt "
                "(4,3) notitle",
                block, plan->time_unit_s, parts_of(plan, figure->stack) + 2, parts_of(plan, figure->stack) + 2);
    putc('\n', out);
}

/* When a write was first refused. */
static void put_mark(const struct plan *plan, const struct cell *cell, FILE *out)
{
    double refused_s = first_refusal(cell);

    fputs("unset arrow 1\n", out);
    if (isnan(refused_s))
        return;
    fprintf(
        out,
        "set arrow 1 from first %.6f, graph 0 to first %.6f, graph 1 nohead front lc rgb '#882255' lw 1.2 dt (1,2)\n",
        refused_s / plan->time_unit_s, refused_s / plan->time_unit_s);
}

static void put_title(const struct plan *plan, const struct choice *choice, size_t index, char *text)
{
    const struct result *result = choice->cells[index]->results;
    char maxmemory[TEXT_FIELD], server[CELL_SERVER_TEXT];

    cell_server_print(result, server, sizeof server);
    text_maxmemory(maxmemory, result->maxmemory, result->unit_sizes);
    snprintf(text, FIGURE_TEXT, "%s%s%s, %s", cell_list_has_servers(&plan->list) ? server : "",
             cell_list_has_servers(&plan->list) ? ", " : "", choice->for_all[index] ? "all policies" : result->policy,
             maxmemory);
}

static void value_name(const struct plan *plan, const struct figure *figure, char *text)
{
    if (figure->scale == FIGURE_BYTES)
        snprintf(text, FIGURE_TEXT, "%s", figure->column);
    else
        snprintf(text, FIGURE_TEXT, "%s per %s", figure->column, plan->rate_name);
}

static void write_panel(const struct plan *plan, const struct figure *figure, const struct cell *cell, double highest,
                        const bool *is_shown, struct page *page)
{
    bool is_bytes = figure->scale == FIGURE_BYTES && !plan->run->results->unit_sizes;

    figure_shade_warmup(plan, figure, page->out);
    page_axis(page, 'x', axis_time(plan_duration_s(plan), plan->time_unit_s, page_ticks(page, 'x')), tick_number);
    if (figure->scale == FIGURE_BYTES)
        put_mark(plan, cell, page->out);
    page_axis(page, 'y',
              is_bytes ? axis_bytes(highest, page_ticks(page, 'y'))
                       : axis_counts(highest * factor_of(plan, figure), page_ticks(page, 'y')),
              is_bytes ? tick_bytes : tick_number);
    put_areas(plan, figure, page->panel, is_shown, page->out);
}

static void write_script(const struct plan *plan, const struct figure *figure, FILE *out)
{
    const struct stack *stack = figure->stack;
    struct choice choice = choose(plan, figure->stack);
    struct range range = range_of(plan, figure, &choice);
    const char *names[MOST_PARTS], *colours[MOST_PARTS], *titles[MOST_PANELS];
    bool is_shown[MOST_PARTS] = {0};
    char title[FIGURE_TEXT], name[FIGURE_TEXT], time_name[FIGURE_TEXT], texts[MOST_PANELS][FIGURE_TEXT];
    struct sheet sheet = {
        .name = figure->name,
        .comment = title,
        .y_name = name,
        .x_name = time_name,
        .panels = choice.count,
        .titles = titles,
        .legend = {.names = names, .colours = colours},
        .remark = figure->scale == FIGURE_BYTES
                      ? "the legend's first is lowest; dashed: maxmemory; dotted: first refused write (OOM)"
                      : "the legend's first is lowest",
    };
    struct page page;

    for (size_t part = 0; part < parts_of(plan, stack); part++) {
        is_shown[part] = occurs(plan, figure, &choice, part);
        if (is_shown[part]) {
            names[sheet.legend.entries] = part_name(plan, stack, stack->names, part);
            colours[sheet.legend.entries++] = part_colour(plan, stack, part);
        }
    }
    for (size_t i = 0; i < choice.count; i++) {
        put_title(plan, &choice, i, texts[i]);
        titles[i] = texts[i];
    }
    snprintf(title, sizeof title, "%s over time", figure->subject);
    value_name(plan, figure, name);
    plan_time_title(plan, time_name);
    page = page_begin(out, &sheet, plan->frame);
    for (size_t i = 0; i < choice.count; i++) {
        page_panel(&page, i);
        write_panel(plan, figure, choice.cells[i], range.highest, is_shown, &page);
    }
    page_end(&page);
}

static void write_caption(const struct plan *plan, const struct figure *figure, FILE *out)
{
    struct choice choice = choose(plan, figure->stack);
    char window[UNITS_TEXT];

    plan_window_text(plan, window);
    if (figure->scale == FIGURE_BYTES)
        fprintf(out, "%s: %s stacked over time, as it was at each sample; %s; %s", figure->name, figure->subject,
                figure->stack->parts ? "the parts are together where they are small: curves.csv of evsim run has each"
                                     : "the largest groups: group_curves.csv of evsim run --by has more",
                "dashed: maxmemory, dotted: when a write was first refused, by the first seed");
    else
        fprintf(out, "%s: %s stacked over time, each value over the %s before it (at first: since the start)",
                figure->name, figure->subject, window);
    if (choice.left_out)
        fprintf(out, "; %d panels, from the smallest maxmemory on: what is left out is in curves.csv", MOST_PANELS);
    if (plan->run->seed_count > 1)
        fprintf(out, "; mean of %zu seeds", plan->run->seed_count);
    figure_name_warmup(plan->run, figure, out);
    fputs("\n", out);
}

static const char *why_not(const struct plan *plan, const struct figure *figure)
{
    struct choice choice = choose(plan, figure->stack);
    size_t most = 0;

    if (!figure->stack->parts && !plan->group_count)
        return "--by did not ask for groups of keys";
    for (size_t i = 0; i < plan->list.count; i++)
        most = cell_samples(plan->list.cells[i]) > most ? cell_samples(plan->list.cells[i]) : most;
    if (most < 2)
        return "the run is too short for a curve";
    return range_of(plan, figure, &choice).highest > 0 ? NULL : figure->when_zero;
}

static json_t *parts_array(const struct plan *plan, const struct figure *figure, const struct choice *choice)
{
    const struct stack *stack = figure->stack;
    json_t *array = json_array();

    for (size_t part = 0; part < parts_of(plan, stack); part++) {
        json_t *object = json_object();

        json_object_set_new(object, "name", json_from_text(part_name(plan, stack, stack->names, part)));
        json_object_set_new(object, "colour", json_from_text(part_colour(plan, stack, part)));
        json_object_set_new(object, "occurs", json_boolean(occurs(plan, figure, choice, part)));
        json_array_append_new(array, object);
    }
    return array;
}

/* A panel is a block; "parts" are its columns but for the first, and of bytes the last, maxmemory. */
static json_t *layout(const struct plan *plan, const struct figure *figure)
{
    struct choice choice = choose(plan, figure->stack);
    char title[FIGURE_TEXT], name[FIGURE_TEXT], time_name[FIGURE_TEXT];
    json_t *layout;

    snprintf(title, sizeof title, "%s over time", figure->subject);
    plan_time_title(plan, time_name);
    value_name(plan, figure, name);
    layout = figure_layout(title, time_name, name);
    json_object_set_new(layout, "parts", parts_array(plan, figure, &choice));
    for (size_t i = 0; i < choice.count; i++) {
        put_title(plan, &choice, i, title);
        json_object_set_new(figure_layout_panel(layout, title), "first_refusal_s",
                            json_from_real(figure->scale == FIGURE_BYTES ? first_refusal(choice.cells[i]) : NAN));
    }
    return layout;
}

static const struct figure_kind kind = {why_not, write_data, write_script, write_caption, "stacked", layout};

const struct figure figures_stacked[FIGURES_STACKED] = {
    {.kind = &kind,
     .name = "memory-by-part",
     .subject = "used_memory by part",
     .column = "used_memory",
     .when_zero = "nothing was stored",
     .scale = FIGURE_BYTES,
     .stack = &stack_memory_by_part},
    {.kind = &kind,
     .name = "misses-by-cause",
     .subject = "misses by cause",
     .column = "misses",
     .when_zero = "no read missed",
     .scale = FIGURE_RATE,
     .stack = &stack_misses_by_cause},
    {.kind = &kind,
     .name = "memory-by-group",
     .subject = "used_memory by group of keys",
     .column = "used_memory",
     .when_zero = "nothing was stored",
     .scale = FIGURE_BYTES,
     .stack = &stack_memory_by_group},
    {.kind = &kind,
     .name = "misses-by-group",
     .subject = "misses by group of keys",
     .column = "misses",
     .when_zero = "no read missed",
     .scale = FIGURE_RATE,
     .stack = &stack_misses_by_group},
};
