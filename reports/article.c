/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/article.h"

#include "reports/html_sections.h"
#include "reports/html_text.h"
#include "reports/text.h"
#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/printable.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- prose ---- */

/* Of Markdown: what would be taken for markup is escaped. An underscore within a word is none. */
static void put_escaped(const char *text, FILE *out)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (strchr("*`<[\\|", c))
            putc('\\', out);
        putc(c < 0x20 || c == 0x7f ? '?' : c, out);
    }
}

void article_section(struct article *article, const char *id, const char *title)
{
    if (article->form == ARTICLE_MARKDOWN)
        fprintf(article->out, "## %s\n\n", title);
    if (article->form != ARTICLE_HTML)
        return;
    article_end(article);
    fprintf(article->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
    html_put(title, article->out);
    fputs("</h2>\n", article->out);
    article->in_section = true;
}

void article_end(struct article *article)
{
    if (article->in_section)
        fputs("</section>\n", article->out);
    article->in_section = false;
}

/* The label's words, one blank between each: it may be padded, for text. */
static void put_label(struct article *article, const char *label)
{
    bool is_html = article->form == ARTICLE_HTML;
    const char *between = "";

    label += strspn(label, " ");
    if (!*label)
        return;
    fputs(is_html ? "<strong>" : "**", article->out);
    while (*label) {
        char word[64];
        size_t length = strcspn(label, " ");

        snprintf(word, sizeof word, "%.*s", (int)length, label);
        fputs(between, article->out);
        if (is_html)
            html_put(word, article->out);
        else
            put_escaped(word, article->out);
        label += length + strspn(label + length, " ");
        between = " ";
    }
    fputs(is_html ? "</strong> " : "** ", article->out);
}

void article_paragraph(struct article *article, const char *label, int indent, const char *text)
{
    FILE *out = article->out;

    if (article->form == ARTICLE_TEXT) {
        paragraph_put(label, indent, text, out);
    } else if (article->form == ARTICLE_MARKDOWN) {
        put_label(article, label);
        put_escaped(text, out);
        fputs("\n\n", out);
    } else {
        fputs("<p>", out);
        put_label(article, label);
        html_put(text, out);
        fputs("</p>\n", out);
    }
}

void article_lines(struct article *article, const char *lines)
{
    static const char *const begins[] = {"", "```text\n", "<pre>"}, *const ends[] = {"", "```\n\n", "</pre>\n"};

    fputs(begins[article->form], article->out);
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        char line[512];

        printable_copy(line, sizeof line, lines, length < sizeof line - 1 ? length : sizeof line - 1);
        if (article->form == ARTICLE_HTML)
            html_put(line, article->out);
        else
            fputs(line, article->out);
        putc('\n', article->out);
        lines += length + (lines[length] == '\n');
    }
    fputs(ends[article->form], article->out);
}

void article_prose(struct article *article, char *lines)
{
    if (article->form == ARTICLE_TEXT) {
        fputs(lines, article->out);
        return;
    }
    for (char *end; (end = strchr(lines, '\n'));)
        *end = end[1] ? ' ' : '\0';
    article_paragraph(article, "", 0, lines);
}

void article_labelled(struct article *article, char *lines, int indent)
{
    for (char *line; (line = strsep(&lines, "\n")) && *line;) {
        size_t length = strcspn(line, " "), blanks = strspn(line + length, " ");
        char label[32];

        if (article->form == ARTICLE_TEXT) {
            fprintf(article->out, "%s\n", line);
            continue;
        }
        snprintf(label, sizeof label, "%.*s", (int)length, line);
        article_paragraph(article, label, indent, line + length + blanks);
    }
}

void article_gap(struct article *article)
{
    if (article->form == ARTICLE_TEXT)
        putc('\n', article->out);
}

void article_warnings(struct article *article, const struct warning *warnings, size_t count, int indent)
{
    if (article->form == ARTICLE_HTML && count) {
        article_end(article);
        html_begin_warnings(article->out);
        html_put_warnings(warnings, count, NULL, article->out);
        html_end_warnings(article->out);
        return;
    }
    for (size_t i = 0; i < count; i++)
        article_paragraph(article, "WARNING", indent, warnings[i].text);
}

/* ---- tables ---- */

enum { NARROWED_COLUMNS = 32, NARROWED_TEXT = 256 };

/* A table of which columns are chosen: as it is shown, where each of its columns is in the table that is given, and the row that is
 * being given. */
struct narrowed {
    struct article_table table;
    struct article_column columns[NARROWED_COLUMNS];
    size_t from[NARROWED_COLUMNS];
    size_t of, given; /* columns that the whole table has; cells of a row that have come */
    char texts[NARROWED_COLUMNS][NARROWED_TEXT];
    double values[NARROWED_COLUMNS];
};

/* The column, and those without a title behind it. */
static void keep_column(struct narrowed *narrowed, const struct article_table *whole, size_t column)
{
    do {
        narrowed->from[narrowed->table.count] = column;
        narrowed->columns[narrowed->table.count++] = whole->columns[column];
    } while (++column < whole->count && !*whole->columns[column].title && narrowed->table.count < NARROWED_COLUMNS);
}

/* What is shown of the table; NULL: all of it. To be freed. */
static struct narrowed *narrow(const struct column_choice *chosen, const struct article_table *whole)
{
    struct narrowed *narrowed;

