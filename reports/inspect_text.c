/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/inspect_text.h"

#include "reports/inspect_memory.h"
#include "reports/reading.h"
#include "sim/inspect/goodness.h"
#include "sim/inspect/portrait.h"
#include "sim/report.h"
#include "sim/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 9, TEXT = 1024, MOST_COMMANDS = 12, MOST_HOTTEST = 5 };

static void put(const char *label, const char *text, struct article *to)
{
    article_paragraph(to, label, LABEL, text);
}

__attribute__((format(printf, 2, 3))) static void add(char *text, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + used, TEXT - used, format, arguments);
    va_end(arguments);
}

/* The nearest whole number; of what is none, 0. */
static uint64_t whole(double value)
{
    return value >= 0 && value < 0x1p63 ? (uint64_t)llround(value) : 0;
}

/* ---- the trace ---- */

static void put_trace(const struct portrait *portrait, struct article *to)
{
    const struct run *run = &portrait->run;
    char text[TEXT] = "", requests[UNITS_TEXT], keys[UNITS_TEXT], time[UNITS_TEXT];

    add(text, "%s (%s): %s requests, %s keys, %s.", run->trace, run->format, print_count(requests, portrait->requests),
        print_count(keys, portrait->keys), print_duration(time, portrait->duration_us));
    if (portrait->is_untimed)
        add(text, " The format has no times: all that is said of time is made up.");
    put("trace", text, to);
}

/* What was assumed and left out while it was read; lines of reading.h, broken at 80 columns. */
static void put_reading(const struct run *run, struct article *to)
{
    char *text = NULL, *rest, *line;
    size_t bytes;
    FILE *lines = open_memstream(&text, &bytes);

    if (!lines)
        return;
    reading_put(&run->intake, run->start_assumed ? run->start_unix_us : 0, lines);
    fclose(lines);
    rest = text;
    while ((line = strsep(&rest, "\n")) && *line) {
        size_t length = strcspn(line, " ");
        char label[LABEL];

        snprintf(label, sizeof label, "%.*s", (int)length, line);
        put(label, line + length + strspn(line + length, " "), to);
    }
    free(text);
}

static void put_hottest(const struct portrait *portrait, struct article *to)
{
    char text[TEXT] = "", count[UNITS_TEXT];

    for (size_t i = 0; i < portrait->hottest_count && i < MOST_HOTTEST; i++)
        add(text, "%s%.60s %s", i ? ", " : "", portrait->hottest[i].name,
            print_count(count, portrait->hottest[i].requests));
    if (*text)
        put("hottest", text, to);
}

static void put_mix(const struct mix *mix, struct article *to)
{
    char text[TEXT] = "", count[UNITS_TEXT];

    add(text, "%.1f %% read, %.1f %% write, %.1f %% delete:", 100 * mix->read_share, 100 * mix->write_share,
        100 * mix->delete_share);
    for (size_t i = 0; i < mix->command_count && i < MOST_COMMANDS; i++)
        add(text, "%s %s %s", i ? "," : "", print_count(count, mix->commands[i].count), mix->commands[i].name);
    if (mix->command_count > MOST_COMMANDS)
        add(text, ", and others (--json has all)");
    add(text, ".");
    if (mix->command_count)
        put("mix", text, to);
}

/* Of times that are made up there is none. */
static void put_rate(const struct rate *rate, struct article *to)
{
    char text[TEXT] = "", unit[UNITS_TEXT], mean[UNITS_TEXT], low[UNITS_TEXT], median[UNITS_TEXT], p99[UNITS_TEXT],
         max[UNITS_TEXT], when[UNITS_TEXT];

    if (isnan(rate->mean))
        return;
    add(text, "requests in %s: mean %s, min %s, median %s, p99 %s, max %s (%s after the start).",
        print_duration(unit, rate->interval_us), print_count(mean, whole(rate->mean)), print_count(low, rate->min),
        print_count(median, rate->median), print_count(p99, rate->p99), print_count(max, rate->max),
        print_duration(when, rate->max_us));
    put("rate", text, to);
}

