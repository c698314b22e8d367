/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process: a server's process. It ends when its parent ends, however that ends, and so do the processes that it
 * started. */
#ifndef SIM_LIVE_PROCESS_H
#define SIM_LIVE_PROCESS_H

#include "sim/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct process_start {
    const char *path;
    const char *const *arguments;   /* NULL-terminated, from argv[0] on */
    const char *const *environment; /* NULL-terminated "NAME=value": in addition to ours */
    const char *directory;          /* where it runs */
    int output;                     /* the descriptor for its standard output and error */
};

/* The id of the process, which is the id of its group as well; or -1. A program that cannot be run says so in the
 * output, and exits with 70. */
pid_t process_start(const struct process_start *what, struct error *error);

/* 1 when it has ended, and then *succeeded says whether it exited with 0; 0 while it runs. `wait`: until it has
 * ended. */
int process_look(pid_t process, bool wait, bool *succeeded);

/* Kills it and its group. Not after process_look() has returned 1. */
void process_stop(pid_t process);

#endif
