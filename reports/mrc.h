/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc: miss-ratio curves as a table, CSV, JSON and a figure. */
#ifndef REPORTS_MRC_H
#define REPORTS_MRC_H

#include "sim/error.h"
#include "sim/mrc/mrc.h"

#include <stdbool.h>
#include <stdio.h>

/* The table, or JSON, on an open stream; `name` is for messages. 0 or -1. */
int mrc_print(const struct mrc *mrc, bool json, FILE *out, const char *name, struct error *error);
/* mrc.csv, mrc.json and the figure mrc (.dat, .gp, .svg, .png) in the directory, which is made if it is not there.
 * 0 or -1. */
int mrc_write(const struct mrc *mrc, const char *directory, struct error *error);

#endif
