/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int columns_of(int file)
{
    struct winsize size = {0};

    if (!isatty(file))
        return 0;
    return ioctl(file, TIOCGWINSZ, &size) || !size.ws_col ? TERMINAL_COLUMNS : size.ws_col;
}

bool terminal_is_dumb(void)
{
    const char *terminal = getenv("TERM");

    return !terminal || !*terminal || !strcmp(terminal, "dumb");
}

int terminal_columns(void)
{
    return columns_of(STDOUT_FILENO);
}

int terminal_error_columns(void)
{
    return columns_of(STDERR_FILENO);
}
