/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html_figures.h"

#include "reports/figure.h"
#include "reports/figure_style.h"
#include "reports/html_text.h"
#include "reports/json_values.h"
#include "sim/alloc.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- a data file, cut into blocks ---- */

struct block {
    char **values; /* row by row; owned, as texts within that of the file */
    size_t count, room, columns;
};

struct blocks {
    char *text; /* of the file, cut into values; owned */
    struct block *blocks;
    size_t count;
};

static void add_value(struct block *block, char *value)
{
    if (block->count == block->room) {
        block->room = block->room ? 2 * block->room : 1024;
        block->values = xrealloc(block->values, block->room * sizeof *block->values);
    }
    block->values[block->count++] = value;
}

/* The same number with as few digits as it takes: 270.000000 is 270, 0.10000000000000001 is 0.1. */
static void shorten(char *value)
{
    double number = strtod(value, NULL);
    char text[40];

    if (!strchr(value, '.'))
        return;
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    if (strlen(text) <= strlen(value))
        strcpy(value, text);
}

/* Every row of a block has as many values. */
static void add_row(struct block *block, char *line)
{
    size_t before = block->count;

    for (char *value; (value = strsep(&line, " "));) {
        shorten(value);
        add_value(block, value);
    }
    if (!before)
        block->columns = block->count;
    assert(block->count == before + block->columns);
}

/* Comments stand in front of each block, and nowhere else. */
static struct blocks read_blocks(const struct plan *plan, const struct figure *figure)
{
    struct blocks blocks = {0};
    size_t bytes;
    FILE *file = open_memstream(&blocks.text, &bytes);
    bool was_comment = false;
    char *rest;

    figure->kind->write_data(plan, figure, file);
    fclose(file);
    rest = blocks.text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (*line == '#' && !was_comment) {
            blocks.blocks = xrealloc(blocks.blocks, (blocks.count + 1) * sizeof *blocks.blocks);
            blocks.blocks[blocks.count++] = (struct block){0};
        }
        was_comment = *line == '#';
        if (*line && !was_comment)
            add_row(&blocks.blocks[blocks.count - 1], line);
    }
    return blocks;
}

static void blocks_release(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        free(blocks->blocks[i].values);
    free(blocks->blocks);
    free(blocks->text);
}

/* ---- as columns ---- */

static const char *value_at(const struct block *block, size_t row, size_t column)
{
    const char *value = block->values[row * block->columns + column];

    return strcmp(value, "NaN") ? value : "null";
}

static size_t rows_of(const struct block *block)
{
    return block->columns ? block->count / block->columns : 0;
}

static bool same_column(const struct block *a, const struct block *b, size_t column)
{
    if (rows_of(a) != rows_of(b) || column >= a->columns)
        return false;
    for (size_t row = 0; row < rows_of(a); row++)
        if (strcmp(value_at(a, row, column), value_at(b, row, column)) != 0)
            return false;
    return true;
}

static bool is_constant(const struct block *block, size_t column)
{
    for (size_t row = 1; row < rows_of(block); row++)
        if (strcmp(value_at(block, row, column), value_at(block, 0, column)) != 0)
            return false;
    return rows_of(block) > 0;
}

/* Of the blocks before it, the first that has the same column; `index`: none has. Blocks are few, and mostly differ early. */
static size_t find_same(const struct blocks *blocks, size_t index, size_t column)
{
    size_t i = 0;

    while (i < index && !same_column(&blocks->blocks[i], &blocks->blocks[index], column))
        i++;
    return i;
}

static void put_column(const struct blocks *blocks, size_t index, size_t column, FILE *out)
{
    const struct block *block = &blocks->blocks[index];
    size_t same;

    if (is_constant(block, column)) {
        fputs(value_at(block, 0, column), out);
        return;
    }
    same = find_same(blocks, index, column);
    if (same < index) {
        fprintf(out, "{\"as\":%zu}", same);
        return;
    }
    for (size_t row = 0; row < rows_of(block); row++)
        fprintf(out, "%s%s", row ? "," : "[", value_at(block, row, column));
    fputs(rows_of(block) ? "]" : "[]", out);
}

