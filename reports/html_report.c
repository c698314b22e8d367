/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html_report.h"

#include "reports/grid.h"
#include "reports/html_figures.h"
#include "reports/html_page.h"
#include "reports/html_sections.h"
#include "reports/html_tables.h"
#include "reports/html_text.h"
#include "reports/json_values.h"
#include "reports/reading.h"
#include "reports/summary_csv.h"
#include "reports/table_words.h"
#include "reports/verdict.h"
#include "sim/alloc.h"
#include "sim/units.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef void text_fn(const struct run *run, const struct cell_list *list, FILE *out);

static void put_text(text_fn *write, const char *element, const struct run *run, const struct cell_list *list,
                     FILE *out)
{
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    write(run, list, file);
    fclose(file);
    html_put_lines(text, element, out);
    free(text);
}

static void write_verdict(const struct run *run, const struct cell_list *list, FILE *out)
{
    (void)run;
    verdict_put(list, out);
}

static void write_simulated(const struct run *run, const struct cell_list *list, FILE *out)
{
    table_put_trace(run, out);
    table_put_model(run, list, out);
    reading_put(&run->intake, run->start_assumed ? run->start_unix_us : 0, out);
}

/* ---- sections; of several runs each has a part with the run's name ---- */

/* "<h3>NAME</h3>" of one among several. */
static void put_name(const struct html_report *report, size_t index, FILE *out)
{
    if (report->count < 2)
        return;
    fputs("<h3>", out);
    html_put(report->runs[index].name, out);
    fputs("</h3>\n", out);
}

static void put_trace(const struct run *run, FILE *out)
{
    char commands[UNITS_TEXT], keys[UNITS_TEXT], duration[UNITS_TEXT];

    fprintf(out, "%s request%s to %s key%s in %s (", print_count(commands, run->commands),
            run->commands == 1 ? "" : "s", print_count(keys, run->key_count), run->key_count == 1 ? "" : "s",
            print_duration(duration, run->duration_us));
    html_put(run->format, out);
    fputs("), replayed by evsim ", out);
    html_put(run->version, out);
}

static void put_head(const struct html_report *report, FILE *out)
{
    fputs("<a class=\"skip\" href=\"#verdict\">to the results</a>\n<header>\n<h1>", out);
    if (report->count > 1) {
        fprintf(out, "%zu runs side by side", report->count);
    } else {
        fputs("Evictions of ", out);
        html_put(trace_shown(report->runs->run->trace), out);
    }
    fputs("</h1>\n", out);
    for (size_t i = 0; i < report->count; i++) {
        fputs("<p class=\"quiet\">", out);
        if (report->count > 1) {
            html_put(report->runs[i].name, out);
            fputs(": ", out);
            html_put(trace_shown(report->runs[i].run->trace), out);
            fputs(", ", out);
        }
        put_trace(report->runs[i].run, out);
        fputs("</p>\n", out);
    }
    fputs("<nav aria-label=\"sections\"><ul>\n", out);
    if (report->count > 1)
        fputs("<li><a href=\"#differences\">What differs</a></li>\n", out);
    fputs("<li><a href=\"#verdict\">In words</a></li>\n<li><a href=\"#results\">Results</a></li>\n"
          "<li><a href=\"#figures\">Figures</a></li>\n<li><a href=\"#simulated\">What was simulated</a></li>\n"
          "</ul></nav>\n</header>\n<main>\n",
          out);
}

/* ---- what differs between several runs ---- */

/* What a run says of itself under a name; NULL: nothing. */
typedef const char *fact_fn(const struct run *run, const char *name);

static const char *setting_of(const struct run *run, const char *name)
{
    return run_setting(run, name);
}

static const char *version_of(const struct run *run, const char *name)
{
    (void)name;
    return run->version;
}

static const char *trace_of(const struct run *run, const char *name)
{
    (void)name;
    return trace_shown(run->trace);
}

static const char *digest_of(const struct run *run, const char *name)
{
    (void)name;
    return run->trace_digest;
}

static bool differs(const struct html_report *report, fact_fn *fact, const char *name)
{
    const char *first = fact(report->runs->run, name);

    for (size_t i = 1; i < report->count; i++) {
        const char *other = fact(report->runs[i].run, name);

        if (!first != !other || (first && strcmp(first, other) != 0))
            return true;
    }
    return false;
}

