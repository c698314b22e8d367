/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc: computes miss-ratio curves of a trace. */
#include "sim/advice/server_curves.h"
#include "sim/cli/cell_lists.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/progress.h"
#include "sim/cli/results.h"
#include "sim/cli/run_options.h"

#include "sim/alloc.h"
#include "sim/mrc/curves.h"
#include "sim/output.h"
#include "sim/stop.h"
#include "sim/units.h"
#include "sim/warnings.h"
#include "sim/weight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SALTS = 10 };

struct user {
    struct run_request run; /* what evsim run takes, too: of servers nearly all of it; sizes are the curves' */
    struct mrc_request curves;
    const char *sizes;
    enum method { METHOD_AUTO, METHOD_EXACT, METHOD_SHARDS, METHOD_MINIATURE } method;
    struct named_policy policies[CHOICES];
    bool of_servers;
    uint64_t budget;
};

/* ---- the options of mrc ---- */

static int add_size(void *target, const char *item, struct error *error)
{
    struct mrc_request *curves = &((struct user *)target)->curves;

    if (size_list_add(curves->sizes, &curves->size_count, MRC_SIZES, item, error))
        return -1;
    for (size_t i = 0; i < curves->size_count; i++)
        if (!curves->sizes[i])
            return error_set(error, ERROR_USAGE, "bad size '%s': a curve has no point at 0", item);
    return 0;
}

static int add_server(void *target, const char *name, struct error *error)
{
    struct run_request *run = &((struct user *)target)->run;

    return server_list_add(run->server, &run->server_count, RUN_LIST_MAX, run->catalog, name, error);
}

static const struct mrc_method *const methods[] = {[METHOD_AUTO] = NULL,
                                                   [METHOD_EXACT] = &mrc_exact,
                                                   [METHOD_SHARDS] = &mrc_shards,
                                                   [METHOD_MINIATURE] = &mrc_miniature};
static const char *const method_words[] = {"auto", "exact", "shards", "miniature", NULL};
static const char *const adjust_words[] = {"no", "reads", "lru", NULL};
static const char *const weigh_words[] = {"auto", "value", "key+value", NULL};
static const char *const scope_words[] = {"allkeys", "volatile", NULL};

#define AT(member) OPTION_IN(struct user, member)

static const char *const all_words[] = {"all", NULL}; /* for completion */

