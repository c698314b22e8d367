/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile_words: how two servers differ, in words, and one that has a group of rules from another.
 *
 * Both are made from the list of fields (profile.h), which says each field's words and its group once. */
#ifndef SIM_SERVER_PROFILE_WORDS_H
#define SIM_SERVER_PROFILE_WORDS_H

#include "sim/model.h"
#include "sim/server/profile.h"

/* What fields are about, in the order in which they are told. */
enum profile_group {
    GROUP_LAYOUT,
    GROUP_TABLES,
    GROUP_VALUES,
    GROUP_ALLOCATOR,
    GROUP_POLICY,
    GROUP_SERVER,
    GROUP_COMMANDS,
    PROFILE_GROUPS
};

/* "keys", "hash tables" ...; NULL: there are no more. */
const char *profile_group_name(size_t group);

/* "layout", "tables" ...: what it is called in a command line. */
const char *profile_group_word(size_t group);

/* Tells each field of the group in which b differs from a, as a line; whether there was one. */
bool profile_differences(const struct server_profile *a, const struct server_profile *b, size_t group,
                         model_tell_fn *tell, void *owner);

/* The group's fields are those of another server from now on; of layout and tables both, where one cannot be without the other. */
void profile_exchange(struct server_profile *profile, const struct server_profile *from, size_t group);

/* "reserves_ttl", "dict.steps_at_key" ...; NULL: there are no more. */
const char *profile_rule_word(size_t rule);
bool profile_rule_differs(const struct server_profile *a, const struct server_profile *b, size_t rule);
/* Likewise, of one rule; where the kind of table differs, of all of layout and tables. */
void profile_exchange_rule(struct server_profile *profile, const struct server_profile *from, size_t rule);

#endif
