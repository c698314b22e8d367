/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

int terminal_columns(void)
{
    struct winsize size = {0};

    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? TERMINAL_COLUMNS : size.ws_col;
}
