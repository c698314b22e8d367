/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names: what keys and members are called, for the commands that look at that: those with a pattern.
 *
 * Names are kept by the reader while they take little host memory, and from the first such command on (sim/input/names.h,
 * sim/input/members.h). A cell sees only those that were there when its batch was made, so that a result does not depend on
 * how far the reader is ahead. */
#ifndef SIM_SERVER_NAMES_H
#define SIM_SERVER_NAMES_H

#include "sim/server/state.h"

/* The member's text, in `room` or not, not terminated; its length is the member's. NULL: it is not known. */
const char *names_spell(const struct redis *redis, uint32_t member, char room[MEMBER_SPELLED]);
/* Whether it matches the pattern, which is a member, too. What is not known matches. */
bool names_member_matches(const struct redis *redis, uint32_t member, uint32_t pattern);
/* The name of a key, *bytes long, not terminated, and its database. NULL: it is not known. */
const char *names_of_key(const struct redis *redis, uint32_t id, size_t *bytes, uint32_t *db);
/* Likewise, of the name of a key. */
bool names_key_matches(const struct redis *redis, uint32_t id, uint32_t pattern);
/* The key of this name. NO_KEY: no command up to now has named one. */
uint32_t names_find_key(const struct redis *redis, uint8_t db, const char *name, size_t bytes);

#endif
