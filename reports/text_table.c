/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/text_table.h"

#include "reports/text.h"
#include "sim/units.h"

#include <math.h>
#include <string.h>

enum { GAP = 2 };

void text_table_measure(struct text_table *table, int column, const char *field)
{
    int width = display_width(field);

    if (width > table->widths[column])
        table->widths[column] = width;
}

void text_table_measure_row(struct text_table *table, const struct text_row *row)
{
    for (int i = 0; i < table->columns; i++)
        text_table_measure(table, i, row->fields[i]);
}

int text_table_width(const struct text_table *table)
{
    int width = -GAP;

    for (int i = 0; i < table->columns; i++)
        width += table->widths[i] ? table->widths[i] + GAP : 0;
    return width;
}

int text_table_fit(struct text_table *table, const int *order, int count, int columns)
{
    int left_out = 0;

    while (left_out < count && text_table_width(table) > columns)
        table->widths[order[left_out++]] = 0;
    return left_out;
}

void text_table_put_long_alone(struct text_table *table, int column, int columns)
{
    if (text_table_width(table) <= columns || table->widths[column] <= LONG_NAME)
        return;
    table->widths[column] = LONG_NAME;
    table->alone |= UINT32_C(1) << column;
}

void text_table_choose(struct text_table *table, const char *const *titles, const struct column_choice *choice)
{
    int count = 0;

    for (size_t place = 0; place < choice->count; place++)
        for (int i = 0; i < table->columns; i++)
            if (column_choice_place(choice, titles[i]) == (int)place)
                table->order[count++] = i;
    for (int i = 0; i < table->columns; i++)
        if (column_choice_place(choice, titles[i]) < 0)
            table->widths[i] = 0;
        else
            text_table_measure(table, i, titles[i]);
    for (int i = 0; i < table->columns; i++)
        if (!table->widths[i])
            table->order[count++] = i; /* they do not show */
    table->is_ordered = true;
}

int text_table_column(const struct text_table *table, int place)
{
    return table->is_ordered ? table->order[place] : place;
}

static void put_padding(FILE *out, int columns)
{
    while (columns-- > 0)
        putc(' ', out);
}

/* Blanks up to the column, on a new line. */
static int place_of(const struct text_table *table, int column)
{
    int place = 0;

    for (int i = 0, at; i < table->columns && (at = text_table_column(table, i)) != column; i++)
        place += table->widths[at] ? table->widths[at] + GAP : 0;
    return place;
}

/* Writes a field, and the spaces before it. Returns how many come before the next one. */
static int put_field(const struct text_table *table, int column, const char *field, int pending, FILE *out)
{
    bool is_text = table->texts >> column & 1;
    int padding = table->widths[column] - display_width(field);
    size_t shown = strlen(field);

    if (!table->widths[column])
        return pending;
    if (!*field)
        return pending + table->widths[column] + GAP;
    put_padding(out, pending + (is_text ? 0 : padding));
    if (padding < 0 && table->alone >> column & 1) {
        fprintf(out, "%s\n", field);
        return place_of(table, column) + table->widths[column] + GAP;
    }
    while (shown && field[shown - 1] == ' ') /* in the place of a mark: due before what comes next, if anything does */
        shown--;
    fwrite(field, 1, shown, out);
    return GAP + (is_text ? padding : 0) + (int)(strlen(field) - shown);
}

void text_table_put_titles(const struct text_table *table, const char *const *titles, FILE *out)
{
    int pending = 0;

    for (int i = 0; i < table->columns; i++)
        pending = put_field(table, text_table_column(table, i), titles[text_table_column(table, i)], pending, out);
    putc('\n', out);
}

void text_table_put_row(const struct text_table *table, const struct text_row *row, FILE *out)
{
    int pending = 0;

    for (int i = 0; i < table->columns; i++)
        pending = put_field(table, text_table_column(table, i), row->fields[text_table_column(table, i)], pending, out);
    putc('\n', out);
}

void text_put_markdown(const char *field, FILE *out)
{
    size_t length = strlen(field);

    while (length && field[length - 1] == ' ')
        length--;
    field += strspn(field, " ");
    putc(' ', out);
    for (size_t i = 0; i < length && field[i]; i++) {
        if (strchr("*|_<`\\", field[i]))
            putc('\\', out);
        putc(field[i], out);
    }
    fputs(" |", out);
}

void text_table_put_markdown_titles(const struct text_table *table, const char *const *titles, FILE *out)
{
    putc('|', out);
    for (int i = 0; i < table->columns; i++)
        if (table->widths[text_table_column(table, i)])
            text_put_markdown(titles[text_table_column(table, i)], out);
    fputs("\n|", out);
    for (int i = 0; i < table->columns; i++)
        if (table->widths[text_table_column(table, i)])
            fputs(table->texts >> text_table_column(table, i) & 1 ? "---|" : "---:|", out);
    putc('\n', out);
}

void text_table_put_markdown_row(const struct text_table *table, const struct text_row *row, FILE *out)
{
    putc('|', out);
    for (int i = 0; i < table->columns; i++)
        if (table->widths[text_table_column(table, i)])
            text_put_markdown(row->fields[text_table_column(table, i)], out);
    putc('\n', out);
}

void text_table_put_rule(const struct text_table *table, FILE *out)
{
    for (int i = text_table_width(table); i > 0; i--)
        putc('-', out);
    putc('\n', out);
}

const char *text_count(char *field, double count)
{
    return print_count(field, (uint64_t)llround(count));
}

void text_estimated_count(char *field, struct estimate estimate)
{
    char mean[UNITS_TEXT], half[UNITS_TEXT];

    if (estimate.half_width > 0)
        snprintf(field, TEXT_FIELD, "%s ± %s", text_count(mean, estimate.mean), text_count(half, estimate.half_width));
    else
        snprintf(field, TEXT_FIELD, "%s", text_count(mean, estimate.mean));
}

void text_maxmemory(char *field, uint64_t maxmemory, bool unit_sizes)
{
    if (maxmemory && unit_sizes)
        print_count(field, maxmemory);
    else if (maxmemory)
        print_maxmemory(field, maxmemory);
    else
        snprintf(field, TEXT_FIELD, "no limit");
}

void text_moment(char *field, struct estimate estimate, size_t seeds)
{
    char time[UNITS_TEXT];

    if (!estimate.count) {
        snprintf(field, TEXT_FIELD, "-");
        return;
    }
    print_duration(time, llround(estimate.mean * 1e6));
    if (estimate.count == seeds)
        snprintf(field, TEXT_FIELD, "%s", time);
    else
        snprintf(field, TEXT_FIELD, "%s (%zu/%zu)", time, estimate.count, seeds);
}

void text_mark_least(char *field, bool is_least)
{
    if (!is_least || !strcmp(field, "-"))
        return;
    memmove(field + strlen("≥ "), field, strlen(field) + 1);
    memcpy(field, "≥ ", strlen("≥ "));
}
