/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ttl_rules: ttls that the application would give its keys, or not give them, besides what the trace shows: --what-if, evsim doctor.
 *
 *     ttl    as if EXPIRE key ttl NX followed each command that writes a matching key (and a fill after a miss): a key
 *            that has a ttl keeps it. So a new key gets the ttl, and so does one whose SET without KEEPTTL took it away;
 *            INCR, APPEND, HSET and SET KEEPTTL on a key that has one leave it as it is.
 *     none   as if PERSIST key followed each command that may give a matching key a ttl: SET EX, EXPIRE, RENAME ...
 *
 * What follows is not sent as a command of its own: it takes no buffers, and is not counted. A command that was refused is
 * followed by nothing. Of several rules that match, the first counts. Which keys match is found once, by the reader
 * (input/patterns.h). */
#ifndef SIM_TTL_RULES_H
#define SIM_TTL_RULES_H

#include "sim/command.h"

#include <stddef.h>
#include <stdint.h>

struct key_patterns;

struct ttl_rule {
    unsigned pattern; /* of the keys: its number */
    int64_t ttl_ms;   /* 0: none */
};

struct ttl_rules {
    const struct ttl_rule *list;
    size_t count;                    /* 0: there are none */
    const struct key_patterns *keys; /* which keys match which pattern */
};

/* Whether something may follow this command. */
static inline bool ttl_rules_follow(enum op op)
{
    return command_table[op].denyoom || command_table[op].retimes;
}

/* What follows a command, or with `is_fill` a fill, on this key, which is there; NULL: nothing. */
const struct ttl_rule *ttl_rules_find(const struct ttl_rules *rules, enum op op, bool is_fill, uint32_t id);

#endif
