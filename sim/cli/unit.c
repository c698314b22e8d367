/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit: replays one unit of a plan, and writes its results where merge looks for them. */
#include "sim/cli/planned_run.h"

#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct unit_request {
    const char *index, *directory;
    struct jobs_request jobs;
    struct quiet_request quiet;
};

static const struct option unit_options[] = {
    {.name = "index",
     .letter = 'i',
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "N",
     .brief = "which unit of the plan, from 0 on",
     .help = "which unit of the plan, from 0 on",
     OPTION_IN(struct unit_request, index)},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .role = OPTION_OF_OUTPUT,
     .argument = "DIR",
     .values = VALUES_FOLDERS,
     .brief = "where the results of all units go",
     .help = "where the results of all units go: evsim merge takes this folder",
     OPTION_IN(struct unit_request, directory)},
};

static const struct option_group unit_groups[] = {
    {OPTIONS_OF(unit_options)},
    {OPTIONS_OF(quiet_options), .offset = offsetof(struct unit_request, quiet)},
    {OPTIONS_OF(jobs_options), .offset = offsetof(struct unit_request, jobs)},
};
enum { UNIT_GROUPS = sizeof unit_groups / sizeof *unit_groups };

static int replay_unit(const struct unit_request *own, const struct catalog *catalog, const struct plan_file *plan,
                       const char *path, uint64_t index, struct error *error)
{
    struct planned_run planned;
    struct run run = {0};
    char name[PLAN_UNIT_NAME];
    const struct unit_place place = {own->directory, plan_unit_name(name, index), plan->trace.digest, path};
    bool is_kept = false;
    int status = planned_run_open(&planned, plan, catalog, error);

    if (own->jobs.jobs)
        planned.request->jobs = own->jobs;
    quiet_request_settle(&own->quiet);
    stop_on_signals();
    if (!status)
        status = run_get_unit(planned.request, &planned.set, &plan->units[index], &place, &run, &is_kept, error);
    if (!status)
        note("%s/%s %s", own->directory, name, is_kept ? "was there already" : "is written");
    run_release(&run);
    planned_run_release(&planned);
    return status;
}

static int run_unit(const struct unit_request *own, const struct catalog *catalog, const struct option_set *set,
                    char **argv, struct error *error)
{
    struct plan_file plan = {0};
    uint64_t index;
    int status;

    if (set->operands != 1 || !own->index || !own->directory)
        return error_set(error, ERROR_USAGE,
                         "say which unit of which plan, and where its results go: evsim unit PLAN "
                         "--index 0 -o DIR");
    if (!scan_uint64(own->index, &index))
        return error_set(error, ERROR_USAGE, "--index '%s': it is a whole number from 0 on", own->index);
    status = plan_file_read(argv[0], &plan, error);
    if (!status)
        status = plan_file_check_version(&plan, argv[0], catalog->version, error);
    if (!status && index >= plan.unit_count)
        status = error_set(error, ERROR_USAGE, "--index %s: %s has units 0 to %zu", own->index, argv[0],
                           plan.unit_count - 1);
    if (!status)
        status = replay_unit(own, catalog, &plan, argv[0], index, error);
    plan_file_release(&plan);
    return status;
}

static int unit_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                     struct error *error)
{
    struct unit_request own = {0};
    struct option_set set = {.groups = unit_groups, .group_count = UNIT_GROUPS, .target = &own};
    int status = options_parse(&set, self->name, argc, argv, error);

    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status)
        status = run_unit(&own, catalog, &set, argv, error);
    options_release(&set);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim unit grid.plan --index 0 -o units", "the first unit"},
    {"evsim unit grid.plan -i 1 -o units -j 1", "on one core"},
    {"evsim unit grid.plan -i 2 -o units --quiet", "without notes"},
    {0},
};

const struct subcommand subcommand_unit = {
    .name = "unit",
    .summary = "replay one unit of a plan",
    .usage = "evsim unit PLAN --index N -o DIR [options]",
    .about = "Replays one unit of what evsim plan has written, and writes its results into DIR: whole, or not at all. "
             "A unit "
             "whose results are there already, of the same plan and trace, is not replayed again.",
    .examples = examples,
    .options = unit_groups,
    .option_groups = UNIT_GROUPS,
    .operands = VALUES_FILES,
    .about_program = true, /* plan tells of it */
    .run = unit_main,
};
