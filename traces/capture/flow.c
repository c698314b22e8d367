/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traces/capture/flow.h"

#include "sim/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    WAITING_MOST = 8 << 20, /* bytes; a sender has no more on the way */
    PIECES_MOST = 16 << 10, /* of 512 bytes; each new one is looked for its place among them */
    WAIT_MOST_US = 3000000, /* a sender repeats what is lost long before */
    STRAY = 1 << 28,        /* so far from the next place is no byte of this connection */
};

/* Bytes from `begin` on, of which the first `captured` are there. */
struct piece {
    struct piece *later;
    uint64_t begin;
    uint32_t captured, length;
    char data[];
};

void flow_release(struct flow *flow)
{
    while (flow->waiting) {
        struct piece *first = flow->waiting;

        flow->waiting = first->later;
        free(first);
    }
    flow->waiting_bytes = flow->memory = flow->waiting_count = 0;
}

void flow_begin(struct flow *flow, uint32_t sequence)
{
    flow_release(flow);
    flow->begun = true;
    flow->first = sequence;
    flow->next = 0;
}

int64_t flow_place(const struct flow *flow, uint32_t sequence)
{
    return (int64_t)flow->next + (int32_t)(sequence - (flow->first + (uint32_t)flow->next));
}

/* The bytes begin at or before the next place: gives those that are new. */
static void take_now(struct flow *flow, uint64_t begin, const char *data, uint32_t captured, uint32_t length,
                     flow_take_fn *take, void *owner)
{
    uint64_t old = flow->next - begin;

    if (old >= length) {
        flow->repeated += length;
        return;
    }
    flow->repeated += old;
    flow->next += length - old;
    if (captured > old)
        take(owner, data + old, captured - old);
    if (captured < length)
        take(owner, NULL, length - (captured > old ? captured : old));
}

/* Gives what waited and is next now. */
static void take_waiting(struct flow *flow, flow_take_fn *take, void *owner)
{
    while (flow->waiting && flow->waiting->begin <= flow->next) {
        struct piece *first = flow->waiting;

        flow->waiting = first->later;
        flow->waiting_bytes -= first->length;
        flow->waiting_count--;
        flow->memory -= sizeof *first + first->captured;
        take_now(flow, first->begin, first->data, first->captured, first->length, take, owner);
        free(first);
    }
}

static void keep(struct flow *flow, uint64_t begin, const char *data, uint32_t captured, uint32_t length,
                 int64_t now_us)
{
    struct piece **place = &flow->waiting, *piece;

    if (!*place)
        flow->waits_since_us = now_us;
    while (*place && (*place)->begin < begin)
        place = &(*place)->later;
    if (*place && (*place)->begin == begin && (*place)->captured >= captured && (*place)->length >= length) {
        flow->repeated += length;
        return;
    }
    piece = xmalloc(sizeof *piece + captured);
    *piece = (struct piece){.later = *place, .begin = begin, .captured = captured, .length = length};
    memcpy(piece->data, data, captured);
    *place = piece;
    flow->waiting_bytes += length;
    flow->waiting_count++;
    flow->memory += sizeof *piece + captured;
}

void flow_add(struct flow *flow, uint32_t sequence, const char *data, uint32_t captured, uint32_t length,
              int64_t now_us, flow_take_fn *take, void *owner)
{
    int64_t place = flow_place(flow, sequence);

    if (!length || place >= (int64_t)flow->next + STRAY)
        return;
    if (place < 0) { /* from before the first byte */
        int64_t before = -place;

        if (before >= length)
            return;
        data += before < captured ? before : captured;
        captured -= (uint32_t)(before < captured ? before : captured);
        length -= (uint32_t)before;
        place = 0;
    }
    if ((uint64_t)place <= flow->next)
        take_now(flow, (uint64_t)place, data, captured, length, take, owner);
    else
        keep(flow, (uint64_t)place, data, captured, length, now_us);
    take_waiting(flow, take, owner);
    while (flow->waiting && (flow->waiting_bytes > WAITING_MOST || flow->waiting_count > PIECES_MOST ||
                             now_us - flow->waits_since_us > WAIT_MOST_US)) {
        flow->waits_since_us = now_us;
        flow_give_up(flow, flow->waiting->begin, take, owner);
    }
}

void flow_give_up(struct flow *flow, uint64_t place, flow_take_fn *take, void *owner)
{
    while (flow->next < place) {
        uint64_t end = flow->waiting && flow->waiting->begin < place ? flow->waiting->begin : place;
        uint64_t missing = end - flow->next;

        flow->next = end;
        take(owner, NULL, missing);
        take_waiting(flow, take, owner);
    }
    take_waiting(flow, take, owner);
}

void flow_end(struct flow *flow, flow_take_fn *take, void *owner)
{
    while (flow->waiting)
        flow_give_up(flow, flow->waiting->begin, take, owner);
}
