/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reader: from a trace to batches.
 *
 *     source -> format -> records -> reader: order, growth, ids, last known sizes -> batch
 *
 * The reader checks that time does not run backwards, sets the first request's time to zero, interns
 * keys, and completes reads that the trace left incomplete: a read without a size or ttl of its own gets
 * the last one seen for its key. That is the same for every cell, so it happens once. */
#ifndef SIM_INPUT_READER_H
#define SIM_INPUT_READER_H

#include "sim/input/keys.h"
#include "sim/error.h"
#include "sim/format.h"
#include "sim/request.h"
#include "sim/input/source.h"

#include <stdbool.h>
#include <stdint.h>

struct reader;

/* Opens the trace for reading; the source and the intake stay the caller's and must outlive the reader.
 * NULL on failure. */
struct reader *reader_open(struct source *source, const struct format *format, const struct format_options *options,
                           struct intake *intake, struct error *error);
void reader_close(struct reader *reader);

/* From now on the trace grows like this. Before anything is read or expected. */
struct forecast;
void reader_grow(struct reader *reader, const struct forecast *forecast);

/* The keys of the dump at this path, which outlives the reader, are there before the first request: their rows come first. The dump is
 * read twice: as soon as anything is read, for the sizes that reads of the trace lack, and as its rows are handed out. Before
 * anything is read. */
void reader_preload(struct reader *reader, const char *path, format_choose_fn *choose);

/* Gives ids to the keys of the scenario, and watches for keys that match its patterns. Before anything is
 * read; the scenario must outlive the reader's batches. */
struct scenario;
void reader_expect(struct reader *reader, struct scenario *scenario);

/* From now on each key is compared with these patterns, at most 32, which outlive the reader: for ttl rules. Before anything is read or
 * expected. Valid as long as the reader. */
struct key_patterns;
const struct key_patterns *reader_match_keys(struct reader *reader, const char *const *patterns, unsigned count);

/* From now on these keys are several. Likewise; the names are to outlive the reader. */
struct split_rule;
void reader_split(struct reader *reader, const struct split_rule *rule);

/* From now on the names of keys are kept, for reports that print them. Before anything is read or expected. */
void reader_keep_names(struct reader *reader);
/* From now on each key's group by this rule is found, which outlives the reader. Before anything is read or expected. Valid as long as
 * the reader. */
struct group_rule;
const struct key_groups *reader_group_keys(struct reader *reader, const struct group_rule *rule);
/* From now on each key's slot in a Redis Cluster is found. Likewise. */
const struct key_slots *reader_find_slots(struct reader *reader);
/* What is kept of keys, as far as it was asked for: struct keys. */
const struct keys *reader_keys(const struct reader *reader);
/* The name of a key of a batch that was handed out, as keys_name. */
const char *reader_key_name(const struct reader *reader, uint32_t id, size_t *length, uint32_t *db);

/* From now on `extend` adds to every batch what the trace itself does not say, before it is handed out; `first_row` is
 * how many rows were handed out before it. Before anything is read; the owner must outlive the reader. -1 ends the
 * reading with an error: it is not the trace that the owner knows. */
typedef int reader_extend_fn(const void *owner, uint64_t first_row, struct batch *batch);
void reader_extend(struct reader *reader, reader_extend_fn *extend, const void *owner);

/* By which rules the trace itself says when each key is requested next; 0: it does not, or it is changed on its way. After all else that is
 * said before anything is read. */
enum request_rules reader_foresees(const struct reader *reader);
/* From now on every batch says it (first_row, next_access), and the tap is told. Only if reader_foresees(). */
void reader_foresee(struct reader *reader);

/* From now on every batch is shown to `watch` as it is handed out. Before anything is read. */
typedef void reader_watch_fn(void *owner, const struct batch *batch);
void reader_watch(struct reader *reader, reader_watch_fn *watch, void *owner);

/* From now on there are only the records that are wanted. The selection outlives the reader. Before anything is read. */
struct selection;
void reader_select(struct reader *reader, struct selection *selection);

/* From now on `tap` sees each record as the format made it, with its id, or NO_KEY, before the reader completes it; what it comes
 * to; and when its key is requested next, NEXT_UNKNOWN if nobody says it. In order. Before anything is read. */
typedef void reader_tap_fn(void *owner, const struct record *record, const struct record *completed,
                           int64_t next_access);
void reader_tap(struct reader *reader, reader_tap_fn *tap, void *owner);

/* What the trace's format is: what holds a trace that was of another one says which. Valid as long as the reader. */
const struct format *reader_format(const struct reader *reader);
/* Which bytes the trace is, once it has been read: as source_digest() and source_consumed(), unless the format says otherwise. */
void reader_made_from(const struct reader *reader, char digest[33], uint64_t *bytes);

/* Fills the batch. 1, 0 at the end of the trace, -1 on error, or on a stop (sim/stop.h). */
int reader_next(struct reader *reader, struct batch *batch, struct error *error);

/* Reads to the end of the trace and shows each batch, which is valid for that call only, to `see`; NULL: nobody looks. Where `see`
 * returns another value than 0 the reading ends, and returns that. Else 0, or -1 as reader_next(). */
typedef int reader_see_fn(void *owner, const struct batch *batch, struct error *error);
int reader_read_all(struct reader *reader, reader_see_fn *see, void *owner, struct error *error);

/* What the first requests (up to `limit` rows) look like; they are kept and come again in reader_next.
 * Call it before the first reader_next. 0, or -1. */
struct reader_mix {
    uint64_t rows, reads, writes;
};
enum { READER_MIX_ROWS = 16 * BATCH_CAPACITY };
int reader_look_ahead(struct reader *reader, struct reader_mix *mix, struct error *error);

/* When clients closed their connections, of what has been read so far, and where the trace counts those times from, in us; a
 * client closes before the first request that is later. NULL: the trace does not show it, or has other times or clients by now
 * (reader_grow). */
struct closings;
const struct closings *reader_closings(const struct reader *reader, int64_t *first_us);

/* Unix time of the first request; when the trace only has relative times (*assumed is set), the time at which the dump was written
 * that was preloaded, or 1,700,000,000 s. Known after the first batch. */
int64_t reader_start_unix_us(const struct reader *reader, bool *assumed);
int64_t reader_start_of(int64_t first_us, bool *assumed); /* the same, of the time as the trace has it */
int64_t
reader_last_time_us(const struct reader *reader); /* of the last request handed out; with a part of the keys, of all */
uint64_t reader_commands(const struct reader *reader); /* handed out */
uint32_t reader_key_count(const struct reader *reader);

/* Bytes of this machine's memory that the reader takes for so many keys, their names not counted: a forecast. */
uint64_t reader_key_bytes(uint64_t keys);
/* What the user allows of it, as of source_memory_limit(); and the trace's name, for messages. */
uint64_t reader_memory_limit(const struct reader *reader);
const char *reader_name(const struct reader *reader);

#endif
