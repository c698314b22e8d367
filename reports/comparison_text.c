/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/comparison_text.h"

#include "reports/comparison_what_if.h"
#include "reports/comparison_words.h"
#include "sim/advice/comparison.h"
#include "sim/printable.h"
#include "sim/report.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The lines of a pair, in this order; those that are the same in both and 0 are left out. */
static const struct {
    const char *name, *title;
    bool in_bytes;
} shown[] = {
    {"hit_ratio", "hit ratio", false},
    {"byte_hit_ratio", "byte hits", false},
    {"misses_evicted", "misses: evicted", false},
    {"misses_expired_lazily", "misses: expired lazily", false},
    {"misses_expired_by_cycle", "misses: expired by cycle", false},
    {"misses_refused", "misses: refused", false},
    {"evicted_keys", "evicted", false},
    {"expired_keys", "expired", false},
    {"oom_rejections", "OOM", false},
    {"used_memory_peak", "peak mem", true},
    {"used_memory", "final mem", true},
    {"lowest_hit_ratio_of_a_shard", "worst shard: hit ratio", false},
    {"most_evicted_keys_of_a_shard", "worst shard: evicted", false},
    {"most_oom_rejections_of_a_shard", "worst shard: OOM", false},
    {"most_used_memory_peak_of_a_shard", "worst shard: peak mem", true},
};

static const struct article_column pair_columns[] = {
    {.title = "", .gap = 2, .width = 24, .is_text = true},
    {.title = "A", .gap = 1, .width = 12},
    {.title = "B", .gap = 1, .width = 12},
    {.title = "B - A", .gap = 3, .is_text = true},
};
static const struct article_table pair_table = {
    .caption = "A and B", .columns = pair_columns, .count = sizeof pair_columns / sizeof *pair_columns};

static void put_pair(const struct compared_pair *pair, struct article *to)
{
    char cells[400], title[440];

    comparison_cells(cells, sizeof cells, &pair->a, &pair->b);
    snprintf(title, sizeof title, "%s (%ju seed%s)\n", cells, (uintmax_t)pair->seeds, pair->seeds == 1 ? "" : "s");
    article_gap(to);
    article_prose(to, title);
    article_table(to, &pair_table);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct compared_measure *measure = compared_measure(pair, shown[i].name);
        char a[COMPARISON_FIELD], b[COMPARISON_FIELD], difference[COMPARISON_FIELD];

        if (i && (isnan(measure->a) || (measure->a == 0 && measure->b == 0)))
            continue;
        comparison_value(a, measure->a, measure->is_ratio, shown[i].in_bytes);
        comparison_value(b, measure->b, measure->is_ratio, shown[i].in_bytes);
        comparison_difference(difference, measure, shown[i].in_bytes, false);
        article_cell(to, shown[i].title);
        article_number(to, a, measure->a);
        article_number(to, b, measure->b);
        article_number(to, difference, measure->difference);
    }
    article_table_end(to);
}

/* The first line: what the hit ratio does, over all pairs. */
static void put_verdict(const struct variant *variant, FILE *out)
{
    size_t higher = 0, lower = 0, fewer = 0, more = 0, unknown = 0;

    for (size_t i = 0; i < variant->pair_count; i++) {
        const struct compared_measure *ratio = compared_measure(&variant->pairs[i], "hit_ratio");
        const struct compared_measure *refused = compared_measure(&variant->pairs[i], "oom_rejections");

        higher += comparison_is(ratio, "differs") && ratio->difference > 0;
        lower += comparison_is(ratio, "differs") && ratio->difference < 0;
        fewer += comparison_is(refused, "differs") && refused->difference < 0;
        more += comparison_is(refused, "differs") && refused->difference > 0;
        unknown += variant->pairs[i].seeds < 2;
    }
    fprintf(out,
            "Of %zu cell%s, B has a higher hit ratio in %zu and a lower one in %zu;\n"
            "fewer OOM rejections in %zu and more in %zu. In the others the two cannot be\n"
            "told apart.\n",
            variant->pair_count, variant->pair_count == 1 ? "" : "s", higher, lower, fewer, more);
    if (unknown)
        fprintf(out, "Of %zu cell%s there is one seed: whether it is noise is not known.\nRun both with --seeds 10.\n",
                unknown, unknown == 1 ? "" : "s");
}

