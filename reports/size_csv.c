/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size.csv: every size that evsim size simulated, a line per goal. maxmemory 0 is no limit. */
#include "reports/csv.h"
#include "sim/advice/sizing.h"
#include "sim/report.h"

static void put_goal(const struct sizing *sizing, const struct sized_line *line, const struct sized_point *point,
                     size_t goal, FILE *out)
{
    const struct sized_value *value = &point->values[goal];

    csv_text(out, line->server, false);
    csv_text(out, line->policy, false);
    csv_count(out, point->maxmemory, false);
    csv_count(out, point->seeds, false);
    csv_count(out, line->found && line->maxmemory == point->maxmemory, false);
    csv_text(out, sizing->goals[goal].text, false);
    csv_real(out, value->mean, false);
    csv_real(out, value->least, false);
    csv_real(out, value->most, false);
    csv_count(out, value->seeds_met, false);
    csv_count(out, value->meets_with_more, true);
}

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct sizing *sizing = outcome->sizing;

    (void)error;
    fputs("server,policy,maxmemory,seeds,is_answer,goal,mean,least,most,seeds_met,meets\n", out);
    for (size_t i = 0; i < sizing->line_count; i++)
        for (size_t p = 0; p < sizing->lines[i].point_count; p++)
            for (size_t g = 0; g < sizing->goal_count; g++)
                put_goal(sizing, &sizing->lines[i], &sizing->lines[i].points[p], g, out);
    return 0;
}

const struct report report_size_csv = {
    .name = "size.csv",
    .table = "sizes",
    .summary = "every size that was simulated, a line per goal",
    .takes = OUTCOME_SIZING,
    .print = PRINT_CSV,
    .write = write,
};
