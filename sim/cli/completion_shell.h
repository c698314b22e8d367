/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion_shell: the contract of a shell that evsim completes command lines in. One shell, one file, one line in completion.c.
 *
 * A shell gets a script of its own, in which every subcommand, option and word stands: completing starts no program. */
#ifndef SIM_CLI_COMPLETION_SHELL_H
#define SIM_CLI_COMPLETION_SHELL_H

#include "sim/cli/catalog.h"

#include <stdio.h>

struct completion_shell {
    const char *name;
    void (*write)(const struct catalog *catalog, FILE *out);
};

extern const struct completion_shell completion_bash, completion_fish, completion_zsh;

#endif
