/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/comparison_what_if.h"

#include "reports/comparison_verdict.h"
#include "reports/comparison_words.h"
#include "reports/text.h"
#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *of_a_shard;
    bool in_bytes;
} columns[] = {
    {"hit_ratio", "lowest_hit_ratio_of_a_shard", false},
    {"evicted_keys", "most_evicted_keys_of_a_shard", false},
    {"oom_rejections", "most_oom_rejections_of_a_shard", false},
    {"used_memory_peak", "most_used_memory_peak_of_a_shard", true},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const struct article_column article_columns[1 + COLUMNS] = {
    {.title = "", .is_text = true}, {.title = "hit ratio"}, {.title = "evicted"}, {.title = "OOM"},
    {.title = "peak memory"},
};
const struct article_table comparison_what_if_table = {
    .caption = "With each what-if", .columns = article_columns, .count = 1 + COLUMNS};

static void name_columns(const char *titles[1 + COLUMNS])
{
    for (int i = 0; i <= COLUMNS; i++)
        titles[i] = article_columns[i].title;
}

/* Three digits: "123k", "1.23M". */
static void short_count(char *field, double count)
{
    static const char *const units[] = {"", "k", "M", "G", "T"};
    char text[UNITS_TEXT];
    int unit = 0;

    if (count < 99999.5) {
        if (count > 0 && count < 10 && count != round(count))
            snprintf(field, TEXT_FIELD, "%.1f", count);
        else
            snprintf(field, TEXT_FIELD, "%s", print_count(text, (uint64_t)llround(count)));
        return;
    }
    while (count >= 999.5 && unit < 4) {
        count /= 1000;
        unit++;
    }
    snprintf(field, TEXT_FIELD, "%.*f%s", count < 9.995 ? 2 : count < 99.95 ? 1 : 0, count, units[unit]);
}

/* The largest of bytes, KiB, ... of which the size has one at least. */
static double unit_of(double bytes, const char **name)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double unit = 1;
    int i = 0;

    while (bytes / unit >= 1024 && i < 4) {
        unit *= 1024;
        i++;
    }
    *name = names[i];
    return unit;
}

/* "-2,500 ± 47 ~": three digits of each part, both of one unit. */
static void put_change(char *field, const struct compared_measure *measure, bool in_bytes)
{
    const char *sign = measure->difference < 0 ? "-" : "+", *noise = comparison_is(measure, "noise") ? " ~" : "";
    char by[TEXT_FIELD], half[TEXT_FIELD], whole[COMPARISON_FIELD];
    bool has_interval = measure->half_width > 0;
    const char *unit;
    int decimals;
    double bytes;

    if (measure->is_ratio || comparison_is(measure, "same") || isnan(measure->difference)) {
        comparison_difference(whole, measure, false, true);
        snprintf(field, TEXT_FIELD, "%.*s", TEXT_FIELD - 1, whole);
    } else if (in_bytes) {
        bytes = unit_of(fmax(fabs(measure->difference), has_interval ? measure->half_width : 0), &unit);
        decimals = bytes > 1 ? 2 : 0;
        *half = '\0';
        if (has_interval)
            snprintf(half, sizeof half, " ± %.*f", decimals, measure->half_width / bytes);
        snprintf(field, TEXT_FIELD, "%s%.*f%.20s %s%s", sign, decimals, fabs(measure->difference) / bytes, half, unit,
                 noise);
    } else {
        short_count(by, fabs(measure->difference));
        short_count(half, has_interval ? measure->half_width : 0);
        snprintf(field, TEXT_FIELD, "%s%.20s%s%.20s%s", sign, by, has_interval ? " ± " : "", has_interval ? half : "",
                 noise);
    }
}

enum line { LINE_NOW, LINE_THEN, LINE_CHANGE, LINES };

/* Of a column, in all or of the worst shard. */
static const struct compared_measure *measure_of(const struct compared_pair *pair, int column, bool of_a_shard)
{
    return compared_measure(pair, of_a_shard ? columns[column].of_a_shard : columns[column].name);
}

static bool has_shards(const struct compared_pair *pair)
{
    return *measure_of(pair, 0, true)->name;
}

static void put_value(char *field, const struct compared_measure *measure, double value, bool in_bytes)
{
    char text[COMPARISON_FIELD];

    if (isnan(value) || measure->is_ratio || in_bytes) {
        comparison_value(text, value, measure->is_ratio, in_bytes);
        snprintf(field, TEXT_FIELD, "%.*s", TEXT_FIELD - 1, text);
    } else {
        text_count(field, value);
    }
}

