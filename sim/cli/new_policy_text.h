/* SPDX-License-Identifier: GPL-3.0-or-later */
/* new_policy_text: the files that `evsim new-policy` writes, as text. */
#ifndef SIM_CLI_NEW_POLICY_TEXT_H
#define SIM_CLI_NEW_POLICY_TEXT_H

#include <stdio.h>

/* What their text names. */
struct new_policy {
    const char *name;    /* a C identifier */
    const char *evsim;   /* the program, an absolute path, */
    const char *include; /* and the folder that has sim/policy_plugin.h */
};

void new_policy_put_source(const struct new_policy *policy, FILE *out); /* NAME.c */
void new_policy_put_test(const struct new_policy *policy, FILE *out);   /* test_NAME.sh */

#endif