static const struct option curve_options[] = {
    {.name = "policy",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .argument = "NAME[,NAME...]",
     .shown = "lru; of servers all",
     .words = all_words,
     .values = VALUES_POLICIES,
     .brief = "lru,sieve,allkeys-lru: see evsim policies",
     .joins = true,
     .help = "policies, see evsim policies",
     AT(run.policies)},
    {.name = "scope",
     .kind = OPTION_CHOICE,
     .words = scope_words,
     .least = SCOPE_ALLKEYS,
     .initial = "allkeys",
     .help = "which keys may be evicted",
     AT(run.scope)},
    {.name = "method",
     .kind = OPTION_CHOICE,
     .argument = "NAME",
     .words = method_words,
     .initial = "auto",
     .brief = "exact, shards or miniature",
     .help = "exact or shards (lru only), miniature (any); auto: exact for lru, shards with --sample or "
             "--sample-keys, else miniature",
     AT(method)},
    {.name = "sample",
     .kind = OPTION_REAL,
     .argument = "SHARE",
     .initial = "auto",
     .zero = "auto",
     .above_lowest = true,
     .highest = 1,
     .brief = "share of the keys to look at",
     .help = "share of the keys to look at, for methods that sample; auto: as many as give some 20,000 keys",
     AT(curves.rate)},
    {.name = "sample-keys",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = UINT32_MAX,
     .help = "shards: look at N keys at most; the share falls as keys come in; 0 = no limit",
     AT(curves.most_keys)},
    {.name = "salts",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "10", /* SALTS */
     .least = 1,
     .most = 100,
     .help = "how many samples to draw; their spread gives the uncertainty",
     AT(curves.salts)},
    {.name = "adjust",
     .kind = OPTION_CHOICE,
     .words = adjust_words,
     .initial = "lru",
     .help = "correct a sample. reads: because it has more or fewer reads than its share of them; lru: a miniature "
             "also by the error of a miniature of lru with the same keys",
     AT(curves.adjust)},
    {.name = "maxmemory",
     .alias = "sizes",
     .letter = 'm',
     .kind = OPTION_LIST,
     .argument = "SIZE[,SIZE...]",
     .add = add_size,
     .brief = "512mb,1gb; by default evsim chooses",
     .help = "sizes of the cache, or of the server, also as 1mb..64mb:x2; by default from 1/1000 of all keys to all of "
             "them; of a server from room for 1/100 of the data to all",
     AT(sizes)},
    {.name = "points",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "24",
     .least = 1,
     .most = MRC_SIZES,
     .brief = "how many it chooses",
     .help = "how many sizes, if evsim chooses them",
     AT(curves.points)},
    {.name = "budget",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "0",
     .most = 1000000,
     .help =
         "of servers: add up to N simulations, at sizes halfway between two where a curve falls by more than one "
         "point, "
         "the steepest first; a size costs one for each server, policy and seed, and each round reads the trace again",
     AT(budget)},
    {.name = "server",
     .letter = 's',
     .kind = OPTION_LIST,
     .argument = "NAME[,NAME...]",
     .initial = "flat",
     .add = add_server,
     .help =
         "flat: a cache of plain sizes; or servers as evsim run models them: then each point is a simulation of the "
         "whole trace; see evsim servers",
     .brief = "a curve over maxmemory: redis-7.2,valkey",
     AT(run.servers)},
    {.name = "seeds",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "auto",
     .zero = "auto",
     .least = 1,
     .most = 1000,
     .help = "of servers: simulate each point with N seeds, and say the 95 % confidence interval; auto: 1",
     AT(run.seeds)},
    {.name = "weigh",
     .kind = OPTION_CHOICE,
     .words = weigh_words,
     .initial = "auto",
     .help = "what an object weighs; auto: its value",
     AT(run.weigh)},
    {.name = "unit-sizes",
     .kind = OPTION_SWITCH,
     .brief = "every object weighs 1",
     .help = "every object weighs 1",
     AT(run.options.unit_sizes)},
};

#define OF_RUN .offset = offsetof(struct user, run)

static const struct option_group mrc_groups[] = {
    {.heading = "The curves", OPTIONS_OF(curve_options)},
    {.options = run_server_options + 1, .count = RUN_SERVER_OPTIONS - 1, OF_RUN}, /* but for --server */
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, run.trace)},
    {OPTIONS_OF(memory_options), .offset = offsetof(struct user, run.trace)},
    {.heading = "Of servers, as of evsim run", OPTIONS_OF(run_admission_options), OF_RUN},
    {.options = run_replay_options, .count = RUN_TOTALS_OPTIONS, OF_RUN},
    {OPTIONS_OF(preload_options), .offset = offsetof(struct user, run.trace)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct user, run.output)},
    {OPTIONS_OF(jobs_options), .offset = offsetof(struct user, run.jobs)},
    {.heading = "Redis's options, as in redis.conf",
     OPTIONS_OF(config_options),
     .offset = offsetof(struct user, run.redis)},
    {OPTIONS_OF(redis_request_options), .offset = offsetof(struct user, run.redis)},
};
enum { MRC_GROUPS = sizeof mrc_groups / sizeof *mrc_groups };

/* ---- checking the options ---- */

