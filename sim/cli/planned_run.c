/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/planned_run.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

static int check_cells(struct run_request *request, const struct plan_file *plan, struct error *error)
{
    const struct work_unit *last = &plan->units[plan->unit_count - 1];
    size_t count;

    free(run_request_cells(request, &count));
    if (last->first + last->count == count)
        return 0;
    return error_set(error, ERROR_INPUT,
                     "the plan has %zu cells, and its arguments now make %zu: make it again with evsim plan",
                     last->first + last->count, count);
}

int planned_run_open(struct planned_run *planned, const struct plan_file *plan, const struct catalog *catalog,
                     struct error *error)
{
    *planned = (struct planned_run){.request = xcalloc(1, sizeof *planned->request)};
    planned->set =
        (struct option_set){.groups = run_option_groups, .group_count = RUN_OPTION_GROUPS, .target = planned->request};
    planned->arguments = xcalloc((size_t)plan->argument_count + 1, sizeof *planned->arguments);
    if (plan->argument_count)
        memcpy(planned->arguments, plan->arguments, (size_t)plan->argument_count * sizeof *plan->arguments);
    if (run_request_open(planned->request, &planned->set, catalog, plan->argument_count, planned->arguments, error))
        return -1;
    return check_cells(planned->request, plan, error);
}

void planned_run_release(struct planned_run *planned)
{
    run_request_release(planned->request);
    options_release(&planned->set);
    free(planned->arguments);
    free(planned->request);
}
