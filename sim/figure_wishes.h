/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figure_wishes: which figures are drawn, how large, in which forms, and whether they say what they are of. */
#ifndef SIM_FIGURE_WISHES_H
#define SIM_FIGURE_WISHES_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>

enum figure_form { FIGURE_SVG = 1, FIGURE_PNG = 2, FIGURE_PDF = 4 };

struct figure_wishes {
    const char *names; /* "hit-ratio,*-by-maxmemory", not owned; "none"; NULL: all */
    /* In print. width 0: FIGURE_WIDTH_MM; height 0: as the figure needs. */
    double width_mm, height_mm;
    unsigned forms; /* 0: SVG and PNG */
    bool no_footer;
};

enum { FIGURE_WIDTH_MM = 80, FIGURE_LEAST_MM = 60, FIGURE_MOST_MM = 400 };

/* "80", "80x60", "120mm". -1 with the usage error. */
int figure_wishes_size(struct figure_wishes *wishes, const char *text, struct error *error);
/* "svg,png,pdf", any of them, besides those that are there. Likewise. */
int figure_wishes_forms(struct figure_wishes *wishes, const char *text, struct error *error);
/* Whether each of the names and patterns has a figure, of those that name(of, 0), name(of, 1) ... are, up to NULL. Likewise. */
int figure_wishes_check(const struct figure_wishes *wishes, const char *(*name)(const void *of, size_t index),
                        const void *of, struct error *error);

/* Whether the figure is to be drawn; NULL: there are no wishes. */
bool figure_is_wished(const struct figure_wishes *wishes, const char *name);
/* Of FIGURE_SVG and so on; likewise. */
unsigned figure_forms(const struct figure_wishes *wishes);

#endif
