/* SPDX-License-Identifier: GPL-3.0-or-later */
/* support_fault_streams: what is behind a command's standard streams: nothing at all, a full disk, a pipe whose reader is gone,
 * goes away, or is slow. */
#ifndef TESTS_FAULTS_SUPPORT_FAULT_STREAMS_H
#define TESTS_FAULTS_SUPPORT_FAULT_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum stream_end {
    STREAM_USUAL,    /* what it always is: a file; the input that the command names */
    STREAM_CLOSED,   /* `>&-` */
    STREAM_FULL,     /* /dev/full */
    STREAM_GONE,     /* a pipe, and its reader has ended */
    STREAM_LEAVES,   /* a pipe, whose reader ends when it has read some of it: `| head` */
    STREAM_SLOW,     /* a pipe of STREAM_PIPE_BYTES, and its reader takes a little at a time */
    STREAM_NONBLOCK, /* the same, and who writes into it when it is full is told (O_NONBLOCK) */
};

enum {
    STREAM_PIPE_BYTES = 4096,
    STREAM_STEP = 256, /* with STREAM_LEAVES the n-th place is: after n - 1 times as many bytes, and one */
};

struct stream_fault {
    const char *name;
    enum stream_end in, out, err; /* `err`: no reader that takes a little */
};

extern const struct stream_fault stream_faults[];
extern const size_t stream_fault_count;

/* The ends of the pipe to the reader of standard output, and of one that nobody reads; -1: none. */
struct stream_ends {
    int reads, writes, gone;
};

/* Before the fork. */
struct stream_ends stream_fault_open(const struct stream_fault *fault);
/* In the child, before exec. 0 or -1. */
int stream_fault_begin(const struct stream_fault *fault, const struct stream_ends *ends);
/* In the parent, until the child ends, for so many ms at most: reads what is to be read, and leaves it in the file `arrived`. Returns the
 * status as waitpid() has it; -1 when it was killed because its time was over. */
int stream_fault_serve(const struct stream_fault *fault, struct stream_ends *ends, pid_t child, long at, long limit_ms,
                       const char *arrived);
/* How many places there are of an output of so many bytes. */
long stream_fault_places(const struct stream_fault *fault, size_t bytes);

#endif
