/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policies, servers: list the names that run accepts, and say all about some policies. */
#include "sim/alloc.h"
#include "sim/cli/choice.h"
#include "sim/cli/cli.h"
#include "sim/cli/help.h"
#include "sim/cli/option_groups.h"
#include "sim/cli/policy_page.h"
#include "sim/redis_policy.h"

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The parameters are printed below the line of their policy or rule. */
static void print_parameters(const struct policy_parameter *parameters)
{
    for (size_t i = 0; parameters && parameters[i].name; i++) {
        const struct policy_parameter *parameter = &parameters[i];

        printf("%-16s %-8s %5s     %s=", "", "", "", parameter->name);
        policy_put_number(parameter->initial, stdout);
        printf("  %s (", parameter->summary);
        policy_put_number(parameter->least, stdout);
        printf(" to ");
        policy_put_number(parameter->most, stdout);
        printf(")\n");
    }
}

static void print_admissions(const struct catalog *catalog)
{
    printf("\n%-32s %s\n", "admission", "a key comes in");
    for (size_t i = 0; i < catalog->admission_count; i++) {
        const struct admission *admission = catalog->admissions[i];

        printf("%-32s %s%s%s%s\n", admission->name, admission->summary, admission->source ? " [" : "",
               admission->source ? admission->source : "", admission->source ? "]" : "");
        print_parameters(admission->parameters);
    }
}

/* Those of Redis's own that all servers have, or the late ones. */
static void print_own(const struct catalog *catalog, bool late)
{
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (catalog->policies[i]->redis && catalog->policies[i]->redis->notes_every_write == late)
            printf(" %s", catalog->policies[i]->name);
}

static void print_list(const struct catalog *catalog)
{
    printf("%-16s %-8s %5s  %s\n", "policy", "scope", "bytes", "victim");
    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        printf("%-16s %-8s %5zu  %s%s%s%s\n", policy->name, policy_scope_name(policy->scope), policy->entry_size,
               policy->summary, policy->source ? " [" : "", policy->source ? policy->source : "",
               policy->source ? "]" : "");
        print_parameters(policy->parameters);
        if (policy->libcachesim)
            printf("%-16s %-8s %5s     with --compat libcachesim: %s\n", "", "", "", policy->libcachesim);
    }
    printf("\nbytes: memory of this machine that the policy takes for each key in each cell\n--policy all:");
    print_own(catalog, false);
    printf("; of Redis 8.6 and later also");
    print_own(catalog, true);
    printf("\n--policy sieve@volatile: evicts keys with a ttl only; for any policy but Redis's own\n"
           "--policy s3fifo:small=0.2,ghost=1: sets parameters; the list shows name=default\n"
           "--policy ./mine.so: a policy of your own, see policies/README.md\n");
    print_admissions(catalog);
    printf("\n--admission size:most=64kb: this rule stands in front of every policy of the run\n"
           "\nevsim policies NAME: all about one, with commands that try it\n");
}

/* ---- some of them, or all as JSON ---- */

enum { RULES = 64 };

struct user {
    const struct catalog *catalog;
    bool json;
    struct choice_list chosen;
    const struct admission *rules[RULES];
    size_t rule_count;
};

static bool add_rule(struct user *user, const char *name)
{
    const struct admission *rule = NULL;

    for (size_t i = 0; i < user->catalog->admission_count; i++)
        if (!strcasecmp(user->catalog->admissions[i]->name, name))
            rule = user->catalog->admissions[i];
    for (size_t i = 0; i < user->rule_count; i++)
        if (user->rules[i] == rule)
            return true;
    if (rule && user->rule_count < RULES)
        user->rules[user->rule_count++] = rule;
    return rule;
}

/* Policies as run names them: in any case, by pattern, several with commas, ./mine.so; and rules of admission. tinylfu is
 * both. */
static int choose(struct user *user, const char *name, struct error *error)
{
    if (add_rule(user, name) && !catalog_policy(user->catalog, name))
        return 0;
    return choice_list_add(&user->chosen, user->catalog, name, SCOPE_ALLKEYS, error);
}

static int choose_every(struct user *user, struct error *error)
{
    for (size_t i = 0; i < user->catalog->admission_count; i++)
        add_rule(user, user->catalog->admissions[i]->name);
    return choice_list_add(&user->chosen, user->catalog, "*", SCOPE_ALLKEYS, error);
}

