/* SPDX-License-Identifier: GPL-3.0-or-later */
/* future: when the key of each row is requested next.
 *
 *     row        0    1    2    3     4    5
 *     key        a    b    a    DEL a a    b
 *     next       2    5    -    -     -    -
 *
 * A first walk, forwards, keeps the id of each row's key, 4 bytes a row. A second walk, backwards, replaces each id by
 * the row in which that key was last seen, which is the next one in the trace.
 *
 * A request is a row that looks its key up or writes it. After DEL, UNLINK or FLUSHALL the key is absent whatever
 * the cache did, so that a key which is deleted before it is asked for again has no next request. What expires is
 * not foreseen: that depends on the cell. */
#ifndef SIM_INPUT_FUTURE_H
#define SIM_INPUT_FUTURE_H

#include "sim/error.h"
#include "sim/request.h"

#include <stdint.h>

struct reader;

struct future {
    uint32_t *next; /* by row; UINT32_MAX: never */
    uint64_t rows;
};

/* In which row the key of this row is requested next, or NEXT_NEVER. */
int64_t future_next(const struct future *future, uint64_t row);

/* Reads the trace to its end. Of the options it takes libcachesim (requests are those of request_asks(), and nothing is
 * ever deleted) and unit_sizes. 0, or -1: then there is nothing to release. */
struct simulation_options;
int future_read(struct future *future, struct reader *reader, const struct simulation_options *options,
                struct error *error);
/* By which rules the options count requests. */
enum request_rules future_rules(const struct simulation_options *options);
/* The same by the rules of servers; `rules` becomes all those by which the future is the same. */
int future_read_alike(struct future *future, struct reader *reader, enum request_rules *rules, struct error *error);
void future_release(struct future *future);

/* From now on the batches of the reader, which has read nothing yet of the same trace, say when each key is requested
 * next (first_row, next_access). The future must outlive it. */
void future_tell(const struct future *future, struct reader *reader);

#endif
