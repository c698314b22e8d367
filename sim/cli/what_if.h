/* SPDX-License-Identifier: GPL-3.0-or-later */
/* what_if: --what-if of evsim run: what is compared with the run as it is, and where that goes. */
#ifndef SIM_CLI_WHAT_IF_H
#define SIM_CLI_WHAT_IF_H

#include "sim/advice/what_if.h"
#include "sim/cli/choice.h"
#include "sim/cli/option_groups.h"

enum { WHAT_IFS = 256, WHAT_IF_SEEDS = 5 /* where --seeds does not say */ };

struct what_if_options {
    const char *texts[WHAT_IFS];         /* in their order */
    size_t count;                        /* 0: nobody asks */
    const struct server *const *servers; /* of the grid: set them before it is settled */
    size_t server_count;
    struct changes *list; /* once it is settled; owned */
    size_t
        list_count; /* one of each text; of 'upgrade SERVER' one more for each group of rules, or rule, in which the servers differ */
    size_t *parts; /* by change: so many behind it are what the upgrade is made of; owned */
    struct change_patterns patterns;
    struct choice_list **policies; /* that the changes point into; owned */
    size_t policy_count;
};

enum { WHAT_IF_OPTIONS = 1 };
extern const struct option what_if_options[WHAT_IF_OPTIONS];

/* Reads the texts. 0 or -1; to be released either way. */
int what_if_settle(struct what_if_options *options, const struct catalog *catalog, struct error *error);
void what_if_release(struct what_if_options *options);

/* As sim/advice/what_if.h takes them. */
struct what_if what_if_of(const struct what_if_options *options, uint64_t seeds);

/* Prints what is different, and with --output writes it, the run as it is (now/) and each what-if's (what-if-1/ ...). The run is
 * released. 0 or -1. */
int what_if_write(const struct what_if *what_if, const struct catalog *catalog, const struct output_request *output,
                  struct run *run, struct error *error);

#endif
