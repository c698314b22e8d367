/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/faults/support_fault_calls.h"

#include "sim/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef SYS_open
#define CALLS_OF_OPEN   SYS_open, SYS_openat
#define CALLS_OF_RENAME SYS_rename, SYS_renameat, SYS_renameat2
#define CALLS_OF_FORK   SYS_fork, SYS_vfork, SYS_clone, SYS_clone3
#define CALLS_OF_PIPE   SYS_pipe, SYS_pipe2
#define CALLS_OF_MKDIR  SYS_mkdir, SYS_mkdirat
#define CALLS_OF_UNLINK SYS_unlink, SYS_unlinkat
#else
#define CALLS_OF_OPEN   SYS_openat
#define CALLS_OF_RENAME SYS_renameat, SYS_renameat2
#define CALLS_OF_FORK   SYS_clone, SYS_clone3
#define CALLS_OF_PIPE   SYS_pipe2
#define CALLS_OF_MKDIR  SYS_mkdirat
#define CALLS_OF_UNLINK SYS_unlinkat
#endif
#define CALLS_OF_WRITE SYS_write, SYS_writev, SYS_pwrite64

const struct call_fault call_faults[] = {
    {"write-enospc", {CALLS_OF_WRITE, -1}, ENOSPC, false},
    {"write-enospc-on", {CALLS_OF_WRITE, -1}, ENOSPC, true},
    {"write-eio", {CALLS_OF_WRITE, -1}, EIO, false},
    {"write-eintr", {CALLS_OF_WRITE, -1}, EINTR, false},
    {"write-short", {SYS_write, -1}, 0, false},
    {"read-eio", {SYS_read, SYS_pread64, -1}, EIO, false},
    {"read-eintr", {SYS_read, SYS_pread64, -1}, EINTR, false},
    {"read-short", {SYS_read, -1}, 0, false},
    {"open-emfile", {CALLS_OF_OPEN, -1}, EMFILE, false},
    {"rename-eio", {CALLS_OF_RENAME, -1}, EIO, false},
    {"fsync-eio", {SYS_fsync, SYS_fdatasync, SYS_ftruncate, -1}, EIO, false},
    {"close-eio", {SYS_close, -1}, EIO, false},
    {"mkdir-enospc", {CALLS_OF_MKDIR, -1}, ENOSPC, false},
    {"unlink-eacces", {CALLS_OF_UNLINK, -1}, EACCES, false},
    {"fork-eagain", {CALLS_OF_FORK, -1}, EAGAIN, false},
    {"pipe-emfile", {CALLS_OF_PIPE, -1}, EMFILE, false},
    {"mmap-enomem", {SYS_mmap, -1}, ENOMEM, false},
};
const size_t call_fault_count = sizeof call_faults / sizeof *call_faults;

int call_fault_begin(const struct call_fault *fault, volatile int *slot)
{
    struct sock_filter filter[sizeof fault->calls / sizeof *fault->calls + 3];
    struct sock_fprog program = {.filter = filter};
    unsigned short n = 0, calls = 0;
    long listener;

    while (fault->calls[calls] >= 0)
        calls++;
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned short i = 0; i < calls; i++)
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)fault->calls[i],
                                                   (unsigned char)(calls - i), 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    program.len = n;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    *slot = listener < 0 ? -1 : (int)listener;
    while (*slot > 0) /* until the parent has it */
        sched_yield();
    return listener < 0 ? -1 : 0;
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether that thread runs the program. */
static bool runs(pid_t thread, const char *program)
{
    char link[64], path[PATH_MAX];
    ssize_t bytes;

    snprintf(link, sizeof link, "/proc/%d/exe", (int)thread);
    bytes = readlink(link, path, sizeof path - 1);
    path[bytes < 0 ? 0 : bytes] = '\0';
    return !strcmp(path, program);
}

static pid_t process_of(pid_t thread)
{
    char path[64], line[128];
    FILE *in;
    int process = thread;

    snprintf(path, sizeof path, "/proc/%d/status", (int)thread);
    in = fopen(path, "re");
    while (in && fgets(line, sizeof line, in))
        if (sscanf(line, "Tgid: %d", &process) == 1)
            break;
    if (in)
        fclose(in);
    return process;
}

/* One byte of a read or a write, done here with the other process's descriptor. Returns what the call returns. */
static int64_t one_byte(const struct seccomp_notif *call, int *reason)
{
    int process = (int)syscall(SYS_pidfd_open, process_of((pid_t)call->pid), 0), fd;
    struct iovec theirs = {(void *)(uintptr_t)call->data.args[1], 1};
    char byte;
    struct iovec ours = {&byte, 1};
    ssize_t done = -1;

    fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, (int)call->data.args[0], 0);
    if (fd >= 0 && call->data.nr == SYS_write)
        done = process_vm_readv((pid_t)call->pid, &ours, 1, &theirs, 1, 0) == 1 ? write(fd, &byte, 1) : -1;
    else if (fd >= 0)
        done = (done = read(fd, &byte, 1)) == 1 ? process_vm_writev((pid_t)call->pid, &ours, 1, &theirs, 1, 0) : done;
    *reason = done < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (process >= 0)
        close(process);
    return done;
}

static void answer(const struct call_fault *fault, int listener, const struct seccomp_notif *call, bool fails)
{
    struct seccomp_notif_resp response = {.id = call->id};
    int reason = fault->reason;

    if (!fails || (!reason && call->data.args[2] <= 1)) {
        response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    } else {
        if (!reason)
            response.val = one_byte(call, &reason);
        response.error = -reason;
        if (reason)
            response.val = 0;
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* What is said on standard error is heard, or nobody could be told. */
static bool is_message(const struct seccomp_notif *call)
{
    return call->data.args[0] == STDERR_FILENO &&
           (call->data.nr == SYS_write || call->data.nr == SYS_writev || call->data.nr == SYS_pwrite64);
}

static int take_listener(pid_t child, volatile int *slot)
{
    int process = (int)syscall(SYS_pidfd_open, child, 0), listener;

    while (!*slot)
        sched_yield();
    listener = *slot < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, *slot, 0);
    *slot = 0;
    close(process);
    return listener;
}

long call_fault_serve(const struct call_fault *fault, pid_t child, volatile int *slot, const char *program, long at,
                      int limit_ms, int *status)
{
    long count = 0, end = now_ms() + limit_ms;
    int listener = take_listener(child, slot);

    while (waitpid(child, status, WNOHANG) == 0) {
        struct pollfd ready = {.fd = listener, .events = POLLIN};
        struct seccomp_notif call;
        bool fails;

        if (now_ms() > end) {
            kill(-child, SIGKILL);
            waitpid(child, status, 0);
            *status = -1;
            break;
        }
        if (poll(&ready, 1, 2) < 1 || !(ready.revents & POLLIN))
            continue;
        memset(&call, 0, sizeof call);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
            continue;
        fails = runs((pid_t)call.pid, program) && !is_message(&call);
        count += fails;
        fails &= at && (count == at || (fault->goes_on && count > at));
        answer(fault, listener, &call, fails);
    }
    close(listener);
    return count;
}
