/* SPDX-License-Identifier: GPL-3.0-or-later */
/* version: what evsim --version says: evsim's own version, what it reads and loads, and the libraries it runs with. */
#ifndef SIM_CLI_VERSION_H
#define SIM_CLI_VERSION_H

#include <stdio.h>

/* `version` is as the Makefile has it: "0.2.0", or with the commit that it was built from, "0.2.0+fcdb335.dirty". */
void version_print(const char *version, FILE *out);

#endif