static void put_blocks(const struct plan *plan, const struct figure *figure, FILE *out)
{
    struct blocks blocks = read_blocks(plan, figure);

    fputs("\"blocks\":[", out);
    for (size_t i = 0; i < blocks.count; i++) {
        fprintf(out, "%s{\"rows\":%zu,\"columns\":[", i ? ",\n" : "", rows_of(&blocks.blocks[i]));
        for (size_t column = 0; column < blocks.blocks[i].columns; column++) {
            fputs(column ? "," : "", out);
            put_column(&blocks, i, column, out);
        }
        fputs("]}", out);
    }
    putc(']', out);
    blocks_release(&blocks);
}

/* ---- figures ---- */

/* "memory: used_memory over time; ..." without the name, the title that stands above it, and the line's end. To be freed. */
static char *caption_of(const struct plan *plan, const struct figure *figure, const char *title)
{
    char *line = NULL, *caption;
    size_t bytes;
    FILE *file = open_memstream(&line, &bytes);

    figure->kind->write_caption(plan, figure, file);
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    caption = line + strlen(figure->name) + strlen(": ");
    if (!strncmp(caption, title, strlen(title))) {
        caption += strlen(title);
        caption += strspn(caption, ",;: ");
    }
    caption = xstrdup(caption);
    free(line);
    return caption;
}

static const char *scale_of(const struct plan *plan, const struct figure *figure)
{
    if (figure->scale == FIGURE_BYTES)
        return plan->run->results->unit_sizes ? "objects" : "bytes";
    return figure->scale == FIGURE_PERCENT ? "percent" : "rate";
}

static void put_figure(const struct plan *plan, const struct figure *figure, FILE *out)
{
    json_t *layout;

    assert(figure);
    layout = figure->kind->layout(plan, figure);

    json_object_set_new(layout, "name", json_from_text(figure->name));
    json_object_set_new(layout, "kind", json_from_text(figure->kind->name));
    json_object_set_new(layout, "column", json_from_text(figure->column));
    if (!json_object_get(layout, "scale"))
        json_object_set_new(layout, "scale", json_from_text(scale_of(plan, figure)));
    fputs("{\"layout\":", out);
    html_put_json(layout, out);
    fputs(",\n", out);
    put_blocks(plan, figure, out);
    putc('}', out);
}

/* ---- their places in the page ---- */

/* `place`: of the run among several, from 1; 0: it is the only one. */
static void put_figure_place(const struct plan *plan, const struct figure *figure, size_t place, const char *name,
                             FILE *out)
{
    json_t *layout = figure->kind->layout(plan, figure);
    char *caption = caption_of(plan, figure, json_string_value(json_object_get(layout, "title")));

    fprintf(out, "<figure id=\"figure-%s", figure->name);
    if (place)
        fprintf(out, "-%zu", place);
    fputs("\"><figcaption>", out);
    if (place) {
        fputs("<strong>", out);
        html_put(name, out);
        fputs("</strong>", out);
    }
    html_put(caption, out);
    fputs("</figcaption></figure>\n", out);
    json_decref(layout);
    free(caption);
}

static void put_absence(const struct plan *plan, const struct figure *figure, const char *name, FILE *out)
{
    fputs("<p class=\"quiet\"><strong>", out);
    html_put(name, out);
    fprintf(out, "</strong>: not drawn: %s</p>\n", plan ? figure->kind->why_not(plan, figure) : "there are no results");
}

static bool is_drawn(const struct plan *plan, const struct figure *figure)
{
    assert(figure);
    return plan->run && !figure->kind->why_not(plan, figure);
}

/* The plan of a run that draws the figure; NULL: none does. */
static const struct plan *find_drawn(const struct plan *plans, size_t count, const struct figure *figure)
{
    for (size_t i = 0; i < count; i++)
        if (is_drawn(&plans[i], figure))
            return &plans[i];
    return NULL;
}

static void put_place(const struct html_report *report, const struct plan *plans, const struct figure *figure,
                      FILE *out)
{
    const struct plan *drawn = find_drawn(plans, report->count, figure);
    json_t *layout;

    if (!drawn)
        return;
    layout = figure->kind->layout(drawn, figure);
    fputs("<h3>", out);
    html_put(json_string_value(json_object_get(layout, "title")), out);
    fputs(report->count > 1 ? "</h3>\n<div class=\"beside\">\n" : "</h3>\n", out);
    for (size_t i = 0; i < report->count; i++)
        if (is_drawn(&plans[i], figure))
            put_figure_place(&plans[i], figure, report->count > 1 ? i + 1 : 0, report->runs[i].name, out);
        else
            put_absence(plans[i].run ? &plans[i] : NULL, figure, report->runs[i].name, out);
    fputs(report->count > 1 ? "</div>\n" : "", out);
    json_decref(layout);
}