static void fill(struct text_row *row, enum line line, const struct compared_pair *pair, bool of_a_shard)
{
    static const char *const labels[LINES] = {"now", "then", "change"};

    *row = (struct text_row){0};
    snprintf(row->fields[0], TEXT_FIELD, "%s", of_a_shard ? "worst shard" : labels[line]);
    for (int i = 0; i < COLUMNS; i++) {
        const struct compared_measure *measure = measure_of(pair, i, of_a_shard);
        bool in_bytes = columns[i].in_bytes && !pair->a.unit_sizes;

        if (line == LINE_CHANGE)
            put_change(row->fields[1 + i], measure, in_bytes);
        else
            put_value(row->fields[1 + i], measure, line == LINE_THEN ? measure->b : measure->a, in_bytes);
    }
}

static struct text_table measure_all(const struct comparison *comparison)
{
    struct text_table table = {.columns = 1 + COLUMNS, .texts = 1};
    struct text_row row;

    for (int i = 0; i < COLUMNS; i++)
        text_table_measure(&table, 1 + i, article_columns[1 + i].title);
    for (size_t v = 0; v < comparison->variant_count; v++)
        for (size_t i = 0; i < comparison->variants[v].pair_count; i++) {
            const struct compared_pair *pair = &comparison->variants[v].pairs[i];

            for (int line = 0; line < LINES; line++)
                for (int part = 0; part < 1 + has_shards(pair); part++) {
                    fill(&row, (enum line)line, pair, part);
                    text_table_measure_row(&table, &row);
                }
        }
    return table;
}

/* Of a cluster, two lines. In a table that has no lines between its rows the what-if's name is the row's. */
static void put_line(const struct text_table *table, enum line line, const struct compared_pair *pair, const char *name,
                     struct article *to)
{
    struct text_row row;

    for (int part = 0; part < 1 + has_shards(pair); part++) {
        fill(&row, line, pair, part);
        if (to->form == ARTICLE_TEXT) {
            text_table_put_row(table, &row, to->out);
            continue;
        }
        article_cell(to, part || line != LINE_THEN ? row.fields[0] : name);
        for (int i = 0; i < COLUMNS; i++) {
            const struct compared_measure *measure = measure_of(pair, i, part);

            article_number(to, row.fields[1 + i],
                           line == LINE_NOW    ? measure->a
                           : line == LINE_THEN ? measure->b
                                               : measure->difference);
        }
    }
}

static bool pair_is_same(const struct compared_pair *pair)
{
    for (size_t m = 0; m < pair->measure_count; m++)
        if (!comparison_is(&pair->measures[m], "same") && !isnan(pair->measures[m].difference))
            return false;
    return true;
}

/* The rules that change nothing in this cell, by name alone. */
static void put_idle(const struct comparison *comparison, size_t cell, size_t idle, struct article *to)
{
    char *text;
    size_t bytes;
    FILE *file;

    if (!idle)
        return;
    file = open_memstream(&text, &bytes);
    fputs("the same with", file);
    for (size_t v = 0; v < comparison->variant_count; v++) {
        const struct variant *variant = &comparison->variants[v];
        const char *word = variant->name + strlen("rule ");

        if (comparison_is_one_rule(variant) && cell < variant->pair_count && pair_is_same(&variant->pairs[cell]))
            fprintf(file, " %.*s%s", (int)strcspn(word, " "), word, --idle ? "," : "");
    }
    fclose(file);
    article_paragraph(to, "", 0, text);
    free(text);
}

/* Of the columns those that are wanted, behind what the lines are called; all of them, if none is among them. */
static void choose(struct text_table *table, const struct column_choice *chosen)
{
    int label = table->widths[0], count = 0;
    const char *titles[1 + COLUMNS];

    name_columns(titles);
    for (int i = 1; i <= COLUMNS; i++)
        count += column_choice_place(chosen, titles[i]) >= 0;
    if (!count)
        return;
    text_table_choose(table, titles, chosen);
    table->widths[0] = label;
    memmove(table->order + 1, table->order, (size_t)count * sizeof *table->order);
    table->order[0] = 0;
    for (int i = 1; i <= COLUMNS; i++)
        if (!table->widths[i])
            table->order[++count] = i; /* they do not show */
}

