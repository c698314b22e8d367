/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.html: a run to hand over, as one page (html_report.h). */
#include "reports/html_report.h"
#include "sim/report.h"

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct html_run run = {.run = outcome->run};

    (void)error;
    html_report_put(&run, 1, out);
    return 0;
}

const struct report report_report_html = {
    .name = "report.html",
    .summary = "all of it as one page, to be read in a browser or handed over",
    .takes = OUTCOME_RUN,
    .write = write,
};
