/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy_page: all that is known of one policy or admission rule, as words and as JSON: for evsim policies NAME. */
#ifndef SIM_CLI_POLICY_PAGE_H
#define SIM_CLI_POLICY_PAGE_H

#include "sim/admission.h"
#include "sim/cli/choice.h"

#include <jansson.h>
#include <stdio.h>

/* A number so that it reads back as it is: 0.25, 1048576. */
void policy_put_number(double number, FILE *out);

/* "allkeys", "volatile", "none". */
const char *policy_scope_name(enum scope scope);

/* A page: a line for each thing, wide or not; parameters one a line; and commands that try it. */
void policy_page(const struct choice *choice, FILE *out);
void policy_page_admission(const struct admission *admission, FILE *out);

/* The same as one object each; new references. */
json_t *policy_page_json(const struct choice *choice);
json_t *policy_page_admission_json(const struct admission *admission);

#endif
