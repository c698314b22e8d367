/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.html: a run to hand over, as one file that needs no other: what it says in words, warnings, tables that sort, figures
 * whose values can be read, what was simulated and every setting. All that is text is there without scripts, too.
 *
 * The scripts' data are the figures' (html_figures.h) and summary.csv as it is. */
#include "reports/grid.h"
#include "reports/html_figures.h"
#include "reports/html_page.h"
#include "reports/html_tables.h"
#include "reports/html_text.h"
#include "reports/json_values.h"
#include "reports/reading.h"
#include "reports/summary_csv.h"
#include "reports/table_words.h"
#include "reports/verdict.h"
#include "sim/report.h"
#include "sim/result.h"
#include "sim/units.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is made of lines of text ---- */

/* A number and its % stay on one line. */
static void put_line(char *line, FILE *out)
{
    for (char *part; (part = strstr(line, " %")); line = part + 1) {
        *part = '\0';
        html_put(line, out);
        fputs("&nbsp;", out);
    }
    html_put(line, out);
}

/* Each line in an element of its own; the text is cut. */
static void put_lines(char *text, const char *element, FILE *out)
{
    for (char *line; (line = strsep(&text, "\n"));)
        if (*line) {
            fprintf(out, "<%s>", element);
            put_line(line, out);
            fprintf(out, "</%s>\n", element);
        }
}

typedef void text_fn(const struct run *run, const struct cell_list *list, FILE *out);

static void put_text(text_fn *write, const char *element, const struct run *run, const struct cell_list *list,
                     FILE *out)
{
    char *text = NULL;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    write(run, list, file);
    fclose(file);
    put_lines(text, element, out);
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

/* ---- sections ---- */

static const char *trace_name(const struct run *run)
{
    return strcmp(run->trace, "-") ? run->trace : "standard input";
}

static void put_head(const struct run *run, FILE *out)
{
    char commands[UNITS_TEXT], keys[UNITS_TEXT], duration[UNITS_TEXT];

    fputs("<a class=\"skip\" href=\"#verdict\">to the results</a>\n<header>\n<h1>Evictions of ", out);
    html_put(trace_name(run), out);
    fprintf(out, "</h1>\n<p class=\"quiet\">%s request%s to %s key%s in %s (", print_count(commands, run->commands),
            run->commands == 1 ? "" : "s", print_count(keys, run->key_count), run->key_count == 1 ? "" : "s",
            print_duration(duration, run->duration_us));
    html_put(run->format, out);
    fputs("), replayed by evsim ", out);
    html_put(run->version, out);
    fputs("</p>\n<nav aria-label=\"sections\"><ul>\n"
          "<li><a href=\"#verdict\">In words</a></li>\n<li><a href=\"#results\">Results</a></li>\n"
          "<li><a href=\"#figures\">Figures</a></li>\n<li><a href=\"#simulated\">What was simulated</a></li>\n"
          "</ul></nav>\n</header>\n<main>\n",
          out);
}

static void put_verdict(const struct run *run, const struct cell_list *list, FILE *out)
{
    fputs("<section aria-labelledby=\"verdict\">\n<h2 id=\"verdict\">In words</h2>\n<ul class=\"verdict\">\n", out);
    put_text(write_verdict, "li", run, list, out);
    fputs("</ul>\n", out);
    if (run->seed_count > 1)
        fprintf(out,
                "<p class=\"quiet\">Numbers are means over the seeds, up to %zu; ± is half of a 95 %% confidence "
                "interval.</p>\n",
                run->seed_count);
    fputs("</section>\n", out);
}

static void put_warnings(const struct run *run, FILE *out)
{
    if (!run->warning_count)
        return;
    fputs("<section class=\"warnings\" aria-labelledby=\"warnings\">\n"
          "<h2 id=\"warnings\">Before you believe the numbers</h2>\n<ul>\n",
          out);
    for (size_t i = 0; i < run->warning_count; i++) {
        fputs("<li>", out);
        html_put(run->warnings[i].text, out);
        fputs(" (<code>", out);
        html_put(run->warnings[i].code, out);
        fputs("</code>)</li>\n", out);
    }
    fputs("</ul>\n</section>\n", out);
}

static void put_results(const struct run *run, const struct cell_list *list, FILE *out)
{
    fputs("<section aria-labelledby=\"results\">\n<h2 id=\"results\">Results</h2>\n", out);
    html_tables_put_results(run, list, out);
    fputs("<div class=\"notes\">\n", out);
    put_text(table_put_legend, "p", run, list, out);
    fputs("</div>\n", out);
    html_tables_put_misses(run, list, out);
    fputs("</section>\n", out);
}

static void put_figures(const struct run *run, FILE *out)
{
    fputs("<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">Figures</h2>\n"
          "<noscript><p>Scripts draw the figures, and are switched off here: the folder <code>figures/</code> beside "
          "this file has them as SVG and PNG.</p></noscript>\n",
          out);
    html_figures_put_places(run, out);
    fputs("</section>\n", out);
}

static void put_settings(const struct run *run, FILE *out)
{
    fputs("<details><summary>Every setting in force</summary>\n"
          "<table class=\"settings\">\n<thead><tr><th scope=\"col\">setting</th><th "
          "scope=\"col\">value</th></tr></thead>\n"
          "<tbody>\n",
          out);
    for (size_t i = 0; i < run->setting_count; i++) {
        fputs("<tr><th scope=\"row\">", out);
        html_put(run->settings[i].name, out);
        fputs("</th><td>", out);
        html_put(run->settings[i].value, out);
        fputs("</td></tr>\n", out);
    }
    fputs("</tbody>\n</table>\n</details>\n", out);
}

static void put_simulated(const struct run *run, const struct cell_list *list, FILE *out)
{
    fputs("<section aria-labelledby=\"simulated\">\n<h2 id=\"simulated\">What was simulated</h2>\n<div "
          "class=\"lines\">\n",
          out);
    put_text(write_simulated, "div", run, list, out);
    fputs("</div>\n<p>The same again: <code>", out);
    html_put(run->command, out);
    fputs("</code></p>\n<p class=\"quiet\">Digest of the trace (XXH3-128): <code>", out);
    html_put(run->trace_digest, out);
    fputs("</code></p>\n", out);
    put_settings(run, out);
    fputs("</section>\n</main>\n", out);
}

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

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;
    struct cell_list list = cell_list_make(run);
    char title[256];

    (void)error;
    snprintf(title, sizeof title, "evsim: %s", trace_name(run));
    html_page_begin(title, run->version, out);
    put_head(run, out);
    put_verdict(run, &list, out);
    put_warnings(run, out);
    put_results(run, &list, out);
    put_figures(run, out);
    put_simulated(run, &list, out);
    html_page_begin_data(out);
    fputs("{\"summary\":", out);
    html_put_json(summary_text(run), out);
    fputs(",\n", out);
    html_figures_put_data(run, out);
    putc('}', out);
    html_page_end(out);
    cell_list_release(&list);
    return 0;
}

const struct report report_report_html = {
    .name = "report.html",
    .summary = "all of it as one page, to be read in a browser or handed over",
    .takes = OUTCOME_RUN,
    .write = write,
};
