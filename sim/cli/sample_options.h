/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample_options: --sample, a share of the keys in place of all (engine/key_parts.h). */
#ifndef SIM_CLI_SAMPLE_OPTIONS_H
#define SIM_CLI_SAMPLE_OPTIONS_H

#include "sim/cli/option.h"

#include <stdint.h>

/* What the command line says. Zeroed to begin with. */
struct sample_request {
    const char *text; /* NULL: all keys */
    uint32_t parts;   /* set by sample_request_settle(): one in so many keys; 0: all */
};

enum { SAMPLE_OPTIONS = 1 };
extern const struct option sample_options[SAMPLE_OPTIONS];

/* `other` is an option that was given, too, and that needs all keys, or NULL; `seeds` are as many as the user wants, or 0. */
int sample_request_settle(struct sample_request *sample, const char *other, uint64_t seeds, struct error *error);

/* How many seeds there are where nobody says: each takes other keys. */
uint64_t sample_request_seeds(const struct sample_request *sample);

#endif
