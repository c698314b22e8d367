/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalog: all that there is to choose from. Main fills it from the registries, which it alone may include, and
 * hands it to every subcommand. Names are found in any case, as redis-server finds its own. */
#ifndef SIM_CLI_CATALOG_H
#define SIM_CLI_CATALOG_H

#include "sim/admission.h"
#include "sim/column_choice.h"
#include "sim/error.h"
#include "sim/format.h"
#include "sim/model.h"
#include "sim/policy.h"
#include "sim/report.h"
#include "sim/scenario/scenario.h"
#include "sim/trace_writer.h"

#include <stdbool.h>
#include <stddef.h>

struct subcommand;

struct catalog {
    const char *version;
    const char *released;             /* the day of that version, 2026-11-28 */
    const struct subcommand *program; /* evsim itself: what is told of it, without run */
    const struct subcommand *const *subcommands;
    size_t subcommand_count;
    const struct policy *const *policies;
    size_t policy_count;
    const struct admission *const *admissions;
    size_t admission_count;
    const struct server *servers;
    size_t server_count;
    const struct format *const *formats;
    size_t format_count;
    format_choose_fn *choose_format;
    const struct trace_writer *const *trace_writers;
    size_t trace_writer_count;
    scenario_command_fn *parse_command; /* of a scenario */
    /* Prints the table of any kind of outcome, or its JSON, on standard output. */
    int (*print)(const struct outcome *outcome, enum report_print print, struct error *error);
    /* Whether what is printed so has those columns, and the goals that `besides` names, up to NULL, if it is not NULL; -1 with a
     * usage error that names those there are. */
    int (*check_columns)(enum outcome_kind kind, enum report_print print, const struct column_choice *choice,
                         const char *const *besides, struct error *error);
    /* The names of the figures that reports of the kind draw; NULL after the last. */
    const char *(*figure_name)(enum outcome_kind kind, size_t index);
    /* Writes every report of its kind into the directory, which is made if it is not there. */
    int (*write_reports)(const struct outcome *outcome, const char *directory, struct error *error);
    /* Writes the outcome in a form for other tools, and whether there is one of its kind: reports/export.h. */
    int (*export)(const struct outcome *outcome, const char *form, FILE *out, const char *name, struct error *error);
    int (*export_check)(enum outcome_kind kind, const char *form, struct error *error);
    /* Writes one page about several runs, kept apart, into the directory, likewise. `names` say where each is from. */
    int (*write_side_by_side)(const struct run *const *runs, const char *const *names, size_t count,
                              const char *directory, struct error *error);
};

/* NULL when there is none of that name. A server is also found by its alias, and the
 * newest of a line by the line's name: "redis", "redis-8", "valkey". */
const struct policy *catalog_policy(const struct catalog *catalog, const char *name);
const struct server *catalog_server(const struct catalog *catalog, const char *name);
const struct trace_writer *catalog_trace_writer(const struct catalog *catalog, const char *name);

/* Says that there is no such server, and which was probably meant: of "redis-9" all of Redis, of "reddis" redis. -1. */
int catalog_no_server(const struct catalog *catalog, const char *name, struct error *error);

/* name_of_fn (names.h) of a catalog: for messages. */
const char *catalog_trace_writer_name(const void *catalog, size_t i);
const char *catalog_policy_name(const void *catalog, size_t i);
const char *catalog_admission_name(const void *catalog, size_t i);

#endif
