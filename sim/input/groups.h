/* SPDX-License-Identifier: GPL-3.0-or-later */
/* groups: which group each key belongs to, for reports that tell groups apart (--by).
 *
 *     prefix        the key's name up to the first separator: "user" of user:12:name. Without one: "(no prefix)"
 *     prefix:N      up to the N-th, or to the last if there are fewer: "user:12" of user:12:name with N = 2
 *     client        the connection that named the key first: "client 3", as they are numbered by who speaks first
 *     tenant        who the trace says its first request was of: a column of its own. Without one: "(no tenant)"
 *     a regex       POSIX extended: what its first parentheses match, or all that it matches. Else: "(no match)"
 *
 * The group is found once, when the key gets its id. There are GROUPS_MOST groups; keys of any more belong to "(other)".
 * Commands without a key, and what no command does, belong to "(no key)". Chunks never move, so cells may look at the keys of their batch
 * while the reader adds others. */
#ifndef SIM_INPUT_GROUPS_H
#define SIM_INPUT_GROUPS_H

#include "sim/error.h"
#include "sim/policy.h"
#include "sim/request.h"

#include <stdbool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GROUP_CHUNK_BITS = 16, GROUPS_MOST = 1024 };

/* Those that every rule has; the named ones follow. */
enum { GROUP_NO_KEY, GROUP_NONE, GROUP_OTHER, GROUP_FIRST_NAMED };

struct group_rule; /* what --by says */

/* -1 (ERROR_USAGE) when the text is none. To be freed. `separator` is what ends a prefix; not empty, outlives the rule. */
struct group_rule *group_rule_parse(const char *text, const char *separator, struct error *error);
void group_rule_free(struct group_rule *rule); /* NULL is fine */

struct key_groups {
    const struct group_rule *rule;
    char **names; /* by group; owned, as are the slots, unless it is a view */
    bool is_view;
    uint32_t count;
    bool lacks_tenants; /* they were asked for, and the trace does not say them */
    uint32_t *slots;    /* a hash table of names: 1 + group */
    uint16_t *chunks[1 << (32 - GROUP_CHUNK_BITS)];
};

/* The rule outlives it. */
struct key_groups *key_groups_new(const struct group_rule *rule);
void key_groups_free(struct key_groups *groups); /* NULL is fine */
/* A key has got its id from this record. */
void key_groups_note(struct key_groups *groups, uint32_t id, const struct record *record);

/* The same groups for who numbers keys anew: it has no names of its own, and must not outlive them. New groups are known
 * after key_groups_update(). To be freed. */
struct key_groups *key_groups_view(const struct key_groups *groups);
void key_groups_alias(struct key_groups *view, uint32_t id, const struct key_groups *groups, uint32_t of);
void key_groups_update(struct key_groups *view, const struct key_groups *groups);

/* Where the group of a key that has been noted is kept. */
static inline const uint16_t *key_group_place(const struct key_groups *groups, uint32_t id)
{
    return &groups->chunks[id >> GROUP_CHUNK_BITS][id & ((1u << GROUP_CHUNK_BITS) - 1)];
}

/* Of a key that has been noted, or of NO_KEY. */
static inline unsigned key_group_of(const struct key_groups *groups, uint32_t id)
{
    if (id == NO_KEY)
        return GROUP_NO_KEY;
    return *key_group_place(groups, id);
}

#endif
