/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor: says why a server refuses writes or evicts, and what would end it. */
#include "sim/cli/answer.h"
#include "sim/cli/run_options.h"

#include "sim/advice/doctor.h"
#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/progress.h"
#include "sim/output.h"
#include "sim/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user {
    struct run_request run;
    enum role role;
};

/* ---- the options of doctor ---- */

#define AT(member) OPTION_IN(struct user, member)

static const char *const role_words[] = {"auto", "cache", "store", NULL};

static const struct option doctor_options[] = {
    {.name = "role",
     .kind = OPTION_CHOICE,
     .words = role_words,
     .initial = "auto",
     .brief = "whether what is evicted is lost",
     .help =
         "cache: what is evicted can be had again; store: it is lost; auto: a cache if the application writes what it "
         "misses",
     AT(role)},
    {.name = "separator",
     .kind = OPTION_TEXT,
     .argument = "TEXT",
     .initial = ":",
     .help = "what ends the prefix of a key's name: ttls are tried for prefixes",
     AT(run.separator)},
    {.name = "seeds",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "auto",
     .zero = "auto",
     .least = 1,
     .most = 1000,
     .help = "try each remedy with N seeds; auto: 5 up to a million commands, 3 up to ten, 2 beyond",
     AT(run.seeds)},
};

static const struct option_group doctor_groups[] = {
    {.heading = "The server as it is", OPTIONS_OF(run_one_server_options), .offset = offsetof(struct user, run)},
    {.options = run_grid_options + 1,
     .count = RUN_GRID_OPTIONS - 1,
     .offset = offsetof(struct user, run)}, /* --scope */
    {.options = run_server_options + 1,
     .count = RUN_SERVER_OPTIONS - 1,
     .offset = offsetof(struct user, run)}, /* but for --server */
    {OPTIONS_OF(config_options), .offset = offsetof(struct user, run.redis)},
    {.heading = "What to try", OPTIONS_OF(doctor_options)},
    {OPTIONS_OF(shard_options), .offset = offsetof(struct user, run.clusters)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, run.trace)},
    {OPTIONS_OF(memory_options), .offset = offsetof(struct user, run.trace)},
    {OPTIONS_OF(preload_options), .offset = offsetof(struct user, run.trace)},
    {.heading = "The replay", OPTIONS_OF(run_replay_options), .offset = offsetof(struct user, run)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct user, run.output)},
    {OPTIONS_OF(jobs_options), .offset = offsetof(struct user, run.jobs)},
    {.heading = "Redis's options, as in redis.conf",
     OPTIONS_OF(redis_request_options),
     .offset = offsetof(struct user, run.redis)},
};
enum { DOCTOR_GROUPS = sizeof doctor_groups / sizeof *doctor_groups };

/* ---- checking the options ---- */

static int settle(struct user *user, const struct option_set *set, struct error *error)
{
    struct run_request *run = &user->run;

    run->default_policies = "noeviction";
    if (run_request_settle(run, set, error))
        return -1;
    if (run->size_count != 1 || run->policy.count != 1 || run->server_count != 1)
        return error_set(
            error, ERROR_USAGE,
            "the doctor looks at one server as it is configured: one --maxmemory, one --policy, one --server");
    if (run->clusters.table_count > 1)
        return error_set(error, ERROR_USAGE,
                         "the doctor looks at one cluster: give one number to --shards, or --slots");
    if (!run->sizes[0])
        return error_set(error, ERROR_USAGE,
                         "maxmemory is 0, no limit: nothing is refused or evicted; give the --maxmemory to look at");
    if (!run->server[0]->profile)
        return error_set(error, ERROR_USAGE,
                         "--server %s has plain sizes, and no memory to diagnose: name a Redis or Valkey",
                         run->server[0]->name);
    return 0;
}

/* ---- making the diagnosis ---- */

struct teller {
    struct progress progress;
    char what[80];
};