    if (!chosen || whole->count > NARROWED_COLUMNS)
        return NULL;
    narrowed = xcalloc(1, sizeof *narrowed);
    narrowed->table = (struct article_table){.caption = whole->caption, .columns = narrowed->columns};
    narrowed->of = whole->count;
    keep_column(narrowed, whole, 0);
    for (size_t place = 0, names = narrowed->table.count; place < chosen->count; place++)
        for (size_t i = names; i < whole->count && narrowed->table.count < NARROWED_COLUMNS; i++)
            if (*whole->columns[i].title && column_choice_place(chosen, whole->columns[i].title) == (int)place)
                keep_column(narrowed, whole, i);
    for (size_t i = 0; i < whole->count; i++)
        if (column_choice_place(chosen, whole->columns[i].title) >= 0)
            return narrowed;
    free(narrowed);
    return NULL;
}

static void put_blanks(struct article *article)
{
    fprintf(article->out, "%*s", article->pending, "");
    article->pending = 0;
}

/* Blanks that nothing stands behind are not written. */
static void put_field(struct article *article, const struct article_column *column, const char *text)
{
    bool is_first = article->column == 0;
    int padding = column->width - display_width(text);

    article->pending += column->gap;
    if (!*text) {
        article->pending += column->width;
        return;
    }
    if (!column->is_text && padding > 0)
        article->pending += padding;
    put_blanks(article);
    fputs(text, article->out);
    if (column->is_text && padding > 0)
        article->pending = padding;
    if (is_first && padding < 0) {
        putc('\n', article->out);
        article->pending = column->gap + column->width;
    }
}

/* Names from traces and configurations may have anything in them. */
static void put_text_cell(struct article *article, const char *text)
{
    char shown[256];

    printable_copy(shown, sizeof shown, text, strlen(text) < sizeof shown - 1 ? strlen(text) : sizeof shown - 1);
    put_field(article, &article->table->columns[article->column], shown);
}

static void begin_html_cell(struct article *article, double value)
{
    const struct article_column *column = &article->table->columns[article->column];

    if (!article->column)
        fputs("<tr>", article->out);
    fputs(!article->column && column->is_text ? "<th scope=\"row\"" : "<td", article->out);
    if (column->is_text)
        fputs(" class=\"text\"", article->out);
    if (isfinite(value))
        fprintf(article->out, " data-value=\"%.17g\"", value);
    putc('>', article->out);
}

static void end_html_cell(struct article *article)
{
    bool is_head = !article->column && article->table->columns[0].is_text;

    fputs(is_head ? "</th>" : "</td>", article->out);
}

static void end_row(struct article *article)
{
    fputs(article->form == ARTICLE_HTML ? "</tr>\n" : "\n", article->out);
    article->column = 0;
    article->pending = 0;
}

static void show_cell(struct article *article, const char *text, double value)
{
    switch (article->form) {
    case ARTICLE_TEXT:
        put_text_cell(article, text);
        break;
    case ARTICLE_MARKDOWN:
        if (!article->column)
            putc('|', article->out);
        text_put_markdown(text, article->out);
        break;
    case ARTICLE_HTML:
        begin_html_cell(article, value);
        html_put(text, article->out);
        end_html_cell(article);
        break;
    }
    if (++article->column == article->table->count)
        end_row(article);
}

/* A row of a table of which columns are chosen is kept until it is whole. */
void article_number(struct article *article, const char *text, double value)
{
    struct narrowed *narrowed = article->narrowed;

    assert(article->table);
    if (!narrowed) {
        show_cell(article, text, value);
        return;
    }
    snprintf(narrowed->texts[narrowed->given], sizeof narrowed->texts[0], "%s", text);
    narrowed->values[narrowed->given++] = value;
    if (narrowed->given < narrowed->of)
        return;
    narrowed->given = 0;
    for (size_t i = 0; i < narrowed->table.count; i++)
        show_cell(article, narrowed->texts[narrowed->from[i]], narrowed->values[narrowed->from[i]]);
}

void article_cell(struct article *article, const char *text)
{
    article_number(article, text, NAN);
}

static void put_html_titles(struct article *article)
{
    const struct article_table *table = article->table;
    FILE *out = article->out;

    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", out);
    html_put(table->caption, out);
    fputs("\">\n<table class=\"sortable\">\n<caption>", out);
    html_put(table->caption, out);
    fputs("</caption>\n<thead><tr>", out);
    for (size_t i = 0; i < table->count; i++) {
        fprintf(out, "<th scope=\"col\"%s", table->columns[i].is_text ? " class=\"text\"" : "");
        if (table->columns[i].explains) {
            fputs(" title=\"", out);
            html_put(table->columns[i].explains, out);
            putc('"', out);
        }
        putc('>', out);
        if (*table->columns[i].title)
            html_put(table->columns[i].title, out);
        else /* what sorts has a name, though it is not seen */
            fputs(i ? "<span class=\"unseen\">kind</span>" : "<span class=\"unseen\">name</span>", out);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
}

void article_table(struct article *article, const struct article_table *table)
{
    assert(!article->table);
    article->narrowed = narrow(article->chosen, table);
    if (article->narrowed)
        table = &article->narrowed->table;
    article->table = table;
    article->column = 0;
    article->pending = 0;
    if (article->form == ARTICLE_HTML) {
        put_html_titles(article);
        return;
    }
    for (size_t i = 0; i < table->count; i++)
        show_cell(article, table->columns[i].title, NAN);
    if (article->form != ARTICLE_MARKDOWN)
        return;
    putc('|', article->out);
    for (size_t i = 0; i < table->count; i++)
        fputs(table->columns[i].is_text ? "---|" : "---:|", article->out);
    putc('\n', article->out);
}

void article_table_end(struct article *article)
{
    assert(article->table && !article->column && !(article->narrowed && article->narrowed->given));
    if (article->form == ARTICLE_MARKDOWN)
        putc('\n', article->out);
    if (article->form == ARTICLE_HTML)
        fputs("</tbody>\n</table>\n</div>\n", article->out);
    free(article->narrowed);
    article->narrowed = NULL;
    article->table = NULL;
}
