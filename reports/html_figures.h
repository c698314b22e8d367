/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_figures: the figures of a run, for the scripts of a page that draw them (reports/html/figures.js).
 *
 * The numbers are those of the files .dat: each file's text is made, and its blocks are written as columns. A
 * column that has one value throughout is that value, and one that is equal to an earlier block's is {"as": block}; NaN is
 * null. A number has as few digits as it takes to be the same. What is to be drawn of them, a figure's kind says as its layout. */
#ifndef REPORTS_HTML_FIGURES_H
#define REPORTS_HTML_FIGURES_H

#include "reports/html_runs.h"

#include <stdio.h>

/* A heading, a caption and a place for each figure that is drawn; without scripts that is all there is of them.
 * Several runs have theirs side by side, or say why not. */
void html_figures_put_places(const struct html_report *report, FILE *out);

/* Of run `index`, members of a JSON object for the scripts: "time", "sizes", "unit_sizes", "policies", "figures". A run without
 * results has the last alone, empty. */
void html_figures_put_data(const struct html_report *report, size_t index, FILE *out);

#endif