/* An option that was given and does nothing in a flat cache; NULL: there is none. */
static const char *given_of_servers(const struct user *user)
{
    const struct run_request *run = &user->run;
    const struct {
        const char *name;
        bool is_given;
    } options[] = {
        {"seeds", run->seeds},
        {"on-miss", run->on_miss != ON_MISS_AUTO},
        {"budget", user->budget},
        {"allocator", run->options.allocator},
        {"admission", run->admission_text},
        {"scenario", run->scenario_path},
        {"baseline-memory", run->options.baseline_memory},
        {"clients-stay", run->options.clients_stay},
        {"info-every", run->options.info_every_us},
        {"speed", run->speed},
        {"preload", run->trace.preload},
        {"config", run->redis.path},
    };

    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].is_given)
            return options[i].name;
    for (size_t i = REDIS_POLICY_OPTIONS; i < REDIS_OPTIONS; i++)
        if (run->redis.given[i])
            return redis_options[i].name;
    return NULL;
}

/* Flat caches and servers have little in common but the trace. */
static int settle_servers(struct user *user, struct error *error)
{
    const struct mrc_request *curves = &user->curves;
    const struct run_request *run = &user->run;
    const char *of_a_cache = user->method != METHOD_AUTO        ? "--method"
                             : curves->rate > 0                 ? "--sample"
                             : curves->most_keys                ? "--sample-keys"
                             : curves->salts != SALTS           ? "--salts"
                             : curves->adjust != MRC_ADJUST_LRU ? "--adjust"
                             : run->options.unit_sizes          ? "--unit-sizes"
                             : run->weigh != WEIGH_AUTO         ? "--weigh"
                                                                : NULL;
    const char *of_a_server = given_of_servers(user);

    if (user->of_servers && of_a_cache)
        return error_set(error, ERROR_USAGE, "%s is of flat caches: not with --server %s", of_a_cache, run->servers);
    if (!user->of_servers && of_a_server)
        return error_set(error, ERROR_USAGE, "--%s is of servers: say which, as --server redis-7.2", of_a_server);
    return 0;
}

static int settle_curves(struct user *user, struct error *error)
{
    struct mrc_request *curves = &user->curves;
    struct run_request *run = &user->run;

    for (size_t i = 0; !user->of_servers && i < run->policy.count; i++)
        if (run->policy.choices[i].policy->offline)
            return error_set(error, ERROR_USAGE, "%s knows the whole trace, not a sample of it: see evsim run",
                             run->policy.choices[i].label);
    for (size_t i = 1; i < run->server_count; i++)
        if (!run->server[i]->profile != !run->server[0]->profile)
            return error_set(error, ERROR_USAGE,
                             "--server: flat is no server: its curves are made otherwise, by themselves");
    curves->trace = run->trace;
    curves->seed = run->seed;
    curves->options = run->options;
    curves->options.weighs_keys = run->weigh == WEIGH_KEY_AND_VALUE;
    curves->choose_format = run->catalog->choose_format;
    curves->policies = user->policies;
    curves->policy_count = choice_list_name(&run->policy, user->policies);
    curves->cache = catalog_server(run->catalog, "flat");
    curves->lru = catalog_policy(run->catalog, "lru");
    curves->method = methods[user->method];
    curves->workers = jobs_workers(&run->jobs);
    return 0;
}

static int settle(struct user *user, const struct option_set *set, struct error *error)
{
    struct run_request *run = &user->run;

    user->of_servers = strcasecmp(run->servers, "flat") != 0;
    run->answers = OUTCOME_MRC;
    run->finds_sizes = true;
    run->default_policies = user->of_servers ? "all" : "lru";
    if (settle_servers(user, error) || run_request_settle(run, set, error) || run_request_check_sizes(run, error))
        return -1;
    return settle_curves(user, error);
}

static void add_setting(void *owner, const char *name, const char *value)
{
    struct mrc *mrc = owner;

    settings_add(&mrc->settings, &mrc->setting_count, name, value);
}

