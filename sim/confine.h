/* SPDX-License-Identifier: GPL-3.0-or-later */
/* confine: runs a piece of work in a child process, where it may crash, exit or not return.
 *
 * The child begins as a copy of the caller. What it writes to memory is its own and is lost, but for what lies in
 * memory from confine_share(). It is killed when its time is over, and when the caller dies. Not for a program with
 * threads. */
#ifndef SIM_CONFINE_H
#define SIM_CONFINE_H

#include "sim/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum ending {
    ENDING_DONE,   /* the work returned */
    ENDING_SIGNAL, /* the child died of a signal: a crash, abort() */
    ENDING_EXIT,   /* it ended by itself, by exit() for one, before the work was done */
    ENDING_LATE,   /* it was killed because its time was over */
};

struct confined {
    enum ending ending;
    int number; /* of the signal; or the status with which it ended */
};

/* Runs work(owner), for limit_us of the host's clock at most. Standard output and error are the child's too: what is
 * buffered is written first. 0; or -1 when there can be no child (ERROR_INTERNAL). */
int confine(void (*work)(void *owner), void *owner, int64_t limit_us, struct confined *confined, struct error *error);

/* The same in two steps, for several children at a time. */
struct confined_child {
    pid_t pid;            /* 0: none */
    bool *done;           /* shared with it: its work returned */
    int64_t end_us;       /* when it is killed, of the host's clock, */
    int64_t processor_us; /* and the time of a processor after which it is; 0: as much as it likes */
};

/* Returns as soon as the child is there. 0 or -1, as confine(). */
int confine_start(void (*work)(void *owner), void *owner, int64_t limit_us, int64_t processor_us,
                  struct confined_child *child, struct error *error);
/* Whether it has ended; then *confined says how, and the child is 0 again. Kills it when its time is over. To be called
 * every few milliseconds. */
bool confine_look(struct confined_child *child, struct confined *confined);
/* Kills it, if there is one, and waits for its end. */
void confine_kill(struct confined_child *child);

/* Zeroed memory that caller and child share; NULL when there is none. */
void *confine_share(size_t bytes);
void confine_unshare(void *memory, size_t bytes); /* NULL is fine */

#endif
