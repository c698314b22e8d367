/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_frame: what all figures of an outcome have around them: how large they are, in which forms, and a footer that says of which
 * trace, of when, and by which version of evsim they are.
 *
 * The date is that of the data, of the trace's first request, and not of the day on which the figure was drawn: the same
 * command makes the same bytes. Of a trace whose times are relative, or made up, there is none. */
#ifndef REPORTS_FIGURE_FRAME_H
#define REPORTS_FIGURE_FRAME_H

#include "sim/figure_wishes.h"
#include "sim/outcome.h"

enum { FIGURE_SOURCE = 400 };

struct figure_frame {
    const struct figure_wishes *wishes; /* not owned; NULL: none */
    char source[FIGURE_SOURCE];         /* "sample.csv.zst, 2023-11-14 22:13 UTC, 2h 01m · evsim 0.2.0" */
};

struct figure_frame figure_frame_of(const struct outcome *outcome);

#endif