static void tell_reading(void *owner, uint64_t reading, size_t simulations)
{
    struct teller *teller = owner;

    progress_end(&teller->progress);
    snprintf(teller->what, sizeof teller->what, "reading %ju, %zu simulations: ", (uintmax_t)reading, simulations);
    teller->progress = (struct progress){.what = teller->what};
}

static void tell_first(void *owner, const char *line)
{
    struct teller *teller = owner;

    progress_end(&teller->progress);
    note("%s", line);
}

/* Those that the server has. */
static size_t own_policies(const struct catalog *catalog, const struct server *server, const struct policy **policies)
{
    size_t count = 0;

    for (size_t i = 0; i < catalog->policy_count; i++)
        if (server->model->has_policy(server, catalog->policies[i]))
            policies[count++] = catalog->policies[i];
    return count;
}

static int make(struct user *user, struct diagnosis *diagnosis, struct error *error)
{
    struct run_request *run = &user->run;
    const struct policy **policies = xcalloc(run->catalog->policy_count, sizeof *policies);
    struct named_policy policy[CHOICES];
    struct teller teller = {0};
    struct doctor_request request = {
        .plan = run_request_plan(run),
        .server = run->server[0],
        .maxmemory = run->sizes[0],
        .first_seed = run->seed,
        .seeds = run->seeds,
        .role = user->role,
        .separator = run->separator,
        .policies = policies,
        .policy_count = own_policies(run->catalog, run->server[0], policies),
        .tell = tell_reading,
        .tell_first = tell_first,
        .tell_owner = &teller,
    };
    int status;

    request.plan.progress = progress_show;
    request.plan.progress_owner = &teller.progress;
    choice_list_name(&run->policy, policy);
    request.policy = policy[0];
    status = doctor_make(&request, diagnosis, error);
    stop_explains(error, "");
    progress_end(&teller.progress);
    free(policies);
    return status;
}

static int make_and_print(struct user *user, const struct option_set *set, struct error *error)
{
    const char *version = user->run.catalog->version;
    struct diagnosis diagnosis = {.version = xstrdup(version),
                                  .run = {.version = xstrdup(version), .command = xstrdup(set->command)}};
    struct outcome outcome = {.kind = OUTCOME_DIAGNOSIS, .diagnosis = &diagnosis};
    int status = make(user, &diagnosis, error);

    if (!status) {
        user->run.seeds = diagnosis.seeds;
        status = answer_give(&user->run, set, &outcome, &diagnosis.run, diagnosis.warnings, diagnosis.warning_count,
                             "the verdict and its numbers", error);
    }
    diagnosis_release(&diagnosis);
    return status;
}

static int doctor_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                       struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = doctor_groups, .group_count = DOCTOR_GROUPS, .target = user};
    int status;

    user->run.catalog = catalog;
    user->run.answers = OUTCOME_DIAGNOSIS;
    status = options_parse(&set, self->name, argc, argv, error);
    if (!status && set.help) {
        help_print(self, catalog, &set, stdout);
    } else if (!status) {
        status = trace_request_operand(&user->run.trace, &set, argv, "evsim doctor TRACE --config redis.conf", error);
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
    {"evsim doctor monitor.txt --config redis.conf", "as it is set"},
    {"evsim doctor trace.csv.zst -m 2mb -p noeviction", "as you say"},
    {"evsim doctor trace.csv.zst -m 2mb -p allkeys-lru --role store", "not a cache"},
    {0},
};

const struct subcommand subcommand_doctor = {
    .name = "doctor",
    .summary = "why a server refuses writes or evicts, and what would end it",
    .usage = "evsim doctor TRACE... --config redis.conf [options]\nevsim doctor TRACE... --maxmemory SIZE --policy "
             "NAME [options]",
    .about = "Replays TRACE (a file; plain or compressed) through the server as it is configured, says when and why it "
             "first refused a write (OOM) or evicted a key, and tries what would end it: each policy, more memory, "
             "more samples, more effort in expiring, a ttl for keys that have none.",
    .examples = examples,
    .options = doctor_groups,
    .option_groups = DOCTOR_GROUPS,
    .operands = VALUES_FILES,
    .run = doctor_main,
};
