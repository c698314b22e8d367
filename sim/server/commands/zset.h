/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zset: what the commands on sorted sets share. */
#ifndef SIM_SERVER_COMMANDS_ZSET_H
#define SIM_SERVER_COMMANDS_ZSET_H

#include "sim/server/commands/call.h"
#include "sim/server/values/zset.h"

/* The double of an element. */
double zset_element_double(const struct element *element);

/* The result of a command becomes the value of the call's key, which goes if the result is empty. */
void zset_store(struct call *call, struct entry *zset);

/* After so many elements were removed by a command: the key goes with its last element. */
void zset_end_removal(struct call *call, struct entry *entry, int64_t removed);

/* The elements that a row with the ends of a range asks for. */
struct range zset_range_asked(const struct call *call, const struct entry *entry);

/* Takes up to `count` elements from one end, and replies with them and their scores. */
void zset_pop(struct call *call, struct entry *entry, int64_t count, bool from_end);

void zset_reply_score(struct call *call, double score);
/* An element, with its score or without. */
void zset_reply_element(struct call *call, const struct collection *zset, uint32_t slot, bool with_score);
/* An array of the elements of a range; RESP2. */
void zset_reply_range(struct call *call, const struct entry *entry, struct range range, bool with_scores);

#endif
