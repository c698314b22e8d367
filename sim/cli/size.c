/* SPDX-License-Identifier: GPL-3.0-or-later */
/* size: finds the smallest maxmemory that meets goals, for policies x servers. */
#include "sim/cli/answer.h"
#include "sim/cli/run_options.h"

#include "sim/advice/size.h"
#include "sim/alloc.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/progress.h"
#include "sim/output.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user {
    struct run_request run;
    const char *goal, *split, *rule_name, *reserve, *instances;
    struct headroom_request headroom;
    struct instance_table table;
    struct instance_rule own;         /* by --reserve */
    const struct instance_rule *rule; /* one of the table, or that; NULL: none */
    double price;
    struct goals goals;
    const char *goal_names[GOALS + 1]; /* of the columns that the table has of them */
    double precision;
    uint64_t windows;
    int64_t window_us;
};

/* ---- the options of size ---- */

#define AT(member) OPTION_IN(struct user, member)

static const char *const rule_words[] = {"list", NULL}; /* for completion */

static const struct option goal_options[] = {
    {.name = "goal",
     .letter = 'g',
     .kind = OPTION_TEXT,
     .argument = "GOAL[,GOAL...]",
     .brief = "'hit_ratio>=0.95,oom_rejections=0'",
     .joins = true,
     .help = "what the memory must give, as 'hit_ratio>=0.95,oom_rejections=0', see below",
     AT(goal)},
};

static const struct option search_options[] = {
    {.name = "seeds",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "auto",
     .zero = "auto",
     .least = 1,
     .most = 1000,
     .help = "the answer must hold with each of N seeds; auto: 10 up to a million commands, 5 up to ten, 3 beyond",
     AT(run.seeds)},
    {.name = "precision",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .initial = "0.01",
     .above_lowest = true,
     .highest = 0.5,
     .brief = "how near the answer: 0.01 is 1 %",
     .help = "how far sizes that are tried lie apart in the end: 0.01 is 1 %",
     AT(precision)},
    {.name = "split",
     .kind = OPTION_TEXT,
     .argument = "N|TIME",
     .brief = "and of each part of the trace",
     .help = "also say what each of N parts of the trace needs, or each part of this duration: 1d, 1h",
     AT(split)},
};

static const struct option headroom_options[] = {
    {.name = "save-every",
     .kind = OPTION_DURATION,
     .argument = "TIME",
     .initial = "0",
     .help = "a child process saves at each multiple of TIME; 0: it does at the worst moment",
     AT(headroom.save_every_us)},
    {.name = "save-speed",
     .kind = OPTION_SIZE,
     .argument = "SIZE",
     .initial = "100mb",
     .least = 1,
     .help = "how much a saving child writes in a second",
     AT(headroom.save_bytes_per_s)},
    {.name = "replicas",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = 1000,
     .help = "that are attached, and load a snapshot at the worst moment",
     AT(headroom.replicas)},
    {.name = "reserve",
     .kind = OPTION_TEXT,
     .argument = "SHARE",
     .help = "also say which machine follows: this share of its memory, as 25%, is not given to maxmemory",
     AT(reserve)},
    {.name = "rule",
     .kind = OPTION_TEXT,
     .argument = "NAME",
     .words = rule_words,
     .values = VALUES_RULES,
     .brief = "also which machine: elasticache, ...",
     .help = "instead a provider's published rule: elasticache, memorystore, azure-cache, ...; list prints the table",
     AT(rule_name)},
    {.name = "instances",
     .kind = OPTION_TEXT,
     .argument = "FILE",
     .values = VALUES_FILES,
     .help = "a table of rules and machines instead of the published ones",
     AT(instances)},
    {.name = "price-per-gb",
     .kind = OPTION_REAL,
     .argument = "PRICE",
     .initial = "none",
     .zero = "none",
     .above_lowest = true,
     .highest = 1e9,
     .help = "what a GB of the machine costs, in any currency and time",
     AT(price)},
};

static const struct option_group size_groups[] = {
    {.heading = "What is wanted", OPTIONS_OF(goal_options)},
    {.heading = "What to try", OPTIONS_OF(run_grid_options), .offset = offsetof(struct user, run)},
    {OPTIONS_OF(run_admission_options), .offset = offsetof(struct user, run)},
    {OPTIONS_OF(run_server_options), .offset = offsetof(struct user, run)},
    {OPTIONS_OF(search_options)},
    {OPTIONS_OF(shard_options), .offset = offsetof(struct user, run.clusters)},
    {OPTIONS_OF(shard_memory_options), .offset = offsetof(struct user, run.clusters)},
    {.heading = "Headroom and the machine", OPTIONS_OF(headroom_options)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, run.trace)},
    {OPTIONS_OF(memory_options), .offset = offsetof(struct user, run.trace)},
    {OPTIONS_OF(preload_options), .offset = offsetof(struct user, run.trace)},
    {.heading = "The replay", OPTIONS_OF(run_replay_options), .offset = offsetof(struct user, run)},
    {OPTIONS_OF(run_rss_options), .offset = offsetof(struct user, run)},
    {OPTIONS_OF(run_flat_options), .offset = offsetof(struct user, run)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct user, run.output)},
    {OPTIONS_OF(jobs_options), .offset = offsetof(struct user, run.jobs)},
    {.heading = "Redis's options, as in redis.conf",
     OPTIONS_OF(config_options),
     .offset = offsetof(struct user, run.redis)},
    {OPTIONS_OF(redis_request_options), .offset = offsetof(struct user, run.redis)},
};
enum { SIZE_GROUPS = sizeof size_groups / sizeof *size_groups };

