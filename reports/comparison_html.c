/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison_html: comparison.html, what is different between two runs, or with each what-if, to hand over. */
#include "reports/comparison_text.h"
#include "reports/html_article.h"
#include "sim/report.h"

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    static const struct html_link links[] = {{"differences", "What is different"}, {"simulated", "What was done"}};
    const struct comparison *comparison = outcome->comparison;
    const struct html_article page = {.title = comparison->is_what_if ? "What if" : "Two runs",
                                      .about = trace_shown(comparison->run.trace),
                                      .version = comparison->version,
                                      .run = &comparison->run,
                                      .links = links,
                                      .link_count = 2};
    struct article article;

    (void)error;
    html_article_begin(&page, out, &article);
    article_section(&article, "differences", "What is different");
    comparison_text_put(comparison, &article);
    html_article_end(&page, &article);
    return 0;
}

const struct report report_comparison_html = {
    .name = "comparison.html",
    .summary = "the comparison as one page, to be read in a browser or handed over",
    .takes = OUTCOME_COMPARISON,
    .write = write,
};
