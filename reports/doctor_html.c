/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.html: a diagnosis to hand over, as one page: the verdict, what to do first, the causes with their evidence, what each
 * remedy did in a table that sorts, the figures of the server as it is, and doctor.txt. */
#include "reports/html_figures.h"
#include "reports/html_page.h"
#include "reports/html_sections.h"
#include "reports/html_text.h"
#include "reports/doctor_text.h"
#include "reports/text_table.h"
#include "sim/advice/diagnosis.h"
#include "sim/report.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_paragraph(const char *text, FILE *out)
{
    fputs("<p>", out);
    html_put(text, out);
    fputs("</p>\n", out);
}

static void put_head(const struct diagnosis *diagnosis, FILE *out)
{
    const struct run *run = &diagnosis->run;
    char maxmemory[TEXT_FIELD], commands[UNITS_TEXT], keys[UNITS_TEXT], duration[UNITS_TEXT];

    fputs("<a class=\"skip\" href=\"#verdict\">to the verdict</a>\n<header>\n<h1>Diagnosis of ", out);
    html_put(diagnosis->server, out);
    fputs("</h1>\n<p class=\"quiet\">", out);
    html_put(diagnosis->policy, out);
    text_maxmemory(maxmemory, diagnosis->maxmemory, false);
    fprintf(out, ", %s%s; ", diagnosis->maxmemory ? "maxmemory " : "", maxmemory);
    if (diagnosis->cluster) {
        html_put(diagnosis->cluster, out);
        fputs(", all of this is about shard ", out);
        html_put(diagnosis->shard, out);
        fputs(", which is worst off; ", out);
    }
    html_put(trace_shown(run->trace), out);
    fprintf(out, ": %s requests to %s keys in %s; evsim ", print_count(commands, run->commands),
            print_count(keys, run->key_count), print_duration(duration, run->duration_us));
    html_put(diagnosis->version, out);
    fputs("</p>\n<nav aria-label=\"sections\"><ul>\n<li><a href=\"#verdict\">Verdict</a></li>\n"
          "<li><a href=\"#causes\">Causes</a></li>\n<li><a href=\"#remedies\">What helps</a></li>\n"
          "<li><a href=\"#figures\">Figures</a></li>\n<li><a href=\"#simulated\">All of it</a></li>\n"
          "</ul></nav>\n</header>\n<main>\n",
          out);
}

static void put_verdict(const struct diagnosis *diagnosis, FILE *out)
{
    fputs("<section aria-labelledby=\"verdict\">\n<h2 id=\"verdict\">Verdict</h2>\n<div class=\"verdict\">\n", out);
    put_paragraph(diagnosis->verdict, out);
    fputs("<p><strong>First:</strong> ", out);
    html_put(diagnosis->first, out);
    fputs("</p>\n</div>\n<p class=\"quiet\">A ", out);
    html_put(diagnosis->role, out);
    fputs(": ", out);
    html_put(diagnosis->role_reason, out);
    fputs(".</p>\n</section>\n", out);
}

static void put_warnings(const struct diagnosis *diagnosis, FILE *out)
{
    if (!diagnosis->warning_count)
        return;
    html_begin_warnings(out);
    html_put_warnings(diagnosis->warnings, diagnosis->warning_count, NULL, out);
    html_end_warnings(out);
}

static void put_causes(const struct diagnosis *diagnosis, FILE *out)
{
    fputs("<section aria-labelledby=\"causes\">\n<h2 id=\"causes\">Causes, the heaviest first</h2>\n", out);
    if (!diagnosis->cause_count)
        fputs("<p>None was found.</p>\n", out);
    else
        fputs("<ol>\n", out);
    for (size_t i = 0; i < diagnosis->cause_count; i++) {
        const struct cause *cause = &diagnosis->causes[i];

        fputs("<li><p><strong>", out);
        html_put(cause->says, out);
        fputs("</strong> (<code>", out);
        html_put(cause->name, out);
        fputs("</code>). ", out);
        html_put(cause->evidence, out);
        fputs("</p>\n", out);
        put_paragraph(cause->first, out);
        fputs("</li>\n", out);
    }
    fputs(diagnosis->cause_count ? "</ol>\n</section>\n" : "</section>\n", out);
}

/* ---- what was tried ---- */

/* A share in per cent, or a count. */
static void put_seen(const struct seen *seen, bool is_ratio, FILE *out)
{
    char field[TEXT_FIELD];

    if (isnan(seen->mean)) {
        fputs("<td>-</td>", out);
        return;
    }
    if (!is_ratio)
        text_estimated_count(field, (struct estimate){.mean = seen->mean, .half_width = seen->half_width});
    else if (seen->half_width > 0)
        snprintf(field, sizeof field, "%.2f ± %.2f %%", seen->mean * 100, seen->half_width * 100);
    else
        snprintf(field, sizeof field, "%.2f %%", seen->mean * 100);
    fprintf(out, "<td data-value=\"%.17g\">", seen->mean);
    html_put(field, out);
    fputs("</td>", out);
}

