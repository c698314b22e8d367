/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/inspect/inspect.h"

#include "sim/alloc.h"
#include "sim/inspect/accesses.h"
#include "sim/inspect/verdict.h"
#include "sim/input/groups.h"
#include "sim/warnings.h"

#include <stdlib.h>

static void watch(void *owner, const struct batch *batch)
{
    accesses_see(owner, batch);
}

static void tell(const struct accesses *accesses, struct portrait *portrait)
{
    const struct run *run = &portrait->run;

    portrait->requests = run->commands;
    portrait->keys = run->key_count;
    portrait->duration_us = run->duration_us;
    portrait->is_untimed = run->intake.untimed && run->intake.untimed >= run->commands;
    accesses_tell(accesses, portrait);
    portrait->verdict = inspect_verdict(portrait);
}

int inspect_make(const struct inspect_request *request, struct portrait *portrait, struct error *error)
{
    struct cell_config *cells = xcalloc(request->server_count, sizeof *cells);
    struct replay_plan plan = request->plan;
    struct accesses accesses;
    int status = -1;

    accesses_init(&accesses, &portrait->run.start_unix_us);
    for (size_t i = 0; i < request->server_count; i++)
        cells[i] =
            (struct cell_config){.server = request->servers[i], .policy = request->noeviction, .seed = request->seed};
    plan.cells = cells;
    plan.cell_count = request->server_count;
    plan.keeps_names = true;
    plan.by = group_rule_parse("prefix", request->separator, error);
    plan.watch = watch;
    plan.watch_owner = &accesses;
    portrait->run.seed_count = 1;
    if (plan.by)
        status = replay_run(&plan, &portrait->run, error);
    if (!status) {
        warnings_find(&portrait->run);
        portrait->warnings = portrait->run.warnings;
        portrait->warning_count = portrait->run.warning_count;
        portrait->run.warnings = NULL;
        portrait->run.warning_count = 0;
        tell(&accesses, portrait);
    }
    group_rule_free((struct group_rule *)plan.by);
    accesses_release(&accesses);
    free(cells);
    return status;
}
