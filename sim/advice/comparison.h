/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison: what is different in other runs of a trace, as plain data: cell by cell, number by number, with intervals over the
 * seeds. difference.h has the statistics. evsim diff compares two runs; evsim run --what-if what is with each what-if. */
#ifndef SIM_ADVICE_COMPARISON_H
#define SIM_ADVICE_COMPARISON_H

#include "sim/advice/difference.h"
#include "sim/fields.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COMPARED_CELL_FIELDS(X)                                                                                        \
    X(TEXT, server)                                                                                                    \
    X(TEXT, policy)                                                                                                    \
    X(VALUE, uint64_t, maxmemory) /* bytes, or objects with unit_sizes; 0: no limit */                                 \
    X(VALUE, bool, unit_sizes)

struct compared_cell {
    COMPARED_CELL_FIELDS(FIELD_DECLARE)
};

/* A number of a pair of cells. NaN: nothing was counted; half_width: there is one seed. */
#define COMPARED_MEASURE_FIELDS(X)                                                                                     \
    X(TEXT, name)            /* of struct measure */                                                                   \
    X(VALUE, bool, is_ratio) /* 0..1; else a count */                                                                  \
    X(VALUE, double, a)      /* means over the seeds */                                                                \
    X(VALUE, double, b)                                                                                                \
    X(VALUE, double, difference) /* mean of b - a */                                                                   \
    X(VALUE, double, half_width) /* of its 95 % confidence interval */                                                 \
    X(TEXT, verdict)             /* same, differs, noise, unknown */

struct compared_measure {
    COMPARED_MEASURE_FIELDS(FIELD_DECLARE)
};

#define COMPARED_PAIR_FIELDS(X)                                                                                        \
    X(STRUCT, compared_cell, a)                                                                                        \
    X(STRUCT, compared_cell, b)                                                                                        \
    X(VALUE, uint64_t, seeds) /* that both have */                                                                     \
    X(ARRAY, compared_measure, measures, measure_count)

struct compared_pair {
    COMPARED_PAIR_FIELDS(FIELD_DECLARE)
};

/* A setting that is another. */
#define COMPARED_SETTING_FIELDS(X)                                                                                     \
    X(TEXT, name)                                                                                                      \
    X(TEXT, a)                                                                                                         \
    X(TEXT, b)

struct compared_setting {
    COMPARED_SETTING_FIELDS(FIELD_DECLARE)
};

/* One B. */
#define VARIANT_FIELDS(X)                                                                                              \
    X(TEXT, name)    /* its folder; or the what-if, as changes_print says it */                                        \
    X(TEXT, command) /* how that is made on a running server, or by the application; "" of a folder */                 \
    X(ARRAY, compared_setting, settings, setting_count)                                                                \
    X(ARRAY, compared_pair, pairs, pair_count)                                                                         \
    X(ARRAY, compared_cell, only_a, only_a_count) /* without a partner */                                              \
    X(ARRAY, compared_cell, only_b, only_b_count)

struct variant {
    VARIANT_FIELDS(FIELD_DECLARE)
};

#define COMPARISON_FIELDS(X)                                                                                           \
    X(TEXT, version)                                                                                                   \
    X(STRUCT, run, run) /* A: the trace and how it was replayed; it has no results */                                  \
    X(ARRAY, warning, warnings, warning_count)                                                                         \
    X(VALUE, bool, is_what_if) /* else of two earlier runs */                                                          \
    X(TEXT, name)              /* of A: its folder; "as it is" */                                                      \
    X(ARRAY, variant, variants, variant_count)

struct comparison {
    COMPARISON_FIELDS(FIELD_DECLARE)
};

extern const struct layout compared_cell_layout, compared_measure_layout, compared_pair_layout, compared_setting_layout,
    variant_layout, comparison_layout;

void comparison_release(struct comparison *comparison);
/* Whether what was read from a file makes sense. -1 (ERROR_INPUT) with what does not. */
int comparison_check(const struct comparison *comparison, struct error *error);

/* The variant that the pairs are; its name and command are copied. */
struct variant variant_of(const struct pairs *pairs, const char *name, const char *command);

/* The number of this name; where the pair has none, NaN and unknown. */
const struct compared_measure *compared_measure(const struct compared_pair *pair, const char *name);

/* A's run passes to the comparison, with its warnings and without its results. */
void comparison_take_run(struct comparison *comparison, struct run *run);

#endif
