/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/faults/support_fault_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const struct stream_fault stream_faults[] = {
    {"in-closed", .in = STREAM_CLOSED},
    {"out-closed", .out = STREAM_CLOSED},
    {"err-closed", .err = STREAM_CLOSED},
    {"all-closed", STREAM_CLOSED, STREAM_CLOSED, STREAM_CLOSED},
    {"out-full", .out = STREAM_FULL},
    {"err-full", .err = STREAM_FULL},
    {"out-gone", .out = STREAM_GONE},
    {"err-gone", .err = STREAM_GONE},
    {"both-gone", .out = STREAM_GONE, .err = STREAM_GONE},
    {"out-leaves", .out = STREAM_LEAVES},
    {"out-slow", .out = STREAM_SLOW},
    {"out-nonblock", .out = STREAM_NONBLOCK},
};
const size_t stream_fault_count = sizeof stream_faults / sizeof *stream_faults;

struct stream_ends stream_fault_open(const struct stream_fault *fault)
{
    struct stream_ends ends = {-1, -1, -1};
    int fds[2];

    if (fault->out == STREAM_GONE || fault->err == STREAM_GONE) {
        if (pipe2(fds, O_CLOEXEC))
            abort();
        close(fds[0]);
        ends.gone = fds[1];
    }
    if (fault->out >= STREAM_LEAVES) {
        if (pipe2(fds, O_CLOEXEC) || fcntl(fds[1], F_SETPIPE_SZ, STREAM_PIPE_BYTES) < 0)
            abort();
        if (fault->out == STREAM_NONBLOCK && fcntl(fds[1], F_SETFL, O_NONBLOCK))
            abort();
        ends.reads = fds[0];
        ends.writes = fds[1];
    }
    return ends;
}

static int put(enum stream_end end, const struct stream_ends *ends, int to)
{
    int full;

    switch (end) {
    case STREAM_USUAL:
        return 0;
    case STREAM_CLOSED:
        return close(to);
    case STREAM_FULL:
        full = open("/dev/full", O_WRONLY | O_CLOEXEC);
        return full < 0 || dup2(full, to) < 0 ? -1 : 0;
    case STREAM_GONE:
        return dup2(ends->gone, to) < 0 ? -1 : 0;
    case STREAM_LEAVES:
    case STREAM_SLOW:
    case STREAM_NONBLOCK:
        return dup2(ends->writes, to) < 0 ? -1 : 0;
    }
    return -1;
}

int stream_fault_begin(const struct stream_fault *fault, const struct stream_ends *ends)
{
    signal(SIGPIPE, SIG_DFL); /* as a shell starts it */
    return put(fault->err, ends, STDERR_FILENO) || put(fault->out, ends, STDOUT_FILENO) ||
                   put(fault->in, ends, STDIN_FILENO)
               ? -1
               : 0;
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

enum { LITTLE = 128, PAUSE_US = 100 };

int stream_fault_serve(const struct stream_fault *fault, struct stream_ends *ends, pid_t child, long at, long limit_ms,
                       const char *arrived)
{
    long end = now_ms() + limit_ms, left = fault->out == STREAM_LEAVES ? (at - 1) * STREAM_STEP + 1 : -1;
    FILE *out = fopen(arrived, fault->out == STREAM_USUAL ? "ae" : "we");
    bool has_ended = false;
    int status = -1;

    if (!out)
        abort();
    close_end(&ends->gone);
    close_end(&ends->writes);
    while (!has_ended || ends->reads >= 0) {
        struct pollfd ready = {.fd = ends->reads, .events = POLLIN};
        char bytes[LITTLE];
        ssize_t got = 0;

        if (!has_ended && now_ms() > end) {
            kill(-child, SIGKILL);
            waitpid(child, &status, 0);
            status = -1;
            break;
        }
        /* whether it ended is asked before the pipe is looked at: what is there then is all */
        has_ended = has_ended || waitpid(child, &status, WNOHANG) == child;
        if (poll(&ready, 1, ends->reads < 0 || !has_ended) == 1) {
            got = read(ends->reads, bytes, left >= 0 && left < LITTLE ? (size_t)left : LITTLE);
            if (got > 0)
                fwrite(bytes, 1, (size_t)got, out);
            left -= left >= 0 && got > 0 ? (long)got : 0;
            nanosleep(&(struct timespec){.tv_nsec = fault->out == STREAM_LEAVES ? 0 : PAUSE_US * 1000L}, NULL);
        }
        if (left == 0 || (has_ended && got <= 0))
            close_end(&ends->reads);
    }
    close_end(&ends->reads);
    if (fclose(out))
        abort();
    return status;
}

long stream_fault_places(const struct stream_fault *fault, size_t bytes)
{
    enum { AS_OFTEN = 2 }; /* without old files, and with them */

    return fault->out == STREAM_LEAVES ? (long)(bytes + STREAM_STEP - 1) / STREAM_STEP : AS_OFTEN;
}
