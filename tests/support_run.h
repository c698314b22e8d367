/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_run: outcomes made by hand, for the tests of the reports. */
#ifndef TESTS_SUPPORT_RUN_H
#define TESTS_SUPPORT_RUN_H

#include "sim/advice/comparison.h"
#include "sim/advice/diagnosis.h"
#include "sim/advice/sizing.h"
#include "sim/inspect/portrait.h"
#include "sim/mrc/mrc.h"
#include "sim/report.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>

/* Two policies at one maxmemory, round numbers. run_release frees it. */
struct run support_small_run(void);

/* Redis's eight policies x `sizes` x `seeds`, with curves of `samples` points that look like a day
 * of real traffic: warm-up, a daily wave, no keys with a ttl until a third of the run, so that the
 * volatile policies first behave as noeviction does. `sizes` from 1 to 6. run_release frees it. */
struct run support_day_run(size_t sizes, size_t seeds, size_t samples);

/* `curves` policies of `points` sizes, the first exact, the others with intervals. mrc_release frees it. */
struct mrc support_mrc(size_t curves, size_t points);

/* Answers of four policies, the last of which has none, with `points` sizes each; `windows` parts of the trace.
 * sizing_release frees it. */
struct sizing support_sizing(size_t points, size_t windows);

/* A diagnosis with so many causes and remedies; healthy without any. diagnosis_release frees it. */
struct diagnosis support_diagnosis(size_t causes, size_t remedies);

/* So many what-ifs of two cells with a seed each. comparison_release frees it. */
struct comparison support_comparison(size_t variants);

/* A portrait of so many requests that are made up, and of two servers. portrait_release frees it. */
struct portrait support_portrait(size_t requests);

/* One outcome of any kind, for what holds for every report. */
enum support_size {
    SUPPORT_SMALL,
    SUPPORT_MEDIUM, /* with everything that makes a figure interesting */
    SUPPORT_LARGE,  /* more than a buffer of stdio */
    SUPPORT_EMPTY,  /* nothing was found */
    SUPPORT_HOLLOW, /* results, or curves, without a point */
};
enum { SUPPORT_KINDS = OUTCOME_KINDS };
struct outcome support_outcome(enum outcome_kind kind, enum support_size size);
void support_outcome_free(struct outcome outcome);

/* A directory of its own under TMPDIR, made. The caller frees the name; support_remove empties it.
 */
char *support_directory(void);
void support_remove(const char *directory); /* and what is in it */

/* The bytes of a file and a terminating 0; NULL when there is none. The caller frees. */
char *support_read_file(const char *directory, const char *name, size_t *bytes);

/* Whether figures can be drawn here. */
bool support_has_gnuplot(void);

#endif
