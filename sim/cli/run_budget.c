/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/run_budget.h"

#include "sim/advice/refine.h"
#include "sim/cli/note.h"
#include "sim/cli/progress.h"

#include <inttypes.h>

int run_budget_check(const struct run_request *request, struct error *error)
{
    const char *other = request->what_if.count                           ? "--what-if"
                        : request->explain_text                          ? "--explain"
                        : request->bounds                                ? "--bounds"
                        : request->timing                                ? "--timing"
                        : request->clusters.table_count > 1              ? "several --shards"
                        : request->limits.cells || request->limits.bytes ? "--unit-cells or --memory-limit"
                                                                         : NULL;

    if (!request->budget)
        return 0;
    if (other)
        return error_set(error, ERROR_USAGE, "--budget adds sizes to a grid that is replayed: not with %s", other);
    if (request->size_count + request->share_count < 2)
        return error_set(error, ERROR_USAGE,
                         "--budget adds sizes between those of --maxmemory: give two or more, as 1gb,8gb");
    if (!trace_is_rereadable(request->trace.path))
        return error_set(error, ERROR_USAGE, "--budget reads the trace several times: %s is read once only",
                         trace_shown(request->trace.path));
    return 0;
}

int run_budget_spend(const struct run_request *request, const struct grid *grid, const struct replay_plan *plan,
                     struct run *run, struct error *error)
{
    const struct refine_request wish = {plan, grid, request->share_count > 0, request->budget};
    uint64_t added = 0, cost = refine_cost(&wish);
    int status = refine_run(&wish, run, &added, error);

    progress_end(plan->progress_owner);
    if (!status && cost > request->budget)
        note("--budget %" PRIu64 " adds nothing: a size costs %" PRIu64 " simulations", request->budget, cost);
    else if (!status)
        note("--budget: %" PRIu64 " simulation%s added where a curve is steep", added, added == 1 ? "" : "s");
    return status;
}
