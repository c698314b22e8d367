/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry: the reports there are. One line here, one file in this folder. */
#ifndef REPORTS_REGISTRY_H
#define REPORTS_REGISTRY_H

#include "sim/report.h"

#include <stddef.h>

/* X(name): the file ends with `const struct report report_<name>`. Order is the order of writing.
 */
#define REPORT_LIST(X)                                                                                                 \
    X(table)                                                                                                           \
    X(summary_csv)                                                                                                     \
    X(summary_json)                                                                                                    \
    X(curves_csv)                                                                                                      \
    X(evictions_csv)                                                                                                   \
    X(shards_csv)                                                                                                      \
    X(slots_csv)                                                                                                       \
    X(groups_csv)                                                                                                      \
    X(group_curves_csv)                                                                                                \
    X(evicted_for_csv)                                                                                                 \
    X(run_json)                                                                                                        \
    X(run_results)                                                                                                     \
    X(report_html)                                                                                                     \
    X(figures)                                                                                                         \
    X(servers_figure)                                                                                                  \
    X(mrc_table)                                                                                                       \
    X(mrc_csv)                                                                                                         \
    X(mrc_json)                                                                                                        \
    X(mrc_html)                                                                                                        \
    X(mrc_results)                                                                                                     \
    X(mrc_figure)                                                                                                      \
    X(doctor_text)                                                                                                     \
    X(doctor_json)                                                                                                     \
    X(doctor_csv)                                                                                                      \
    X(doctor_html)                                                                                                     \
    X(doctor_results)                                                                                                  \
    X(doctor_figure)                                                                                                   \
    X(doctor_figures)                                                                                                  \
    X(size_table)                                                                                                      \
    X(size_csv)                                                                                                        \
    X(size_json)                                                                                                       \
    X(size_html)                                                                                                       \
    X(size_run_json)                                                                                                   \
    X(size_results)                                                                                                    \
    X(size_figure)                                                                                                     \
    X(comparison_text)                                                                                                 \
    X(comparison_json)                                                                                                 \
    X(comparison_csv)                                                                                                  \
    X(comparison_html)                                                                                                 \
    X(comparison_figure)                                                                                               \
    X(comparison_results)                                                                                              \
    X(inspect_text)                                                                                                    \
    X(inspect_json)                                                                                                    \
    X(inspect_numbers_csv)                                                                                             \
    X(inspect_html)                                                                                                    \
    X(inspect_results)                                                                                                 \
    X(inspect_rate_csv)                                                                                                \
    X(inspect_working_sets_csv)                                                                                        \
    X(inspect_reuse_csv)                                                                                               \
    X(inspect_sizes_csv)                                                                                               \
    X(inspect_popularity_csv)                                                                                          \
    X(inspect_memory_csv)                                                                                              \
    X(inspect_figure)                                                                                                  \
    X(inspect_figures)

#define X(name) extern const struct report report_##name;
REPORT_LIST(X)
#undef X

extern const struct report *const reports[];
extern const size_t report_count;

const struct report *report_find(const char *name); /* NULL when there is none */

#endif
