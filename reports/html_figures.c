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
    json_t *layout = figure->kind->layout(plan, figure);

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

static void put_place(const struct plan *plan, const struct figure *figure, FILE *out)
{
    json_t *layout = figure->kind->layout(plan, figure);
    const char *title = json_string_value(json_object_get(layout, "title"));
    char *caption = caption_of(plan, figure, title);

    fputs("<h3>", out);
    html_put(title, out);
    fprintf(out, "</h3>\n<figure id=\"figure-%s\"><figcaption>", figure->name);
    html_put(caption, out);
    fputs("</figcaption></figure>\n", out);
    json_decref(layout);
    free(caption);
}

typedef void figure_fn(const struct plan *plan, const struct figure *figure, FILE *out);

/* Those that are drawn; first the ones that show all sizes at once. */
static void put_figures(const struct plan *plan, figure_fn *put, const char *between, FILE *out)
{
    bool is_first = true;

    for (int by_size = 1; by_size >= 0; by_size--)
        for (size_t i = 0; i < figure_count; i++) {
            const struct figure *figure = figure_at(i);

            if ((figure->ratio != NULL) != by_size || figure->kind->why_not(plan, figure))
                continue;
            fputs(is_first ? "" : between, out);
            put(plan, figure, out);
            is_first = false;
        }
}

void html_figures_put_places(const struct run *run, FILE *out)
{
    struct plan plan;

    if (!run->result_count)
        return;
    plan_init(&plan, run);
    put_figures(&plan, put_place, "", out);
    plan_release(&plan);
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

static json_t *policies_array(const struct plan *plan)
{
    json_t *array = json_array();

    for (size_t i = 0; i < plan->table.policy_count; i++) {
        struct figure_look look = figure_look(plan->table.policies, i);
        json_t *object = json_object();

        json_object_set_new(object, "name", json_from_text(plan->table.policies[i]));
        json_object_set_new(object, "colour", json_from_text(look.colour));
        json_object_set_new(object, "dashes", json_from_dashes(look.dashes));
        json_array_append_new(array, object);
    }
    return array;
}

static void put_member(const char *before, const char *name, json_t *value, FILE *out)
{
    fprintf(out, "%s\"%s\":", before, name);
    html_put_json(value, out);
}

void html_figures_put_data(const struct run *run, FILE *out)
{
    struct plan plan;

    if (!run->result_count) {
        fputs("\"figures\":[]", out);
        return;
    }
    plan_init(&plan, run);
    put_member("", "time", time_object(&plan), out);
    put_member(",\n", "sizes", sizes_array(&plan), out);
    put_member(",\n", "unit_sizes", json_boolean(run->results->unit_sizes), out);
    put_member(",\n", "policies", policies_array(&plan), out);
    fputs(",\n\"figures\":[", out);
    put_figures(&plan, put_figure, ",\n", out);
    putc(']', out);
    plan_release(&plan);
}
