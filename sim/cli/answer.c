/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/answer.h"

#include "sim/cli/note.h"
#include "sim/cli/results.h"
#include "sim/cli/run_settings.h"

int answer_give(struct run_request *request, const struct option_set *set, const struct outcome *outcome,
                struct run *run, const struct warning *warnings, size_t warning_count, const char *what,
                struct error *error)
{
    run_settings_record(request, set, run);
    if (note_warnings(warnings, warning_count, request->output.strict, error) ||
        results_print(request->catalog, &request->output, outcome, error))
        return -1;
    redis_request_note(&request->redis);
    return results_write(request->catalog, &request->output, outcome, what, error);
}
