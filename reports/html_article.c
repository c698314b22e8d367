/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html_article.h"

#include "reports/figure.h"
#include "reports/figure_style.h"
#include "reports/html_page.h"
#include "reports/html_sections.h"
#include "reports/html_text.h"
#include "reports/json_values.h"
#include "sim/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void html_article_begin(const struct html_article *page, FILE *out, struct article *article)
{
    *article = (struct article){.out = out, .form = ARTICLE_HTML};
    html_page_begin(page->title, page->version, out);
    fprintf(out, "<a class=\"skip\" href=\"#%s\">to the results</a>\n<header>\n<h1>", page->links->id);
    html_put(page->title, out);
    fputs("</h1>\n<p class=\"quiet\">", out);
    html_put(page->about, out);
    fputs("; evsim ", out);
    html_put(page->version, out);
    fputs("</p>\n<nav aria-label=\"sections\"><ul>\n", out);
    for (size_t i = 0; i < page->link_count; i++) {
        fprintf(out, "<li><a href=\"#%s\">", page->links[i].id);
        html_put(page->links[i].title, out);
        fputs("</a></li>\n", out);
    }
    fputs("</ul></nav>\n</header>\n<main>\n", out);
}

/* ---- the figure ---- */

void html_article_figure(const struct html_article *page, struct article *article)
{
    const struct html_curves *curves = &page->curves;
    FILE *out = article->out;

    if (!curves->count)
        return;
    article_section(article, "figures", "Figure");
    fputs("<noscript><p>Scripts draw the figure, and are switched off here: it is beside this file as SVG and "
          "PNG.</p></noscript>\n<h3>",
          out);
    html_put(curves->title, out);
    fprintf(out, "</h3>\n<figure id=\"figure-%s\"><figcaption>", curves->name);
    html_put(curves->caption, out);
    fputs("</figcaption></figure>\n", out);
}

/* The place of a label among those that were met first; `count` grows by a new one. */
static size_t place_of(const char **labels, size_t *count, const char *label)
{
    size_t i = 0;

    while (i < *count && strcmp(labels[i], label) != 0)
        i++;
    if (i == *count)
        labels[(*count)++] = label;
    return i;
}

static json_t *series_array(const char *const *labels, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++) {
        struct figure_look look = figure_look(labels, i);
        json_t *object = json_object();

        json_object_set_new(object, "name", json_from_text(labels[i]));
        json_object_set_new(object, "colour", json_from_text(look.colour));
        json_object_set_new(object, "dashes", /* "(9,4)" is "9,4" in SVG */
                            look.dashes ? json_stringn(look.dashes + 1, strlen(look.dashes) - 2) : json_null());
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *layout_of(const struct html_curves *curves, const char **labels, size_t *label_count)
{
    json_t *layout = figure_layout(curves->title, curves->x_name, curves->y_name), *panel = NULL;

    for (size_t i = 0; i < curves->count; i++) {
        if (!i || strcmp(curves->curves[i].panel, curves->curves[i - 1].panel) != 0)
            panel = figure_layout_panel(layout, curves->curves[i].panel);
        figure_layout_series(panel, place_of(labels, label_count, curves->curves[i].label));
    }
    json_object_set_new(layout, "name", json_from_text(curves->name));
    json_object_set_new(layout, "kind", json_from_text("by-maxmemory"));
    json_object_set_new(layout, "column", json_from_text(curves->column));
    json_object_set_new(layout, "scale", json_from_text("percent"));
    return layout;
}

static json_t *block_of(const struct html_curve *curve)
{
    json_t *block = json_object(), *columns = json_array(), *sizes = json_array(), *ratios = json_array(),
           *widths = json_array();

    for (size_t i = 0; i < curve->count; i++) {
        json_array_append_new(sizes, json_from_count(curve->points[i].size));
        json_array_append_new(ratios, json_from_real(curve->points[i].ratio));
        json_array_append_new(widths, json_from_real(curve->points[i].half_width));
    }
    json_array_append_new(columns, sizes);
    json_array_append_new(columns, ratios);
    json_array_append_new(columns, widths);
    json_object_set_new(block, "rows", json_from_count(curve->count));
    json_object_set_new(block, "columns", columns);
    return block;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Each size once. */
static json_t *sizes_array(const struct html_curves *curves)
{
    json_t *array = json_array();
    uint64_t *sizes = NULL;
    size_t count = 0;

    for (size_t c = 0; c < curves->count; c++) {
        sizes = xrealloc(sizes, (count + curves->curves[c].count + 1) * sizeof *sizes);
        for (size_t i = 0; i < curves->curves[c].count; i++)
            sizes[count++] = curves->curves[c].points[i].size;
    }
    if (count)
        qsort(sizes, count, sizeof *sizes, by_size);
    for (size_t i = 0; i < count; i++)
        if (!i || sizes[i] != sizes[i - 1])
            json_array_append_new(array, json_from_count(sizes[i]));
    free(sizes);
    return array;
}

static json_t *data_of(const struct html_curves *curves)
{
    json_t *run = json_object(), *runs = json_array(), *figures = json_array(), *figure = json_object(),
           *blocks = json_array(), *data = json_object();
    const char **labels = xcalloc(curves->count + 1, sizeof *labels);
    size_t label_count = 0;

    if (curves->count) {
        json_object_set_new(figure, "layout", layout_of(curves, labels, &label_count));
        for (size_t i = 0; i < curves->count; i++)
            json_array_append_new(blocks, block_of(&curves->curves[i]));
        json_object_set(figure, "blocks", blocks);
        json_array_append(figures, figure);
    }
    json_object_set_new(run, "sizes", sizes_array(curves));
    json_object_set_new(run, "unit_sizes", json_boolean(curves->unit_sizes));
    json_object_set_new(run, "policies", series_array(labels, label_count));
    json_object_set_new(run, "figures", figures);
    json_array_append_new(runs, run);
    json_object_set_new(data, "runs", runs);
    json_decref(blocks);
    json_decref(figure);
    free(labels);
    return data;
}

void html_article_end(const struct html_article *page, struct article *article)
{
    FILE *out = article->out;

    article_section(article, "simulated", "What was done");
    fputs("<p>The same again: <code>", out);
    html_put(page->run->command, out);
    fputs("</code></p>\n", out);
    html_put_settings(page->run, out);
    article_end(article);
    fputs("</main>\n", out);
    html_page_begin_data(out);
    html_put_json(data_of(&page->curves), out);
    html_page_end(out);
}
