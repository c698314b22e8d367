/* SPDX-License-Identifier: GPL-3.0-or-later */
/* groups.csv: with --by, one line per result and group of keys. Each column's sum over a result's groups is that of the whole. Without --by there is
 * only the header. */
#include "reports/csv.h"
#include "sim/report.h"
#include "sim/result.h"

#define NUMBERS_VALUE(type, name) X_NUMBER(name)
#define NUMBERS_TEXT(name)
#define NUMBERS(kind, ...) NUMBERS_##kind(__VA_ARGS__)

static void write_row(const struct run *run, const struct result *result, const struct group *group, FILE *out)
{
    csv_cell(out, run, result);
    csv_text(out, group->name, false);
#define X_NUMBER(name) csv_count(out, group->name, &group->name == &group->bytes);
    GROUP_FIELDS(NUMBERS)
#undef X_NUMBER
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct run *run = outcome->run;

    (void)error;
    csv_cell_titles(out, run);
    fputs("group", out);
#define X_NUMBER(name) fputs("," #name, out);
    GROUP_FIELDS(NUMBERS)
#undef X_NUMBER
    putc('\n', out);
    for (size_t i = 0; i < run->result_count; i++)
        for (size_t j = 0; j < run->results[i].group_count; j++)
            write_row(run, &run->results[i], &run->results[i].groups[j], out);
    return 0;
}

const struct report report_groups_csv = {
    .name = "groups.csv",
    .table = "groups",
    .summary = "with --by: one line per result and group of keys",
    .takes = OUTCOME_RUN,
    .write = write,
};
