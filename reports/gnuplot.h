/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gnuplot: the external program that draws the figures. It is run directly, without a shell, and
 * its messages become part of ours. */
#ifndef REPORTS_GNUPLOT_H
#define REPORTS_GNUPLOT_H

#include "sim/error.h"

/* Runs directory/<name>.gp, which must draw <prefix><name>.svg, .png and .pdf in its own directory, those of them that `forms` has
 * (sim/figure_wishes.h), where `prefix` is a gnuplot variable; the pictures get their names when all are complete. The
 * time at which a PDF was drawn is taken out of it. 0; or, with
 * an error, -1, or REPORT_UNDRAWN (sim/report.h) where gnuplot is to blame; nothing but the pictures is ever removed.
 *
 * gnuplot, and every process that it has started, is killed if it takes longer than so many seconds, or when a
 * signal asks to stop (sim/stop.h). */
enum { GNUPLOT_SECONDS = 60 }; /* a figure of a long run takes one or two */
int gnuplot_draw(const char *directory, const char *name, unsigned forms, int seconds, struct error *error);

#endif
