/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: what the commands on lists share with those that may wait for one. */
#ifndef SIM_SERVER_COMMANDS_LIST_H
#define SIM_SERVER_COMMANDS_LIST_H

#include "sim/server/commands/call.h"
#include "sim/server/values/list.h"

/* listElementsRemoved: the key goes with its last element. */
void list_elements_removed(struct call *call, uint32_t id);
void list_reply_element(struct call *call, struct list_element element);
/* The reply is so many elements from one end on, or all; then they go. How many. */
uint64_t list_pop_range(struct call *call, struct entry *entry, enum list_end end, uint64_t count);
/* lmoveGenericCommand: from the key, which has a list, to the call's, which may be absent. */
void list_move_element(struct call *call, uint32_t from, enum list_end end, enum list_end to);
/* The sides of LMOVE, BLMOVE; RPOPLPUSH, BRPOPLPUSH have theirs. */
enum list_end list_side_from(enum op op, uint16_t flags);
enum list_end list_side_to(enum op op, uint16_t flags);
/* A list that no key holds yet, as a value that a key is about to hold: its bytes count as arguments until then. */
struct value list_hand_over(struct redis *redis, const struct entry *list);

#endif