/* Records every option with the value in force. */
static void echo_settings(struct user *user, const struct option_set *set, struct mrc *mrc)
{
    char *not_modeled;

    user->run.trace.format = mrc->format;
    user->curves.rate = mrc->rate;
    options_echo(set, add_setting, mrc);
    if (!user->of_servers)
        return;
    not_modeled = redis_conf_not_modeled(&user->run.redis.file);
    add_setting(mrc, "config-not-modeled", not_modeled);
    free(not_modeled);
    add_setting(mrc, "scenario-events", mrc->scenario ? mrc->scenario : "");
}

static int make_of_servers(struct user *user, struct mrc *mrc, struct error *error)
{
    struct run_request *run = &user->run;
    struct progress progress = {0};
    struct server_curves_request request = {
        .plan = run_request_plan(run),
        .grid =
            {
                .servers = run->server,
                .server_count = run->server_count,
                .sizes = user->curves.sizes,
                .size_count = user->curves.size_count,
                .policies = user->policies,
                .policy_count = user->curves.policy_count,
                .first_seed = run->seed,
                .seeds = run->seeds ? run->seeds : 1,
                .admission = run->admission.admission,
                .admission_parameters = run->admission.parameters,
            },
        .points = user->curves.points,
        .budget = user->budget,
    };
    int status;

    request.plan.progress = progress_show;
    request.plan.progress_owner = &progress;
    status = server_curves_make(&request, mrc, error);

    stop_explains(error, "");
    progress_end(&progress);
    if (run->admission_text)
        mrc->admission = xstrdup(run->admission_text);
    return status;
}

static int make_and_print(struct user *user, const struct option_set *set, struct error *error)
{
    const struct catalog *catalog = user->run.catalog;
    const struct output_request *output = &user->run.output;
    struct mrc mrc = {.version = xstrdup(catalog->version), .command = xstrdup(set->command)};
    struct outcome outcome = {.kind = OUTCOME_MRC, .mrc = &mrc};
    int status = user->of_servers ? make_of_servers(user, &mrc, error) : mrc_make(&user->curves, &mrc, error);

    if (!status) {
        echo_settings(user, set, &mrc);
        if (!user->of_servers)
            warnings_find_mrc(&mrc);
        status = note_warnings(mrc.warnings, mrc.warning_count, output->strict, error);
    }
    if (!status)
        status = results_print(catalog, output, &outcome, error);
    if (!status)
        redis_request_note(&user->run.redis);
    if (!status)
        status = results_write(catalog, output, &outcome, "curves and figure", error);
    mrc_release(&mrc);
    return status;
}

static int mrc_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                    struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = mrc_groups, .group_count = MRC_GROUPS, .target = user};
    int status;

    user->run.catalog = catalog;
    stop_on_signals();
    status = options_parse(&set, self->name, argc, argv, error);
    if (!status && set.help) {
        help_print(self, catalog, &set, stdout);
    } else if (!status) {
        status = trace_request_operand(&user->run.trace, &set, argv, "evsim mrc TRACE", error);
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
    {"evsim mrc trace.csv.zst", "lru, exactly"},
    {"evsim mrc trace.csv.zst -p lru,sieve,allkeys-lru -o curves", "figure"},
    {"evsim mrc trace.csv.zst -s redis-7.0.15 -p allkeys-lru", "by maxmemory"},
    {0},
};

const struct subcommand subcommand_mrc = {
    .name = "mrc",
    .summary = "miss-ratio curves: a cache by its size, a server by maxmemory",
    .usage = "evsim mrc TRACE... [options]",
    .about =
        "Miss-ratio curves: the share of TRACE's reads that miss, by the size of a flat look-aside cache, or by the "
        "maxmemory of the servers that --server names. The trace is read once, or twice if evsim has to choose the "
        "sizes or the share of the keys.",
    .examples = examples,
    .options = mrc_groups,
    .option_groups = MRC_GROUPS,
    .operands = VALUES_FILES,
    .run = mrc_main,
};
