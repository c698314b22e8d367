/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html_article: a page around an article (article.h), as one file that needs no other: a head, its sections, a figure of curves by size
 * whose values can be read, the command and every setting.
 *
 *     html_article_begin(&page, &article);     then article_section() and what is in it, or html_article_figure()
 *     html_article_end(&page, &article);
 */
#ifndef REPORTS_HTML_ARTICLE_H
#define REPORTS_HTML_ARTICLE_H

#include "reports/article.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct html_curve_point {
    uint64_t size; /* 0: no limit */
    double ratio;  /* 0..1; NaN: not known */
    double half_width;
};

struct html_curve {
    const char *panel,
        *label; /* curves of one panel come one after the other; a label is a policy's, the same in every panel */
    struct html_curve_point *points;
    size_t count;
};

/* Nothing is owned. */
struct html_curves {
    const char *name, *title, *caption, *x_name, *y_name, *column;
    bool unit_sizes;
    const struct html_curve *curves;
    size_t count; /* 0: there is no figure */
};

/* A section in the page's list of links. */
struct html_link {
    const char *id, *title;
};

struct html_article {
    const char *title, *about; /* the heading, and what stands below it */
    const char *version;
    const struct run *run; /* its command and settings */
    const struct html_link *links;
    size_t link_count;
    struct html_curves curves;
};

void html_article_begin(const struct html_article *page, FILE *out, struct article *article);
/* The figure's section: "figures". */
void html_article_figure(const struct html_article *page, struct article *article);
void html_article_end(const struct html_article *page, struct article *article);

#endif
