/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ttl_rules: ttls that the application would give its keys, or not give them, besides what the trace shows: --what-if, evsim doctor.
 *
 *     ttl    as if EXPIRE key ttl NX followed each command that writes a matching key (and a fill after a miss): a key
 *            that has a ttl keeps it. So a new key gets the ttl, and so does one whose SET without KEEPTTL took it away;
 *            INCR, APPEND, HSET and SET KEEPTTL on a key that has one leave it as it is.
 *     on use as if EXPIRE key ttl followed each command that reads or writes a matching key, unless the key has another ttl,
 *            of its own: it goes when nobody has used it for so long. Servers only
 *     none   as if PERSIST key followed each command that may give a matching key a ttl: SET EX, EXPIRE, RENAME ...
 *
 * What follows is not sent as a command of its own: it takes no buffers, and is not counted. A command that was refused is
 * followed by nothing. Of several rules that match, the first counts. Which keys match is found once, by the reader
 * (input/patterns.h). */
#ifndef SIM_TTL_RULES_H
#define SIM_TTL_RULES_H

#include "sim/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_patterns;

struct ttl_rule {
    unsigned pattern; /* of the keys: its number */
    int64_t ttl_ms;   /* 0: none */
    bool on_use;      /* since the last use, not since it was written */
};

struct ttl_rules {
    const struct ttl_rule *list;
    size_t count;                    /* 0: there are none */
    bool follow_reads;               /* one of them is on use */
    const struct key_patterns *keys; /* which keys match which pattern */
};

/* Whether something may follow this command. */
static inline bool ttl_rules_follow(const struct ttl_rules *rules, enum op op)
{
    const struct command *command = &command_table[op];

    return command->denyoom || command->retimes || (rules->follow_reads && command->looks_up);
}

/* What follows a command, or with `is_fill` a fill, on this key, which is there; NULL: nothing. */
const struct ttl_rule *ttl_rules_find(const struct ttl_rules *rules, enum op op, bool is_fill, uint32_t id);

#endif
