/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hot_slots: which slots of a cluster are asked most, and which hold most, with the keys that make them so. */
#ifndef SIM_ENGINE_HOT_SLOTS_H
#define SIM_ENGINE_HOT_SLOTS_H

#include "sim/engine/dealing.h"
#include "sim/input/reader.h"
#include "sim/result.h"
#include "sim/slot_census.h"

struct hot_slots;

/* Adds up what the trace asked for, slot by slot; the reader keeps names. To be freed. */
struct hot_slots *hot_slots_new(const struct dealing *dealing, const struct reader *reader);
void hot_slots_free(struct hot_slots *hot);

/* Fills slots_by_requests and slots_by_bytes of a cluster's result. A census for each shard. */
void hot_slots_find(const struct hot_slots *hot, const struct slot_census *censuses, struct result *result);

#endif
