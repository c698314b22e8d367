/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect_text: inspect.txt, what a trace is like, to be read: the verdict in a few sentences, then tables of 80 columns. */
#include "reports/inspect_memory.h"
#include "reports/reading.h"
#include "reports/text.h"
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

static void put(const char *label, const char *text, FILE *out)
{
    paragraph_put(label, LABEL, text, out);
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

static void put_trace(const struct portrait *portrait, FILE *out)
{
    const struct run *run = &portrait->run;
    char text[TEXT] = "", requests[UNITS_TEXT], keys[UNITS_TEXT], time[UNITS_TEXT];

    add(text, "%s (%s): %s requests, %s keys, %s.", run->trace, run->format, print_count(requests, portrait->requests),
        print_count(keys, portrait->keys), print_duration(time, portrait->duration_us));
    if (portrait->is_untimed)
        add(text, " The format has no times: all that is said of time is made up.");
    put("trace", text, out);
}

/* What was assumed and left out while it was read; lines of reading.h, broken at 80 columns. */
static void put_reading(const struct run *run, FILE *out)
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
        put(label, line + length + strspn(line + length, " "), out);
    }
    free(text);
}

static void put_hottest(const struct portrait *portrait, FILE *out)
{
    char text[TEXT] = "", count[UNITS_TEXT];

    for (size_t i = 0; i < portrait->hottest_count && i < MOST_HOTTEST; i++)
        add(text, "%s%.60s %s", i ? ", " : "", portrait->hottest[i].name,
            print_count(count, portrait->hottest[i].requests));
    if (*text)
        put("hottest", text, out);
}

static void put_mix(const struct mix *mix, FILE *out)
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
        put("mix", text, out);
}

/* Of times that are made up there is none. */
static void put_rate(const struct rate *rate, FILE *out)
{
    char text[TEXT] = "", unit[UNITS_TEXT], mean[UNITS_TEXT], low[UNITS_TEXT], median[UNITS_TEXT], p99[UNITS_TEXT],
         max[UNITS_TEXT], when[UNITS_TEXT];

    if (isnan(rate->mean))
        return;
    add(text, "requests in %s: mean %s, min %s, median %s, p99 %s, max %s (%s after the start).",
        print_duration(unit, rate->interval_us), print_count(mean, whole(rate->mean)), print_count(low, rate->min),
        print_count(median, rate->median), print_count(p99, rate->p99), print_count(max, rate->max),
        print_duration(when, rate->max_us));
    put("rate", text, out);
}

static void put_line(const struct popularity *popularity, FILE *out)
{
    char text[TEXT] = "", keys[UNITS_TEXT], from[UNITS_TEXT], to[UNITS_TEXT], at[UNITS_TEXT], samples[UNITS_TEXT];
    bool is_refused = popularity->p_value <= GOODNESS_REFUSED;

    if (isnan(popularity->zipf)) {
        add(text, "no slope: %s.", popularity->why_not);
        put("Zipf", text, out);
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
                print_count(to, misfit->to_rank), misfit->ratio, print_count(at, misfit->at_rank));
    }
    add(text, "%s", popularity->misfit_count ? "." : "");
    put("Zipf", text, out);
}

static void put_popularity(const struct popularity *popularity, FILE *out)
{
    char text[TEXT] = "", one[UNITS_TEXT];

    if (!popularity->keys)
        return;
    add(text,
        "the hottest 1 %% of the keys get %.1f %% of the requests, 10 %% get %.1f %%; %s keys (%.1f %%) are named "
        "once.",
        100 * popularity->top_1_share, 100 * popularity->top_10_share, print_count(one, popularity->one_hit_keys),
        100 * popularity->one_hit_share);
    put("keys", text, out);
    put_line(popularity, out);
}

static void put_fills(const struct portrait *portrait, FILE *out)
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
    put("fills", text, out);
}

/* ---- quantiles ---- */

typedef char *print_fn(char *text, uint64_t value);

