/* SPDX-License-Identifier: GPL-3.0-or-later */
/* convert_tell: what evsim convert says when it is done: as lines, or as one JSON object (traces/README.md has its members).
 *
 * What was read is what was not chosen, what the target cannot hold, and what was written: their counts of requests add up. */
#ifndef SIM_CLI_CONVERT_TELL_H
#define SIM_CLI_CONVERT_TELL_H

#include "sim/input/conversion.h"

#include <stdio.h>

struct convert_tale {
    const struct conversion *done;
    const struct trace_request *request;
    const char *target; /* a path, or "-" */
    const char *secret; /* one that was drawn, and is not known yet; "": none */
};

void convert_tell(const struct convert_tale *tale, FILE *out);
/* Of it the drawn secret alone, if there is one. */
void convert_tell_secret(const struct convert_tale *tale, FILE *out);
void convert_tell_json(const struct convert_tale *tale, FILE *out);

#endif