/* How many rules are left out, for they change nothing. */
static size_t put_variants(const struct comparison *comparison, const struct text_table *table, size_t cell,
                           struct article *to)
{
    size_t idle = 0;

    put_line(table, LINE_NOW, &comparison->variants[0].pairs[cell], "", to);
    for (size_t v = 0; v < comparison->variant_count; v++) {
        const struct variant *variant = &comparison->variants[v];

        if (cell >= variant->pair_count)
            continue;
        if (comparison_is_one_rule(variant) && pair_is_same(&variant->pairs[cell])) {
            idle++;
            continue;
        }
        if (to->form == ARTICLE_TEXT)
            article_paragraph(to, "", 0, variant->name);
        put_line(table, LINE_THEN, &variant->pairs[cell], variant->name, to);
        put_line(table, LINE_CHANGE, &variant->pairs[cell], "", to);
    }
    return idle;
}

/* A cell as it is, and with each what-if. */
static void put_cell(const struct comparison *comparison, const struct text_table *table, size_t cell,
                     struct article *to)
{
    const struct compared_pair *first = &comparison->variants[0].pairs[cell];
    char cells[400], title[440];
    size_t idle;
    struct article_table shown = comparison_what_if_table;
    const char *titles[1 + COLUMNS];

    name_columns(titles);
    shown.caption = cells;
    comparison_cells(cells, sizeof cells, &first->a, NULL);
    snprintf(title, sizeof title, "%s (%ju seed%s)\n", cells, (uintmax_t)first->seeds, first->seeds == 1 ? "" : "s");
    article_gap(to);
    article_prose(to, title);
    if (to->form == ARTICLE_TEXT)
        text_table_put_titles(table, titles, to->out);
    else
        article_table(to, &shown);
    idle = put_variants(comparison, table, cell, to);
    if (to->form != ARTICLE_TEXT)
        article_table_end(to);
    put_idle(comparison, cell, idle, to);
}

/* Whether a cell is a cluster. */
static bool is_of_clusters(const struct comparison *comparison)
{
    for (size_t i = 0; comparison->variant_count && i < comparison->variants[0].pair_count; i++)
        if (has_shards(&comparison->variants[0].pairs[i]))
            return true;
    return false;
}

static bool has_interaction(const struct comparison *comparison)
{
    for (size_t v = 0; v < comparison->variant_count; v++)
        if (!strncmp(comparison->variants[v].name, "interaction ", strlen("interaction ")))
            return true;
    return false;
}

static void put_trace(const struct comparison *comparison, FILE *out)
{
    char count[UNITS_TEXT], name[256];

    printable_copy(name, sizeof name, comparison->run.trace, strlen(comparison->run.trace));
    fprintf(out, "%s, %s requests\n", name, print_count(count, comparison->run.commands));
    if (*comparison->run.intake.grown)
        fprintf(out, "forecast: the trace with %s (--grow)\n", comparison->run.intake.grown);
    comparison_put_warmup(&comparison->run, out);
}

void comparison_what_if_put(const struct comparison *comparison, struct article *to)
{
    struct text_table table = measure_all(comparison);
    char legend[] = "±: 95 % confidence interval of the mean difference over the seeds, which all\n"
                    "share (Student's t); ~: 0 is in it, the difference cannot be told from noise\n",
         of_shards[] = "worst shard: the lowest hit ratio of any, the most of the rest\n",
         interaction[] = "interaction: what is left of an upgrade beyond the sum of its rules, each\n"
                         "exchanged by itself\n";
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    if (to->chosen)
        choose(&table, to->chosen);
    put_trace(comparison, file);
    fclose(file);
    comparison_verdict_put(comparison, to);
    article_gap(to);
    article_prose(to, text);
    free(text);
    for (size_t i = 0; comparison->variant_count && i < comparison->variants[0].pair_count; i++)
        put_cell(comparison, &table, i, to);
    article_gap(to);
    article_prose(to, legend);
    if (has_interaction(comparison))
        article_prose(to, interaction);
    if (is_of_clusters(comparison))
        article_prose(to, of_shards);
    if (to->form != ARTICLE_TEXT) {
        article_warnings(to, comparison->warnings, comparison->warning_count, 0);
        return;
    }
    if (comparison->warning_count)
        article_gap(to);
    warnings_put(comparison->warnings, comparison->warning_count, to->out);
}