static void put_only(const char *which, const struct compared_cell *cells, size_t count, FILE *out)
{
    char text[400];

    for (size_t i = 0; i < count; i++) {
        comparison_cells(text, sizeof text, &cells[i], NULL);
        fprintf(out, "only in %s: %s\n", which, text);
    }
}

static void put_name(char letter, const char *name, FILE *out)
{
    char text[256];

    printable_copy(text, sizeof text, name, strlen(name));
    fprintf(out, "%c  %s\n", letter, text);
}

/* Which runs, of which trace, and the settings in which they differ. */
static void put_runs(const struct comparison *comparison, const struct variant *variant, FILE *out)
{
    char count[UNITS_TEXT], name[256];

    put_name('A', comparison->name, out);
    put_name('B', variant->name, out);
    printable_copy(name, sizeof name, comparison->run.trace, strlen(comparison->run.trace));
    fprintf(out, "of %s, %s requests\n", name, print_count(count, comparison->run.commands));
    comparison_put_warmup(&comparison->run, out);
    for (size_t i = 0; i < variant->setting_count; i++) {
        const struct compared_setting *setting = &variant->settings[i];
        char before[64], after[64];

        printable_copy(before, sizeof before, setting->a, strlen(setting->a));
        printable_copy(after, sizeof after, setting->b, strlen(setting->b));
        printable_copy(name, sizeof name, setting->name, strlen(setting->name));
        fprintf(out, "%s: '%s' in A, '%s' in B\n", name, before, after);
    }
}

static void put_unpaired(const struct variant *variant, FILE *out)
{
    put_only("A", variant->only_a, variant->only_a_count, out);
    put_only("B", variant->only_b, variant->only_b_count, out);
}

static void put_two_runs(const struct comparison *comparison, const struct variant *variant, struct article *to)
{
    char legend[] = "±: 95 % confidence interval of the mean difference over the seeds (Student's\n   t); noise: 0 is "
                    "in it\n";
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    put_verdict(variant, file);
    fclose(file);
    article_prose(to, text);
    free(text);
    article_gap(to);
    file = open_memstream(&text, &bytes);
    put_runs(comparison, variant, file);
    fclose(file);
    article_lines(to, text);
    free(text);
    for (size_t i = 0; i < variant->pair_count; i++)
        put_pair(&variant->pairs[i], to);
    article_gap(to);
    file = open_memstream(&text, &bytes);
    put_unpaired(variant, file);
    fclose(file);
    if (*text)
        article_lines(to, text);
    free(text);
    article_prose(to, legend);
}

void comparison_text_put(const struct comparison *comparison, struct article *to)
{
    if (comparison->is_what_if)
        comparison_what_if_put(comparison, to);
    else
        for (size_t i = 0; i < comparison->variant_count; i++)
            put_two_runs(comparison, &comparison->variants[i], to);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    struct article article = {
        .out = out, .form = outcome->markdown ? ARTICLE_MARKDOWN : ARTICLE_TEXT, .chosen = outcome->chosen};

    (void)error;
    comparison_text_put(outcome->comparison, &article);
    return 0;
}

static const struct article_table *const tables[] = {&pair_table, &comparison_what_if_table, NULL};

const struct report report_comparison_text = {
    .name = "comparison.txt",
    .summary = "what is different, to be read",
    .takes = OUTCOME_COMPARISON,
    .print = PRINT_TABLE,
    .has_markdown = true,
    .tables = tables,
    .write = write,
};
