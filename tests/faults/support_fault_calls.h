/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_fault_calls: system calls that fail, by seccomp: the kernel asks this process about each call of a kind that
 * the program under test makes, in whichever library, and it answers with an error, or does less than was asked for. */
#ifndef TESTS_FAULTS_SUPPORT_FAULT_CALLS_H
#define TESTS_FAULTS_SUPPORT_FAULT_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What fails, and how. */
struct call_fault {
    const char *name;
    int calls[8]; /* their numbers, up to -1 */
    int reason;   /* an errno; 0: it does one byte of it alone (read, write) */
    bool goes_on; /* from the n-th on, else the n-th alone */
};

extern const struct call_fault call_faults[];
extern const size_t call_fault_count;

/* In the child, before exec: from now on it is asked. What `slot` points to is shared with the parent. 0 or -1: the kernel cannot. */
int call_fault_begin(const struct call_fault *fault, volatile int *slot);
/* In the parent, until the child ends, for so many ms at most: the n-th such call of `program` (a path), counted over its processes, fails; 0: none. Returns
 * how many there were. *status as waitpid() has it; -1 when it was killed because its time was over. */
long call_fault_serve(const struct call_fault *fault, pid_t child, volatile int *slot, const char *program, long at,
                      int limit_ms, int *status);

#endif
