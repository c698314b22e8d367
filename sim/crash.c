/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/crash.h"

#include "sim/error.h"
#include "sim/sudden_end.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { STACK_BYTES = 64 << 10 };

static const struct {
    int number;
    const char *name;
} crashes[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"}};
enum { CRASHES = sizeof crashes / sizeof *crashes };

/* These are for the signal handler, which gets no context. */
static struct sigaction before[CRASHES]; /* the handlers that were set before: a sanitizer's */
static bool handles, watches;
static atomic_flag is_written = ATOMIC_FLAG_INIT; /* a thread writes the line, or has written it */
static __thread const char *volatile blamed;

/* One line is enough. If several threads crash at a time, the others wait here and end with the first. */
static void write_line(const char *what)
{
    const char *parts[] = {"evsim: ", blamed, ": ", what, " while this policy was at work: see evsim check-policy ",
                           blamed,    "\n"};
    struct iovec line[sizeof parts / sizeof *parts];

    while (atomic_flag_test_and_set(&is_written))
        pause();
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        line[i] = (struct iovec){.iov_base = (void *)parts[i], .iov_len = strlen(parts[i])};
    if (writev(STDERR_FILENO, line, sizeof parts / sizeof *parts) < 0)
        return; /* an error cannot be reported from here */
}

/* Handles one signal only: it restores the handlers from before and returns. The instruction then fails again, which
 * calls the old handler or ends the process. A signal that another process sent does not come again, so it is
 * raised. */
static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    sudden_end_clean();
    for (size_t i = 0; i < CRASHES; i++) {
        if (crashes[i].number == number && blamed)
            write_line(crashes[i].name);
        sigaction(crashes[i].number, &before[i], NULL);
    }
    blamed = NULL;
    if (info->si_code <= 0)
        raise(number);
}

void crash_exits(int *status)
{
    if (!blamed)
        return;
    write_line("exit() was called");
    sudden_end_clean();
    blamed = NULL;
    *status = ERROR_LAW;
}

static void on_exit_of_a_policy(void)
{
    int status = 0;

    crash_exits(&status);
    if (status)
        _exit(status);
}

void *crash_thread_begins(void)
{
    stack_t stack = {.ss_size = STACK_BYTES};

    if (!watches || !(stack.ss_sp = malloc(STACK_BYTES)))
        return NULL;
    sigaltstack(&stack, NULL);
    atexit(on_exit_of_a_policy); /* threads that exit at the same time each run another entry */
    return stack.ss_sp;
}

void crash_thread_ends(void *stack)
{
    const stack_t none = {.ss_flags = SS_DISABLE};

    if (stack)
        sigaltstack(&none, NULL);
    free(stack);
}

void crash_clean_up(void)
{
    static char main_stack[STACK_BYTES];
    const stack_t stack = {.ss_sp = main_stack, .ss_size = sizeof main_stack};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    if (handles)
        return;
    handles = true;
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i].number, &action, &before[i]);
}

void crash_watch(void)
{
    if (watches)
        return;
    watches = true;
    crash_clean_up();
    atexit(on_exit_of_a_policy);
}

void crash_blame(const char *path)
{
    blamed = path;
}
