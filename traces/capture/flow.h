/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flow: what one side of a TCP connection has sent, put together again.
 *
 * Segments come in any order, twice, and over each other; some never come. The owner is given the bytes once and in order, and
 * where the capture lacks some, how many. A byte that came twice is the one that came first. What came too early waits. What
 * is missing is given up by who knows that the other side has it (flow_give_up), or when too much waits.
 *
 * Places are counted in 64 bits from the first byte. */
#ifndef TRACES_CAPTURE_FLOW_H
#define TRACES_CAPTURE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct piece;

/* Bytes in order; NULL: so many are missing. */
typedef void flow_take_fn(void *owner, const char *data, uint64_t bytes);

struct flow {
    bool begun;
    uint32_t first;        /* sequence number of place 0 */
    uint64_t next;         /* the place that is taken next */
    struct piece *waiting; /* what came too early, by place */
    uint64_t waiting_bytes;
    uint32_t waiting_count;
    uint64_t memory;        /* that those pieces take */
    int64_t waits_since_us; /* when the first of it came */
    uint64_t repeated;      /* bytes that came again */
};

/* From here on, at this sequence number. Forgets what waited. */
void flow_begin(struct flow *flow, uint32_t sequence);
void flow_release(struct flow *flow);

/* The place of a sequence number, which is at most 2^31 from the next one. */
int64_t flow_place(const struct flow *flow, uint32_t sequence);

/* Adds `length` bytes, of which `captured` are there. Gives the owner what is now in order. */
void flow_add(struct flow *flow, uint32_t sequence, const char *data, uint32_t captured, uint32_t length,
              int64_t now_us, flow_take_fn *take, void *owner);

/* What is missing before this place will not come. */
void flow_give_up(struct flow *flow, uint64_t place, flow_take_fn *take, void *owner);

/* Nothing more will come. */
void flow_end(struct flow *flow, flow_take_fn *take, void *owner);

#endif