/* ---- checking the options ---- */

/* A whole number is a count of parts; anything else a duration. */
static int settle_split(struct user *user, struct error *error)
{
    if (!user->split)
        return 0;
    if (scan_uint64(user->split, &user->windows)) {
        if (user->windows < 1 || user->windows > SIZE_WINDOWS)
            return error_set(error, ERROR_USAGE, "--split: '%s' is not from 1 to %d parts; a duration has a unit: 1d",
                             user->split, SIZE_WINDOWS);
    } else if (!scan_duration(user->split, &user->window_us) || !user->window_us) {
        return error_set(error, ERROR_USAGE, "--split: '%s' is neither a number of parts nor a duration as 1d or 1h",
                         user->split);
    }
    if (user->run.options.interval_us)
        return error_set(error, ERROR_USAGE, "--split sets the points of the curves itself: leave --interval out");
    for (size_t i = 0; i < user->goals.count; i++)
        if (!goal_has_windows(&user->goals.goals[i]))
            return error_set(error, ERROR_USAGE,
                             "--split: %s is not known for parts of a trace: leave out the goal or --split",
                             user->goals.goals[i].name);
    return 0;
}

static int settle_rule(struct user *user, struct error *error)
{
    if (user->instances ? instance_table_read(&user->table, user->instances, user->run.trace.memory_limit, error)
                        : instance_table_scan(&user->table, "published rules", published_instances, error))
        return -1;
    if (user->reserve && user->rule_name)
        return error_set(error, ERROR_USAGE, "--reserve is a rule of your own: not with --rule %s", user->rule_name);
    if (user->reserve) {
        user->own.name = "reserve";
        if (!scan_reserve(user->reserve, &user->own.reserve))
            return error_set(error, ERROR_USAGE,
                             "--reserve: '%s' is no share of a machine's memory below 100%%, as 25%%", user->reserve);
        user->rule = &user->own;
    } else if (user->rule_name) {
        user->rule = instance_table_find(&user->table, user->rule_name, error);
        if (!user->rule)
            return error_prefix(error, "--rule: ");
    }
    if (user->price > 0 && !user->rule)
        return error_set(error, ERROR_USAGE, "--price-per-gb is of a machine: say which, by --reserve 25%% or --rule");
    return 0;
}

/* One cluster, and what is known of it. */
static int check_clusters(const struct user *user, struct error *error)
{
    const struct shard_request *clusters = &user->run.clusters;

    if (clusters->table_count > 1)
        return error_set(error, ERROR_USAGE, "the answer is for one cluster: give one number to --shards, or --slots");
    return 0;
}

static int settle(struct user *user, const struct option_set *set, struct error *error)
{
    if (!user->goal)
        return error_set(
            error, ERROR_USAGE,
            "--goal is missing: what must the memory give? as in --goal 'hit_ratio>=0.95,oom_rejections=0'");
    if (settle_rule(user, error))
        return -1;
    if (goals_scan(&user->goals, user->goal, error))
        return error_prefix(error, "--goal: ");
    for (size_t i = 0; i < user->goals.count; i++)
        user->goal_names[i] = user->goals.goals[i].name;
    user->run.output.goals = user->goal_names;
    user->run.finds_sizes = true;
    if (run_request_settle(&user->run, set, error) || run_request_check_sizes(&user->run, error) ||
        check_clusters(user, error))
        return -1;
    return settle_split(user, error);
}

/* ---- making the answer ---- */

struct teller {
    struct progress progress;
    char what[80];
    bool tells_part, tells_whole;
};

static void tell_first(void *owner, const char *server, const char *policy, uint64_t size, double share,
                       uint64_t commands)
{
    struct teller *teller = owner;
    char text[UNITS_TEXT];

    progress_end(&teller->progress);
    if (commands && !teller->tells_part)
        note("first answers, from the trace's first %s commands and %.2g %% of their keys (refined below)",
             print_count(text, commands), 100 * share);
    else if (!commands && !teller->tells_whole)
        note("from %.2g %% of the keys, of the whole trace: about right, and refined below", 100 * share);
    *(commands ? &teller->tells_part : &teller->tells_whole) = true;
    note("  %s %s: %s%s", server, policy, size ? "about " : "no size", size ? print_bytes(text, size) : "");
}

