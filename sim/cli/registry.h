/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry: the subcommands, in the order of evsim --help. A new one is its file and a line in registry.c. */
#ifndef SIM_CLI_REGISTRY_H
#define SIM_CLI_REGISTRY_H

#include "sim/cli/cli.h"

extern const struct subcommand *const subcommands[];
extern const size_t subcommand_count;

#endif
