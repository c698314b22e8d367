/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_runs: what a page is about, for its parts. */
#ifndef REPORTS_HTML_RUNS_H
#define REPORTS_HTML_RUNS_H

#include "reports/grid.h"
#include "sim/result.h"

#include <stddef.h>

struct html_run {
    const struct run *run;
    const char *name; /* among several: where it is from. NULL: it is the only one */
};

/* Nothing is owned. */
struct html_report {
    const struct html_run *runs;
    size_t count;
    struct cell_list *lists; /* of each run */
};

#endif
