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

static bool is_over(const struct confined_child *child)
{
    struct timespec used;
    clockid_t clock;

    if (clock_us() >= child->end_us)
        return true;
    if (!child->processor_us || clock_getcpuclockid(child->pid, &clock) || clock_gettime(clock, &used))
        return false;
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000 >= child->processor_us;
}

static struct confined ending_of(int status)
{
    if (WIFSIGNALED(status))
        return (struct confined){.ending = ENDING_SIGNAL, .number = WTERMSIG(status)};
    return (struct confined){.ending = ENDING_EXIT, .number = WEXITSTATUS(status)};
}

static pid_t wait_for(pid_t child, int *status, int options)
{
    pid_t ended;

    do
        ended = waitpid(child, status, options);
    while (ended < 0 && errno == EINTR);
    return ended;
}

static void forget(struct confined_child *child)
{
    confine_unshare(child->done, sizeof *child->done);
    *child = (struct confined_child){0};
}

bool confine_look(struct confined_child *child, struct confined *confined)
{
    int status = 0;
    bool late = false;

    if (!wait_for(child->pid, &status, WNOHANG)) {
        late = is_over(child);
        if (!late)
            return false;
        kill(child->pid, SIGKILL);
        wait_for(child->pid, &status, 0);
    }
    *confined = ending_of(status);
    if (*child->done)
        *confined = (struct confined){.ending = ENDING_DONE};
    else if (late)
        *confined = (struct confined){.ending = ENDING_LATE};
    forget(child);
    return true;
}

void confine_kill(struct confined_child *child)
{
    int status;

    if (!child->pid)
        return;
    kill(child->pid, SIGKILL);
    wait_for(child->pid, &status, 0);
    forget(child);
}

int confine_start(void (*work)(void *owner), void *owner, int64_t limit_us, int64_t processor_us,
                  struct confined_child *child, struct error *error)
{
    pid_t parent = getpid(), pid = -1;

    *child = (struct confined_child){
        .done = confine_share(sizeof *child->done), .end_us = clock_us() + limit_us, .processor_us = processor_us};
    signal(SIGCHLD, SIG_DFL); /* if SIGCHLD were ignored, the child's status would be lost */
    if (child->done) {
        fflush(NULL);
        pid = fork();
    }
    if (pid < 0) {
        error_set(error, ERROR_INTERNAL, "cannot start a process: %s", strerror(errno));
        forget(child);
        return -1;
    }
    if (!pid) {
        become_child(parent);
        work(owner);
        *child->done = true;
        _exit(0);
    }
    child->pid = pid;
    return 0;
}

int confine(void (*work)(void *owner), void *owner, int64_t limit_us, struct confined *confined, struct error *error)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_NS};
    struct confined_child child;

    if (confine_start(work, owner, limit_us, 0, &child, error))
        return -1;
    while (!confine_look(&child, confined))
        nanosleep(&pause, NULL);
    return 0;
}
