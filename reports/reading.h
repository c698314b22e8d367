/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reading: prints what was assumed, ignored, not understood or left out while the trace was read. */
#ifndef REPORTS_READING_H
#define REPORTS_READING_H

#include "reports/json_values.h"
#include "sim/input/intake.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Lines for a terminal, each only where there is something to say. start_unix_us is when the trace was taken to begin,
 * 0 when it says so itself. */
void reading_put(const struct intake *intake, int64_t start_unix_us, FILE *out);

/* The same as an object, with all of it. start_assumed: the trace does not say when it begins. */
json_t *reading_object(const struct intake *intake, bool start_assumed);

#endif
