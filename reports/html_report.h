/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_report: a page about a run, or about several side by side, as one file that needs no other: what it says in words, warnings,
 * tables that sort, figures whose values can be read, what was simulated and every setting. All that is text is there without
 * scripts, too.
 *
 * The scripts' data are those of the figures (html_figures.h) and summary.csv as it is, of each run. */
#ifndef REPORTS_HTML_REPORT_H
#define REPORTS_HTML_REPORT_H

#include "reports/html_runs.h"

#include <stddef.h>
#include <stdio.h>

/* One run at least. Figures of one name have one scale in all of them; what differs between the runs comes first. */
void html_report_put(const struct html_run *runs, size_t count, FILE *out);

#endif
