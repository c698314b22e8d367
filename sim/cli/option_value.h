/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option_value: from text to an option's member and back, by kind. For options.c. */
#ifndef SIM_CLI_OPTION_VALUE_H
#define SIM_CLI_OPTION_VALUE_H

#include "sim/cli/option.h"

/* An option, and the struct that has its member. */
struct option_place {
    const struct option *option; /* NULL: there is no such option */
    char *group;
};

void *option_member(struct option_place place);

/* 0, or -1 with a usage error, to be prefixed with the option's name. */
int option_set_value(struct option_place place, const char *value, struct error *error);
/* The value in force, in the units of options_echo(); to be freed. */
char *option_print_value(struct option_place place);

#endif
