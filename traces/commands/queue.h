/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue: the records of commands that a format has read and not yet handed out, with their elements. A command of several
 * keys is several records, which may not fit into what the caller of read() has room for. */
#ifndef TRACES_COMMANDS_QUEUE_H
#define TRACES_COMMANDS_QUEUE_H

#include "sim/format.h"
#include "sim/input/members.h"

#include <stddef.h>
#include <stdint.h>

struct argument {
    const char *text; /* not terminated */
    uint32_t bytes;
};

/* Zeroed to begin with. */
struct queue {
    struct record *records; /* those from `next` on are still to be handed out */
    size_t next, count, capacity;
    struct named_element *named; /* the records' elements; they stay until queue_begin */
    uint32_t named_count, named_capacity;
    bool spells;   /* arguments of scripts keep their texts (ELEMENT_SPELLED) */
    bool compares; /* a command has compared a value: those behind it are told apart by their texts (argument_digest) */
    struct member_index *clients; /* numbers of clients by their addresses; NULL: the format has none */
    void *kept; /* blocks for texts, each of which begins with a pointer to the one before; likewise */
};

/* A call of read() that has handed out all that was queued queues more: the elements of before are forgotten. */
void queue_begin(struct queue *queue);
/* It ends: the records that it hands out learn where their elements are. Returns count. */
int queue_end(const struct queue *queue, struct record *records, int count);

/* What the parsers of commands add: a record like `row`, with this key; and another element of the record, the queue's
 * last, without a member. */
struct record *queue_key(struct queue *queue, const struct record *row, const struct argument *key);
struct named_element *queue_element(struct queue *queue, struct record *record);

/* Room for a text of so many bytes that an element or a record points to. */
char *queue_keep(struct queue *queue, uint64_t bytes);

/* Whether the records from `first` on are a call of a script. */
static inline bool queue_has_script(const struct queue *queue, size_t first)
{
    return queue->count > first && command_table[queue->records[first].op].runs_script;
}

/* Moves up to `room` records to the caller; returns how many. */
int queue_hand_out(struct queue *queue, struct record *records, int room);
void queue_release(struct queue *queue);

#endif
