/* SPDX-License-Identifier: GPL-3.0-or-later */
/* man_page: the man page of a subcommand, made of its row and of its option tables, as help.h makes -h and --help of them; and the
 * page about all of them. An option's row says more there, so nothing is written twice. */
#ifndef SIM_CLI_MAN_PAGE_H
#define SIM_CLI_MAN_PAGE_H

#include "sim/cli/cli.h"

#include <stdio.h>

enum { MAN_PAGE_NAME = 64 }; /* a buffer of this size is always enough */

/* "evsim-run", or "evsim" of the program. */
char *man_page_name(const struct subcommand *subcommand, const struct catalog *catalog, char name[MAN_PAGE_NAME]);

/* evsim-run.1, or evsim.1 of the program. */
void man_page_put(const struct subcommand *subcommand, const struct catalog *catalog, FILE *out);

#endif
