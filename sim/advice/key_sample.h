/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key_sample: a share of the trace's keys, kept in memory, through which servers are replayed in miniature: with as small a
 * share of the memory that they have for keys. It says about where an answer lies, within seconds. Nothing that is told as
 * an answer rests on it: a small server's tables, buffers and pool of candidates are not those of a large one.
 *
 * The share is halved whenever more requests were kept than are wanted, so it suits a trace of any length. A sample that
 * lacks a very popular key, or has one, has too many misses or too few for its reads. So misses are scaled up by the
 * share, and taken from the reads of the whole trace (adjust of mrc/curves.h).
 *
 * A command of one key is in the sample if its key is; so is each key of a command that treats them one by one (MGET). What
 * takes from one key and gives to another cannot be cut so: LMOVE, SUNIONSTORE, RENAME. If they are more than a
 * hundredth of the commands, the sample is of no use. Nor is it if a few keys hold most elements of all, so that they are
 * many more in the sample, or many fewer, than its share of the keys: one sorted set may be most of a data set. Connections,
 * transactions and scripts are left out: their commands on keys are not.
 *
 * Long before a long trace has been read once, key_sample_is_due() says that it is time for an answer from what was read so far. */
#ifndef SIM_ADVICE_KEY_SAMPLE_H
#define SIM_ADVICE_KEY_SAMPLE_H

#include "sim/error.h"
#include "sim/model.h"
#include "sim/request.h"
#include "sim/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLE_ROWS = 400000, SAMPLE_ROWS_SO_FAR = 100000, SAMPLE_DUE_US = 4000000 };

struct key_sample {
    struct batch **batches; /* owned */
    size_t count;
    uint64_t rows;
    struct members members; /* of the trace, which it may outlive */
    uint32_t parts;         /* it is one in so many keys: a power of two */
    uint64_t elements;      /* that its rows add to values */
    uint32_t keys;          /* in the sample, once it is closed */
    int64_t end_us;
    /* Of all keys, so far. */
    uint64_t commands, reads, all_elements;
    uint64_t inseparable; /* commands whose keys cannot be told apart */
    int64_t last_us;
    /* On this machine's clock: when it was opened; and how long after that it is due, until it was. */
    int64_t opened_us, due_us;
};

void key_sample_open(struct key_sample *sample);
void key_sample_release(struct key_sample *sample);
/* A reader_watch_fn of a struct key_sample. */
void key_sample_see(void *sample, const struct batch *batch);
/* The trace has ended: keys are counted anew. False if it is of no use: too much of the trace cannot be in it, or there
 * are few keys, or it is not like the whole. */
bool key_sample_close(struct key_sample *sample, int64_t end_us);

/* True once, when SAMPLE_DUE_US have passed since it was opened. */
bool key_sample_is_due(struct key_sample *sample);
/* A sample of what has been read so far, closed, and small: SAMPLE_ROWS_SO_FAR at most. The sample itself goes on unchanged. False
 * as key_sample_close; the copy is to be released in either case. */
bool key_sample_so_far(const struct key_sample *sample, struct key_sample *copy);

/* The maxmemory of the miniature of a server that is empty at `baseline` bytes. */
uint64_t key_sample_size(const struct key_sample *sample, uint64_t size, uint64_t baseline);
/* Replays the cells, whose maxmemory is a miniature's, on so many threads; their results, to be released. 0 or -1. */
int key_sample_replay(const struct key_sample *sample, const struct cell_config *cells, size_t count, int workers,
                      struct result *results, struct error *error);
/* Turns what the miniature counted into what the server would have; `whole` is of all of the trace, at any size. */
void key_sample_scale(const struct key_sample *sample, const struct counters *whole, struct result *result);
/* The counters of the whole of what the sample has seen, from those of a miniature without a limit. Its reads are exact. */
struct counters key_sample_whole(const struct key_sample *sample, const struct result *unlimited);

#endif
