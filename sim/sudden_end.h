/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sudden_end: what is undone when the program ends at once: out of memory, a crash, a second Ctrl-C, a closed terminal.
 *
 * A file that is being written has a temporary name (output.h). Whoever makes one leaves the name here first, and takes it
 * back when the file is complete or removed. What ends the program without a return through main calls
 * sudden_end_clean(), from a signal handler too, so that no unfinished file stays. */
#ifndef SIM_SUDDEN_END_H
#define SIM_SUDDEN_END_H

#include <stddef.h>
#include <sys/types.h>

struct unfinished;

/* This file, or folder with what is in it, is to be removed if the program ends suddenly. The path is copied. Not from several threads at a time. */
struct unfinished *unfinished_add(const char *path);
/* It is complete, or removed. NULL is fine. */
void unfinished_forget(struct unfinished *unfinished);

/* Removes a file, or a folder with what is in it; what a symbolic link leads to stays. What cannot be removed stays. Safe in a
 * handler. */
void tree_remove(const char *path);

/* This group of processes, which the program has started, is to be killed if it ends suddenly; 0: there is none any more. One at a
 * time. */
void sudden_end_kills(pid_t group);

/* Kills and removes them, in the process that made them: a child that was forked later leaves them alone. Safe in a handler. */
void sudden_end_clean(void);

/* The host has not so many bytes: one line on standard error, and the end with ERROR_INTERNAL. Nothing is flushed: the
 * caller may hold a stream's lock. Safe in a handler. */
_Noreturn void sudden_end_out_of_memory(size_t bytes);

#endif
