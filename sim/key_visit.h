/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key_visit: at the end of a run, a cell shows the keys that it holds, one by one, to somebody who counts them. Nothing
 * changes by it. A cell that is to do so is given a visitor by its options; a flat cache has nothing to show. */
#ifndef SIM_KEY_VISIT_H
#define SIM_KEY_VISIT_H

#include "sim/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct visited_key {
    uint32_t id, db;
    const char *name; /* of name_bytes bytes, not terminated, valid during the call; NULL: names are not kept */
    size_t name_bytes;
    unsigned group;              /* of groups (input/groups.h), if the run tells them apart; */
    const char *group_name;      /* else NULL */
    enum value_type value_type;  /* a HyperLogLog is TYPE_HLL, though its type is "string" */
    const char *type, *encoding; /* what TYPE and OBJECT ENCODING say */
    uint64_t bytes;              /* MEMORY USAGE key SAMPLES 0 */
    uint64_t length;             /* STRLEN, or how many elements it has */
    bool has_ttl;
    int64_t ttl_ms; /* left, or less than 0: it has passed, and nothing has found that out */
};

struct key_visitor {
    void (*visit)(void *owner, const struct visited_key *key);
    void *owner;
};

#endif