static void put_trial(const struct tried *trial, FILE *out)
{
    char peak[UNITS_TEXT];

    fputs("<tr><th scope=\"row\" class=\"text\">", out);
    html_put(trial->name, out);
    fputs("</th>", out);
    put_seen(&trial->oom_rejections, false, out);
    put_seen(&trial->hit_ratio, true, out);
    put_seen(&trial->evicted_keys, false, out);
    fprintf(out, "<td data-value=\"%.17g\">%s</td><td class=\"text\"><code>", trial->used_memory_peak.most,
            print_bytes(peak, (uint64_t)trial->used_memory_peak.most));
    html_put(trial->command, out);
    fputs("</code></td></tr>\n", out);
}

static void put_remedies(const struct diagnosis *diagnosis, FILE *out)
{
    char count[UNITS_TEXT];

    fputs("<section aria-labelledby=\"remedies\">\n<h2 id=\"remedies\">What helps, the best first</h2>\n", out);
    if (!diagnosis->remedy_count) {
        fputs("<p>No remedy was tried.</p>\n</section>\n", out);
        return;
    }
    fputs(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"what was tried\">\n<table "
        "class=\"sortable\">\n"
        "<caption>As it is now, and with each remedy</caption>\n<thead><tr><th scope=\"col\" class=\"text\">remedy</th>"
        "<th scope=\"col\" title=\"writes refused\">OOM</th><th scope=\"col\">hit ratio</th>"
        "<th scope=\"col\">evicted</th><th scope=\"col\" title=\"the highest with any seed\">peak memory</th>"
        "<th scope=\"col\" class=\"text\">command</th></tr></thead>\n<tbody>\n",
        out);
    put_trial(&diagnosis->now, out);
    fputs("</tbody>\n<tbody>\n", out);
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        if (!diagnosis->remedies[i].has_no_effect)
            put_trial(&diagnosis->remedies[i], out);
    fprintf(
        out,
        "</tbody>\n</table>\n</div>\n<p class=\"quiet\">Means of %s seed%s; ± is half of a 95 %% confidence interval.",
        print_count(count, diagnosis->now.seeds), diagnosis->now.seeds == 1 ? "" : "s");
    if (diagnosis->without_effect)
        fprintf(out, " %s more remed%s changed nothing.", print_count(count, diagnosis->without_effect),
                diagnosis->without_effect == 1 ? "y" : "ies");
    fputs("</p>\n</section>\n", out);
}

/* ---- figures, and all the rest ---- */

static void put_figures(const struct html_report *report, FILE *out)
{
    fputs("<section aria-labelledby=\"figures\">\n<h2 id=\"figures\">The server as it is</h2>\n"
          "<noscript><p>Scripts draw the figures, and are switched off here: the folder <code>figures/</code> beside "
          "this "
          "file has them as SVG and PNG.</p></noscript>\n",
          out);
    html_figures_put_places(report, out);
    fputs("</section>\n", out);
}

/* doctor.txt as it is, for it also has the largest keys, ttls and growth. */
static void put_all(const struct diagnosis *diagnosis, FILE *out)
{
    char *text = NULL, *rest;
    size_t bytes;
    FILE *file = open_memstream(&text, &bytes);

    doctor_text_put(diagnosis, &(struct article){.out = file});
    fclose(file);
    rest = text;
    fputs("<section aria-labelledby=\"simulated\">\n<h2 id=\"simulated\">All of it</h2>\n"
          "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"doctor.txt\"><pre>",
          out);
    for (char *line; (line = strsep(&rest, "\n"));) {
        html_put(line, out);
        putc('\n', out);
    }
    fputs("</pre></div>\n<p>The same again: <code>", out);
    html_put(diagnosis->run.command, out);
    fputs("</code></p>\n", out);
    html_put_settings(&diagnosis->run, out);
    fputs("</section>\n</main>\n", out);
    free(text);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct diagnosis *diagnosis = outcome->diagnosis;
    const struct html_run run = {.run = &diagnosis->run};
    struct cell_list list = cell_list_make(&diagnosis->run);
    const struct html_report report = {.runs = &run, .count = 1, .lists = &list};
    char title[256];

    (void)error;
    snprintf(title, sizeof title, "evsim doctor: %s", trace_shown(diagnosis->run.trace));
    html_page_begin(title, diagnosis->version, out);
    put_head(diagnosis, out);
    put_verdict(diagnosis, out);
    put_warnings(diagnosis, out);
    put_causes(diagnosis, out);
    put_remedies(diagnosis, out);
    put_figures(&report, out);
    put_all(diagnosis, out);
    html_page_begin_data(out);
    fputs("{\"runs\":[{", out);
    html_figures_put_data(&report, 0, out);
    fputs("}]}", out);
    html_page_end(out);
    cell_list_release(&list);
    return 0;
}

const struct report report_doctor_html = {
    .name = "doctor.html",
    .summary = "the diagnosis as one page, to be read in a browser or handed over",
    .takes = OUTCOME_DIAGNOSIS,
    .write = write,
};