static void tell_reading(void *owner, uint64_t reading, size_t simulations)
{
    struct teller *teller = owner;

    progress_end(&teller->progress);
    snprintf(teller->what, sizeof teller->what, "reading %ju, %zu simulation%s: ", (uintmax_t)reading, simulations,
             simulations == 1 ? "" : "s");
    teller->progress = (struct progress){.what = teller->what};
}

static int make(struct user *user, struct sizing *sizing, struct error *error)
{
    struct run_request *run = &user->run;
    struct named_policy policies[CHOICES];
    struct teller teller = {0};
    struct size_request request = {
        .plan = run_request_plan(run),
        .grid =
            {
                .servers = run->server,
                .server_count = run->server_count,
                .policies = policies,
                .policy_count = choice_list_name(&run->policy, policies),
                .first_seed = run->seed,
                .seeds = run->seeds,
                .admission = run->admission.admission,
                .admission_parameters = run->admission.parameters,
            },
        .goals = user->goals,
        .precision = user->precision,
        .windows = user->windows,
        .window_us = user->window_us,
        .headroom = user->headroom,
        .rule = user->rule,
        .price = user->price > 0 ? user->price : NAN,
        .tell_first = tell_first,
        .tell = tell_reading,
        .tell_owner = &teller,
    };
    int status;

    request.plan.progress = progress_show;
    request.plan.progress_owner = &teller.progress;
    status = size_make(&request, sizing, error);
    stop_explains(error, "");
    progress_end(&teller.progress);
    return status;
}

static int make_and_print(struct user *user, const struct option_set *set, struct error *error)
{
    const char *version = user->run.catalog->version;
    struct sizing sizing = {.version = xstrdup(version),
                            .run = {.version = xstrdup(version), .command = xstrdup(set->command)}};
    struct outcome outcome = {.kind = OUTCOME_SIZING, .sizing = &sizing};
    int status = make(user, &sizing, error);

    if (!status) {
        if (user->run.admission_text)
            sizing.run.admission = xstrdup(user->run.admission_text);
        user->run.seeds = sizing.seeds;
        status = answer_give(&user->run, set, &outcome, &sizing.run, sizing.warnings, sizing.warning_count,
                             "answers and figure", error);
    }
    sizing_release(&sizing);
    return status;
}

static int size_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                     struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = size_groups, .group_count = SIZE_GROUPS, .target = user};
    int status;

    user->run.catalog = catalog;
    user->run.answers = OUTCOME_SIZING;
    status = options_parse(&set, self->name, argc, argv, error);
    if (!status && set.help) {
        help_print(self, catalog, &set, stdout);
    } else if (!status && user->rule_name && !strcmp(user->rule_name, "list")) {
        fputs(published_instances, stdout);
    } else if (!status) {
        status = trace_request_operand(&user->run.trace, &set, argv, "evsim size TRACE --goal GOAL", error);
        if (!status)
            status = settle(user, &set, error);
        if (!status)
            status = make_and_print(user, &set, error);
    }
    run_request_release(&user->run);
    instance_table_release(&user->table);
    options_release(&set);
    free(user);
    return status;
}

static void print_more(const struct catalog *catalog, FILE *out)
{
    (void)catalog;
    fprintf(
        out,
        "\nGoals compare a number of summary.json by >=, >, <=, < or =:\n"
        "  hit_ratio>=0.95                   also byte_hit_ratio and oom_share; 95%% is the same as 0.95\n"
        "  oom_rejections=0                  any counter; of bytes with a unit: used_memory_peak<=500mb\n"
        "  evicted_keys/s<100                a counter by the duration of the trace\n"
        "  evicted_keys/s@p99<=500           99 %% of the minutes had at most so many a second; also misses/s@p99\n");
}

static const struct cli_example examples[] = {
    {"evsim size trace.csv.zst -g 'hit_ratio>=0.7,oom_rejections=0'", "by policy"},
    {"evsim size monitor.txt --config redis.conf -g oom_rejections=0", "as it is set"},
    {"evsim size trace.csv.zst -g 'hit_ratio>=70%' --reserve 25%", "a machine"},
    {0},
};

const struct subcommand subcommand_size = {
    .name = "size",
    .summary = "the smallest maxmemory that meets goals, for policies x servers",
    .usage = "evsim size TRACE... --goal GOAL[,GOAL...] [options]",
    .about = "Finds the smallest maxmemory that meets every goal, for each policy and server, by replaying TRACE (a "
             "file; plain or compressed) at sizes between an empty server and room for everything.",
    .examples = examples,
    .more = print_more,
    .options = size_groups,
    .option_groups = SIZE_GROUPS,
    .operands = VALUES_FILES,
    .run = size_main,
};
