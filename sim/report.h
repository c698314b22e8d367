/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report: the contract of an output. One kind of output, one file in reports/, one registry line.
 *
 * A report is a pure function of struct run: it computes no simulation, reads no clock and no
 * environment, and writes the same bytes for the same run. reports/output.c opens the files: each is
 * written under a temporary name and renamed when complete, so that an interrupted run leaves nothing
 * half-written. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include "sim/error.h"
#include "sim/result.h"

#include <stdio.h>

struct report {
    const char *name;    /* "summary.csv": also the file's name in the output directory */
    const char *summary; /* one line for --help and the README */
    /* Exactly one of the two. write: one file, to `out`. write_files: several, in `directory`. */
    int (*write)(const struct run *run, FILE *out, struct error *error);
    int (*write_files)(const struct run *run, const char *directory, struct error *error);
};

#endif
