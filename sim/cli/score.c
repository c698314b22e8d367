/* SPDX-License-Identifier: GPL-3.0-or-later */
/* score: how policies fare over a folder of traces, a line of JSON for each, whatever they do. */
#include "sim/cli/choice.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"

#include "sim/alloc.h"
#include "sim/glob.h"
#include "sim/json_text.h"
#include "sim/output.h"
#include "sim/printable.h"
#include "sim/score/contest.h"
#include "sim/stop.h"
#include "sim/units.h"

#include <glob.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIGITS = 9 }; /* of a real number in the lines */

struct user {
    const struct catalog *catalog;
    const char *traces, *maxmemory;
    bool unit_sizes;
    uint32_t seed;
    struct jobs_request jobs;
    struct quiet_request quiet;
    int64_t time_us;
    uint64_t memory_bytes;
    struct score_size sizes[SCORE_SIZES];
    size_t size_count;
    struct trace_request trace;
    char **policies; /* owned, with its texts */
    size_t policy_count;
    size_t scored;
    struct choice_list *choice; /* of the process that scores it */
};

/* ---- options ---- */

static bool scan_share(const char *text, double *share)
{
    char *end;

    *share = strtod(text, &end) / 100;
    return end != text && !strcmp(end, "%") && isfinite(*share) && *share > 0;
}

static int add_size(void *group, const char *item, struct error *error)
{
    struct user *user = group;
    struct score_size size = {0};

    if (user->size_count == SCORE_SIZES)
        return error_set(error, ERROR_USAGE, "more than %d", SCORE_SIZES);
    if (!scan_share(item, &size.share) && (!scan_size(item, &size.bytes) || !size.bytes))
        return error_set(error, ERROR_USAGE, "bad size '%s': a share of the trace's keys or a size, as 10%% or 64mb",
                         item);
    user->sizes[user->size_count++] = size;
    return 0;
}

#define AT(member) OPTION_IN(struct user, member)

static const struct option score_options[] = {
    {.name = "traces",
     .kind = OPTION_TEXT,
     .argument = "PATH",
     .values = VALUES_FILES,
     .brief = "a folder of traces, or one",
     .help = "a folder of traces, every file in it but .hidden ones; or one trace. They are kept in memory",
     AT(traces)},
    {.name = "maxmemory",
     .letter = 'm',
     .kind = OPTION_LIST,
     .argument = "SIZE[,SIZE...]",
     .shown = "10%",
     .add = add_size,
     .brief = "sizes, or shares of the data: 10%",
     .help = "of the cache: a share of what the trace's keys weigh, 10%, or a size, 64mb",
     AT(maxmemory)},
    {.name = "unit-sizes",
     .kind = OPTION_SWITCH,
     .brief = "every object weighs 1",
     .help = "every object weighs 1",
     AT(unit_sizes)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .most = UINT32_MAX,
     .help = "the same seed gives the same scores",
     AT(seed)},
};

static const struct option limit_options[] = {
    {.name = "jobs",
     .letter = 'j',
     .kind = OPTION_NUMBER,
     .role = OPTION_OF_HOST,
     .argument = "N",
     .shown = "as many as processors",
     .most = 1024,
     .brief = "policies at a time",
     .help = "policies at a time; but for ns_per_request no line depends on it",
     AT(jobs.jobs)},
    {.name = "time-limit",
     .kind = OPTION_DURATION,
     .role = OPTION_OF_HOST,
     .argument = "TIME",
     .initial = "10s",
     .least = 1,
     .most = INT64_C(1000000) * 86400 * 365,
     .brief = "for each policy",
     .help = "of a processor, for each policy; and ten times as long by the clock",
     AT(time_us)},
    {.name = "memory-limit",
     .kind = OPTION_SIZE,
     .role = OPTION_OF_HOST,
     .argument = "SIZE",
     .initial = "1gb",
     .least = 1 << 20,
     .most = UINT64_C(1) << 46,
     .brief = "for each policy",
     .help = "for each policy, besides the traces",
     AT(memory_bytes)},
};

