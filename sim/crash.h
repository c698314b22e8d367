/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crash: when a user's own policy brings the program down, a last line says which one it was.
 *
 * The code of a shared object runs in this process and can end it. Before such code runs, the thread therefore says
 * whom to blame (crash_blame). If the process then dies of a signal in that thread, or the code calls exit(), one line
 * on standard error names the object. The process ends as it would have ended, but never with status 0.
 *
 *     evsim: ./mine.so: SIGSEGV while this policy was at work: see evsim check-policy ./mine.so
 *
 * A handler can say no more than that. It does not see memory that the policy has overwritten earlier;
 * check-policy runs the policy in another process and sees those, too. Where evsim itself crashes, nobody is blamed; in any
 * case unfinished files are removed (sudden_end.h). */
#ifndef SIM_CRASH_H
#define SIM_CRASH_H

#include <stdbool.h>

/* From now on a crash removes unfinished files. At the program's beginning. */
void crash_clean_up(void);

/* There is a policy to blame. To be called before any thread is started. */
void crash_watch(void);

/* The program is about to end at once with this status: if a policy did that, says so, and changes the status. */
void crash_exits(int *status);

/* Blames this object for what happens in the calling thread until the next call; NULL: nobody. The path must stay valid
 * meanwhile. */
void crash_blame(const char *path);

/* Gives a thread that runs policies a stack for the handler; without one, an endless recursion would end the program
 * without a message. The thread hands it back at its end. NULL without crash_watch. */
void *crash_thread_begins(void);
void crash_thread_ends(void *stack);

#endif
