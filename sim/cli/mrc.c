/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mrc: computes miss-ratio curves of a trace. */
#include "sim/cli/choice.h"
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/note.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/results.h"

#include "sim/alloc.h"
#include "sim/mrc/curves.h"
#include "sim/output.h"
#include "sim/units.h"
#include "sim/warnings.h"
#include "sim/weight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user {
    const struct catalog *catalog;
    struct mrc_request curves;
    struct output_request output;
    struct redis_request redis;
    const char *policies, *sizes;
    enum method { METHOD_AUTO, METHOD_EXACT, METHOD_SHARDS, METHOD_MINIATURE } method;
    struct choice_list policy;
    struct named_policy policies_chosen[CHOICES];
    enum scope scope;
    enum weigh weigh;
};

/* ---- the options of mrc ---- */

static int add_size(void *target, const char *item, struct error *error)
{
    struct mrc_request *curves = &((struct user *)target)->curves;

    if (curves->size_count == MRC_SIZES)
        return error_set(error, ERROR_USAGE, "more than %d", MRC_SIZES);
    if (!scan_size(item, &curves->sizes[curves->size_count]) || !curves->sizes[curves->size_count])
        return error_set(error, ERROR_USAGE, "bad size '%s': a number and a unit, as 512mb or 2gb", item);
    curves->size_count++;
    return 0;
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

static const struct option curve_options[] = {
    {.name = "policy",
     .letter = 'p',
     .kind = OPTION_TEXT,
     .argument = "NAME[,NAME...]",
     .initial = "lru",
     .brief = "lru,sieve,allkeys-lru: see evsim policies",
     .help = "policies, see evsim policies",
     AT(policies)},
    {.name = "scope",
     .kind = OPTION_CHOICE,
     .words = scope_words,
     .least = SCOPE_ALLKEYS,
     .initial = "allkeys",
     .help = "which keys may be evicted",
     AT(scope)},
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
     .initial = "10",
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
    {.name = "sizes",
     .letter = 'm',
     .kind = OPTION_LIST,
     .argument = "SIZE[,SIZE...]",
     .add = add_size,
     .brief = "512mb,1gb; by default evsim chooses",
     .help = "sizes of the cache; by default from 1/1000 of all keys to all of them",
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
    {.name = "weigh",
     .kind = OPTION_CHOICE,
     .words = weigh_words,
     .initial = "auto",
     .help = "what an object weighs; auto: its value",
     AT(weigh)},
    {.name = "unit-sizes",
     .kind = OPTION_SWITCH,
     .brief = "every object weighs 1",
     .help = "every object weighs 1",
     AT(curves.options.unit_sizes)},
    {.name = "seed",
     .kind = OPTION_NUMBER,
     .argument = "N",
     .initial = "1",
     .most = UINT32_MAX,
     .help = "the same seed gives the same results",
     AT(curves.seed)},
};

static const struct option_group mrc_groups[] = {
    {.heading = "The curves", OPTIONS_OF(curve_options)},
    {.heading = "The trace", OPTIONS_OF(trace_options), .offset = offsetof(struct user, curves.trace)},
    {.heading = "Results", OPTIONS_OF(output_options), .offset = offsetof(struct user, output)},
    {.heading = "Redis's options, as in redis.conf",
     .options = redis_request_options,
     .count = REDIS_POLICY_OPTIONS, /* a flat cache has no others */
     .offset = offsetof(struct user, redis)},
};
enum { MRC_GROUPS = sizeof mrc_groups / sizeof *mrc_groups };

/* ---- checking the options ---- */

static int settle(struct user *user, const struct option_set *set, struct error *error)
{
    struct mrc_request *curves = &user->curves;

    if (redis_request_settle(&user->redis, error))
        return -1;
    if (choice_list_add(&user->policy, user->catalog, user->policies, user->scope, error))
        return error_prefix(error, "--policy: ");
    for (size_t i = 0; i < user->policy.count; i++)
        if (user->policy.choices[i].policy->offline)
            return error_set(error, ERROR_USAGE, "%s knows the whole trace, not a sample of it: see evsim run",
                             user->policy.choices[i].label);
    if (options_fill_lists(set, error))
        return -1;
    if (curves->options.unit_sizes && user->weigh == WEIGH_KEY_AND_VALUE)
        return error_set(error, ERROR_USAGE, "with --unit-sizes every object weighs 1: not with --weigh key+value");
    curves->options.weighs_keys = user->weigh == WEIGH_KEY_AND_VALUE;
    curves->options.redis = user->redis.in_force;
    curves->choose_format = user->catalog->choose_format;
    curves->policies = user->policies_chosen;
    curves->policy_count = choice_list_name(&user->policy, user->policies_chosen);
    curves->cache = catalog_server(user->catalog, "flat");
    curves->lru = catalog_policy(user->catalog, "lru");
    curves->method = methods[user->method];
    return results_check(&user->output, error);
}

static void add_setting(void *owner, const char *name, const char *value)
{
    struct mrc *mrc = owner;

    settings_add(&mrc->settings, &mrc->setting_count, name, value);
}

/* Records every option with the value in force. */
static void echo_settings(struct user *user, const struct option_set *set, struct mrc *mrc)
{
    user->curves.trace.format = mrc->format;
    user->curves.rate = mrc->rate;
    options_echo(set, add_setting, mrc);
}

static int make_and_print(struct user *user, const struct option_set *set, struct error *error)
{
    const struct catalog *catalog = user->catalog;
    struct mrc mrc = {.version = xstrdup(catalog->version), .command = xstrdup(set->command)};
    struct outcome outcome = {.kind = OUTCOME_MRC, .mrc = &mrc};
    int status = mrc_make(&user->curves, &mrc, error);

    if (!status) {
        echo_settings(user, set, &mrc);
        warnings_find_mrc(&mrc);
        status = note_warnings(mrc.warnings, mrc.warning_count, user->output.strict, error);
    }
    if (!status)
        status = results_print(catalog, &user->output, &outcome, error);
    if (!status)
        redis_request_note(&user->redis);
    if (!status)
        status = results_write(catalog, &user->output, &outcome, "curves and figure", error);
    mrc_release(&mrc);
    return status;
}

static int mrc_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                    struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = mrc_groups, .group_count = MRC_GROUPS, .target = user};
    int status;

    user->catalog = catalog;
    status = options_parse(&set, self->name, argc, argv, error);
    if (!status && set.help) {
        help_print(self, catalog, &set, stdout);
    } else if (!status) {
        status = trace_request_operand(&user->curves.trace, &set, argv, "evsim mrc TRACE", error);
        if (!status)
            status = settle(user, &set, error);
        if (!status)
            status = make_and_print(user, &set, error);
    }
    redis_request_release(&user->redis);
    choice_list_release(&user->policy);
    free(set.command);
    free(user);
    return status;
}

static const struct cli_example examples[] = {
    {"evsim mrc trace.csv.zst", "lru, exactly"},
    {"evsim mrc trace.csv.zst -p lru,sieve,allkeys-lru -o curves", "a figure"},
    {"evsim mrc trace.csv.zst --sample 0.01 --unit-sizes", "1 % of keys"},
    {0},
};

const struct subcommand subcommand_mrc = {
    .name = "mrc",
    .summary = "miss-ratio curves: exact or sampled lru, any policy in miniature",
    .usage = "evsim mrc TRACE... [options]",
    .about = "Miss-ratio curves: the share of TRACE's reads that miss, by the size of a flat look-aside cache. The "
             "trace is read once, or twice if evsim has to choose the sizes or the share of the keys.",
    .examples = examples,
    .options = mrc_groups,
    .option_groups = MRC_GROUPS,
    .run = mrc_main,
};
