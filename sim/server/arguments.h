/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arguments: what a command's arguments weigh, over the wire and in memory.
 *
 * A row says how long its key and its values are; the letters of its command's row (command.h) say in which order they
 * come, and what else comes with them. */
#ifndef SIM_SERVER_ARGUMENTS_H
#define SIM_SERVER_ARGUMENTS_H

#include "sim/server/commands/call.h"

/* Their sums so far. */
struct argument_list {
    const struct redis *redis;
    bool is_noted;               /* each argument, by one of these: */
    struct replication *feeds;   /* when not NULL: the arguments go to replicas, too */
    uint32_t *lengths;           /* when not NULL: of the first SCRIPT_ARGUMENTS */
    struct reception *reception; /* when not NULL: they arrive, one after the other, */
    struct adoptions *adoptions; /* and of the long ones this says what became of them */
    uint64_t count, memory;      /* how many, and what they weigh without their vector */
    uint64_t wire_bytes;         /* what they take over the wire, their number apart */
    uint64_t longest;            /* bytes of the longest */
};

void arguments_add(struct argument_list *list, uint64_t length);
/* Empties the list, and adds the words of the command's name. */
void arguments_begin(struct argument_list *list, const struct redis *redis, enum op op);
/* Likewise; the same arguments come once more, as they arrive. */
void arguments_begin_again(struct argument_list *list, struct redis *redis, struct reception *reception, enum op op);
/* The arguments of a row, the command's key number `key`. */
void arguments_add_row(struct argument_list *list, const struct call *call, uint32_t key);

/* What the arguments of a command of one row weigh, with their vector, if that goes with the command. */
uint64_t arguments_weigh(const struct redis *redis, const struct call *call);
/* Their vector, of so many; 0 where it stays with the client. */
uint64_t arguments_vector_bytes(const struct redis *redis, uint64_t count);

#endif
