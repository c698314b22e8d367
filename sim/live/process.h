/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process: a server's process. It does not outlive its parent, whatever ends that, and what it starts goes with it. */
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
    int output;                     /* the descriptor that its words go to */
};

/* Its id, which is its group's as well; or -1. That it cannot be run it says among its words, and exits with 70. */
pid_t process_start(const struct process_start *what, struct error *error);

/* 1 when it has ended, and then *succeeded says whether it exited with 0; 0 while it runs. Waits for it, or not. */
int process_look(pid_t process, bool wait, bool *succeeded);

/* Kills it and its group. It must not have been seen to have ended. */
void process_stop(pid_t process);

#endif
