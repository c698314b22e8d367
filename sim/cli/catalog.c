/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/catalog.h"

#include <strings.h>

const struct policy *catalog_policy(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->policy_count; i++)
        if (!strcasecmp(catalog->policies[i]->name, name))
            return catalog->policies[i];
    return NULL;
}

const struct server *catalog_server(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->server_count; i++) {
        const struct server *server = &catalog->servers[i];

        if (!strcasecmp(server->name, name) || (server->alias && !strcasecmp(server->alias, name)))
            return server;
    }
    return NULL;
}

const char *catalog_policy_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->policies[i]->name;
}

const char *catalog_server_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->servers[i].name;
}

const char *catalog_admission_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->admissions[i]->name;
}