static const struct option_group groups[] = {
    {.heading = "What is scored", OPTIONS_OF(score_options)},
    {.heading = "Limits", OPTIONS_OF(limit_options)},
    {OPTIONS_OF(quiet_options), .offset = offsetof(struct user, quiet)},
    {.heading = "The traces", OPTIONS_OF(trace_options), .offset = offsetof(struct user, trace)},
};

/* ---- the policies ---- */

static void add_policy(struct user *user, const char *text)
{
    user->policies = xrealloc(user->policies, (user->policy_count + 1) * sizeof *user->policies);
    user->policies[user->policy_count++] = xstrdup(text);
}

/* Files are in the order of their names, whatever the locale. */
static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The pattern is all before `parameters`, which each of the files gets. */
static int add_files(struct user *user, const char *text, const char *parameters, struct error *error)
{
    char *pattern = strndup(text, (size_t)(parameters - text)), *name;
    glob_t found = {0};
    int status = glob(pattern, GLOB_NOSORT, NULL, &found);

    if (status)
        error_set(error, ERROR_USAGE, "no file matches '%s'", pattern);
    else
        qsort(found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, by_text);
    for (size_t i = 0; !status && i < found.gl_pathc; i++) {
        name = xmalloc(strlen(found.gl_pathv[i]) + strlen(parameters) + 1);
        strcat(strcpy(name, found.gl_pathv[i]), parameters);
        add_policy(user, name);
        free(name);
    }
    globfree(&found);
    free(pattern);
    return status ? -1 : 0;
}

/* Names are found out here, as nothing is loaded for them; a list's choices are in their order. */
static int add_names(struct user *user, const char *text, struct error *error)
{
    struct choice_list *list = xcalloc(1, sizeof *list);
    int status = choice_list_add(list, user->catalog, text, SCOPE_ALLKEYS, error);

    for (size_t i = 0; !status && i < list->count; i++)
        if (list->choices[i].policy->offline)
            status = error_set(error, ERROR_USAGE, "%s knows the whole trace: see evsim run", list->choices[i].label);
        else
            add_policy(user, list->choices[i].label);
    choice_list_release(list);
    free(list);
    return status;
}

static int add_operand(struct user *user, const char *text, struct error *error)
{
    const char *parameters = text + strcspn(text, ":"), *slash = strchr(text, '/');

    if (!slash)
        return add_names(user, text, error);
    if (slash > parameters || memchr(text, ',', (size_t)(parameters - text)))
        return error_set(error, ERROR_USAGE, "'%s': a file is an argument of its own", text);
    if (strcspn(text, "*?[") < (size_t)(parameters - text) && access(text, F_OK))
        return add_files(user, text, parameters, error);
    add_policy(user, text);
    return 0;
}

/* In the policy's own process, whose memory goes with it. */
static int choose(void *owner, const char *name, struct named_policy *policy, struct error *error)
{
    struct user *user = owner;
    struct named_policy named[CHOICES];

    user->choice = xcalloc(1, sizeof *user->choice);
    if (choice_list_add(user->choice, user->catalog, name, SCOPE_ALLKEYS, error))
        return -1;
    if (choice_list_name(user->choice, named) != 1)
        return error_set(error, ERROR_USAGE, "more than one policy");
    *policy = named[0];
    return 0;
}

/* ---- the lines ---- */

static json_t *line_of(const struct score_answer *answer)
{
    json_t *line = json_object();

    json_object_set_new(line, "policy", json_from_text(answer->policy));
    if (answer->end != SCORE_DONE) {
        json_object_set_new(line, "error", json_string(score_end_names[answer->end]));
        json_object_set_new(line, "message", json_from_text(answer->why));
        return line;
    }
    json_object_set_new(line, "cells", json_integer((json_int_t)answer->score.cells));
    json_object_set_new(line, "miss_ratio", json_real(answer->score.miss_ratio));
    json_object_set_new(line, "byte_miss_ratio", json_real(answer->score.byte_miss_ratio));
    /* a tenth: the allocator rounds blocks up by what lay there before */
    json_object_set_new(line, "bytes_per_key", json_real(round(10 * score_bytes_per_key(&answer->score)) / 10));
    json_object_set_new(line, "ns_per_request", json_real(round(10 * score_ns_per_request(&answer->score)) / 10));
    return line;
}

