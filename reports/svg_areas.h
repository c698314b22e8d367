/* SPDX-License-Identifier: GPL-3.0-or-later */
/* svg_areas: areas below steps in an SVG of gnuplot's, of which it writes each step as a rectangle and a line that hides the seam. A
 * run of them becomes one path around all, through the same points: a tenth of the bytes, and no seams. */
#ifndef REPORTS_SVG_AREAS_H
#define REPORTS_SVG_AREAS_H

#include "sim/error.h"

/* Writes the file anew. 0, or -1. */
int svg_join_areas(const char *path, struct error *error);

/* The same of a text, which ends with a 0; to be freed. */
char *svg_joined(const char *svg);

#endif
