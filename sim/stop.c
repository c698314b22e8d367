/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static volatile sig_atomic_t received, is_listening; /* a handler can reach only static variables */

static void on_signal(int signal)
{
    received = signal;
}

void stop_on_signals(void)
{
    struct sigaction stop = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    if (is_listening)
        return;
    is_listening = true;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
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
