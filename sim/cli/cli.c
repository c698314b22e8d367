/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/cli.h"

#include "sim/cli/names.h"

#include <string.h>

static const char *subcommand_name(const void *catalog, size_t i)
{
    return ((const struct catalog *)catalog)->subcommands[i]->name;
}

const struct subcommand *subcommand_find(const struct catalog *catalog, const char *name, struct error *error)
{
    const char *nearest = nearest_name(name, subcommand_name, catalog, catalog->subcommand_count);

    for (size_t i = 0; i < catalog->subcommand_count; i++)
        if (!strcmp(name, catalog->subcommands[i]->name))
            return catalog->subcommands[i];
    if (nearest)
        error_set(error, ERROR_USAGE, "unknown command '%s': did you mean '%s'?", name, nearest);
    else
        error_set(error, ERROR_USAGE, "unknown command '%s': see evsim --help", name);
    return NULL;
}
