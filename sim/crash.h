/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crash: the last line of a program that a policy of the user's own brings down.
 *
 * Code of a shared object runs in this process, and whatever it does to it is done. So where such code is about to run,
 * the thread says whom to blame (crash_blame); and if the process then dies of a signal in that thread, or exit() is
 * called there, one line on standard error names the object. The process ends as it would have, but never with 0.
 *
 *     evsim: ./mine.so: SIGSEGV while this policy was at work: see evsim check-policy ./mine.so
 *
 * It is as much as can be said in a handler. What the policy's faults did before to memory that is not its own, and
 * _exit(), leave no trace here: check-policy runs it in another process and sees those, too. Nobody is blamed, and
 * nothing here costs anything, where no object was loaded. */
#ifndef SIM_CRASH_H
#define SIM_CRASH_H

#include <stdbool.h>

/* From now on there may be somebody to blame: once, before any thread is started. */
void crash_watch(void);

/* Of the calling thread, until the next call; NULL: nobody. The path must stay valid meanwhile. */
void crash_blame(const char *path);

/* A thread begins in which somebody may be blamed. It is given a stack of its own for the handler, without which an
 * endless recursion leaves no word, and gives it back at its end. NULL without crash_watch. */
void *crash_thread_begins(void);
void crash_thread_ends(void *stack);

#endif
