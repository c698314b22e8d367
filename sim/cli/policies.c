/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * policies, servers: the names that run takes. */
#include "sim/cli/cli.h"

#include "sim/model.h"

#include <stdio.h>
#include <string.h>

/* They print a list and take nothing but --help. */
static int no_arguments(const char *name, int argc, char **argv, struct error *error)
{
    if (argc && strcmp(argv[0], "--help") && strcmp(argv[0], "-h"))
        return error_set(error, ERROR_USAGE, "%s takes no arguments: '%s'", name, argv[0]);
    return 0;
}

static int policies_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    if (no_arguments("policies", argc, argv, error))
        return -1;
    printf("%-16s %-8s  %s\n", "policy", "scope", "victim");
    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        printf("%-16s %-8s  %s\n", policy->name,
               policy->scope == SCOPE_NONE      ? "none"
               : policy->scope == SCOPE_ALLKEYS ? "allkeys"
                                                : "volatile",
               policy->summary);
    }
    printf("\n--policy all:");
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (catalog->policies[i]->is_redis)
            printf(" %s", catalog->policies[i]->name);
    printf("\n");
    return 0;
}

static int servers_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    (void)catalog;
    if (no_arguments("servers", argc, argv, error))
        return -1;
    for (size_t i = 0; i < server_count; i++)
        printf("%-20s %-10s  %s\n", servers[i].name, servers[i].alias ? servers[i].alias : "",
               servers[i].summary);
    return 0;
}

const struct subcommand subcommand_policies = {
    .name = "policies",
    .summary = "the eviction policies there are",
    .run = policies_main,
};

const struct subcommand subcommand_servers = {
    .name = "servers",
    .summary = "the servers that can be modeled",
    .run = servers_main,
};
