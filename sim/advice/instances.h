/* SPDX-License-Identifier: GPL-3.0-or-later */
/* instances: which machine follows from a maxmemory, under a rule.
 *
 * A rule says which share of a machine's memory is not to be given to maxmemory, and may name machines. It is the user's
 * (a share), or one of a table: those that providers have published, each with its source and its date, or a file with
 * lines of the same form:
 *
 *     rule NAME SHARE SOURCE     rule my-cloud 25% the manual of 2026-05
 *     size NAME MACHINE MEMORY   size my-cloud small 4gb
 *
 * The machine must have the memory for maxmemory by the rule, and for maxmemory with all headroom, whichever is more. */
#ifndef SIM_ADVICE_INSTANCES_H
#define SIM_ADVICE_INSTANCES_H

#include "sim/advice/sizing.h"
#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instance_rule {
    const char *name, *source; /* a table owns them; source NULL: the user's */
    double reserve;            /* 0 to below 1 */
    struct instance_size {
        const char *name; /* owned */
        uint64_t memory;
    } * sizes;
    size_t size_count;
};

struct instance_table {
    struct instance_rule *rules;
    size_t count;
};

extern const char published_instances[]; /* a table, as a file has it */

/* Reads the lines of a text, or of a file. `name` is for messages: "instances.txt:3: ...". 0 or -1. */
int instance_table_scan(struct instance_table *table, const char *name, const char *text, struct error *error);
int instance_table_read(struct instance_table *table, const char *path, uint64_t memory_limit, struct error *error);
void instance_table_release(struct instance_table *table);
/* The rule of this name; NULL, with an error that lists them. */
const struct instance_rule *instance_table_find(const struct instance_table *table, const char *name,
                                                struct error *error);
/* "25%" or 0.25, below 1. */
bool scan_reserve(const char *text, double *reserve);

/* Fills the line's instance, if the line has an answer: that of each of so many machines, on which a server has this maxmemory.
 * price: of a GB (1024^3 bytes), NaN: none. */
void instance_choose(const struct instance_rule *rule, double price, uint64_t maxmemory, uint64_t machines,
                     struct sized_line *line);

#endif
