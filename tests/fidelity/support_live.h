/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_live: evsim against a real server on traces that nobody has seen before, or on captures of applications.
 *
 *     seed -> two workloads -> traces -> scripts -> server runs, per policy  \
 *                                    -> simulated seeds, per policy          -> one test per count
 *     captures -> as their clients sent them (support_capture.h) likewise
 *
 * The workloads are drawn from the seed: a look-aside cache under pressure, whose misses are filled, and a
 * store whose writes are in the trace and few of whose keys have a ttl. maxmemory is a share of what the
 * trace would need without a limit. */
#ifndef TESTS_FIDELITY_SUPPORT_LIVE_H
#define TESTS_FIDELITY_SUPPORT_LIVE_H

#include "sim/error.h"
#include "sim/generate/generate.h"
#include "sim/live/program.h"
#include "tests/fidelity/support_capture.h"
#include "tests/fidelity/support_curves.h"
#include "tests/fidelity/support_welch.h"

#include <stdbool.h>
#include <stdint.h>

enum live_count {
    LIVE_HITS,
    LIVE_EVICTED,
    LIVE_EXPIRED,
    LIVE_OOM,
    LIVE_ERRORS, /* other error replies */
    LIVE_KEYS,
    LIVE_EXPIRES,
    LIVE_USED_MEMORY,
    LIVE_CURVE, /* mean of used_memory over the minutes */
    LIVE_COUNTS
};
extern const char *const live_count_names[LIVE_COUNTS];

struct live_options {
    struct program program;
    const char *model;           /* a name of sim/model.h */
    const char *const *policies; /* NULL-terminated; NULL: all that Redis has */
    const char *events;          /* a scenario file, or NULL */
    bool changes;                /* instead: maxmemory changes twice, the policy once, as the seed says */
    size_t runs, seeds;          /* of the server and of the model, per policy and workload */
    uint32_t seed;               /* of the workloads, and of the model's randomness */
    bool quick;                  /* small workloads */
    const char *const *captures; /* NULL-terminated: instead of what the seed draws; or NULL */
    double stretch;              /* captures last so many times as long as they did; 0: 1 */
    double share;                /* of what a trace needs, which maxmemory leaves it; 0: the seed draws it */
    double level;                /* of all tests together */
};

/* How far the mean curves may be apart, of maxmemory; beyond it, no further than chance puts them. */
#define LIVE_CURVE_SHARE 0.001

struct live_cell {
    const char *policy;
    double reads; /* of every run */
    struct sample_moments server[LIVE_COUNTS], evsim[LIVE_COUNTS];
    struct welch tests[LIVE_COUNTS];
    bool significant[LIVE_COUNTS];
    struct curve_test curves;
    bool curves_differ; /* by more than LIVE_CURVE_SHARE, and by more than chance */
};

/* The normal deviate that is as rare as the test's p; NAN where nothing varies. */
double live_z(const struct live_cell *cell, enum live_count which);

enum { LIVE_CHANGES_TEXT = 256 };

struct live_workload {
    const char *name;
    const char *capture; /* its path; NULL: a trace is made of the params */
    struct capture_summary summary;
    int64_t info_every_us;
    char changes[LIVE_CHANGES_TEXT]; /* what the seed drew, a line each, as in a scenario file */
    bool fill;
    struct generate_params params;
    uint64_t empty_bytes, need_bytes; /* used_memory without keys, and what the keys add without a limit */
    uint64_t maxmemory;
    uint64_t waiting; /* waits for a key that were ended, in all runs, because the client's next request came */
    struct live_cell *cells;
};

struct live_report {
    struct live_workload *workloads; /* owned */
    size_t workload_count;
    size_t cell_count;  /* per workload: policies */
    size_t significant; /* tests that say the two differ, of counts and of curves */
};

/* Returns when all is done, or -1; SIGINT and SIGTERM end it (ERROR_INTERRUPTED). Release the report either way. */
int live_run(const struct live_options *options, struct live_report *report, struct error *error);
void live_report_release(struct live_report *report);

#endif