/* A row, if they differ in it. Returns whether they do. */
static bool put_difference(const struct html_report *report, fact_fn *fact, const char *name, FILE *out)
{
    if (!differs(report, fact, name))
        return false;
    fputs("<tr><th scope=\"row\">", out);
    html_put(name, out);
    fputs("</th>", out);
    for (size_t i = 0; i < report->count; i++) {
        const char *value = fact(report->runs[i].run, name);

        fputs("<td>", out);
        html_put(value ? value : "not set", out);
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
    return true;
}

/* Whether an earlier run has the setting, so that it had its turn. */
static bool had_turn(const struct html_report *report, size_t index, const char *name)
{
    for (size_t i = 0; i < index; i++)
        if (run_setting(report->runs[i].run, name))
            return true;
    return false;
}

static bool put_different_settings(const struct html_report *report, FILE *out)
{
    bool is_any = false;

    for (size_t i = 0; i < report->count; i++) {
        const struct run *run = report->runs[i].run;

        for (size_t j = 0; j < run->setting_count; j++)
            if (!had_turn(report, i, run->settings[j].name))
                is_any |= put_difference(report, setting_of, run->settings[j].name, out);
    }
    return is_any;
}

static void put_differences(const struct html_report *report, FILE *out)
{
    bool is_any = false;

    if (report->count < 2)
        return;
    fputs("<section aria-labelledby=\"differences\">\n<h2 id=\"differences\">What differs</h2>\n"
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"what differs\">\n<table "
          "class=\"settings\">\n"
          "<thead><tr><th scope=\"col\">of the runs</th>",
          out);
    for (size_t i = 0; i < report->count; i++) {
        fputs("<th scope=\"col\">", out);
        html_put(report->runs[i].name, out);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    is_any |= put_difference(report, trace_of, "trace", out);
    is_any |= put_difference(report, digest_of, "digest of the trace", out);
    is_any |= put_difference(report, version_of, "version of evsim", out);
    is_any |= put_different_settings(report, out);
    fputs("</tbody>\n</table>\n</div>\n", out);
    if (!is_any)
        fputs("<p>Nothing: they are of one trace, with the same settings.</p>\n", out);
    fputs("</section>\n", out);
}

/* ---- what each says ---- */

static bool has_seeds(const struct html_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->runs[i].run->seed_count > 1)
            return true;
    return false;
}

static void put_verdict(const struct html_report *report, FILE *out)
{
    fputs("<section aria-labelledby=\"verdict\">\n<h2 id=\"verdict\">In words</h2>\n", out);
    for (size_t i = 0; i < report->count; i++) {
        put_name(report, i, out);
        fputs("<ul class=\"verdict\">\n", out);
        put_text(write_verdict, "li", report->runs[i].run, &report->lists[i], out);
        fputs("</ul>\n", out);
    }
    if (has_seeds(report))
        fputs("<p class=\"quiet\">Numbers are means over the seeds; ± is half of a 95 % confidence interval.</p>\n",
              out);
    fputs("</section>\n", out);
}

static bool has_warnings(const struct html_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->runs[i].run->warning_count)
            return true;
    return false;
}

static void put_warnings(const struct html_report *report, FILE *out)
{
    if (!has_warnings(report))
        return;
    html_begin_warnings(out);
    for (size_t i = 0; i < report->count; i++)
        html_put_warnings(report->runs[i].run->warnings, report->runs[i].run->warning_count, report->runs[i].name, out);
    html_end_warnings(out);
}

static void put_results(const struct html_report *report, FILE *out)
{
    fputs("<section aria-labelledby=\"results\">\n<h2 id=\"results\">Results</h2>\n", out);
    if (report->count > 1)
        html_tables_put_beside(report, out);
    for (size_t i = 0; i < report->count; i++) {
        const struct run *run = report->runs[i].run;

        put_name(report, i, out);
        html_tables_put_results(run, &report->lists[i], out);
        fputs("<div class=\"notes\">\n", out);
        put_text(table_put_legend, "p", run, &report->lists[i], out);
        fputs("</div>\n", out);
        html_tables_put_misses(run, &report->lists[i], out);
    }
    fputs("</section>\n", out);
}

static void put_figures(const struct html_report *report, FILE *out)
{
    fputs("<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">Figures</h2>\n"
          "<noscript><p>Scripts draw the figures, and are switched off here: the folder <code>figures/</code> of a run "
          "has "
          "them as SVG and PNG.</p></noscript>\n",
          out);
    html_figures_put_places(report, out);
    fputs("</section>\n", out);
}

static void put_simulated(const struct html_report *report, FILE *out)
{
    fputs("<section aria-labelledby=\"simulated\">\n<h2 id=\"simulated\">What was simulated</h2>\n", out);
    for (size_t i = 0; i < report->count; i++) {
        const struct run *run = report->runs[i].run;

        put_name(report, i, out);
        fputs("<div class=\"lines\">\n", out);
        put_text(write_simulated, "div", run, &report->lists[i], out);
        fputs("</div>\n<p>The same again: <code>", out);
        html_put(run->command, out);
        fputs("</code></p>\n<p class=\"quiet\">Digest of the trace (XXH3-128): <code>", out);
        html_put(run->trace_digest, out);
        fputs("</code></p>\n", out);
        html_put_settings(run, out);
    }
    fputs("</section>\n</main>\n", out);
}

/* ---- data for the scripts ---- */

static json_t *summary_text(const struct run *run)
{
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);
    json_t *value;

    summary_csv_put(run, file);
    fclose(file);
    value = json_from_text(text);
    free(text);
    return value;
}

static void put_data(const struct html_report *report, FILE *out)
{
    fputs("{\"runs\":[", out);
    for (size_t i = 0; i < report->count; i++) {
        fputs(i ? ",\n{\"name\":" : "{\"name\":", out);
        html_put_json(json_from_text(report->runs[i].name), out);
        fputs(",\n\"summary\":", out);
        html_put_json(summary_text(report->runs[i].run), out);
        fputs(",\n", out);
        html_figures_put_data(report, i, out);
        putc('}', out);
    }
    fputs("]}", out);
}

void html_report_put(const struct html_run *runs, size_t count, FILE *out)
{
    struct html_report report = {.runs = runs, .count = count, .lists = xcalloc(count, sizeof *report.lists)};
    char title[256];

    for (size_t i = 0; i < count; i++)
        report.lists[i] = cell_list_make(runs[i].run);
    if (count > 1)
        snprintf(title, sizeof title, "evsim: %zu runs side by side", count);
    else
        snprintf(title, sizeof title, "evsim: %s", trace_shown(runs->run->trace));
    html_page_begin(title, runs->run->version, out);
    put_head(&report, out);
    put_differences(&report, out);
    put_verdict(&report, out);
    put_warnings(&report, out);
    put_results(&report, out);
    put_figures(&report, out);
    put_simulated(&report, out);
    html_page_begin_data(out);
    put_data(&report, out);
    html_page_end(out);
    for (size_t i = 0; i < count; i++)
        cell_list_release(&report.lists[i]);
    free(report.lists);
}
