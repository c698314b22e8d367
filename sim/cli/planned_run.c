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

/* What plan has found in the trace. */
static int take_found(struct run_request *request, const struct plan_file *plan, struct error *error)
{
    bool fits = request->share_count ? plan->whole_size_count == request->server_count : !plan->whole_size_count;

    for (size_t i = 0; i < plan->whole_size_count && fits; i++)
        fits = !strcmp(plan->whole_sizes[i].server, request->server[i]->name);
    if (!fits || (request->warmup.kind != WARMUP_TIME && !plan->has_warmup))
        return error_set(error, ERROR_INPUT,
                         "the plan does not say what its sizes and its warm-up come to: make it again with evsim plan");
    request->whole_sizes = xcalloc(plan->whole_size_count + 1, sizeof *request->whole_sizes);
    request->whole_size_count = plan->whole_size_count;
    for (size_t i = 0; i < plan->whole_size_count; i++) {
        request->whole_sizes[i] = plan->whole_sizes[i];
        request->whole_sizes[i].server = xstrdup(plan->whole_sizes[i].server);
    }
    if (plan->has_warmup) {
        request->warmup.is_found = true;
        request->warmup.found_us = plan->warmup_us;
        request->warmup.found_none = plan->warmup_missed;
    }
    return run_request_find_sizes(request, error); /* nothing is read: --bounds is told of them */
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
    if (take_found(planned->request, plan, error))
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
