/* SPDX-License-Identifier: GPL-3.0-or-later */
/* warnings: what a reader of a run's numbers, or of curves, must know before believing them.
 *
 * A trace that lacks what is asked about gives numbers all the same, and they look like any others. Each of these says
 * so, with a code that scripts can rely on, and marks the results of which some numbers are lower bounds:
 *
 *     commands-skipped      commands that take memory are in the trace, and evsim does not execute them
 *     warm-start            the capture began when its keys were already there: they are read, never written before
 *     refusals-not-shown    the trace shows what a server executed, not what it refused, and memory comes up to maxmemory
 *     elements-left-out     commands on the elements of values are in the trace, which a model of sizes alone leaves out
 *     lists-not-compressed  the server is said to compress the nodes of lists, which evsim does not
 *     server-not-measured   what is known of a server was read, not measured
 *     policy-not-there      one of Redis's policies, on a server that does not have it: a what-if
 *     hash-templates-not-modeled, zset-trees-not-modeled   keys of a kind that the server keeps otherwise than its model
 *     crossslot             commands on keys of several slots, which a cluster refuses, are in the trace: they are left out
 *     slots-of-numbers      keys are numbers in the trace, so that names and their hash tags do not decide on their slots
 *     sample-refuses        results are of a sample of the keys, and writes are refused: which, depends on all keys
 *     sample-is-small       ... and of few keys
 *     clients-silent        connections that may long have been closed take a good part of the memory
 *     nothing-writes        nothing ever stores a value: no row writes, and a miss is not filled
 *
 * Curves can have the first two. They are of caches without refusals, which are filled by every miss, so the other two
 * do not hold for them; nor does the second with unit sizes, where every key is stored when it is first asked for.
 *
 * They are derived from the results alone, so that a run read back from its file has the same. */
#ifndef SIM_WARNINGS_H
#define SIM_WARNINGS_H

#include "sim/result.h"

/* Fills run->warnings, which are empty, and marks the results. */
void warnings_find(struct run *run);

/* Likewise of curves. */
struct mrc;
void warnings_find_mrc(struct mrc *mrc);

#endif
