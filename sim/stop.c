/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/stop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static volatile sig_atomic_t asked, is_listening; /* the one state that a handler can reach */

static void ask(int signal)
{
    asked = signal;
}

void stop_on_signals(void)
{
    struct sigaction stop = {.sa_handler = ask, .sa_flags = (int)SA_RESETHAND};

    if (is_listening)
        return;
    is_listening = true;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
}

int stop_signal(void)
{
    return asked;
}

static enum error_code code_of_signal(void)
{
    return asked == SIGTERM ? ERROR_TERMINATED : ERROR_INTERRUPTED;
}

int stop_error(struct error *error)
{
    return error_set(error, code_of_signal(), "interrupted");
}

void stop_explains(struct error *error, const char *behind)
{
    if (!asked || !error_is_set(error))
        return;
    *error = (struct error){0};
    error_set(error, code_of_signal(), "interrupted%s", behind);
}
