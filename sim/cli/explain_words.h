/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain_words: names and numbers that all forms of --explain say. */
#ifndef SIM_CLI_EXPLAIN_WORDS_H
#define SIM_CLI_EXPLAIN_WORDS_H

#include "sim/explain/explain.h"

#include <stdint.h>

/* The name as redis-cli prints it; quotes are left out if the name does not need them. The caller frees it. */
char *explain_shown_name(const struct explain *explain, uint32_t id);
/* The bytes that are to be freed at the gate. */
uint64_t explain_to_free(const struct gate *gate);
const char *explain_on_miss(const struct cell_config *cell);
const char *explain_label(const struct cell_config *cell);

#endif
