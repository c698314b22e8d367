/* SPDX-License-Identifier: GPL-3.0-or-later */
/* results: any outcome as a file that evsim report reads back without a loss (sim/result_file.h). There is one row per
 * kind of outcome. It is the index of the folder, for evsim's own readers begin with it. */
#include "sim/report.h"
#include "sim/result_file.h"

static int write(const struct outcome *outcome, FILE *out, struct error *error)
{
    (void)error;
    result_file_write(outcome, out);
    return 0;
}

const struct report report_run_results = {
    .name = "run" RESULT_FILE_SUFFIX,
    .summary = "everything, to the bit, for evsim report",
    .takes = OUTCOME_RUN,
    .is_index = true,
    .write = write,
};

const struct report report_mrc_results = {
    .name = "mrc" RESULT_FILE_SUFFIX,
    .summary = "miss-ratio curves to the bit, for evsim report",
    .takes = OUTCOME_MRC,
    .is_index = true,
    .write = write,
};

const struct report report_size_results = {
    .name = "size" RESULT_FILE_SUFFIX,
    .summary = "answers to the bit, for evsim report",
    .takes = OUTCOME_SIZING,
    .is_index = true,
    .write = write,
};

const struct report report_comparison_results = {
    .name = "comparison" RESULT_FILE_SUFFIX,
    .summary = "a comparison to the bit, for evsim report",
    .takes = OUTCOME_COMPARISON,
    .is_index = true,
    .write = write,
};

const struct report report_doctor_results = {
    .name = "doctor" RESULT_FILE_SUFFIX,
    .summary = "a diagnosis to the bit, for evsim report",
    .takes = OUTCOME_DIAGNOSIS,
    .is_index = true,
    .write = write,
};

const struct report report_inspect_results = {
    .name = "inspect" RESULT_FILE_SUFFIX,
    .summary = "a portrait to the bit, for evsim report",
    .takes = OUTCOME_PORTRAIT,
    .is_index = true,
    .write = write,
};