static char *print_us(char *text, uint64_t value)
{
    return print_duration(text, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

static void put_spread(const char *name, const struct spread *spread, print_fn *print, FILE *out)
{
    const uint64_t values[] = {spread->min, spread->median, spread->p90, spread->p99, spread->max};
    char text[UNITS_TEXT];

    if (!spread->count)
        return;
    fprintf(out, "  %-13s %10s", name, print_count(text, spread->count));
    fprintf(out, " %8s", print(text, whole(spread->mean)));
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        fprintf(out, " %8s", print(text, values[i]));
    putc('\n', out);
}

static void put_spreads(const struct portrait *portrait, FILE *out)
{
    char text[TEXT] = "", count[UNITS_TEXT];

    fprintf(out, "\n  %-13s %10s %8s %8s %8s %8s %8s %8s\n", "", "count", "mean", "min", "median", "p90", "p99", "max");
    put_spread("key size", &portrait->key_sizes, print_bytes, out);
    put_spread("value/request", &portrait->value_sizes, print_bytes, out);
    put_spread("value/key", &portrait->value_sizes_by_key, print_bytes, out);
    put_spread("ttl of writes", &portrait->write_ttls_us, print_us, out);
    put_spread("ttl of reads", &portrait->read_ttls_us, print_us, out);
    if (portrait->server_count)
        put_spread("key in memory", &portrait->servers[0].key_bytes, print_bytes, out);
    put_spread("reuse time", &portrait->reuse_us, print_us, out);
    if (portrait->unsized)
        add(text, "%s reads and writes of values have no size. ", print_count(count, portrait->unsized));
    if (portrait->writes_without_ttl)
        add(text, "%s writes of whole values give no ttl.", print_count(count, portrait->writes_without_ttl));
    if (*text)
        put("", text, out);
}

static void put_working_sets(const struct portrait *portrait, FILE *out)
{
    char text[UNITS_TEXT];

    fprintf(out, "\n  %-15s %11s %11s %11s %11s %9s\n", "working set of", "windows", "keys", "max", "bytes", "max");
    for (size_t i = 0; i < portrait->working_set_count; i++) {
        const struct working_set *set = &portrait->working_sets[i];

        fprintf(out, "  %-15s", set->is_cut ? "the whole trace" : print_us(text, (uint64_t)set->window_us));
        fprintf(out, " %11s", print_count(text, set->windows));
        fprintf(out, " %11s", print_count(text, set->keys_median));
        fprintf(out, " %11s", print_count(text, set->keys_max));
        fprintf(out, " %11s", print_bytes(text, set->bytes_median));
        fprintf(out, " %9s\n", print_bytes(text, set->bytes_max));
        if (set->is_cut)
            break;
    }
    put("", "Keys and bytes are the median window's.", out);
}

static void put_requests(const struct portrait *portrait, FILE *out)
{
    put_mix(&portrait->mix, out);
    if (!portrait->is_untimed)
        put_rate(&portrait->rate, out);
    put_popularity(&portrait->popularity, out);
    put_hottest(portrait, out);
    put_fills(portrait, out);
    put_spreads(portrait, out);
    put_working_sets(portrait, out);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct portrait *portrait = outcome->portrait;

    (void)error;
    put("verdict", portrait->verdict, out);
    putc('\n', out);
    put_trace(portrait, out);
    put_reading(&portrait->run, out);
    if (portrait->requests)
        put_requests(portrait, out);
    else if (portrait->server_count && portrait->servers[0].key_bytes.count)
        put_spreads(portrait, out);
    inspect_memory_put(portrait, out);
    if (portrait->warning_count)
        putc('\n', out);
    for (size_t i = 0; i < portrait->warning_count; i++)
        put("WARNING", portrait->warnings[i].text, out);
    return 0;
}

const struct report report_inspect_text = {
    .name = "inspect.txt",
    .summary = "a portrait of the trace, to be read (also on standard output)",
    .takes = OUTCOME_PORTRAIT,
    .print = PRINT_TABLE,
    .write = write,
};
