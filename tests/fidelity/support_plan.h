/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_plan: streams laid out for one process of a server: every request with its time, and what is asked between.
 *
 *     info | prologue | flushall, stream 0 | flushall, stream 1 | ...
 *
 * A comparison waits until cron has rehashed every table of keys, and then asks TYPE, OBJECT ENCODING and MEMORY USAGE
 * of each key that the stream has named, and INFO. The model is sent the very same requests (support_twin). The
 * prologue makes errors of every kind, for the first of a kind leaves a counter behind; what the first INFO behind it says
 * is what used_memory is counted from. */
#ifndef TESTS_FIDELITY_SUPPORT_PLAN_H
#define TESTS_FIDELITY_SUPPORT_PLAN_H

#include "tests/fidelity/support_stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Unix time of a plan's beginning. */
static const int64_t PLAN_START_US = INT64_C(1700000000000000);

enum act_kind {
    ACT_WAKE,    /* nothing is sent, the idle server wakes up */
    ACT_COMMAND, /* of a stream; whether it is answered with an error is compared */
    ACT_SELECT,  /* and others around the questions: the answer does not matter */
    ACT_TYPE,    /* questions */
    ACT_ENCODING,
    ACT_MEMORY,
    ACT_INFO,
    ACT_BUFFER, /* how large the reply buffer is */
};

struct act {
    enum act_kind kind;
    int64_t at_us; /* from the start */
    const struct argument *words;
    uint32_t word_count;
    uint32_t rest_ms; /* real time for the server's other threads, afterwards */
    uint8_t db;       /* that is selected, before it */
    uint32_t stream;  /* of which stream, */
    uint32_t step;    /* and which step of that */
};

struct plan {
    struct act *acts;
    size_t count, capacity;
    void **blocks; /* words that are the plan's own */
    size_t block_count;
    const struct stream_setting *settings; /* of the first stream: all have the same */
    size_t setting_count;
};

/* The streams must outlive it. */
void streams_plan(struct plan *plan, const struct stream *streams, size_t count);
void streams_plan_release(struct plan *plan);

static inline bool act_is_question(enum act_kind kind)
{
    return kind >= ACT_TYPE;
}

#endif
