/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/stop.h"

#include "sim/sudden_end.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_US = 700000, SIGNALLED = 128 };

static volatile sig_atomic_t received, is_listening; /* a handler can reach only static variables */

static void end_by(int number)
{
    sudden_end_clean();
    signal(number, SIG_DFL);
    raise(number); /* arrives when the handler returns */
}

static void on_signal(int number)
{
    const struct itimerval patience = {.it_value.tv_usec = PATIENCE_US};

    if (received)
        end_by(number);
    received = number;
    setitimer(ITIMER_REAL, &patience, NULL);
}

/* Nobody has looked: a long loop, a library, a slow disk. As stop_error() would have it. */
static void on_alarm(int number)
{
    static const char line[] = "evsim: interrupted\n";

    (void)number;
    sudden_end_clean();
    (void)!write(STDERR_FILENO, line, sizeof line - 1); /* else nobody can be told */
    for (;;)
        syscall(SYS_exit_group, SIGNALLED + received); /* not _exit(), which would blame a policy (host_exit.c) */
}

void stop_cleans_up(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXCPU};
    struct sigaction end = {.sa_handler = end_by}, before;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!sigaction(numbers[i], NULL, &before) && before.sa_handler == SIG_DFL) /* nohup has SIGHUP ignored */
            sigaction(numbers[i], &end, NULL);
    signal(SIGXFSZ, SIG_IGN); /* the write fails, which is told */
}

void stop_on_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal}, alarm = {.sa_handler = on_alarm};

    if (is_listening)
        return;
    is_listening = true;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGALRM, &alarm, NULL);
}

int stop_signal(void)
{
    return received;
}

static enum error_code code_of_signal(void)
{
    return received == SIGTERM ? ERROR_TERMINATED : ERROR_INTERRUPTED;
}

int stop_error(struct error *error)
{
    return error_set(error, code_of_signal(), "interrupted");
}

void stop_explains(struct error *error, const char *behind)
{
    if (!received || !error_is_set(error))
        return;
    *error = (struct error){0};
    error_set(error, code_of_signal(), "interrupted%s", behind);
}
