/* SPDX-License-Identifier: GPL-3.0-or-later */
/* survey: fills the census of a cell that was given one (sim/census.h). Nothing of the server changes by it. */
#ifndef SIM_SERVER_SURVEY_H
#define SIM_SERVER_SURVEY_H

#include "sim/census.h"
#include "sim/server/state.h"

/* Before a batch is replayed: which keys it names, and how. */
void survey_batch(struct redis *redis, const struct batch *batch);

/* Behind the command in these rows: what the keys weigh that it has made. */
void survey_rows(struct redis *redis, const struct batch *batch, uint32_t first, uint32_t rows);

/* Behind the SET with which the application fills the miss of this row. */
void survey_fill(struct redis *redis, const struct batch *batch, uint32_t row);

/* How the server stands now. O(keys). */
void survey_look(const struct redis *redis, struct census_look *look);

/* The trace has ended. */
void survey_end(const struct redis *redis, int64_t end_us);

/* Notes what each key weighs, slot by slot, for who asked for that (slot_census.h). */
void survey_slots(const struct redis *redis);

/* Shows the keys to who asked for that (key_visit.h). */
void survey_visit(const struct redis *redis);

/* A write was refused, keys are about to be evicted: the first time is noted. */
void survey_note_refusal(const struct redis *redis);
void survey_note_eviction(const struct redis *redis);

/* A command has ended: is used_memory beyond maxmemory by it? */
void survey_note_excess(const struct redis *redis, enum census_way way);

static inline void survey_refused(const struct redis *redis)
{
    if (redis->options->census)
        survey_note_refusal(redis);
}

static inline void survey_evicts(const struct redis *redis)
{
    if (redis->options->census)
        survey_note_eviction(redis);
}

#endif