/* The figures in the order of the page: first the ones that show all sizes at once. */
static const struct figure *figure_in_turn(size_t turn)
{
    for (int by_size = 1; by_size >= 0; by_size--)
        for (size_t i = 0; i < figure_count; i++)
            if ((figure_at(i)->ratio != NULL) == by_size && !turn--)
                return figure_at(i);
    return NULL;
}

void html_figures_put_places(const struct html_report *report, FILE *out)
{
    struct plan *plans = xcalloc(report->count, sizeof *plans);

    for (size_t i = 0; i < report->count; i++)
        if (report->runs[i].run->result_count)
            plan_init(&plans[i], report->runs[i].run);
    for (size_t i = 0; i < figure_count; i++)
        put_place(report, plans, figure_in_turn(i), out);
    for (size_t i = 0; i < report->count; i++)
        if (plans[i].run)
            plan_release(&plans[i]);
    free(plans);
}

/* ---- what all figures have in common ---- */

static json_t *time_object(const struct plan *plan)
{
    json_t *object = json_object();

    json_object_set_new(object, "unit_s", json_from_real(plan->time_unit_s));
    json_object_set_new(object, "rate_unit_s", json_from_real(plan->rate_unit_s));
    json_object_set_new(object, "duration_s", json_from_real(plan_duration_s(plan)));
    json_object_set_new(object, "warmup_s", json_from_real((double)plan->run->warmup_us / 1e6));
    return object;
}

static json_t *sizes_array(const struct plan *plan)
{
    json_t *array = json_array();

    for (size_t i = 0; i < plan->table.size_count; i++)
        json_array_append_new(array, json_from_count(plan->table.sizes[i]));
    return array;
}

/* "(9,4)" is "9,4" in SVG; NULL stays NULL. */
static json_t *json_from_dashes(const char *dashes)
{
    return dashes ? json_stringn(dashes + 1, strlen(dashes) - 2) : json_null();
}

/* The count: it is not there. */
static size_t place_of(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

/* The policies of all runs, each once, so that one of them looks the same in every run. To be freed. */
static const char **all_policies(const struct html_report *report, size_t *count)
{
    size_t room = 1;
    const char **names;

    for (size_t i = 0; i < report->count; i++)
        room += report->lists[i].count;
    names = xcalloc(room, sizeof *names);
    *count = 0;
    for (size_t i = 0; i < report->count; i++)
        for (size_t j = 0; j < report->lists[i].count; j++) {
            const char *name = report->lists[i].cells[j].results->policy;

            if (place_of(names, *count, name) == *count)
                names[(*count)++] = name;
        }
    return names;
}

static json_t *policies_array(const struct html_report *report, const struct plan *plan)
{
    json_t *array = json_array();
    size_t count;
    const char **names = all_policies(report, &count);

    for (size_t i = 0; i < plan->table.policy_count; i++) {
        struct figure_look look = figure_look(names, place_of(names, count, plan->table.policies[i]));
        json_t *object = json_object();

        json_object_set_new(object, "name", json_from_text(plan->table.policies[i]));
        json_object_set_new(object, "colour", json_from_text(look.colour));
        json_object_set_new(object, "dashes", json_from_dashes(look.dashes));
        json_array_append_new(array, object);
    }
    free(names);
    return array;
}

static void put_member(const char *before, const char *name, json_t *value, FILE *out)
{
    fprintf(out, "%s\"%s\":", before, name);
    html_put_json(value, out);
}

void html_figures_put_data(const struct html_report *report, size_t index, FILE *out)
{
    const struct run *run = report->runs[index].run;
    const char *between = "";
    struct plan plan;

    if (!run->result_count) {
        fputs("\"figures\":[]", out);
        return;
    }
    plan_init(&plan, run);
    put_member("", "time", time_object(&plan), out);
    put_member(",\n", "sizes", sizes_array(&plan), out);
    put_member(",\n", "unit_sizes", json_boolean(run->results->unit_sizes), out);
    put_member(",\n", "policies", policies_array(report, &plan), out);
    fputs(",\n\"figures\":[", out);
    for (size_t i = 0; i < figure_count; i++)
        if (is_drawn(&plan, figure_in_turn(i))) {
            fputs(between, out);
            put_figure(&plan, figure_in_turn(i), out);
            between = ",\n";
        }
    putc(']', out);
    plan_release(&plan);
}