static void print_pages(const struct user *user)
{
    for (size_t i = 0; i < user->chosen.count; i++) {
        if (i)
            putchar('\n');
        policy_page(&user->chosen.choices[i], stdout);
    }
    for (size_t i = 0; i < user->rule_count; i++) {
        if (i || user->chosen.count)
            putchar('\n');
        policy_page_admission(user->rules[i], stdout);
    }
}

static void print_json(const struct user *user)
{
    json_t *document = json_object(), *list = json_array(), *rules = json_array();

    for (size_t i = 0; i < user->chosen.count; i++)
        json_array_append_new(list, policy_page_json(&user->chosen.choices[i]));
    for (size_t i = 0; i < user->rule_count; i++)
        json_array_append_new(rules, policy_page_admission_json(user->rules[i]));
    json_object_set_new(document, "policies", list);
    json_object_set_new(document, "admissions", rules);
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(document);
}

static const struct option policies_options[] = {
    {.name = "json",
     .kind = OPTION_SWITCH,
     .role = OPTION_OF_OUTPUT,
     .help = "print the pages as JSON: of all policies and rules, or of those that are named",
     .brief = "the pages as JSON",
     OPTION_IN(struct user, json)},
};

static const struct option_group policies_groups[] = {{OPTIONS_OF(policies_options)}};

static int policies_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                         struct error *error)
{
    struct user *user = xcalloc(1, sizeof *user);
    struct option_set set = {.groups = self->options, .group_count = self->option_groups, .target = user};
    int status = options_parse(&set, self->name, argc, argv, error);

    user->catalog = catalog;
    for (int i = 0; !status && !set.help && i < set.operands; i++)
        status = choose(user, argv[i], error);
    if (!status && !set.help && !set.operands && user->json)
        status = choose_every(user, error);
    if (status)
        ;
    else if (set.help)
        help_print(self, catalog, &set, stdout);
    else if (user->json)
        print_json(user);
    else if (set.operands)
        print_pages(user);
    else
        print_list(catalog);
    choice_list_release(&user->chosen);
    options_release(&set);
    free(user);
    return status;
}

/* No argument but -h and --help. 1: that is what was asked for. */
static int no_arguments(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                        struct error *error)
{
    struct option_set set = {0};
    int status = options_parse(&set, self->name, argc, argv, error);

    options_release(&set);
    if (status)
        return -1;
    if (set.operands && !set.help)
        return error_set(error, ERROR_USAGE, "%s takes no arguments: '%s'", self->name, argv[0]);
    help_print(self, catalog, &set, stdout);
    return set.help ? 1 : 0;
}

static int servers_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                        struct error *error)
{
    int status = no_arguments(self, catalog, argc, argv, error);

    if (status)
        return status < 0 ? -1 : 0;
    for (size_t i = 0; i < catalog->server_count; i++) {
        const struct server *server = &catalog->servers[i];

        printf("%-20s %-10s  %-8s  %s\n", server->name, server->alias ? server->alias : "",
               !server->profile  ? "-"
               : server->is_read ? "read"
                                 : "measured",
               server->summary);
    }
    return 0;
}

static const struct cli_example policy_examples[] = {
    {"evsim policies", "each with scope, parameters, source"},
    {"evsim policies s3fifo", "all about one, and commands that try it"},
    {"evsim policies 'allkeys-*' --json", "of some, for a program"},
    {0},
};

const struct subcommand subcommand_policies = {
    .name = "policies",
    .summary = "the eviction policies there are",
    .usage = "evsim policies [NAME...] [--json]",
    .about = "Lists the policies and rules of admission that --policy and --admission take, each with a line for each "
             "parameter; or says all that is known of those that are named, as run names them: in any case, by a "
             "pattern, or a policy of your own, ./mine.so.",
    .examples = policy_examples,
    .prints_words = true,
    .options = policies_groups,
    .option_groups = sizeof policies_groups / sizeof *policies_groups,
    .operands = VALUES_POLICIES,
    .run = policies_main,
};

static const struct cli_example server_examples[] = {
    {"evsim servers", "name, short name, which build it is"},
    {0},
};

const struct subcommand subcommand_servers = {
    .name = "servers",
    .summary = "the servers that can be modeled",
    .usage = "evsim servers",
    .examples = server_examples,
    .prints_words = true,
    .run = servers_main,
};