/* Flushed line by line: who reads them need not wait for the last. */
static int tell(void *owner, const struct score_answer *answer, struct error *error)
{
    struct user *user = owner;
    json_t *line = line_of(answer);

    user->scored += answer->end == SCORE_DONE;
    json_text_put(line, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS), stdout);
    return output_flush(stdout, "standard output", error);
}

static int run_contest(struct user *user, struct error *error)
{
    struct held_traces traces = {0};
    struct contest contest = {
        .plan = {.cache = catalog_server(user->catalog, "flat"),
                 .traces = &traces,
                 .sizes = user->sizes,
                 .size_count = user->size_count,
                 .options = {.fill = true,
                             .unit_sizes = user->unit_sizes,
                             .interval_us = INT64_C(1) << 60}, /* so long that no curve is sampled */
                 .seed = user->seed},
        .policies = (const char *const *)user->policies,
        .count = user->policy_count,
        .jobs = (size_t)jobs_workers(&user->jobs),
        .time_us = user->time_us,
        .memory_bytes = user->memory_bytes,
        .choose = choose,
        .tell = tell,
        .owner = user,
    };
    int status;

    redis_config_init(&contest.plan.options.redis);
    stop_on_signals();
    status = held_traces_read(&traces, user->traces, &user->trace, user->catalog->choose_format, &contest.plan.options,
                              error);
    if (!status)
        status = contest_run(&contest, error);
    held_traces_release(&traces);
    if (!status && user->scored && user->scored < user->policy_count)
        note("%zu of %zu policies have no score: see their lines", user->policy_count - user->scored,
             user->policy_count);
    if (!status && !user->scored)
        status = error_set(error, ERROR_LAW, "no policy has a score");
    return status;
}

static int settle(struct user *user, const struct option_set *set, char **argv, struct error *error)
{
    if (!set->operands)
        return error_set(error, ERROR_USAGE, "score takes policies, as evsim score 'variants/*.so' --traces DIR");
    if (!user->traces)
        return error_set(error, ERROR_USAGE, "--traces is missing: a folder of traces, or one");
    if (options_fill_lists(set, error))
        return -1;
    if (!user->size_count)
        user->sizes[user->size_count++] = (struct score_size){.share = 0.1};
    for (int i = 0; i < set->operands; i++)
        if (add_operand(user, argv[i], error))
            return -1;
    return 0;
}

static int score_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                      struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = groups, .group_count = sizeof groups / sizeof *groups, .target = user};
    int status = options_parse(&set, self->name, argc, argv, error);

    user->catalog = catalog;
    quiet_request_settle(&user->quiet);
    if (!status && set.help)
        help_print(self, catalog, &set, stdout);
    else if (!status)
        status = settle(user, &set, argv, error) || run_contest(user, error);
    for (size_t i = 0; i < user->policy_count; i++)
        free(user->policies[i]);
    free(user->policies);
    options_release(&set);
    free(user);
    return status ? -1 : 0;
}

static const struct cli_example examples[] = {
    {"evsim score lru s3fifo --traces trace.csv.zst -m 1%,10%", "a line each"},
    {"evsim score './*.so' lru --traces trace.csv.zst > scores.jsonl", "yours"},
    {"evsim score lru --traces trace.csv.zst | jq .miss_ratio", "one of them"},
    {0},
};

const struct subcommand subcommand_score = {
    .name = "score",
    .summary = "many policies over a folder of traces, a line of JSON for each",
    .usage = "evsim score POLICY... --traces PATH [options]",
    .about =
        "Replays every trace through each policy in a flat cache, and prints a line of JSON for it: the mean of the "
        "miss "
        "ratios over traces and sizes, the same of bytes, the time a request takes, and the memory of this machine "
        "that the policy needs for a key. A policy is a name of evsim policies, a FILE.so, or a pattern of either in "
        "quotes. Each is loaded and replayed in a process of its own, with limits, that can open no file and no "
        "socket: one that crashes, exits, does not end or takes too much gets a line that says so.",
    .examples = examples,
    .options = groups,
    .option_groups = sizeof groups / sizeof *groups,
    .operands = VALUES_POLICIES,
    .run = score_main,
};
