/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/size_table.h"

#include "reports/reading.h"
#include "reports/size_words.h"
#include "reports/table_words.h"
#include "reports/text_table.h"
#include "sim/alloc.h"
#include "sim/printable.h"
#include "sim/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Whether the goal compares a ratio, from 0 to 1. */
static bool is_ratio(const struct sized_goal *goal)
{
    return !strcmp(goal->name, "hit_ratio") || !strcmp(goal->name, "byte_hit_ratio") ||
           !strcmp(goal->name, "oom_share");
}

static void print_value(char text[64], const struct sized_goal *goal, double value)
{
    char count[UNITS_TEXT];

    if (isnan(value))
        snprintf(text, 64, "-");
    else if (is_ratio(goal))
        snprintf(text, 64, "%.3f %%", 100 * value);
    else if (value >= 100 || value == floor(value))
        snprintf(text, 64, "%s", print_count(count, (uint64_t)llround(value)));
    else
        snprintf(text, 64, "%.3g", value);
}

enum { LABEL = 9 };

static void put_goals(const struct sizing *sizing, struct article *to)
{
    char text[1024] = "", seeds[64] = "one seed";

    for (size_t g = 0; g < sizing->goal_count; g++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", g ? ", " : "", sizing->goals[g].text);
    article_paragraph(to, "goals", LABEL, text);
    if (sizing->seeds != 1)
        snprintf(seeds, sizeof seeds, "an answer holds with each of %" PRIu64 " seeds", sizing->seeds);
    snprintf(text, sizeof text, "%" PRIu64 " simulations in %" PRIu64 " readings; sizes %g %% apart; %s",
             sizing->simulations, sizing->readings, 100 * sizing->precision, seeds);
    article_paragraph(to, "search", LABEL, text);
}

static bool is_set(const struct sizing *sizing, const char *name)
{
    const char *value = run_setting(&sizing->run, name);

    return value && *value;
}

static bool is_divided(const struct sizing *sizing)
{
    const char *of = run_setting(&sizing->run, "maxmemory-of");

    return of && !strcmp(of, "cluster");
}

static void put_cluster(const struct sizing *sizing, struct article *to)
{
    bool has_table = is_set(sizing, "slots");
    char text[512];

    if (!is_set(sizing, "shards") && !has_table)
        return;
    snprintf(text, sizeof text, "shards: %s; %s; ratios hold for the worst shard, too, counts for all together",
             run_setting(&sizing->run, has_table ? "slots" : "shards"),
             is_divided(sizing) ? "maxmemory is divided among them" : "each has this maxmemory");
    article_paragraph(to, "cluster", LABEL, text);
}

static bool has_servers(const struct sizing *sizing)
{
    for (size_t i = 1; i < sizing->line_count; i++)
        if (strcmp(sizing->lines[i].server, sizing->lines[0].server))
            return true;
    return false;
}

/* "allkeys-lru", with the server if there are several. */
static const char *print_name(char text[160], const struct sizing *sizing, const struct sized_line *line)
{
    snprintf(text, 160, "%s%s%s", line->policy, has_servers(sizing) ? " on " : "",
             has_servers(sizing) ? line->server : "");
    return text;
}

/* "allkeys-lru: what is said of it." */
__attribute__((format(printf, 4, 5))) static void put_note(const struct sizing *sizing, const struct sized_line *line,
                                                           struct article *to, const char *format, ...)
{
    char text[1024], name[160];
    va_list arguments;
    int used = snprintf(text, sizeof text, "%s: ", print_name(name, sizing, line));

    va_start(arguments, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
    va_end(arguments);
    article_paragraph(to, "", 0, text);
}

static void put_verdict(const struct sizing *sizing, struct article *to)
{
    const struct sized_line *smallest = size_smallest(sizing);
    char text[UNITS_TEXT], bytes[UNITS_TEXT], name[160], line[512];

    if (!smallest) {
        snprintf(line, sizeof line, "No size meets %s, with %s.", sizing->goal_count > 1 ? "these goals" : "this goal",
                 sizing->line_count > 1 ? "any of the policies" : "this policy");
        article_paragraph(to, "", 0, line);
        return;
    }
    if (sizing->unit_sizes)
        snprintf(line, sizeof line, "%s needs %s%" PRIu64 " objects.", print_name(name, sizing, smallest),
                 sizing->line_count > 1 ? "the least: " : "", smallest->maxmemory);
    else
        snprintf(line, sizeof line, "%s needs %s%s (%s)%s.", print_name(name, sizing, smallest),
                 sizing->line_count > 1 ? "the least: " : "", size_text(text, sizing, smallest->maxmemory),
                 print_bytes(bytes, smallest->maxmemory),
                 !smallest->shard_maxmemory ? ""
                 : is_divided(sizing)       ? " for all shards together"
                                            : " for each shard");
    article_paragraph(to, "", 0, line);
    if (!smallest->can_be_set)
        return;
    snprintf(line, sizeof line, "%sCONFIG SET maxmemory-policy %s\n         CONFIG SET maxmemory %s\n",
             smallest->shard_maxmemory ? "Set it on each shard:\n         " : "Set it:  ", smallest->policy,
             size_text(text, sizing, smallest->shard_maxmemory ? smallest->shard_maxmemory : smallest->maxmemory));
    article_lines(to, line);
}

/* Server and policy, the size, the goals' values, the hit ratio with more memory. */
enum { SERVER, POLICY, SIZE, VALUES };

/* What is found has either name; goals come besides. */
static const char *const shown_titles[] = {"server", "policy", "maxmemory", "objects", "hits +10 %", NULL};

static void fill_titles(const struct sizing *sizing, struct text_row *row)
{
    snprintf(row->fields[SERVER], TEXT_FIELD, "server");
    snprintf(row->fields[POLICY], TEXT_FIELD, "policy");
    snprintf(row->fields[SIZE], TEXT_FIELD, sizing->unit_sizes ? "objects" : "maxmemory");
    for (size_t g = 0; g < sizing->goal_count && VALUES + g + 1 < TEXT_COLUMNS; g++)
        printable_copy(row->fields[VALUES + g], TEXT_FIELD, sizing->goals[g].name, strlen(sizing->goals[g].name));
}

static void fill_row(const struct sizing *sizing, const struct sized_line *line, struct text_row *row)
{
    const struct sized_point *answer = size_answer(line);
    char text[UNITS_TEXT];

    snprintf(row->fields[SERVER], TEXT_FIELD, "%s", line->server);
    printable_copy(row->fields[POLICY], TEXT_FIELD, line->policy, strlen(line->policy));
    snprintf(row->fields[SIZE], TEXT_FIELD, "%s", line->found ? size_text(text, sizing, line->maxmemory) : "none");
    for (size_t g = 0; g < sizing->goal_count && VALUES + g + 1 < TEXT_COLUMNS; g++)
        print_value(row->fields[VALUES + g], &sizing->goals[g], answer ? answer->values[g].mean : NAN);
}

/* By which a column is sorted; NaN: by its text. */
static double exactly(const struct sizing *sizing, const struct sized_line *line, int column)
{
    const struct sized_point *answer = size_answer(line), *more = size_point_with_more(line, 0.1);
    size_t goal = (size_t)(column - VALUES);

    if (column == SIZE)
        return line->found ? (double)line->maxmemory : NAN;
    if (column < SIZE)
        return NAN;
    if (goal < sizing->goal_count)
        return answer ? answer->values[goal].mean : NAN;
    return more ? more->hit_ratio : NAN;
}

static void put_article_rows(const struct sizing *sizing, const struct text_table *table, const struct text_row *rows,
                             struct article *to)
{
    struct article_column columns[TEXT_COLUMNS];
    struct article_table shown = {.caption = "The least maxmemory that meets the goals", .columns = columns};

    for (int i = 0, c; i < table->columns; i++)
        if (table->widths[c = text_table_column(table, i)])
            columns[shown.count++] =
                (struct article_column){.title = rows[0].fields[c], .is_text = table->texts >> c & 1};
    article_table(to, &shown);
    for (size_t k = 0; k < sizing->line_count; k++)
        for (int i = 0, c; i < table->columns; i++)
            if (table->widths[c = text_table_column(table, i)])
                article_number(to, rows[k + 1].fields[c], exactly(sizing, &sizing->lines[k], c));
    article_table_end(to);
}

/* The columns that are wanted. What is found is called maxmemory or objects, whichever is asked for. */
static void choose(const struct sizing *sizing, const struct column_choice *chosen, const struct text_row *rows,
                   struct text_table *table)
{
    const char *titles[TEXT_COLUMNS];

    for (int c = 0; c < table->columns; c++)
        titles[c] = rows[0].fields[c];
    for (int either = SIZE; either <= SIZE + 1; either++)
        if (column_choice_place(chosen, shown_titles[either]) >= 0)
            titles[SIZE] = shown_titles[either];
    text_table_choose(table, titles, chosen);
    for (size_t i = 0; i < sizing->line_count; i++)
        for (int c = 0; c < table->columns; c++)
            if (table->widths[c])
                text_table_measure(table, c, rows[i + 1].fields[c]);
}

static void put_rows(const struct sizing *sizing, struct article *to)
{
    int goals = sizing->goal_count < TEXT_COLUMNS - VALUES - 1 ? (int)sizing->goal_count : TEXT_COLUMNS - VALUES - 1;
    struct text_table table = {.columns = VALUES + goals + 1, .texts = 1 << SERVER | 1 << POLICY};
    struct text_row *rows = xcalloc(sizing->line_count + 1, sizeof *rows);

    fill_titles(sizing, &rows[0]);
    snprintf(rows[0].fields[VALUES + goals], TEXT_FIELD, "hits +10 %%");
    for (size_t i = 0; i < sizing->line_count; i++) {
        const struct sized_point *more = size_point_with_more(&sizing->lines[i], 0.1);

        fill_row(sizing, &sizing->lines[i], &rows[i + 1]);
        if (more && !isnan(more->hit_ratio))
            snprintf(rows[i + 1].fields[VALUES + goals], TEXT_FIELD, "%.3f %%", 100 * more->hit_ratio);
    }
    for (size_t i = 0; i <= sizing->line_count; i++)
        text_table_measure_row(&table, &rows[i]);
    if (!has_servers(sizing))
        table.widths[SERVER] = 0;
    if (to->chosen)
        choose(sizing, to->chosen, rows, &table);
    if (to->columns && !to->chosen) {
        const int last = VALUES + goals;

        text_table_put_long_alone(&table, POLICY, to->columns);
        text_table_fit(&table, &last, 1, to->columns);
    }
    if (to->form == ARTICLE_TEXT)
        for (size_t i = 0; i <= sizing->line_count; i++)
            text_table_put_row(&table, &rows[i], to->out);
    else
        put_article_rows(sizing, &table, rows, to);
    free(rows);
}

/* Whether no size has a value of the goal: nothing was read, say. */
static bool is_unknown(const struct sized_line *line, size_t goal)
{
    for (size_t i = 0; i < line->point_count; i++)
        if (!isnan(line->points[i].values[goal].mean))
            return false;
    return true;
}

/* Why no size will do: which goals no size meets, and the best value that was found. */
static void put_impossible(const struct sizing *sizing, const struct sized_line *line, struct article *to)
{
    char text[UNITS_TEXT], value[64], goals[768] = "";

    for (size_t g = 0; g < sizing->goal_count; g++)
        if (is_unknown(line, g)) {
            put_note(sizing, line, to, "this trace has nothing to measure %s by.", sizing->goals[g].name);
            return;
        }
    if (!line->maxmemory || !size_answer(line)) {
        put_note(sizing, line, to, "no size meets all the goals at once.");
        return;
    }
    for (size_t g = 0; g < sizing->goal_count; g++) {
        const struct sized_value *at = &size_answer(line)->values[g];

        if (at->meets_with_more)
            continue;
        print_value(value, &sizing->goals[g], at->mean);
        snprintf(goals + strlen(goals), sizeof goals - strlen(goals), "%s%s: %s is about the best", *goals ? "; " : "",
                 sizing->goals[g].text, value);
    }
    put_note(sizing, line, to, "no size meets %s, from %s on.", goals, size_text(text, sizing, line->maxmemory));
}

static void put_windows(const struct sizing *sizing, const struct sized_line *line, struct article *to)
{
    uint64_t least = UINT64_MAX, most = 0, none = 0;
    char low[UNITS_TEXT], high[UNITS_TEXT], text[256] = "";

    for (size_t i = 0; i < line->window_count; i++) {
        const struct sized_window *window = &line->windows[i];

        none += !window->found;
        if (window->found && window->maxmemory < least)
            least = window->maxmemory;
        if (window->found && window->maxmemory > most)
            most = window->maxmemory;
    }
    if (most)
        snprintf(text, sizeof text, " need from %s to %s", size_text(low, sizing, least),
                 size_text(high, sizing, most));
    if (none)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s no size is enough for %" PRIu64 " of them",
                 most ? ";" : ":", none);
    put_note(sizing, line, to, "%zu parts of the trace%s.", line->window_count, text);
}

/* The smallest size below the answer at which some seeds meet the goals; NULL: none. */
static const struct sized_point *with_luck(const struct sized_line *line)
{
    for (size_t i = 0; line->found && i < line->point_count; i++)
        if (line->points[i].maxmemory && line->points[i].maxmemory < line->maxmemory && line->points[i].seeds > 1 &&
            line->points[i].seeds_met)
            return &line->points[i];
    return NULL;
}

static bool has_notes(const struct sized_line *line)
{
    return !line->found || line->misses_again || line->window_count || with_luck(line);
}

static void put_notes(const struct sizing *sizing, const struct sized_line *line, struct article *to)
{
    const struct sized_point *lucky = with_luck(line);
    char text[UNITS_TEXT];

    if (!line->found)
        put_impossible(sizing, line, to);
    if (lucky)
        put_note(sizing, line, to, "%s is not sure to do: there %" PRIu64 " of %" PRIu64 " seeds meet the goals.",
                 size_text(text, sizing, lucky->maxmemory), lucky->seeds_met, lucky->seeds);
    if (line->misses_again)
        put_note(sizing, line, to, "more memory is not always better here: %s misses a goal again.",
                 size_text(text, sizing, line->misses_again));
    if (line->window_count)
        put_windows(sizing, line, to);
}

/* What the server needs besides, of the line with the smallest answer: the JSON has it for each. */
static void put_headroom(const struct sizing *sizing, struct article *to)
{
    enum { ASSUMES = 28 };
    const struct sized_line *line = size_smallest(sizing);
    char bytes[UNITS_TEXT], label[64], text[512], name[160];

    if (!line || !line->needed_memory)
        return;
    snprintf(text, sizeof text, "Headroom besides maxmemory, for %s%s%s%s (of the others: --json)",
             print_name(name, sizing, line), line->headroom_shard ? " on shard " : "",
             line->headroom_shard ? line->headroom_shard : "", line->headroom_shard ? ", which needs the most" : "");
    article_gap(to);
    article_paragraph(to, "", 0, text);
    for (size_t i = 0; i < line->headroom_count; i++) {
        snprintf(label, sizeof label, "  %-13s %10s", line->headroom[i].name,
                 print_bytes(bytes, line->headroom[i].bytes));
        snprintf(text, sizeof text, "%s%s", line->headroom[i].assumes, line->headroom[i].is_counted ? " *" : "");
        article_paragraph(to, label, ASSUMES, text);
    }
    snprintf(label, sizeof label, "  %-13s %10s", "in all", print_bytes(bytes, line->needed_memory));
    article_paragraph(to, label, ASSUMES, "at most, with maxmemory");
    article_paragraph(to, "", 2, "* counts in what the server compares with maxmemory, too, when it comes");
}

static void put_instance(const struct sizing *sizing, struct article *to)
{
    const struct sized_line *line = size_smallest(sizing);
    const struct sized_instance *instance = line ? &line->instance : NULL;
    char bytes[UNITS_TEXT], text[512];

    if (!instance || !instance->rule)
        return;
    article_gap(to);
    snprintf(text, sizeof text, "%s of memory%s, by the rule %s: %g %% of it is not maxmemory",
             print_bytes(bytes, instance->needs), instance->machines > 1 ? " for each shard" : "", instance->rule,
             100 * instance->reserve);
    article_paragraph(to, "Machine:", LABEL, text);
    if (instance->source) {
        snprintf(text, sizeof text, "(%s)", instance->source);
        article_paragraph(to, "", LABEL, text);
    }
    if (instance->name) {
        snprintf(text, sizeof text, "%s has %s", instance->name, print_bytes(bytes, instance->memory));
        article_paragraph(to, "", LABEL, text);
    }
    if (isnan(instance->cost))
        return;
    if (instance->machines > 1)
        snprintf(text, sizeof text, "%.2f for %" PRIu64 " machines", instance->cost, instance->machines);
    else
        snprintf(text, sizeof text, "%.2f", instance->cost);
    article_paragraph(to, "Cost:", LABEL, text);
}

static void put_all_notes(const struct sizing *sizing, struct article *to)
{
    bool is_first = true;

    for (size_t i = 0; i < sizing->line_count; i++) {
        if (is_first && has_notes(&sizing->lines[i])) {
            article_gap(to);
            is_first = false;
        }
        put_notes(sizing, &sizing->lines[i], to);
    }
}

/* The trace, and what was assumed while it was read. */
static void put_trace(const struct sizing *sizing, struct article *to, bool of_reading)
{
    char *lines = NULL;
    size_t bytes;
    FILE *file = open_memstream(&lines, &bytes);

    if (of_reading)
        reading_put(&sizing->run.intake, sizing->run.start_assumed ? sizing->run.start_unix_us : 0, file);
    else
        table_put_trace(&sizing->run, file);
    fclose(file);
    article_labelled(to, lines, LABEL);
    free(lines);
}

void size_table_put(const struct sizing *sizing, struct article *to)
{
    put_verdict(sizing, to);
    article_gap(to);
    put_trace(sizing, to, false);
    put_goals(sizing, to);
    put_cluster(sizing, to);
    put_trace(sizing, to, true);
    article_warnings(to, sizing->warnings, sizing->warning_count, LABEL);
    article_gap(to);
    put_rows(sizing, to);
    put_all_notes(sizing, to);
    put_headroom(sizing, to);
    put_instance(sizing, to);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    struct article article = {.out = out,
                              .form = outcome->markdown ? ARTICLE_MARKDOWN : ARTICLE_TEXT,
                              .columns = outcome->columns,
                              .chosen = outcome->chosen};

    (void)error;
    size_table_put(outcome->sizing, &article);
    return 0;
}

const struct report report_size_table = {
    .name = "size.txt",
    .summary = "the smallest maxmemory per policy and server: what is on standard output, to be read",
    .takes = OUTCOME_SIZING,
    .print = PRINT_TABLE,
    .has_markdown = true,
    .columns = shown_titles,
    .write = write,
};
