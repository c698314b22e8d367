/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen_options: what gen takes, in groups, and what it comes to. */
#ifndef SIM_CLI_GEN_OPTIONS_H
#define SIM_CLI_GEN_OPTIONS_H

#include "sim/cli/options.h"
#include "sim/generate/generate.h"

#include <stdbool.h>
#include <stdint.h>

enum arrival_kind { ARRIVALS_EVEN, ARRIVALS_POISSON };
enum popularity_word { BY_ZIPF, BY_UNIFORM, BY_LRU_TEST };

struct gen_options {
    struct generate_params params;
    const char *output;
    int format; /* of generate_targets */
    enum arrival_kind arrivals;
    int popularity; /* of enum popularity_word */
    int64_t duration_us, ttl_min_us, ttl_max_us;
    uint64_t value_mean_bytes;
    const char *preset; /* NULL: none */
    bool list_presets;
    bool has_name; /* a --name was given, which replaces the defaults */
};

/* Zeroed to begin with; its parameters are the generator's defaults. */
void gen_options_init(struct gen_options *options);

/* Puts --preset in front of the arguments: what else is given is to override it, wherever it stands. */
void gen_options_put_preset_first(int argc, char **argv);

/* Works out what the options leave open, in the parameters. 0, or -1. */
int gen_options_settle(struct gen_options *options, struct error *error);

void gen_options_release(struct gen_options *options);

enum { GEN_GROUPS = 6 };
extern const struct option_group gen_groups[GEN_GROUPS];

#endif
