/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff: compares the results of two earlier runs of one trace, with intervals over the seeds. */
#include "sim/advice/comparison.h"
#include "sim/alloc.h"
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/results.h"
#include "sim/outcome.h"
#include "sim/output.h"
#include "sim/result_file.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct diff_request {
    struct output_request output;
};

static const struct option_group diff_groups[] = {
    {OPTIONS_OF(output_options), .offset = offsetof(struct diff_request, output)},
};
enum { DIFF_GROUPS = sizeof diff_groups / sizeof *diff_groups };

static int read_run(const char *path, struct outcome *outcome, struct error *error)
{
    if (result_files_read(&path, 1, outcome, error))
        return -1;
    if (outcome->kind == OUTCOME_RUN)
        return 0;
    error_set(error, ERROR_INPUT, "%s: %s: evsim diff compares results of evsim run", path,
              outcome_types[outcome->kind].summary);
    return -1;
}

static int print_and_write(const struct catalog *catalog, const struct diff_request *request,
                           const struct comparison *comparison, struct error *error)
{
    struct outcome outcome = {.kind = OUTCOME_COMPARISON, .comparison = comparison};

    if (results_print(catalog, &request->output, &outcome, error))
        return -1;
    return results_write(catalog, &request->output, &outcome, "the differences", error);
}

static int note_both(const struct diff_request *request, const struct run *a, const struct run *b, struct error *error)
{
    return note_warnings(a->warnings, a->warning_count, request->output.strict, error) ||
           note_warnings(b->warnings, b->warning_count, request->output.strict, error);
}

static int compare(const struct catalog *catalog, const struct diff_request *request, const char *const *paths,
                   struct error *error)
{
    struct comparison comparison = {.version = xstrdup(catalog->version), .name = xstrdup(paths[0])};
    struct outcome a = {0}, b = {0};
    struct pairs pairs = {0};
    int status = read_run(paths[0], &a, error) || read_run(paths[1], &b, error) ||
                 pairs_make(a.run, b.run, paths[0], paths[1], &pairs, error) || note_both(request, a.run, b.run, error);

    if (!status) {
        comparison.variant_count = 1;
        comparison.variants = xcalloc(1, sizeof *comparison.variants);
        comparison.variants[0] = variant_of(&pairs, paths[1], "");
        comparison_take_run(&comparison, (struct run *)a.run);
        status = print_and_write(catalog, request, &comparison, error);
    }
    pairs_release(&pairs);
    comparison_release(&comparison);
    outcome_free(&a);
    outcome_free(&b);
    return status ? -1 : 0;
}

static int diff_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                     struct error *error)
{
    struct diff_request request = {0};
    struct option_set set = {.groups = diff_groups, .group_count = DIFF_GROUPS, .target = &request};
    int status = options_parse(&set, self->name, argc, argv, error);

    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status && set.operands != 2)
        status = error_set(error, ERROR_USAGE,
                           "evsim diff compares two runs: evsim diff DIR DIR, folders that evsim run -o "
                           "DIR wrote");
    else if (!status)
        status = results_check(catalog, &request.output, OUTCOME_COMPARISON, error);
    if (!status && !set.help)
        status = compare(catalog, &request, (const char *const *)argv, error);
    options_release(&set);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim diff five ten", "two folders that evsim run -o wrote"},
    {"evsim diff five ten -o differences", "and a figure"},
    {"evsim diff five ten --json", "and as JSON"},
    {0},
};

const struct subcommand subcommand_diff = {
    .name = "diff",
    .summary = "compare two earlier runs of one trace, with intervals",
    .usage = "evsim diff A B [options]",
    .about = "Compares two runs of one trace, A and B: folders that evsim run -o DIR wrote, or their run.results. "
             "Cells of the same server, policy and maxmemory are compared, seed by seed; of what each run has one of, "
             "the two may differ. A difference is given with its 95 % interval over the seeds that both have.",
    .examples = examples,
    .options = diff_groups,
    .option_groups = DIFF_GROUPS,
    .operands = VALUES_FILES,
    .run = diff_main,
};
