/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_faults: every command of evsim under faults, and a judge.
 *
 * A command is run as often as it asks for memory, or makes a system call, and each time another one fails. It may then do
 * what it would have done (RIGHT), or say why not, in a line, with a status that is not 0, and leave the files as they were (REFUSED).
 * Anything else is a fault of evsim's. Every second time its files are there already, from a run with other options: then all are old
 * or all are new. Where the program could not know (it was killed, or a rename failed between two others) some may be new, but then the folder's index is not
 * there, so that a reader can tell. */
#ifndef TESTS_FAULTS_SUPPORT_FAULTS_H
#define TESTS_FAULTS_SUPPORT_FAULTS_H

#include "tests/faults/support_fault_calls.h"
#include "tests/faults/support_fault_streams.h"

#include <stdbool.h>
#include <stddef.h>

enum fault_verdict {
    VERDICT_RIGHT,
    VERDICT_REFUSED,
    VERDICT_WRONG,   /* status 0 and other output, or a failure without a word */
    VERDICT_CRASHED, /* by a signal */
    VERDICT_HUNG,
    VERDICT_LEFTOVER, /* a temporary file stays */
    VERDICT_HALF,     /* a file that is neither the old nor the new one */
    VERDICT_MIXED,    /* new files beside old ones, and nothing says so */
    VERDICTS
};
extern const char *const verdict_names[VERDICTS];

enum fault_kind { FAULT_MEMORY, FAULT_MEMORY_ON, FAULT_CALL, FAULT_STREAM, FAULT_KILL, FAULT_TERMINATE };

struct fault {
    enum fault_kind kind;
    const struct call_fault *call;     /* of FAULT_CALL */
    const struct stream_fault *stream; /* of FAULT_STREAM */
};

/* What is to be known of a command. */
enum {
    FAULT_COMMAND_MASKED = 1, /* it prints how long something took */
    FAULT_COMMAND_QUICK = 2,  /* it is part of the short campaign */
    FAULT_COMMAND_LONG = 4,   /* it takes seconds: it is killed and terminated, nothing else */
};

struct fault_command {
    const char *name, *line;
    const char *before; /* the line that made the files that are there; NULL: the command writes none */
    unsigned kind;
};
extern const struct fault_command fault_commands[];
extern const size_t fault_command_count;

struct tally {
    long places; /* where it could fail */
    long verdicts[VERDICTS];
};

/* Makes the folder with what commands read. EVSIM is the program. To be freed with faults_end. */
struct faults *faults_begin(void);
void faults_end(struct faults *faults);

/* Runs it under each fault, every `stride`-th, or, if that is -N, at some N places; with FAULT_KILL and FAULT_TERMINATE so many times in all. Says what went wrong on
 * standard error, up to `told` lines. */
struct tally faults_run(struct faults *faults, const struct fault_command *command, struct fault fault, long stride,
                        long told);
/* The same for the n-th place alone, and keeps the folder. */
enum fault_verdict faults_run_one(struct faults *faults, const struct fault_command *command, struct fault fault,
                                  long at);

#endif
