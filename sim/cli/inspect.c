/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inspect: what a trace is like, and what fills a server without a limit. */
#include "sim/cli/answer.h"
#include "sim/cli/run_options.h"

#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/progress.h"
#include "sim/inspect/inspect.h"
#include "sim/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user {
    struct run_request run;
};

#define AT(member) OPTION_IN(struct user, member)

static const struct option inspect_options[] = {
    {.name = "config",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .values = VALUES_FILES,
     .brief = "what a redis.conf sets",
     .help = "a redis.conf: the options below; the command line wins. Its maxmemory is not in force here",
     AT(run.redis.path)},
    {.name = "separator",
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .initial = ":",
     .brief = "what ends a key's prefix",
     .help = "what ends the prefix of a key's name",
     AT(run.separator)},
};

static const struct option_group inspect_groups[] = {
    {.heading = "The server without a limit", OPTIONS_OF(run_server_options), .offset = offsetof(struct user, run)},
    {OPTIONS_OF(inspect_options)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, run.trace)},
    {OPTIONS_OF(memory_options), .offset = offsetof(struct user, run.trace)},
    {OPTIONS_OF(preload_options), .offset = offsetof(struct user, run.trace)},
    {.heading = "The replay", OPTIONS_OF(run_replay_options), .offset = offsetof(struct user, run)},
    {OPTIONS_OF(run_rss_options), .offset = offsetof(struct user, run)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct user, run.output)},
    {OPTIONS_OF(jobs_options), .offset = offsetof(struct user, run.jobs)},
    {.heading = "Redis's options, as in redis.conf",
     .options = redis_request_options + REDIS_EVICTION_OPTIONS, /* nothing is evicted */
     .count = REDIS_OPTIONS - REDIS_EVICTION_OPTIONS,
     .offset = offsetof(struct user, run.redis)},
};
enum { INSPECT_GROUPS = sizeof inspect_groups / sizeof *inspect_groups };

/* ---- checking the options ---- */

static int settle(struct user *user, const struct option_set *set, struct error *error)
{
    struct run_request *run = &user->run;

    run->finds_sizes = true;
    run->default_policies = "noeviction";
    if (run_request_settle(run, set, error))
        return -1;
    for (size_t i = 0; i < run->server_count; i++)
        if (!run->server[i]->profile)
            return error_set(error, ERROR_USAGE,
                             "--server %s has plain sizes, and no memory to look at: name a Redis or Valkey",
                             run->server[i]->name);
    return 0;
}

/* ---- making the portrait ---- */

static int make(struct user *user, struct portrait *portrait, struct error *error)
{
    struct run_request *run = &user->run;
    struct progress progress = {0};
    struct inspect_request request = {
        .plan = run_request_plan(run),
        .servers = run->server,
        .server_count = run->server_count,
        .noeviction = catalog_policy(run->catalog, "noeviction"),
        .seed = run->seed,
        .separator = run->separator,
    };
    int status;

    request.plan.progress = progress_show;
    request.plan.progress_owner = &progress;
    status = inspect_make(&request, portrait, error);

    stop_explains(error, "");
    progress_end(&progress);
    return status;
}

static int make_and_print(struct user *user, const struct option_set *set, struct error *error)
{
    const char *version = user->run.catalog->version;
    struct portrait portrait = {.version = xstrdup(version),
                                .run = {.version = xstrdup(version), .command = xstrdup(set->command)}};
    struct outcome outcome = {.kind = OUTCOME_PORTRAIT, .portrait = &portrait};
    int status = make(user, &portrait, error);

    if (!status)
        status = answer_give(&user->run, set, &outcome, &portrait.run, portrait.warnings, portrait.warning_count,
                             "the portrait and its figures", error);
    portrait_release(&portrait);
    return status;
}

static int inspect_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                        struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = inspect_groups, .group_count = INSPECT_GROUPS, .target = user};
    int status;

    user->run.catalog = catalog;
    user->run.answers = OUTCOME_PORTRAIT;
    status = options_parse(&set, self->name, argc, argv, error);
    if (!status && set.help) {
        help_print(self, catalog, &set, stdout);
    } else if (!status) {
        status = trace_request_operand(&user->run.trace, &set, argv, "evsim inspect TRACE", error);
        if (!status)
            status = settle(user, &set, error);
        if (!status)
            status = make_and_print(user, &set, error);
    }
    run_request_release(&user->run);
    options_release(&set);
    free(user);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim inspect trace.csv.zst", "its portrait"},
    {"evsim inspect monitor.txt -s valkey-8.0 -o portrait", "and figures of it"},
    {"evsim inspect dump.rdb --server all", "a dump's weight"},
    {0},
};

const struct subcommand subcommand_inspect = {
    .name = "inspect",
    .summary = "what a trace is like, and what fills a server without a limit",
    .usage = "evsim inspect TRACE... [options]",
    .about = "Reads TRACE once and says what it is like: commands, rates, sizes, ttls, popularity, reuse, working "
             "sets; and what it leaves in a server without a limit: which keys, prefixes and types fill its memory.",
    .examples = examples,
    .options = inspect_groups,
    .option_groups = INSPECT_GROUPS,
    .operands = VALUES_FILES,
    .run = inspect_main,
};
