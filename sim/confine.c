/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/confine.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY_NS = 2000000 };

void *confine_share(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void confine_unshare(void *memory, size_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}

static int64_t clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Restores the default handlers of crashes, which the caller may have set, and turns core files off. */
static void become_child(pid_t parent)
{
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    const struct rlimit none = {0, 0};

    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        signal(crashes[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* the parent has died meanwhile */
        _exit(1);
}

/* How the child ended. ENDING_LATE if it had to be killed. */
static struct confined wait_for(pid_t child, int64_t limit_us)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_NS};
    int64_t end_us = clock_us() + limit_us;
    bool late = false;
    int status = 0;

    for (;;) {
        pid_t ended = waitpid(child, &status, late ? 0 : WNOHANG);

        if (ended == child || (ended < 0 && errno != EINTR))
            break;
        if (!late && clock_us() < end_us) {
            nanosleep(&pause, NULL);
            continue;
        }
        late = true;
        kill(child, SIGKILL);
    }
    if (late)
        return (struct confined){.ending = ENDING_LATE};
    if (WIFSIGNALED(status))
        return (struct confined){.ending = ENDING_SIGNAL, .number = WTERMSIG(status)};
    return (struct confined){.ending = ENDING_EXIT, .number = WEXITSTATUS(status)};
}

int confine(void (*work)(void *owner), void *owner, int64_t limit_us, struct confined *confined, struct error *error)
{
    bool *done = confine_share(sizeof *done);
    pid_t parent = getpid(), child = -1;

    signal(SIGCHLD, SIG_DFL); /* if SIGCHLD were ignored, the child's status would be lost */
    if (done) {
        fflush(NULL);
        child = fork();
    }
    if (child < 0) {
        error_set(error, ERROR_INTERNAL, "cannot start a process: %s", strerror(errno));
        confine_unshare(done, sizeof *done);
        return -1;
    }
    if (!child) {
        become_child(parent);
        work(owner);
        *done = true;
        _exit(0);
    }
    *confined = wait_for(child, limit_us);
    if (*done)
        confined->ending = ENDING_DONE;
    confine_unshare(done, sizeof *done);
    return 0;
}
