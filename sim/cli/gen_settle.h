/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen_settle: what the options of gen come to, beside a preset and without one. */
#ifndef SIM_CLI_GEN_SETTLE_H
#define SIM_CLI_GEN_SETTLE_H

#include "sim/cli/catalog.h"
#include "sim/cli/option_groups.h"
#include "sim/error.h"
#include "sim/generate/generate.h"

#include <stdbool.h>
#include <stdint.h>

#define SECOND_US INT64_C(1000000)

/* As in generate_targets. */
enum { FORMAT_TWITTER, FORMAT_ORACLE_GENERAL, FORMAT_MONITOR };
enum arrival_kind { ARRIVALS_EVEN, ARRIVALS_POISSON };
enum popularity_word { BY_ZIPF, BY_UNIFORM, BY_LRU_TEST };

struct gen_options {
    struct generate_params params;
    const char *output;
    const char *format_name;           /* NULL: the preset is to say */
    int format;                        /* of generate_targets; -1: not known yet */
    const struct trace_writer *writer; /* that writes it, from one of those; NULL: none does */
    enum arrival_kind arrivals;
    int popularity; /* of enum popularity_word */
    int64_t duration_us, ttl_min_us, ttl_max_us;
    uint64_t value_mean_bytes;
    const char *preset; /* NULL: none */
    const char *like;   /* likewise */
    bool list_presets;
    struct quiet_request quiet;
    bool has_name; /* a --name was given, which replaces the defaults */
};

/* Zeroed to begin with; its parameters are the generator's defaults. */
void gen_options_init(struct gen_options *options);

void gen_options_release(struct gen_options *options);

/* The setter of --preset (option.h): from now on what is given beside it can be told from what is not. */
int gen_set_preset(void *group, const struct option *option, const char *value, struct error *error);

/* Puts --preset in front of the arguments: what else is given is to override it, wherever it stands. */
void gen_put_preset_first(int argc, char **argv);

/* Of --like: an option is there that does not go with it. 0, or -1. */
int gen_check_like(int argc, char *const *argv, struct error *error);

/* Which kind of file --format names. 0, or -1. */
int gen_choose_format(struct gen_options *options, const struct catalog *catalog, struct error *error);

/* Works out what the options leave open, in the parameters. 0, or -1. */
int gen_settle(struct gen_options *options, struct error *error);

#endif
