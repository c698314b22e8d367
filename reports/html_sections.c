/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/html_sections.h"

#include "reports/html_text.h"

#include <string.h>

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

void html_put_lines(char *text, const char *element, FILE *out)
{
    for (char *line; (line = strsep(&text, "\n"));)
        if (*line) {
            fprintf(out, "<%s>", element);
            put_line(line, out);
            fprintf(out, "</%s>\n", element);
        }
}

void html_begin_warnings(FILE *out)
{
    fputs("<section class=\"warnings\" aria-labelledby=\"warnings\">\n"
          "<h2 id=\"warnings\">Before you believe the numbers</h2>\n<ul>\n",
          out);
}

void html_put_warnings(const struct warning *warnings, size_t count, const char *name, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        fputs("<li>", out);
        if (name) {
            html_put(name, out);
            fputs(": ", out);
        }
        html_put(warnings[i].text, out);
        fputs(" (<code>", out);
        html_put(warnings[i].code, out);
        fputs("</code>)</li>\n", out);
    }
}

void html_end_warnings(FILE *out)
{
    fputs("</ul>\n</section>\n", out);
}

void html_put_settings(const struct run *run, FILE *out)
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
