/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect_html: inspect.html, the portrait of a trace to hand over. */
#include "reports/html_article.h"
#include "reports/inspect_text.h"
#include "sim/report.h"

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    static const struct html_link links[] = {{"portrait", "Portrait"}, {"simulated", "What was done"}};
    const struct portrait *portrait = outcome->portrait;
    const struct html_article page = {.title = "What a trace is like",
                                      .about = trace_shown(portrait->run.trace),
                                      .version = portrait->version,
                                      .run = &portrait->run,
                                      .links = links,
                                      .link_count = 2};
    struct article article;

    (void)error;
    html_article_begin(&page, out, &article);
    article_section(&article, "portrait", "Portrait");
    inspect_text_put(portrait, &article);
    html_article_end(&page, &article);
    return 0;
}

const struct report report_inspect_html = {
    .name = "inspect.html",
    .summary = "the portrait as one page, to be read in a browser or handed over",
    .takes = OUTCOME_PORTRAIT,
    .write = write,
};
