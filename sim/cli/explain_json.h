/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain_json: a moment of --explain as an object of JSON on a line, and as a row of CSV, on standard output. */
#ifndef SIM_CLI_EXPLAIN_JSON_H
#define SIM_CLI_EXPLAIN_JSON_H

#include "sim/explain/explain.h"

void explain_json_put(const struct explain *explain, const struct moment *moment);
void explain_csv_titles(void);
void explain_csv_put(const struct explain *explain, const struct moment *moment);

#endif