static void put_line(const struct popularity *popularity, struct article *to)
{
    char text[TEXT] = "", keys[UNITS_TEXT], from[UNITS_TEXT], last[UNITS_TEXT], at[UNITS_TEXT], samples[UNITS_TEXT];
    bool is_refused = popularity->p_value <= GOODNESS_REFUSED;

    if (isnan(popularity->zipf)) {
        add(text, "no slope: %s.", popularity->why_not);
        put("Zipf", text, to);
        return;
    }
    add(text, "slope %.3f ± %.3f, by %s: of the %s keys with %s request%s and more, which get %.1f %% of all.",
        popularity->zipf, popularity->zipf_error, popularity->method, print_count(keys, popularity->fitted_keys),
        print_count(from, popularity->from_requests), popularity->from_requests == 1 ? "" : "s",
        100 * popularity->fitted_share);
    add(text,
        " Goodness of fit: p %.2g (%s samples of the law, %s), so Zipf's law is %s; Kolmogorov-Smirnov distance %.4f, "
        "R squared %.4f.",
        popularity->p_value, print_count(samples, popularity->p_samples), "Clauset, Shalizi and Newman's test",
        is_refused ? "refused, and the slope no more than the nearest" : "not refused", popularity->ks_distance,
        popularity->r_squared);
    for (size_t i = 0; i < popularity->misfit_count; i++) {
        const struct misfit *misfit = &popularity->misfits[i];

        add(text, "%s ", i ? "," : " It is off at");
        if (misfit->from_rank == misfit->to_rank)
            add(text, "rank %s (%.2g times the line)", print_count(at, misfit->at_rank), misfit->ratio);
        else
            add(text, "ranks %s to %s (%.2g times the line at rank %s)", print_count(from, misfit->from_rank),
                print_count(last, misfit->to_rank), misfit->ratio, print_count(at, misfit->at_rank));
    }
    add(text, "%s", popularity->misfit_count ? "." : "");
    put("Zipf", text, to);
}

static void put_popularity(const struct popularity *popularity, struct article *to)
{
    char text[TEXT] = "", one[UNITS_TEXT];

    if (!popularity->keys)
        return;
    add(text,
        "the hottest 1 %% of the keys get %.1f %% of the requests, 10 %% get %.1f %%; %s keys (%.1f %%) are named "
        "once.",
        100 * popularity->top_1_share, 100 * popularity->top_10_share, print_count(one, popularity->one_hit_keys),
        100 * popularity->one_hit_share);
    put("keys", text, to);
    put_line(popularity, to);
}

static void put_fills(const struct portrait *portrait, struct article *to)
{
    const struct fills *fills = &portrait->fills;
    char text[TEXT] = "", reads[UNITS_TEXT], refilled[UNITS_TEXT];

    if (!strcmp(fills->held, "no reads"))
        add(text, "no key's first command is a read.");
    else if (!strcmp(fills->held, "no writes"))
        add(text, "the trace has no writes, so none that store what was missed.");
    else
        add(text, "%s: of %s keys that were read first, %s (%.1f %%) were written next, within 10 s%s.",
            strcmp(fills->held, "yes") ? strcmp(fills->held, "partly") ? "not in the trace" : "partly in the trace"
                                       : "in the trace, a cache-aside",
            print_count(reads, fills->first_reads), print_count(refilled, fills->refilled), 100 * fills->share,
            strcmp(fills->held, "yes") ? "; the others may have been there when it began" : "");
    put("fills", text, to);
}

/* ---- quantiles ---- */

typedef char *print_fn(char *text, uint64_t value);

