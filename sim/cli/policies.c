/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * policies, servers: the names that run takes. */
#include "sim/cli/cli.h"

#include "sim/model.h"

#include <stdio.h>

static int policies_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    (void)argc, (void)argv, (void)error;
    printf("%-16s %-8s %10s  %s\n", "policy", "scope", "bytes/key", "");
    for (size_t i = 0; i < catalog->policy_count; i++) {
        const struct policy *policy = catalog->policies[i];

        printf("%-16s %-8s %10zu  %s\n", policy->name,
               policy->scope == SCOPE_NONE       ? "none"
               : policy->scope == SCOPE_ALLKEYS ? "allkeys"
                                                : "volatile",
               policy->entry_size, policy->summary);
    }
    return 0;
}

static int servers_main(const struct catalog *catalog, int argc, char **argv, struct error *error)
{
    (void)catalog, (void)argc, (void)argv, (void)error;
    for (size_t i = 0; i < server_count; i++)
        printf("%-22s %s\n", servers[i].name, servers[i].summary);
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
