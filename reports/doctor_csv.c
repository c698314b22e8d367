/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor_csv: remedies.csv, the server as it is, and with each remedy that was tried, the best first: a line for each, whose columns are the
 * fields of struct tried (sim/advice/diagnosis.h). */
#include "reports/csv_struct.h"
#include "sim/advice/diagnosis.h"
#include "sim/report.h"

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    const struct diagnosis *diagnosis = outcome->diagnosis;

    (void)error;
    csv_struct_titles(&tried_layout, out);
    csv_struct_line(&tried_layout, &diagnosis->now, out);
    for (size_t i = 0; i < diagnosis->remedy_count; i++)
        csv_struct_line(&tried_layout, &diagnosis->remedies[i], out);
    return 0;
}

const struct report report_doctor_csv = {
    .name = "remedies.csv",
    .table = "remedies",
    .summary = "as it is, and with each remedy: a line each",
    .takes = OUTCOME_DIAGNOSIS,
    .print = PRINT_CSV,
    .write = write,
};
