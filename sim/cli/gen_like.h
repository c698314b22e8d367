/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen_like: evsim gen --like: writes the stand-in, and says how far its miss-ratio curve is from the original's. */
#ifndef SIM_CLI_GEN_LIKE_H
#define SIM_CLI_GEN_LIKE_H

#include "sim/cli/catalog.h"
#include "sim/generate/target.h"

#include <stdint.h>
#include <stdio.h>

/* The trace at `like`, a file, into the file at `output`, which is read again for the curves. `out` is open for it, and complete
 * when this returns. 0, or -1. */
int gen_like_write(const struct catalog *catalog, const char *like, uint32_t seed, const struct generate_target *target,
                   FILE *out, struct error *error);
/* Exact curves of LRU of both, at 20 sizes: one line for each, and the largest difference, on standard error. */
int gen_like_compare(const struct catalog *catalog, const char *like, const char *output, struct error *error);

#endif
