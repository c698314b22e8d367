/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policies, servers: list the names that run accepts. */
#include "sim/cli/cli.h"
#include "sim/cli/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* These subcommands accept no argument but -h and --help. 1: that is what was asked for. */
static int no_arguments(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                        struct error *error)
{
    struct option_set set = {0};
    int status = options_parse(&set, self->name, argc, argv, error);

    free(set.command);
    if (status)
        return -1;
    if (set.operands && !set.help)
        return error_set(error, ERROR_USAGE, "%s takes no arguments: '%s'", self->name, argv[0]);
    help_print(self, catalog, &set, stdout);
    return set.help ? 1 : 0;
}

static const char *scope_name(enum scope scope)
{
    return scope == SCOPE_NONE ? "none" : scope == SCOPE_ALLKEYS ? "allkeys" : "volatile";
}

/* The parameters are printed below the line of their policy or rule. */
static void print_parameters(const struct policy_parameter *parameters)
{
    for (size_t i = 0; parameters && parameters[i].name; i++) {
        const struct policy_parameter *parameter = &parameters[i];

        printf("%-16s %-8s %5s     %s=%g  %s (%g to %g)\n", "", "", "", parameter->name, parameter->initial,
               parameter->summary, parameter->least, parameter->most);
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

static int policies_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                         struct error *error)
{
    int status = no_arguments(self, catalog, argc, argv, error);

    if (status)
        return status < 0 ? -1 : 0;
    printf("%-16s %-8s %5s  %s\n", "policy", "scope", "bytes", "victim");
    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        printf("%-16s %-8s %5zu  %s%s%s%s\n", policy->name, scope_name(policy->scope), policy->entry_size,
               policy->summary, policy->source ? " [" : "", policy->source ? policy->source : "",
               policy->source ? "]" : "");
        print_parameters(policy->parameters);
        if (policy->libcachesim)
            printf("%-16s %-8s %5s     with --compat libcachesim: %s\n", "", "", "", policy->libcachesim);
    }
    printf("\nbytes: memory of this machine that the policy takes for each key in each cell\n--policy all:");
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (catalog->policies[i]->redis)
            printf(" %s", catalog->policies[i]->name);
    printf("\n--policy sieve@volatile: evicts keys with a ttl only; for any policy but Redis's own\n"
           "--policy s3fifo:small=0.2,ghost=1: sets parameters; the list shows name=default\n"
           "--policy ./mine.so: a policy of your own, see policies/README.md\n");
    print_admissions(catalog);
    printf("\n--admission size:most=64kb: this rule stands in front of every policy of the run\n");
    return 0;
}

static int servers_main(const struct subcommand *self, const struct catalog *catalog, int argc, char **argv,
                        struct error *error)
{
    int status = no_arguments(self, catalog, argc, argv, error);

    if (status)
        return status < 0 ? -1 : 0;
    for (size_t i = 0; i < catalog->server_count; i++) {
        const struct server *server = &catalog->servers[i];

        printf("%-20s %-10s  %s\n", server->name, server->alias ? server->alias : "", server->summary);
    }
    return 0;
}

static const struct cli_example policy_examples[] = {
    {"evsim policies", "each with its scope, parameters and source"},
    {0},
};

const struct subcommand subcommand_policies = {
    .name = "policies",
    .summary = "the eviction policies there are",
    .usage = "evsim policies",
    .examples = policy_examples,
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
    .run = servers_main,
};
