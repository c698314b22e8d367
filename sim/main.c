/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main: the composition root. Only this file includes the registries, prints errors and exits. */
#include "sim/cli/cli.h"
#include "sim/cli/exit_status.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/registry.h"
#include "sim/cli/terminal.h"
#include "sim/cli/version.h"

#include "policies/admission_registry.h"
#include "policies/registry.h"
#include "reports/columns.h"
#include "reports/fit.h"
#include "reports/export.h"
#include "reports/side_by_side.h"
#include "reports/writer.h"
#include "sim/server/registry.h"
#include "traces/commands/command.h"
#include "traces/registry.h"
#include "traces/write/registry.h"

#include "sim/alloc.h"
#include "sim/crash.h"
#include "sim/output.h"
#include "sim/stop.h"

#include <gsl/gsl_errno.h>
#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Written by the Makefile: .release/version and the commit; the day that the changelog has of this version. */
extern const char evsim_version[], evsim_released[];

static int print(const struct outcome *outcome, enum report_print how, struct error *error)
{
    return reports_print(outcome, how, stdout, "standard output", error);
}

static const struct cli_example examples[] = {
    {"evsim doctor monitor.txt --config redis.conf", "why OOM, and what helps"},
    {"evsim size trace.csv.zst -g oom_rejections=0", "how much memory it needs"},
    {"evsim run trace.csv.zst -m 512mb,1gb -o out", "every policy, side by side"},
    {0},
};

static void print_more(const struct catalog *catalog, FILE *out)
{
    (void)catalog;
    fprintf(out, "\n  evsim COMMAND -h      the essentials of a command, on a screen\n"
                 "  evsim COMMAND --help  all of it; evsim help COMMAND is the same\n"
                 "  evsim --version       which version this is, and which libraries it runs with\n"
                 "\nTRACE is a file, several that are one trace, or - for standard input; plain,\n"
                 "gzip, zstd, xz, bzip2 or lz4; what it is its first bytes tell (evsim run --help\n"
                 "has the formats). Results go to standard output, all else to standard error.\n");
}

/* What is told of evsim itself. */
static const struct subcommand program = {
    .name = "evsim",
    .summary = "what would this Redis have done, on this traffic, with that much memory?",
    .usage = "evsim COMMAND [options]",
    .about = "Replays a trace against a modeled Redis keyspace with a byte budget (maxmemory) through every eviction "
             "policy, and says what each would have done: hit ratios, writes refused for want of memory (OOM), "
             "evictions, memory over time.",
    .examples = examples,
    .more = print_more,
};

enum { EXIT_STATUSES_IN_LINE = 5 };

/* A screen of 24 lines, or with `whole` what else is of all subcommands. */
static void print_usage(bool whole, FILE *out)
{
    fprintf(out, "evsim: %s\n", program.summary);
    if (whole)
        fprintf(out, "usage: %s\n", program.usage);
    fputc('\n', out);
    help_examples(program.examples, out);
    fputc('\n', out);
    for (size_t i = 0; i < subcommand_count; i++)
        if (whole || !subcommands[i]->about_program)
            fprintf(out, "  %-12s %s\n", subcommands[i]->name, subcommands[i]->summary);
    if (!whole) {
        fprintf(out, "evsim COMMAND -h: its essentials   evsim COMMAND --help: all of it\n");
        return;
    }
    program.more(NULL, out);
    fputs("\nexit status:", out);
    for (size_t i = 0; i < EXIT_STATUSES; i++)
        fprintf(out, "%s %d %s",
                !i                           ? ""
                : i == EXIT_STATUSES_IN_LINE ? ",\n            "
                                             : ",",
                exit_statuses[i].status, exit_statuses[i].meaning);
    fputc('\n', out);
}

/* "--print csv", "--print=csv": for a program, or to be pasted. */
static bool prints_data(const char *argument, const char *next)
{
    const char *form = !strcmp(argument, "--print")                         ? next
                       : !strncmp(argument, "--print=", strlen("--print=")) ? argument + strlen("--print=")
                                                                            : "auto";

    return strcasecmp(form, "auto") != 0 && strcasecmp(form, "table") != 0;
}

/* Whether all that is printed are words: help, or a list. */
static bool prints_words(const struct subcommand *subcommand, int argc, char **argv)
{
    bool words = subcommand->prints_words;

    for (int i = 0; i < argc; i++)
        words &= strcmp(argv[i], "--json") != 0 && !prints_data(argv[i], i + 1 < argc ? argv[i + 1] : "");
    for (int i = 0; i < argc; i++)
        words |=
            !strcmp(argv[i], "--help") || !strcmp(argv[i], "-h") || !strncmp(argv[i], "--list-", strlen("--list-"));
    return words && terminal_columns();
}

/* Its words, as wide as the terminal. */
static int run_fitted(const struct subcommand *subcommand, const struct catalog *catalog, int argc, char **argv,
                      struct error *error)
{
    FILE *terminal = stdout, *memory;
    char *text = NULL;
    size_t bytes = 0;
    int status;

    memory = open_memstream(&text, &bytes);
    stdout = memory;
    status = subcommand->run(subcommand, catalog, argc, argv, error);
    stdout = terminal;
    fclose(memory);
    fit_put(text, terminal_columns(), stdout);
    free(text);
    return status;
}

static int run(const struct subcommand *subcommand, const struct catalog *catalog, int argc, char **argv,
               struct error *error)
{
    if (!subcommand)
        return -1;
    return prints_words(subcommand, argc, argv) ? run_fitted(subcommand, catalog, argc, argv, error)
                                                : subcommand->run(subcommand, catalog, argc, argv, error);
}

static int dispatch(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    const struct subcommand *subcommand;
    char help[] = "--help";

    if (argc < 2) {
        print_usage(false, stderr);
        return error_set(error, ERROR_USAGE, "no command given");
    }
    if (!strcmp(argv[1], "help") && argc == 3) {
        subcommand = subcommand_find(catalog, argv[2], error);
        return run(subcommand, catalog, 1, (char *[]){help, NULL}, error);
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_usage(strcmp(argv[1], "-h") != 0, stdout);
        return 0;
    }
    if (!strcmp(argv[1], "--version")) {
        version_print(evsim_version, stdout);
        return 0;
    }
    subcommand = subcommand_find(catalog, argv[1], error);
    return run(subcommand, catalog, argc - 2, argv + 2, error);
}

int main(int argc, char **argv)
{
    const struct catalog catalog = {
        .version = evsim_version,
        .released = evsim_released,
        .program = &program,
        .subcommands = subcommands,
        .subcommand_count = subcommand_count,
        .policies = policies,
        .policy_count = policy_count,
        .admissions = admissions,
        .admission_count = admission_count,
        .servers = servers,
        .server_count = server_count,
        .formats = formats,
        .format_count = format_count,
        .choose_format = format_choose,
        .trace_writers = trace_writers,
        .trace_writer_count = trace_writer_count,
        .parse_command = command_parse,
        .print = print,
        .check_columns = columns_check,
        .figure_name = reports_figure_name,
        .write_reports = reports_write,
        .export = export_write,
        .export_check = export_check,
        .write_side_by_side = side_by_side_write,
    };
    struct error error = {0};

    standard_streams_open();
    crash_clean_up();
    stop_cleans_up();
    gsl_set_error_handler_off();
    json_set_alloc_funcs(xmalloc, free);
    dispatch(&catalog, argc, argv, &error);
    stdout_finish(&error);
    if (error_is_set(&error))
        complain("%s", error.text);
    return error.code;
}
