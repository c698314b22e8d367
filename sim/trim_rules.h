/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trim_rules: bounds that the application would set to its lists, sorted sets and streams, besides what the trace shows:
 * --what-if, evsim doctor.
 *
 *     LTRIM feed:* -1000 -1               as if LTRIM key -1000 -1 followed each command that writes a matching list
 *     ZREMRANGEBYRANK scores:* 0 -1001    likewise, of sorted sets: the 1000 highest scores stay
 *     XTRIM events:* MAXLEN ~ 1000        likewise, of streams; as XADD key MAXLEN ~ 1000 would
 *
 * As with ttl rules (ttl_rules.h) what follows is not sent as a command of its own: it takes no buffers, and is not counted; it
 * is a use of the key if it takes something away. Which keys match is found with the ttl rules' patterns. Servers only. */
#ifndef SIM_TRIM_RULES_H
#define SIM_TRIM_RULES_H

#include "sim/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trim_rule {
    unsigned pattern;    /* of the keys: its number */
    enum op op;          /* LTRIM, ZREMRANGEBYRANK or XTRIM */
    int64_t first, last; /* LTRIM: what is kept; ZREMRANGEBYRANK: what goes; XTRIM: first entries stay */
    bool approximately;  /* XTRIM: whole nodes go alone */
};

struct trim_rules {
    const struct trim_rule *list;
    size_t count; /* 0: there are none */
};

#endif