static char *print_us(char *text, uint64_t value)
{
    return print_duration(text, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static void put_spread(const char *name, const struct spread *spread, print_fn *print, struct article *to)
{
    const uint64_t values[] = {spread->min, spread->median, spread->p90, spread->p99, spread->max};
    char text[UNITS_TEXT];

    if (!spread->count)
        return;
    article_cell(to, name);
    article_number(to, print_count(text, spread->count), (double)spread->count);
    article_number(to, print(text, whole(spread->mean)), spread->mean);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        article_number(to, print(text, values[i]), (double)values[i]);
}

static const struct article_column spread_columns[] = {
    {.title = "", .gap = 2, .width = 13, .is_text = true},
    {.title = "count", .gap = 1, .width = 10},
    {.title = "mean", .gap = 1, .width = 8},
    {.title = "min", .gap = 1, .width = 8},
    {.title = "median", .gap = 1, .width = 8},
    {.title = "p90", .gap = 1, .width = 8},
    {.title = "p99", .gap = 1, .width = 8},
    {.title = "max", .gap = 1, .width = 8},
};
static const struct article_table spread_table = {
    .caption = "Sizes and times", .columns = spread_columns, .count = sizeof spread_columns / sizeof *spread_columns};

static void put_spreads(const struct portrait *portrait, struct article *to)
{
    char text[TEXT] = "", count[UNITS_TEXT];

    article_gap(to);
    article_table(to, &spread_table);
    put_spread("key size", &portrait->key_sizes, print_bytes, to);
    put_spread("value/request", &portrait->value_sizes, print_bytes, to);
    put_spread("value/key", &portrait->value_sizes_by_key, print_bytes, to);
    put_spread("ttl of writes", &portrait->write_ttls_us, print_us, to);
    put_spread("ttl of reads", &portrait->read_ttls_us, print_us, to);
    if (portrait->server_count)
        put_spread("key in memory", &portrait->servers[0].key_bytes, print_bytes, to);
    put_spread("reuse time", &portrait->reuse_us, print_us, to);
    article_table_end(to);
    if (portrait->unsized)
        add(text, "%s reads and writes of values have no size. ", print_count(count, portrait->unsized));
    if (portrait->writes_without_ttl)
        add(text, "%s writes of whole values give no ttl.", print_count(count, portrait->writes_without_ttl));
    if (*text)
        put("", text, to);
}

static const struct article_column working_set_columns[] = {
    {.title = "working set of", .gap = 2, .width = 15, .is_text = true},
    {.title = "windows", .gap = 1, .width = 11},
    {.title = "keys", .gap = 1, .width = 11},
    {.title = "max", .gap = 1, .width = 11},
    {.title = "bytes", .gap = 1, .width = 11},
    {.title = "max", .gap = 1, .width = 9},
};
static const struct article_table working_set_table = {.caption = "Working sets",
                                                       .columns = working_set_columns,
                                                       .count =
                                                           sizeof working_set_columns / sizeof *working_set_columns};

static void put_working_sets(const struct portrait *portrait, struct article *to)
{
    char text[UNITS_TEXT];

    article_gap(to);
    article_table(to, &working_set_table);
    for (size_t i = 0; i < portrait->working_set_count; i++) {
        const struct working_set *set = &portrait->working_sets[i];

        article_cell(to, set->is_cut ? "the whole trace" : print_us(text, (uint64_t)set->window_us));
        article_number(to, print_count(text, set->windows), (double)set->windows);
        article_number(to, print_count(text, set->keys_median), (double)set->keys_median);
        article_number(to, print_count(text, set->keys_max), (double)set->keys_max);
        article_number(to, print_bytes(text, set->bytes_median), (double)set->bytes_median);
        article_number(to, print_bytes(text, set->bytes_max), (double)set->bytes_max);
        if (set->is_cut)
            break;
    }
    article_table_end(to);
    put("", "Keys and bytes are the median window's.", to);
}

static void put_requests(const struct portrait *portrait, struct article *to)
{
    put_mix(&portrait->mix, to);
    if (!portrait->is_untimed)
        put_rate(&portrait->rate, to);
    put_popularity(&portrait->popularity, to);
    put_hottest(portrait, to);
    put_fills(portrait, to);
    put_spreads(portrait, to);
    put_working_sets(portrait, to);
}

void inspect_text_put(const struct portrait *portrait, struct article *to)
{
    put("verdict", portrait->verdict, to);
    article_gap(to);
    put_trace(portrait, to);
    put_reading(&portrait->run, to);
    if (portrait->requests)
        put_requests(portrait, to);
    else if (portrait->server_count && portrait->servers[0].key_bytes.count)
        put_spreads(portrait, to);
    inspect_memory_put(portrait, to);
    if (portrait->warning_count)
        article_gap(to);
    article_warnings(to, portrait->warnings, portrait->warning_count, LABEL);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    struct article article = {
        .out = out, .form = outcome->markdown ? ARTICLE_MARKDOWN : ARTICLE_TEXT, .chosen = outcome->chosen};

    (void)error;
    inspect_text_put(outcome->portrait, &article);
    return 0;
}

static const struct article_table *const tables[] = {
    &spread_table,         &working_set_table,     &inspect_servers_table,
    &inspect_pages_table,  &inspect_type_table,    &inspect_biggest_table,
    &inspect_prefix_table, &inspect_largest_table, NULL};

const struct report report_inspect_text = {
    .name = "inspect.txt",
    .summary = "a portrait of the trace, to be read (also on standard output)",
    .takes = OUTCOME_PORTRAIT,
    .print = PRINT_TABLE,
    .has_markdown = true,
    .tables = tables,
    .write = write,
};
